//! An answer, written as HTTP would: a status, headers, an empty line, a body. Whatever it holds, the
//! judgement is the contract's, and a token is one that cannot break out of its header.

#![no_main]

use std::collections::BTreeMap;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use sm_token::fuzzing::{Answer, interpret};
use sm_token::{Error, Status};
use sm_token_fuzz::{assert_fit_to_be_told, assert_well_told, credentials};

const TEN_YEARS: Duration = Duration::from_secs(315_360_000);
const A_DAY: Duration = Duration::from_secs(86_400);
const MAX_BODY: usize = 64 * 1024;

fuzz_target!(|written: &[u8]| {
    let Some(answer) = read(written) else { return };
    match interpret(&answer, &credentials()) {
        Ok((token, lifetime)) => {
            assert_eq!(answer.status, 200);
            assert_eq!(token.authorization(), format!("Bearer {}", token.access_token()));
            if answer.content_encoding.is_none() {
                assert_is_what_the_body_says(answer.body, &token);
            }
            assert!((Duration::from_secs(1)..=TEN_YEARS).contains(&lifetime));
            assert!(!token.scope().contains(char::is_control));
            assert!(format!("{token:?}").starts_with("Token { access_token: \"[secret]\", "));
        }
        Err(error) => {
            assert_well_told(&error);
            assert_eq!(error.http_status(), answer.status);
            assert_eq!(error.status(), due(&answer, &error), "{} {error}", answer.status);
            let may_pass = matches!(error.status(), Status::RateLimited | Status::Server);
            assert_eq!(error.is_retryable(), may_pass);
            assert!(error.retry_after().is_none_or(|wait| may_pass && wait <= A_DAY));
        }
    }
});

/// The table of the contract, where no token came; first match wins.
fn due(answer: &Answer, error: &Error) -> Status {
    let code = error.oauth_code();
    match answer.status {
        _ if answer.body.len() > MAX_BODY => Status::ResponseTooLarge,
        // A coded body may hold more than is written.
        _ if answer.content_encoding.is_some() && error.status() == Status::ResponseTooLarge => {
            Status::ResponseTooLarge
        }
        200..=299 => Status::InvalidResponse,
        300..=399 => Status::Http,
        429 => Status::RateLimited,
        408 | 425 | 500..=599 => Status::Server,
        401 => Status::InvalidClient,
        400..=499 if code == "invalid_client" => Status::InvalidClient,
        400..=499 if code == "invalid_scope" => Status::InvalidScope,
        400..=499 if !code.is_empty() => Status::OAuth,
        _ => Status::Http,
    }
}

/// A second reader of JSON finds the same token: no other meaning hides in the body.
fn assert_is_what_the_body_says(body: &[u8], token: &sm_token::Token) {
    // Each value as it is written: a number may be too large for a `Value` that nobody asked for.
    let said: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).expect("an object");
    let text = |name| -> Option<String> { serde_json::from_str(said.get(name)?.get()).ok()? };
    assert_eq!(text("access_token").as_deref(), Some(token.access_token()));
    assert_eq!(text("token_type").as_deref(), Some(token.token_type()));
    assert_eq!(text("scope").unwrap_or_default(), token.scope());
    assert!(token.token_type().eq_ignore_ascii_case("bearer"));
    let is_harmless = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
    assert!(!token.access_token().is_empty() && token.access_token().bytes().all(is_harmless));
    assert!(token.access_token().len() <= 16 * 1024);
    assert_fit_to_be_told(token.token_type());
}

fn read(written: &[u8]) -> Option<Answer<'_>> {
    let (head, body) = match written.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&written[..end], &written[end + 2..]),
        None => (written, &b""[..]),
    };
    let mut lines = std::str::from_utf8(head).ok()?.lines();
    let status = lines.next()?.parse().ok().filter(|status| (100..=999).contains(status))?;
    let mut answer = Answer {
        status,
        location: None,
        retry_after: None,
        date: None,
        content_encoding: None,
        body,
    };
    for line in lines {
        match line.split_once(": ") {
            Some(("Location", value)) => answer.location = Some(value),
            Some(("Retry-After", value)) => answer.retry_after = Some(value),
            Some(("Date", value)) => answer.date = Some(value),
            Some(("Content-Encoding", value)) => answer.content_encoding = Some(value),
            _ => {}
        }
    }
    Some(answer)
}
