//! Time, as a token's life is measured: on two clocks at once.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// One moment on both clocks.
///
/// The wall clock covers a suspended machine, the monotonic one covers steps of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Monotonic, from a start of no meaning.
    pub(crate) monotonic: Duration,
    /// Since the Unix epoch; zero before it.
    pub(crate) wall: Duration,
}

impl Moment {
    /// Now, read precisely.
    pub(crate) fn now() -> Self {
        Moment { monotonic: crate::sys::monotonic(), wall: wall() }
    }
}

/// The wall clock, since the Unix epoch; zero before it.
fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
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

    /// Whether it passed at least `grace` ago.
    pub(crate) fn has_passed_by(self, grace: Duration) -> bool {
        Instant::now() >= self.0 + grace
    }

    pub(crate) fn has_passed(self) -> bool {
        self.remaining().is_zero()
    }
}
