//! Where tokens are asked for: the token endpoint, out of a base URL.

use super::host::{Host, split_port};
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
    // promise: loopback-http
    fn http_is_for_this_machine_alone() {
        for base in [
            "http://localhost:1",
            "http://127.9.9.9",
            "http://127.255.255.254",
            "http://[::1]:80/x",
            "http://LOCALHOST",
        ] {
            Endpoint::parse("base_url", base).unwrap();
        }
        for base in [
            "http://api.standardmetrics.io",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1.",
            "http://localhost.",
            "http://notlocalhost",
            "http://[::2]",
            "http://[::ffff:192.0.2.7]",
            "http://126.0.0.1",
            "http://128.0.0.1",
            "http://0.0.0.0",
            "http://192.168.0.1",
        ] {
            assert_eq!(status_of(base), Status::InsecureUrl, "{base}");
        }
    }

    #[test]
    fn a_malformed_url_is_refused() {
        for base in [
            "",
            "api.standardmetrics.io",
            "//api.standardmetrics.io",
            "https:/h",
            "ftp://h",
            "file:///etc/passwd",
            "https://",
            "https:///o/token/",
            "https://:443",
            "https://h:0",
            "https://h:",
            "https://h:99999",
            "https://h:+1",
            "https://h:-1",
            "https://h:443x",
            "https://user:pw@h",
            "https://user@h",
            "http://localhost@h",
            "http://localhost:80@h",
            "https://h?x=1",
            "https://h/?",
            "https://h/#f",
            "https://h /",
            "https://h/a b",
            " https://h",
            "https://h\n",
            "https://h\r\nHost: other",
            "https://[::1",
            "https://[zz]",
            "https://[::1]x:1",
            "https://h/\u{e9}",
            "https://b\u{fc}cher.example",
            &format!("https://h/{}", "p".repeat(2039)),
        ] {
            assert_eq!(status_of(base), Status::InvalidArgument, "{base:?}");
        }
    }

    #[test]
    fn the_longest_url_is_read() {
        url_of(&format!("https://h/{}", "p".repeat(2038)));
    }

    #[test]
    fn a_blank_and_a_control_character_are_told() {
        for base in ["https://h h", "https://h\u{1}"] {
            let error = Endpoint::parse("base_url", base).unwrap_err();
            assert_eq!(error.message(), "base_url holds a blank or a control character");
        }
    }

    #[test]
    fn an_endpoint_tells_its_port_and_whether_it_speaks_tls() {
        for (base, secure, port) in [
            ("https://h", true, 443),
            ("https://[::]:9", true, 9),
            ("http://localhost", false, 80),
            ("http://localhost:8080", false, 8080),
        ] {
            let endpoint = Endpoint::parse("base_url", base).unwrap();
            assert_eq!((endpoint.is_secure(), endpoint.port()), (secure, port), "{base}");
        }
    }

    #[test]
    // promise: no-refused-url
    fn a_refused_url_is_not_echoed() {
        let error = Endpoint::parse("base_url", "https://me:pa55word@h").unwrap_err();
        assert!(!error.message().contains("pa55word"), "{error}");
        assert!(error.message().starts_with("base_url "), "{error}");
    }
}
