//! A token in service, and the parts of its life.

use std::time::Duration;

use super::world::{GLANCE_LATE_BY, World};
use crate::Token;
use crate::clock::Moment;
use crate::sync::{AtomicU64, Ordering};

/// Before its expiry by this much a token is expired: it could expire on its way to the resource.
const MARGIN: Duration = Duration::from_secs(10);

/// A token that lives shorter than ten margins is expired for the last tenth of its life.
const SHARE: u32 = 10;

/// A token is fresh until a point between these parts of its life, drawn anew for each, so that a
/// fleet does not refresh all at once.
const FRESH_FROM: f64 = 0.75;
const FRESH_TO: f64 = 0.85;

/// No refresh is under way.
const UNCLAIMED: u64 = 0;

/// A token in service.
pub(super) struct CachedToken {
    token: Token,
    /// The ages, in nanoseconds, up to which it is fresh, and good at all.
    fresh_for: u64,
    good_for: u64,
    /// Which process refreshes it: its fork generation and one, or [`UNCLAIMED`].
    claimed_by: AtomicU64,
    /// A refresh failed: the age in nanoseconds from which the next may start.
    refresh_not_before: AtomicU64,
}

/// Which part of its life a token is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    /// Served.
    Fresh,
    /// Served, while the next one is fetched.
    Stale,
    /// Not served.
    Expired,
}

impl CachedToken {
    /// Takes a token into service; `random` is drawn evenly from 0 to 1.
    pub(super) fn new(token: Token, random: f64) -> Self {
        let lifetime = token.lifetime();
        let fresh_part = FRESH_FROM + (FRESH_TO - FRESH_FROM) * random;
        CachedToken {
            fresh_for: nanoseconds(lifetime.mul_f64(fresh_part)),
            good_for: nanoseconds(lifetime - MARGIN.min(lifetime / SHARE)),
            token,
            claimed_by: AtomicU64::new(UNCLAIMED),
            refresh_not_before: AtomicU64::new(0),
        }
    }

    pub(super) fn token(&self) -> &Token {
        &self.token
    }

    /// How old the token is, counted from when the request for it was sent.
    pub(super) fn age(&self, now: Moment) -> Duration {
        now.since(self.token.requested())
    }

    pub(super) fn freshness_at(&self, now: Moment) -> Freshness {
        self.freshness_at_age(now.nanoseconds_since(self.token.requested()))
    }

    fn freshness_at_age(&self, age: u64) -> Freshness {
        if age < self.fresh_for {
            Freshness::Fresh
        } else if age < self.good_for {
            Freshness::Stale
        } else {
            Freshness::Expired
        }
    }

    /// The freshness now. Both clocks are glanced at, and looked at closely only near an edge, or where
    /// one was set or the machine was suspended.
    pub(super) fn freshness(&self, world: &impl World) -> Freshness {
        let glance = world.glance();
        let requested = self.token.requested();
        let age = glance.nanoseconds_since(requested);
        let freshness = self.freshness_at_age(age);
        if freshness == self.freshness_at_age(age + GLANCE_LATE_BY)
            && !glance.is_a_step_from(requested)
        {
            freshness
        } else {
            self.freshness_at(world.now())
        }
    }

    /// When the first refresh is due, from `now` on.
    pub(super) fn fresh_left(&self, now: Moment) -> Duration {
        Duration::from_nanos(self.fresh_for).saturating_sub(self.age(now))
    }

    /// How long the token can still be served, from `now` on.
    pub(super) fn good_left(&self, now: Moment) -> Duration {
        Duration::from_nanos(self.good_for).saturating_sub(self.age(now))
    }

    /// Whether this process refreshes the token already.
    pub(super) fn is_claimed(&self, fork_generation: u32) -> bool {
        self.claimed_by.load(Ordering::Relaxed) == claim_of(fork_generation)
    }

    /// Claims the refresh of a stale token for the caller, once for all threads of a process. A
    /// claim of the process that this one was forked from does not count: its refresh is not this
    /// one's.
    pub(super) fn claim_refresh(&self, age: Duration, fork_generation: u32) -> bool {
        let ours = claim_of(fork_generation);
        let claimed_by = self.claimed_by.load(Ordering::Relaxed);
        claimed_by != ours
            && nanoseconds(age) >= self.refresh_not_before.load(Ordering::Relaxed)
            && self
                .claimed_by
                .compare_exchange(claimed_by, ours, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }

    /// Gives the claim back after a failure; the next refresh may start at the age `not_before`.
    pub(super) fn give_claim_back(&self, not_before: Duration) {
        self.refresh_not_before.store(nanoseconds(not_before), Ordering::Relaxed);
        self.claimed_by.store(UNCLAIMED, Ordering::Release);
    }
}

fn claim_of(fork_generation: u32) -> u64 {
    u64::from(fork_generation) + 1
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::Error;
    use crate::clock::Deadline;
    use crate::fetch::flight::Worker;
    use crate::token::tests::token;

    fn at(seconds: f64) -> Moment {
        let since_start = Duration::from_secs_f64(seconds);
        let since_start = nanoseconds(since_start);
        Moment { monotonic: since_start, wall: 1_800_000_000_000_000_000 + since_start, boot: None }
    }

    fn cached(lifetime: u64, random: f64) -> CachedToken {
        CachedToken::new(token("abc", lifetime, at(0.0)), random)
    }

    #[test]
    fn an_hours_token_is_fresh_then_stale_then_dead_ten_seconds_early() {
        let cached = cached(3600, 0.5);
        assert_eq!(cached.freshness_at(at(2879.9)), Freshness::Fresh);
        assert_eq!(cached.freshness_at(at(2880.0)), Freshness::Stale);
        assert_eq!(cached.freshness_at(at(3589.9)), Freshness::Stale);
        assert_eq!(cached.freshness_at(at(3590.0)), Freshness::Expired);
    }

    #[test]
    fn a_short_life_has_a_margin_of_a_tenth() {
        let cached = cached(50, 0.0);
        assert_eq!(cached.freshness_at(at(37.4)), Freshness::Fresh);
        assert_eq!(cached.freshness_at(at(44.9)), Freshness::Stale);
        assert_eq!(cached.freshness_at(at(45.0)), Freshness::Expired);
        assert_eq!(
            super::CachedToken::new(token("a", 100, at(0.0)), 0.0).good_for,
            nanoseconds(Duration::from_secs(90))
        );
    }

    #[test]
    fn the_fresh_part_is_drawn_between_75_and_85_percent() {
        assert_eq!(cached(1000, 0.0).fresh_for, nanoseconds(Duration::from_secs(750)));
        assert_eq!(cached(1000, 1.0).fresh_for, nanoseconds(Duration::from_secs(850)));
    }

    /// A world that is looked at once, and knows how closely.
    struct Scene {
        glance: Moment,
        now: Option<Moment>,
    }

    impl World for Scene {
        fn now(&self) -> Moment {
            self.now.expect("a glance is enough")
        }

        fn glance(&self) -> Moment {
            self.glance
        }

        fn random(&self) -> f64 {
            unreachable!("nothing is drawn")
        }

        fn request(&self, _: Deadline, _: &Worker) -> Result<Token, Error> {
            unreachable!("no token is asked for")
        }
    }

    #[test]
    fn a_glance_is_enough_far_from_an_edge() {
        let cached = cached(1000, 0.0);
        for (seconds, freshness) in
            [(749.9, Freshness::Fresh), (750.0, Freshness::Stale), (990.0, Freshness::Expired)]
        {
            assert_eq!(
                cached.freshness(&Scene { glance: at(seconds), now: None }),
                freshness,
                "{seconds}"
            );
        }
    }

    #[test]
    fn an_edge_that_a_glance_may_miss_is_looked_at_closely() {
        let cached = cached(1000, 0.0);
        for (edge, freshness) in [(750.0, Freshness::Stale), (990.0, Freshness::Expired)] {
            let scene = Scene { glance: at(edge - 0.01), now: Some(at(edge)) };
            assert_eq!(cached.freshness(&scene), freshness, "{edge}");
        }
    }

    #[test]
    fn a_step_of_a_clock_is_looked_at_closely() {
        let cached = cached(1000, 0.0);
        let stepped = Moment { wall: at(600.0).wall, ..at(100.0) };
        let scene = Scene { glance: stepped, now: Some(at(990.0)) };
        assert_eq!(cached.freshness(&scene), Freshness::Expired);
    }

    #[test]
    fn a_refresh_is_claimed_once_a_process_and_anew_in_a_child() {
        let cached = cached(1000, 0.0);
        let age = Duration::from_secs(800);
        assert!(!cached.is_claimed(0));
        assert!(cached.claim_refresh(age, 0));
        assert!(cached.is_claimed(0) && !cached.is_claimed(1));
        assert!(!cached.claim_refresh(age, 0));
        assert!(cached.claim_refresh(age, 1));
        assert!(!cached.claim_refresh(age, 1));
    }

    #[test]
    fn a_failed_refresh_can_be_claimed_again_from_its_age_on() {
        let cached = cached(1000, 0.0);
        assert!(cached.claim_refresh(Duration::from_secs(800), 0));
        cached.give_claim_back(Duration::from_secs(802));
        assert!(!cached.claim_refresh(Duration::from_secs(801), 0));
        assert!(cached.claim_refresh(Duration::from_secs(802), 0));
    }
}
