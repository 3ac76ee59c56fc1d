//! Puts what the network, a proxy or TLS did into the words of this library.
//!
//! Where an error arises its phase is known, so it is described there, as a [`Fault`] that travels
//! through the HTTP library in a box and is taken out again by [`describe`].

use std::fmt;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::route::Limits;
use crate::clock::Seconds;
use crate::proxy::Proxy;
use crate::settings::Settings;
use crate::trust::TrustRoots;
use crate::{Error, Status};

/// A failure on its way through the HTTP library.
#[derive(Debug)]
pub(super) enum Fault {
    /// Described already.
    Told(Error),
    /// A limit ran out; which one is seen at the end.
    TimedOut,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Told(error) => error.fmt(f),
            Fault::TimedOut => f.write_str("timed out"),
        }
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for ureq::Error {
    fn from(fault: Fault) -> Self {
        ureq::Error::Other(Box::new(fault))
    }
}

/// The error of an attempt, whatever the HTTP library made of it.
pub(super) fn describe(error: ureq::Error, settings: &Settings, limits: &Limits) -> Error {
    let server = settings.endpoint.authority();
    match error {
        ureq::Error::Other(cause) => match cause.downcast::<Fault>() {
            Ok(fault) => match *fault {
                Fault::Told(error) => error,
                Fault::TimedOut => timed_out(settings, limits),
            },
            Err(_) => Error::internal("the HTTP library failed in an unknown way"),
        },
        ureq::Error::Timeout(_) => timed_out(settings, limits),
        ureq::Error::LargeResponseHeader(..) => Error::new(
            Status::ResponseTooLarge,
            format!("the headers that {server} answered with are longer than 64 KiB"),
        ),
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::BodyStalled => Error::new(
            Status::InvalidResponse,
            format!("what {server} answered is not HTTP/1.1, or has more than 128 headers"),
        ),
        ureq::Error::Rustls(error) => tls_error(&error, &server),
        ureq::Error::Io(error) => match rustls_error(&error) {
            Some(error) => tls_error(error, &server),
            None => Error::broken_answer(&server, &io_reason(&error)),
        },
        other => Error::internal(format!("the HTTP library failed: {}", kind_of(&other))),
    }
}

fn timed_out(settings: &Settings, limits: &Limits) -> Error {
    let server = settings.endpoint.authority();
    let message = if limits.is_over() {
        let missing = if limits.is_connected() { "no whole answer" } else { "no connection" };
        format!(
            "timed out after {} s: {missing} from {server}; the timeout covers the whole call, retries \
             included",
            Seconds(settings.timeout)
        )
    } else {
        format!(
            "timed out: no connection to {server} within {} s; a firewall may drop packets, or the \
             network needs a proxy",
            Seconds(settings.connect_timeout)
        )
    };
    Error::new(Status::Timeout, message).retryable()
}

/// A TCP connection that could not be made.
pub(super) fn of_tcp(error: ureq::Error, authority: &str) -> ureq::Error {
    match error {
        ureq::Error::Io(error) => Fault::Told(
            Error::new(
                Status::Connect,
                format!("no connection to {authority}: {}", io_reason(&error)),
            )
            .retryable(),
        )
        .into(),
        other => other,
    }
}

/// A proxy that no connection could be made to, or that broke it.
pub(super) fn of_unreachable_proxy(error: ureq::Error, proxy: &Proxy) -> ureq::Error {
    match error {
        ureq::Error::Io(error) => Fault::Told(
            Error::new(
                Status::Proxy,
                format!("the proxy {} can't be reached: {}", proxy.authority(), io_reason(&error)),
            )
            .retryable(),
        )
        .into(),
        other => other,
    }
}

/// An HTTP proxy that did not make the tunnel.
pub(super) fn of_connect_proxy(error: ureq::Error, proxy: &Proxy) -> ureq::Error {
    match error {
        ureq::Error::ConnectProxyFailed(reason) => {
            // The HTTP library's reason is "proxy server responded CODE/CODE".
            let code: String = reason.chars().filter(char::is_ascii_digit).take(3).collect();
            let hint = match code.as_str() {
                "407" => ": it wants credentials; give them as http://USER:PASSWORD@HOST:PORT",
                "403" => ": it does not allow this server",
                _ => "",
            };
            let answer =
                if code.is_empty() { "no answer".to_owned() } else { format!("HTTP {code}") };
            refused(proxy, &format!("{answer}{hint}"))
        }
        ureq::Error::Protocol(_) => refused(proxy, "what it answered is not HTTP"),
        other => of_unreachable_proxy(other, proxy),
    }
}

/// A SOCKS proxy that could not be reached or did not make the connection.
pub(super) fn of_socks(error: ureq::Error, proxy: &Proxy) -> ureq::Error {
    match error {
        // The proxy's own refusals come without an error number of the operating system.
        ureq::Error::Io(error)
            if error.raw_os_error().is_none() && error.kind() != io::ErrorKind::UnexpectedEof =>
        {
            refused(proxy, &error.to_string())
        }
        other => of_unreachable_proxy(other, proxy),
    }
}

fn refused(proxy: &Proxy, why: &str) -> ureq::Error {
    Fault::Told(Error::new(
        Status::Proxy,
        format!("the proxy {} refused the connection: {why}", proxy.authority()),
    ))
    .into()
}

/// A handshake that ended in an I/O error, which may hold a TLS error or a failure told below.
pub(super) fn of_handshake_io(error: io::Error, whom: &str, roots: &TrustRoots) -> ureq::Error {
    if let Some(error) = rustls_error(&error) {
        return of_tls(error.clone(), whom, roots);
    }
    match ureq::Error::from(error) {
        ureq::Error::Io(error) => Fault::Told(
            Error::new(
                Status::Io,
                format!(
                    "{whom} broke the connection during the TLS handshake: {}",
                    io_reason(&error)
                ),
            )
            .retryable(),
        )
        .into(),
        told => told,
    }
}

/// A handshake that TLS itself ended.
pub(super) fn of_tls(error: rustls::Error, whom: &str, roots: &TrustRoots) -> ureq::Error {
    let told = match &error {
        rustls::Error::InvalidCertificate(why) => certificate_error(why, whom, roots),
        other => tls_error(other, whom),
    };
    Fault::Told(told).into()
}

fn certificate_error(why: &CertificateError, whom: &str, roots: &TrustRoots) -> Error {
    use CertificateError as Why;
    let trusted = &roots.name;
    let clock = "check the clock of this machine too";
    let said = match why {
        Why::UnknownIssuer => format!(
            "is not trusted: its issuer is not in {trusted}, or the server leaves out an intermediate \
             certificate; behind a corporate proxy, give the proxy's certificate authority with the \
             ca_file option (sm_options_set_ca_file)"
        ),
        Why::Expired | Why::ExpiredContext { .. } => format!("has expired; {clock}"),
        Why::NotValidYet | Why::NotValidYetContext { .. } => format!("is not valid yet; {clock}"),
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            "is for another host name; check the base URL".to_owned()
        }
        Why::Revoked => "was revoked".to_owned(),
        Why::BadSignature => {
            "has a signature that can't be verified: its issuer's key is weak (RSA \
                              of less than 2048 bits), or not the one that signed it"
                .to_owned()
        }
        Why::UnsupportedSignatureAlgorithmContext { .. }
        | Why::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "is signed in a way, or with a key, that is too weak or not known".to_owned()
        }
        Why::InvalidPurpose | Why::InvalidPurposeContext { .. } => {
            "is not meant for a server".to_owned()
        }
        Why::Other(other) => match other.0.downcast_ref::<webpki::Error>() {
            Some(webpki::Error::CaUsedAsEndEntity) => {
                "is a certificate authority's, not a server's".to_owned()
            }
            Some(webpki::Error::EndEntityUsedAsCa) => {
                "was issued by a certificate that is no certificate authority's".to_owned()
            }
            Some(error) => format!("is not accepted: {error}"),
            // The platform's verifier tells a wrong purpose in its own words.
            None => format!("is not accepted: {}", other.0),
        },
        other => format!("is not accepted: {other}"),
    };
    Error::new(Status::Certificate, format!("the certificate of {whom} {said}"))
}

fn tls_error(error: &rustls::Error, server: &str) -> Error {
    let why = match error {
        rustls::Error::InvalidMessage(_) => {
            "what it answered is not TLS; is it a port for plain http?".to_owned()
        }
        rustls::Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            "it speaks neither TLS 1.2 nor TLS 1.3".to_owned()
        }
        rustls::Error::AlertReceived(AlertDescription::HandshakeFailure) => {
            "it refused the handshake; it may know no cipher that is still safe".to_owned()
        }
        rustls::Error::AlertReceived(alert) => format!("it sent the alert {alert:?}"),
        rustls::Error::PeerIncompatible(_) => {
            "it offers nothing that is still safe (TLS 1.2 or 1.3 with forward secrecy)".to_owned()
        }
        rustls::Error::PeerMisbehaved(_) => "it broke the rules of TLS".to_owned(),
        other => other.to_string(),
    };
    Error::new(Status::Tls, format!("TLS with {server} failed: {why}"))
}

fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}

/// An I/O error in plain words, without what the libraries between wrap around it.
fn io_reason(error: &io::Error) -> String {
    let known = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused",
        io::ErrorKind::ConnectionReset => "connection reset by the other side",
        io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
            "connection closed by the other side"
        }
        io::ErrorKind::UnexpectedEof => "the other side closed it early",
        io::ErrorKind::HostUnreachable => "no route to host",
        io::ErrorKind::NetworkUnreachable => "network is unreachable",
        _ => return error.to_string().to_ascii_lowercase(),
    };
    known.to_owned()
}

/// The kind alone: the text of an unforeseen error may hold anything.
fn kind_of(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::BadUri(_) => "bad URL",
        ureq::Error::HostNotFound => "host not found",
        ureq::Error::ConnectionFailed => "no connection",
        ureq::Error::TlsRequired => "no TLS",
        _ => "another error",
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::time::Duration;

    use rustls::{InvalidMessage, PeerIncompatible, PeerMisbehaved};

    use super::*;
    use crate::Options;
    use crate::clock::Deadline;
    use crate::environment::Environment;
    use crate::options::Trust;

    const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

    /// What becomes of an error, in an attempt that still has this much time.
    fn described(error: ureq::Error, left: Duration) -> Error {
        let mut options = Options::new();
        options.set_base_url(Some("http://127.0.0.1:9")).unwrap();
        options.set_timeout(Duration::from_secs(7)).unwrap();
        options.set_connect_timeout(CONNECT_TIMEOUT).unwrap();
        let limits = Limits::new(Deadline::after(left), CONNECT_TIMEOUT);
        describe(error, &Settings::resolve(&options).ok().unwrap(), &limits)
    }

    fn told(error: ureq::Error) -> Error {
        described(error, Duration::from_secs(60))
    }

    fn io(kind: io::ErrorKind) -> ureq::Error {
        ureq::Error::Io(kind.into())
    }

    fn proxy() -> Proxy {
        Proxy::parse("proxy", "http://user:pa55@proxy.example:8080").unwrap()
    }

    /// As a proxy's own refusal never is: with an error number of the operating system.
    fn refused_by_the_system() -> io::Error {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        TcpStream::connect(nobody).unwrap_err()
    }

    fn of_handshake(error: rustls::Error) -> Error {
        let roots = TrustRoots::load(None, Trust::Bundled, &Environment::from_lookup(|_| None))
            .ok()
            .unwrap();
        told(of_tls(error, "api.example", &roots))
    }

    /// The status, whether it may pass, and a part of the words.
    fn assert_told(error: &Error, status: Status, retryable: bool, words: &str) {
        assert_eq!(error.status(), status, "{error}");
        assert_eq!(error.is_retryable(), retryable, "{error}");
        assert!(error.message().contains(words), "{error} does not say {words}");
    }

    #[test]
    fn what_was_told_where_it_arose_comes_out_as_it_went_in() {
        let error = Error::new(Status::Dns, "no such name").retryable();
        assert_eq!(Fault::Told(error.clone()).to_string(), "no such name");
        assert_eq!(told(Fault::Told(error.clone()).into()), error);
    }

    #[test]
    fn the_limit_that_ran_out_is_named() {
        for fault in [|| Fault::TimedOut.into(), || ureq::Error::Timeout(ureq::Timeout::Connect)] {
            let connecting = "no connection to 127.0.0.1:9 within 3 s";
            assert_told(&told(fault()), Status::Timeout, true, connecting);
            let whole = "timed out after 7 s: no connection from 127.0.0.1:9";
            assert_told(&described(fault(), Duration::ZERO), Status::Timeout, true, whole);
        }
        assert_eq!(Fault::TimedOut.to_string(), "timed out");
    }

    #[test]
    fn a_connection_that_breaks_may_hold_next_time() {
        let broken = told(io(io::ErrorKind::UnexpectedEof));
        let words = "127.0.0.1:9 broke before a whole answer came: the other side closed it early";
        assert_told(&broken, Status::Io, true, words);
    }

    #[test]
    fn what_is_not_http_is_an_invalid_response() {
        let no_uri = ureq::http::Request::builder().uri("::").body(()).unwrap_err();
        for error in [ureq::Error::BodyStalled, ureq::Error::Http(no_uri)] {
            let words = "127.0.0.1:9 answered is not HTTP/1.1";
            assert_told(&told(error), Status::InvalidResponse, false, words);
        }
        let large = told(ureq::Error::LargeResponseHeader(70_000, 65_536));
        assert_told(&large, Status::ResponseTooLarge, false, "longer than 64 KiB");
    }

    #[test]
    fn tls_errors_are_found_where_the_http_library_carries_them() {
        let broken = || rustls::Error::General("broken".into());
        for error in [ureq::Error::Rustls(broken()), ureq::Error::Io(io::Error::other(broken()))] {
            assert_told(&told(error), Status::Tls, false, "TLS with 127.0.0.1:9 failed");
        }
    }

    #[test]
    fn an_unforeseen_error_is_told_by_its_kind_alone() {
        for (error, kind) in [
            (ureq::Error::BadUri("https://user:pa55@h".into()), "bad URL"),
            (ureq::Error::HostNotFound, "host not found"),
            (ureq::Error::ConnectionFailed, "no connection"),
            (ureq::Error::TlsRequired, "no TLS"),
            (ureq::Error::TooManyRedirects, "another error"),
        ] {
            let error = told(error);
            assert_told(&error, Status::Internal, false, &format!("library failed: {kind}"));
            assert!(!error.message().contains("pa55"), "{error}");
        }
        let foreign = ureq::Error::Other("pa55".into());
        assert_told(&told(foreign), Status::Internal, false, "in an unknown way");
    }

    #[test]
    fn a_connection_that_can_not_be_made_is_told_in_plain_words() {
        use io::ErrorKind as Kind;
        for (kind, words) in [
            (Kind::ConnectionRefused, "connection refused"),
            (Kind::ConnectionReset, "connection reset by the other side"),
            (Kind::ConnectionAborted, "connection closed by the other side"),
            (Kind::BrokenPipe, "connection closed by the other side"),
            (Kind::UnexpectedEof, "the other side closed it early"),
            (Kind::HostUnreachable, "no route to host"),
            (Kind::NetworkUnreachable, "network is unreachable"),
            (Kind::AddrInUse, "address in use"),
        ] {
            let error = told(of_tcp(io(kind), "h:1"));
            assert_eq!(error.message(), format!("no connection to h:1: {words}"));
            assert_told(&error, Status::Connect, true, "");
        }
    }

    #[test]
    fn what_is_no_io_error_is_passed_on() {
        use ureq::Error::HostNotFound;
        let roots = TrustRoots::load(None, Trust::Bundled, &Environment::from_lookup(|_| None))
            .ok()
            .unwrap();
        let host = "api.example";
        let timed_out = io::Error::other(ureq::Error::from(Fault::TimedOut));
        assert!(matches!(of_tcp(HostNotFound, "h:1"), HostNotFound));
        assert!(matches!(of_unreachable_proxy(HostNotFound, &proxy()), HostNotFound));
        assert!(matches!(of_connect_proxy(HostNotFound, &proxy()), HostNotFound));
        assert!(matches!(of_socks(HostNotFound, &proxy()), HostNotFound));
        let passed = told(of_handshake_io(timed_out, host, &roots));
        assert_told(&passed, Status::Timeout, true, "timed out");
    }

    #[test]
    fn an_unreachable_proxy_may_come_back() {
        let words = "the proxy proxy.example:8080 can't be reached: connection refused";
        for of in [of_unreachable_proxy, of_connect_proxy] {
            let error = told(of(io(io::ErrorKind::ConnectionRefused), &proxy()));
            assert_told(&error, Status::Proxy, true, words);
        }
        let error = told(of_socks(ureq::Error::Io(refused_by_the_system()), &proxy()));
        assert_told(&error, Status::Proxy, true, "");
        // The system's own words would go on with its number.
        assert_eq!(error.message(), words);
        let hung_up = told(of_socks(io(io::ErrorKind::UnexpectedEof), &proxy()));
        assert_told(&hung_up, Status::Proxy, true, "closed it early");
    }

    #[test]
    fn a_proxy_that_refuses_will_refuse_again() {
        let answered = |text: &str| ureq::Error::ConnectProxyFailed(text.into());
        for (reason, words) in [
            ("proxy server responded 407/407", "HTTP 407: it wants credentials"),
            ("proxy server responded 403/403", "HTTP 403: it does not allow this server"),
            ("proxy server responded 502/502", "HTTP 502"),
            ("proxy server responded", "no answer"),
        ] {
            let error = told(of_connect_proxy(answered(reason), &proxy()));
            let told = format!("the proxy proxy.example:8080 refused the connection: {words}");
            assert_told(&error, Status::Proxy, false, &told);
        }
        let plain = told(of_connect_proxy(answered("responded 502/502"), &proxy()));
        assert!(plain.message().ends_with("HTTP 502"), "{plain}");
        let by_socks = ureq::Error::Io(io::Error::other("host unreachable"));
        let error = told(of_socks(by_socks, &proxy()));
        assert_told(&error, Status::Proxy, false, "refused the connection: host unreachable");
    }

    #[test]
    fn a_handshake_that_breaks_is_told_from_one_that_fails() {
        let roots = TrustRoots::load(None, Trust::Bundled, &Environment::from_lookup(|_| None))
            .ok()
            .unwrap();
        let host = "api.example";
        let broken = of_handshake_io(io::ErrorKind::ConnectionReset.into(), host, &roots);
        let words = "api.example broke the connection during the TLS handshake: connection reset";
        assert_told(&told(broken), Status::Io, true, words);
        let expired = rustls::Error::InvalidCertificate(CertificateError::Expired);
        let failed = of_handshake_io(io::Error::other(expired), host, &roots);
        assert_told(&told(failed), Status::Certificate, false, "has expired");
    }

    #[test]
    fn a_certificate_that_is_not_accepted_is_told_with_its_reason() {
        for (why, words) in [
            (
                CertificateError::UnknownIssuer,
                "is not trusted: its issuer is not in the bundled list of Mozilla",
            ),
            (CertificateError::Expired, "has expired; check the clock"),
            (CertificateError::NotValidYet, "is not valid yet; check the clock"),
            (CertificateError::NotValidForName, "is for another host name"),
            (CertificateError::Revoked, "was revoked"),
            (CertificateError::BadSignature, "has a signature that can't be verified"),
            (CertificateError::InvalidPurpose, "is not meant for a server"),
            (CertificateError::BadEncoding, "is not accepted: "),
        ] {
            let error = of_handshake(rustls::Error::InvalidCertificate(why));
            let words = format!("the certificate of api.example {words}");
            assert_told(&error, Status::Certificate, false, &words);
        }
    }

    #[test]
    fn a_handshake_that_fails_is_told_with_its_reason() {
        for (error, words) in [
            (
                rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType),
                "what it answered is not TLS",
            ),
            (
                rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
                "it speaks neither TLS 1.2 nor TLS 1.3",
            ),
            (
                rustls::Error::AlertReceived(AlertDescription::HandshakeFailure),
                "it refused the handshake",
            ),
            (
                rustls::Error::AlertReceived(AlertDescription::BadRecordMac),
                "it sent the alert BadRecordMac",
            ),
            (
                rustls::Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
                "it offers nothing that is still safe",
            ),
            (
                rustls::Error::PeerMisbehaved(PeerMisbehaved::TooManyEmptyFragments),
                "it broke the rules of TLS",
            ),
            (rustls::Error::HandshakeNotComplete, "handshake not complete"),
        ] {
            let words = format!("TLS with api.example failed: {words}");
            assert_told(&of_handshake(error), Status::Tls, false, &words);
        }
    }
}
