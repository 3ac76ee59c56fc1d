//! What happens inside a process, by the library's public Rust API, under criterion.
//!
//! What has to be asked for over a socket is asked for in plain HTTP on loopback, from a thread that
//! answers what it is told: building the request, judging the answer and reading `Retry-After` are
//! then all that is the library's own, beside one TCP connection, which is measured alone too.

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use sm_token::{Client, Credentials, Options, Status};

const TOKEN: &str = concat!(
    r#"{"access_token": "Zx3vVqjyQmJ0WcR8bL5tNfK2sHd7Gu", "expires_in": 3600, "#,
    r#""token_type": "Bearer", "scope": "all read write"}"#
);
const REFUSAL: &str = r#"{"error": "invalid_client"}"#;

/// Answers every request on loopback with one status line, one further header and one body.
struct Server(SocketAddr);

impl Server {
    fn answering(status: &'static str, header: &'static str, body: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let answer = format!(
            "HTTP/1.1 {status}\r\n{header}Content-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        thread::spawn(move || {
            for connection in listener.incoming() {
                let _ = answer_one(connection.expect("a connection"), answer.as_bytes());
            }
        });
        Server(address)
    }

    fn options(&self) -> Options {
        let mut options = Options::new();
        options.set_base_url(Some(&format!("http://{}", self.0))).expect("a URL");
        options.set_max_retries(0).unwrap();
        options
    }
}

/// Takes a request up to the end of its body, which ends with the grant's name.
fn answer_one(mut connection: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !request.ends_with(b"=client_credentials") {
        match connection.read(&mut piece)? {
            0 => return Ok(()),
            length => request.extend_from_slice(&piece[..length]),
        }
    }
    connection.write_all(answer)
}

fn credentials() -> Credentials {
    Credentials::new("a-client", "a-secret-of-64-characters-as-the-service-makes-them-0123456789ab")
        .expect("good credentials")
}

/// As a fetch does, without the library: one connection, the request's bytes, the answer's bytes.
fn bare_exchange(address: SocketAddr) -> usize {
    let mut connection = TcpStream::connect(address).expect("a connection");
    connection
        .write_all(
            b"POST /o/token/ HTTP/1.1\r\nHost: localhost\r\n\r\ngrant_type=client_credentials",
        )
        .expect("sent");
    let mut answer = Vec::with_capacity(4096);
    connection.read_to_end(&mut answer).expect("an answer")
}

fn kept_token(c: &mut Criterion) {
    let server = Server::answering("200 OK", "", TOKEN);
    let client = Client::new(credentials(), &server.options()).expect("a client");
    client.token().expect("a token");
    c.bench_function("see the kept token", |b| {
        b.iter(|| client.with_token(|token| black_box(token.authorization().len())));
    });
    c.bench_function("take a handle of the kept token", |b| b.iter(|| client.token()));
}

fn remembered_refusal(c: &mut Criterion) {
    let server = Server::answering("401 Unauthorized", "", REFUSAL);
    let client = Client::new(credentials(), &server.options()).expect("a client");
    c.bench_function("be told a remembered refusal", |b| b.iter(|| client.token()));
}

fn credentials_and_options(c: &mut Criterion) {
    let server = Server::answering("200 OK", "", TOKEN);
    c.bench_function("make credentials and options", |b| {
        b.iter(|| (credentials(), server.options()));
    });
}

fn exchanges(c: &mut Criterion) {
    let credentials = credentials();
    let token = Server::answering("200 OK", "", TOKEN);
    c.bench_function("one TCP exchange without the library", |b| b.iter(|| bare_exchange(token.0)));

    let options = token.options();
    c.bench_function("fetch a token in plain HTTP", |b| {
        b.iter(|| sm_token::fetch(&credentials, &options).expect("a token"));
    });

    let refusal = Server::answering("401 Unauthorized", "", REFUSAL).options();
    c.bench_function("fetch a refusal in plain HTTP", |b| {
        b.iter(|| {
            let error = sm_token::fetch(&credentials, &refusal).expect_err("a refusal");
            assert_eq!(error.status(), Status::InvalidClient);
        });
    });

    let busy = Server::answering(
        "429 Too Many Requests",
        "Date: Wed, 21 Oct 2026 07:28:00 GMT\r\nRetry-After: Wed, 21 Oct 2026 07:28:30 GMT\r\n",
        "",
    )
    .options();
    c.bench_function("fetch a Retry-After in plain HTTP", |b| {
        b.iter(|| {
            let error = sm_token::fetch(&credentials, &busy).expect_err("a refusal");
            assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
        });
    });
}

criterion_group!(inside, kept_token, remembered_refusal, credentials_and_options, exchanges);
criterion_main!(inside);
