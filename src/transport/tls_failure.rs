//! What TLS did, in the words of this library.

use std::io;

use rustls::{AlertDescription, CertificateError};

use super::fault::Fault;
use super::fault::io_reason;
use super::peer::Peer;
use super::windows_refusal::{self, Refusal};
use crate::trust::TrustRoots;
use crate::{Error, Status};

/// A handshake that ended in an I/O error, which may hold a TLS error or a failure of the layer below.
pub(super) fn of_handshake(error: io::Error, peer: &Peer, roots: &TrustRoots) -> Fault {
    if let Some(error) = rustls_error(&error) {
        return of_tls(error, peer, roots);
    }
    match error.downcast::<Fault>() {
        Ok(fault) => fault,
        Err(error) => {
            let reason = io_reason(&error);
            let what = format!("{peer} broke the connection during the TLS handshake: {reason}");
            let advice = format!("check that {} is a port for TLS", peer.port);
            peer.failure(Status::Io, format!("{what}; {advice}")).into()
        }
    }
}

/// A handshake that TLS itself ended.
pub(super) fn of_tls(error: &rustls::Error, peer: &Peer, roots: &TrustRoots) -> Fault {
    match error {
        rustls::Error::InvalidCertificate(why) => certificate_error(why, peer, roots),
        // That files could not be read is described already.
        rustls::Error::Other(other) => match other.0.downcast_ref::<Error>() {
            Some(described) => described.clone(),
            None => tls_error(error, peer, Some(roots)),
        },
        other => tls_error(other, peer, Some(roots)),
    }
    .into()
}

fn certificate_error(why: &CertificateError, peer: &Peer, roots: &TrustRoots) -> Error {
    let said = refusal(why, peer, &roots.name);
    Error::new(Status::Certificate, format!("the certificate of {peer} {said}"))
}

fn refusal(why: &CertificateError, peer: &Peer, trusted: &str) -> String {
    use CertificateError as Why;
    let clock = "check the clock of this machine too";
    let setting = peer.setting();
    match why {
        Why::UnknownIssuer => format!(
            "is not trusted: its issuer is not in {trusted}, or the server leaves out an intermediate \
             certificate; behind a corporate proxy, give the proxy's certificate authority with the \
             ca_file option"
        ),
        Why::Expired | Why::ExpiredContext { .. } => format!("has expired; {clock}"),
        Why::NotValidYet | Why::NotValidYetContext { .. } => format!("is not valid yet; {clock}"),
        Why::NotValidForNameContext { presented, .. } if presented.is_empty() => {
            "names its host nowhere but in the common name, where host names are not looked for any more \
             (RFC 9525); have one issued with a subject alternative name"
                .to_owned()
        }
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            format!("is for another host name; check {setting}")
        }
        Why::Revoked => "was revoked; the server needs another one".to_owned(),
        Why::BadSignature => {
            "has a signature that can't be verified: its issuer's key is weak (RSA of less than 2048 bits), \
             or not the one that signed it; have it issued anew"
                .to_owned()
        }
        Why::UnsupportedSignatureAlgorithmContext { .. }
        | Why::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "is signed in a way, or with a key, that is too weak or not known; have it issued anew with \
             RSA of 2048 bits or ECDSA and SHA-256"
                .to_owned()
        }
        Why::InvalidPurpose | Why::InvalidPurposeContext { .. } => {
            "is not meant for a server; have one issued for server authentication".to_owned()
        }
        Why::Other(other) => match other.0.downcast_ref::<webpki::Error>() {
            Some(webpki::Error::CaUsedAsEndEntity) => {
                "is a certificate authority's (CA:TRUE), which a server must not present as its own \
                 (RFC 5280 section 4.2.1.9); let the authority issue one to the server"
                    .to_owned()
            }
            Some(webpki::Error::EndEntityUsedAsCa) => {
                "was issued by a certificate that is no certificate authority's".to_owned()
            }
            Some(webpki::Error::NameConstraintViolation) => {
                "was issued by an authority that is restricted to other names (name constraints, RFC 5280 \
                 section 4.2.1.10); have another authority issue it"
                    .to_owned()
            }
            Some(webpki::Error::PathLenConstraintViolated) => {
                "was issued by an authority that may not have another one below it (path length)".to_owned()
            }
            Some(error) => format!("is not accepted: {error}; have it issued anew"),
            None => of_the_system(&other.0.to_string(), peer, trusted),
        },
        other => format!("is not accepted: {other}; have it issued anew"),
    }
}

/// The system's own verifier reports what this library's does not know in a text of its own.
fn of_the_system(said: &str, peer: &Peer, trusted: &str) -> String {
    match windows_refusal::read(said) {
        Some((number, Some(Refusal::Known(why)))) => {
            format!("{} ({number})", refusal(&why, peer, trusted))
        }
        Some((number, Some(Refusal::Told(words)))) => format!("{words} ({number})"),
        Some((number, None)) => {
            let certutil = "certutil -verify names it";
            format!("is not accepted by the system's verifier ({number}); {certutil}")
        }
        None => format!("is not accepted: {said}"),
    }
}

/// A connection that TLS itself ended, in the handshake or after it.
pub(super) fn tls_error(error: &rustls::Error, peer: &Peer, roots: Option<&TrustRoots>) -> Error {
    use AlertDescription as Alert;
    let wants_certificate = roots.is_some_and(|roots| roots.client_certificate.was_demanded());
    let why = match error {
        rustls::Error::FailedToGetCurrentTime => {
            let what = format!("the certificate of {peer} can't be judged");
            let clock = "the clock of this machine is set before 1970; set it";
            return Error::new(Status::Certificate, format!("{what}: {clock}"));
        }
        rustls::Error::FailedToGetRandomBytes => {
            let what = format!("TLS with {peer} failed: this machine has no random numbers to give now");
            return Error::new(Status::Resources, format!("{what}; try later")).retryable();
        }
        rustls::Error::AlertReceived(Alert::CertificateRequired) => NO_CLIENT_CERTIFICATE.to_owned(),
        rustls::Error::AlertReceived(
            Alert::HandshakeFailure | Alert::BadCertificate | Alert::AccessDenied,
        ) if wants_certificate => NO_CLIENT_CERTIFICATE.to_owned(),
        rustls::Error::InvalidMessage(_) => {
            "what it answered is not TLS; is it a port for plain http?".to_owned()
        }
        rustls::Error::AlertReceived(Alert::ProtocolVersion) => {
            "it speaks neither TLS 1.2 nor TLS 1.3; the server must be updated".to_owned()
        }
        rustls::Error::AlertReceived(Alert::HandshakeFailure) => {
            "it refused the handshake; it may know no cipher that is still safe (AES-GCM with ECDHE), or have a \
             key of the curve P-521".to_owned()
        }
        rustls::Error::AlertReceived(Alert::UnrecognisedName) => {
            format!("it does not serve this host name; check {}", peer.setting())
        }
        rustls::Error::AlertReceived(alert) => {
            format!("it sent the alert {alert:?}; its own log may say more")
        }
        rustls::Error::PeerIncompatible(_) => {
            "it offers nothing that is still safe (TLS 1.2 or 1.3 with forward secrecy)".to_owned()
        }
        rustls::Error::PeerMisbehaved(_) => "it broke the rules of TLS; is something in between?".to_owned(),
        other => other.to_string(),
    };
    Error::new(Status::Tls, format!("TLS with {peer} failed: {why}"))
}

const NO_CLIENT_CERTIFICATE: &str = "it demands a client certificate, and this library has none to give; let it ask for none on this path";

pub(super) fn rustls_error(error: &io::Error) -> Option<&rustls::Error> {
    error.get_ref()?.downcast_ref()
}
