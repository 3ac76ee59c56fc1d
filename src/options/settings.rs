//! What one fetch or client works with: the options with every default filled in.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Deadline;
use crate::environment::Environment;
use crate::log::Log;
use crate::options::chosen_proxy::{ChosenProxy, NotDone};
use crate::options::endpoint::{DEFAULT_BASE_URL, Endpoint};
use crate::options::proxy::Proxy;
use crate::reading::GoesOn;
use crate::transport::{LastFamily, Progress};
use crate::trust::{TrustRoots, TrustSource};
use crate::{Error, Options};

/// The environment variable that the vendor's own tools read.
pub(crate) const BASE_URL_VARIABLE: &str = "SMX_BASE_URL";

const DEFAULT_USER_AGENT: &str = concat!("sm-token/", env!("CARGO_PKG_VERSION"));

/// Options, environment and trust roots, read once; the trust roots last ([`Unread`]).
pub(crate) struct Settings {
    pub(crate) endpoint: Endpoint,
    pub(crate) proxy: Option<Proxy>,
    /// How a browser of this user would find a proxy.
    pub(crate) not_done: Option<NotDone>,
    /// `None` where no connection will use TLS.
    pub(crate) trust_roots: Option<TrustRoots>,
    pub(crate) scope: Option<String>,
    pub(crate) user_agent: String,
    pub(crate) timeout: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) log: Log,
    /// What the last connection learnt for the next one.
    pub(crate) last_family: Arc<LastFamily>,
}

/// Settings whose trust roots are not read yet: files can hang.
pub(crate) struct Unread {
    settings: Settings,
    trust_source: Option<TrustSource>,
}

impl Settings {
    /// Fills in what the options leave open. Reads no file.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` or `INSECURE_URL` for what the environment holds.
    pub(crate) fn resolve(options: &Options) -> Result<Unread, Error> {
        Settings::resolve_in(options, &Environment::of_process())
    }

    fn resolve_in(options: &Options, environment: &Environment) -> Result<Unread, Error> {
        let (endpoint, proxy) = way(options, environment)?;
        Settings::of(options, environment, endpoint, proxy)
    }

    /// Fills in the rest for a way that is known.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for what the environment holds.
    pub(crate) fn of(
        options: &Options,
        environment: &Environment,
        endpoint: Endpoint,
        proxy: ChosenProxy,
    ) -> Result<Unread, Error> {
        // Without TLS the endpoint is on this machine, which is never reached through a proxy.
        let trust_source = endpoint
            .is_secure()
            .then(|| TrustSource::of(options.ca_file.as_deref(), options.trust, environment))
            .transpose()?;
        let settings = Settings {
            endpoint,
            proxy: proxy.proxy,
            not_done: proxy.not_done,
            trust_roots: None,
            scope: options.scope.clone(),
            user_agent: options.user_agent.clone().unwrap_or_else(|| DEFAULT_USER_AGENT.to_owned()),
            timeout: options.timeout,
            connect_timeout: options.connect_timeout,
            max_retries: options.max_retries,
            log: options.log.clone(),
            last_family: Arc::default(),
        };
        Ok(Unread { settings, trust_source })
    }
}

impl Unread {
    pub(crate) fn log(&self) -> &Log {
        &self.settings.log
    }

    pub(crate) fn timeout(&self) -> Duration {
        self.settings.timeout
    }

    /// The same, for one attempt alone.
    pub(crate) fn without_retries(mut self) -> Self {
        self.settings.max_retries = 0;
        self
    }

    /// Reads the trust roots on this thread, which may hang as long as their files do.
    ///
    /// # Errors
    /// As [`TrustSource::read_here`], `TIMEOUT` at the deadline, and those of `goes_on`.
    pub(crate) fn read_here(
        self,
        deadline: Deadline,
        progress: &Progress,
        goes_on: GoesOn<'_>,
    ) -> Result<Settings, Error> {
        self.read(deadline, progress, goes_on, TrustSource::read_here)
    }

    /// Reads the trust roots on a thread of the library.
    ///
    /// # Errors
    /// As [`TrustSource::read_aside`], `TIMEOUT` at the deadline, and those of `goes_on`.
    pub(crate) fn read_aside(
        self,
        deadline: Deadline,
        goes_on: GoesOn<'_>,
    ) -> Result<Settings, Error> {
        self.read(deadline, &Progress::default(), goes_on, TrustSource::read_aside)
    }

    fn read(
        self,
        deadline: Deadline,
        progress: &Progress,
        goes_on: GoesOn<'_>,
        read: fn(TrustSource, GoesOn<'_>) -> Result<TrustRoots, Error>,
    ) -> Result<Settings, Error> {
        let Unread { settings, trust_source } = self;
        let Some(source) = trust_source else { return Ok(settings) };
        progress.read(source.to_string());
        let trust_roots = read(source, &mut || {
            goes_on()?;
            progress.check(deadline)
        })?;
        Ok(Settings { trust_roots: Some(trust_roots), ..settings })
    }
}

fn way(options: &Options, environment: &Environment) -> Result<(Endpoint, ChosenProxy), Error> {
    let endpoint = endpoint_of(options, environment)?;
    let proxy = ChosenProxy::to(&endpoint, options, environment)?;
    Ok((endpoint, proxy))
}

/// The endpoint that these options and this environment name.
///
/// # Errors
/// `INVALID_ARGUMENT` or `INSECURE_URL` for what the environment holds.
pub(crate) fn endpoint_of(options: &Options, environment: &Environment) -> Result<Endpoint, Error> {
    match (&options.endpoint, environment.get(BASE_URL_VARIABLE)?) {
        (Some(endpoint), _) => Ok(endpoint.clone()),
        (None, Some(url)) => Endpoint::parse(BASE_URL_VARIABLE, &url),
        (None, None) => Endpoint::parse("base_url", DEFAULT_BASE_URL),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::environment::Lookup;
    use crate::trust::Trust;

    fn options() -> Options {
        let mut options = Options::new();
        options.set_trust(Trust::Bundled);
        options
    }

    fn resolved(options: &Options, environment: &Environment) -> Settings {
        Settings::resolve_in(options, environment)
            .and_then(|unread| unread.read_aside(Deadline::after(options.timeout), &mut || Ok(())))
            .ok()
            .unwrap()
    }

    #[test]
    fn the_timeout_is_known_before_a_file_is_read() {
        let mut options = options();
        options.set_timeout(Duration::from_millis(7)).unwrap();
        let unread = Settings::resolve_in(&options, &Environment::from_lookup(|_| None)).ok();
        assert_eq!(unread.unwrap().timeout(), Duration::from_millis(7));
    }

    #[test]
    fn the_base_url_is_the_callers_then_the_environments_then_the_vendors() {
        let named = Environment::from_lookup(|name| {
            (name == BASE_URL_VARIABLE).then(|| "https://env.example".into())
        });
        let empty = Environment::from_lookup(|_| None);
        let authority = |options: &Options, environment: &Environment| {
            resolved(options, environment).endpoint.authority()
        };
        let mut chosen = options();
        chosen.set_base_url(Some("https://mine.example")).unwrap();
        assert_eq!(authority(&chosen, &named), "mine.example:443");
        assert_eq!(authority(&options(), &named), "env.example:443");
        assert_eq!(authority(&options(), &empty), "api.standardmetrics.io:443");
    }

    #[test]
    fn trust_roots_are_read_for_tls_alone() {
        let environment = Environment::from_lookup(|_| None);
        for (base, reads) in [("https://h", true), ("http://localhost", false)] {
            let mut options = options();
            options.set_base_url(Some(base)).unwrap();
            let settings = resolved(&options, &environment);
            assert_eq!(settings.trust_roots.is_some(), reads, "{base}");
        }
    }

    #[test]
    fn a_malformed_variable_is_named() {
        let malformed: [(Status, Lookup); 2] = [
            (Status::InsecureUrl, |name| {
                (name == BASE_URL_VARIABLE).then(|| "http://api.example".into())
            }),
            (Status::InvalidArgument, |name| {
                (name == BASE_URL_VARIABLE).then(|| "ftp://api.example".into())
            }),
        ];
        for (status, lookup) in malformed {
            let environment = Environment::from_lookup(lookup);
            let error = Settings::resolve_in(&options(), &environment).err().unwrap();
            assert_eq!(error.status(), status);
            assert!(error.message().starts_with("SMX_BASE_URL "), "{error}");
        }
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
            let settings = resolved(&options, &environment);
            assert_eq!(settings.proxy.is_some(), proxied, "{base}");
        }
    }
}
