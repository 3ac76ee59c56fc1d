//! Finds a host's addresses, in a bounded time.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver as UreqResolver};
use ureq::unversioned::transport::NextTimeout;

use super::failure::Fault;
use super::route::Limits;
use crate::endpoint::Host;
use crate::settings::Settings;
use crate::{Error, Status, sys};

/// More addresses of one host than these are not tried.
const MAX_ADDRESSES: usize = 16;

/// The operating system's resolver, on a thread of its own: it can't be interrupted, and has no
/// timeout.
pub(super) struct Resolver {
    proxy: Option<String>,
    limits: Arc<Limits>,
}

impl Resolver {
    pub(super) fn new(settings: &Settings, limits: Arc<Limits>) -> Self {
        Resolver { proxy: settings.proxy.as_ref().map(|proxy| proxy.host.to_string()), limits }
    }

    fn failure(&self, host: &Host, why: &str) -> Error {
        let name = host.to_string();
        if self.proxy.as_deref() == Some(&name) {
            return Error::new(
                Status::Proxy,
                format!("the name of the proxy, {name}, can't be resolved: {why}"),
            )
            .retryable();
        }
        Error::new(
            Status::Dns,
            format!("the name {name} can't be resolved: {why}; check the base URL and the network"),
        )
        .retryable()
    }

    fn look_up(&self, host: &Host, port: u16) -> Result<Vec<SocketAddr>, Fault> {
        let name = match host {
            Host::Address(address) => {
                self.limits.end_first_steps();
                return Ok(vec![SocketAddr::new(*address, port)]);
            }
            Host::Name(name) => name.clone(),
        };
        let (send, receive) = mpsc::sync_channel(1);
        // They last until the look-up ends, also where nobody waits for it any more.
        let first_steps = self.limits.end_first_steps();
        sys::spawn("sm-token-dns", move || {
            let found = (name.as_str(), port).to_socket_addrs();
            drop(first_steps);
            // Nobody listens any more where the time ran out.
            let _ = send.send(found.map(Iterator::collect::<Vec<_>>));
        })
        .map_err(|error| Fault::Told(self.failure(host, &format!("no thread for it ({error})"))))?;
        match receive.recv_timeout(self.limits.remaining()) {
            Ok(Ok(addresses)) => Ok(addresses),
            Ok(Err(error)) => Err(Fault::Told(self.failure(host, &reason(&error)))),
            Err(RecvTimeoutError::Timeout) => Err(Fault::TimedOut),
            Err(RecvTimeoutError::Disconnected) => {
                Err(Fault::Told(self.failure(host, "the look-up ended without an answer")))
            }
        }
    }
}

/// The resolver's own words, without the standard library's preface.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.strip_prefix("failed to lookup address information: ")
        .unwrap_or(&text)
        .to_ascii_lowercase()
}

impl UreqResolver for Resolver {
    fn resolve(
        &self,
        uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let (host, port) = super::route::host_and_port(uri)?;
        let mut addresses = self.look_up(&host, port)?;
        if uri.scheme_str() == Some("http") && self.proxy.is_none() {
            // Clear text is for this machine alone, whatever a name server makes of `localhost`.
            addresses.retain(|address| address.ip().is_loopback());
        }
        let mut found = self.empty();
        for address in addresses.into_iter().take(MAX_ADDRESSES) {
            found.push(address);
        }
        if found.is_empty() {
            return Err(Fault::Told(self.failure(&host, "it has no address")).into());
        }
        Ok(found)
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}
