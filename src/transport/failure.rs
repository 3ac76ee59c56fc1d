//! Puts what the network, a proxy or TLS did into the words of this library.
//!
//! Where an error arises its phase is known, so it is described there, as a [`Fault`] that travels
//! through the HTTP library in a box and is taken out again by [`describe`].

use std::fmt;
use std::io;

use rustls::{AlertDescription, CertificateError};

use super::route::Limits;
use crate::clock::Seconds;
use crate::endpoint::Host;
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
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::BodyStalled => {
            Error::new(Status::InvalidResponse, format!("what {server} answered is not HTTP/1.1"))
        }
        ureq::Error::Rustls(error) => tls_error(&error, &server),
        ureq::Error::Io(error) => match rustls_error(&error) {
            Some(error) => tls_error(error, &server),
            None => Error::new(
                Status::Io,
                format!(
                    "the connection to {server} broke before a whole answer came: {}",
                    io_reason(&error)
                ),
            )
            .retryable(),
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
pub(super) fn of_handshake_io(error: io::Error, host: &Host, roots: &TrustRoots) -> ureq::Error {
    if let Some(error) = rustls_error(&error) {
        return of_tls(error.clone(), host, roots);
    }
    match ureq::Error::from(error) {
        ureq::Error::Io(error) => Fault::Told(
            Error::new(
                Status::Io,
                format!(
                    "{host} broke the connection during the TLS handshake: {}",
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
pub(super) fn of_tls(error: rustls::Error, host: &Host, roots: &TrustRoots) -> ureq::Error {
    let told = match &error {
        rustls::Error::InvalidCertificate(why) => certificate_error(why, host, roots),
        other => tls_error(other, &host.to_string()),
    };
    Fault::Told(told).into()
}

fn certificate_error(why: &CertificateError, host: &Host, roots: &TrustRoots) -> Error {
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
        Why::BadSignature => format!(
            "has a signature that is not its issuer's; a certificate authority in {trusted} may share its \
             name with another"
        ),
        Why::UnsupportedSignatureAlgorithmContext { .. }
        | Why::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "is signed in a way, or with a key, that is too weak or not known".to_owned()
        }
        Why::InvalidPurpose | Why::InvalidPurposeContext { .. } => {
            "is not meant for a server".to_owned()
        }
        // The platform's verifier tells a wrong purpose, and little else, in its own words.
        other => format!("is not accepted: {other}"),
    };
    Error::new(Status::Certificate, format!("the certificate of {host} {said}"))
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
