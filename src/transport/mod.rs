//! Carries one request to the server and one answer back. The only part that knows the HTTP
//! library.
//!
//! [`Route`](route::Route) makes the connection, [`Resolver`](resolver::Resolver) finds addresses,
//! and [`failure`] puts what went wrong into the words of this library. Every attempt has a
//! connection of its own: a token an hour gains nothing from a pool, which a fork would share.

mod failure;
mod interrupt;
mod resolver;
mod route;
mod tls;

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use ureq::config::{AutoHeaderValue, Config};
use ureq::http::header;
use ureq::{Agent, Body, http};
use zeroize::Zeroizing;

use crate::Error;
use crate::clock::Deadline;
use crate::exchange::{Answer, MAX_BODY, MAX_HEADERS, TokenRequest};
use crate::settings::Settings;

pub(crate) use interrupt::Interrupt;

/// Holds the largest headers that are taken, and a little more, so that larger ones are noticed.
const INPUT_BUFFER: usize = MAX_HEADERS + 8 * 1024;

/// Holds what a request has beside its URL and its credentials, and is what a connection sends at a
/// time.
const OUTPUT_BUFFER: usize = 8 * 1024;

/// Holds a usual body at once.
const USUAL_BODY: usize = 4 * 1024;

/// What TLS reads from its connection at a time. The large buffer is behind it.
const TLS_INPUT_BUFFER: usize = 8 * 1024;

/// Sends the request once and waits for the answer, at most until the deadline.
///
/// # Errors
/// Whatever kept an answer from arriving.
pub(crate) fn attempt(
    request: &TokenRequest,
    settings: &Settings,
    deadline: Deadline,
    interrupt: &Interrupt,
) -> Result<Answer, Error> {
    let limits = Arc::new(route::Limits::new(deadline, settings.connect_timeout));
    let agent = Agent::with_parts(
        config(settings, deadline, INPUT_BUFFER, output_buffer(request, settings))?,
        route::Route::new(
            settings,
            config(settings, deadline, TLS_INPUT_BUFFER, OUTPUT_BUFFER)?,
            Arc::clone(&limits),
        ),
        resolver::Resolver::new(settings, Arc::clone(&limits)),
    );
    let _registered = interrupt.register(&agent)?;

    let described = |error| failure::describe(error, settings, &limits);
    let response = agent.run(http_request(request, settings)?).map_err(described)?;
    let (head, body) = response.into_parts();
    let text =
        |name| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(Answer {
        status: head.status.as_u16(),
        location: text(header::LOCATION),
        retry_after: text(header::RETRY_AFTER),
        date: text(header::DATE),
        body: read_body(body).map_err(described)?,
        was_cut_short: limits.was_cut_short(),
    })
}

fn config(
    settings: &Settings,
    deadline: Deadline,
    input_buffer: usize,
    output_buffer: usize,
) -> Result<Config, Error> {
    // An absent limit would be none at all: a deadline that has passed still is one.
    let remaining = deadline.remaining().max(Duration::from_millis(1));
    Ok(Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(settings.proxy.as_ref().map(route::proxy_of).transpose()?)
        .user_agent(AutoHeaderValue::Provided(Arc::new(settings.user_agent.clone())))
        .accept(AutoHeaderValue::Provided(Arc::new("application/json".to_owned())))
        .accept_encoding(AutoHeaderValue::Provided(Arc::new("identity".to_owned())))
        .timeout_global(Some(remaining))
        .timeout_connect(Some(settings.connect_timeout))
        .max_response_header_size(MAX_HEADERS)
        .input_buffer_size(input_buffer)
        .output_buffer_size(output_buffer)
        .max_idle_connections(0)
        .max_idle_connections_per_host(0)
        .build())
}

/// Holds the whole request, which the HTTP library can't send in pieces smaller than a header.
fn output_buffer(request: &TokenRequest, settings: &Settings) -> usize {
    OUTPUT_BUFFER + request.authorization.len() + settings.endpoint.url().len()
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
