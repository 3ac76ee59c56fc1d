//! How a caller without a token gets one: by a wait, piece by piece, or by a callback.

use std::sync::Arc;
use std::time::Duration;

use super::cache::{Joined, TokenCache};
use super::messenger::Ready;
use super::world::World;
use crate::clock::Deadline;
use crate::{Error, Token, sys};

impl<W: World> TokenCache<W> {
    /// The token in service, or the outcome of the flight that brings one; waits for at most the timeout.
    #[cfg(test)]
    pub(super) fn token(
        self: &Arc<Self>,
        keep_waiting: Option<&mut dyn FnMut() -> bool>,
    ) -> Result<Token, Error> {
        self.token_within(Duration::MAX, keep_waiting)
    }

    /// The token in service, or the outcome of the flight that brings one; waits for at most so long, and for at most
    /// the timeout.
    pub(super) fn token_within(
        self: &Arc<Self>,
        at_most: Duration,
        keep_waiting: Option<&mut dyn FnMut() -> bool>,
    ) -> Result<Token, Error> {
        if let Some(token) = self.with_cached(Token::clone) {
            return Ok(token);
        }
        let _held = sys::CancellationHeld::begin();
        let deadline = Deadline::after(self.timeout);
        // A flight ends at its own deadline, in words of its own: who waits for the timeout waits for those.
        let leaves = (at_most < self.timeout).then(|| Deadline::after(at_most));
        let outcome = self.join_flight().and_then(|joined| match joined {
            Joined::Known(outcome) => outcome,
            Joined::UnderWay(flight) => {
                flight.outcome_within(deadline, leaves, &self.log, keep_waiting)
            }
        });
        self.deliver_pending_log();
        outcome
    }

    /// Calls `ready` once with the outcome, on a thread of the library.
    ///
    /// # Errors
    /// `CANCELED`, or `RESOURCES` where no thread can be had; `ready` is not called then.
    pub(super) fn when_ready(self: &Arc<Self>, ready: Ready) -> Result<(), Error> {
        let deadline = Deadline::after(self.timeout);
        // Last of all `ready` is sent: it may free the client, and nothing is logged after that.
        self.deliver_pending_log();
        let joined = self.join_flight()?;
        let outcome = move || match joined {
            Joined::Known(outcome) => outcome,
            Joined::UnderWay(flight) => flight.ended(deadline),
        };
        self.process_state().messenger.send(Box::new(move || ready(outcome())))
    }

    /// As [`TokenCache::token`], for a caller that waits piece by piece.
    pub(super) fn start_waiting(self: &Arc<Self>) -> Result<Waiting<W>, Error> {
        let deadline = Deadline::after(self.timeout);
        let joined = self.join_flight().inspect_err(|_| self.deliver_pending_log())?;
        Ok(Waiting { cache: Arc::clone(self), joined, deadline })
    }
}

/// A caller that waits for a token piece by piece.
pub(super) struct Waiting<W> {
    cache: Arc<TokenCache<W>>,
    joined: Joined,
    deadline: Deadline,
}

impl<W: World> Waiting<W> {
    /// Waits for at most so long, and no longer than until the log handler was called. `None` where there is
    /// no outcome yet.
    pub(super) fn wait(&self, at_most: Duration) -> Option<Result<Token, Error>> {
        let outcome = match &self.joined {
            Joined::Known(outcome) => outcome.clone(),
            Joined::UnderWay(flight) => flight.wait(self.deadline, &self.cache.log, at_most)?,
        };
        self.cache.deliver_pending_log();
        Some(outcome)
    }
}
