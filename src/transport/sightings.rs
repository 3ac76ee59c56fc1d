//! What an attempt meets on its way, noted where somebody wants to know it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::trust::TrustRoots;

/// Notes of what one attempt met. A clone is the same notes.
#[derive(Clone, Default)]
pub(crate) struct Sightings(Arc<Mutex<Vec<Sighting>>>);

/// One thing that an attempt met.
pub(crate) enum Sighting {
    /// The trust roots were read.
    TrustRoots(TrustRoots),
    /// The addresses of the server, or of the proxy.
    Name(String),
    /// A connection to one of them, and how long it took.
    Connection(String),
    /// The proxy made a connection to the server.
    Tunnel,
    /// TLS with the server: which, whether the handshake ended well, and whether the server demands a certificate
    /// of the client.
    Tls { text: String, is_done: bool, wants_client_certificate: bool },
    /// The head of the answer: its `Date` header, and between which times the server wrote it.
    Date { date: Option<String>, sent: SystemTime, received: SystemTime },
}

impl Sightings {
    pub(crate) fn note(&self, sighting: Sighting) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sighting);
    }

    /// Takes what was noted since the last call, in its order.
    pub(crate) fn take(&self) -> Vec<Sighting> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
