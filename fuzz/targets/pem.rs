//! A file of certificates: no more of them than begin in it, and each one's bytes are there as they were
//! read.

#![no_main]

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use libfuzzer_sys::fuzz_target;
use sm_token::fuzzing::certificates;

const BEGIN: &[u8] = b"-----BEGIN ";

fuzz_target!(|text: &[u8]| {
    let read = certificates(text);
    assert!(read.len() <= text.windows(BEGIN.len()).filter(|window| *window == BEGIN).count());

    let without_blanks: Vec<u8> =
        text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    for certificate in read.into_iter().flatten() {
        // Settings of trust may follow in the same Base64, so that its last digits are others.
        let whole = certificate.len() / 3 * 3;
        let written = format!("CERTIFICATE-----{}", BASE64_STANDARD.encode(&certificate[..whole]));
        let is_there = without_blanks.windows(written.len()).any(|part| part == written.as_bytes());
        assert!(is_there, "{written} is in no line");
    }
});
