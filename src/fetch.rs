//! One fetch: a request, sent again where that helps, until a deadline.

use crate::clock::{Deadline, Moment, Seconds};
use crate::exchange::{TokenRequest, judge};
use crate::flight::{Flight, Pilot};
use crate::log::LogLevel;
use crate::retry::{self, Retries};
use crate::settings::Settings;
use crate::transport;
use crate::{Credentials, Error, Options, Token};

/// Asks for a token and waits for it: one request, and its retries, within the timeout of the
/// options.
///
/// # Errors
/// Every [`Status`](crate::Status) but `OK`; [`Error::message`] says what to do.
pub fn fetch(credentials: &Credentials, options: &Options) -> Result<Token, Error> {
    fetch_alone(credentials, options, None)
}

/// As [`fetch`], and asks `go_on` from time to time, at least every 50 ms, whether to go on
/// waiting.
///
/// # Errors
/// As [`fetch`], and `CANCELED` where `go_on` said no.
pub fn fetch_interruptible(
    credentials: &Credentials,
    options: &Options,
    mut go_on: impl FnMut() -> bool,
) -> Result<Token, Error> {
    fetch_alone(credentials, options, Some(&mut go_on))
}

fn fetch_alone(
    credentials: &Credentials,
    options: &Options,
    go_on: Option<&mut dyn FnMut() -> bool>,
) -> Result<Token, Error> {
    let settings = Settings::resolve(options)?;
    let log = settings.log.clone();
    let deadline = Deadline::after(settings.timeout);
    let credentials = credentials.clone();
    let flight =
        Flight::start(&log, move |pilot| request_token(&credentials, &settings, deadline, pilot))?;
    let outcome = flight.outcome(deadline, &log, go_on);
    // Nobody else waits for this flight: one that has not ended shall end, and what it brought is
    // its caller's alone, whenever its thread ends.
    flight.interrupt();
    flight.forget();
    log.tell(&outcome);
    outcome
}

/// Sends the request until a token comes, the failure is one that will not pass, or time runs out.
pub(crate) fn request_token(
    credentials: &Credentials,
    settings: &Settings,
    deadline: Deadline,
    pilot: &Pilot,
) -> Result<Token, Error> {
    let request = TokenRequest::new(credentials, settings.scope.as_deref());
    let mut retries = Retries::new(settings.max_retries);
    loop {
        pilot.note(LogLevel::Debug, || {
            format!("asking {} for a token", settings.endpoint.authority())
        });
        let sent = Moment::now();
        let outcome = transport::attempt(&request, settings, deadline, pilot.interrupt())
            .and_then(|answer| judge(&answer, credentials, &settings.endpoint));
        let error = match outcome {
            Ok(grant) => return Ok(Token::new(grant, sent)),
            Err(_) if pilot.interrupt().is_interrupted() => return Err(Error::canceled()),
            Err(error) => error,
        };
        match retries.next_wait(&error, deadline.remaining(), retry::random()) {
            None => return Err(error),
            Some(wait) => {
                pilot.note(LogLevel::Warn, || {
                    format!("{error}; trying again in {} s", Seconds(wait))
                });
                pilot.pause(wait)?;
            }
        }
    }
}
