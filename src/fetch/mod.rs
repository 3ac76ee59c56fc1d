//! One fetch: a request, sent again where that helps, until a deadline.

pub(crate) mod flight;
pub(crate) mod request;
pub(crate) mod retry;

use std::sync::Arc;
use std::time::Duration;

use flight::{Flight, Worker};
use request::request_with;

use crate::clock::Deadline;
use crate::log::Log;
use crate::options::settings::{Settings, Unread};
use crate::transport::{self, Sighting, Sightings};
use crate::{CredentialSource, Credentials, Error, Options, Token};

/// Asks for a token and waits for it: one request, and its retries, within the timeout of the
/// options.
///
/// # Errors
/// Every [`Status`](crate::Status) but `OK`; [`Error::message`] names what to do. `CANCELED` where the
/// [`Options::set_keep_waiting`] of the options returned false.
pub fn fetch(credentials: impl Into<CredentialSource>, options: &Options) -> Result<Token, Error> {
    let credentials = credentials.into();
    match &options.keep_waiting {
        Some(keep_waiting) => fetch_alone(credentials, options, Some(&mut || keep_waiting.ask())),
        None => fetch_alone(credentials, options, None),
    }
}

/// As [`fetch`], and asks this `keep_waiting` in place of the options', at least every 100 ms, whether to
/// go on waiting.
///
/// # Errors
/// As [`fetch`], and `CANCELED` where `keep_waiting` returned false.
pub fn fetch_interruptible(
    credentials: impl Into<CredentialSource>,
    options: &Options,
    mut keep_waiting: impl FnMut() -> bool,
) -> Result<Token, Error> {
    fetch_alone(credentials.into(), options, Some(&mut keep_waiting))
}

fn fetch_alone(
    credentials: CredentialSource,
    options: &Options,
    keep_waiting: Option<&mut dyn FnMut() -> bool>,
) -> Result<Token, Error> {
    let fetching = Fetching::start(credentials, options)?;
    let outcome = fetching.flight.outcome(fetching.deadline, &fetching.log, keep_waiting);
    fetching.log.report(&outcome);
    outcome
}

/// Reads the credentials on the thread of the flight, whose caller leaves at its deadline where a read hangs.
fn read(
    credentials: &CredentialSource,
    deadline: Deadline,
    worker: &Worker,
) -> Result<Arc<Credentials>, Error> {
    if let Some(files) = credentials.shown_files() {
        worker.progress().read(files);
    }
    let credentials = credentials.read_here(&mut || {
        worker.goes_on()?;
        worker.progress().check(deadline)
    })?;
    Ok(Arc::new(credentials))
}

/// A fetch under way, for a caller that waits for it piece by piece. Dropping it ends the request.
pub struct Fetching {
    flight: Flight,
    deadline: Deadline,
    log: Log,
}

impl Fetching {
    /// Reads the credentials and sends the request.
    ///
    /// # Errors
    /// As [`fetch`], for what is wrong before a file is read and a request is sent.
    pub fn start(credentials: CredentialSource, options: &Options) -> Result<Self, Error> {
        let unread = Settings::resolve(options)?;
        let deadline = Deadline::after(unread.timeout());
        Fetching::begin(credentials, unread, deadline, None)
    }

    /// As [`Fetching::start`], for settings and a deadline that are known; `sightings` are the notes of what is met on
    /// the way.
    ///
    /// # Errors
    /// `RESOURCES` where no thread can be had.
    pub(crate) fn begin(
        credentials: CredentialSource,
        unread: Unread,
        deadline: Deadline,
        sightings: Option<Sightings>,
    ) -> Result<Self, Error> {
        transport::prepare();
        let log = unread.log().clone();
        let flight = Flight::start(&log, deadline, move |worker| {
            let progress = worker.progress();
            if let Some(sightings) = sightings {
                progress.note_in(sightings);
            }
            let settings = unread.read_here(deadline, progress, &mut || worker.goes_on())?;
            if let Some(trust_roots) = &settings.trust_roots {
                progress.meet(|| Sighting::TrustRoots(trust_roots.clone()));
            }
            request_with(&|| read(&credentials, deadline, worker), &settings, deadline, worker)
        })?;
        Ok(Fetching { flight, deadline, log })
    }

    /// Waits for at most so long, and no longer than until the log handler was called. `None` where there is
    /// no outcome yet.
    pub fn wait(&self, at_most: Duration) -> Option<Result<Token, Error>> {
        let outcome = self.flight.wait(self.deadline, &self.log, at_most)?;
        self.log.report(&outcome);
        Some(outcome)
    }
}

/// No other caller waits for this flight: one that has not ended shall end, and what it brought is its caller's
/// alone, whenever its thread ends.
impl Drop for Fetching {
    fn drop(&mut self) {
        self.flight.interrupt();
        self.flight.forget();
    }
}
