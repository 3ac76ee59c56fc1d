//! Brings outcomes to those who did not wait for them, one after the other, on a thread of the library.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::sync::{Mutex, lock};
use crate::{Error, Token, panics, sys};

/// Called with an outcome.
pub(super) type Ready = Box<dyn FnOnce(Result<Token, Error>) + Send>;

/// What is to be done on the thread: waits for an outcome, and hands it over.
type Errand = Box<dyn FnOnce() + Send>;

/// The errands of a client in one process. Its thread ends when there are none.
///
/// They are done in their order, although each may wait for a flight: a flight starts only when the one before it has
/// ended, and an outcome that is known when an errand comes leaves none under way.
#[derive(Default)]
pub(super) struct Messenger {
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    errands: VecDeque<Errand>,
    has_thread: bool,
}

impl Messenger {
    /// Has an errand done.
    ///
    /// # Errors
    /// `RESOURCES` where no thread can be had; the errand is not done then.
    pub(super) fn send(self: &Arc<Self>, errand: Errand) -> Result<(), Error> {
        let mut queue = lock(&self.queue);
        if !queue.has_thread {
            let messenger = Arc::clone(self);
            sys::spawn("sm-token", move || messenger.run())
                .map_err(|reason| Error::no_resources("thread to call back on", &reason))?;
            queue.has_thread = true;
        }
        queue.errands.push_back(errand);
        Ok(())
    }

    /// Does the errands until there are none.
    fn run(self: Arc<Self>) {
        let fork_generation = sys::fork_generation();
        while let Some(errand) = self.next() {
            let _ = panics::contain(errand);
            if fork_generation != sys::fork_generation() {
                // A handler forked: the other errands are the parent's, and so may be the lock.
                std::mem::forget(self);
                return;
            }
        }
    }

    fn next(&self) -> Option<Errand> {
        let mut queue = lock(&self.queue);
        let errand = queue.errands.pop_front();
        queue.has_thread = errand.is_some();
        errand
    }
}
