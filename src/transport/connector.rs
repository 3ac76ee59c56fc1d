//! What the HTTP library is given in place of its own connections.

use std::fmt;
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{ConnectionDetails, Connector as UreqConnector, NextTimeout};

use super::attempt::Attempt;
use super::carrier::Carrier;
use super::route::Route;

/// Makes the connection of one attempt.
pub(super) struct Connector {
    route: Route,
    attempt: Arc<Attempt>,
    /// How many bytes the request takes.
    request: usize,
}

impl Connector {
    pub(super) fn new(route: Route, attempt: Arc<Attempt>, request: usize) -> Self {
        Connector { route, attempt, request }
    }
}

impl UreqConnector for Connector {
    type Out = Carrier;

    fn connect(
        &self,
        _: &ConnectionDetails,
        _: Option<()>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let channel = self.route.take(&self.attempt)?;
        let Route { server, is_secure, .. } = &self.route;
        let attempt = Arc::clone(&self.attempt);
        Ok(Some(Carrier::new(channel, *is_secure, Arc::clone(server), attempt, self.request)))
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

/// Finds nothing: names are looked up where the connection is made.
#[derive(Debug)]
pub(super) struct NoResolver;

impl Resolver for NoResolver {
    fn resolve(
        &self,
        _: &Uri,
        _: &Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}
