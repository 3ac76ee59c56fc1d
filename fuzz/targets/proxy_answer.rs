//! What a proxy answers, by CONNECT and by SOCKS: a status or a reply, and words that can be told.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sm_token::fuzzing::{proxy_answer, socks_reply};
use sm_token_fuzz::assert_fit_to_be_told;

fuzz_target!(|bytes: &[u8]| {
    if let Some((status, message)) = proxy_answer(bytes) {
        assert!(status <= 999);
        assert!(message.contains(&format!("HTTP {status:}")), "{message}");
        assert!(message.len() < 16 * 1024);
        assert_fit_to_be_told(&message);
    }
    for password in [false, true] {
        if socks_reply(bytes, password).is_some() {
            assert_eq!(bytes[0], 5);
            assert!(bytes[1] == 0 || (password && bytes[1] == 2));
        }
    }
});
