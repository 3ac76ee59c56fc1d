//! Time, as a token's life is measured: on several clocks at once.

use std::fmt;
use std::time::{Duration, Instant};

use crate::sys;

/// One moment on each clock, in nanoseconds: plain numbers, because the quickest call of the library
/// does little else than compare them.
///
/// The monotonic clock covers steps of the wall clock, the wall clock covers a suspended machine. The
/// boot clock covers both, but not every system has it, and reading it with every call costs as much
/// as the rest together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Monotonic, from a start of no meaning; stands still while the machine is suspended.
    pub(crate) monotonic: u64,
    /// Since the Unix epoch; zero before it.
    pub(crate) wall: u64,
    /// As `monotonic`, but goes on while the machine is suspended. `None` where it was not read.
    pub(crate) boot: Option<u64>,
}

/// Wall and monotonic clock have not moved apart, as far as that matters, by less than this: 1 s.
const CLOCK_STEP: u64 = 1_000_000_000;

impl Moment {
    /// Now, read precisely on each clock.
    pub(crate) fn now() -> Self {
        Moment { monotonic: sys::monotonic(), wall: sys::wall(), boot: sys::boot() }
    }

    /// Now, read cheaply and some milliseconds late, on the two clocks that have a cheap reading.
    pub(crate) fn glance() -> Self {
        Moment { monotonic: sys::coarse_monotonic(), wall: sys::coarse_wall(), boot: None }
    }

    /// How long `earlier` lies back, on the clock that shows most.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.nanoseconds_since(earlier))
    }

    /// As [`Moment::since`], in nanoseconds.
    pub(crate) fn nanoseconds_since(self, earlier: Moment) -> u64 {
        let by_boot = match (self.boot, earlier.boot) {
            (Some(now), Some(then)) => now.saturating_sub(then),
            _ => 0,
        };
        let by_monotonic = self.monotonic.saturating_sub(earlier.monotonic);
        let by_wall = self.wall.saturating_sub(earlier.wall);
        by_monotonic.max(by_wall).max(by_boot)
    }

    /// Whether one clock was set, or the machine was suspended, since `earlier`.
    pub(crate) fn is_a_step_from(self, earlier: Moment) -> bool {
        let apart_now = self.wall.wrapping_sub(self.monotonic);
        let apart_then = earlier.wall.wrapping_sub(earlier.monotonic);
        // Neither clock comes near the end of its range, so the difference of the two is a small number
        // of either sign.
        apart_now.wrapping_sub(apart_then).wrapping_add(CLOCK_STEP) >= 2 * CLOCK_STEP
    }
}

/// Until when a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline {
    at: Instant,
    allowed: Duration,
}

impl Deadline {
    pub(crate) fn after(duration: Duration) -> Self {
        // A duration is at most 49 days (`Options`), which every clock can hold.
        Deadline { at: Instant::now() + duration, allowed: duration }
    }

    /// The earlier of this one and `duration` from now.
    pub(crate) fn at_most(self, duration: Duration) -> Self {
        let other = Deadline::after(duration);
        if self.at < other.at { self } else { other }
    }

    /// How long the call was allowed to take.
    pub(crate) fn allowed(self) -> Duration {
        self.allowed
    }

    /// What is left, zero when it has passed.
    pub(crate) fn remaining(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    pub(crate) fn has_passed(self) -> bool {
        Instant::now() >= self.at
    }
}

/// A duration as messages show it: in seconds, to the millisecond where there are any.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.as_secs())?;
        match self.0.subsec_millis() {
            0 => Ok(()),
            whole if whole % 100 == 0 => write!(f, ".{}", whole / 100),
            whole if whole % 10 == 0 => write!(f, ".{:02}", whole / 10),
            whole => write!(f, ".{whole:03}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_is_at_most_some_milliseconds_late() {
        for _ in 0..100 {
            let glance = Moment::glance();
            let now = Moment::now();
            assert!(glance.monotonic <= now.monotonic);
            assert!(now.since(glance) < Duration::from_secs(1), "{glance:?} {now:?}");
            assert!(!now.is_a_step_from(glance));
        }
    }

    #[test]
    fn a_step_is_a_second_or_more_of_either_sign() {
        let start =
            Moment { monotonic: 50 * CLOCK_STEP, wall: 1_800_000_000 * CLOCK_STEP, boot: None };
        let after = |monotonic: u64, wall: i64| Moment {
            monotonic: start.monotonic + monotonic,
            wall: start.wall.wrapping_add_signed(wall),
            boot: None,
        };
        for (monotonic, wall, is_a_step) in [
            (0, 0, false),
            (7_000_000_000, 7_000_000_000, false),
            (7_000_000_000, 7_999_999_999, false),
            (7_000_000_000, 6_000_000_000, false),
            (7_000_000_000, 8_000_000_000, true),
            (7_000_000_000, 5_999_999_999, true),
            (0, -86_400_000_000_000, true),
            (0, 86_400_000_000_000, true),
        ] {
            let found = after(monotonic, wall).is_a_step_from(start);
            assert_eq!(found, is_a_step, "{monotonic} {wall}");
        }
    }

    #[test]
    fn seconds_are_told_to_the_millisecond_where_there_are_any() {
        let shown = |ms| Seconds(Duration::from_millis(ms)).to_string();
        assert_eq!(
            [shown(30_000), shown(300), shown(2_050), shown(1_005)],
            ["30", "0.3", "2.05", "1.005"]
        );
    }
}
