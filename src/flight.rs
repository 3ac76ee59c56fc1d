//! One flight: a piece of work on a thread of its own, and those who wait for its outcome.
//!
//! The work can hang where nothing can interrupt it (a name look-up, a TCP connect). A caller who
//! waits for a flight can leave at any time instead: at its deadline, when it is interrupted, or at
//! shutdown.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Deadline;
use crate::log::{Event, Journal, Log, LogLevel};
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

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn land(&self, outcome: Result<Token, Error>) {
        self.lock().outcome = Some(outcome);
        self.changed.notify_all();
    }
}

impl Flight {
    /// Starts the work. A panic in it becomes `INTERNAL`, and so does a thread that can't be had.
    pub(crate) fn start(
        log: &Log,
        work: impl FnOnce(&Pilot) -> Result<Token, Error> + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            state: Mutex::new(State { journal: log.journal(), outcome: None, interrupted: false }),
            changed: Condvar::new(),
            interrupt: Interrupt::default(),
        });
        let pilot = Pilot(Arc::clone(&shared));
        let spawned = sys::spawn("sm-token", move || {
            let outcome = panics::contain(|| work(&pilot)).and_then(|outcome| outcome);
            pilot.0.land(outcome);
        });
        if let Err(error) = spawned {
            shared.land(Err(Error::internal(format!("no thread for the request: {error}"))));
        }
        Flight(shared)
    }

    /// Waits for the outcome, hands what the flight has to say to the log, and asks `go_on` from
    /// time to time whether to go on waiting.
    pub(crate) fn outcome(
        &self,
        deadline: Deadline,
        log: &Log,
        mut go_on: impl FnMut() -> bool,
    ) -> Result<Token, Error> {
        loop {
            let (events, outcome) = self.wait_for_news(deadline);
            log.deliver(events);
            if let Some(outcome) = outcome {
                return outcome;
            }
            if !go_on() {
                self.interrupt();
                return Err(Error::canceled());
            }
            if deadline.has_passed_by(GRACE) {
                self.interrupt();
                return Err(
                    Error::new(Status::Timeout, "timed out while waiting for a token").retryable()
                );
            }
        }
    }

    /// Ends the work, or at least the waiting for it.
    pub(crate) fn interrupt(&self) {
        self.0.lock().interrupted = true;
        self.0.changed.notify_all();
        self.0.interrupt.interrupt();
    }

    fn wait_for_news(
        &self,
        deadline: Deadline,
    ) -> (impl IntoIterator<Item = Event> + use<>, Option<Result<Token, Error>>) {
        let mut state = self.0.lock();
        if state.outcome.is_none() && state.journal.is_empty() {
            let nap = (deadline.remaining() + GRACE).min(ASK_EVERY);
            (state, _) =
                self.0.changed.wait_timeout(state, nap).unwrap_or_else(PoisonError::into_inner);
        }
        (state.journal.take(), state.outcome.clone())
    }
}

impl Pilot {
    /// Leaves a message for whoever waits.
    pub(crate) fn note(&self, level: LogLevel, message: impl FnOnce() -> String) {
        if self.0.lock().journal.note(level, message) {
            self.0.changed.notify_all();
        }
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// `CANCELED` where the flight is interrupted meanwhile.
    pub(crate) fn pause(&self, wait: Duration) -> Result<(), Error> {
        let end = Deadline::after(wait);
        let mut state = self.0.lock();
        while !state.interrupted {
            let remaining = end.remaining();
            if remaining.is_zero() {
                return Ok(());
            }
            (state, _) = self
                .0
                .changed
                .wait_timeout(state, remaining)
                .unwrap_or_else(PoisonError::into_inner);
        }
        Err(Error::canceled())
    }

    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.0.interrupt
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Instant;

    fn outcome(flight: &Flight, log: &Log) -> Result<Token, Error> {
        flight.outcome(Deadline::after(Duration::from_secs(10)), log, || true)
    }

    #[test]
    fn a_panic_in_the_work_is_an_internal_error() {
        let flight = Flight::start(&Log::off(), |_| panic!("seeded"));
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
        });
        outcome(&flight, &log).unwrap_err();
        assert_eq!(heard.try_recv().unwrap(), (here, "under way".to_owned()));
    }

    #[test]
    fn a_caller_leaves_at_its_deadline_though_the_work_hangs() {
        let (release, hang) = mpsc::channel::<()>();
        let flight = Flight::start(&Log::off(), move |_| {
            hang.recv().ok();
            Err(Error::internal("too late"))
        });
        let start = Instant::now();
        let error = flight
            .outcome(Deadline::after(Duration::from_millis(30)), &Log::off(), || true)
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
        });
        let error = flight
            .outcome(Deadline::after(Duration::from_secs(60)), &Log::off(), || false)
            .unwrap_err();
        assert_eq!(error.status(), Status::Canceled);
        assert!(ended.recv_timeout(Duration::from_secs(5)).unwrap());
    }
}
