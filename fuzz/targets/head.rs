//! The head of an answer: mended by as many bytes, mended for good, and where a parser could read it before, it says
//! the same after.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sm_token::fuzzing::mended_head;

fuzz_target!(|bytes: &[u8]| {
    let Some((head, _)) = mended_head(bytes) else { return };
    let before = &bytes[..head.len()];
    let again = mended_head(&head).expect("it still ends");
    assert_eq!(again.0, head, "mended twice is mended once");
    if let Some(headers) = parsed(before) {
        assert_eq!(parsed(&head), Some(headers), "what could be read says something else");
    }
});

type Headers = (u16, Vec<(String, Vec<u8>)>);

fn parsed(head: &[u8]) -> Option<Headers> {
    let mut headers = [httparse::EMPTY_HEADER; 128];
    let mut response = httparse::Response::new(&mut headers);
    if !response.parse(head).ok()?.is_complete() {
        return None;
    }
    let read =
        response.headers.iter().map(|header| (header.name.to_owned(), header.value.to_vec()));
    Some((response.code?, read.collect()))
}
