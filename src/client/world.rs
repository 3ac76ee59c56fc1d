//! What a keeper needs from outside: time, chance, and the server.

use crate::clock::{Deadline, Moment};
use crate::fetch::request_token;
use crate::flight::Pilot;
use crate::retry;
use crate::settings::Settings;
use crate::{Credentials, Error, Token};

/// The world that a keeper lives in. Tests make one of their own.
pub(super) trait World: Send + Sync + 'static {
    /// Now, precisely.
    fn now(&self) -> Moment;

    /// Now, cheaply: late by at most [`GLANCE_LATE_BY`].
    fn glance(&self) -> Moment;

    /// Drawn evenly from 0 to 1.
    fn random(&self) -> f64;

    /// Asks the server for a token, with retries, until the deadline.
    fn request(&self, deadline: Deadline, pilot: &Pilot) -> Result<Token, Error>;
}

/// How late a glance can be, in nanoseconds: 16 ms.
pub(super) const GLANCE_LATE_BY: u64 = 16_000_000;

/// The real world: the machine's clocks and the token endpoint.
pub(super) struct Service {
    credentials: Credentials,
    settings: Settings,
}

impl Service {
    pub(super) fn new(credentials: Credentials, settings: Settings) -> Self {
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

    fn request(&self, deadline: Deadline, pilot: &Pilot) -> Result<Token, Error> {
        request_token(&self.credentials, &self.settings, deadline, pilot)
    }
}
