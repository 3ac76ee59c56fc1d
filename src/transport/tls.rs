//! TLS over a connection, with the verification that [`TrustRoots`] stands for.

use std::fmt;
use std::io::{Read, Write};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, LazyBuffers, NextTimeout, Transport, TransportAdapter,
};

use super::failure::{self, Fault};
use super::route::Limits;
use crate::Error;
use crate::endpoint::Host;
use crate::trust::TrustRoots;

/// Shakes hands over `transport` as a client of `host`, which messages call `whom`.
pub(super) fn handshake(
    transport: Box<dyn Transport>,
    details: &ConnectionDetails,
    host: &Host,
    whom: &str,
    roots: &TrustRoots,
    limits: &Arc<Limits>,
) -> Result<Box<dyn Transport>, ureq::Error> {
    let refused = |error| failure::of_tls(error, whom, roots);
    let mut connection =
        ClientConnection::new(Arc::clone(&roots.tls), server_name(host)?).map_err(refused)?;
    let mut socket = TransportAdapter::new(transport, Arc::clone(&details.current_time));
    socket.set_timeout(details.timeout);
    connection
        .complete_io(&mut socket)
        .map_err(|error| failure::of_handshake_io(error, whom, roots))?;
    let buffers =
        LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
    let stream = StreamOwned::new(connection, socket);
    Ok(Box::new(Tls { stream, buffers, limits: Arc::clone(limits) }))
}

fn server_name(host: &Host) -> Result<ServerName<'static>, Fault> {
    let name = match host {
        Host::Address(address) => ServerName::from(*address),
        Host::Name(name) => ServerName::try_from(name.clone()).map_err(|_| {
            Fault::Told(Error::invalid_argument(format!(
                "the host name {name} is none that a certificate can be for"
            )))
        })?,
    };
    Ok(name)
}

struct Tls {
    stream: StreamOwned<ClientConnection, TransportAdapter>,
    buffers: LazyBuffers,
    limits: Arc<Limits>,
}

impl Transport for Tls {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.stream.sock.set_timeout(timeout);
        self.stream.write_all(&self.buffers.output()[..amount])?;
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.stream.sock.set_timeout(timeout);
        let amount = self
            .stream
            .read(self.buffers.input_append_buf())
            // The HTTP library takes this for the end of a body without a length.
            .inspect_err(|error| self.limits.note_end(error))?;
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.sock.get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}
