//! Which proxy leads to an endpoint, and who says so.

use crate::Error;
use crate::environment::Environment;
use crate::options::endpoint::Endpoint;
use crate::options::proxy::{Proxy, UsersWay};
use crate::options::{Options, ProxyChoice};
use crate::sys::UserProxy;

/// The proxy on the way to an endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChosenProxy {
    /// `None` means the direct way.
    pub(crate) proxy: Option<Proxy>,
    pub(crate) because: Because,
    /// Where the user's settings leave the choice to what this library does not do.
    pub(crate) not_done: Option<NotDone>,
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Because {
    /// A server on this machine is never reached through a proxy.
    Loopback,
    /// The proxy option.
    Option,
    /// The environment variable of this name.
    Variable(&'static str),
    /// `NO_PROXY`, which excepts the endpoint from a proxy that is named.
    NoProxy,
    /// The user's settings.
    User,
    /// Their list of exceptions.
    UsersExceptions,
    /// Nobody names a proxy.
    Nobody,
}

/// How a browser would find a proxy, and this library does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotDone {
    /// A script is run (PAC).
    Script,
    /// The network is asked for such a script (WPAD).
    Detection,
}

impl NotDone {
    fn of(settings: &UserProxy) -> Option<Self> {
        match settings {
            UserProxy { has_script: true, .. } => Some(NotDone::Script),
            UserProxy { is_detected: true, .. } => Some(NotDone::Detection),
            _ => None,
        }
    }

    /// What it is.
    pub(crate) fn described(self) -> &'static str {
        match self {
            NotDone::Script => {
                "the user's settings of Windows name a script that finds a proxy (PAC), which is not run here"
            }
            NotDone::Detection => {
                "the user's settings of Windows have a proxy detected (WPAD), which is not done here"
            }
        }
    }

    /// What it is, and what to do where no connection comes.
    pub(crate) fn advice(self) -> String {
        format!("{}: name the proxy with the proxy option or HTTPS_PROXY", self.described())
    }
}

impl ChosenProxy {
    /// The option counts before the environment, and that before the user's settings.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a malformed proxy in the environment or the user's settings.
    pub(crate) fn to(
        endpoint: &Endpoint,
        options: &Options,
        environment: &Environment,
    ) -> Result<Self, Error> {
        match &options.proxy {
            _ if endpoint.host().is_loopback() => Ok(direct(Because::Loopback)),
            ProxyChoice::Direct => Ok(direct(Because::Option)),
            ProxyChoice::Through(proxy) => Ok(through(proxy.clone(), Because::Option)),
            ProxyChoice::FromEnvironment => match environment.first(&Proxy::VARIABLES)? {
                Some(named) => of_environment(named, environment, endpoint),
                None => of_user(environment, endpoint),
            },
        }
    }
}

fn direct(because: Because) -> ChosenProxy {
    ChosenProxy { proxy: None, because, not_done: None }
}

fn through(proxy: Proxy, because: Because) -> ChosenProxy {
    ChosenProxy { proxy: Some(proxy), because, not_done: None }
}

fn of_environment(
    (variable, text): (&'static str, String),
    environment: &Environment,
    endpoint: &Endpoint,
) -> Result<ChosenProxy, Error> {
    if Proxy::is_excepted_by_environment(environment, endpoint)? {
        return Ok(direct(Because::NoProxy));
    }
    let proxy = Proxy::parse(&format!("the environment variable {variable}"), &text)?;
    Ok(through(proxy, Because::Variable(variable)))
}

fn of_user(environment: &Environment, endpoint: &Endpoint) -> Result<ChosenProxy, Error> {
    let Some(settings) = environment.user_proxy() else { return Ok(direct(Because::Nobody)) };
    match UsersWay::to(endpoint, &settings)? {
        UsersWay::Unnamed => {
            Ok(ChosenProxy { not_done: NotDone::of(&settings), ..direct(Because::Nobody) })
        }
        UsersWay::Excepted => Ok(direct(Because::UsersExceptions)),
        UsersWay::Through(_) if Proxy::is_excepted_by_environment(environment, endpoint)? => {
            Ok(direct(Because::NoProxy))
        }
        UsersWay::Through(proxy) => Ok(through(proxy, Because::User)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::environment::Lookup;

    fn chosen(
        base: &str,
        proxy: Option<&str>,
        lookup: Lookup,
        user: UserLookup,
    ) -> Result<ChosenProxy, Error> {
        let mut options = Options::new();
        options.set_proxy(proxy).unwrap();
        let environment = Environment::from_lookup(lookup).with_user_proxy(user);
        ChosenProxy::to(&Endpoint::parse("base_url", base).unwrap(), &options, &environment)
    }

    type UserLookup = fn() -> Option<UserProxy>;

    const API: &str = "https://api.example";
    const UNSET: Lookup = |_| None;

    fn named() -> Option<UserProxy> {
        Some(UserProxy {
            proxies: "user.example:8080".to_owned(),
            exceptions: "*.corp".to_owned(),
            has_script: true,
            is_detected: true,
        })
    }

    fn outcome(chosen: Result<ChosenProxy, Error>) -> (Option<String>, Because, Option<NotDone>) {
        let ChosenProxy { proxy, because, not_done } = chosen.unwrap();
        (proxy.map(|proxy| proxy.authority()), because, not_done)
    }

    #[test]
    fn the_users_settings_count_where_nobody_else_names_a_proxy() {
        let proxy = Some("user.example:8080".to_owned());
        assert_eq!(outcome(chosen(API, None, UNSET, named)), (proxy, Because::User, None));
        let set: Lookup = |name| (name == "ALL_PROXY").then(|| "http://env.example:1".into());
        let proxy = Some("env.example:1".to_owned());
        assert_eq!(
            outcome(chosen(API, None, set, named)),
            (proxy, Because::Variable("ALL_PROXY"), None)
        );
        let proxy = Some("mine.example:80".to_owned());
        assert_eq!(
            outcome(chosen(API, Some("mine.example"), set, named)),
            (proxy, Because::Option, None)
        );
        assert_eq!(outcome(chosen(API, Some(""), set, named)), (None, Because::Option, None));
    }

    #[test]
    fn the_users_exceptions_and_no_proxy_lead_past_the_users_proxy() {
        assert_eq!(
            outcome(chosen("https://api.corp", None, UNSET, named)),
            (None, Because::UsersExceptions, None)
        );
        let no_proxy: Lookup = |name| (name == "NO_PROXY").then(|| "api.example".into());
        assert_eq!(outcome(chosen(API, None, no_proxy, named)), (None, Because::NoProxy, None));
        assert_eq!(
            outcome(chosen("https://localhost:1", None, UNSET, named)),
            (None, Because::Loopback, None)
        );
    }

    #[test]
    fn without_a_proxy_a_script_and_a_detection_are_told() {
        let script =
            || Some(UserProxy { has_script: true, is_detected: true, ..UserProxy::default() });
        assert_eq!(
            outcome(chosen(API, None, UNSET, script)),
            (None, Because::Nobody, Some(NotDone::Script))
        );
        let detected = || Some(UserProxy { is_detected: true, ..UserProxy::default() });
        assert_eq!(
            outcome(chosen(API, None, UNSET, detected)),
            (None, Because::Nobody, Some(NotDone::Detection))
        );
        let neither = || Some(UserProxy::default());
        assert_eq!(outcome(chosen(API, None, UNSET, neither)), (None, Because::Nobody, None));
        assert_eq!(outcome(chosen(API, None, UNSET, || None)), (None, Because::Nobody, None));
    }

    #[test]
    fn https_proxy_wins_over_all_proxy_and_http_proxy_is_ignored() {
        let both: Lookup = |name| match name {
            "HTTPS_PROXY" => Some("http://first".into()),
            "all_proxy" => Some("http://second".into()),
            _ => None,
        };
        let proxy = Some("first:80".to_owned());
        assert_eq!(
            outcome(chosen(API, None, both, || None)),
            (proxy, Because::Variable("HTTPS_PROXY"), None)
        );
        let http: Lookup =
            |name| name.eq_ignore_ascii_case("http_proxy").then(|| "http://evil".into());
        assert_eq!(outcome(chosen(API, None, http, || None)), (None, Because::Nobody, None));
    }

    #[test]
    fn a_malformed_variable_is_an_error_that_names_it() {
        let malformed: [(&str, Lookup); 4] = [
            ("HTTPS_PROXY", |name| (name == "HTTPS_PROXY").then(|| "http://proxy:port".into())),
            ("https_proxy", |name| (name == "https_proxy").then(|| "http://proxy:port".into())),
            ("ALL_PROXY", |name| (name == "ALL_PROXY").then(|| "http://proxy:port".into())),
            ("all_proxy", |name| (name == "all_proxy").then(|| "http://proxy:port".into())),
        ];
        for (variable, lookup) in malformed {
            let error = chosen(API, None, lookup, named).unwrap_err();
            assert!(error.message().contains(variable), "{error}");
        }
    }

    #[test]
    fn a_malformed_proxy_of_the_user_is_an_error() {
        let malformed =
            || Some(UserProxy { proxies: "https=h:x".to_owned(), ..UserProxy::default() });
        let error = chosen(API, None, UNSET, malformed).unwrap_err();
        assert_eq!(error.status(), Status::InvalidArgument);
    }
}
