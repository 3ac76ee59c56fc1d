//! Whether and when a failed request is sent again.

use std::time::Duration;

use crate::Error;

/// The first back-off is drawn from zero to this; each further one from twice as much.
const FIRST_BACK_OFF: Duration = Duration::from_millis(250);

/// No back-off within a call is longer.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(8);

/// Counts the tries of one call.
pub(crate) struct Retries {
    left: u32,
    done: u32,
}

impl Retries {
    pub(crate) fn new(max_retries: u32) -> Self {
        Retries { left: max_retries, done: 0 }
    }

    /// How long to wait before the next try, or `None` where there shall be none: the failure will
    /// not pass, the tries are used up, or the wait does not fit into what is `remaining` of the
    /// deadline.
    ///
    /// Exponential back-off with full jitter; `random` is drawn evenly from 0 to 1. A server's
    /// `Retry-After` lengthens it, and never shortens it.
    pub(crate) fn next_wait(
        &mut self,
        error: &Error,
        remaining: Duration,
        random: f64,
    ) -> Option<Duration> {
        if !error.is_retryable() || self.left == 0 {
            return None;
        }
        let ceiling = doubled(FIRST_BACK_OFF, self.done, LONGEST_BACK_OFF);
        let back_off = ceiling.mul_f64(random);
        let wait = back_off.max(error.retry_after().unwrap_or_default());
        if wait >= remaining {
            return None;
        }
        self.left -= 1;
        self.done += 1;
        Some(wait)
    }
}

/// A back-off that doubles with each failure in a row, up to `longest`.
pub(crate) fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    (first * (1 << times.min(16))).min(longest)
}

/// Drawn evenly from 0 to 1, anew in each process and after each fork.
pub(crate) fn random() -> f64 {
    let mut bytes = [0; 8];
    // Without a random source the longest wait is the safe one.
    match getrandom::getrandom(&mut bytes) {
        Ok(()) => (u64::from_ne_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64,
        Err(_) => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

    const LONG: Duration = Duration::from_secs(3600);

    fn passing() -> Error {
        Error::new(Status::Connect, "").retryable()
    }

    #[test]
    fn the_back_off_doubles_up_to_its_longest() {
        let mut retries = Retries::new(99);
        let ceilings: Vec<u128> =
            (0..7).map(|_| retries.next_wait(&passing(), LONG, 1.0).unwrap().as_millis()).collect();
        assert_eq!(ceilings, [250, 500, 1000, 2000, 4000, 8000, 8000]);
    }

    #[test]
    // promise: back-off
    fn jitter_is_full() {
        assert_eq!(Retries::new(1).next_wait(&passing(), LONG, 0.0), Some(Duration::ZERO));
    }

    #[test]
    fn tries_are_counted() {
        let mut retries = Retries::new(2);
        assert!(retries.next_wait(&passing(), LONG, 0.5).is_some());
        assert!(retries.next_wait(&passing(), LONG, 0.5).is_some());
        assert_eq!(retries.next_wait(&passing(), LONG, 0.5), None);
        assert_eq!(Retries::new(0).next_wait(&passing(), LONG, 0.5), None);
    }

    #[test]
    fn what_will_not_pass_is_not_tried_again() {
        let refused = Error::new(Status::InvalidClient, "");
        assert_eq!(Retries::new(9).next_wait(&refused, LONG, 0.5), None);
    }

    #[test]
    fn retry_after_is_obeyed_where_it_fits_and_ends_the_call_where_not() {
        let asked = |seconds| passing().with_retry_after(Some(Duration::from_secs(seconds)));
        let remaining = Duration::from_secs(10);
        assert_eq!(
            Retries::new(1).next_wait(&asked(7), remaining, 0.1),
            Some(Duration::from_secs(7))
        );
        assert_eq!(Retries::new(1).next_wait(&asked(10), remaining, 0.1), None);
    }

    #[test]
    fn retry_after_does_not_shorten_the_back_off() {
        let asked = passing().with_retry_after(Some(Duration::from_millis(1)));
        assert_eq!(Retries::new(1).next_wait(&asked, LONG, 1.0), Some(Duration::from_millis(250)));
    }

    #[test]
    fn random_numbers_lie_between_0_and_1_and_differ() {
        let drawn: Vec<f64> = (0..100).map(|_| random()).collect();
        assert!(drawn.iter().all(|number| (0.0..1.0).contains(number)));
        assert!(drawn.windows(2).any(|pair| pair[0] != pair[1]));
    }
}
