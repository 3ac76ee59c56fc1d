//! The servers of `tests/servers`, started for one test program and reached from Rust.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use sm_token::{Credentials, Options};

/// A server. It ends with its standard input, and so with this process.
pub struct Server {
    description: Value,
    _process: Child,
}

/// The software behind the vendor's token endpoint, for one test at a time, since it counts requests.
pub struct Real(Server, Mutex<()>);

/// Does to each connection what a script says.
pub struct Misbehaving(Server);

pub static REAL: LazyLock<Real> = LazyLock::new(|| Real(Server::start("real"), Mutex::new(())));
pub static MISBEHAVING: LazyLock<Misbehaving> =
    LazyLock::new(|| Misbehaving(Server::start("misbehaving")));

impl Server {
    fn start(kind: &str) -> Self {
        let root = env!("CARGO_MANIFEST_DIR");
        let mut process = Command::new(format!("{root}/target/venv/bin/python"))
            .args(["-m", "servers", kind])
            .env("PYTHONPATH", format!("{root}/tests"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("target/venv is there (make venv)");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let description = serde_json::from_str(&line).expect("the server describes itself");
        Server { description, _process: process }
    }

    fn text(&self, key: &str) -> &str {
        self.description[key].as_str().unwrap_or_else(|| panic!("{key} of {}", self.description))
    }

    /// Asks the control port, which speaks JSON over plain HTTP.
    fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let address = self.text("control_url").trim_start_matches("http://");
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut connection = TcpStream::connect(address).unwrap();
        write!(
            connection,
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let (head, content) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        serde_json::from_str(content).unwrap()
    }
}

/// The real server, for one test at a time: its usual settings again when this is dropped.
pub struct Alone {
    real: &'static Real,
    _guard: MutexGuard<'static, ()>,
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.set(json!({"lifetime_s": 3600, "delay_ms": 0, "down": false}));
    }
}

impl Real {
    /// With no other test beside, and requests counted from zero.
    pub fn alone(&'static self) -> Alone {
        let guard = self.1.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.0.control("POST", "/reset", &Value::Null);
        Alone { real: self, _guard: guard }
    }
}

impl Alone {
    /// Token requests since this began, as a count for each status.
    pub fn requests(&self) -> Value {
        self.real.0.control("GET", "/counts", &Value::Null)["token_by_status"].clone()
    }

    pub fn set(&self, settings: Value) {
        self.real.0.control("POST", "/settings", &settings);
    }

    pub fn credentials(&self) -> Credentials {
        self.credentials_with(self.real.0.text("client_secret"))
    }

    pub fn credentials_with(&self, secret: &str) -> Credentials {
        Credentials::new(self.real.0.text("client_id"), secret).unwrap()
    }

    /// Credentials full of reserved and accented characters.
    pub fn odd_credentials(&self) -> Credentials {
        let server = &self.real.0;
        Credentials::new(server.text("odd_client_id"), server.text("odd_client_secret")).unwrap()
    }

    pub fn base_url(&self) -> &str {
        self.real.0.text("base_url")
    }

    pub fn options(&self) -> Options {
        options_for(&self.real.0, self.base_url())
    }
}

impl Misbehaving {
    /// A script that is reached by a path of its own: each connection takes a step, the last repeats.
    pub fn play(&self, steps: Value) -> Playing<'_> {
        self.start(json!({"steps": steps}))
    }

    /// A script with a port of its own, for what goes wrong before a path is read.
    pub fn play_on_a_port(&self, steps: Value) -> Playing<'_> {
        self.start(json!({"steps": steps, "port": {}}))
    }

    fn start(&self, script: Value) -> Playing<'_> {
        let script = self.0.control("POST", "/scripts", &script);
        let text = |key: &str| script[key].as_str().unwrap().to_owned();
        Playing { server: &self.0, key: text("key"), base_url: text("base_url") }
    }

    /// One of the ports that are there from the start.
    pub fn port(&self, name: &str) -> Options {
        options_for(&self.0, self.0.description["ports"][name].as_str().unwrap())
    }
}

/// A script of the misbehaving server.
pub struct Playing<'a> {
    server: &'a Server,
    key: String,
    base_url: String,
}

impl Playing<'_> {
    pub fn options(&self) -> Options {
        options_for(self.server, &self.base_url)
    }

    /// How many connections came; waits until there are `at_least` so many.
    pub fn connections(&self, at_least: usize) -> usize {
        let path = format!("/requests/{}?at_least={at_least}&within_ms=5000", self.key);
        self.server.control("GET", &path, &Value::Null).as_array().unwrap().len()
    }
}

/// Without retries, so that a failure is seen at once.
fn options_for(server: &Server, base_url: &str) -> Options {
    let mut options = Options::new();
    options.set_base_url(Some(base_url)).unwrap();
    options.set_ca_file(Some(server.text("ca_file"))).unwrap();
    options.set_timeout(Duration::from_secs(20)).unwrap();
    options.set_max_retries(0).unwrap();
    options
}

/// The answer of a script that grants a token.
pub fn token(text: &str, lifetime_s: u64) -> Value {
    json!({"body": {"access_token": text, "expires_in": lifetime_s, "token_type": "Bearer", "scope": "read"}})
}

/// Whichever credentials: the misbehaving server takes all.
pub fn any_credentials() -> Credentials {
    Credentials::new("the-client", "the-secret-81c2f5").unwrap()
}
