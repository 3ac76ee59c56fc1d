//! Who is at the other end of a connection.

use std::fmt;
use std::io;

use super::fault::{Fault, io_reason};
use crate::options::chosen_proxy::NotDone;
use crate::options::host::Host;
use crate::{Error, Status};

/// The server, or a proxy on the way to it.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    pub(super) host: Host,
    pub(super) port: u16,
    pub(super) is_proxy: bool,
    /// How a browser would have found a proxy on the way to it.
    pub(super) not_done: Option<NotDone>,
}

impl Peer {
    /// A failure to reach this peer or to keep the connection with it: a proxy's has a status of its own.
    pub(super) fn failure(&self, servers: Status, what: String) -> Error {
        Error::new(if self.is_proxy { Status::Proxy } else { servers }, what).retryable()
    }

    /// An error on the connection to this proxy, before it had one to the server.
    pub(super) fn broke_off(&self, server: &Peer, error: io::Error) -> Fault {
        match error.downcast::<Fault>() {
            Ok(fault) => fault,
            Err(error) => {
                let reason = io_reason(&error);
                let what = format!(
                    "{self} broke the connection before it had one to {server}: {reason}; check the \
                     proxy's address and scheme"
                );
                self.failure(Status::Proxy, what).into()
            }
        }
    }

    /// What to do where it can't be reached.
    pub(super) fn advice(&self, usual: &str) -> String {
        match self.not_done {
            Some(not_done) => format!("{usual}; {}", not_done.advice()),
            None => usual.to_owned(),
        }
    }

    /// Which setting to check where the peer is the wrong one.
    pub(super) fn setting(&self) -> &'static str {
        if self.is_proxy { "the proxy's address" } else { "the base URL" }
    }
}

/// As messages name it: `HOST:PORT`, or `the proxy HOST:PORT`.
impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = if self.is_proxy { "the proxy " } else { "" };
        write!(f, "{proxy}{}:{}", self.host, self.port)
    }
}
