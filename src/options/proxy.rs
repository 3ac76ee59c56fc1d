//! Which proxy a request goes through, if any.
//!
//! Read here and not by the HTTP library, whose own reading falls back to `HTTP_PROXY` (which a web
//! server's CGI programs let strangers set) and skips what it cannot parse, which would turn a
//! typing error into a direct connection.

mod of_user;

use std::fmt;
use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::Error;
use crate::environment::Environment;
use crate::options::endpoint::Endpoint;
use crate::options::host::{Host, split_port};
use crate::secret::Secret;

pub(crate) use of_user::UsersWay;

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
    /// The environment variables that name a proxy, in their order; never `HTTP_PROXY`.
    pub(crate) const VARIABLES: [&'static str; 4] =
        ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

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
                    let bytes = Zeroizing::new(percent_decode_str(part).collect::<Vec<u8>>());
                    std::str::from_utf8(&bytes)
                        .ok()
                        .filter(|text| !text.chars().any(char::is_control))
                        .map(Secret::new)
                        .ok_or_else(|| refuse("has credentials that are not percent-encoded UTF-8"))
                };
                (Some(decode(user)?), password.map(decode).transpose()?)
            }
        };
        Ok(Proxy { scheme, host, port: port.unwrap_or(default_port), username, password })
    }

    /// The credentials as `Proxy-Authorization: Basic` carries them (RFC 7617 section 2); `None` where there are
    /// none.
    pub(crate) fn basic(&self) -> Option<Zeroizing<String>> {
        let username = self.username.as_ref()?.expose();
        let password = self.password.as_ref().map_or("", |password| password.expose());
        let mut joined = Zeroizing::new(String::with_capacity(username.len() + 1 + password.len()));
        joined.push_str(username);
        joined.push(':');
        joined.push_str(password);
        let mut basic = Zeroizing::new(String::with_capacity(joined.len().div_ceil(3) * 4));
        BASE64_STANDARD.encode_string(joined.as_bytes(), &mut basic);
        Some(basic)
    }

    /// `HOST:PORT`, as messages name the proxy.
    pub(crate) fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Whether `NO_PROXY`, in either case, names the endpoint.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` where the variable is not UTF-8.
    pub(crate) fn is_excepted_by_environment(
        environment: &Environment,
        endpoint: &Endpoint,
    ) -> Result<bool, Error> {
        let excepted = environment.first(&["no_proxy", "NO_PROXY"])?;
        Ok(excepted.is_some_and(|(_, list)| is_excepted(&list, endpoint)))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({:?} {})", self.scheme, self.authority())
    }
}

/// Whether a `NO_PROXY` list names the server: `*`, a name (with its subdomains, a leading dot or
/// `*.` allowed), an address, or an address block such as `10.0.0.0/8`. An entry with a port is for that port
/// alone. Commas, blanks and line breaks stand between entries.
fn is_excepted(list: &str, endpoint: &Endpoint) -> bool {
    list.split([',', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        // A bare IPv6 address is full of what looks like ports.
        let (entry, port) = match entry.parse::<IpAddr>() {
            Ok(_) => (entry, None),
            Err(_) => split_port(entry).unwrap_or((entry, None)),
        };
        if port.is_some_and(|port| port != endpoint.port()) {
            return false;
        }
        match endpoint.host() {
            Host::Address(address) => names_address(entry, *address),
            Host::Name(name) => {
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
    Host::parse(entry) == Some(Host::Address(address))
}

#[cfg(test)]
mod tests;
