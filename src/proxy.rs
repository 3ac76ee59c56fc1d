//! Which proxy a request goes through, if any.
//!
//! Read here and not by the HTTP library, whose own reading falls back to `HTTP_PROXY` (which a web
//! server's CGI programs let strangers set) and skips what it cannot parse, which would turn a
//! typing error into a direct connection.

use std::fmt;
use std::net::IpAddr;

use crate::Error;
use crate::endpoint::{Endpoint, Host, split_port};
use crate::environment::Environment;
use crate::secret::Secret;

/// How to speak to a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyScheme {
    /// HTTP `CONNECT` (RFC 9110 section 9.3.6) over TCP.
    Http,
    /// HTTP `CONNECT` over TLS.
    Https,
    /// SOCKS 5 (RFC 1928), names resolved here.
    Socks5,
    /// SOCKS 5, names resolved by the proxy.
    Socks5h,
}

impl ProxyScheme {
    const ALL: [(&'static str, ProxyScheme, u16); 5] = [
        ("http", ProxyScheme::Http, 80),
        ("https", ProxyScheme::Https, 443),
        ("socks5", ProxyScheme::Socks5, 1080),
        ("socks5h", ProxyScheme::Socks5h, 1080),
        ("socks", ProxyScheme::Socks5h, 1080),
    ];
}

/// A longer text is a mistake: 2 KiB.
const LONGEST: usize = 2 * 1024;

/// A proxy and the credentials for it. Debug output hides the credentials.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proxy {
    pub(crate) scheme: ProxyScheme,
    pub(crate) host: Host,
    pub(crate) port: u16,
    pub(crate) username: Option<Secret>,
    pub(crate) password: Option<Secret>,
}

impl Proxy {
    /// Reads `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/]`; without a scheme it is an `http` proxy.
    /// `parameter` is what messages call it.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for anything else. The text is never echoed, since it may hold a
    /// password.
    pub(crate) fn parse(parameter: &str, text: &str) -> Result<Self, Error> {
        let refuse = |why: &str| Error::invalid_argument(format!("{parameter} {why}"));

        if text.len() > LONGEST {
            return Err(refuse("is longer than 2 KiB"));
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(refuse("holds a blank or a control character"));
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let &(_, scheme, default_port) = ProxyScheme::ALL
            .iter()
            .find(|(name, ..)| scheme.eq_ignore_ascii_case(name))
            .ok_or_else(|| refuse("has a scheme that is none of http, https, socks5, socks5h"))?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (userinfo, authority) = match rest.rsplit_once('@') {
            Some((userinfo, authority)) => (Some(userinfo), authority),
            None => (None, rest),
        };
        if rest.contains(['/', '?', '#']) {
            return Err(refuse(
                "holds one of / ? # where none may stand; percent-encode them in a password",
            ));
        }
        let (host, port) = split_port(authority)
            .ok_or_else(|| refuse("has no valid port (a number from 1 to 65535)"))?;
        let host =
            Host::parse(host).ok_or_else(|| refuse("has no valid host name or IP address"))?;
        let (username, password) = match userinfo {
            None => (None, None),
            Some(userinfo) => {
                let (user, password) = match userinfo.split_once(':') {
                    Some((user, password)) => (user, Some(password)),
                    None => (userinfo, None),
                };
                let decode = |part: &str| {
                    percent_decode(part)
                        .filter(|text| !text.chars().any(char::is_control))
                        .map(|text| Secret::new(&text))
                        .ok_or_else(|| refuse("has credentials that are not percent-encoded UTF-8"))
                };
                (Some(decode(user)?), password.map(decode).transpose()?)
            }
        };
        Ok(Proxy { scheme, host, port: port.unwrap_or(default_port), username, password })
    }

    /// `HOST:PORT`, as messages name the proxy.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// The proxy that the environment names for an endpoint: `HTTPS_PROXY`, then `ALL_PROXY`, in
    /// either case, less `NO_PROXY`; never `HTTP_PROXY`.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where the variable that applies is malformed.
    pub(crate) fn from_environment(
        environment: &Environment,
        endpoint: &Endpoint,
    ) -> Result<Option<Self>, Error> {
        let named = environment.first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?;
        let Some((variable, text)) = named else {
            return Ok(None);
        };
        let excepted = environment.first(&["no_proxy", "NO_PROXY"])?;
        if excepted.is_some_and(|(_, list)| is_excepted(&list, endpoint.host())) {
            return Ok(None);
        }
        let variable = format!("the environment variable {variable}");
        Proxy::parse(&variable, &text).map(Some)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({:?} {})", self.scheme, self.authority())
    }
}

/// Whether a `NO_PROXY` list names the host: `*`, a name (with its subdomains, a leading dot or
/// `*.` allowed), an address, or an address block such as `10.0.0.0/8`. Blanks around entries and
/// ports behind them are dropped.
fn is_excepted(list: &str, host: &Host) -> bool {
    list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        match host {
            Host::Address(address) => names_address(entry, *address),
            Host::Name(name) => {
                let entry = split_port(entry).map_or(entry, |(entry, _)| entry);
                let suffix = entry.trim_start_matches('*').trim_start_matches('.');
                let suffix = suffix.trim_end_matches('.').to_ascii_lowercase();
                let name = name.trim_end_matches('.');
                !suffix.is_empty()
                    && name
                        .strip_suffix(suffix.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    })
}

fn names_address(entry: &str, address: IpAddr) -> bool {
    if let Some((network, length)) = entry.split_once('/') {
        let (Ok(network), Ok(length)) = (network.parse::<IpAddr>(), length.parse::<u32>()) else {
            return false;
        };
        return match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) if length <= 32 => {
                let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(network), IpAddr::V6(address)) if length <= 128 => {
                let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        };
    }
    if entry.parse::<IpAddr>() == Ok(address) {
        return true;
    }
    split_port(entry).and_then(|(host, _)| Host::parse(host)) == Some(Host::Address(address))
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    fn endpoint(base: &str) -> Endpoint {
        Endpoint::parse("base_url", base).unwrap()
    }

    fn host(text: &str) -> Host {
        Host::parse(text).unwrap()
    }

    #[test]
    fn every_part_of_a_proxy_is_read() {
        let proxy =
            Proxy::parse("proxy", "socks5h://us%3Aer:p%40ss%2F@proxy.example:1081/").unwrap();
        assert_eq!(proxy.scheme, ProxyScheme::Socks5h);
        assert_eq!(proxy.authority(), "proxy.example:1081");
        assert_eq!(proxy.username.unwrap().expose(), "us:er");
        assert_eq!(proxy.password.unwrap().expose(), "p@ss/");
    }

    #[test]
    fn a_proxy_without_scheme_and_port_is_http_on_80() {
        let proxy = Proxy::parse("proxy", "proxy.example").unwrap();
        assert_eq!((proxy.scheme, proxy.port), (ProxyScheme::Http, 80));
    }

    #[test]
    fn a_malformed_proxy_is_refused_and_not_echoed() {
        for text in [
            "ftp://h",
            "http://",
            "http://h:x",
            "http://u:pa55@h:0",
            "http://u:pa55%zz@h",
            "http://u:pa55/x@h",
            "http://h/path",
            "http://h h",
            "://h",
            "http://u:pa55%0a@h",
            &"h".repeat(LONGEST + 1),
        ] {
            let error = Proxy::parse("proxy", text).unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument, "{text}");
            assert!(error.message().starts_with("proxy "), "{error}");
            assert!(!error.message().contains("pa55"), "{error}");
        }
    }

    #[test]
    fn debug_output_hides_a_proxy_password() {
        let proxy = Proxy::parse("proxy", "http://user:pa55@h").unwrap();
        let shown = format!("{proxy:?}");
        assert!(!shown.contains("pa55") && !shown.contains("user"), "{shown}");
    }

    #[test]
    fn https_proxy_wins_over_all_proxy_and_http_proxy_is_ignored() {
        let environment = Environment::from_lookup(|name| match name {
            "HTTPS_PROXY" => Some("http://first".into()),
            "all_proxy" => Some("http://second".into()),
            _ => None,
        });
        let proxy = Proxy::from_environment(&environment, &endpoint("https://h")).unwrap().unwrap();
        assert_eq!(proxy.host, host("first"));

        let environment = Environment::from_lookup(|name| {
            name.eq_ignore_ascii_case("http_proxy").then(|| "http://evil".into())
        });
        assert_eq!(Proxy::from_environment(&environment, &endpoint("https://h")).unwrap(), None);
    }

    #[test]
    fn a_malformed_variable_is_an_error_that_names_it() {
        let environment = Environment::from_lookup(|name| {
            (name == "ALL_PROXY").then(|| "http://proxy:port".into())
        });
        let error = Proxy::from_environment(&environment, &endpoint("https://h")).unwrap_err();
        assert!(error.message().contains("ALL_PROXY"), "{error}");
    }

    #[test]
    fn no_proxy_excepts_names_their_subdomains_and_address_blocks() {
        let list = "  example.com , .corp,*.lan ,10.0.0.0/8,192.0.2.7, [2001:db8::1]:443,fd00::/8";
        for text in [
            "example.com",
            "api.example.com",
            "x.corp",
            "corp",
            "a.lan",
            "10.255.0.1",
            "192.0.2.7",
            "[2001:db8::1]",
            "[fd12::9]",
        ] {
            assert!(is_excepted(list, &host(text)), "{text}");
        }
        for text in ["notexample.com", "example.com.evil", "11.0.0.1", "192.0.2.8", "[2001:db8::2]"]
        {
            assert!(!is_excepted(list, &host(text)), "{text}");
        }
        assert!(is_excepted("*", &host("anything")));
        assert!(!is_excepted(" , ", &host("anything")));
    }
}
