use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::{
    AlertDescription, CertificateError, InvalidMessage, PeerIncompatible, PeerMisbehaved,
};

use super::*;
use crate::environment::Environment;
use crate::options::chosen_proxy::NotDone;
use crate::options::host::Host;
use crate::transport::Progress;
use crate::transport::progress::{Phase, Tried};
use crate::transport::tls_failure::{of_handshake as of_handshake_io, of_tls};
use crate::trust::{Trust, TrustSource};

fn peer(host: &str, is_proxy: bool) -> Arc<Peer> {
    Arc::new(Peer { host: Host::parse(host).unwrap(), port: 443, is_proxy, not_done: None })
}

fn roots() -> TrustRoots {
    TrustSource::of(None, Trust::Bundled, &Environment::from_lookup(|_| None))
        .and_then(|source| source.read_here(&mut || Ok(())))
        .ok()
        .unwrap()
}

fn told(error: ureq::Error) -> Error {
    describe(error, &peer("127.0.0.1", false), None)
}

fn io(kind: io::ErrorKind) -> ureq::Error {
    ureq::Error::Io(kind.into())
}

fn of_handshake(error: rustls::Error) -> Error {
    of_tls(&error, &peer("api.example", false), &roots()).0
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
    assert_eq!(Fault(error.clone()).to_string(), "no such name");
    assert_eq!(told(Fault(error.clone()).into()), error);
    let inside = io::Error::from(Fault(error));
    assert_eq!(io_reason(&inside), "no such name");
    assert_eq!(inside.kind(), io::ErrorKind::Other);
}

#[test]
fn a_timeout_names_the_phase_and_whom_it_waited_for() {
    let (server, proxy) = (peer("api.example", false), peer("proxy.example", true));
    let tried = |address: &str, failure: Option<&str>| Tried {
        address: SocketAddr::new(address.parse::<IpAddr>().unwrap(), 443),
        failure: failure.map(str::to_owned),
    };
    let addresses = [tried("::1", Some("connection refused")), tried("192.0.2.1", None)];
    for (phase, words) in [
        (Phase::Start, "the request did not start; try later"),
        (
            Phase::LookUp(server.clone()),
            "no address of the name of api.example:443; check the name server",
        ),
        (
            Phase::Connect(server.clone(), addresses.as_slice().into()),
            "no connection to api.example:443 ([::1]: connection refused, 192.0.2.1: no answer); a firewall",
        ),
        (
            Phase::Connect(proxy.clone(), [].into()),
            "no connection to the proxy proxy.example:443; check the proxy's address",
        ),
        (
            Phase::Tunnel { proxy: proxy.clone(), server: server.clone() },
            "no answer from the proxy proxy.example:443, which was asked to connect to api.example:443; check",
        ),
        (
            Phase::Tls(server.clone()),
            "no end of the TLS handshake with api.example:443; check that 443 is",
        ),
        (Phase::Answer(server.clone()), "no answer from api.example:443 to the request; try later"),
        (
            Phase::Body(server),
            "no whole answer from api.example:443: its body does not end; try later",
        ),
        (
            Phase::Pause { failure: "it failed".to_owned() },
            "no further try after it failed; try later",
        ),
    ] {
        let progress = Progress::default();
        progress.enter(phase);
        let whole = progress.timed_out(Duration::from_secs(7));
        let words_of_whole = format!("timed out after 7 s, retries included: {words}");
        assert_told(&whole, Status::Timeout, true, &words_of_whole);
        let (missing, advice) = words.split_once("; ").unwrap();
        let words_of_connection = format!("timed out: {missing} within 3 s; {advice}");
        let connection = progress.not_within(Duration::from_secs(3));
        assert_told(&connection, Status::Timeout, true, &words_of_connection);
    }
}

#[test]
fn a_long_list_of_addresses_is_cut() {
    let progress = Progress::default();
    let address = SocketAddr::new(IpAddr::from([192, 0, 2, 1]), 443);
    let tried = vec![Tried { address, failure: None }; 9];
    progress.enter(Phase::Connect(peer("api.example", false), tried.into()));
    let error = progress.timed_out(Duration::from_secs(1));
    assert_eq!(error.message().matches("192.0.2.1").count(), 6, "{error}");
    assert!(error.message().contains("no answer, 3 more)"), "{error}");
}

#[test]
fn an_address_that_is_the_host_is_not_named_twice() {
    let progress = Progress::default();
    let tried = Tried { address: SocketAddr::new([192, 0, 2, 1].into(), 443), failure: None };
    progress.enter(Phase::Connect(peer("192.0.2.1", false), [tried].into()));
    let error = progress.timed_out(Duration::from_secs(1));
    assert_eq!(error.message().matches("192.0.2.1").count(), 1, "{error}");
}

#[test]
fn a_connection_that_breaks_may_hold_next_time() {
    let broken = told(io(io::ErrorKind::UnexpectedEof));
    let words = "127.0.0.1:443 broke before a whole answer came: the other side closed it early";
    assert_told(&broken, Status::Io, true, words);
}

#[test]
fn what_is_not_http_is_an_invalid_response() {
    let no_uri = ureq::http::Request::builder().uri("::").body(()).unwrap_err();
    for error in [ureq::Error::BodyStalled, ureq::Error::Http(no_uri)] {
        let words = "127.0.0.1:443 answered is not HTTP/1.1";
        assert_told(&told(error), Status::InvalidResponse, false, words);
    }
    let large = told(ureq::Error::LargeResponseHeader(70_000, 65_536));
    assert_told(&large, Status::ResponseTooLarge, false, "longer than 64 KiB");
}

#[test]
fn a_tls_error_is_found_where_the_http_library_carries_it() {
    let error = ureq::Error::Io(io::Error::other(rustls::Error::General("broken".into())));
    assert_told(&told(error), Status::Tls, false, "TLS with 127.0.0.1:443 failed");
}

#[test]
fn an_unforeseen_error_is_told_by_its_kind_alone() {
    for (error, kind) in [
        (ureq::Error::BadUri("https://user:pa55@h".into()), "bad URL"),
        (ureq::Error::Timeout(ureq::Timeout::Global), "a timeout of its own"),
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
fn io_errors_are_told_in_plain_words() {
    use io::ErrorKind as Kind;
    for (kind, words) in [
        (Kind::ConnectionRefused, "connection refused"),
        (Kind::ConnectionReset, "connection reset by the other side"),
        (Kind::ConnectionAborted, "connection closed by the other side"),
        (Kind::BrokenPipe, "connection closed by the other side"),
        (Kind::UnexpectedEof, "the other side closed it early"),
        (Kind::HostUnreachable, "no route to host"),
        (Kind::NetworkUnreachable, "network is unreachable"),
        (Kind::PermissionDenied, "not permitted"),
        (Kind::TimedOut, "no answer"),
        (Kind::AddrInUse, "address in use"),
    ] {
        assert_eq!(io_reason(&kind.into()), words);
    }
}

#[test]
fn a_handshake_that_breaks_is_told_for_server_and_proxy() {
    let told = |error, is_proxy| of_handshake_io(error, &peer("api.example", is_proxy), &roots()).0;
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    let words = "api.example:443 broke the connection during the TLS handshake: connection reset";
    assert_told(&told(reset(), false), Status::Io, true, words);
    assert_told(&told(reset(), true), Status::Proxy, true, &format!("the proxy {words}"));
    let fault = Fault(Error::new(Status::Timeout, "timed out").retryable());
    assert_told(&told(fault.into(), true), Status::Timeout, true, "timed out");
    let expired = || io::Error::other(rustls::Error::InvalidCertificate(CertificateError::Expired));
    assert_told(&told(expired(), false), Status::Certificate, false, "has expired");
    let other_name = rustls::Error::InvalidCertificate(CertificateError::NotValidForName);
    let error = told(io::Error::other(other_name), true);
    assert_told(&error, Status::Certificate, false, "check the proxy's address");
}

#[test]
fn what_webpki_alone_refuses_is_told_with_the_rule() {
    let told = |error: webpki::Error| {
        let other = CertificateError::Other(rustls::OtherError(Arc::new(error)));
        of_handshake(rustls::Error::InvalidCertificate(other))
    };
    for (error, words) in [
        (webpki::Error::CaUsedAsEndEntity, "is a certificate authority's (CA:TRUE)"),
        (webpki::Error::EndEntityUsedAsCa, "no certificate authority's"),
        (webpki::Error::NameConstraintViolation, "restricted to other names"),
        (webpki::Error::PathLenConstraintViolated, "path length"),
        (webpki::Error::BadDer, "is not accepted: BadDer"),
    ] {
        assert_told(&told(error), Status::Certificate, false, words);
    }
}

#[test]
fn a_client_certificate_that_was_demanded_is_named() {
    let roots = roots();
    let told =
        |alert| of_tls(&rustls::Error::AlertReceived(alert), &peer("api.example", false), &roots).0;
    let words = "it demands a client certificate";
    assert_told(&told(AlertDescription::CertificateRequired), Status::Tls, false, words);
    assert!(!told(AlertDescription::HandshakeFailure).message().contains(words));
    rustls::client::ResolvesClientCert::resolve(&*roots.client_certificate, &[], &[]);
    for alert in [AlertDescription::HandshakeFailure, AlertDescription::BadCertificate] {
        assert_told(&told(alert), Status::Tls, false, words);
    }
    roots.client_certificate.forget();
    assert!(!told(AlertDescription::HandshakeFailure).message().contains(words));
}

#[test]
fn what_the_machine_lacks_is_told() {
    let clock = of_handshake(rustls::Error::FailedToGetCurrentTime);
    assert_told(&clock, Status::Certificate, false, "the clock of this machine is set before 1970");
    let random = of_handshake(rustls::Error::FailedToGetRandomBytes);
    assert_told(&random, Status::Resources, true, "no random numbers");
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
        let words = format!("the certificate of api.example:443 {words}");
        assert_told(&error, Status::Certificate, false, &words);
    }
}

#[test]
fn a_certificate_without_names_is_told_from_one_for_other_names() {
    for (presented, words) in [
        (vec![], "names its host nowhere but in the common name"),
        (vec!["other.example".to_owned()], "is for another host name"),
    ] {
        let expected = rustls::pki_types::ServerName::try_from("api.example").unwrap();
        let why = CertificateError::NotValidForNameContext { expected, presented };
        let error = of_handshake(rustls::Error::InvalidCertificate(why));
        assert_told(&error, Status::Certificate, false, words);
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
        let words = format!("TLS with api.example:443 failed: {words}");
        assert_told(&of_handshake(error), Status::Tls, false, &words);
    }
}

/// What the verifier of Windows says as text reaches here in a box.
fn of_the_system(text: &str) -> Error {
    let text: Box<dyn std::error::Error + Send + Sync> = text.into();
    let other = CertificateError::Other(rustls::OtherError(Arc::from(text)));
    of_handshake(rustls::Error::InvalidCertificate(other))
}

#[test]
fn a_number_of_windows_is_told_in_words_with_the_number() {
    for (number, words) in [
        (0x800B_010E_u32, "can't be checked for revocation"),
        (0x800B_010A, "is not trusted: its issuer is not in the bundled list of Mozilla"),
        (0x8009_1234, "is not accepted by the system's verifier"),
    ] {
        let error = of_the_system(&format!("words of the system (os error {})", number as i32));
        assert_told(&error, Status::Certificate, false, words);
        assert!(error.message().contains(&format!("(Windows error 0x{number:08X})")), "{error}");
    }
}

#[test]
fn other_words_of_the_systems_verifier_are_passed_on() {
    let error = of_the_system("certificate had invalid extensions");
    assert_told(&error, Status::Certificate, false, "is not accepted: certificate had invalid");
}

#[test]
fn a_script_that_finds_a_proxy_is_named_where_no_connection_comes() {
    let direct = Peer { not_done: Some(NotDone::Script), ..(*peer("api.example", false)).clone() };
    let advice =
        "(PAC), which is not run here: name the proxy with the proxy option or HTTPS_PROXY";
    let tried = Arc::from([Tried { address: "192.0.2.1:443".parse().unwrap(), failure: None }]);
    let progress = Progress::default();
    for phase in [Phase::LookUp(Arc::new(direct.clone())), Phase::Connect(Arc::new(direct), tried)]
    {
        progress.enter(phase);
        let error = progress.timed_out(Duration::from_secs(1));
        assert_told(&error, Status::Timeout, true, advice);
    }
}
