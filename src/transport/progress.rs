//! How far a request came, for the words of a timeout.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::peer::Peer;
use super::sightings::{Sighting, Sightings};
use crate::clock::{Deadline, Seconds};
use crate::{Error, Status};

/// What a request does now. Kept where its callers see it too: one that leaves at its deadline names what it
/// waited for. A clone is the same one.
#[derive(Clone, Default)]
pub(crate) struct Progress(Arc<Inner>);

#[derive(Default)]
struct Inner {
    phase: Mutex<Phase>,
    sightings: Mutex<Option<Sightings>>,
}

impl Progress {
    /// From now on, notes there what is met on the way.
    pub(crate) fn note_in(&self, sightings: Sightings) {
        *self.0.sightings.lock().unwrap_or_else(PoisonError::into_inner) = Some(sightings);
    }

    /// Notes what is met, where somebody wants to know it.
    pub(crate) fn meet(&self, sighting: impl FnOnce() -> Sighting) {
        if let Some(sightings) = &*self.0.sightings.lock().unwrap_or_else(PoisonError::into_inner) {
            sightings.note(sighting());
        }
    }

    pub(super) fn enter(&self, phase: Phase) {
        *self.lock() = phase;
    }

    /// Notes that what has this name is read from files.
    pub(crate) fn read(&self, name: String) {
        self.enter(Phase::Read { name });
    }

    /// Notes that the request waits before its next try, after this failure.
    pub(crate) fn pause(&self, failure: &Error) {
        self.enter(Phase::Pause { failure: failure.message().to_owned() });
    }

    /// The timeout of a whole call that was allowed so long.
    pub(crate) fn timed_out(&self, allowed: Duration) -> Error {
        let phase = self.lock();
        let words = format!(
            "timed out after {} s, retries included: {phase}; {}",
            Seconds(allowed),
            phase.advice()
        );
        Error::new(Status::Timeout, words).retryable()
    }

    /// Whether there is time left.
    ///
    /// # Errors
    /// As [`Progress::timed_out`], at the deadline.
    pub(crate) fn check(&self, deadline: Deadline) -> Result<(), Error> {
        if deadline.has_passed() { Err(self.timed_out(deadline.allowed())) } else { Ok(()) }
    }

    /// The timeout of a connection, or of reading files, that was allowed so long.
    pub(crate) fn not_within(&self, allowed: Duration) -> Error {
        let phase = self.lock();
        let words = format!("timed out: {phase} within {} s; {}", Seconds(allowed), phase.advice());
        Error::new(Status::Timeout, words).retryable()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Phase> {
        self.0.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is under way, with whom.
#[derive(Default)]
pub(super) enum Phase {
    #[default]
    Start,
    /// Files are read.
    Read {
        name: String,
    },
    LookUp(Arc<Peer>),
    Connect(Arc<Peer>, Arc<[Tried]>),
    /// The proxy shall make a connection to the server.
    Tunnel {
        proxy: Arc<Peer>,
        server: Arc<Peer>,
    },
    Tls(Arc<Peer>),
    Answer(Arc<Peer>),
    Body(Arc<Peer>),
    Pause {
        failure: String,
    },
}

/// An address, and why no connection to it was made; `None` where it did not answer.
#[derive(Clone)]
pub(super) struct Tried {
    pub(super) address: SocketAddr,
    pub(super) failure: Option<String>,
}

/// What is missing.
impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Phase::Start => f.write_str("the request did not start"),
            Phase::Read { name } => write!(f, "no end of reading {name}"),
            Phase::LookUp(peer) => write!(f, "no address of the name of {peer}"),
            Phase::Connect(peer, tried) => {
                write!(f, "no connection to {peer}")?;
                let is_the_host = |one: &Tried| matches!(peer.host, crate::options::host::Host::Address(host) if host == one.address.ip());
                if !tried.iter().all(is_the_host) {
                    write!(f, " ({})", list(tried.iter()))?;
                }
                Ok(())
            }
            Phase::Tunnel { proxy, server } => {
                write!(f, "no answer from {proxy}, which was asked to connect to {server}")
            }
            Phase::Tls(peer) => write!(f, "no end of the TLS handshake with {peer}"),
            Phase::Answer(server) => write!(f, "no answer from {server} to the request"),
            Phase::Body(server) => {
                write!(f, "no whole answer from {server}: its body does not end")
            }
            Phase::Pause { failure } => write!(f, "no further try after {failure}"),
        }
    }
}

impl Phase {
    /// One thing to do.
    fn advice(&self) -> String {
        match self {
            Phase::Read { .. } => {
                "check the file system that it is on, such as a network share".to_owned()
            }
            Phase::LookUp(peer) => peer.advice("check the name server that this machine asks"),
            Phase::Connect(peer, _) if peer.is_proxy => {
                format!("check {}; a firewall may drop packets", peer.setting())
            }
            Phase::Connect(peer, _) => {
                peer.advice("a firewall may drop packets, or the network needs a proxy")
            }
            Phase::Tunnel { .. } => "check that the proxy can reach the server".to_owned(),
            Phase::Tls(peer) => format!("check that {} is a port for TLS", peer.port),
            Phase::Start | Phase::Answer(_) | Phase::Body(_) | Phase::Pause { .. } => {
                "try later, or allow more time".to_owned()
            }
        }
    }
}

/// The addresses with what came of each: `127.0.0.1: connection refused, [::1]: no answer`.
pub(super) fn list<'a>(tried: impl Iterator<Item = &'a Tried>) -> String {
    const AT_MOST: usize = 6;
    let mut shown: Vec<String> = Vec::new();
    let mut further = 0;
    for one in tried {
        let failure = one.failure.as_deref().unwrap_or("no answer");
        if shown.len() == AT_MOST {
            further += 1;
        } else if one.address.is_ipv4() {
            shown.push(format!("{}: {failure}", one.address.ip()));
        } else {
            shown.push(format!("[{}]: {failure}", one.address.ip()));
        }
    }
    if further > 0 {
        shown.push(format!("{further} more"));
    }
    shown.join(", ")
}
