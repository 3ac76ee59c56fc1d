//! Serves a token, refreshes it in the background, and starts a request where there is none.
//!
//! Its lock is held for work in memory and for starting a thread alone, and no log handler and no callback is called
//! under it: a call that may not wait can take it.

mod credentials;
mod invalidate;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::back_off::{BackOff, COMPARED_EVERY};
use super::cached_token::{CachedToken, Freshness};
use super::messenger::Messenger;
use super::world::World;
use crate::clock::{Deadline, Moment};
use crate::fetch::flight::{Flight, Worker};
use crate::log::{Journal, Log, LogLevel};
use crate::sync::{AtomicBool, Mutex, Ordering, Slot, lock};
use crate::{Error, Token, panics, sys};

/// A refresh that failed is not tried again sooner, whatever the reason.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// How long an outcome that is not kept waits for those who were signaled that it is there.
const LEFT_FOR: Duration = Duration::from_secs(1);

/// Keeps one token.
pub(super) struct TokenCache<W> {
    world: W,
    pub(super) log: Log,
    pub(super) timeout: Duration,
    /// The token in service, read without a lock.
    cached: Slot<CachedToken>,
    /// Whether the journal holds something, readable without the lock.
    has_pending_log: AtomicBool,
    /// Changed under the lock alone.
    is_shut_down: AtomicBool,
    /// Everything else. A child after a fork gets another one, since a thread that did not come
    /// along may hold its lock.
    process: ArcSwap<ProcessState>,
}

/// What one process holds behind a lock.
pub(super) struct ProcessState {
    fork_generation: u32,
    state: Mutex<State>,
    pub(super) messenger: Arc<Messenger>,
}

struct State {
    flight: Option<Arc<Flight>>,
    back_off: BackOff,
    journal: Journal,
    left: Option<Left>,
    /// How often the program replaced the client credentials.
    replacements: u32,
}

/// An outcome that is not kept, for calls that were signaled that it is there.
struct Left {
    outcome: Result<Token, Error>,
    since: Moment,
    calls: u32,
}

impl State {
    /// The outcome that was left for a call, which this one takes.
    fn take_left(&mut self, now: Moment) -> Option<Result<Token, Error>> {
        let mut left = self.left.take().filter(|left| now.since(left.since) < LEFT_FOR)?;
        left.calls -= 1;
        let outcome = left.outcome.clone();
        self.left = (left.calls > 0).then_some(left);
        Some(outcome)
    }
}

impl ProcessState {
    fn new(log: &Log) -> Self {
        ProcessState {
            fork_generation: sys::fork_generation(),
            state: Mutex::new(State {
                flight: None,
                back_off: BackOff::default(),
                journal: log.journal(),
                left: None,
                replacements: 0,
            }),
            messenger: Arc::default(),
        }
    }
}

impl<W: World> TokenCache<W> {
    pub(super) fn new(world: W, log: Log, timeout: Duration) -> Self {
        let process = ArcSwap::from_pointee(ProcessState::new(&log));
        TokenCache {
            world,
            log,
            timeout,
            cached: Slot::empty(),
            has_pending_log: AtomicBool::new(false),
            is_shut_down: AtomicBool::new(false),
            process,
        }
    }

    /// Shows the token in service, where it is fit to be served. The hot path: no lock that another
    /// thread can hold, no system call, no allocation.
    pub(super) fn with_cached<T>(self: &Arc<Self>, see: impl FnOnce(&Token) -> T) -> Option<T> {
        let cached = self.cached.look();
        let cached = cached.as_ref()?;
        match cached.freshness(&self.world) {
            Freshness::Fresh => {}
            Freshness::Stale => self.refresh_in_background(cached),
            Freshness::Expired => return None,
        }
        if self.has_pending_log.load(Ordering::Relaxed) {
            self.deliver_pending_log();
        }
        Some(see(cached.token()))
    }

    /// Leaves an outcome for a call that is about to be signaled, unless that call gets one anyhow.
    pub(super) fn leave(&self, outcome: Result<Token, Error>) {
        let process = self.process_state();
        let mut state = lock(&process.state);
        let now = self.world.now();
        // One that is still good was kept, and is no longer: a caller dropped it.
        let is_kept = match &outcome {
            Ok(token) => {
                CachedToken::new(token.clone(), 0.0).freshness_at(now) != Freshness::Expired
            }
            Err(_) => state.flight.is_none() && state.back_off.failure(now).is_some(),
        };
        if is_kept || self.is_shut_down() || self.unexpired(now).is_some() {
            return;
        }
        let calls = state.left.take().map_or(0, |left| left.calls) + 1;
        state.left = Some(Left { outcome, since: now, calls });
    }

    pub(super) fn shutdown(&self) {
        let process = self.process_state();
        let flight = {
            let mut state = lock(&process.state);
            self.is_shut_down.store(true, Ordering::Release);
            self.cached.put(None);
            state.left = None;
            state.flight.take()
        };
        if let Some(flight) = flight {
            flight.interrupt();
        }
    }

    /// Starts a refresh of a stale token, unless one is under way or failed a short while ago.
    fn refresh_in_background(self: &Arc<Self>, cached: &Arc<CachedToken>) {
        let fork_generation = sys::fork_generation();
        if cached.is_claimed(fork_generation) {
            return;
        }
        let _held = sys::CancellationHeld::begin();
        let now = self.world.now();
        let age = cached.age(now);
        if !cached.claim_refresh(age, fork_generation) {
            return;
        }
        let process = self.process_state();
        let mut state = lock(&process.state);
        if state.flight.is_some() || self.is_shut_down() {
            return;
        }
        let is_refused =
            state.back_off.failure(now).is_some_and(|error| self.can_be_mended(&error));
        if is_refused && !state.back_off.take_comparison(now) {
            cached.give_claim_back(age + COMPARED_EVERY);
            return;
        }
        if let Err(error) = self.start_flight(&process, &mut state, is_refused) {
            cached.give_claim_back(age + SHORTEST_PAUSE);
            self.note(&mut state, LogLevel::Warn, || format!("no refresh behind: {error}"));
        }
    }

    /// Joins the flight that is under way, or starts one.
    pub(super) fn join_flight(self: &Arc<Self>) -> Result<Joined, Error> {
        let process = self.process_state();
        let mut state = lock(&process.state);
        if self.is_shut_down() {
            return Err(Error::canceled());
        }
        let now = self.world.now();
        // A token may have been stored between the read without the lock and this one.
        if let Some(cached) = self.unexpired(now) {
            return Ok(Joined::Known(Ok(cached.token().clone())));
        }
        if let Some(outcome) = state.take_left(now) {
            return Ok(Joined::Known(outcome));
        }
        match state.flight.take() {
            Some(flight) if !flight.is_overdue() => {
                state.flight = Some(Arc::clone(&flight));
                return Ok(Joined::UnderWay(flight));
            }
            // Its outcome is known: no caller has to wait for its thread.
            Some(overdue) => self.note_failure_of_refresh(&mut state, &overdue.timed_out()),
            None => {}
        }
        let failure = state.back_off.failure(now);
        let is_refused = failure.as_ref().is_some_and(|error| self.can_be_mended(error));
        match failure {
            Some(error) if !(is_refused && state.back_off.take_comparison(now)) => {
                Ok(Joined::Known(Err(error)))
            }
            _ => self.start_flight(&process, &mut state, is_refused).map(Joined::UnderWay),
        }
    }

    /// Starts a request; after a refusal that is remembered only where the client credentials have changed since.
    fn start_flight(
        self: &Arc<Self>,
        process: &Arc<ProcessState>,
        state: &mut State,
        is_refused: bool,
    ) -> Result<Arc<Flight>, Error> {
        let cache = Arc::clone(self);
        let its_process = Arc::clone(process);
        let deadline = Deadline::after(self.timeout);
        let replacements = state.replacements;
        let flight = Arc::new(Flight::start(&self.log, deadline, move |worker| {
            if is_refused {
                if let Some(refusal) = cache.unmended(&its_process, worker, deadline) {
                    return Err(refusal);
                }
            }
            let outcome = panics::contain(|| cache.world.request(deadline, worker))
                .and_then(|outcome| outcome);
            cache.complete(&its_process, worker, &outcome, replacements);
            outcome
        })?);
        state.flight = Some(Arc::clone(&flight));
        Ok(flight)
    }

    /// Takes a flight's outcome in, before anybody who waits for it learns of it. `replacements` is how often the
    /// client credentials had been replaced when it began.
    fn complete(
        &self,
        process: &ProcessState,
        worker: &Worker,
        outcome: &Result<Token, Error>,
        replacements: u32,
    ) {
        let mut state = lock(&process.state);
        // It may have been given up for lost at its deadline, and another one be under way.
        let was_given_up = state.flight.take_if(|flight| flight.is_of(worker)).is_none();
        if self.is_shut_down() || (was_given_up && outcome.is_err()) {
            return;
        }
        let unreceived = worker.take_events();
        if !unreceived.is_empty() {
            state.journal.extend(unreceived);
            self.has_pending_log.store(true, Ordering::Release);
        }
        match outcome {
            Ok(token) => self.store(&mut state, token),
            Err(error) => self.note_failure_of_refresh(&mut state, error),
        }
        if state.replacements != replacements {
            // A refusal may be that of the credentials before.
            self.forget_refusal(&mut state);
        }
    }

    fn store(&self, state: &mut State, token: &Token) {
        state.back_off.note_success();
        let now = self.world.now();
        let cached = CachedToken::new(token.clone(), self.world.random());
        let old = self.unexpired(now);
        self.note(state, LogLevel::Info, || {
            format!(
                "{}: the next refresh is due in {} s, it expires in {} s",
                if old.is_some() {
                    "refreshed a token in the background"
                } else {
                    "fetched a token"
                },
                cached.fresh_left(now).as_secs(),
                token.expires_in_at(now).as_secs()
            )
        });
        if cached.freshness_at(now) != Freshness::Expired {
            self.cached.put(Some(Arc::new(cached)));
        } else if let Some(old) = old {
            // One that arrives expired is for those who waited for it alone.
            old.give_claim_back(old.age(now) + SHORTEST_PAUSE);
        }
    }

    fn note_failure_of_refresh(&self, state: &mut State, error: &Error) {
        let now = self.world.now();
        let lasts = state.back_off.note_failure(error, now);
        match self.unexpired(now) {
            Some(cached) => {
                let pause = lasts.max(SHORTEST_PAUSE);
                let next_look = if self.can_be_mended(error) { COMPARED_EVERY } else { pause };
                cached.give_claim_back(cached.age(now) + next_look);
                self.note(state, LogLevel::Warn, || {
                    format!(
                        "a refresh failed, the old token stays in service for {} s, the next try is due in \
                         {} s: {error}",
                        cached.good_left(now).as_secs(),
                        pause.as_secs()
                    )
                });
            }
            None => self.note(state, LogLevel::Error, || {
                format!("{error} (remembered for {} s)", lasts.as_secs())
            }),
        }
    }

    fn note(&self, state: &mut State, level: LogLevel, message: impl FnOnce() -> String) {
        if state.journal.note(level, message) {
            self.has_pending_log.store(true, Ordering::Release);
        }
    }

    /// The token in service, where it is fit to be served.
    fn unexpired(&self, now: Moment) -> Option<Arc<CachedToken>> {
        let cached = Option::clone(&self.cached.look())?;
        (cached.freshness_at(now) != Freshness::Expired).then_some(cached)
    }

    fn is_shut_down(&self) -> bool {
        self.is_shut_down.load(Ordering::Acquire)
    }

    /// Hands what was noted in the background to the log, with no lock held.
    pub(super) fn deliver_pending_log(&self) {
        if !self.has_pending_log.swap(false, Ordering::AcqRel) {
            return;
        }
        let _held = sys::CancellationHeld::begin();
        let process = self.process_state();
        let events = lock(&process.state).journal.take();
        self.log.deliver(events);
    }

    /// The state of this process.
    pub(super) fn process_state(&self) -> Arc<ProcessState> {
        let process = self.process.load_full();
        if process.fork_generation == sys::fork_generation() {
            return process;
        }
        let fresh = Arc::new(ProcessState::new(&self.log));
        {
            let mut state = lock(&fresh.state);
            self.note(&mut state, LogLevel::Debug, || {
                "forked: the token is kept, what was under way is the parent's".to_owned()
            });
        }
        let seen = self.process.compare_and_swap(&process, Arc::clone(&fresh));
        if Arc::ptr_eq(&seen, &process) {
            // The parent's: dropping it would shut the parent's connections down.
            std::mem::forget(process);
            fresh
        } else {
            self.process.load_full()
        }
    }
}

/// How a caller without a token goes on.
pub(super) enum Joined {
    Known(Result<Token, Error>),
    UnderWay(Arc<Flight>),
}

#[cfg(all(test, not(loom)))]
mod tests;
