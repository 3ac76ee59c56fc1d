//! The parsers of untrusted input, opened to the fuzz targets in `fuzz/`.

use std::net::SocketAddr;
use std::time::Duration;
use std::time::SystemTime;

use zeroize::Zeroizing;

use crate::check::certificate::Certificate;
use crate::clock::Moment;
use crate::environment::Environment;
use crate::exchange::{self, MAX_BODY};
use crate::options::endpoint::Endpoint;
use crate::options::proxy::{Proxy, UsersWay};
use crate::sys::UserProxy;
use crate::transport::{LastFamily, head, socks, tunnel};
use crate::trust::pem;
use crate::{Credentials, Error, Token};

/// An answer of a server.
pub struct Answer<'a> {
    pub status: u16,
    pub location: Option<&'a str>,
    pub retry_after: Option<&'a str>,
    pub date: Option<&'a str>,
    pub content_encoding: Option<&'a str>,
    pub body: &'a [u8],
}

/// The token in an answer to these credentials, and how long it lives; or why there is none.
pub fn interpret(answer: &Answer, credentials: &Credentials) -> Result<(Token, Duration), Error> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let answer = exchange::Answer {
        status: answer.status,
        location: owned(answer.location),
        retry_after: owned(answer.retry_after),
        date: owned(answer.date),
        content_encoding: owned(answer.content_encoding),
        body: Zeroizing::new(answer.body[..answer.body.len().min(MAX_BODY + 1)].to_vec()),
        was_cut_short: false,
    };
    let endpoint = Endpoint::parse("base_url", "https://api.example")?;
    let grant = exchange::interpret(&answer, credentials, &endpoint, SystemTime::UNIX_EPOCH)?;
    let lifetime = grant.lifetime;
    Ok((Token::new(grant, Moment::now()), lifetime))
}

/// The URL of the token endpoint that a base URL leads to.
pub fn endpoint(base_url: &str) -> Result<String, Error> {
    Endpoint::parse("base_url", base_url).map(|endpoint| endpoint.url())
}

/// The proxy in a text, as debug output shows it, and its user and password.
pub fn proxy(text: &str) -> Result<(String, Option<String>, Option<String>), Error> {
    let proxy = Proxy::parse("proxy", text)?;
    let shown = format!("{proxy:?}");
    let exposed = |secret: Option<crate::secret::Secret>| secret.map(|it| it.expose().to_owned());
    Ok((shown, exposed(proxy.username), exposed(proxy.password)))
}

/// Whether `NO_PROXY` in the environment of this process names a server.
pub fn is_excepted_from_proxies(base_url: &str) -> Result<bool, Error> {
    let endpoint = Endpoint::parse("base_url", base_url)?;
    Proxy::is_excepted_by_environment(&Environment::of_process(), &endpoint)
}

/// The proxy that the settings of a Windows user name for a server, as debug output shows it; `None` where they name none
/// or except the server.
pub fn users_proxy(
    base_url: &str,
    proxies: &str,
    exceptions: &str,
) -> Result<Option<String>, Error> {
    let endpoint = Endpoint::parse("base_url", base_url)?;
    let settings = UserProxy {
        proxies: proxies.to_owned(),
        exceptions: exceptions.to_owned(),
        ..UserProxy::default()
    };
    Ok(match UsersWay::to(&endpoint, &settings)? {
        UsersWay::Through(proxy) => Some(format!("{proxy:?}")),
        UsersWay::Excepted | UsersWay::Unnamed => None,
    })
}

/// The head at the start of what a server sends, mended, and its status; `None` where it does not end.
pub fn mended_head(bytes: &[u8]) -> Option<(Vec<u8>, Option<u16>)> {
    let mut head = bytes[..head::length(bytes)?].to_vec();
    head::mend(&mut head);
    let status = head::status(&head);
    Some((head, status))
}

/// The status in an HTTP proxy's answer to CONNECT, and what a refusal with it would say; `None` for no answer.
pub fn proxy_answer(bytes: &[u8]) -> Option<(u16, String)> {
    tunnel::judged(bytes)
}

/// The reply in what a SOCKS proxy sends to one who has a password, or has none; `None` where it is not SOCKS 5.
pub fn socks_reply(bytes: &[u8], password: bool) -> Option<u8> {
    socks::reply(bytes, password.then_some(b"message"))
}

/// The order in which addresses are tried, where one of `last` answered last.
pub fn order(addresses: Vec<SocketAddr>, last: Option<SocketAddr>) -> Vec<SocketAddr> {
    let family = LastFamily::default();
    if let Some(last) = last {
        family.note(&last);
    }
    family.in_turn(addresses).into()
}

/// The certificates in a PEM text; `None` for a malformed one.
pub fn certificates(text: &[u8]) -> Vec<Option<Vec<u8>>> {
    pem::certificates(text).map(|one| one.ok().map(|der| der.to_vec())).collect()
}

/// What a message says of a certificate, at this second of Unix time; `None` for what is none.
pub fn described_certificate(der: &[u8], now: u64) -> Option<String> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
    Certificate::parse(der).map(|certificate| certificate.described(now))
}
