use super::*;
use crate::Status;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::SystemTime;

fn steps_of(
    credentials: (Option<&str>, Option<&str>),
    options: &Options,
) -> (Vec<CheckStep>, Result<(), Error>) {
    let mut steps = Vec::new();
    let outcome = check(credentials.0, credentials.1, options, |step| {
        steps.push(step.clone());
        true
    });
    (steps, outcome)
}

fn at(base_url: &str) -> Options {
    let mut options = Options::new();
    options.set_base_url(Some(base_url)).unwrap();
    options
}

/// Answers one request with this head and body, and tells where.
fn answering(answer: String) -> Options {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = socket.read(&mut request);
        let _ = socket.write_all(answer.as_bytes());
    });
    at(&url)
}

fn token_at(date: Option<SystemTime>) -> Options {
    let body =
        r#"{"access_token": "t-81c2f5", "token_type": "Bearer", "expires_in": 60, "scope": "s"}"#;
    let date =
        date.map_or(String::new(), |date| format!("Date: {}\r\n", httpdate::fmt_http_date(date)));
    answering(format!("HTTP/1.1 200 OK\r\n{date}Content-Length: {}\r\n\r\n{body}", body.len()))
}

const GIVEN: (Option<&str>, Option<&str>) = (Some("id"), Some("the-secret"));

#[test]
fn each_step_is_handed_out_once_and_in_order() {
    let whole = token_at(Some(SystemTime::now()));
    for (credentials, options) in [
        (GIVEN, &whole),
        (GIVEN, &at("http://127.0.0.1:9")),
        ((Some("id"), Some("")), &Options::new()),
        ((Some("id"), None), &Options::new()),
    ] {
        let (steps, _) = steps_of(credentials, options);
        assert_eq!(steps.iter().map(|step| step.name).collect::<Vec<_>>(), STEPS);
    }
}

#[test]
fn a_token_makes_every_step_right_that_applies() {
    let (steps, outcome) = steps_of(GIVEN, &token_at(Some(SystemTime::now())));
    outcome.unwrap();
    use Verdict::{Ok, Unknown};
    let verdicts: Vec<Verdict> = steps.iter().map(|step| step.verdict).collect();
    assert_eq!(verdicts, [Ok, Ok, Ok, Ok, Ok, Unknown, Unknown, Ok, Ok], "{steps:?}");
    assert_eq!(steps[5].text, "none: plain http on this machine");
    assert!(steps[8].text.ends_with("scope 's'"), "{}", steps[8].text);
    assert!(steps.iter().all(|step| !step.text.contains("t-81c2f5")));
}

#[test]
fn a_clock_that_is_off_is_wrong_though_a_token_came() {
    let (steps, outcome) =
        steps_of(GIVEN, &token_at(Some(SystemTime::now() - Duration::from_secs(7200))));
    assert_eq!(outcome.unwrap_err().status(), Status::Certificate);
    assert_eq!((steps[7].verdict, steps[8].verdict), (Verdict::Wrong, Verdict::Ok));
    assert!(steps[7].text.contains("s ahead of the server's"), "{}", steps[7].text);
    let (steps, outcome) = steps_of(GIVEN, &token_at(None));
    outcome.unwrap();
    assert_eq!(steps[7].verdict, Verdict::Unknown);
}

#[test]
fn the_first_wrong_step_is_the_outcome() {
    let (steps, outcome) = steps_of((Some("id"), Some("s\n")), &Options::new());
    assert_eq!(outcome.unwrap_err().status(), Status::InvalidArgument);
    assert_eq!(steps[0].verdict, Verdict::Wrong);
    assert!(steps[1..].iter().all(|step| step.verdict == Verdict::Unknown));
}

#[test]
fn who_wants_no_further_step_gets_none() {
    for stop_after in 1..=STEPS.len() {
        let mut handed_out = 0;
        let outcome = check(GIVEN.0, GIVEN.1, &token_at(None), |_| {
            handed_out += 1;
            handed_out < stop_after
        });
        assert_eq!(outcome.unwrap_err().status(), Status::Canceled);
        assert_eq!(handed_out, stop_after);
    }
}

#[test]
fn a_handler_that_does_not_go_on_waiting_ends_the_check() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = at(&format!("http://{}", listener.local_addr().unwrap()));
    options.set_keep_waiting(|| false);
    let (_, outcome) = steps_of(GIVEN, &options);
    assert_eq!(outcome.unwrap_err().status(), Status::Canceled);
}

#[test]
fn an_unseen_character_is_named_and_no_error() {
    let (steps, outcome) = steps_of((Some("\u{feff}id"), Some("secret\u{a0}")), &token_at(None));
    outcome.unwrap();
    assert_eq!(steps[0].verdict, Verdict::Unknown);
    let said = "the client id begins with U+FEFF ZERO WIDTH NO-BREAK SPACE; \
                the client secret ends with U+00A0 NO-BREAK SPACE";
    assert_eq!(steps[0].text, said);
}
