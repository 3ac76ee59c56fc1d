//! Calls that read files, on a thread of the library, for a caller that waits piece by piece.

use std::sync::Arc;
use std::time::Duration;

use crate::sync::{AtomicBool, Condvar, Mutex, Ordering, lock, wait};
use crate::{Error, Options, panics, sys};

/// A call under way. Dropping it ends its waits for files.
pub struct Aside<T> {
    shared: Arc<Shared<T>>,
    was_left: Arc<AtomicBool>,
    fork_generation: u32,
}

struct Shared<T> {
    outcome: Mutex<Option<Result<T, Error>>>,
    has_ended: Condvar,
}

impl<T: Send + 'static> Aside<T> {
    /// Calls with these options, whose `keep_waiting` is that of this value.
    ///
    /// # Errors
    /// `RESOURCES` where no thread can be had.
    pub fn start(
        options: &Options,
        call: impl FnOnce(&Options) -> Result<T, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let shared = Arc::new(Shared { outcome: Mutex::new(None), has_ended: Condvar::new() });
        let was_left = Arc::new(AtomicBool::new(false));
        let (its, left) = (Arc::clone(&shared), Arc::clone(&was_left));
        let mut options = options.clone();
        options.set_keep_waiting(move || !left.load(Ordering::Relaxed));
        sys::spawn("sm-token", move || {
            let outcome = panics::contain(|| call(&options)).and_then(|outcome| outcome);
            *lock(&its.outcome) = Some(outcome);
            its.has_ended.notify_all();
        })
        .map_err(|reason| Error::no_resources("thread to read files on", &reason))?;
        Ok(Aside { shared, was_left, fork_generation: sys::fork_generation() })
    }

    /// Waits for at most so long. `None` where there is no outcome yet; `CANCELED` in a child of a fork, where there
    /// will be none.
    pub fn wait(&self, at_most: Duration) -> Option<Result<T, Error>> {
        if self.fork_generation != sys::fork_generation() {
            return Some(Err(Error::canceled()));
        }
        let mut outcome = lock(&self.shared.outcome);
        if outcome.is_none() {
            outcome = wait(&self.shared.has_ended, outcome, at_most);
        }
        outcome.take()
    }
}

impl<T> Drop for Aside<T> {
    fn drop(&mut self) {
        self.was_left.store(true, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::Status;

    #[test]
    fn one_who_waits_piece_by_piece_gets_the_outcome_once_it_is_there() {
        let (release, hang) = mpsc::channel::<()>();
        let aside = Aside::start(&Options::new(), move |_| {
            hang.recv().ok();
            Ok(7)
        });
        let aside = aside.unwrap();
        assert_eq!(aside.wait(Duration::ZERO), None);
        drop(release);
        assert_eq!(aside.wait(Duration::from_secs(60)), Some(Ok(7)));
    }

    #[test]
    fn one_who_leaves_ends_the_waits_of_the_call() {
        let (asked, answers) = mpsc::channel();
        let (release, hang) = mpsc::channel::<()>();
        let aside = Aside::start(&Options::new(), move |options| {
            let keep_waiting = options.keep_waiting.clone().unwrap();
            asked.send(keep_waiting.ask()).unwrap();
            hang.recv().ok();
            asked.send(keep_waiting.ask()).unwrap();
            Ok(())
        });
        assert!(answers.recv().unwrap());
        drop(aside);
        drop(release);
        assert!(!answers.recv().unwrap());
    }

    #[test]
    fn a_panic_is_an_internal_error() {
        let aside = Aside::<()>::start(&Options::new(), |_| panic!("seeded")).unwrap();
        let outcome = aside.wait(Duration::from_secs(60)).unwrap();
        assert_eq!(outcome.unwrap_err().status(), Status::Internal);
    }
}
