//! A refusal of the client credentials is forgotten when there are others.

use std::time::Duration;

use super::{ProcessState, State, TokenCache};
use crate::client::back_off::COMPARED_EVERY;
use crate::client::world::World;
use crate::clock::Deadline;
use crate::fetch::flight::Worker;
use crate::log::LogLevel;
use crate::sync::lock;
use crate::{Error, Status, panics};

impl<W: World> TokenCache<W> {
    /// Has the client credentials replaced, and forgets a refusal of those before. The token in service stays.
    pub(in crate::client) fn replace_credentials(&self, replace: impl FnOnce(&W)) {
        {
            let process = self.process_state();
            let mut state = lock(&process.state);
            replace(&self.world);
            state.replacements = state.replacements.wrapping_add(1);
            self.forget_refusal(&mut state);
            self.note(&mut state, LogLevel::Info, || {
                "the client credentials were replaced".to_owned()
            });
        }
        self.deliver_pending_log();
    }

    /// Forgets a refusal of the client credentials before, so that the next call sends a request.
    pub(super) fn forget_refusal(&self, state: &mut State) {
        state.left.take_if(|left| left.outcome.is_err());
        if !state.back_off.forget_refusal() || state.flight.is_some() {
            return;
        }
        if let Some(cached) = &*self.cached.look() {
            cached.give_claim_back(Duration::ZERO);
        }
    }

    /// Whether other client credentials can make up for this failure, and may come by themselves.
    pub(super) fn can_be_mended(&self, error: &Error) -> bool {
        error.status() == Status::InvalidClient && self.world.can_credentials_change()
    }

    /// Compares the client credentials with those that were refused. The refusal that is still remembered where they
    /// are the same, and the flight is at its end.
    pub(super) fn unmended(
        &self,
        process: &ProcessState,
        worker: &Worker,
        deadline: Deadline,
    ) -> Option<Error> {
        let have_changed =
            panics::contain(|| self.world.have_credentials_changed(deadline)).unwrap_or(false);
        let mut state = lock(&process.state);
        let now = self.world.now();
        let refusal = state.back_off.failure(now).filter(|_| !have_changed);
        if refusal.is_some() {
            state.flight.take_if(|flight| flight.is_of(worker));
            if let Some(cached) = self.unexpired(now) {
                cached.give_claim_back(cached.age(now) + COMPARED_EVERY);
            }
        } else {
            self.forget_refusal(&mut state);
        }
        refusal
    }
}
