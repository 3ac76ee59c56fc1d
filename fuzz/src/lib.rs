//! What has to hold of everything that the library says, whatever it was told.

use std::collections::BTreeSet;
use std::sync::Mutex;

use sm_token::{Credentials, Error};

/// A secret that none of the library's own words holds, also not when form-urlencoded.
pub const SECRET: &str = "hush%2B+/=~\u{fc}";

/// The same secret as it travels.
pub const SECRET_IN_FORM: &str = "hush%252B%2B%2F%3D%7E%C3%BC";

/// Id and secret in the header.
pub const BASIC: &str = "aWQ6aHVzaCUyNTJCJTJCJTJGJTNEJTdFJUMzJUJD";

/// The secret as servers may write it into what they say: in a URL, in JSON, in a page, in a URL in a page.
pub const ESCAPED: [&str; 4] = [
    "hush%252b%2b%2f%3d~%c3%bc",
    "hush%2B+\\/=~\\u00fc",
    "hush%2B&#43;&#x2f;&#61;~&#252;",
    "hush%252B%2B&#37;2F=~%FC",
];

/// The credentials that are asked with.
pub fn credentials() -> Credentials {
    Credentials::new("id", SECRET).expect("a good secret")
}

/// A message, or a part of one, can go to a log or a terminal: one line, nothing that deceives the
/// eye, no secret.
pub fn assert_fit_to_be_told(text: &str) {
    assert!(!text.contains(is_deceptive), "{text:?}");
    for secret in [SECRET, SECRET_IN_FORM, BASIC].into_iter().chain(ESCAPED) {
        assert!(!text.contains(secret), "{text:?}");
    }
}

fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// An error says something, in words that can be told.
pub fn assert_well_told(error: &Error) {
    assert!(!error.message().is_empty());
    for text in [error.message(), error.oauth_code(), error.oauth_description()] {
        assert_fit_to_be_told(text);
    }
    assert!(error.oauth_code().chars().count() <= 64);
    assert!(error.oauth_description().chars().count() <= 256);
}

/// A message holds nothing of what was refused, which may be a password: however much is refused,
/// there are but a few messages.
pub fn assert_quotes_nothing(error: &Error) {
    static MESSAGES: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut messages = MESSAGES.lock().expect("one thread");
    if !messages.contains(error.message()) {
        messages.insert(error.message().to_owned());
        assert!(messages.len() <= 12, "{messages:#?}");
    }
}
