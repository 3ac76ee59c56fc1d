//! The text of a proxy: refused without an echo, or read with its password kept out of sight.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sm_token::Status;
use sm_token::fuzzing::proxy;
use sm_token_fuzz::{assert_quotes_nothing, assert_well_told};

fuzz_target!(|text: &str| {
    match proxy(text) {
        Ok((shown, username, password)) => {
            assert!(text.contains('@') || username.is_none());
            assert!(username.is_some() || password.is_none());
            for secret in username.into_iter().chain(password) {
                assert!(!secret.contains(char::is_control));
            }
            // What follows the last `@` is the host, however many of them a password holds.
            let (_, host) = shown.split_once(' ').expect("a scheme and a host");
            let (host, port) = host.trim_end_matches(')').rsplit_once(':').expect("a port");
            let authority = text.rsplit('@').next().unwrap_or(text).to_ascii_lowercase();
            let is_written = authority.contains(host) || host.starts_with('[');
            assert!(is_written, "{text:?} shows as {shown}");
            assert!(port.parse::<u16>().is_ok_and(|port| port != 0), "{shown}");
        }
        Err(error) => {
            assert_well_told(&error);
            assert_eq!(error.status(), Status::InvalidArgument);
            assert!(error.message().starts_with("proxy "), "{error}");
            assert_quotes_nothing(&error);
        }
    }
});
