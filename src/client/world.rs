//! What a cache needs from outside: time, chance, and the server.

use super::rotation::Rotation;
use crate::clock::{Deadline, Moment};
use crate::fetch::flight::Worker;
use crate::fetch::request::request_with;
use crate::fetch::retry;
use crate::log::LogLevel;
use crate::options::settings::Settings;
use crate::{Error, Token};

/// The world that a cache lives in. Tests make one of their own.
pub(super) trait World: Send + Sync + 'static {
    /// Now, precisely.
    fn now(&self) -> Moment;

    /// Now, cheaply: late by at most [`GLANCE_LATE_BY`].
    fn glance(&self) -> Moment;

    /// Drawn evenly from 0 to 1.
    fn random(&self) -> f64;

    /// Asks the server for a token, with retries, until the deadline.
    fn request(&self, deadline: Deadline, worker: &Worker) -> Result<Token, Error>;

    /// Whether the client credentials come from where they can change. Reads nothing.
    fn can_credentials_change(&self) -> bool {
        false
    }

    /// Whether the client credentials are others than those of the last request.
    fn have_credentials_changed(&self, _deadline: Deadline) -> bool {
        false
    }
}

/// How late a glance can be, in nanoseconds: 16 ms.
pub(super) const GLANCE_LATE_BY: u64 = 16_000_000;

/// The real world: the machine's clocks and the token endpoint.
pub(super) struct Service {
    pub(super) credentials: Rotation,
    settings: Settings,
}

impl Service {
    pub(super) fn new(credentials: Rotation, settings: Settings) -> Self {
        Service { credentials, settings }
    }
}

impl World for Service {
    fn now(&self) -> Moment {
        Moment::now()
    }

    fn glance(&self) -> Moment {
        Moment::glance()
    }

    fn random(&self) -> f64 {
        retry::random()
    }

    fn request(&self, deadline: Deadline, worker: &Worker) -> Result<Token, Error> {
        let read = || {
            Ok(self.credentials.read(deadline, |error| {
                worker.note(LogLevel::Warn, || {
                    format!("the last client credentials stay in use: {error}")
                });
            }))
        };
        request_with(&read, &self.settings, deadline, worker)
    }

    fn can_credentials_change(&self) -> bool {
        self.credentials.can_change()
    }

    fn have_credentials_changed(&self, deadline: Deadline) -> bool {
        self.credentials.has_changed(deadline)
    }
}
