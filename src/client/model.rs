//! Every interleaving of a few threads, tried by loom: `RUSTFLAGS="--cfg loom"`, `make loom`.
//!
//! The same source runs here, except for the slot of the cached token (see `sync`). `ci/loom/run`
//! also runs the model on copies with a fault each (`ci/loom/*.patch`), which it has to find.

use std::sync::Arc;
use std::time::Duration;

use super::cache::TokenCache;
use super::messenger::Ready;
use super::world::World;
use crate::clock::{Deadline, Moment};
use crate::fetch::flight::Worker;
use crate::log::Log;
use crate::sync::{AtomicU64, Condvar, Mutex, Ordering, lock};
use crate::{Error, Status, Token, token};

/// A world where time stands still and the server answers at once.
struct Instantly {
    requests: Arc<AtomicU64>,
    fails: bool,
    lifetime: u64,
}

impl World for Instantly {
    fn now(&self) -> Moment {
        Moment { monotonic: 0, wall: 0, boot: None }
    }

    fn glance(&self) -> Moment {
        self.now()
    }

    fn random(&self) -> f64 {
        0.5
    }

    fn request(&self, _deadline: Deadline, _worker: &Worker) -> Result<Token, Error> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        if self.fails {
            Err(Error::new(Status::InvalidClient, "refused"))
        } else {
            Ok(token::tests::token("token", self.lifetime, self.now()))
        }
    }

    fn can_credentials_change(&self) -> bool {
        self.fails
    }
}

fn cache(fails: bool) -> (Arc<AtomicU64>, Arc<TokenCache<Instantly>>) {
    cache_of(fails, 3600)
}

fn cache_of(fails: bool, lifetime: u64) -> (Arc<AtomicU64>, Arc<TokenCache<Instantly>>) {
    let requests = Arc::new(AtomicU64::new(0));
    let world = Instantly { requests: Arc::clone(&requests), fails, lifetime };
    (requests, Arc::new(TokenCache::new(world, Log::off(), Duration::from_secs(3600))))
}

fn explore(scenario: impl Fn() + Send + Sync + 'static) {
    explore_up_to(3, scenario);
}

fn explore_up_to(preemptions: usize, scenario: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(preemptions);
    model.check(scenario);
}

#[test]
// promise: one-request
fn two_cold_callers_make_one_request() {
    explore(|| {
        let (requests, cache) = cache(false);
        let other = {
            let cache = Arc::clone(&cache);
            loom::thread::spawn(move || cache.token(None).is_ok())
        };
        assert!(cache.token(None).is_ok());
        assert!(other.join().unwrap());
        assert_eq!(requests.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn two_callers_share_one_refusal() {
    explore(|| {
        let (requests, cache) = cache(true);
        let other = {
            let cache = Arc::clone(&cache);
            loom::thread::spawn(move || cache.token(None).is_err())
        };
        assert!(cache.token(None).is_err());
        assert!(other.join().unwrap());
        assert_eq!(requests.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn an_invalidation_causes_at_most_one_more_request() {
    explore(|| {
        let (requests, cache) = cache(false);
        let other = {
            let cache = Arc::clone(&cache);
            loom::thread::spawn(move || {
                let token = cache.token(None).unwrap();
                cache.invalidate(|current| current.is(&token));
            })
        };
        assert!(cache.token(None).is_ok());
        other.join().unwrap();
        assert!(cache.token(None).is_ok());
        assert!(requests.load(Ordering::SeqCst) <= 2);
    });
}

#[test]
fn a_shutdown_strands_nobody() {
    explore(|| {
        let (_, cache) = cache(false);
        let other = {
            let cache = Arc::clone(&cache);
            loom::thread::spawn(move || match cache.token(None) {
                Ok(_) => true,
                Err(error) => error.status() == Status::Canceled,
            })
        };
        cache.shutdown();
        assert!(other.join().unwrap());
        assert_eq!(cache.token(None).unwrap_err().status(), Status::Canceled);
    });
}

/// Counts the calls of those who registered, by how they ended.
#[derive(Default)]
struct Heard {
    outcomes: Mutex<Vec<Result<Token, Error>>>,
    one_more: Condvar,
}

impl Heard {
    fn listener(self: &Arc<Self>) -> Ready {
        let heard = Arc::clone(self);
        Box::new(move |outcome| {
            lock(&heard.outcomes).push(outcome);
            heard.one_more.notify_all();
        })
    }

    /// The outcomes, once there are so many.
    fn outcomes(&self, count: usize) -> Vec<Result<Token, Error>> {
        let mut outcomes = lock(&self.outcomes);
        while outcomes.len() < count {
            outcomes = self.one_more.wait(outcomes).unwrap();
        }
        outcomes.clone()
    }
}

#[test]
fn each_of_two_who_registered_is_called_once_by_one_request() {
    // Four threads: a bound of 3 would take minutes.
    explore_up_to(2, || {
        let (requests, cache) = cache(false);
        let heard = Arc::new(Heard::default());
        let other = {
            let (cache, listener) = (Arc::clone(&cache), heard.listener());
            loom::thread::spawn(move || cache.when_ready(listener).unwrap())
        };
        cache.when_ready(heard.listener()).unwrap();
        other.join().unwrap();
        let outcomes = heard.outcomes(2);
        assert!(outcomes.len() == 2 && outcomes.iter().all(Result::is_ok));
        assert_eq!(requests.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn a_shutdown_calls_everybody_who_registered() {
    explore(|| {
        let (_, cache) = cache(false);
        let heard = Arc::new(Heard::default());
        let other = {
            let cache = Arc::clone(&cache);
            loom::thread::spawn(move || cache.shutdown())
        };
        let is_registered = cache.when_ready(heard.listener()).is_ok();
        other.join().unwrap();
        let outcomes = heard.outcomes(usize::from(is_registered));
        assert_eq!(outcomes.len(), usize::from(is_registered));
    });
}

#[test]
fn who_was_signaled_gets_the_outcome_without_waiting() {
    for lifetime in [3600, 0] {
        explore(move || {
            let (requests, cache) = cache_of(false, lifetime);
            let (heard, left) = (Arc::new(Heard::default()), Arc::clone(&cache));
            let signal = heard.listener();
            let leave: Ready = Box::new(move |outcome| {
                left.leave(outcome.clone());
                signal(outcome);
            });
            cache.when_ready(leave).unwrap();
            assert!(heard.outcomes(1)[0].is_ok());
            assert!(cache.token_within(Duration::ZERO, None).is_ok());
            assert_eq!(requests.load(Ordering::SeqCst), 1);
        });
    }
}
