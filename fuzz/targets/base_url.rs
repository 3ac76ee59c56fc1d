//! A base URL: refused without an echo, or one whose host the HTTP library reads as this library does.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sm_token::Status;
use sm_token::fuzzing::endpoint;
use sm_token_fuzz::{assert_quotes_nothing, assert_well_told};

fuzz_target!(|text: &str| {
    let url = match endpoint(text) {
        Ok(url) => url,
        Err(error) => {
            assert_well_told(&error);
            match error.status() {
                Status::InvalidArgument => assert_quotes_nothing(&error),
                status => assert_eq!(status, Status::InsecureUrl),
            }
            assert!(error.message().starts_with("base_url "), "{error}");
            return;
        }
    };
    assert_eq!(endpoint(&url).expect("a URL of our own"), url);
    assert!(url.ends_with("/o/token/"), "{url}");
    assert!(!url.contains(['?', '#']), "{url}");

    let uri: http::Uri = url.parse().unwrap_or_else(|why| panic!("{url}: {why}"));
    let host = uri.host().expect("a host");
    assert!(uri.authority().is_some_and(|authority| !authority.as_str().contains('@')), "{url}");
    assert_eq!(format!("{}://{host}:{}{}", scheme(&uri), port(&uri), uri.path()), url);
    let is_loopback = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    assert!(scheme(&uri) == "https" || is_loopback, "{url}");
});

fn scheme(uri: &http::Uri) -> &str {
    uri.scheme_str().expect("a scheme")
}

fn port(uri: &http::Uri) -> u16 {
    uri.port_u16().expect("a port")
}
