use super::*;

const SECRET: &str = "s3cret-of-mine";

fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        location: None,
        retry_after: None,
        date: None,
        content_encoding: None,
        body: Zeroizing::new(body.as_bytes().to_vec()),
        was_cut_short: false,
    }
}

fn interpreted(answer: &Answer) -> Result<Grant, Error> {
    let credentials = Credentials::new("id", SECRET).unwrap();
    let endpoint = Endpoint::parse("base_url", "https://api.example").unwrap();
    interpret(answer, &credentials, &endpoint, SystemTime::UNIX_EPOCH)
}

fn error(status: u16, body: &str) -> Error {
    interpreted(&answer(status, body)).err().expect("an error")
}

const TOKEN: &str = r#"{"access_token":"t","expires_in":60,"token_type":"bearer"}"#;

#[test]
fn only_a_200_brings_a_token() {
    assert_eq!(interpreted(&answer(200, TOKEN)).ok().unwrap().access_token.as_str(), "t");
    for status in [201, 202, 204, 206, 226] {
        assert_eq!(error(status, TOKEN).status(), Status::InvalidResponse, "{status}");
    }
    assert_eq!(error(200, "{}").status(), Status::InvalidResponse);
}

#[test]
fn an_answer_that_was_cut_short_is_a_broken_connection_unless_it_is_whole() {
    let cut = |body| Answer { was_cut_short: true, ..answer(200, body) };
    assert!(interpreted(&cut(TOKEN)).is_ok());
    let error = interpreted(&cut(&TOKEN[..9])).err().unwrap();
    assert_eq!(error.status(), Status::Io);
    assert!(error.is_retryable());
}

#[test]
// promise: bounded-answer
fn size_decides_before_anything_else() {
    let large = " ".repeat(MAX_BODY + 1);
    for status in [200, 302, 401, 429, 500] {
        let error = error(status, &large);
        assert_eq!(error.status(), Status::ResponseTooLarge, "{status}");
        assert_eq!(error.http_status(), status);
    }
    assert_ne!(error(401, &large[..MAX_BODY]).status(), Status::ResponseTooLarge);
}

#[test]
fn the_size_of_what_an_encoding_holds_counts_too() {
    let body = miniz_oxide::deflate::compress_to_vec_zlib(&[b' '; MAX_BODY + 1], 6);
    assert!(body.len() < MAX_BODY);
    let encoded = Answer {
        content_encoding: Some("deflate".to_owned()),
        body: Zeroizing::new(body),
        ..answer(200, "")
    };
    assert_eq!(interpreted(&encoded).err().unwrap().status(), Status::ResponseTooLarge);
}

#[test]
fn rate_limits_and_failing_servers_are_told_whatever_the_body() {
    let body = r#"{"error":"invalid_client"}"#;
    assert_eq!(error(429, body).status(), Status::RateLimited);
    for status in [408, 425, 500, 502, 503, 504, 599] {
        assert_eq!(error(status, body).status(), Status::Server, "{status}");
        assert!(error(status, body).is_retryable());
    }
}

#[test]
fn refusals_are_told_apart_by_status_and_oauth_code() {
    for (status, body, expected) in [
        (401, "", Status::InvalidClient),
        (401, r#"{"error":"invalid_scope"}"#, Status::InvalidClient),
        (400, r#"{"error":"invalid_client"}"#, Status::InvalidClient),
        (403, r#"{"error":"invalid_client"}"#, Status::InvalidClient),
        (400, r#"{"error":"invalid_scope"}"#, Status::InvalidScope),
        (400, r#"{"error":"unsupported_grant_type"}"#, Status::OAuth),
        (403, r#"{"error":"access_denied"}"#, Status::OAuth),
        (400, "<html>", Status::Http),
        (400, r#"{"error":7}"#, Status::Http),
        (400, r#"{"error":""}"#, Status::Http),
        (404, "<html>", Status::Http),
        (405, "", Status::Http),
        (600, r#"{"error":"invalid_client"}"#, Status::Http),
    ] {
        let error = error(status, body);
        assert_eq!(error.status(), expected, "{status} {body}");
        assert!(!error.is_retryable(), "{status} {body}");
        assert_eq!(error.http_status(), status);
    }
}

#[test]
fn a_refusal_is_told_with_the_servers_own_words() {
    for (body, text) in [
        (r#"{"error":"access_denied"}"#, "(HTTP 400): access_denied"),
        (
            r#"{"error":"access_denied","error_description":"not you"}"#,
            "(HTTP 400): access_denied (not you)",
        ),
    ] {
        let error = error(400, body);
        assert_eq!(error.message(), format!("api.example:443 refused the request {text}"));
    }
}

#[test]
fn a_refusal_that_is_nested_too_deep_is_not_read() {
    let nested = |depth: usize| {
        format!(r#"{{"error":"invalid_scope","x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth))
    };
    assert_eq!(error(400, &nested(127)).status(), Status::InvalidScope);
    assert_eq!(error(400, &nested(128)).status(), Status::Http);
}

#[test]
fn an_unexpected_status_is_told_with_what_it_points_to() {
    for (status, hint) in [
        (403, "; a firewall or gateway may stand in the way"),
        (404, "; check the base URL: the token endpoint is not there"),
        (405, "; check the base URL: the token endpoint is not there"),
        (407, "; a proxy in the way wants credentials"),
        (410, ""),
    ] {
        let expected = format!("api.example:443 answered HTTP {status}{hint}");
        assert_eq!(error(status, "<html>").message(), expected);
    }
}

#[test]
// promise: no-redirect
fn a_redirect_is_named_by_its_host_and_shows_nothing_else_of_it() {
    for (location, named) in [
        ("https://user:pw@evil.example:8443/path?token=x", "evil.example"),
        ("//other.example/x", "other.example"),
        ("/login", "another path"),
    ] {
        for status in [301, 302, 303, 307, 308] {
            let mut answer = answer(status, "");
            answer.location = Some(location.to_owned());
            let error = interpreted(&answer).err().unwrap();
            assert_eq!(error.status(), Status::Http);
            assert!(error.message().contains(named), "{error}");
            assert!(!error.message().contains("pw") && !error.message().contains("token=x"));
        }
    }
}

#[test]
fn retry_after_is_told_for_429_and_5xx() {
    for status in [429, 503] {
        let mut answer = answer(status, "");
        answer.retry_after = Some("7".to_owned());
        let error = interpreted(&answer).err().unwrap();
        assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    }
}

#[test]
fn what_the_server_says_is_cleaned_cut_and_never_the_secret() {
    let body = format!(
        r#"{{"error":"bad\u0007_code","error_description":"your secret {SECRET} is wrong {}"}}"#,
        "x".repeat(500)
    );
    let error = error(400, &body);
    assert_eq!(error.oauth_code(), "bad_code");
    assert!(error.oauth_description().starts_with("your secret [secret] is wrong x"));
    assert_eq!(error.oauth_description().chars().count(), MAX_OAUTH_DESCRIPTION);
    assert!(!error.message().contains(SECRET));
}
