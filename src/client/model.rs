//! Every interleaving of a few threads, tried by loom: `RUSTFLAGS="--cfg loom"`, `make loom`.
//!
//! The same source runs here, but for the slot of the cached token (see `sync`). Two faults can be
//! seeded to show that the model finds them: `SEEDED_FAULT="lost wake-up"` and `"double request"`.

use std::sync::Arc;
use std::time::Duration;

use super::keeper::Keeper;
use super::world::World;
use crate::clock::{Deadline, Moment};
use crate::flight::Pilot;
use crate::log::Log;
use crate::sync::{AtomicU64, Ordering};
use crate::{Error, Status, Token, token};

/// A world where time stands still and the server answers at once.
struct Instantly {
    requests: Arc<AtomicU64>,
    fails: bool,
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

    fn request(&self, _deadline: Deadline, _pilot: &Pilot) -> Result<Token, Error> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        if self.fails {
            Err(Error::new(Status::InvalidClient, "refused"))
        } else {
            Ok(token::tests::token("token", 3600, self.now()))
        }
    }
}

fn keeper(fails: bool) -> (Arc<AtomicU64>, Arc<Keeper<Instantly>>) {
    let requests = Arc::new(AtomicU64::new(0));
    let world = Instantly { requests: Arc::clone(&requests), fails };
    (requests, Arc::new(Keeper::new(world, Log::off(), Duration::from_secs(3600))))
}

fn explore(scenario: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(scenario);
}

#[test]
fn two_cold_callers_make_one_request() {
    explore(|| {
        let (requests, keeper) = keeper(false);
        let other = {
            let keeper = Arc::clone(&keeper);
            loom::thread::spawn(move || keeper.token(None).is_ok())
        };
        assert!(keeper.token(None).is_ok());
        assert!(other.join().unwrap());
        assert_eq!(requests.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn two_callers_share_one_refusal() {
    explore(|| {
        let (requests, keeper) = keeper(true);
        let other = {
            let keeper = Arc::clone(&keeper);
            loom::thread::spawn(move || keeper.token(None).is_err())
        };
        assert!(keeper.token(None).is_err());
        assert!(other.join().unwrap());
        assert_eq!(requests.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn an_invalidation_causes_at_most_one_more_request() {
    explore(|| {
        let (requests, keeper) = keeper(false);
        let other = {
            let keeper = Arc::clone(&keeper);
            loom::thread::spawn(move || {
                let token = keeper.token(None).unwrap();
                keeper.invalidate(|current| current.is(&token));
            })
        };
        assert!(keeper.token(None).is_ok());
        other.join().unwrap();
        assert!(keeper.token(None).is_ok());
        assert!(requests.load(Ordering::SeqCst) <= 2);
    });
}

#[test]
fn a_shutdown_strands_nobody() {
    explore(|| {
        let (_, keeper) = keeper(false);
        let other = {
            let keeper = Arc::clone(&keeper);
            loom::thread::spawn(move || match keeper.token(None) {
                Ok(_) => true,
                Err(error) => error.status() == Status::Canceled,
            })
        };
        keeper.shutdown();
        assert!(other.join().unwrap());
        assert_eq!(keeper.token(None).unwrap_err().status(), Status::Canceled);
    });
}
