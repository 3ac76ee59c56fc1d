//! Ends a request from another thread.

use std::sync::{Mutex, MutexGuard, PoisonError};

use ureq::Agent;

use crate::Error;

/// A switch that ends the request under way and refuses further ones.
///
/// It reaches a connection as soon as there is a socket: TLS, proxy handshakes, headers and body
/// end in about a millisecond. A TCP connect and a name look-up can't be ended; they run out by
/// themselves, on a thread that nobody waits for any more.
#[derive(Default)]
pub(crate) struct Interrupt(Mutex<State>);

#[derive(Default)]
struct State {
    interrupted: bool,
    under_way: Option<Agent>,
}

impl Interrupt {
    /// Ends what is under way, and whatever would start later.
    pub(crate) fn interrupt(&self) {
        let under_way = {
            let mut state = self.lock();
            state.interrupted = true;
            state.under_way.take()
        };
        if let Some(agent) = under_way {
            agent.shutdown();
        }
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.lock().interrupted
    }

    /// Makes a request's connections reachable until the registration is dropped.
    ///
    /// # Errors
    /// `CANCELED` where the switch is thrown already.
    pub(super) fn register(&self, agent: &Agent) -> Result<Registration<'_>, Error> {
        let mut state = self.lock();
        if state.interrupted {
            return Err(Error::canceled());
        }
        state.under_way = Some(agent.clone());
        Ok(Registration(self))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that an [`Interrupt`] can reach.
pub(super) struct Registration<'a>(&'a Interrupt);

impl Drop for Registration<'_> {
    fn drop(&mut self) {
        let agent = self.0.lock().under_way.take();
        // Dropped here, with the lock released.
        drop(agent);
    }
}
