//! What was chosen, and by whom.

use crate::clock::Deadline;
use crate::credentials::Source;
use crate::environment::Environment;
use crate::exchange::Redactor;
use crate::options::chosen_proxy::{Because, ChosenProxy};
use crate::options::endpoint::Endpoint;
use crate::options::proxy::{Proxy, ProxyScheme};
use crate::options::settings::{BASE_URL_VARIABLE, endpoint_of};
use crate::transport::Progress;
use crate::{CredentialSource, Credentials, Error, Options};

/// The credentials, and the text of the step, which names where they come from. Files are read on a thread of the
/// library, since they can hang.
///
/// # Errors
/// As a fetch, for what is wrong with them; `TIMEOUT` at the deadline, `CANCELED` where the handler of the options
/// does not go on waiting.
pub(super) fn credentials(
    client_id: Option<&str>,
    client_secret: Option<&str>,
    options: &Options,
    deadline: Deadline,
) -> Result<(Credentials, String), Error> {
    let source = CredentialSource::new(client_id, client_secret, options)?;
    let progress = Progress::default();
    let origin = match source.shown_files() {
        Some(files) => {
            progress.read(files.clone());
            files
        }
        None if client_id.is_some() => "given by the call".to_owned(),
        None => "SMX_CLIENT_ID and SMX_CLIENT_SECRET".to_owned(),
    };
    let credentials = match &source.0 {
        Source::Fixed(credentials) => credentials.clone(),
        Source::Files(files) => files.read_aside(&mut || {
            if options.keep_waiting.as_ref().is_some_and(|keep_waiting| !keep_waiting.ask()) {
                return Err(Error::canceled());
            }
            progress.check(deadline)
        })?,
    };
    Ok((credentials, format!("{origin}, no line break or control character in them")))
}

/// The token endpoint, and the text of the step.
///
/// # Errors
/// `INVALID_ARGUMENT` or `INSECURE_URL` for what the environment holds.
pub(super) fn base_url(
    options: &Options,
    environment: &Environment,
) -> Result<(Endpoint, String), Error> {
    let endpoint = endpoint_of(options, environment)?;
    let origin = if options.endpoint.is_some() {
        "the base_url option"
    } else if environment.get(BASE_URL_VARIABLE)?.is_some() {
        BASE_URL_VARIABLE
    } else {
        "the default"
    };
    let text = format!("{} ({origin})", endpoint.url());
    Ok((endpoint, text))
}

/// The proxy on the way, and the text of the step, without user name and password.
///
/// # Errors
/// `INVALID_ARGUMENT` for what the environment holds.
pub(super) fn proxy(
    endpoint: &Endpoint,
    options: &Options,
    environment: &Environment,
) -> Result<(ChosenProxy, String), Error> {
    let chosen = ChosenProxy::to(endpoint, options, environment)?;
    let shown = chosen.proxy.as_ref().map_or("none".to_owned(), url_of);
    let text = match chosen.because {
        Because::Option => format!("{shown} (the proxy option)"),
        Because::Variable(variable) => format!("{shown} ({variable})"),
        Because::User => format!("{shown} (the user's settings of Windows)"),
        Because::Loopback => {
            "none: a server on this machine is never reached through one".to_owned()
        }
        Because::NoProxy => {
            let named = environment.first(&Proxy::VARIABLES)?.map(|(name, _)| name);
            let from = named.unwrap_or("the proxy of the user's settings");
            format!("none: NO_PROXY excepts this server from {from}")
        }
        Because::UsersExceptions => {
            "none: the user's settings of Windows except this server".to_owned()
        }
        Because::Nobody => match chosen.not_done {
            Some(not_done) => format!("none is set; {}", not_done.described()),
            None => "none is set".to_owned(),
        },
    };
    Ok((chosen, text))
}

/// What a proxy could echo of its credentials.
pub(super) fn secrets_of(proxy: &Proxy) -> Redactor {
    let password = proxy.password.as_ref().map_or("", |password| password.expose());
    let basic = proxy.basic().unwrap_or_default();
    Redactor::of([password, basic.as_str(), basic.trim_end_matches('=')])
}

fn url_of(proxy: &Proxy) -> String {
    let scheme = match proxy.scheme {
        ProxyScheme::Http => "http",
        ProxyScheme::Https => "https",
        ProxyScheme::Socks5 => "socks5",
        ProxyScheme::Socks5h => "socks5h",
    };
    format!("{scheme}://{}", proxy.authority())
}
