//! Carries one request to the server and one answer back. The only part that knows the HTTP
//! library.
//!
//! The HTTP library writes the request and reads the answer; the connection below it is this library's own.
//! [`Route`](route::Route) makes it: [`look_up`] finds addresses, [`race`] connects to one of them, [`tunnel`] and
//! [`socks`] lead through a proxy, [`tls`] protects it. All of them wait by [`Attempt`](attempt::Attempt), which knows
//! the deadline and can be interrupted. Every attempt has a connection of its own: a token an hour gains nothing
//! from a pool, which a fork would share.

mod attempt;
mod carrier;
mod channel;
mod connector;
mod failure;
mod fault;
pub(crate) mod head;
mod interrupt;
mod look_up;
mod peer;
mod progress;
mod race;
mod route;
mod sightings;
pub(crate) mod socks;
mod tls;
mod tls_failure;
pub(crate) mod tunnel;
mod waker;
mod windows_refusal;

use std::io::Read;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwapOption;
use ureq::config::{AutoHeaderValue, Config};
use ureq::http::header;
use ureq::{Agent, Body, http};
use zeroize::Zeroizing;

use crate::Error;
use crate::clock::Deadline;
use crate::exchange::{Answer, MAX_BODY, MAX_HEADERS, TokenRequest};
use crate::options::settings::Settings;

pub(crate) use interrupt::Interrupt;
pub(crate) use progress::Progress;
pub(crate) use race::LastFamily;
pub(crate) use sightings::{Sighting, Sightings};

/// Holds what a request has beside its URL, its credentials and its body.
const REST_OF_REQUEST: usize = 8 * 1024;

/// Holds a usual body at once.
const USUAL_BODY: usize = 4 * 1024;

/// Sends the request once and waits for the answer, at most until the deadline.
///
/// # Errors
/// Whatever kept an answer from arriving.
pub(crate) fn attempt(
    request: &TokenRequest,
    settings: &Settings,
    deadline: Deadline,
    interrupt: &Interrupt,
    progress: &Progress,
) -> Result<Answer, Error> {
    let attempt =
        Arc::new(attempt::Attempt::new(deadline, settings.connect_timeout, interrupt, progress)?);
    let route = route::Route::of(settings);
    let server = Arc::clone(&route.server);
    let connector =
        connector::Connector::new(route, Arc::clone(&attempt), length_of(request, settings));
    let agent = Agent::with_parts(Config::clone(&config()), connector, connector::NoResolver);

    let described = |error| failure::describe(error, &server, settings.trust_roots.as_ref());
    let sent = SystemTime::now();
    let response = agent.run(http_request(request, settings)?).map_err(described)?;
    let (head, body) = response.into_parts();
    let text =
        |name| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let received = SystemTime::now();
    progress.meet(|| Sighting::Date { date: text(header::DATE), sent, received });
    Ok(Answer {
        status: head.status.as_u16(),
        location: text(header::LOCATION),
        retry_after: text(header::RETRY_AFTER),
        date: text(header::DATE),
        content_encoding: text(header::CONTENT_ENCODING),
        body: read_body(body).map_err(described)?,
        was_cut_short: attempt.was_cut_short(),
    })
}

/// The settings of the HTTP library, made once.
static CONFIG: ArcSwapOption<Config> = ArcSwapOption::const_empty();

/// Makes ready what requests share. The HTTP library can't make its settings without a look at the variables that name
/// proxies. What it finds is dropped, but another thread could change the environment at that moment: so they are made
/// on a thread that calls the library to read the environment, not on that of a request.
pub(crate) fn prepare() {
    config();
}

/// Without times, addresses and proxies: those are the connector's. No lock, which a child forked at the wrong moment
/// would find held.
fn config() -> Arc<Config> {
    if let Some(made) = CONFIG.load_full() {
        return made;
    }
    let given = |text: &str| AutoHeaderValue::Provided(Arc::new(text.to_owned()));
    let made = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .accept(given("application/json"))
        .accept_encoding(given("identity"))
        .max_response_header_size(MAX_HEADERS)
        .max_idle_connections(0)
        .max_idle_connections_per_host(0)
        .build();
    let made = Arc::new(made);
    CONFIG.store(Some(Arc::clone(&made)));
    made
}

/// At least the bytes of the whole request, which the HTTP library can't write in pieces smaller than a header.
fn length_of(request: &TokenRequest, settings: &Settings) -> usize {
    REST_OF_REQUEST
        + request.authorization.len()
        + request.body.len()
        + settings.endpoint.url().len()
        + settings.user_agent.len()
}

fn http_request(
    request: &TokenRequest,
    settings: &Settings,
) -> Result<http::Request<Vec<u8>>, Error> {
    let unsendable = |_| Error::internal("the request can't be put into HTTP");
    let mut authorization =
        http::HeaderValue::from_str(&request.authorization).map_err(|e| unsendable(e.into()))?;
    authorization.set_sensitive(true);
    http::Request::post(settings.endpoint.url())
        .header(header::AUTHORIZATION, authorization)
        .header(header::CONTENT_TYPE, TokenRequest::CONTENT_TYPE)
        .header(header::CONNECTION, "close")
        .header(header::USER_AGENT, &settings.user_agent)
        .body(request.body.clone().into_bytes())
        .map_err(unsendable)
}

/// Reads the body up to one byte more than is taken, so that a larger one is noticed.
fn read_body(body: Body) -> Result<Zeroizing<Vec<u8>>, ureq::Error> {
    let mut reader = body.into_reader();
    let mut bytes = Zeroizing::new(vec![0; USUAL_BODY]);
    let mut length = 0;
    loop {
        match reader.read(&mut bytes[length..])? {
            0 => break,
            amount => length += amount,
        }
        if length > MAX_BODY {
            break;
        }
        if length == bytes.len() {
            // A buffer that grew by itself would leave an unwiped copy behind.
            let mut larger = Zeroizing::new(vec![0; MAX_BODY + 1]);
            larger[..length].copy_from_slice(&bytes);
            bytes = larger;
        }
    }
    bytes.truncate(length);
    Ok(bytes)
}
