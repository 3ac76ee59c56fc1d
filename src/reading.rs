//! Files that may hang, such as those of a network share that is gone: read once for all who need the same at the
//! same time, and waited for in bounded time.
//!
//! A read that hangs can't be interrupted. So it keeps the thread that it is on, and that thread alone: whoever needs
//! the same waits for it, until a deadline of its own.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;

use crate::clock::Moment;
use crate::sync::{Condvar, Mutex, lock, wait};
use crate::{Error, Status, panics, sys};

/// More reads than these do not hang at a time.
const MAX_UNDER_WAY: usize = 32;

/// How often one who waits looks whether it goes on waiting.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Asked every 20 ms whether one who waits goes on waiting; the error ends the wait.
pub(crate) type GoesOn<'a> = &'a mut dyn FnMut() -> Result<(), Error>;

/// What is read, by what it is read from.
pub(crate) struct Readings<K, V>(ArcSwapOption<Process<K, V>>);

/// The reads of one process. A child after a fork gets others, since the threads did not come along.
struct Process<K, V> {
    fork_generation: u32,
    under_way: Mutex<Vec<Arc<Reading<K, V>>>>,
}

struct Reading<K, V> {
    source: K,
    began: Moment,
    outcome: Mutex<Option<Result<V, Error>>>,
    has_ended: Condvar,
}

/// How one who needs something comes to it.
enum Joined<K, V> {
    /// It reads.
    Reads(Arc<Process<K, V>>, Arc<Reading<K, V>>),
    /// Another one reads already.
    Waits(Arc<Reading<K, V>>),
}

impl<K, V> Readings<K, V>
where
    K: Eq + Send + Sync + 'static,
    V: Clone + Send + 'static,
{
    pub(crate) const fn new() -> Self {
        Readings(ArcSwapOption::const_empty())
    }

    /// Reads on this thread, which may hang, or waits for one who reads the same, as long as `goes_on`.
    ///
    /// # Errors
    /// Those of `read` and of `goes_on`; `RESOURCES` where too many reads of others hang.
    pub(crate) fn here(
        &self,
        source: K,
        read: impl FnOnce(&K) -> Result<V, Error>,
        goes_on: GoesOn<'_>,
    ) -> Result<V, Error> {
        match self.join(source)? {
            Joined::Reads(process, reading) => reading.read(&process, read),
            Joined::Waits(reading) => reading.outcome(goes_on),
        }
    }

    /// As [`Readings::here`], on a thread of its own, for one who may not hang.
    ///
    /// # Errors
    /// As [`Readings::here`]; `RESOURCES` also where no thread can be had; `CANCELED` in a child that is forked
    /// meanwhile.
    pub(crate) fn aside(
        &self,
        source: K,
        read: impl FnOnce(&K) -> Result<V, Error> + Send + 'static,
        goes_on: GoesOn<'_>,
    ) -> Result<V, Error> {
        let reading = match self.join(source)? {
            Joined::Waits(reading) => reading,
            Joined::Reads(process, reading) => {
                let (its_process, its_own) = (Arc::clone(&process), Arc::clone(&reading));
                let spawned = sys::spawn("sm-token-file", move || {
                    let _ = its_own.read(&its_process, read);
                });
                if let Err(reason) = spawned {
                    let error = Error::no_resources("thread to read files on", &reason);
                    return reading.read(&process, |_| Err(error));
                }
                reading
            }
        };
        let fork_generation = sys::fork_generation();
        reading.outcome(&mut || match fork_generation == sys::fork_generation() {
            true => goes_on(),
            false => Err(Error::canceled()),
        })
    }

    /// How long the same has been read; zero where it is not read now.
    pub(crate) fn read_for(&self, source: &K) -> Duration {
        let process = self.this_process();
        let under_way = lock(&process.under_way);
        let same = under_way.iter().find(|reading| reading.source == *source);
        same.map_or(Duration::ZERO, |reading| Moment::now().since(reading.began))
    }

    fn join(&self, source: K) -> Result<Joined<K, V>, Error> {
        let process = self.this_process();
        let mut under_way = lock(&process.under_way);
        if let Some(same) = under_way.iter().find(|reading| reading.source == source) {
            return Ok(Joined::Waits(Arc::clone(same)));
        }
        if under_way.len() >= MAX_UNDER_WAY {
            let words = "reads of too many other files hang already; check the file systems of this machine";
            return Err(Error::new(Status::Resources, words).retryable());
        }
        let reading = Arc::new(Reading {
            source,
            began: Moment::now(),
            outcome: Mutex::new(None),
            has_ended: Condvar::new(),
        });
        under_way.push(Arc::clone(&reading));
        drop(under_way);
        Ok(Joined::Reads(process, reading))
    }

    fn this_process(&self) -> Arc<Process<K, V>> {
        let fork_generation = sys::fork_generation();
        loop {
            let current = self.0.load_full();
            if let Some(current) =
                current.as_ref().filter(|current| current.fork_generation == fork_generation)
            {
                return Arc::clone(current);
            }
            let fresh = Process { fork_generation, under_way: Mutex::new(Vec::new()) };
            let seen = self.0.compare_and_swap(&current, Some(Arc::new(fresh)));
            if seen.as_ref().map(Arc::as_ptr) == current.as_ref().map(Arc::as_ptr) {
                // The parent's: a thread that did not come along may have been amid a change of it.
                std::mem::forget(current);
            }
        }
    }
}

impl<K, V: Clone> Reading<K, V> {
    fn read(
        self: &Arc<Self>,
        process: &Process<K, V>,
        read: impl FnOnce(&K) -> Result<V, Error>,
    ) -> Result<V, Error> {
        let outcome = panics::contain(|| read(&self.source)).and_then(|outcome| outcome);
        lock(&process.under_way).retain(|one| !Arc::ptr_eq(one, self));
        *lock(&self.outcome) = Some(outcome.clone());
        self.has_ended.notify_all();
        outcome
    }

    fn outcome(&self, goes_on: GoesOn<'_>) -> Result<V, Error> {
        loop {
            let mut outcome = lock(&self.outcome);
            if outcome.is_none() {
                outcome = wait(&self.has_ended, outcome, LOOK_EVERY);
            }
            if let Some(outcome) = &*outcome {
                return outcome.clone();
            }
            drop(outcome);
            goes_on()?;
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Instant;

    use super::*;

    fn for_at_most(how_long: Duration) -> impl FnMut() -> Result<(), Error> {
        let end = Instant::now() + how_long;
        move || if Instant::now() < end { Ok(()) } else { Err(Error::not_yet()) }
    }

    fn long() -> impl FnMut() -> Result<(), Error> {
        for_at_most(Duration::from_secs(60))
    }

    fn soon() -> impl FnMut() -> Result<(), Error> {
        for_at_most(Duration::from_millis(30))
    }

    #[test]
    fn all_who_need_the_same_share_a_read_and_leave_one_that_hangs() {
        static READINGS: Readings<&str, u32> = Readings::new();
        let (release, hang) = mpsc::channel::<()>();
        let left = READINGS.aside(
            "file",
            move |_| {
                hang.recv().ok();
                Ok(7)
            },
            &mut soon(),
        );
        assert_eq!(left.unwrap_err().status(), Status::Timeout);
        let second = READINGS.here("file", |_| panic!("read twice"), &mut soon());
        assert_eq!(second.unwrap_err().status(), Status::Timeout);
        assert_eq!(READINGS.here("other file", |_| Ok(8), &mut soon()).unwrap(), 8);
        let third = thread::spawn(|| READINGS.here("file", |_| panic!("read twice"), &mut long()));
        thread::sleep(Duration::from_millis(500));
        drop(release);
        assert_eq!(third.join().unwrap().unwrap(), 7);
        assert_eq!(
            READINGS.here("file", |_| Ok(9), &mut long()).unwrap(),
            9,
            "a later read is another"
        );
    }

    #[test]
    fn one_who_finds_an_outcome_is_not_asked_whether_it_waits() {
        let reading = Reading {
            source: (),
            began: Moment::now(),
            outcome: Mutex::new(Some(Ok(7))),
            has_ended: Condvar::new(),
        };
        assert_eq!(reading.outcome(&mut || panic!("asked")).unwrap(), 7);
    }

    #[test]
    fn no_more_reads_than_the_most_hang() {
        static READINGS: Readings<usize, ()> = Readings::new();
        let (release, hang) = mpsc::channel::<()>();
        let hang = Arc::new(std::sync::Mutex::new(hang));
        for file in 0..MAX_UNDER_WAY {
            let hang = Arc::clone(&hang);
            let read = move |_: &usize| {
                let _ = hang.lock().map(|hang| hang.recv());
                Ok(())
            };
            let mut ends = for_at_most(Duration::ZERO);
            assert_eq!(
                READINGS.aside(file, read, &mut ends).unwrap_err().status(),
                Status::Timeout
            );
        }
        let further = READINGS.here(MAX_UNDER_WAY, |_| Ok(()), &mut long()).unwrap_err();
        assert_eq!((further.status(), further.is_retryable()), (Status::Resources, true));
        drop(release);
        while READINGS.here(MAX_UNDER_WAY, |_| Ok(()), &mut long()).is_err() {
            thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_panic_in_a_read_is_an_internal_error_for_all() {
        static READINGS: Readings<(), ()> = Readings::new();
        for _ in 0..2 {
            let error = READINGS.aside((), |()| panic!("seeded"), &mut long()).unwrap_err();
            assert_eq!(error.status(), Status::Internal);
        }
    }
}
