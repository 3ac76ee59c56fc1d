use super::*;
use crate::Status;

fn endpoint(base: &str) -> Endpoint {
    Endpoint::parse("base_url", base).unwrap()
}

fn server(host: &str) -> Endpoint {
    endpoint(&format!("https://{host}"))
}

#[test]
fn an_entry_with_a_port_is_for_that_port_alone() {
    for (entry, other) in [
        ("api.example:8443", "api.example"),
        ("[::2]:8443", "[::2]"),
        ("10.0.0.1:8443", "10.0.0.1"),
    ] {
        assert!(is_excepted(entry, &endpoint(&format!("https://{other}:8443"))), "{entry}");
        assert!(!is_excepted(entry, &server(other)), "{entry}");
    }
    assert!(is_excepted("example:443", &server("api.example")));
    assert!(is_excepted("fd00::1:443", &server("[fd00::1:443]")));
}

#[test]
fn a_line_break_ends_an_entry() {
    for list in ["api.example\n", "other,api.example\r\n", "other\napi.example\n"] {
        assert!(is_excepted(list, &server("api.example")), "{list:?}");
    }
}

#[test]
fn every_part_of_a_proxy_is_read() {
    let proxy = Proxy::parse("proxy", "socks5h://us%3Aer:p%40ss%2F@proxy.example:1081/").unwrap();
    assert_eq!(proxy.scheme, ProxyScheme::Socks5h);
    assert_eq!(proxy.authority(), "proxy.example:1081");
    assert_eq!(proxy.username.unwrap().expose(), "us:er");
    assert_eq!(proxy.password.unwrap().expose(), "p@ss/");
}

#[test]
fn the_credentials_of_a_proxy_are_sent_in_base64() {
    for (userinfo, basic) in
        [("", None), ("us%3Aer:p%40ss@", Some("dXM6ZXI6cEBzcw==")), ("user@", Some("dXNlcjo="))]
    {
        let proxy = Proxy::parse("proxy", &format!("http://{userinfo}proxy.example")).unwrap();
        assert_eq!(proxy.basic().as_ref().map(|basic| basic.as_str()), basic);
    }
}

#[test]
fn a_proxy_without_scheme_and_port_is_http_on_80() {
    let proxy = Proxy::parse("proxy", "proxy.example").unwrap();
    assert_eq!((proxy.scheme, proxy.port), (ProxyScheme::Http, 80));
}

/// As curl and Python read it.
#[test]
fn a_percent_sign_that_encodes_nothing_stands_for_itself() {
    let proxy = Proxy::parse("proxy", "http://100%:5%zz%41@h").unwrap();
    assert_eq!(proxy.username.unwrap().expose(), "100%");
    assert_eq!(proxy.password.unwrap().expose(), "5%zzA");
}

#[test]
// promise: no-refused-url
fn a_malformed_proxy_is_refused_and_not_echoed() {
    for text in [
        "ftp://h",
        "socks9://h",
        "http://",
        "http://:3128",
        "http://h:x",
        "http://h:99999",
        "http://u:pa55@h:0",
        "http://u:pa55%ff@h",
        "http://u:pa55/x@h",
        "http://h/path",
        "http://h?x=1",
        "http://h h",
        "http://h\r\nX: 1",
        " ",
        "://h",
        "http://u:pa55%0a@h",
        "http://h\u{1}",
        &"h".repeat(2049),
    ] {
        let error = Proxy::parse("proxy", text).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument, "{text}");
        assert!(error.message().starts_with("proxy "), "{error}");
        assert!(!error.message().contains("pa55"), "{error}");
    }
}

#[test]
fn the_longest_text_is_read() {
    let text = format!("http://{}:p@h", "u".repeat(2048 - "http://:p@h".len()));
    Proxy::parse("proxy", &text).unwrap();
}

#[test]
fn a_blank_and_a_control_character_are_told() {
    for text in ["http://h h", "http://h\u{1}"] {
        let error = Proxy::parse("proxy", text).unwrap_err();
        assert_eq!(error.message(), "proxy holds a blank or a control character");
    }
}

#[test]
// promise: no-debug-text
fn debug_output_hides_a_proxy_password() {
    let proxy = Proxy::parse("proxy", "http://user:pa55@h").unwrap();
    let shown = format!("{proxy:?}");
    assert_eq!(shown, "Proxy(Http h:80)");
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
        assert!(is_excepted(list, &server(text)), "{text}");
    }
    for text in ["notexample.com", "example.com.evil", "11.0.0.1", "192.0.2.8", "[2001:db8::2]"] {
        assert!(!is_excepted(list, &server(text)), "{text}");
    }
    for block in ["0.0.0.0/33", "::/129", "10.0.0.0/8/8"] {
        assert!(
            !is_excepted(block, &server("10.0.0.1")) && !is_excepted(block, &server("[::1]")),
            "{block}"
        );
    }
    assert!(is_excepted("*", &server("anything")));
    assert!(!is_excepted(" , ", &server("anything")));
}
