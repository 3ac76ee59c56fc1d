//! The life of a client's token, through the public API, against servers of this machine.

#[allow(dead_code)]
#[path = "harness/servers.rs"]
mod servers;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use servers::{Alone, MISBEHAVING, Playing, REAL, any_credentials, token};
use sm_token::{Client, Error, LogLevel, Options, Status, Token};

/// What needs no network is over by then, on a machine with other work too.
const AT_ONCE: Duration = Duration::from_millis(100);

/// A token of 6 s is stale after 5.1 s at the latest, and expired after 5.4 s.
const STALE: Duration = Duration::from_millis(5150);

fn client_of_the_server(real: &Alone) -> Client {
    Client::new(real.credentials(), &real.options()).unwrap()
}

fn client_of(playing: &Playing<'_>) -> Client {
    Client::new(any_credentials(), &playing.options()).unwrap()
}

fn text(client: &Client) -> String {
    client.token().unwrap().access_token().to_owned()
}

fn failure(client: &Client) -> Error {
    client.token().unwrap_err()
}

/// What each of so many threads gets, all begun at once.
fn from_threads<T: Send>(count: usize, call: impl Fn() -> T + Sync) -> Vec<T> {
    let start = std::sync::Barrier::new(count);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..count)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    call()
                })
            })
            .collect();
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    })
}

/// The real server, slow enough for all callers to be there before its answer is.
fn slow() -> Alone {
    let real = REAL.alone();
    real.set(json!({"delay_ms": 300}));
    real
}

// ---- a token ----

#[test]
fn a_client_asks_once_for_the_token_that_it_keeps() {
    let real = REAL.alone();
    let client = client_of_the_server(&real);
    assert!(client.cached().is_none());
    assert_eq!(real.requests(), json!({}));
    let token = client.token().unwrap();
    assert_eq!(token.authorization(), format!("Bearer {}", token.access_token()));
    assert_eq!((token.token_type(), token.scope()), ("Bearer", "all read write"));
    assert_eq!(text(&client), token.access_token());
    assert_eq!(client.cached().unwrap().access_token(), token.access_token());
    assert_eq!(client.with_token(Token::expires_at).unwrap(), token.expires_at());
    assert_eq!(client.token_interruptible(|| false).unwrap().scope(), token.scope());
    assert_eq!(real.requests(), json!({"200": 1}));
    assert_ne!(text(&client_of_the_server(&real)), token.access_token());
    drop(client);
    assert!(token.expires_in() > Duration::from_secs(3500));
}

#[test]
// promise: one-request
fn many_threads_on_a_cold_client_make_one_request() {
    let real = slow();
    let client = client_of_the_server(&real);
    let tokens = from_threads(256, || text(&client));
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(real.requests(), json!({"200": 1}));
}

#[test]
fn a_ca_file_that_is_missing_makes_no_client() {
    let real = REAL.alone();
    let mut options = real.options();
    options.set_ca_file(Some("/nowhere/at/all.pem")).unwrap();
    let error = Client::new(any_credentials(), &options).unwrap_err();
    assert_eq!(error.status(), Status::NoTrustRoots);
    assert!(error.message().contains("/nowhere/at/all.pem"), "{error}");
}

// ---- a refresh ----

#[test]
// promise: refresh-behind
fn a_stale_token_is_served_at_once_while_one_request_fetches_the_next() {
    let slow = json!([{"sleep_ms": 100}, {"respond": token("second", 3600)}]);
    let playing = MISBEHAVING.play(json!([token("first", 6), slow]));
    let client = client_of(&playing);
    assert_eq!(text(&client), "first");
    thread::sleep(STALE);
    let began = Instant::now();
    assert_eq!(from_threads(8, || text(&client)), ["first"; 8]);
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    thread::sleep(Duration::from_millis(400));
    assert_eq!(text(&client), "second");
    assert_eq!(playing.connections(2), 2);
}

#[test]
// promise: no-calls-no-refresh
fn an_expired_token_is_waited_for() {
    let playing = MISBEHAVING.play(json!([token("first", 1), token("second", 3600)]));
    let client = client_of(&playing);
    assert_eq!(text(&client), "first");
    thread::sleep(Duration::from_millis(1000));
    assert!(client.cached().is_none());
    assert_eq!(text(&client), "second");
}

// ---- failures ----

/// Answers that would have a client ask sooner than it should, or fail in a way that it might not remember.
fn answers_that_hurry() -> Vec<Value> {
    let with = |status: u16, name: &str, value: &str| json!({"status": status, "headers": {name: value}, "body": ""});
    let raw = |text: &str| json!(["read_request", {"send": text}]);
    let lives = |lifetime: Value| json!({"body": {"access_token": "t", "expires_in": lifetime, "token_type": "Bearer"}});
    vec![
        with(429, "Retry-After", "-5"),
        with(429, "Retry-After", "0.001"),
        with(429, "Retry-After", "0, 0"),
        json!({"status": 429, "headers": [["Retry-After", "0"], ["Retry-After", "0"]], "body": ""}),
        with(429, "RateLimit-Reset", "0"),
        with(503, "Retry-After", "Wed, 21 Oct 2015 07:28:00 GMT"),
        with(408, "Retry-After", "0"),
        with(425, "Retry-After", "0"),
        with(200, "Retry-After", "0"),
        with(400, "Retry-After", "0"),
        json!({"status": 401, "headers": {"Retry-After": "0"}, "body": {"error": "invalid_client"}}),
        with(301, "Location", "/"),
        with(302, "Location", "http://[::1"),
        with(304, "Retry-After", "0"),
        with(407, "Proxy-Authenticate", "Basic"),
        with(999, "Retry-After", "0"),
        raw("HTTP/1.1 100 Continue\r\n\r\n"),
        raw("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
        raw("HTTP/1.1 000 none\r\n\r\n"),
        raw("HTTP/2 200 OK\r\n\r\n"),
        raw("not HTTP"),
        raw(""),
        raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
        raw("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
        raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n"),
        raw("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"),
        with(200, "Content-Encoding", "gzip"),
        lives(json!(0)),
        lives(json!(-1)),
        lives(json!(1)),
        json!([{"sleep_ms": 950}, {"respond": lives(json!(1))}]),
        json!(["reset"]),
    ]
}

#[test]
// promise: back-off
fn no_answer_has_a_client_ask_without_a_pause() {
    const ASKS_FOR: Duration = Duration::from_millis(2500);
    thread::scope(|scope| {
        for answer in answers_that_hurry() {
            scope.spawn(move || {
                let playing = MISBEHAVING.play(json!([answer]));
                let client = client_of(&playing);
                let (began, mut calls) = (Instant::now(), 0);
                while began.elapsed() < ASKS_FOR {
                    let _ = client.token();
                    calls += 1;
                    thread::sleep(Duration::from_millis(10));
                }
                // Failures are 1, 2, 4 s apart, and a token of a second is refreshed after three quarters of one.
                let asked = playing.connections(1);
                assert!(
                    asked <= 4,
                    "{asked} requests of {calls} calls in {:?}: {answer}",
                    began.elapsed()
                );
            });
        }
    });
}

#[test]
fn a_failure_is_that_of_every_caller_and_is_remembered_until_it_may_have_passed() {
    let busy = json!([{"sleep_ms": 300}, {"respond": {"status": 503, "body": ""}}]);
    let refused = json!([{"sleep_ms": 300}, {"respond": {"status": 401, "body": {"error": "invalid_client"}}}]);
    let broken = json!([{"sleep_ms": 300}, "reset"]);
    let table = [
        (busy, Status::Server, 1, true),
        (broken, Status::Io, 1, true),
        (refused, Status::InvalidClient, 60, false),
    ];
    for (step, status, most_s, passes) in table {
        let playing = MISBEHAVING.play(json!([step, token("after", 3600)]));
        let client = client_of(&playing);
        let together = from_threads(128, || failure(&client));
        assert!(together.iter().all(|error| error.status() == status), "{:?}", together[0]);
        let began = Instant::now();
        let remembered = from_threads(128, || failure(&client));
        assert!(began.elapsed() < AT_ONCE * 2, "{:?}", began.elapsed());
        let longest = remembered.iter().map(|error| error.retry_after().unwrap()).max().unwrap();
        assert!(
            longest <= Duration::from_secs(most_s) && longest.as_secs() + 10 > most_s,
            "{longest:?}"
        );
        assert!(remembered.iter().all(|error| error.status() == status));
        assert_eq!(playing.connections(1), 1);
        if passes {
            thread::sleep(longest);
        } else {
            client.invalidate(None);
        }
        assert_eq!(from_threads(8, || text(&client)), ["after"; 8]);
        assert_eq!(playing.connections(2), 2);
    }
}

#[test]
fn a_dead_server_is_asked_again_within_the_wait_once_it_lives() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut options = Options::new();
    options.set_base_url(Some(&format!("http://{address}"))).unwrap();
    options.set_max_retries(0).unwrap();
    let client = Client::new(any_credentials(), &options).unwrap();
    assert!(from_threads(128, || failure(&client).status()).iter().all(|s| *s == Status::Connect));
    let wait = failure(&client).retry_after().unwrap();
    assert!(wait <= Duration::from_secs(1), "{wait:?}");

    let listener = TcpListener::bind(address).unwrap();
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        assert!(connection.read(&mut request).unwrap() > 0);
        let body =
            json!({"access_token": "alive", "expires_in": 60, "token_type": "Bearer"}).to_string();
        write!(connection, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            .unwrap();
    });
    thread::sleep(wait);
    assert_eq!(from_threads(8, || text(&client)), ["alive"; 8]);
    server.join().unwrap();
}

#[test]
fn a_refusal_says_in_full_why_also_from_memory() {
    let real = REAL.alone();
    let client = Client::new(real.credentials_with("not the secret"), &real.options()).unwrap();
    assert_eq!(failure(&client).retry_after(), None);
    let remembered = failure(&client);
    assert_eq!((remembered.status(), remembered.http_status()), (Status::InvalidClient, 401));
    assert_eq!(remembered.oauth_code(), "invalid_client");
    assert!(!remembered.message().contains("not the secret"), "{remembered}");
    assert!(remembered.retry_after().unwrap() > Duration::from_secs(50));
    assert_eq!(real.requests(), json!({"401": 1}));
}

#[test]
fn no_caller_notices_that_a_refresh_fails() {
    let faults = [
        json!({"status": 503, "body": ""}),
        json!({"status": 401, "body": {"error": "invalid_client"}}),
        json!(["reset"]),
        json!(["hang"]),
        json!({"body": "<html>"}),
        json!(["read_request", {"send": "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"}, "close"]),
    ];
    thread::scope(|scope| {
        for fault in faults {
            scope.spawn(move || {
                let playing = MISBEHAVING.play(json!([token("first", 6), fault]));
                let client = client_of(&playing);
                assert_eq!(text(&client), "first");
                thread::sleep(STALE);
                for _ in 0..10 {
                    let began = Instant::now();
                    assert_eq!(text(&client), "first");
                    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
                    thread::sleep(Duration::from_millis(5));
                }
                assert_eq!(playing.connections(2), 2);
            });
        }
    });
}

// ---- invalidation ----

#[test]
fn a_token_is_invalidated_by_itself_its_header_or_its_text() {
    let real = REAL.alone();
    type Way = fn(&Client, &Token);
    let ways: [Way; 4] = [
        |client, token| client.invalidate(Some(token)),
        |client, token| client.invalidate_authorization(token.authorization()),
        |client, token| client.invalidate_authorization(token.access_token()),
        |client, _| client.invalidate(None),
    ];
    for way in ways {
        let client = client_of_the_server(&real);
        let old = client.token().unwrap();
        way(&client, &old);
        assert!(client.cached().is_none());
        let new = client.token().unwrap();
        assert_ne!(new.access_token(), old.access_token());
        client.invalidate(Some(&old));
        for foreign in ["", "Bearer ", "Bearer of-another-client"] {
            client.invalidate_authorization(foreign);
        }
        assert_eq!(text(&client), new.access_token());
    }
}

#[test]
fn an_invalidation_right_after_another_is_ignored_unless_it_is_of_whichever_token() {
    let real = REAL.alone();
    let client = client_of_the_server(&real);
    client.invalidate(Some(&client.token().unwrap()));
    let second = client.token().unwrap();
    client.invalidate(Some(&second));
    assert_eq!(text(&client), second.access_token());
    client.invalidate(None);
    assert_ne!(text(&client), second.access_token());
}

#[test]
// promise: any-thread
fn threads_that_invalidate_the_same_token_make_one_more_request() {
    let real = slow();
    let client = client_of_the_server(&real);
    let refused = client.token().unwrap();
    let tokens = from_threads(64, || {
        client.invalidate(Some(&refused));
        text(&client)
    });
    assert!(tokens.iter().all(|token| *token == tokens[0] && token != refused.access_token()));
    assert_eq!(real.requests(), json!({"200": 2}));
}

#[test]
fn a_client_without_a_token_can_be_invalidated() {
    let real = REAL.alone();
    let client = client_of_the_server(&real);
    client.invalidate(None);
    client.invalidate_authorization("Bearer whatever");
    client.token().unwrap();
}

// ---- waiting ----

/// The number of the phase in which the client waits before it asks again.
const RETRY_PAUSE: usize = 9;

/// What a server does in each phase of a request before it hangs; in the first no connection is made.
fn phases() -> Vec<(Options, Option<Playing<'static>>)> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    let part = format!("{head}Content-Length: 100\r\n\r\n{{");
    let steps = [
        json!(["client_hello", "hang"]),
        json!([{"begin_handshake": 200}, "hang"]),
        json!(["handshake", "hang"]),
        json!(["read_request", "hang"]),
        json!(["read_request", {"send": head}, "hang"]),
        json!(["read_request", {"endless_headers": {"text": "X", "every_ms": 20}}]),
        json!(["read_request", {"send": part}, "hang"]),
        json!(["read_request", {"endless_body": {"every_ms": 20}}]),
        json!({"status": 429, "headers": {"Retry-After": "15"}, "body": ""}),
    ];
    let playing = steps.map(|step| MISBEHAVING.play_on_a_port(json!([step])));
    let mut all = vec![(MISBEHAVING.port("full-backlog"), None)];
    all.extend(playing.map(|playing| (playing.options(), Some(playing))));
    for (options, _) in &mut all {
        options.set_max_retries(3).unwrap();
    }
    all
}

#[test]
// promise: one-deadline
fn no_caller_waits_longer_than_its_deadline_in_any_phase() {
    let timeout = Duration::from_millis(600);
    thread::scope(|scope| {
        for (phase, (mut options, _)) in phases().into_iter().enumerate() {
            options.set_timeout(timeout).unwrap();
            scope.spawn(move || {
                let client = Client::new(any_credentials(), &options).unwrap();
                let turns = AtomicU32::new(0);
                let waited = from_threads(4, || {
                    thread::sleep(
                        Duration::from_millis(30) * turns.fetch_add(1, Ordering::Relaxed),
                    );
                    let began = Instant::now();
                    (failure(&client).status(), began.elapsed())
                });
                let longest = waited.iter().map(|(_, took)| *took).max().unwrap();
                // A pause before a retry that outlasts the deadline is known at once.
                let (status, least) = match phase {
                    RETRY_PAUSE => (Status::RateLimited, Duration::ZERO),
                    _ => (Status::Timeout, timeout),
                };
                assert!(waited.iter().all(|waited| waited.0 == status), "{phase}: {waited:?}");
                assert!((least..timeout + AT_ONCE * 2).contains(&longest), "{phase}: {longest:?}");
            });
        }
    });
}

#[test]
// promise: shutdown
fn shutdown_lets_every_caller_go_at_once_in_every_phase() {
    thread::scope(|scope| {
        for (phase, (options, playing)) in phases().into_iter().enumerate() {
            scope.spawn(move || {
                let client = Client::new(any_credentials(), &options).unwrap();
                let left = thread::scope(|callers| {
                    let waiting: Vec<_> = (0..8)
                        .map(|_| callers.spawn(|| (failure(&client).status(), Instant::now())))
                        .collect();
                    if let Some(playing) = playing {
                        assert_eq!(playing.connections(1), 1);
                    }
                    thread::sleep(Duration::from_millis(200));
                    let shut_down = Instant::now();
                    client.shutdown();
                    let left = waiting.into_iter().map(|caller| caller.join().unwrap());
                    left.map(|(status, at)| (status, at.duration_since(shut_down)))
                        .collect::<Vec<_>>()
                });
                for (status, took) in left {
                    assert_eq!(status, Status::Canceled, "{phase}");
                    assert!(took < AT_ONCE * 2, "{phase}: {took:?}");
                }
                client.shutdown();
                client.invalidate(None);
                assert_eq!(failure(&client).status(), Status::Canceled);
                assert!(client.cached().is_none());
                let began = Instant::now();
                drop(client);
                assert!(began.elapsed() < AT_ONCE, "{phase}: {:?}", began.elapsed());
            });
        }
    });
}

#[test]
// promise: others-go-on
fn one_caller_that_gives_up_leaves_the_request_to_the_others() {
    let real = slow();
    let client = client_of_the_server(&real);
    thread::scope(|scope| {
        let other = scope.spawn(|| client.token().unwrap());
        let error = client.token_interruptible(|| false).unwrap_err();
        assert_eq!(error.status(), Status::Canceled);
        other.join().unwrap();
    });
    assert_eq!(real.requests(), json!({"200": 1}));
}

// ---- the log ----

/// What a client's handler is told, on threads that are inside a call.
struct Told(Arc<Mutex<Vec<(LogLevel, String)>>>);

impl Told {
    fn by(options: &mut Options) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&lines);
        let caller = thread::current().id();
        options.set_log(LogLevel::Info, move |level, message| {
            assert_eq!(thread::current().id(), caller);
            written.lock().unwrap().push((level, message.to_owned()));
        });
        Told(lines)
    }

    #[track_caller]
    fn expect(&self, expected: &[(LogLevel, &str)]) {
        let lines = self.0.lock().unwrap();
        let agrees = lines.len() == expected.len()
            && lines
                .iter()
                .zip(expected)
                .all(|(line, (level, part))| line.0 == *level && line.1.contains(part));
        assert!(agrees, "{lines:?}");
        let said = format!("{lines:?}");
        assert!(!said.contains("t0ken") && !said.contains("the-secret"), "{said}");
    }
}

#[test]
fn what_happens_to_a_token_is_told_once() {
    let fetched = (LogLevel::Info, "fetched a token");
    let refreshed = (LogLevel::Info, "refreshed a token in the background");
    let in_service = (LogLevel::Warn, "the old token stays in service");
    let failed = (LogLevel::Error, "(remembered for 1 s)");
    let refused = (LogLevel::Error, "(remembered for 60 s)");
    let again = (LogLevel::Warn, "trying again in");
    let busy = || json!({"status": 503, "body": ""});
    let stale = || token("t0ken", 6);
    let good = || token("t0ken", 3600);
    let stories: [(Vec<Value>, u32, Vec<_>); 6] = [
        (vec![good()], 0, vec![fetched]),
        (vec![stale(), good()], 0, vec![fetched, refreshed]),
        (vec![stale(), busy()], 0, vec![fetched, in_service]),
        (vec![json!({"status": 401, "body": {"error": "invalid_client"}})], 0, vec![refused]),
        (vec![busy()], 0, vec![failed]),
        (vec![busy(), good()], 1, vec![again, fetched]),
    ];
    thread::scope(|scope| {
        for (steps, max_retries, expected) in stories {
            scope.spawn(move || {
                let is_refreshed = steps.len() == 2 && max_retries == 0;
                let playing = MISBEHAVING.play(json!(steps));
                let mut options = playing.options();
                options.set_max_retries(max_retries).unwrap();
                let told = Told::by(&mut options);
                let client = Client::new(any_credentials(), &options).unwrap();
                let _ = client.token();
                if is_refreshed {
                    thread::sleep(STALE);
                    client.token().unwrap();
                    playing.connections(2);
                    thread::sleep(Duration::from_millis(60));
                    client.token().unwrap();
                }
                told.expect(&expected);
            });
        }
    });
}

#[test]
fn an_invalidation_is_told_and_one_that_is_ignored_too() {
    let real = REAL.alone();
    let mut options = real.options();
    let told = Told::by(&mut options);
    let client = Client::new(real.credentials(), &options).unwrap();
    client.invalidate(Some(&client.token().unwrap()));
    client.invalidate(Some(&client.token().unwrap()));
    client.invalidate(None);
    let fetched = (LogLevel::Info, "fetched a token");
    told.expect(&[
        fetched,
        (LogLevel::Info, "the token was invalidated; "),
        fetched,
        (LogLevel::Warn, "invalidated again too soon"),
        (LogLevel::Info, "the token was invalidated, and failures forgotten"),
    ]);
}

#[test]
// promise: log-thread
fn a_handler_may_call_the_client_that_it_logs_for() {
    let playing = MISBEHAVING.play(json!([{"status": 503, "body": ""}, token("after", 3600)]));
    let logged_for: Arc<Mutex<Option<Arc<Client>>>> = Arc::default();
    let (seen, mut options) = (Arc::clone(&logged_for), playing.options());
    options.set_max_retries(1).unwrap();
    options.set_log(LogLevel::Warn, move |_, _| {
        let client = seen.lock().unwrap().clone().unwrap();
        assert_eq!(text(&client), "after");
        client.invalidate(None);
        client.shutdown();
    });
    let client = Arc::new(Client::new(any_credentials(), &options).unwrap());
    *logged_for.lock().unwrap() = Some(Arc::clone(&client));
    let outcome = client.token();
    assert!(outcome.is_ok_and(|token| token.access_token() == "after"));
    assert_eq!(failure(&client).status(), Status::Canceled);
}
