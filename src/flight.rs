//! One flight: a piece of work on a thread of its own, and those who wait for its outcome.
//!
//! The work can hang where nothing can interrupt it (a name look-up, a TCP connect). A caller who
//! waits for a flight can leave at any time instead: at its deadline, when it is interrupted, or at
//! shutdown.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Deadline;
use crate::log::{Event, Journal, Log, LogLevel};
use crate::sync::{Condvar, Mutex, is_seeded, lock, wait};
use crate::transport::Interrupt;
use crate::{Error, Status, Token, panics, sys};

/// A flight ends at its own deadline, with words that fit. Only where it can't, the caller leaves
/// by itself, this much later.
const GRACE: Duration = Duration::from_millis(50);

/// How often a waiting caller is asked whether it goes on waiting.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// What those who wait hold.
pub(crate) struct Flight(Arc<Shared>);

/// What the work itself holds.
pub(crate) struct Pilot(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    interrupt: Interrupt,
}

struct State {
    journal: Journal,
    outcome: Option<Result<Token, Error>>,
    interrupted: bool,
}

impl Flight {
    /// Starts the work. A panic in it becomes `INTERNAL`.
    ///
    /// # Errors
    /// `INTERNAL` where no thread can be had.
    pub(crate) fn start(
        log: &Log,
        work: impl FnOnce(&Pilot) -> Result<Token, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State { journal: log.journal(), outcome: None, interrupted: false }),
            changed: Condvar::new(),
            interrupt: Interrupt::default(),
        });
        let pilot = Pilot(Arc::clone(&shared));
        sys::spawn("sm-token", move || {
            let outcome = panics::contain(|| work(&pilot)).and_then(|outcome| outcome);
            pilot.land(outcome);
        })
        .map_err(|error| Error::internal(format!("no thread for the request: {error}")))?;
        Ok(Flight(shared))
    }

    /// Waits for the outcome, hands what the flight has to say to the log, and asks `go_on` from
    /// time to time whether to go on waiting. The flight goes on when its caller leaves.
    ///
    /// # Errors
    /// The flight's own; `CANCELED` where `go_on` said no or the flight is interrupted; `TIMEOUT`
    /// where the deadline passed.
    pub(crate) fn outcome(
        &self,
        deadline: Deadline,
        log: &Log,
        mut go_on: Option<&mut dyn FnMut() -> bool>,
    ) -> Result<Token, Error> {
        let longest_nap = if go_on.is_some() { ASK_EVERY } else { Duration::MAX };
        loop {
            let news = self.wait_for_news((deadline.remaining() + GRACE).min(longest_nap));
            log.deliver(news.events);
            if let Some(outcome) = news.outcome {
                return outcome;
            }
            if news.interrupted || go_on.as_mut().is_some_and(|go_on| !go_on()) {
                return Err(Error::canceled());
            }
            if deadline.has_passed_by(GRACE) {
                return Err(
                    Error::new(Status::Timeout, "timed out while waiting for a token").retryable()
                );
            }
        }
    }

    /// Ends the work, or at least the waiting for it.
    pub(crate) fn interrupt(&self) {
        lock(&self.0.state).interrupted = true;
        self.0.changed.notify_all();
        self.0.interrupt.interrupt();
    }

    /// Gives up what it brought, so that the only copy is its caller's. For the one who waits
    /// alone.
    pub(crate) fn forget(&self) {
        lock(&self.0.state).outcome = None;
    }

    fn wait_for_news(&self, nap: Duration) -> News {
        let mut state = lock(&self.0.state);
        if state.outcome.is_none() && state.journal.is_empty() && !state.interrupted {
            state = wait(&self.0.changed, state, nap);
        }
        News {
            events: state.journal.take(),
            outcome: state.outcome.clone(),
            interrupted: state.interrupted,
        }
    }
}

/// What a waiting caller learns when it wakes.
struct News {
    events: VecDeque<Event>,
    outcome: Option<Result<Token, Error>>,
    interrupted: bool,
}

impl Pilot {
    /// Leaves a message for whoever waits.
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

    /// Takes out what nobody has heard yet.
    pub(crate) fn take_events(&self) -> VecDeque<Event> {
        lock(&self.0.state).journal.take()
    }

    fn land(&self, outcome: Result<Token, Error>) {
        if is_seeded("lost wake-up") {
            self.0.changed.notify_all();
            lock(&self.0.state).outcome = Some(outcome);
            return;
        }
        lock(&self.0.state).outcome = Some(outcome);
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Instant;

    fn outcome(flight: &Flight, log: &Log) -> Result<Token, Error> {
        flight.outcome(Deadline::after(Duration::from_secs(10)), log, None)
    }

    #[test]
    fn a_panic_in_the_work_is_an_internal_error() {
        let flight = Flight::start(&Log::off(), |_| panic!("seeded")).unwrap();
        assert_eq!(outcome(&flight, &Log::off()).unwrap_err().status(), Status::Internal);
    }

    #[test]
    fn what_a_flight_notes_is_heard_on_the_waiting_thread() {
        let here = std::thread::current().id();
        let (send, heard) = mpsc::channel();
        let log = Log::new(LogLevel::Debug, move |_, message| {
            send.send((std::thread::current().id(), message.to_owned())).unwrap();
        });
        let flight = Flight::start(&log, |pilot| {
            pilot.note(LogLevel::Debug, || "under way".to_owned());
            Err(Error::internal("the end"))
        })
        .unwrap();
        outcome(&flight, &log).unwrap_err();
        assert_eq!(heard.try_recv().unwrap(), (here, "under way".to_owned()));
    }

    #[test]
    fn a_caller_leaves_at_its_deadline_though_the_work_hangs() {
        let (release, hang) = mpsc::channel::<()>();
        let flight = Flight::start(&Log::off(), move |_| {
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
        let flight = Flight::start(&Log::off(), move |pilot| {
            let paused = pilot.pause(Duration::from_secs(60));
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
