//! One flight: a piece of work on a thread of its own, and those who wait for its outcome.
//!
//! A caller who waits for a flight leaves at its own deadline, when it is interrupted, or at shutdown, whatever
//! becomes of the work.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::Deadline;
use crate::log::{Event, Journal, Log, LogLevel};
use crate::sync::{Condvar, Mutex, lock, wait};
use crate::transport::{Interrupt, Progress};
use crate::{Error, Token, panics, sys};

/// How often a waiting caller is asked whether it goes on waiting.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// How often a waiting caller looks whether it is in a child by now: a signal handler may have forked.
const LOOK_FOR_FORK_EVERY: Duration = Duration::from_millis(250);

/// What those who wait hold.
pub(crate) struct Flight(Arc<Shared>);

/// What the work itself holds.
pub(crate) struct Worker(Arc<Shared>);

struct Shared {
    /// The process that the work runs in. In its children there is no such thread, the locks below may be held
    /// for ever, and the connection is the parent's.
    fork_generation: u32,
    deadline: Deadline,
    state: Mutex<State>,
    changed: Condvar,
    interrupt: Interrupt,
    progress: Progress,
}

struct State {
    journal: Journal,
    outcome: Option<Result<Token, Error>>,
    interrupted: bool,
}

impl Flight {
    /// Starts the work, which ends at the deadline. A panic in it becomes `INTERNAL`.
    ///
    /// # Errors
    /// `RESOURCES` where no thread can be had.
    pub(crate) fn start(
        log: &Log,
        deadline: Deadline,
        work: impl FnOnce(&Worker) -> Result<Token, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            fork_generation: sys::fork_generation(),
            deadline,
            state: Mutex::new(State { journal: log.journal(), outcome: None, interrupted: false }),
            changed: Condvar::new(),
            interrupt: Interrupt::new(),
            progress: Progress::default(),
        });
        let worker = Worker(Arc::clone(&shared));
        sys::spawn("sm-token", move || {
            let outcome = panics::contain(|| work(&worker)).and_then(|outcome| outcome);
            worker.complete(outcome);
        })
        .map_err(|reason| Error::no_resources("thread for the request", &reason))?;
        Ok(Flight(shared))
    }

    /// Waits for the outcome, and asks `keep_waiting` from time to time whether to go on waiting. The flight goes on
    /// when its caller leaves.
    ///
    /// # Errors
    /// As [`Flight::wait`], and `CANCELED` where `keep_waiting` returned false.
    pub(crate) fn outcome(
        &self,
        deadline: Deadline,
        log: &Log,
        keep_waiting: Option<&mut dyn FnMut() -> bool>,
    ) -> Result<Token, Error> {
        self.outcome_within(deadline, None, log, keep_waiting)
    }

    /// As [`Flight::outcome`], for a caller who leaves at `leaves` already, where it is given.
    ///
    /// # Errors
    /// As [`Flight::outcome`]; `TIMEOUT` for one who leaves.
    pub(crate) fn outcome_within(
        &self,
        deadline: Deadline,
        leaves: Option<Deadline>,
        log: &Log,
        mut keep_waiting: Option<&mut dyn FnMut() -> bool>,
    ) -> Result<Token, Error> {
        let at_most = if keep_waiting.is_some() { ASK_EVERY } else { Duration::MAX };
        loop {
            let left = leaves.map_or(Duration::MAX, Deadline::remaining);
            if let Some(outcome) = self.wait(deadline, log, at_most.min(left)) {
                return outcome;
            }
            if leaves.is_some_and(Deadline::has_passed) {
                return Err(Error::not_yet());
            }
            if keep_waiting.as_mut().is_some_and(|keep_waiting| !keep_waiting()) {
                return Err(Error::canceled());
            }
        }
    }

    /// Waits for the outcome, and hands to the log what the flight notes. `None` where there is no outcome yet,
    /// after `at_most` or as soon as something was logged.
    ///
    /// # Errors
    /// The flight's own; `CANCELED` where the flight is interrupted, or this process is a child of the one that
    /// it runs in; `TIMEOUT` where the deadline passed.
    pub(crate) fn wait(
        &self,
        deadline: Deadline,
        log: &Log,
        at_most: Duration,
    ) -> Option<Result<Token, Error>> {
        let began = Instant::now();
        loop {
            if self.is_the_parents() {
                return Some(Err(Error::canceled()));
            }
            let left = at_most.saturating_sub(began.elapsed());
            let nap = left.min(deadline.remaining()).min(LOOK_FOR_FORK_EVERY);
            let change = self.wait_for_change(nap);
            let has_logged = !change.events.is_empty();
            log.deliver(change.events);
            if change.outcome.is_some() {
                return change.outcome;
            }
            if change.interrupted {
                return Some(Err(Error::canceled()));
            }
            if deadline.has_passed() {
                return Some(Err(self.0.progress.timed_out(deadline.allowed())));
            }
            if has_logged || began.elapsed() >= at_most {
                return None;
            }
        }
    }

    /// Waits for the outcome on a thread of the library, and leaves what the flight notes to the callers.
    ///
    /// # Errors
    /// As [`Flight::wait`].
    pub(crate) fn ended(&self, deadline: Deadline) -> Result<Token, Error> {
        let mut state = lock(&self.0.state);
        loop {
            if let Some(outcome) = &state.outcome {
                return outcome.clone();
            }
            if state.interrupted {
                return Err(Error::canceled());
            }
            if deadline.has_passed() {
                return Err(self.0.progress.timed_out(deadline.allowed()));
            }
            state = wait(&self.0.changed, state, deadline.remaining());
        }
    }

    /// Ends the work, or at least the waiting for it. A child leaves its parent's work alone.
    pub(crate) fn interrupt(&self) {
        if self.is_the_parents() {
            return;
        }
        {
            let mut state = lock(&self.0.state);
            state.interrupted = true;
            if state.outcome.is_some() {
                return;
            }
        }
        self.0.changed.notify_all();
        self.0.interrupt.interrupt();
    }

    /// Whether its deadline passed, though it may not have ended.
    pub(crate) fn is_overdue(&self) -> bool {
        self.0.deadline.has_passed()
    }

    /// The outcome of one that is overdue.
    pub(crate) fn timed_out(&self) -> Error {
        self.0.progress.timed_out(self.0.deadline.allowed())
    }

    /// Whether this is the worker's flight.
    pub(crate) fn is_of(&self, worker: &Worker) -> bool {
        Arc::ptr_eq(&self.0, &worker.0)
    }

    /// Gives up what it brought, so that the only copy is its caller's. For the one who waits
    /// alone.
    pub(crate) fn forget(&self) {
        if !self.is_the_parents() {
            lock(&self.0.state).outcome = None;
        }
    }

    /// Whether this process was forked since the work began.
    fn is_the_parents(&self) -> bool {
        self.0.fork_generation != sys::fork_generation()
    }

    fn wait_for_change(&self, nap: Duration) -> Change {
        let mut state = lock(&self.0.state);
        let has_changed = state.outcome.is_some() || !state.journal.is_empty() || state.interrupted;
        if !has_changed && !nap.is_zero() {
            state = wait(&self.0.changed, state, nap);
        }
        Change {
            events: state.journal.take(),
            outcome: state.outcome.clone(),
            interrupted: state.interrupted,
        }
    }
}

/// What a waiting caller learns when it wakes.
struct Change {
    events: VecDeque<Event>,
    outcome: Option<Result<Token, Error>>,
    interrupted: bool,
}

impl Worker {
    /// Leaves a message for the caller who waits.
    pub(crate) fn note(&self, level: LogLevel, message: impl FnOnce() -> String) {
        if lock(&self.0.state).journal.note(level, message) {
            self.0.changed.notify_all();
        }
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// `CANCELED` where the flight is interrupted meanwhile.
    pub(crate) fn pause(&self, how_long: Duration) -> Result<(), Error> {
        let end = Deadline::after(how_long);
        let mut state = lock(&self.0.state);
        while !state.interrupted {
            let remaining = end.remaining();
            if remaining.is_zero() {
                return Ok(());
            }
            state = wait(&self.0.changed, state, remaining);
        }
        Err(Error::canceled())
    }

    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.0.interrupt
    }

    /// Whether the work shall go on.
    ///
    /// # Errors
    /// `CANCELED` where the flight is interrupted.
    pub(crate) fn goes_on(&self) -> Result<(), Error> {
        if self.0.interrupt.is_interrupted() { Err(Error::canceled()) } else { Ok(()) }
    }

    pub(crate) fn progress(&self) -> &Progress {
        &self.0.progress
    }

    /// Takes the messages that are not delivered yet.
    pub(crate) fn take_events(&self) -> VecDeque<Event> {
        lock(&self.0.state).journal.take()
    }

    fn complete(&self, outcome: Result<Token, Error>) {
        lock(&self.0.state).outcome = Some(outcome);
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use std::sync::mpsc;

    fn long() -> Deadline {
        Deadline::after(Duration::from_secs(60))
    }

    fn outcome(flight: &Flight, log: &Log) -> Result<Token, Error> {
        flight.outcome(Deadline::after(Duration::from_secs(10)), log, None)
    }

    #[test]
    fn a_panic_in_the_work_is_an_internal_error() {
        let flight = Flight::start(&Log::off(), long(), |_| panic!("seeded")).unwrap();
        assert_eq!(outcome(&flight, &Log::off()).unwrap_err().status(), Status::Internal);
    }

    #[test]
    fn what_a_flight_notes_is_heard_on_the_waiting_thread() {
        let here = std::thread::current().id();
        let (send, heard) = mpsc::channel();
        let log = Log::new(LogLevel::Debug, move |_, message| {
            send.send((std::thread::current().id(), message.to_owned())).unwrap();
        });
        let flight = Flight::start(&log, long(), |worker| {
            worker.note(LogLevel::Debug, || "under way".to_owned());
            Err(Error::internal("the end"))
        })
        .unwrap();
        outcome(&flight, &log).unwrap_err();
        assert_eq!(heard.try_recv().unwrap(), (here, "under way".to_owned()));
    }

    #[test]
    fn a_caller_leaves_at_its_deadline_though_the_work_hangs() {
        let (release, hang) = mpsc::channel::<()>();
        let flight = Flight::start(&Log::off(), long(), move |_| {
            hang.recv().ok();
            Err(Error::internal("too late"))
        })
        .unwrap();
        let start = Instant::now();
        let error = flight
            .outcome(Deadline::after(Duration::from_millis(30)), &Log::off(), None)
            .unwrap_err();
        assert_eq!(error.status(), Status::Timeout);
        assert!(start.elapsed() < Duration::from_secs(2));
        drop(release);
    }

    #[test]
    fn a_caller_that_does_not_go_on_is_let_go_and_the_pause_ends() {
        let (send, ended) = mpsc::channel();
        let flight = Flight::start(&Log::off(), long(), move |worker| {
            let paused = worker.pause(Duration::from_secs(60));
            send.send(paused.is_err()).unwrap();
            Err(Error::internal("never seen"))
        })
        .unwrap();
        let error = flight
            .outcome(Deadline::after(Duration::from_secs(60)), &Log::off(), Some(&mut || false))
            .unwrap_err();
        assert_eq!(error.status(), Status::Canceled);
        flight.interrupt();
        assert!(ended.recv_timeout(Duration::from_secs(5)).unwrap());
    }
}
