//! The proxy that the settings of the user's account name, as Windows keeps them for browsers.

use super::Proxy;
use crate::Error;
use crate::options::endpoint::Endpoint;
use crate::options::host::{Host, split_port};
use crate::sys::UserProxy;

/// What messages call these settings.
const SETTINGS: &str = "the proxy in the user's settings of Windows";

/// What the settings say for one endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum UsersWay {
    /// They name no proxy for it.
    Unnamed,
    /// They except it from the proxy.
    Excepted,
    Through(Proxy),
}

impl UsersWay {
    /// # Errors
    /// `INVALID_ARGUMENT` where the proxy is malformed.
    pub(crate) fn to(endpoint: &Endpoint, settings: &UserProxy) -> Result<Self, Error> {
        let Some(proxy) = proxy_for_https(&settings.proxies) else { return Ok(UsersWay::Unnamed) };
        if is_excepted(&settings.exceptions, endpoint) {
            return Ok(UsersWay::Excepted);
        }
        Proxy::parse(SETTINGS, &proxy).map(UsersWay::Through)
    }
}

/// `PROXY` is for all protocols; in a list of `PROTOCOL=PROXY` that for `https` counts, then that for `socks`.
fn proxy_for_https(list: &str) -> Option<String> {
    let entries = || entries(list).map(|entry| entry.split_once('=').unwrap_or(("", entry)));
    let of = |wanted: &str| {
        entries()
            .find(|(protocol, proxy)| protocol.eq_ignore_ascii_case(wanted) && !proxy.is_empty())
            .map(|(_, proxy)| proxy.to_owned())
    };
    // Of version 4 or 5 there; this library knows 5.
    let socks = |proxy: String| {
        if proxy.contains("://") { proxy } else { format!("socks5h://{proxy}") }
    };
    of("https").or_else(|| of("")).or_else(|| of("socks").map(socks))
}

/// Whether the list names the server. `*` stands for any characters, `<local>` for each name without a dot; a leading
/// dot for the name and what is below it. A scheme and a port are for that scheme and port alone.
fn is_excepted(list: &str, endpoint: &Endpoint) -> bool {
    let host = match endpoint.host() {
        Host::Name(name) => name.trim_end_matches('.').to_owned(),
        Host::Address(address) => address.to_string(),
    };
    entries(list).any(|entry| {
        if entry.eq_ignore_ascii_case("<local>") {
            return matches!(endpoint.host(), Host::Name(_)) && !host.contains('.');
        }
        let entry = match entry.split_once("://") {
            None => entry,
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            Some(_) => return false,
        };
        let entry = entry.trim_end_matches('/');
        let (pattern, port) = match entry.parse::<std::net::IpAddr>() {
            Ok(_) => (entry, None),
            Err(_) => split_port(entry).unwrap_or((entry, None)),
        };
        if port.is_some_and(|port| port != endpoint.port()) {
            return false;
        }
        let pattern = pattern.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        match pattern.strip_prefix('.') {
            Some(parent) => {
                host == parent || host.strip_suffix(parent).is_some_and(|it| it.ends_with('.'))
            }
            None => matches(pattern.as_bytes(), host.as_bytes()),
        }
    })
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split([';', ' ', '\t', '\r', '\n']).filter(|entry| !entry.is_empty())
}

/// Whether the text has the form of the pattern, in which `*` stands for any characters. A step back goes to the last
/// `*` alone, which suffices.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, in_text));
                at += 1;
            }
            Some(byte) if *byte == text[in_text] => {
                at += 1;
                in_text += 1;
            }
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    at = star_at + 1;
                    in_text = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::options::proxy::ProxyScheme;

    fn endpoint(base: &str) -> Endpoint {
        Endpoint::parse("base_url", base).unwrap()
    }

    fn way(proxies: &str, exceptions: &str) -> Result<UsersWay, Error> {
        let settings = UserProxy {
            proxies: proxies.to_owned(),
            exceptions: exceptions.to_owned(),
            ..UserProxy::default()
        };
        UsersWay::to(&endpoint("https://api.example.com"), &settings)
    }

    fn through(proxies: &str) -> (ProxyScheme, String) {
        match way(proxies, "").unwrap() {
            UsersWay::Through(proxy) => (proxy.scheme, proxy.authority()),
            other => panic!("{proxies}: {other:?}"),
        }
    }

    #[test]
    fn one_proxy_is_for_all_protocols() {
        for text in ["proxy:8080", " proxy:8080 ", "http://proxy:8080", "http://proxy:8080/"] {
            assert_eq!(through(text), (ProxyScheme::Http, "proxy:8080".to_owned()), "{text}");
        }
        assert_eq!(through("proxy").1, "proxy:80");
        assert_eq!(through("https://proxy"), (ProxyScheme::Https, "proxy:443".to_owned()));
    }

    #[test]
    fn of_a_list_the_proxy_for_https_counts() {
        for text in [
            "http=other:1;https=proxy:8080;ftp=other:2;socks=other:3",
            "HTTPS=proxy:8080",
            "socks=other:3 https=proxy:8080",
            "http=other:1; https=http://proxy:8080",
            "https=;https=proxy:8080",
            "http=other:1;proxy:8080",
        ] {
            assert_eq!(through(text), (ProxyScheme::Http, "proxy:8080".to_owned()), "{text}");
        }
    }

    #[test]
    fn without_one_for_https_that_for_socks_counts() {
        for text in ["http=other:1;socks=proxy:1081", "socks=socks5h://proxy:1081"] {
            assert_eq!(through(text), (ProxyScheme::Socks5h, "proxy:1081".to_owned()), "{text}");
        }
    }

    #[test]
    fn a_list_for_other_protocols_names_none() {
        for text in ["", " ; ", "http=other:1", "http=other:1;ftp=other:2", "https="] {
            assert_eq!(way(text, ""), Ok(UsersWay::Unnamed), "{text}");
        }
    }

    #[test]
    fn a_malformed_proxy_is_an_error_and_not_echoed() {
        for text in ["https=pa55:x", "pa55:99999", "ftp://pa55", "http://u:pa55/x@h"] {
            let error = way(text, "").unwrap_err();
            assert_eq!(error.status(), Status::InvalidArgument, "{text}");
            assert!(error.message().starts_with(SETTINGS), "{error}");
            assert!(!error.message().contains("pa55"), "{error}");
        }
    }

    #[test]
    fn what_is_excepted_is_reached_without_the_proxy() {
        for list in [
            "api.example.com",
            "API.EXAMPLE.COM",
            "*.example.com",
            "*example*",
            "api.*",
            "a*.ex*.com",
            "*",
            "other;*.example.com",
            "other *.example.com",
            "<local>;*.example.com",
            "https://*.example.com",
            "https://api.example.com/",
            "api.example.com:443",
            ".example.com",
            ".com",
        ] {
            assert_eq!(way("proxy", list), Ok(UsersWay::Excepted), "{list}");
        }
    }

    #[test]
    fn other_hosts_are_not_excepted() {
        for list in [
            "",
            "example.com",
            "example",
            "*.example",
            "*.example.com.",
            "api.example.co",
            "xapi.example.com",
            "*i.example.comx",
            "<local>",
            "http://api.example.com",
            "api.example.com:8443",
            "api",
            ".",
            ".pi.example.com",
        ] {
            assert!(matches!(way("proxy", list), Ok(UsersWay::Through(_))), "{list}");
        }
    }

    #[test]
    fn a_name_without_a_dot_is_local() {
        for (base, is_local) in [
            ("https://intranet", true),
            ("https://intranet.corp", false),
            ("https://10.0.0.1", false),
            ("https://[fd00::1]", false),
        ] {
            assert_eq!(is_excepted("<LOCAL>", &endpoint(base)), is_local, "{base}");
        }
    }

    #[test]
    fn an_address_is_excepted_by_its_text() {
        for (entry, base) in [
            ("10.*", "https://10.1.2.3"),
            ("10.1.2.3", "https://10.1.2.3"),
            ("10.1.2.3:443", "https://10.1.2.3"),
            ("[fd00::1]", "https://[fd00::1]"),
            ("[fd00::1]:443", "https://[fd00::1]"),
            ("fd00::1", "https://[fd00::1]"),
            ("fd00:*", "https://[fd00::1]"),
        ] {
            assert!(is_excepted(entry, &endpoint(base)), "{entry}");
        }
        assert!(!is_excepted("10.1.2.4", &endpoint("https://10.1.2.3")));
        assert!(!is_excepted("10.1.2.3:8443", &endpoint("https://10.1.2.3")));
    }

    #[test]
    fn many_stars_take_no_longer() {
        let pattern = "*a".repeat(200) + "b";
        assert!(!matches(pattern.as_bytes(), "a".repeat(5_000).as_bytes()));
    }
}
