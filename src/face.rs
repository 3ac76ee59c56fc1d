//! What the faces for other languages need beyond the public API. No promise is made for it to
//! anybody else.

use crate::endpoint::Host;
use crate::proxy::ProxyScheme;
use crate::secret::Secret;
use crate::settings::way_of_process;
use crate::{Error, Options};

pub use crate::panics::{contain, silence_contained};
pub use crate::sys::spawn;

/// The way that a request takes.
pub struct Route {
    /// `https` or `http`.
    pub scheme: &'static str,
    /// A host name or an address, an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The proxy in between.
    pub proxy: Option<ProxyRoute>,
}

/// A proxy on the way.
pub struct ProxyRoute {
    /// `http`, `https`, `socks5` or `socks5h`.
    pub scheme: &'static str,
    /// A host name or an address, an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The user name, decoded.
    pub username: Option<String>,
    /// The password, decoded.
    pub password: Option<String>,
}

/// The way that a request with these options takes now.
///
/// # Errors
/// `INVALID_ARGUMENT` or `INSECURE_URL` for what the environment says.
pub fn route(options: &Options) -> Result<Route, Error> {
    let (endpoint, proxy) = way_of_process(options)?;
    let exposed = |secret: &Secret| secret.expose().to_owned();
    Ok(Route {
        scheme: if endpoint.is_secure() { "https" } else { "http" },
        host: bare(endpoint.host()),
        port: endpoint.port(),
        proxy: proxy.map(|proxy| ProxyRoute {
            scheme: match proxy.scheme {
                ProxyScheme::Http => "http",
                ProxyScheme::Https => "https",
                ProxyScheme::Socks5 => "socks5",
                ProxyScheme::Socks5h => "socks5h",
            },
            host: bare(&proxy.host),
            port: proxy.port,
            username: proxy.username.as_ref().map(exposed),
            password: proxy.password.as_ref().map(exposed),
        }),
    })
}

fn bare(host: &Host) -> String {
    match host {
        Host::Name(name) => name.clone(),
        Host::Address(address) => address.to_string(),
    }
}
