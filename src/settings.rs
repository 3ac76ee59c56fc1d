//! What one fetch or client works with: the options with every default filled in.

use std::time::Duration;

use crate::endpoint::{DEFAULT_BASE_URL, Endpoint};
use crate::environment::Environment;
use crate::log::Log;
use crate::options::ProxyChoice;
use crate::proxy::{Proxy, ProxyScheme};
use crate::trust::TrustRoots;
use crate::{Error, Options};

/// The environment variable that the vendor's own tools read.
const BASE_URL_VARIABLE: &str = "SMX_BASE_URL";

const DEFAULT_USER_AGENT: &str = concat!("sm-token/", env!("CARGO_PKG_VERSION"));

/// Options, environment and trust roots, read once.
pub(crate) struct Settings {
    pub(crate) endpoint: Endpoint,
    pub(crate) proxy: Option<Proxy>,
    /// `None` where no connection will use TLS.
    pub(crate) trust_roots: Option<TrustRoots>,
    pub(crate) scope: Option<String>,
    pub(crate) user_agent: String,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) log: Log,
}

impl Settings {
    /// Fills in what the options leave open.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` or `INSECURE_URL` for what the environment says, `NO_TRUST_ROOTS`.
    pub(crate) fn resolve(options: &Options) -> Result<Self, Error> {
        Settings::resolve_in(options, &Environment::of_process())
    }

    fn resolve_in(options: &Options, environment: &Environment) -> Result<Self, Error> {
        let (endpoint, proxy) = way(options, environment)?;
        let uses_tls = endpoint.is_secure()
            || proxy.as_ref().is_some_and(|proxy| proxy.scheme == ProxyScheme::Https);
        let trust_roots = uses_tls
            .then(|| TrustRoots::load(options.ca_file.as_deref(), options.trust, environment))
            .transpose()?;
        Ok(Settings {
            endpoint,
            proxy,
            trust_roots,
            scope: options.scope.clone(),
            user_agent: options.user_agent.clone().unwrap_or_else(|| DEFAULT_USER_AGENT.to_owned()),
            timeout: options.timeout,
            connect_timeout: options.connect_timeout,
            max_retries: options.max_retries,
            log: options.log.clone(),
        })
    }
}

/// The way that a request with these options takes, in this process's environment: to which
/// endpoint, and through which proxy.
///
/// # Errors
/// `INVALID_ARGUMENT` or `INSECURE_URL` for what the environment says.
pub(crate) fn way_of_process(options: &Options) -> Result<(Endpoint, Option<Proxy>), Error> {
    way(options, &Environment::of_process())
}

fn way(options: &Options, environment: &Environment) -> Result<(Endpoint, Option<Proxy>), Error> {
    let endpoint = match (&options.endpoint, environment.get(BASE_URL_VARIABLE)?) {
        (Some(endpoint), _) => endpoint.clone(),
        (None, Some(url)) => Endpoint::parse(BASE_URL_VARIABLE, &url)?,
        (None, None) => Endpoint::parse("base_url", DEFAULT_BASE_URL)?,
    };
    let proxy = match &options.proxy {
        _ if endpoint.host().is_loopback() => None,
        ProxyChoice::Direct => None,
        ProxyChoice::Through(proxy) => Some(proxy.clone()),
        ProxyChoice::FromEnvironment => Proxy::from_environment(environment, &endpoint)?,
    };
    Ok((endpoint, proxy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Trust;

    fn options() -> Options {
        let mut options = Options::new();
        options.set_trust(Trust::Bundled);
        options
    }

    #[test]
    fn the_base_url_is_the_callers_then_the_environments_then_the_vendors() {
        let named = Environment::from_lookup(|name| {
            (name == BASE_URL_VARIABLE).then(|| "https://env.example".into())
        });
        let empty = Environment::from_lookup(|_| None);
        let authority = |options: &Options, environment: &Environment| {
            Settings::resolve_in(options, environment).ok().unwrap().endpoint.authority()
        };
        let mut chosen = options();
        chosen.set_base_url(Some("https://mine.example")).unwrap();
        assert_eq!(authority(&chosen, &named), "mine.example:443");
        assert_eq!(authority(&options(), &named), "env.example:443");
        assert_eq!(authority(&options(), &empty), "api.standardmetrics.io:443");
    }

    #[test]
    fn a_malformed_variable_is_named() {
        let environment = Environment::from_lookup(|name| {
            (name == BASE_URL_VARIABLE).then(|| "http://api.example".into())
        });
        let error = Settings::resolve_in(&options(), &environment).err().unwrap();
        assert!(error.message().starts_with("SMX_BASE_URL "), "{error}");
    }

    #[test]
    fn loopback_is_never_proxied() {
        let environment = Environment::from_lookup(|name| {
            (name == "HTTPS_PROXY").then(|| "http://proxy.example".into())
        });
        for (base, proxied) in [
            ("https://localhost:1", false),
            ("https://127.0.0.2", false),
            ("https://[::1]", false),
            ("https://api.example", true),
        ] {
            let mut options = options();
            options.set_base_url(Some(base)).unwrap();
            let settings = Settings::resolve_in(&options, &environment).ok().unwrap();
            assert_eq!(settings.proxy.is_some(), proxied, "{base}");
        }
    }
}
