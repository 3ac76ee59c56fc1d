//! The check: the steps to a token, one by one, each with what is and what to do where it is wrong.
//!
//! It goes the way of a fetch: the same connection, trust roots and clocks, one attempt, one deadline.
//! [`settings`] looks at what was chosen, [`way`] at what the attempt met, [`report`] hands the steps out.

mod advice;
pub(crate) mod certificate;
mod clock;
mod report;
mod settings;
mod step;
mod unseen;
mod way;

use std::time::{Duration, Instant};

use report::Report;
use step::Step;
use way::Way;

use crate::clock::Deadline;
use crate::environment::Environment;
use crate::exchange::Redactor;
use crate::fetch::Fetching;
use crate::options::settings::Settings;
use crate::transport::Sightings;
use crate::{CredentialSource, Error, Options, Status};

pub use report::{CheckStep, Verdict};
pub use step::STEPS;

/// How often a caller that waits looks at what was met meanwhile, and is asked whether to go on.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Goes the steps to a token, in the order of [`STEPS`], and calls `step` with each as soon as it is known, on the
/// calling thread. A step that was not reached is [`Verdict::Unknown`]. One attempt is made, within the timeout of
/// the options, and the token that it may bring is dropped.
///
/// `client_id`, `client_secret`: as in [`CredentialSource::new`]. `step` returns whether to go on.
///
/// # Errors
/// That of the first step that is wrong; for `clock`, which no fetch fails for, `CERTIFICATE`. `CANCELED` where
/// `step`, or the [`Options::set_keep_waiting`] of the options, returned false.
pub fn check(
    client_id: Option<&str>,
    client_secret: Option<&str>,
    options: &Options,
    mut step: impl FnMut(&CheckStep) -> bool,
) -> Result<(), Error> {
    let mut checking = Checking::start(client_id, client_secret, options);
    loop {
        if !checking.wait(LOOK_EVERY).iter().all(&mut step) {
            return Err(canceled());
        }
        if let Some(outcome) = checking.outcome() {
            return outcome;
        }
        if options.keep_waiting.as_ref().is_some_and(|keep_waiting| !keep_waiting.ask()) {
            return Err(canceled());
        }
    }
}

fn canceled() -> Error {
    Error::new(Status::Canceled, "the check was stopped")
}

/// A check under way, for a caller that waits for it piece by piece. Dropping it ends the attempt.
pub struct Checking {
    report: Report,
    attempt: Option<Attempt>,
    outcome: Option<Result<(), Error>>,
}

/// The attempt, and what it met so far.
struct Attempt {
    way: Way,
    sightings: Sightings,
    fetching: Fetching,
}

impl Checking {
    /// Looks at what was chosen, and begins the attempt where that is in order.
    pub fn start(client_id: Option<&str>, client_secret: Option<&str>, options: &Options) -> Self {
        let mut report = Report::new();
        let attempt = begin(client_id, client_secret, options, &mut report);
        let outcome = if attempt.is_none() { Some(report.end()) } else { None };
        Checking { report, attempt, outcome }
    }

    /// Waits for at most so long until a further step is known. Returns the steps that became known since the last
    /// call.
    pub fn wait(&mut self, at_most: Duration) -> Vec<CheckStep> {
        let began = Instant::now();
        while self.outcome.is_none() && !self.report.has_untaken() {
            let Some(attempt) = &mut self.attempt else { break };
            let left = at_most.saturating_sub(began.elapsed());
            let outcome = attempt.fetching.wait(left.min(LOOK_EVERY));
            attempt.way.meet(attempt.sightings.take());
            match outcome {
                None => attempt.way.advance(&mut self.report),
                Some(Err(error)) if error.status() == Status::Canceled => {
                    self.outcome = Some(Err(error));
                }
                Some(outcome) => {
                    if let Ok(token) = &outcome {
                        self.report.hide(Redactor::of([token.access_token()]));
                    }
                    attempt.way.end(outcome.as_ref(), &mut self.report);
                    self.outcome = Some(self.report.end());
                }
            }
            if left.is_zero() {
                break;
            }
        }
        self.report.take()
    }

    /// How the check ended, when every step was taken; `None` while it goes on.
    ///
    /// # Errors
    /// As [`check`].
    pub fn outcome(&self) -> Option<Result<(), Error>> {
        self.outcome.clone().filter(|_| !self.report.has_untaken())
    }
}

/// The first steps, and the attempt that looks at the others; `None` where a step keeps it from beginning.
fn begin(
    client_id: Option<&str>,
    client_secret: Option<&str>,
    options: &Options,
    report: &mut Report,
) -> Option<Attempt> {
    let deadline = Deadline::after(options.timeout);
    let environment = Environment::of_process();
    let (credentials, text) = settings::credentials(client_id, client_secret, options, deadline)
        .map_err(|error| report.wrong(Step::Credentials, &error))
        .ok()?;
    report.hide(Redactor::to(&credentials));
    match unseen::at_an_end_of(&credentials) {
        Some(unseen) => report.unknown(Step::Credentials, &unseen, unseen::ADVICE),
        None => report.ok(Step::Credentials, &text),
    }

    let (endpoint, text) = settings::base_url(options, &environment)
        .map_err(|error| report.wrong(Step::BaseUrl, &error))
        .ok()?;
    report.ok(Step::BaseUrl, &text);
    let (proxy, text) = settings::proxy(&endpoint, options, &environment)
        .map_err(|error| report.wrong(Step::Proxy, &error))
        .ok()?;
    if let Some(proxy) = &proxy.proxy {
        report.hide(settings::secrets_of(proxy));
    }
    let way = Way::new(text, proxy.proxy.is_some(), endpoint.is_secure());
    let unread = Settings::of(options, &environment, endpoint, proxy)
        .map_err(|error| way.end(Err(&error), report))
        .ok()?;
    let sightings = Sightings::default();
    let source = CredentialSource::from(credentials);
    let fetching =
        Fetching::begin(source, unread.without_retries(), deadline, Some(sightings.clone()))
            .map_err(|error| way.end(Err(&error), report))
            .ok()?;
    Some(Attempt { way, sightings, fetching })
}

#[cfg(test)]
mod tests;
