//! Serves a token, refreshes it behind its callers, and lets them wait where there is none.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use super::held::{Held, Phase};
use super::memory::Memory;
use super::world::World;
use crate::clock::Deadline;
use crate::flight::{Flight, Pilot};
use crate::log::{Journal, Log, LogLevel};
use crate::sync::{AtomicBool, Mutex, Ordering, Slot, is_seeded, lock};
use crate::{Error, Token, panics, sys};

/// A refresh that failed is not tried again sooner, whatever the reason.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// Keeps one token.
pub(super) struct Keeper<W> {
    world: W,
    log: Log,
    timeout: Duration,
    /// The token in service, read without a lock.
    held: Slot<Held>,
    /// Whether the journal holds something, told without the lock.
    has_news: AtomicBool,
    /// Changed under the lock alone.
    is_shut_down: AtomicBool,
    /// Everything else. A child after a fork gets another one, since a thread that did not come
    /// along may have held its lock.
    ground: ArcSwap<Ground>,
}

/// What one process holds behind a lock.
struct Ground {
    fork_generation: u32,
    state: Mutex<State>,
}

struct State {
    flight: Option<Arc<Flight>>,
    memory: Memory,
    journal: Journal,
}

impl Ground {
    fn new(log: &Log) -> Self {
        Ground {
            fork_generation: sys::fork_generation(),
            state: Mutex::new(State {
                flight: None,
                memory: Memory::default(),
                journal: log.journal(),
            }),
        }
    }
}

impl<W: World> Keeper<W> {
    pub(super) fn new(world: W, log: Log, timeout: Duration) -> Self {
        let ground = ArcSwap::from_pointee(Ground::new(&log));
        Keeper {
            world,
            log,
            timeout,
            held: Slot::empty(),
            has_news: AtomicBool::new(false),
            is_shut_down: AtomicBool::new(false),
            ground,
        }
    }

    /// Shows the token in service, where it is fit to be served. The hot path: no lock that another
    /// thread can hold, no system call, no allocation.
    pub(super) fn with_cached<T>(self: &Arc<Self>, see: impl FnOnce(&Token) -> T) -> Option<T> {
        let held = self.held.look();
        let held = held.as_ref()?;
        match held.phase(&self.world) {
            Phase::Fresh => {}
            Phase::Stale => self.refresh_behind(held),
            Phase::Dead => return None,
        }
        if self.has_news.load(Ordering::Relaxed) {
            self.tell_news();
        }
        Some(see(held.token()))
    }

    /// The token in service, or the outcome of the flight that brings one.
    pub(super) fn token(
        self: &Arc<Self>,
        go_on: Option<&mut dyn FnMut() -> bool>,
    ) -> Result<Token, Error> {
        if let Some(token) = self.with_cached(Token::clone) {
            return Ok(token);
        }
        let deadline = Deadline::after(self.timeout);
        let outcome = self.join_flight().and_then(|joined| match joined {
            Joined::Landed(token) => Ok(token),
            Joined::UnderWay(flight) => flight.outcome(deadline, &self.log, go_on),
        });
        self.tell_news();
        outcome
    }

    /// Drops the token in service if `is_meant`, unless that was done a short while ago.
    pub(super) fn invalidate(&self, is_meant: impl FnOnce(&Token) -> bool) {
        self.drop_if_meant(is_meant);
        self.tell_news();
    }

    fn drop_if_meant(&self, is_meant: impl FnOnce(&Token) -> bool) {
        let ground = self.ground();
        let mut state = lock(&ground.state);
        let held = self.held.look();
        let Some(held) = held.as_ref().filter(|held| is_meant(held.token())) else {
            return;
        };
        let now = self.world.now();
        if state.memory.heeds_invalidation(held.age(now), now) {
            self.held.put(None);
            self.note(&mut state, LogLevel::Info, || {
                "the token was invalidated; the next call fetches another".to_owned()
            });
        } else {
            self.note(&mut state, LogLevel::Warn, || {
                "the token was invalidated again too soon and stays in service; the resource may \
                 refuse every token"
                    .to_owned()
            });
        }
    }

    /// Drops whichever token is in service, and forgets what went wrong.
    pub(super) fn invalidate_whichever(&self) {
        {
            let ground = self.ground();
            let mut state = lock(&ground.state);
            self.held.put(None);
            state.memory.clear();
            self.note(&mut state, LogLevel::Info, || {
                "the token was invalidated, and failures forgotten".to_owned()
            });
        }
        self.tell_news();
    }

    pub(super) fn shutdown(&self) {
        let ground = self.ground();
        let flight = {
            let mut state = lock(&ground.state);
            self.is_shut_down.store(true, Ordering::Release);
            self.held.put(None);
            state.flight.take()
        };
        if let Some(flight) = flight {
            flight.interrupt();
        }
    }

    /// Starts a refresh of a stale token, unless one is under way or failed a short while ago.
    fn refresh_behind(self: &Arc<Self>, held: &Arc<Held>) {
        let fork_generation = sys::fork_generation();
        if held.is_claimed(fork_generation) {
            return;
        }
        let age = held.age(self.world.now());
        if !held.claim_refresh(age, fork_generation) {
            return;
        }
        let ground = self.ground();
        let mut state = lock(&ground.state);
        if state.flight.is_some() || self.is_shut_down() {
            return;
        }
        if let Err(error) = self.start_flight(&ground, &mut state) {
            held.give_claim_back(age + SHORTEST_PAUSE);
            self.note(&mut state, LogLevel::Warn, || format!("no refresh behind: {error}"));
        }
    }

    /// Joins the flight that is under way, or starts one.
    fn join_flight(self: &Arc<Self>) -> Result<Joined, Error> {
        let ground = self.ground();
        let mut state = lock(&ground.state);
        if self.is_shut_down() {
            return Err(Error::canceled());
        }
        let now = self.world.now();
        // The token may have landed between the look without the lock and this one.
        if !is_seeded("double request") {
            let held = self.held.look();
            if let Some(held) = held.as_ref().filter(|held| held.phase_at(now) != Phase::Dead) {
                return Ok(Joined::Landed(held.token().clone()));
            }
        }
        if let Some(flight) = &state.flight {
            return Ok(Joined::UnderWay(Arc::clone(flight)));
        }
        if let Some(error) = state.memory.failure(now) {
            return Err(error);
        }
        self.start_flight(&ground, &mut state).map(Joined::UnderWay)
    }

    fn start_flight(
        self: &Arc<Self>,
        ground: &Arc<Ground>,
        state: &mut State,
    ) -> Result<Arc<Flight>, Error> {
        let keeper = Arc::clone(self);
        let its_ground = Arc::clone(ground);
        let deadline = Deadline::after(self.timeout);
        let flight = Arc::new(Flight::start(&self.log, move |pilot| {
            let outcome = panics::contain(|| keeper.world.request(deadline, pilot))
                .and_then(|outcome| outcome);
            keeper.land(&its_ground, pilot, &outcome);
            outcome
        })?);
        state.flight = Some(Arc::clone(&flight));
        Ok(flight)
    }

    /// Takes a flight's outcome in, before anybody who waits for it learns of it.
    fn land(&self, ground: &Ground, pilot: &Pilot, outcome: &Result<Token, Error>) {
        let mut state = lock(&ground.state);
        state.flight = None;
        if self.is_shut_down() {
            return;
        }
        let unheard = pilot.take_events();
        if !unheard.is_empty() {
            state.journal.extend(unheard);
            self.has_news.store(true, Ordering::Release);
        }
        match outcome {
            Ok(token) => self.take_into_service(&mut state, token),
            Err(error) => self.take_failure(&mut state, error),
        }
    }

    fn take_into_service(&self, state: &mut State, token: &Token) {
        state.memory.note_success();
        let now = self.world.now();
        let held = Held::new(token.clone(), self.world.random());
        let old = self.held.look();
        let old = old.as_ref().filter(|old| old.phase_at(now) != Phase::Dead);
        self.note(state, LogLevel::Info, || {
            format!(
                "{} a token: the next refresh is due in {} s, it expires in {} s",
                if old.is_some() { "refreshed, behind the callers," } else { "fetched" },
                held.fresh_left(now).as_secs(),
                token.expires_in_at(now).as_secs()
            )
        });
        if held.phase_at(now) != Phase::Dead {
            self.held.put(Some(Arc::new(held)));
        } else if let Some(old) = old {
            // One that arrives dead is for those who waited for it alone.
            old.give_claim_back(old.age(now) + SHORTEST_PAUSE);
        }
    }

    fn take_failure(&self, state: &mut State, error: &Error) {
        let now = self.world.now();
        let lasts = state.memory.note_failure(error, now);
        let held = self.held.look();
        match held.as_ref().filter(|held| held.phase_at(now) != Phase::Dead) {
            Some(held) => {
                let pause = lasts.max(SHORTEST_PAUSE);
                held.give_claim_back(held.age(now) + pause);
                self.note(state, LogLevel::Warn, || {
                    format!(
                        "a refresh failed, the old token stays in service for {} s, the next try is due in \
                         {} s: {error}",
                        held.good_left(now).as_secs(),
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
            self.has_news.store(true, Ordering::Release);
        }
    }

    fn is_shut_down(&self) -> bool {
        self.is_shut_down.load(Ordering::Acquire)
    }

    /// Hands what was noted behind the callers to the log, with no lock held.
    fn tell_news(&self) {
        if !self.has_news.swap(false, Ordering::AcqRel) {
            return;
        }
        let ground = self.ground();
        let events = lock(&ground.state).journal.take();
        self.log.deliver(events);
    }

    /// The ground of this process.
    fn ground(&self) -> Arc<Ground> {
        let ground = self.ground.load_full();
        if ground.fork_generation == sys::fork_generation() {
            return ground;
        }
        let fresh = Arc::new(Ground::new(&self.log));
        {
            let mut state = lock(&fresh.state);
            self.note(&mut state, LogLevel::Debug, || {
                "forked: the token is kept, what was under way is the parent's".to_owned()
            });
        }
        let seen = self.ground.compare_and_swap(&ground, Arc::clone(&fresh));
        if Arc::ptr_eq(&seen, &ground) {
            // The parent's: dropping it would shut the parent's connections down.
            std::mem::forget(ground);
            fresh
        } else {
            self.ground.load_full()
        }
    }
}

/// How a caller without a token goes on.
enum Joined {
    Landed(Token),
    UnderWay(Arc<Flight>),
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::{AtomicU32, AtomicU64};
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::sync::{Barrier, Mutex as StdMutex};
    use std::thread;

    use super::*;
    use crate::clock::Moment;
    use crate::{Status, token};

    /// A world whose time stands still until it is moved, and whose server does as it is told.
    struct Scene {
        monotonic_ms: AtomicU64,
        wall_ms: AtomicU64,
        boot_ms: AtomicU64,
        requests: AtomicU32,
        lifetime: AtomicU64,
        failure: StdMutex<Option<Error>>,
        /// A request waits for a word here, where a test holds the other end.
        gate: StdMutex<Option<Receiver<()>>>,
    }

    impl Scene {
        fn new(lifetime: u64) -> Self {
            Scene {
                monotonic_ms: AtomicU64::new(1_000_000),
                wall_ms: AtomicU64::new(1_800_000_000_000),
                boot_ms: AtomicU64::new(2_000_000),
                requests: AtomicU32::new(0),
                lifetime: AtomicU64::new(lifetime),
                failure: StdMutex::new(None),
                gate: StdMutex::new(None),
            }
        }

        fn pass(&self, time: Duration) {
            let ms = time.as_millis() as u64;
            for clock in [&self.monotonic_ms, &self.wall_ms, &self.boot_ms] {
                clock.fetch_add(ms, Ordering::SeqCst);
            }
        }

        fn suspend(&self, time: Duration) {
            let ms = time.as_millis() as u64;
            for clock in [&self.wall_ms, &self.boot_ms] {
                clock.fetch_add(ms, Ordering::SeqCst);
            }
        }

        fn set_wall_clock(&self, by_ms: i64) {
            self.wall_ms.fetch_add(by_ms as u64, Ordering::SeqCst);
        }

        fn fails_with(&self, error: Option<Error>) {
            *self.failure.lock().unwrap() = error;
        }

        fn close_gate(&self) -> Sender<()> {
            let (open, gate) = channel();
            *self.gate.lock().unwrap() = Some(gate);
            open
        }

        fn requests(&self) -> u32 {
            self.requests.load(Ordering::SeqCst)
        }
    }

    impl World for Arc<Scene> {
        fn now(&self) -> Moment {
            let read = |clock: &AtomicU64| clock.load(Ordering::SeqCst) * 1_000_000;
            Moment {
                monotonic: read(&self.monotonic_ms),
                wall: read(&self.wall_ms),
                boot: Some(read(&self.boot_ms)),
            }
        }

        fn glance(&self) -> Moment {
            Moment { boot: None, ..self.now() }
        }

        fn random(&self) -> f64 {
            0.5
        }

        fn request(&self, _deadline: Deadline, _pilot: &Pilot) -> Result<Token, Error> {
            let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
            let sent = self.now();
            if let Some(gate) = &*self.gate.lock().unwrap() {
                gate.recv().ok();
            }
            match &*self.failure.lock().unwrap() {
                Some(error) => Err(error.clone()),
                None => Ok(token::tests::token(
                    &format!("token-{number}"),
                    self.lifetime.load(Ordering::SeqCst),
                    sent,
                )),
            }
        }
    }

    type TestKeeper = Arc<Keeper<Arc<Scene>>>;

    fn keeper(lifetime: u64) -> (Arc<Scene>, TestKeeper) {
        let scene = Arc::new(Scene::new(lifetime));
        let timeout = Duration::from_secs(20);
        (Arc::clone(&scene), Arc::new(Keeper::new(scene, Log::off(), timeout)))
    }

    fn served(keeper: &TestKeeper) -> String {
        keeper.token(None).unwrap().access_token().to_owned()
    }

    fn failed(keeper: &TestKeeper) -> Error {
        keeper.token(None).unwrap_err()
    }

    /// Waits until no flight is under way.
    fn settle(keeper: &TestKeeper) {
        let flight = lock(&keeper.ground().state).flight.clone();
        if let Some(flight) = flight {
            let long = Deadline::after(Duration::from_secs(10));
            let _ = flight.outcome(long, &Log::off(), None);
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_fresh_token_is_served_from_memory() {
        let (scene, keeper) = keeper(3600);
        assert_eq!(served(&keeper), "token-1");
        scene.pass(SECOND * 2879);
        assert_eq!(served(&keeper), "token-1");
        assert_eq!(scene.requests(), 1);
    }

    #[test]
    fn a_stale_token_is_served_while_one_refresh_runs_behind() {
        let (scene, keeper) = keeper(3600);
        served(&keeper);
        scene.pass(SECOND * 2900);
        let open = scene.close_gate();
        for _ in 0..100 {
            assert_eq!(served(&keeper), "token-1");
        }
        open.send(()).unwrap();
        settle(&keeper);
        assert_eq!(served(&keeper), "token-2");
        assert_eq!(scene.requests(), 2);
    }

    #[test]
    fn a_failed_refresh_leaves_the_old_token_and_is_tried_again_after_its_back_off() {
        let (scene, keeper) = keeper(3600);
        served(&keeper);
        scene.pass(SECOND * 2900);
        scene.fails_with(Some(Error::new(Status::Connect, "down").retryable()));
        for (wait, requests) in [(0, 2), (0, 2), (1, 3), (1, 3), (1, 4), (3, 4), (1, 5)] {
            scene.pass(SECOND * wait);
            assert_eq!(served(&keeper), "token-1");
            settle(&keeper);
            assert_eq!(scene.requests(), requests, "after {wait} s more");
        }
        scene.fails_with(None);
        scene.pass(SECOND * 8);
        served(&keeper);
        settle(&keeper);
        assert_eq!(served(&keeper), "token-6");
    }

    #[test]
    fn a_dead_token_is_not_served() {
        let (scene, keeper) = keeper(3600);
        served(&keeper);
        scene.pass(SECOND * 3590);
        assert_eq!(served(&keeper), "token-2");
    }

    #[test]
    fn a_day_costs_no_more_requests_than_it_must() {
        let (scene, keeper) = keeper(3600);
        for _ in 0..24 * 360 {
            served(&keeper);
            settle(&keeper);
            scene.pass(SECOND * 10);
        }
        assert!((29..=31).contains(&scene.requests()), "{}", scene.requests());
    }

    #[test]
    fn a_cold_herd_makes_one_request_and_shares_its_outcome() {
        for failure in [None, Some(Error::new(Status::InvalidClient, "wrong"))] {
            let (scene, keeper) = keeper(3600);
            scene.fails_with(failure.clone());
            let open = scene.close_gate();
            let together = Arc::new(Barrier::new(65));
            let herd: Vec<_> = (0..64)
                .map(|_| {
                    let (keeper, together) = (Arc::clone(&keeper), Arc::clone(&together));
                    thread::spawn(move || {
                        together.wait();
                        keeper.token(None).map(|token| token.access_token().to_owned())
                    })
                })
                .collect();
            together.wait();
            open.send(()).unwrap();
            for caller in herd {
                let outcome = caller.join().unwrap();
                assert_eq!(outcome.is_ok(), failure.is_none());
            }
            assert_eq!(scene.requests(), 1);
        }
    }

    #[test]
    fn a_refusal_is_answered_from_memory_with_what_is_left_of_its_time() {
        let (scene, keeper) = keeper(3600);
        scene.fails_with(Some(Error::new(Status::InvalidClient, "wrong")));
        assert_eq!(failed(&keeper).retry_after(), None);
        scene.pass(SECOND * 20);
        assert_eq!(failed(&keeper).retry_after(), Some(SECOND * 40));
        assert_eq!(scene.requests(), 1);
        scene.fails_with(None);
        scene.pass(SECOND * 40);
        assert_eq!(served(&keeper), "token-2");
    }

    #[test]
    fn a_token_is_dropped_by_those_who_mean_it_and_once() {
        let (scene, keeper) = keeper(3600);
        let first = served(&keeper);
        keeper.invalidate(|current| current.access_token() == "another");
        assert_eq!(served(&keeper), first);
        for _ in 0..1000 {
            keeper.invalidate(|current| current.access_token() == first);
        }
        assert_eq!(served(&keeper), "token-2");
        keeper.invalidate(|current| current.access_token() == first);
        assert_eq!(served(&keeper), "token-2");
        assert_eq!(scene.requests(), 2);
    }

    #[test]
    fn a_resource_that_refuses_every_token_does_not_cause_a_storm() {
        let (scene, keeper) = keeper(3600);
        for _ in 0..100 * 10 {
            let token = served(&keeper);
            keeper.invalidate(|current| current.access_token() == token);
            scene.pass(Duration::from_millis(100));
        }
        // At 0, 1, 3, 7, 15, 31, 61 and 91 s, and the first of all.
        assert!((8..=10).contains(&scene.requests()), "{}", scene.requests());
    }

    #[test]
    fn invalidating_whichever_token_also_forgets_a_failure() {
        let (scene, keeper) = keeper(3600);
        scene.fails_with(Some(Error::new(Status::InvalidClient, "wrong")));
        failed(&keeper);
        scene.fails_with(None);
        keeper.invalidate_whichever();
        assert_eq!(served(&keeper), "token-2");
        keeper.invalidate_whichever();
        assert_eq!(served(&keeper), "token-3");
    }

    #[test]
    fn an_invalidation_joins_the_refresh_that_is_under_way() {
        let (scene, keeper) = keeper(3600);
        let first = served(&keeper);
        scene.pass(SECOND * 2900);
        let open = scene.close_gate();
        served(&keeper);
        keeper.invalidate(|current| current.access_token() == first);
        open.send(()).unwrap();
        assert_eq!(served(&keeper), "token-2");
        assert_eq!(scene.requests(), 2);
    }

    #[test]
    fn a_token_that_arrives_dead_goes_to_its_waiter_and_is_not_kept() {
        let (scene, keeper) = keeper(10);
        let open = scene.close_gate();
        let slow = Arc::clone(&scene);
        let waiter = {
            let keeper = Arc::clone(&keeper);
            thread::spawn(move || served(&keeper))
        };
        while scene.requests() == 0 {
            thread::yield_now();
        }
        slow.pass(SECOND * 9);
        open.send(()).unwrap();
        assert_eq!(waiter.join().unwrap(), "token-1");
        drop(open);
        assert_eq!(served(&keeper), "token-2");
    }

    #[test]
    fn a_suspended_machine_is_noticed() {
        let (scene, keeper) = keeper(3600);
        served(&keeper);
        scene.suspend(SECOND * 3600);
        assert_eq!(served(&keeper), "token-2");
    }

    #[test]
    fn a_suspend_that_a_backward_step_of_the_wall_clock_hides_is_noticed() {
        let (scene, keeper) = keeper(3600);
        served(&keeper);
        scene.suspend(SECOND * 3600);
        scene.set_wall_clock(-3_590_000);
        assert_eq!(served(&keeper), "token-2");
    }

    #[test]
    fn a_step_of_the_wall_clock_costs_at_most_one_request() {
        for step_ms in [-86_400_000, 86_400_000, -5_000_000_000, 5_000_000_000] {
            let (scene, keeper) = keeper(3600);
            served(&keeper);
            scene.set_wall_clock(step_ms);
            for _ in 0..10 {
                served(&keeper);
                settle(&keeper);
                scene.pass(SECOND);
            }
            assert!(scene.requests() <= 2, "{step_ms}: {}", scene.requests());
            scene.pass(SECOND * 3600);
            let before = scene.requests();
            served(&keeper);
            assert_eq!(scene.requests(), before + 1, "{step_ms}");
        }
    }

    #[test]
    fn shutdown_lets_waiting_callers_go_and_refuses_later_ones() {
        let (scene, keeper) = keeper(3600);
        let open = scene.close_gate();
        let waiter = {
            let keeper = Arc::clone(&keeper);
            thread::spawn(move || failed(&keeper).status())
        };
        while scene.requests() == 0 {
            thread::yield_now();
        }
        keeper.shutdown();
        assert_eq!(waiter.join().unwrap(), Status::Canceled);
        open.send(()).unwrap();
        assert_eq!(failed(&keeper).status(), Status::Canceled);
        assert!(keeper.held.look().is_none());
    }

    #[test]
    fn a_panic_in_a_request_leaves_a_keeper_that_works() {
        struct Panics(AtomicU32);
        impl World for Panics {
            fn now(&self) -> Moment {
                Moment::now()
            }
            fn glance(&self) -> Moment {
                Moment::glance()
            }
            fn random(&self) -> f64 {
                0.0
            }
            fn request(&self, _: Deadline, _: &Pilot) -> Result<Token, Error> {
                if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
                    panic!("seeded");
                }
                Ok(token::tests::token("after", 3600, Moment::now()))
            }
        }
        let keeper = Arc::new(Keeper::new(Panics(AtomicU32::new(0)), Log::off(), SECOND * 20));
        assert_eq!(keeper.token(None).unwrap_err().status(), Status::Internal);
        assert_eq!(keeper.token(None).unwrap().access_token(), "after");
    }

    #[test]
    fn what_happened_behind_the_callers_is_told_at_the_next_call() {
        let scene = Arc::new(Scene::new(3600));
        let (send, heard) = channel();
        let log =
            Log::new(LogLevel::Info, move |_, message| send.send(message.to_owned()).unwrap());
        let keeper = Arc::new(Keeper::new(Arc::clone(&scene), log, SECOND * 20));
        served(&keeper);
        assert!(
            heard
                .try_recv()
                .unwrap()
                .starts_with("fetched a token: the next refresh is due in 2880 s")
        );
        scene.pass(SECOND * 2900);
        scene.fails_with(Some(Error::new(Status::Connect, "no route")));
        served(&keeper);
        settle(&keeper);
        served(&keeper);
        let told = heard.try_recv().unwrap();
        assert!(
            told.starts_with("a refresh failed, the old token stays in service for 690 s"),
            "{told}"
        );
        assert!(told.ends_with("no route"), "{told}");
        assert!(heard.try_recv().is_err());
    }
}
