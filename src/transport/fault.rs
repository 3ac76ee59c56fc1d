//! A failure on its way through the TLS and the HTTP library, which carry it in a box.

use std::fmt;
use std::io;

use crate::Error;
use crate::io_reason;

/// A failure that is described already.
#[derive(Debug)]
pub(super) struct Fault(pub(super) Error);

impl Fault {
    /// The failure inside an I/O error, where there is one.
    pub(super) fn inside(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Fault {}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Fault(error)
    }
}

/// Of no kind that a library in between tries again (`Interrupted`) or takes for an end.
impl From<Fault> for io::Error {
    fn from(fault: Fault) -> Self {
        io::Error::other(fault)
    }
}

impl From<Fault> for ureq::Error {
    fn from(fault: Fault) -> Self {
        ureq::Error::Other(Box::new(fault))
    }
}

/// An I/O error in plain words, without what the libraries between wrap around it.
pub(super) fn io_reason(error: &io::Error) -> String {
    match Fault::inside(error) {
        Some(fault) => fault.to_string(),
        None => io_reason::io_reason(error),
    }
}
