use std::sync::atomic::{AtomicU32, AtomicU64};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Barrier, Mutex as StdMutex};
use std::thread;

use super::*;
use crate::clock::Moment;
use crate::{Status, token};

mod rotation;
mod without_waiting;

/// A world whose time stands still until it is moved, and whose server answers as the test asks.
struct Scene {
    monotonic_ms: AtomicU64,
    wall_ms: AtomicU64,
    boot_ms: AtomicU64,
    requests: AtomicU32,
    lifetime: AtomicU64,
    failure: StdMutex<Option<Error>>,
    /// What the next requests have to say.
    says: StdMutex<Option<&'static str>>,
    /// The number of the credentials that there are; 0 where none can come but by a replacement.
    credentials: AtomicU32,
    /// The number of those of the last request.
    used: AtomicU32,
    comparisons: AtomicU32,
    /// A request waits for a message here, where a test holds the other end.
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
            says: StdMutex::new(None),
            credentials: AtomicU32::new(0),
            used: AtomicU32::new(0),
            comparisons: AtomicU32::new(0),
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

    fn request(&self, _deadline: Deadline, worker: &Worker) -> Result<Token, Error> {
        let number = self.requests.fetch_add(1, Ordering::SeqCst) + 1;
        let sent = self.now();
        self.used.store(self.credentials.load(Ordering::SeqCst), Ordering::SeqCst);
        if let Some(gate) = &*self.gate.lock().unwrap() {
            gate.recv().ok();
        }
        if let Some(said) = *self.says.lock().unwrap() {
            worker.note(LogLevel::Warn, || said.to_owned());
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

    fn can_credentials_change(&self) -> bool {
        self.credentials.load(Ordering::SeqCst) != 0
    }

    fn have_credentials_changed(&self, _deadline: Deadline) -> bool {
        self.comparisons.fetch_add(1, Ordering::SeqCst);
        self.used.load(Ordering::SeqCst) != self.credentials.load(Ordering::SeqCst)
    }
}

type TestCache = Arc<TokenCache<Arc<Scene>>>;

fn cache(lifetime: u64) -> (Arc<Scene>, TestCache) {
    let scene = Arc::new(Scene::new(lifetime));
    let timeout = Duration::from_secs(5);
    (Arc::clone(&scene), Arc::new(TokenCache::new(scene, Log::off(), timeout)))
}

fn served(cache: &TestCache) -> String {
    cache.token(None).unwrap().access_token().to_owned()
}

fn failed(cache: &TestCache) -> Error {
    cache.token(None).unwrap_err()
}

/// Waits until no flight is under way, and leaves what it has to say.
fn settle(cache: &TestCache) {
    let long = Deadline::after(SECOND * 60);
    while lock(&cache.process_state().state).flight.is_some() {
        assert!(!long.remaining().is_zero(), "a flight without end");
        thread::yield_now();
    }
}

/// Waits until a request is under way.
fn await_request(scene: &Scene) {
    let long = Deadline::after(SECOND * 60);
    while scene.requests() == 0 {
        assert!(!long.remaining().is_zero(), "no request");
        thread::yield_now();
    }
}

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_fresh_token_is_served_from_memory() {
    let (scene, cache) = cache(3600);
    assert_eq!(served(&cache), "token-1");
    scene.pass(SECOND * 2879);
    assert_eq!(served(&cache), "token-1");
    assert_eq!(scene.requests(), 1);
}

#[test]
fn a_stale_token_is_served_while_one_refresh_runs_behind() {
    let (scene, cache) = cache(3600);
    served(&cache);
    scene.pass(SECOND * 2900);
    let open = scene.close_gate();
    for _ in 0..100 {
        assert_eq!(served(&cache), "token-1");
    }
    open.send(()).unwrap();
    settle(&cache);
    assert_eq!(served(&cache), "token-2");
    assert_eq!(scene.requests(), 2);
}

#[test]
fn a_failed_refresh_leaves_the_old_token_and_is_tried_again_after_its_back_off() {
    let (scene, cache) = cache(3600);
    served(&cache);
    scene.pass(SECOND * 2900);
    scene.fails_with(Some(Error::new(Status::Connect, "down").retryable()));
    for (wait, requests) in [(0, 2), (0, 2), (1, 3), (1, 3), (1, 4), (3, 4), (1, 5)] {
        scene.pass(SECOND * wait);
        assert_eq!(served(&cache), "token-1");
        settle(&cache);
        assert_eq!(scene.requests(), requests, "after {wait} s more");
    }
    scene.fails_with(None);
    scene.pass(SECOND * 8);
    served(&cache);
    settle(&cache);
    assert_eq!(served(&cache), "token-6");
}

#[test]
fn a_dead_token_is_not_served() {
    let (scene, cache) = cache(3600);
    served(&cache);
    scene.pass(SECOND * 3590);
    assert_eq!(served(&cache), "token-2");
}

#[test]
fn a_day_costs_no_more_requests_than_it_must() {
    let (scene, cache) = cache(3600);
    for _ in 0..24 * 360 {
        served(&cache);
        settle(&cache);
        scene.pass(SECOND * 10);
    }
    assert!((29..=31).contains(&scene.requests()), "{}", scene.requests());
}

#[test]
fn a_cold_herd_makes_one_request_and_shares_its_outcome() {
    for failure in [None, Some(Error::new(Status::InvalidClient, "wrong"))] {
        let (scene, cache) = cache(3600);
        scene.fails_with(failure.clone());
        let open = scene.close_gate();
        let together = Arc::new(Barrier::new(65));
        let herd: Vec<_> = (0..64)
            .map(|_| {
                let (cache, together) = (Arc::clone(&cache), Arc::clone(&together));
                thread::spawn(move || {
                    together.wait();
                    cache.token(None).map(|token| token.access_token().to_owned())
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
    let (scene, cache) = cache(3600);
    scene.fails_with(Some(Error::new(Status::InvalidClient, "wrong")));
    assert_eq!(failed(&cache).retry_after(), None);
    scene.pass(SECOND * 20);
    assert_eq!(failed(&cache).retry_after(), Some(SECOND * 40));
    assert_eq!(scene.requests(), 1);
    scene.fails_with(None);
    scene.pass(SECOND * 40);
    assert_eq!(served(&cache), "token-2");
}

#[test]
fn a_token_is_dropped_by_those_who_mean_it_and_once() {
    let (scene, cache) = cache(3600);
    let first = served(&cache);
    cache.invalidate(|current| current.access_token() == "another");
    assert_eq!(served(&cache), first);
    for _ in 0..1000 {
        cache.invalidate(|current| current.access_token() == first);
    }
    assert_eq!(served(&cache), "token-2");
    cache.invalidate(|current| current.access_token() == first);
    assert_eq!(served(&cache), "token-2");
    assert_eq!(scene.requests(), 2);
}

#[test]
fn a_resource_that_refuses_every_token_does_not_cause_a_storm() {
    let (scene, cache) = cache(3600);
    for _ in 0..100 * 10 {
        let token = served(&cache);
        cache.invalidate(|current| current.access_token() == token);
        scene.pass(Duration::from_millis(100));
    }
    // At 0, 1, 3, 7, 15, 31, 61 and 91 s, and the first of all.
    assert!((8..=10).contains(&scene.requests()), "{}", scene.requests());
}

#[test]
fn invalidating_whichever_token_also_forgets_a_failure() {
    let (scene, cache) = cache(3600);
    scene.fails_with(Some(Error::new(Status::InvalidClient, "wrong")));
    failed(&cache);
    scene.fails_with(None);
    cache.invalidate_whichever();
    assert_eq!(served(&cache), "token-2");
    cache.invalidate_whichever();
    assert_eq!(served(&cache), "token-3");
}

#[test]
fn an_invalidation_joins_the_refresh_that_is_under_way() {
    let (scene, cache) = cache(3600);
    let first = served(&cache);
    scene.pass(SECOND * 2900);
    let open = scene.close_gate();
    served(&cache);
    cache.invalidate(|current| current.access_token() == first);
    open.send(()).unwrap();
    assert_eq!(served(&cache), "token-2");
    assert_eq!(scene.requests(), 2);
}

#[test]
fn a_token_that_arrives_dead_goes_to_its_waiter_and_is_not_kept() {
    let (scene, cache) = cache(10);
    let open = scene.close_gate();
    let slow = Arc::clone(&scene);
    let waiter = {
        let cache = Arc::clone(&cache);
        thread::spawn(move || served(&cache))
    };
    await_request(&scene);
    slow.pass(SECOND * 9);
    open.send(()).unwrap();
    assert_eq!(waiter.join().unwrap(), "token-1");
    drop(open);
    settle(&cache);
    assert_eq!(served(&cache), "token-2");
}

#[test]
// promise: clocks
fn a_suspended_machine_is_noticed() {
    let (scene, cache) = cache(3600);
    served(&cache);
    scene.suspend(SECOND * 3600);
    assert_eq!(served(&cache), "token-2");
}

#[test]
fn a_suspend_that_a_backward_step_of_the_wall_clock_hides_is_noticed() {
    let (scene, cache) = cache(3600);
    served(&cache);
    scene.suspend(SECOND * 3600);
    scene.set_wall_clock(-3_590_000);
    assert_eq!(served(&cache), "token-2");
}

#[test]
// promise: clocks
fn a_step_of_the_wall_clock_costs_at_most_one_request() {
    for step_ms in [-86_400_000, 86_400_000, -5_000_000_000, 5_000_000_000] {
        let (scene, cache) = cache(3600);
        served(&cache);
        scene.set_wall_clock(step_ms);
        for _ in 0..10 {
            served(&cache);
            settle(&cache);
            scene.pass(SECOND);
        }
        assert!(scene.requests() <= 2, "{step_ms}: {}", scene.requests());
        scene.pass(SECOND * 3600);
        let before = scene.requests();
        served(&cache);
        assert_eq!(scene.requests(), before + 1, "{step_ms}");
    }
}

#[test]
fn shutdown_lets_waiting_callers_go_and_refuses_later_ones() {
    let (scene, cache) = cache(3600);
    let open = scene.close_gate();
    let waiter = {
        let cache = Arc::clone(&cache);
        thread::spawn(move || failed(&cache).status())
    };
    await_request(&scene);
    cache.shutdown();
    assert_eq!(waiter.join().unwrap(), Status::Canceled);
    open.send(()).unwrap();
    assert_eq!(failed(&cache).status(), Status::Canceled);
    assert!(cache.cached.look().is_none());
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
        fn request(&self, _: Deadline, _: &Worker) -> Result<Token, Error> {
            if self.0.fetch_add(1, Ordering::SeqCst) == 0 {
                panic!("seeded");
            }
            Ok(token::tests::token("after", 3600, Moment::now()))
        }
    }
    // To tell where a panic arose can take seconds.
    let cache = Arc::new(TokenCache::new(Panics(AtomicU32::new(0)), Log::off(), SECOND * 60));
    assert_eq!(cache.token(None).unwrap_err().status(), Status::Internal);
    assert_eq!(cache.token(None).unwrap().access_token(), "after");
}

#[test]
// promise: log-background
fn what_happened_in_the_background_is_logged_at_the_next_call() {
    let scene = Arc::new(Scene::new(3600));
    let (send, received) = channel();
    let log = Log::new(LogLevel::Info, move |_, message| send.send(message.to_owned()).unwrap());
    let cache = Arc::new(TokenCache::new(Arc::clone(&scene), log, SECOND * 5));
    served(&cache);
    assert!(
        received
            .try_recv()
            .unwrap()
            .starts_with("fetched a token: the next refresh is due in 2880 s")
    );
    scene.pass(SECOND * 2900);
    *scene.says.lock().unwrap() = Some("trying again");
    scene.fails_with(Some(Error::new(Status::Connect, "no route")));
    served(&cache);
    settle(&cache);
    served(&cache);
    assert_eq!(received.try_recv().unwrap(), "trying again");
    let message = received.try_recv().unwrap();
    assert!(
        message.starts_with("a refresh failed, the old token stays in service for 690 s"),
        "{message}"
    );
    assert!(message.ends_with("no route"), "{message}");
    scene.fails_with(None);
    scene.pass(SECOND * 100);
    served(&cache);
    settle(&cache);
    served(&cache);
    assert_eq!(received.try_recv().unwrap(), "trying again");
    assert!(received.try_recv().unwrap().starts_with("refreshed a token in the background"));
    assert!(received.try_recv().is_err());
}

#[test]
fn a_refresh_that_brings_an_expired_token_is_tried_again_after_a_second() {
    let (scene, cache) = cache(3600);
    served(&cache);
    scene.pass(SECOND * 2900);
    scene.lifetime.store(0, Ordering::SeqCst);
    for (wait, requests) in [(0, 2), (0, 2), (1, 3)] {
        scene.pass(SECOND * wait);
        assert_eq!(served(&cache), "token-1");
        settle(&cache);
        assert_eq!(scene.requests(), requests, "after {wait} s more");
    }
}

#[test]
fn a_stale_token_of_a_cache_that_was_shut_down_meanwhile_is_not_refreshed() {
    let (scene, cache) = cache(3600);
    served(&cache);
    scene.pass(SECOND * 2900);
    let stale = cache.cached.look().as_ref().map(Arc::clone).unwrap();
    cache.shutdown();
    cache.refresh_in_background(&stale);
    settle(&cache);
    assert_eq!(scene.requests(), 1);
}

#[test]
fn a_caller_that_waits_piece_by_piece_gets_the_token_of_the_flight() {
    let (scene, cache) = cache(3600);
    let open = scene.close_gate();
    let waiting = cache.start_waiting().unwrap();
    assert!(waiting.wait(Duration::from_millis(1)).is_none());
    open.send(()).unwrap();
    assert_eq!(waiting.wait(SECOND * 10).unwrap().unwrap().access_token(), "token-1");
    let cached = cache.start_waiting().unwrap().wait(SECOND).unwrap().unwrap();
    assert_eq!((cached.access_token(), scene.requests()), ("token-1", 1));
}

/// A cache whose requests are allowed next to no time.
fn hasty_cache() -> (Arc<Scene>, TestCache) {
    let scene = Arc::new(Scene::new(3600));
    let timeout = Duration::from_millis(20);
    (Arc::clone(&scene), Arc::new(TokenCache::new(scene, Log::off(), timeout)))
}

/// Waits until no thread of a request holds the cache.
fn await_the_end_of_requests(cache: &TestCache) {
    let long = Deadline::after(SECOND * 60);
    while Arc::strong_count(cache) > 1 {
        assert!(!long.remaining().is_zero(), "a request without end");
        thread::yield_now();
    }
}

#[test]
fn a_request_that_outlives_its_deadline_is_given_up_for_another() {
    let (scene, cache) = hasty_cache();
    let open = scene.close_gate();
    for _ in 0..2 {
        assert_eq!(failed(&cache).status(), Status::Timeout);
    }
    await_request(&scene);
    scene.pass(SECOND * 60);
    drop(failed(&cache));
    let long = Deadline::after(SECOND * 60);
    while scene.requests() < 2 {
        assert!(!long.remaining().is_zero(), "no other request");
        thread::yield_now();
    }
    drop(open);
}

#[test]
fn the_failure_of_a_request_that_was_given_up_is_nobodys() {
    let (scene, cache) = hasty_cache();
    let open = scene.close_gate();
    scene.fails_with(Some(Error::new(Status::InvalidClient, "seeded")));
    for _ in 0..2 {
        assert_eq!(failed(&cache).status(), Status::Timeout);
    }
    drop(open);
    await_the_end_of_requests(&cache);
    assert_eq!(failed(&cache).status(), Status::Timeout);
}

#[test]
fn a_token_that_comes_after_the_shutdown_is_not_kept() {
    let (scene, cache) = cache(3600);
    let open = scene.close_gate();
    let waiting = cache.start_waiting().unwrap();
    cache.shutdown();
    open.send(()).unwrap();
    drop(waiting);
    await_the_end_of_requests(&cache);
    assert!(cache.with_cached(|_| ()).is_none());
}
