//! One fetch, through the public API, from servers of this machine.

#[allow(dead_code)]
#[path = "harness/servers.rs"]
mod servers;

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use servers::{MISBEHAVING, REAL, any_credentials, token};
use sm_token::{LogLevel, Status, Token, Trust, fetch, fetch_interruptible};

fn unix_time() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

/// An answer, and the error that it makes: its status, `http_status`, `oauth_code`, whether it is worth another
/// try, and how many seconds to wait.
type Row<'a> = (Value, Status, u16, &'a str, bool, Option<u64>);

#[test]
// promise: no-redirect
fn each_answer_has_its_status_and_its_fields() {
    let refusal = |code: &str| json!({"error": code, "error_description": "so it is"});
    let table: &[Row<'_>] = &[
        (
            json!({"status": 401, "body": refusal("invalid_client")}),
            Status::InvalidClient,
            401,
            "invalid_client",
            false,
            None,
        ),
        (
            json!({"status": 400, "body": refusal("invalid_scope")}),
            Status::InvalidScope,
            400,
            "invalid_scope",
            false,
            None,
        ),
        (
            json!({"status": 400, "body": refusal("unauthorized_client")}),
            Status::OAuth,
            400,
            "unauthorized_client",
            false,
            None,
        ),
        (
            json!({"status": 429, "headers": {"Retry-After": "7"}, "body": ""}),
            Status::RateLimited,
            429,
            "",
            true,
            Some(7),
        ),
        (json!({"status": 503, "body": ""}), Status::Server, 503, "", true, None),
        (
            json!({"status": 302, "headers": {"Location": "https://elsewhere.test/"}, "body": ""}),
            Status::Http,
            302,
            "",
            false,
            None,
        ),
        (json!({"body": "<html>"}), Status::InvalidResponse, 200, "", false, None),
        (json!({"body": " ".repeat(65 * 1024)}), Status::ResponseTooLarge, 200, "", false, None),
        (json!(["reset"]), Status::Io, 0, "", true, None),
    ];
    for (step, status, http_status, oauth_code, is_retryable, seconds) in table {
        let playing = MISBEHAVING.play(json!([step]));
        let error = fetch(any_credentials(), &playing.options()).unwrap_err();
        assert_eq!(error.status(), *status, "{error}");
        assert_eq!(error.http_status(), *http_status, "{error}");
        assert_eq!(error.oauth_code(), *oauth_code, "{error}");
        assert_eq!(error.is_retryable(), *is_retryable, "{error}");
        assert_eq!(error.retry_after(), seconds.map(Duration::from_secs), "{error}");
        let description = if oauth_code.is_empty() { "" } else { "so it is" };
        assert_eq!(error.oauth_description(), description);
        assert!(!format!("{error:?}{error}").contains("the-secret"), "{error}");
        assert_eq!(playing.connections(1), 1, "{error}");
    }
}

#[test]
fn each_failure_before_an_answer_has_its_status() {
    let real = REAL.alone();
    for (port, status) in [("full-backlog", Status::Timeout), ("alerts", Status::Tls)] {
        let mut options = MISBEHAVING.port(port);
        options.set_timeout(Duration::from_millis(400)).unwrap();
        let error = fetch(any_credentials(), &options).unwrap_err();
        assert_eq!((error.status(), error.http_status()), (status, 0), "{error}");
    }
    let mut options = real.options();
    options.set_ca_file(None::<&str>).unwrap().set_trust(Trust::Bundled);
    let error = fetch(real.credentials(), &options).unwrap_err();
    assert_eq!(error.status(), Status::Certificate);
    assert!(!error.is_retryable());
}

#[test]
fn a_token_has_what_the_server_said_and_expires_counted_from_the_request() {
    let real = REAL.alone();
    real.set(json!({"delay_ms": 1200, "lifetime_s": 77}));
    let asked_at = unix_time();
    let token = fetch(real.credentials(), &real.options()).unwrap();
    assert_eq!(token.authorization(), format!("Bearer {}", token.access_token()));
    assert_eq!((token.token_type(), token.scope()), ("Bearer", "all read write"));
    assert!((asked_at + 77..=asked_at + 78).contains(&token.expires_at()));
    assert!((74..=75).contains(&token.expires_in().as_secs()), "{:?}", token.expires_in());
}

#[test]
// promise: valid-token
fn each_fetch_is_one_request_and_one_token() {
    let real = REAL.alone();
    let tokens = [(); 2].map(|()| fetch(real.credentials(), &real.options()).unwrap());
    assert_ne!(tokens[0].access_token(), tokens[1].access_token());
    assert_eq!(real.requests(), json!({"200": 2}));
}

#[test]
fn a_wrong_secret_is_asked_about_once() {
    let real = REAL.alone();
    let mut options = real.options();
    options.set_max_retries(5).unwrap();
    let error = fetch(real.credentials_with("not the secret"), &options).unwrap_err();
    assert_eq!((error.status(), error.http_status()), (Status::InvalidClient, 401));
    assert!(error.message().contains("check client_id and client_secret"), "{error}");
    assert_eq!(real.requests(), json!({"401": 1}));
}

#[test]
fn a_server_that_is_down_is_asked_again_as_often_as_allowed() {
    let real = REAL.alone();
    real.set(json!({"down": true}));
    let mut options = real.options();
    options.set_max_retries(1).unwrap();
    assert_eq!(fetch(real.credentials(), &options).unwrap_err().status(), Status::Server);
    assert_eq!(real.requests(), json!({"503": 2}));
}

#[test]
fn options_reach_the_request() {
    let real = REAL.alone();
    let mut options = real.options();
    for scope in ["read", "read write"] {
        options.set_scope(Some(scope)).unwrap();
        assert_eq!(fetch(real.credentials(), &options).unwrap().scope(), scope);
    }
    options.set_scope(Some("everything")).unwrap();
    let error = fetch(real.credentials(), &options).unwrap_err();
    assert_eq!((error.status(), error.oauth_code()), (Status::InvalidScope, "invalid_scope"));
}

#[test]
fn credentials_full_of_reserved_characters_get_a_token() {
    let real = REAL.alone();
    fetch(real.odd_credentials(), &real.options()).unwrap();
}

#[test]
fn the_base_url_may_name_the_token_endpoint() {
    let real = REAL.alone();
    for path in ["", "/", "/o/token/", "/o/token"] {
        let mut options = real.options();
        options.set_base_url(Some(&format!("{}{path}", real.base_url()))).unwrap();
        fetch(real.credentials(), &options).unwrap();
    }
}

#[test]
fn a_caller_ends_the_wait_within_its_timeout_or_earlier() {
    let playing = MISBEHAVING.play(json!([["hang"]]));
    let mut options = playing.options();
    options.set_timeout(Duration::from_millis(400)).unwrap();
    let began = Instant::now();
    let error = fetch(any_credentials(), &options).unwrap_err();
    assert_eq!(error.status(), Status::Timeout);
    assert!((400..800).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());

    let (began, mut asked) = (Instant::now(), 0);
    let error = fetch_interruptible(any_credentials(), &playing.options(), || {
        asked += 1;
        asked < 3
    })
    .unwrap_err();
    assert_eq!((error.status(), asked), (Status::Canceled, 3));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
fn the_log_is_told_on_the_callers_thread_and_holds_neither_secret_nor_token() {
    let playing =
        MISBEHAVING.play(json!([{"status": 503, "body": ""}, token("t0ken-of-the-log", 60)]));
    let lines = Arc::new(Mutex::new(Vec::new()));
    let (caller, written) = (thread::current().id(), Arc::clone(&lines));
    let mut options = playing.options();
    options.set_max_retries(1).unwrap();
    options.set_log(LogLevel::Debug, move |level, message| {
        assert_eq!(thread::current().id(), caller);
        written.lock().unwrap().push((level, message.to_owned()));
    });
    let token: Token = fetch(any_credentials(), &options).unwrap();
    assert_eq!(token.expires_in().as_secs(), 59);
    let lines = lines.lock().unwrap();
    let levels: Vec<LogLevel> = lines.iter().map(|(level, _)| *level).collect();
    assert_eq!(levels, [LogLevel::Debug, LogLevel::Warn, LogLevel::Debug, LogLevel::Info]);
    let said = format!("{lines:?}{token:?}");
    assert!(!said.contains("t0ken") && !said.contains("the-secret"), "{said}");
}
