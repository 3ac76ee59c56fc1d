//! Where tokens are asked for: the token endpoint, out of a base URL.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{Error, Status};

/// The server of the specification (`servers`, `get-api-access-token.md`).
pub(crate) const DEFAULT_BASE_URL: &str = "https://api.standardmetrics.io";

/// The endpoint's path (`paths`, `get-api-access-token.md`); the trailing slash is part of it.
const TOKEN_PATH: &str = "/o/token/";

/// A longer base URL is a mistake: 2 KiB.
const LONGEST_URL: usize = 2 * 1024;

/// The token endpoint of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    secure: bool,
    host: Host,
    port: u16,
    path: String,
}

/// A host as a URL names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Host {
    /// Reads a host name or an IP address, an IPv6 address in brackets.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(inner) = text.strip_prefix('[') {
            let address: Ipv6Addr = inner.strip_suffix(']')?.parse().ok()?;
            return Some(Host::Address(address.into()));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Host::Address(address.into()));
        }
        let is_name = !text.is_empty()
            && text.len() <= 253
            && !text.starts_with(['.', '-'])
            && !text.contains("..")
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
        is_name.then(|| Host::Name(text.to_ascii_lowercase()))
    }

    /// Whether the host is this machine: `127.0.0.0/8`, `[::1]` or exactly `localhost`.
    pub(crate) fn is_loopback(&self) -> bool {
        match self {
            Host::Name(name) => name == "localhost",
            Host::Address(address) => address.is_loopback(),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Address(IpAddr::V4(address)) => address.fmt(f),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

impl Endpoint {
    /// Reads a base URL. `parameter` is what messages call it.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where it is longer than 2 KiB or not an absolute `https:` URL without
    /// query, fragment and credentials; `INSECURE_URL` for `http:` to another machine.
    pub(crate) fn parse(parameter: &str, url: &str) -> Result<Self, Error> {
        // The text of the URL is not echoed: a mistaken one may hold a password.
        let refuse = |why: &str| Error::invalid_argument(format!("{parameter} {why}"));

        if url.len() > LONGEST_URL {
            return Err(refuse("is longer than 2 KiB"));
        }
        if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refuse("holds a blank or a control character"));
        }
        let (secure, rest) = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            _ => return Err(refuse("is not a URL that starts with https://")),
        };
        if rest.contains('#') {
            return Err(refuse("holds a fragment (#), which a base URL may not have"));
        }
        if rest.contains('?') {
            return Err(refuse("holds a query (?), which a base URL may not have"));
        }
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(refuse("holds credentials (@); give them as client_id and client_secret"));
        }
        if !path.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)) {
            return Err(refuse("has a path with characters that must be percent-encoded"));
        }
        let (host, port) = split_port(authority)
            .ok_or_else(|| refuse("has no valid port (a number from 1 to 65535)"))?;
        let host =
            Host::parse(host).ok_or_else(|| refuse("has no valid host name or IP address"))?;
        if !secure && !host.is_loopback() {
            return Err(Error::new(
                Status::InsecureUrl,
                format!(
                    "{parameter} would send the secret to {host} in clear text: http: is only \
                     allowed to 127.0.0.0/8, [::1] and localhost; use https:"
                ),
            ));
        }
        Ok(Endpoint {
            secure,
            host,
            port: port.unwrap_or(if secure { 443 } else { 80 }),
            path: token_path(path),
        })
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// `HOST:PORT`, as messages name the server.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The whole URL of the endpoint.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}:{}{}", self.host, self.port, self.path)
    }
}

/// Splits `HOST:PORT`; `None` for a port that is none.
pub(crate) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_address = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    match authority[after_address..].find(':') {
        None => Some((authority, None)),
        Some(colon) => {
            let (host, port) = authority.split_at(after_address + colon);
            let digits = &port[1..];
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            digits.parse().ok().filter(|port| *port != 0).map(|port| (host, Some(port)))
        }
    }
}

/// Appends the endpoint's path to a gateway's prefix, unless it is there already.
fn token_path(prefix: &str) -> String {
    let prefix = prefix.trim_end_matches('/');
    let prefix = prefix.strip_suffix(TOKEN_PATH.trim_end_matches('/')).unwrap_or(prefix);
    format!("{prefix}{TOKEN_PATH}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url_of(base: &str) -> String {
        Endpoint::parse("base_url", base).unwrap().url()
    }

    fn status_of(base: &str) -> Status {
        Endpoint::parse("base_url", base).unwrap_err().status()
    }

    #[test]
    fn the_token_path_is_appended_unless_it_is_there() {
        assert_eq!(url_of(DEFAULT_BASE_URL), "https://api.standardmetrics.io:443/o/token/");
        assert_eq!(url_of("https://h/"), "https://h:443/o/token/");
        assert_eq!(url_of("https://h/o/token/"), "https://h:443/o/token/");
        assert_eq!(url_of("https://h/o/token"), "https://h:443/o/token/");
        assert_eq!(url_of("HTTPS://H:8443/gateway/v2/"), "https://h:8443/gateway/v2/o/token/");
        assert_eq!(url_of("https://[::1]:9/"), "https://[::1]:9/o/token/");
    }

    #[test]
    fn http_is_for_this_machine_alone() {
        for base in
            ["http://localhost:1", "http://127.9.9.9", "http://[::1]:80/x", "http://LOCALHOST"]
        {
            Endpoint::parse("base_url", base).unwrap();
        }
        for base in [
            "http://api.standardmetrics.io",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://localhost.",
            "http://[::2]",
            "http://128.0.0.1",
        ] {
            assert_eq!(status_of(base), Status::InsecureUrl, "{base}");
        }
    }

    #[test]
    fn a_malformed_url_is_refused() {
        for base in [
            "",
            "api.standardmetrics.io",
            "ftp://h",
            "https://",
            "https:///o/token/",
            "https://h:0",
            "https://h:",
            "https://h:99999",
            "https://h:+1",
            "https://user:pw@h",
            "https://h?x=1",
            "https://h/#f",
            "https://h /",
            "https://h\n",
            "https://[::1",
            "https://[zz]",
            "https://[::1]x:1",
            "https://h/\u{e9}",
            "https://b\u{fc}cher.example",
            &format!("https://h/{}", "p".repeat(LONGEST_URL)),
        ] {
            assert_eq!(status_of(base), Status::InvalidArgument, "{base:?}");
        }
    }

    #[test]
    fn a_refused_url_is_not_echoed() {
        let error = Endpoint::parse("base_url", "https://me:pa55word@h").unwrap_err();
        assert!(!error.message().contains("pa55word"), "{error}");
        assert!(error.message().starts_with("base_url "), "{error}");
    }
}
