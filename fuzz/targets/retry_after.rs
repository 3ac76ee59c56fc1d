//! `Retry-After`, and in a second line the server's `Date`: a wait of at most a day, or none,
//! which no time and a date that has passed are too.

#![no_main]

use std::time::{Duration, UNIX_EPOCH};

use libfuzzer_sys::fuzz_target;
use sm_token::fuzzing::{Answer, interpret};
use sm_token_fuzz::credentials;

const A_DAY: Duration = Duration::from_secs(86_400);

fuzz_target!(|written: &str| {
    let (value, date) = match written.split_once('\n') {
        Some((value, date)) => (value, Some(date)),
        None => (written, None),
    };
    let answer = Answer {
        status: 429,
        location: None,
        retry_after: Some(value),
        date,
        content_encoding: None,
        body: b"",
    };
    let wait = interpret(&answer, &credentials()).expect_err("no token").retry_after();
    let value = value.trim_matches([' ', '\t']);
    let is_number = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let asked_for = if is_number {
        Some(value.parse().map_or(A_DAY, Duration::from_secs))
    } else {
        let now = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let until = httpdate::parse_http_date(value).ok();
        until.map(|until| until.duration_since(now.unwrap_or(UNIX_EPOCH)).unwrap_or_default())
    };
    let expected = asked_for.map(|wait| wait.min(A_DAY)).filter(|wait| !wait.is_zero());
    assert_eq!(wait, expected, "{value:?}");
});
