//! TLS over a channel, with the verification that [`TrustRoots`] stands for.

use std::io::{self, Read, Write};
use std::sync::Arc;

use rustls::ClientConnection;
use rustls::pki_types::ServerName;

use super::attempt::Attempt;
use super::channel::Channel;
use super::fault::Fault;
use super::peer::Peer;
use super::progress::Phase;
use super::sightings::Sighting;
use super::tls_failure;
use crate::Error;
use crate::options::host::Host;
use crate::trust::{self, TrustRoots};

/// A channel of TLS. It never says that it would block, because the one below waits.
pub(super) struct Tls {
    connection: ClientConnection,
    below: Box<dyn Channel>,
}

impl Tls {
    /// Shakes hands with `peer` over `below`. The client's last word of it leaves with what is sent first.
    ///
    /// # Errors
    /// `TLS` or `CERTIFICATE`; `IO` or `PROXY` where the connection broke; those of `below`.
    pub(super) fn handshake(
        below: Box<dyn Channel>,
        peer: &Arc<Peer>,
        roots: &TrustRoots,
        attempt: &Arc<Attempt>,
    ) -> Result<Self, Fault> {
        attempt.enter(Phase::Tls(Arc::clone(peer)));
        roots.client_certificate.forget();
        trust::check_random().map_err(|error| tls_failure::of_tls(&error, peer, roots))?;
        let (waiting, name) = (Arc::clone(attempt), roots.name.clone());
        let tls = roots.of_connection(Arc::new(move || {
            waiting.enter(Phase::Read { name: name.clone() });
            waiting.go_on().map_err(|fault| fault.0)
        }));
        let connection = ClientConnection::new(tls, server_name(&peer.host)?)
            .map_err(|error| tls_failure::of_tls(&error, peer, roots))?;
        let mut tls = Tls { connection, below };
        while tls.connection.is_handshaking() {
            tls.flush()
                .and_then(|()| if tls.connection.is_handshaking() { tls.receive() } else { Ok(1) })
                .and_then(|amount| match amount {
                    0 => Err(io::ErrorKind::UnexpectedEof.into()),
                    _ => Ok(()),
                })
                .map_err(|error| {
                    tls.note(peer, roots, attempt);
                    tls_failure::of_handshake(error, peer, roots)
                })?;
            // Files may have been read.
            attempt.enter(Phase::Tls(Arc::clone(peer)));
        }
        tls.note(peer, roots, attempt);
        Ok(tls)
    }

    /// Notes which TLS the server chose, where it came to that.
    fn note(&self, peer: &Peer, roots: &TrustRoots, attempt: &Attempt) {
        let Some(version) = self.connection.protocol_version().filter(|_| !peer.is_proxy) else {
            return;
        };
        attempt.meet(|| {
            let version = match version {
                rustls::ProtocolVersion::TLSv1_2 => "TLS 1.2",
                rustls::ProtocolVersion::TLSv1_3 => "TLS 1.3",
                _ => "another version",
            };
            Sighting::Tls {
                text: version.to_owned(),
                is_done: !self.connection.is_handshaking(),
                wants_client_certificate: roots.client_certificate.was_demanded(),
            }
        });
    }

    /// Takes in what arrives next; returns how much, 0 at the end.
    fn receive(&mut self) -> io::Result<usize> {
        let amount = self.connection.read_tls(&mut self.below)?;
        if let Err(error) = self.connection.process_new_packets() {
            // The other side shall learn why, too.
            let _ = self.connection.write_tls(&mut self.below);
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        Ok(amount)
    }
}

impl Read for Tls {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.connection.reader().read(into) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
            self.flush()?;
            self.receive()?;
        }
    }
}

impl Write for Tls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.connection.writer().write(bytes)? {
                0 if !bytes.is_empty() => self.flush()?,
                amount => return Ok(amount),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        while self.connection.wants_write() {
            self.connection.write_tls(&mut self.below)?;
        }
        self.below.flush()
    }
}

fn server_name(host: &Host) -> Result<ServerName<'static>, Fault> {
    match host {
        Host::Address(address) => Ok(ServerName::from(*address)),
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| {
            Fault(Error::invalid_argument(format!(
                "the host name {name} is none that a certificate can be for"
            )))
        }),
    }
}
