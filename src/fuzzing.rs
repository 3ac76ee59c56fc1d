//! What reads the words of others, opened to the fuzz targets in `fuzz/`.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::clock::Moment;
use crate::endpoint::Endpoint;
use crate::environment::Environment;
use crate::exchange::{self, MAX_BODY};
use crate::pem;
use crate::proxy::Proxy;
use crate::{Credentials, Error, Token};

/// An answer of a server.
pub struct Answer<'a> {
    pub status: u16,
    pub location: Option<&'a str>,
    pub retry_after: Option<&'a str>,
    pub date: Option<&'a str>,
    pub body: &'a [u8],
}

/// The token in an answer to these credentials, and how long it lives; or why there is none.
pub fn judge(answer: &Answer, credentials: &Credentials) -> Result<(Token, Duration), Error> {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let answer = exchange::Answer {
        status: answer.status,
        location: owned(answer.location),
        retry_after: owned(answer.retry_after),
        date: owned(answer.date),
        body: Zeroizing::new(answer.body[..answer.body.len().min(MAX_BODY + 1)].to_vec()),
        was_cut_short: false,
    };
    let endpoint = Endpoint::parse("base_url", "https://api.example")?;
    let grant = exchange::judge(&answer, credentials, &endpoint)?;
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

/// Whether the environment of this process names a proxy for a server.
pub fn is_proxied(base_url: &str) -> Result<bool, Error> {
    let endpoint = Endpoint::parse("base_url", base_url)?;
    let proxy = Proxy::from_environment(&Environment::of_process(), &endpoint)?;
    Ok(proxy.is_some())
}

/// The certificates in a PEM text; `None` for a malformed one.
pub fn certificates(text: &[u8]) -> Vec<Option<Vec<u8>>> {
    pem::certificates(text).map(|one| one.ok().map(|der| der.to_vec())).collect()
}
