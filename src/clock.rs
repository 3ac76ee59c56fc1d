//! Time, as a token's life is measured: on several clocks at once.

use std::fmt;
use std::time::{Duration, Instant};

use crate::sys;

/// One moment on each clock.
///
/// The monotonic clock covers steps of the wall clock, the wall clock covers a suspended machine.
/// The boot clock covers both, but not every system has it, and reading it with every look costs as
/// much as the rest together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Monotonic, from a start of no meaning; stands still while the machine is suspended.
    pub(crate) monotonic: Duration,
    /// Since the Unix epoch; zero before it.
    pub(crate) wall: Duration,
    /// As `monotonic`, but goes on while the machine is suspended. `None` where it was not read.
    pub(crate) boot: Option<Duration>,
}

/// Wall and monotonic clock have not moved apart, as far as that matters, by less than this.
const A_STEP: Duration = Duration::from_secs(1);

impl Moment {
    /// Now, read precisely on each clock.
    pub(crate) fn now() -> Self {
        Moment { monotonic: sys::monotonic(), wall: sys::wall(), boot: sys::boot() }
    }

    /// Now, read cheaply and some milliseconds late, on the two clocks that have a cheap reading.
    pub(crate) fn glance() -> Self {
        Moment { monotonic: sys::coarse_monotonic(), wall: sys::coarse_wall(), boot: None }
    }

    /// How long `earlier` lies back, on whichever clock says most.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        let by_boot = match (self.boot, earlier.boot) {
            (Some(now), Some(then)) => now.saturating_sub(then),
            _ => Duration::ZERO,
        };
        self.monotonic
            .saturating_sub(earlier.monotonic)
            .max(self.wall.saturating_sub(earlier.wall))
            .max(by_boot)
    }

    /// Whether one clock was set, or the machine was suspended, since `earlier`.
    pub(crate) fn is_a_step_from(self, earlier: Moment) -> bool {
        let monotonic = self.monotonic.saturating_sub(earlier.monotonic);
        let expected = earlier.wall + monotonic;
        self.wall.abs_diff(expected) >= A_STEP
    }
}

/// Until when a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(duration: Duration) -> Self {
        // A duration is at most 49 days (`Options`), which every clock can hold.
        Deadline(Instant::now() + duration)
    }

    /// The earlier of this one and `duration` from now.
    pub(crate) fn at_most(self, duration: Duration) -> Self {
        Deadline(self.0.min(Instant::now() + duration))
    }

    /// What is left, zero when it has passed.
    pub(crate) fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    pub(crate) fn has_passed(self) -> bool {
        self.has_passed_by(Duration::ZERO)
    }

    /// Whether it passed at least `grace` ago.
    pub(crate) fn has_passed_by(self, grace: Duration) -> bool {
        Instant::now() >= self.0 + grace
    }
}

/// A duration as messages tell it: in seconds, to the millisecond where there are any.
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.subsec_millis() {
            0 => write!(f, "{}", self.0.as_secs()),
            milliseconds => write!(f, "{}.{milliseconds:03}", self.0.as_secs()),
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
    fn seconds_are_told_to_the_millisecond_where_there_are_any() {
        let told = |ms| Seconds(Duration::from_millis(ms)).to_string();
        assert_eq!([told(30_000), told(250), told(1_005)], ["30", "0.250", "1.005"]);
    }
}
