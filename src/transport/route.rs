//! Makes the connection: name, proxy, TCP and TLS, each with its own words when it fails.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::transport::{
    Buffers, ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, SocksConnector,
    TcpConnector, Transport,
};
use ureq::{Proxy as UreqProxy, ProxyProtocol};

use super::failure::{self, Fault};
use super::tls;
use crate::Error;
use crate::clock::Deadline;
use crate::endpoint::Host;
use crate::proxy::{Proxy, ProxyScheme};
use crate::settings::Settings;
use crate::sys::FirstSteps;
use crate::trust::TrustRoots;

/// Until when an attempt may take, the connect timeout too while it connects, and how far it came.
pub(super) struct Limits {
    whole: Deadline,
    connection: Deadline,
    connected: AtomicBool,
    cut_short: AtomicBool,
    first_steps: Mutex<Option<FirstSteps>>,
}

impl Limits {
    pub(super) fn new(whole: Deadline, connect_timeout: Duration) -> Self {
        Limits {
            whole,
            connection: whole.at_most(connect_timeout),
            connected: AtomicBool::new(false),
            cut_short: AtomicBool::new(false),
            first_steps: Mutex::new(FirstSteps::begin()),
        }
    }

    /// What is left of the limit that counts now.
    pub(super) fn remaining(&self) -> Duration {
        if self.is_connected() { self.whole.remaining() } else { self.connection.remaining() }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// Notes that TLS ended without a word of farewell (RFC 8446 section 6.1), as it does where
    /// somebody cuts a connection.
    pub(super) fn note_end(&self, error: &io::Error) {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            self.cut_short.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn was_cut_short(&self) -> bool {
        self.cut_short.load(Ordering::Relaxed)
    }

    /// Ends what keeps a fork waiting, when it is dropped.
    pub(super) fn end_first_steps(&self) -> Option<FirstSteps> {
        self.first_steps.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether the whole call is out of time, and not only this connection.
    pub(super) fn is_over(&self) -> bool {
        self.whole.has_passed()
    }

    /// The library's timeout or ours, whichever ends first.
    fn clamp(&self, mut timeout: NextTimeout) -> NextTimeout {
        timeout.after = (*timeout.after).min(self.remaining()).into();
        timeout
    }
}

/// Makes the connections of one attempt.
pub(super) struct Route {
    proxy: Option<Proxy>,
    trust_roots: Option<TrustRoots>,
    /// The configuration of a connection that carries TLS.
    below_tls: Config,
    limits: Arc<Limits>,
}

impl Route {
    pub(super) fn new(settings: &Settings, below_tls: Config, limits: Arc<Limits>) -> Self {
        Route {
            below_tls,
            proxy: settings.proxy.clone(),
            trust_roots: settings.trust_roots.clone(),
            limits,
        }
    }

    /// A connection to the server itself, or through a proxy to it, still without TLS.
    fn reach(&self, details: &ConnectionDetails) -> Result<Box<dyn Transport>, ureq::Error> {
        let authority = authority_of(details.uri);
        let connected: Option<Box<dyn Transport>> = match (&self.proxy, details.config.proxy()) {
            (Some(proxy), Some(_)) if is_socks(proxy) => SocksConnector::default()
                .connect(details, None::<()>)
                .map_err(|error| failure::of_socks(error, proxy))?
                .map(|made| Box::new(made) as _),
            (Some(proxy), Some(_)) => ConnectProxyConnector::default()
                .connect(details, None::<()>)
                .map_err(|error| failure::of_connect_proxy(error, proxy))?
                .map(|made| Box::new(made) as _),
            // The HTTP library comes here again for the connection to a CONNECT proxy itself.
            (proxy, _) => TcpConnector::default()
                .connect(details, None::<()>)
                .map_err(|error| match proxy {
                    Some(proxy) => failure::of_unreachable_proxy(error, proxy),
                    None => failure::of_tcp(error, &authority),
                })?
                .map(|made| Box::new(made) as _),
        };
        let transport = connected.ok_or(ureq::Error::ConnectionFailed)?;
        Ok(Box::new(Limited { transport, limits: Arc::clone(&self.limits) }))
    }
}

impl Connector for Route {
    type Out = Box<dyn Transport>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        _chained: Option<()>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        // The connection to a CONNECT proxy itself comes here too, with a configuration of the HTTP
        // library's making that names no proxy.
        let is_to_the_server = details.config.proxy().is_some() == self.proxy.is_some();
        let is_below_tls = details.needs_tls() && is_to_the_server;
        let within_limits = ConnectionDetails {
            config: if is_below_tls { &self.below_tls } else { details.config },
            timeout: self.limits.clamp(details.timeout),
            addrs: copy_of(&details.addrs, details),
            register_shutdown: Arc::clone(&details.register_shutdown),
            run_connector: Arc::clone(&details.run_connector),
            current_time: Arc::clone(&details.current_time),
            ..*details
        };
        let mut transport = self.reach(&within_limits)?;
        if details.needs_tls() {
            let roots = self.trust_roots.as_ref().ok_or_else(|| {
                Fault::Told(Error::internal("a TLS connection without trust roots"))
            })?;
            let (host, _) = host_and_port(details.uri)?;
            let whom =
                if is_to_the_server { host.to_string() } else { format!("the proxy {host}") };
            transport = tls::handshake(transport, details, &host, &whom, roots, &self.limits)?;
        }
        // The connection to a CONNECT proxy is only half of the way.
        self.limits.connected.store(is_to_the_server, Ordering::Relaxed);
        Ok(Some(transport))
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Route")
    }
}

/// A transport that keeps our limits, also where the peer sends a byte now and then for ever.
struct Limited {
    transport: Box<dyn Transport>,
    limits: Arc<Limits>,
}

impl Transport for Limited {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.transport.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        self.transport.transmit_output(amount, self.limits.clamp(timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.transport.await_input(self.limits.clamp(timeout))
    }

    fn is_open(&mut self) -> bool {
        self.transport.is_open()
    }

    fn is_tls(&self) -> bool {
        self.transport.is_tls()
    }
}

impl fmt::Debug for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Limited")
    }
}

fn is_socks(proxy: &Proxy) -> bool {
    matches!(proxy.scheme, ProxyScheme::Socks5 | ProxyScheme::Socks5h)
}

fn copy_of(
    addresses: &ureq::unversioned::resolver::ResolvedSocketAddrs,
    details: &ConnectionDetails,
) -> ureq::unversioned::resolver::ResolvedSocketAddrs {
    let mut copy = details.resolver.empty();
    for address in addresses.iter() {
        copy.push(*address);
    }
    copy
}

/// Our proxy in the HTTP library's terms.
pub(super) fn proxy_of(proxy: &Proxy) -> Result<UreqProxy, Error> {
    let protocol = match proxy.scheme {
        ProxyScheme::Http => ProxyProtocol::Http,
        ProxyScheme::Https => ProxyProtocol::Https,
        ProxyScheme::Socks5 => ProxyProtocol::Socks5,
        ProxyScheme::Socks5h => ProxyProtocol::Socks5h,
    };
    let mut builder = UreqProxy::builder(protocol).host(&proxy.host.to_string()).port(proxy.port);
    if let Some(username) = &proxy.username {
        builder = builder.username(username.expose());
    }
    if let Some(password) = &proxy.password {
        builder = builder.password(password.expose());
    }
    builder.build().map_err(|_| Error::invalid_argument("proxy can't be used as it is given"))
}

/// The host and port of a URL that this library built.
pub(super) fn host_and_port(uri: &Uri) -> Result<(Host, u16), ureq::Error> {
    let host = uri.host().and_then(Host::parse);
    let port = uri.port_u16().or(match uri.scheme_str() {
        Some("https") => Some(443),
        Some("http") => Some(80),
        Some(_) => Some(1080),
        None => None,
    });
    host.zip(port).ok_or_else(|| ureq::Error::BadUri("no host".to_owned()))
}

fn authority_of(uri: &Uri) -> String {
    host_and_port(uri)
        .map_or_else(|_| "the server".to_owned(), |(host, port)| format!("{host}:{port}"))
}
