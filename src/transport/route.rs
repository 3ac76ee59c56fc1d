//! Makes the connection: name, proxy, TCP and TLS, each with its own words when it fails.

use std::sync::Arc;

use super::attempt::Attempt;
use super::channel::{Channel, Tcp};
use super::fault::Fault;
use super::look_up::addresses_of;
use super::peer::Peer;
use super::race::{self, LastFamily};
use super::sightings::Sighting;
use super::tls::Tls;
use super::{socks, tunnel};
use crate::Error;
use crate::options::proxy::{Proxy, ProxyScheme};
use crate::options::settings::Settings;
use crate::trust::TrustRoots;

/// The way to the server.
pub(super) struct Route {
    pub(super) server: Arc<Peer>,
    pub(super) is_secure: bool,
    proxy: Option<(Proxy, Arc<Peer>)>,
    trust_roots: Option<TrustRoots>,
    user_agent: String,
    last_family: Arc<LastFamily>,
}

impl Route {
    pub(super) fn of(settings: &Settings) -> Self {
        Route {
            server: Arc::new(server_of(settings)),
            is_secure: settings.endpoint.is_secure(),
            proxy: settings.proxy.clone().map(|proxy| {
                let peer = Peer {
                    host: proxy.host.clone(),
                    port: proxy.port,
                    is_proxy: true,
                    not_done: None,
                };
                (proxy, Arc::new(peer))
            }),
            trust_roots: settings.trust_roots.clone(),
            user_agent: settings.user_agent.clone(),
            last_family: Arc::clone(&settings.last_family),
        }
    }

    /// A channel to the server.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub(super) fn take(&self, attempt: &Arc<Attempt>) -> Result<Box<dyn Channel>, Fault> {
        let next = self.proxy.as_ref().map_or(&self.server, |(_, peer)| peer);
        let addresses = addresses_of(next, attempt)?;
        // Before there is a connection that would wait for it.
        let destination = match &self.proxy {
            Some((Proxy { scheme: ProxyScheme::Socks5, .. }, _)) => {
                addresses_of(&self.server, attempt)?.first().map(|address| address.ip())
            }
            _ => None,
        };
        let socket = race::connect(next, addresses, &self.last_family, attempt)?;
        let mut channel: Box<dyn Channel> = Box::new(Tcp::new(socket, Arc::clone(attempt)));
        if let Some((proxy, peer)) = &self.proxy {
            if proxy.scheme == ProxyScheme::Https {
                channel = self.over_tls(channel, peer, attempt)?;
            }
            let (by, server) = ((proxy, peer), &self.server);
            match proxy.scheme {
                ProxyScheme::Http | ProxyScheme::Https => {
                    tunnel::open(&mut channel, by, server, &self.user_agent, attempt)?;
                }
                ProxyScheme::Socks5 | ProxyScheme::Socks5h => {
                    socks::open(&mut channel, by, server, destination, attempt)?;
                }
            }
            attempt.meet(|| Sighting::Tunnel);
        }
        if self.is_secure {
            channel = self.over_tls(channel, &self.server, attempt)?;
        }
        attempt.set_connected();
        Ok(channel)
    }

    fn over_tls(
        &self,
        below: Box<dyn Channel>,
        peer: &Arc<Peer>,
        attempt: &Arc<Attempt>,
    ) -> Result<Box<dyn Channel>, Fault> {
        let roots = self
            .trust_roots
            .as_ref()
            .ok_or_else(|| Error::internal("a TLS connection without trust roots"))?;
        Ok(Box::new(Tls::handshake(below, peer, roots, attempt)?))
    }
}

pub(super) fn server_of(settings: &Settings) -> Peer {
    let endpoint = &settings.endpoint;
    Peer {
        host: endpoint.host().clone(),
        port: endpoint.port(),
        is_proxy: false,
        not_done: settings.not_done,
    }
}
