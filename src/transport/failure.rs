//! Puts what went wrong beyond the connection into the words of this library.
//!
//! Where a connection is made each failure is described where it arises, as a [`Fault`] that travels through the
//! libraries in between in a box and is taken out again here.

use super::fault::Fault;
use super::fault::io_reason;
use super::peer::Peer;
use super::tls_failure::{rustls_error, tls_error};
use crate::trust::TrustRoots;
use crate::{Error, Status};

/// The error of an attempt, whatever the HTTP library made of it.
pub(super) fn describe(error: ureq::Error, server: &Peer, roots: Option<&TrustRoots>) -> Error {
    match error {
        ureq::Error::Other(cause) => match cause.downcast::<Fault>() {
            Ok(fault) => fault.0,
            Err(_) => Error::internal("the HTTP library failed in an unknown way"),
        },
        ureq::Error::LargeResponseHeader(..) => Error::new(
            Status::ResponseTooLarge,
            format!("the headers that {server} answered with are longer than 64 KiB"),
        ),
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::BodyStalled => Error::new(
            Status::InvalidResponse,
            format!(
                "what {server} answered is not HTTP/1.1, or has more than 128 headers; check the base URL"
            ),
        ),
        ureq::Error::Io(error) => match rustls_error(&error) {
            Some(error) => tls_error(error, server, roots),
            None => Error::broken_answer(&server.to_string(), &io_reason(&error)),
        },
        other => Error::internal(format!("the HTTP library failed: {}", kind_of(&other))),
    }
}

/// The kind alone: the text of an unforeseen error may hold anything.
fn kind_of(error: &ureq::Error) -> &'static str {
    match error {
        ureq::Error::BadUri(_) => "bad URL",
        ureq::Error::Timeout(_) => "a timeout of its own",
        ureq::Error::ConnectionFailed => "no connection",
        ureq::Error::TlsRequired => "no TLS",
        _ => "another error",
    }
}

#[cfg(test)]
mod tests;
