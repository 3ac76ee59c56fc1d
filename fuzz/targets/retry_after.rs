//! `Retry-After`, and in a second line the server's `Date`: a wait of at most a day, or none.

#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use sm_token::fuzzing::{Answer, judge};
use sm_token_fuzz::credentials;

const A_DAY: Duration = Duration::from_secs(86_400);

fuzz_target!(|written: &str| {
    let (value, date) = match written.split_once('\n') {
        Some((value, date)) => (value, Some(date)),
        None => (written, None),
    };
    let answer = Answer { status: 429, location: None, retry_after: Some(value), date, body: b"" };
    let wait = judge(&answer, &credentials()).expect_err("no token").retry_after();
    let value = value.trim_matches([' ', '\t']);
    let is_number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    if is_number {
        let seconds = value.parse().map_or(A_DAY, Duration::from_secs);
        assert_eq!(wait, Some(seconds.min(A_DAY)));
        return;
    }
    let until = httpdate::parse_http_date(value).ok();
    assert_eq!(wait.is_some(), until.is_some(), "{value:?}");
    let now = date.and_then(|date| httpdate::parse_http_date(date).ok());
    if let (Some(until), Some(now)) = (until, now) {
        assert_eq!(wait, Some(until.duration_since(now).unwrap_or_default().min(A_DAY)));
    }
    assert!(wait.is_none_or(|wait| wait <= A_DAY));
});
