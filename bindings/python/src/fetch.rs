//! `fetch`.

use pyo3::prelude::*;
use sm_token::internal::Fetching;

use crate::arguments::{self, Keywords, Text, Value};
use crate::token::Token;
use crate::{call, log};

/// Asks the server for an access token and waits for it.
///
/// One request, and its retries within the timeout. A program that needs a token more than once
/// keeps a Client instead. Safe to call from any number of threads at once; other threads run
/// meanwhile, and Ctrl-C ends it.
///
/// client_id, client_secret: the client credentials. Without both they come from client_id_file and
/// client_secret_file, else from the environment variables SMX_CLIENT_ID and SMX_CLIENT_SECRET, or
/// the files that SMX_CLIENT_ID_FILE and SMX_CLIENT_SECRET_FILE name.
///
/// base_url: the server. Default: SMX_BASE_URL, else https://api.standardmetrics.io. http: is only
/// for this machine.
///
/// scope: what to ask for, space separated. Default: the server chooses.
///
/// user_agent: the User-Agent header. Default: sm-token/VERSION.
///
/// proxy: such as "http://USER:PASSWORD@HOST:PORT"; http, https, socks5 or socks5h; "" for none.
/// Default: from HTTPS_PROXY, then ALL_PROXY, less NO_PROXY. This machine is never reached through
/// a proxy.
///
/// ca_file: a PEM file of certificate authorities, trusted in place of the system's store; at most
/// 16 MiB. Default: none.
///
/// client_id_file, client_secret_file: the files that hold the client credentials, both or neither;
/// each one line of UTF-8, at most 4 KiB. A Client reads them again for each token request.
///
/// trust: whose certificate authorities are trusted without a ca_file: "system" (default), or
/// "bundled" for Mozilla's list.
///
/// timeout: seconds as a float, or a timedelta, for the whole call, retries included; from 1 ms to
/// 49 days. Default: 30 s.
///
/// connect_timeout: the same for one connection: name, proxy and TLS. Default: 10 s.
///
/// max_retries: how often a request that failed in passing is sent again, 0 to 100. Default: 2.
///
/// Raises a child of sm_token.Error: ConfigError for what the caller or the environment gave,
/// TransportError for the network and TLS, OAuthError where the server refuses, InvalidResponseError
/// where its answer is no token response.
#[pyfunction]
#[pyo3(signature = (
    client_id=None, client_secret=None, *, base_url=None, scope=None, user_agent=None, proxy=None,
    ca_file=None, client_id_file=None, client_secret_file=None, trust=None, timeout=None,
    connect_timeout=None, max_retries=None
))]
#[expect(clippy::too_many_arguments, reason = "Python calls it with keywords")]
pub(crate) fn fetch(
    py: Python<'_>,
    client_id: Text<'_, '_>,
    client_secret: Text<'_, '_>,
    base_url: Text<'_, '_>,
    scope: Text<'_, '_>,
    user_agent: Text<'_, '_>,
    proxy: Text<'_, '_>,
    ca_file: Value<'_, '_>,
    client_id_file: Value<'_, '_>,
    client_secret_file: Value<'_, '_>,
    trust: Text<'_, '_>,
    timeout: Value<'_, '_>,
    connect_timeout: Value<'_, '_>,
    max_retries: Value<'_, '_>,
) -> PyResult<Token> {
    let keywords = Keywords {
        base_url,
        scope,
        user_agent,
        proxy,
        ca_file,
        client_id_file,
        client_secret_file,
        trust,
        timeout,
        connect_timeout,
        max_retries,
    };
    let mut options = keywords.options(py)?;
    let credentials = arguments::credentials(py, client_id, client_secret, &options)?;
    log::listen(&mut options);
    let fetching = call::detached(py, || Fetching::start(credentials, &options))?;
    call::wait(py, |at_most| fetching.wait(at_most)).map(Token::from)
}

/// Panics as a defect in a call would.
#[cfg(feature = "panic-test")]
#[pyfunction]
pub(crate) fn panic_in_a_call(py: Python<'_>) -> PyResult<()> {
    call::detached(py, || panic!("a panic that nobody is to see"))
}
