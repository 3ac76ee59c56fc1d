//! What failures and invalidations do to the next request.

use std::time::Duration;

use crate::clock::Moment;
use crate::fetch::retry::doubled;
use crate::{Error, Status};

/// How long a refusal is remembered that will not pass by itself.
const REFUSED_FOR: Duration = Duration::from_secs(60);

/// How long at most a server can ask for silence.
const LONGEST_SILENCE: Duration = Duration::from_secs(300);

/// The back-off after failures that pass, doubled with each.
const BACK_OFF_FROM: Duration = Duration::from_secs(1);
const BACK_OFF_TO: Duration = Duration::from_secs(30);

/// The gap between refetches that invalidation asks for, doubled with each.
const GAP_FROM: Duration = Duration::from_secs(1);
const GAP_TO: Duration = Duration::from_secs(30);

/// While a refusal of the client credentials is remembered, they are compared no more often.
pub(super) const COMPARED_EVERY: Duration = Duration::from_secs(1);

/// A token that lived so long was not refused out of hand.
const UNCHALLENGED: Duration = Duration::from_secs(60);

/// Failures that are remembered, and invalidations that came too often.
#[derive(Default)]
pub(super) struct BackOff {
    failure: Option<Failure>,
    /// How many failures that pass came in a row.
    passing_failures: u32,
    invalidation: Option<Invalidation>,
}

struct Failure {
    error: Error,
    since: Moment,
    lasts: Duration,
    /// When the client credentials were last compared with those that were refused.
    compared: Moment,
}

struct Invalidation {
    at: Moment,
    in_a_row: u32,
}

impl BackOff {
    /// The failure that calls get instead of a request, with what is left of its time.
    pub(super) fn failure(&self, now: Moment) -> Option<Error> {
        let failure = self.failure.as_ref()?;
        let left = failure.lasts.saturating_sub(now.since(failure.since));
        (!left.is_zero()).then(|| failure.error.clone().with_retry_after(Some(left)))
    }

    /// Remembers a failure, where it is one to remember; returns for how long.
    pub(super) fn note_failure(&mut self, error: &Error, now: Moment) -> Duration {
        let lasts = self.lasts(error);
        if !lasts.is_zero() {
            self.failure = Some(Failure { error: error.clone(), since: now, lasts, compared: now });
        }
        lasts
    }

    fn lasts(&mut self, error: &Error) -> Duration {
        match error.status() {
            Status::InvalidClient
            | Status::InvalidScope
            | Status::OAuth
            | Status::Http
            | Status::InvalidResponse
            | Status::ResponseTooLarge => REFUSED_FOR,
            Status::Ok
            | Status::InvalidArgument
            | Status::NoCredentials
            | Status::BufferTooSmall
            | Status::InsecureUrl
            | Status::Canceled
            | Status::Resources
            | Status::Internal => Duration::ZERO,
            Status::Dns
            | Status::Connect
            | Status::Timeout
            | Status::Proxy
            | Status::Io
            | Status::Tls
            | Status::Certificate
            | Status::NoTrustRoots
            | Status::RateLimited
            | Status::Server => {
                let back_off = doubled(BACK_OFF_FROM, self.passing_failures, BACK_OFF_TO);
                self.passing_failures = self.passing_failures.saturating_add(1);
                let asked = error.retry_after().unwrap_or_default();
                asked.min(LONGEST_SILENCE).max(back_off)
            }
        }
    }

    pub(super) fn note_success(&mut self) {
        self.failure = None;
        self.passing_failures = 0;
    }

    /// Whether an invalidation of a token of this age is heeded now, rather than ignored because
    /// the last one was a short while ago. One that is heeded is noted.
    pub(super) fn heeds_invalidation(&mut self, age: Duration, now: Moment) -> bool {
        let in_a_row = match &self.invalidation {
            Some(last) if age < UNCHALLENGED => {
                if now.since(last.at) < doubled(GAP_FROM, last.in_a_row, GAP_TO) {
                    return false;
                }
                last.in_a_row.saturating_add(1)
            }
            _ => 0,
        };
        self.invalidation = Some(Invalidation { at: now, in_a_row });
        true
    }

    /// Whether to look now whether the client credentials have changed: those before are refused, and the last look
    /// was a while ago. One that is due is noted.
    pub(super) fn take_comparison(&mut self, now: Moment) -> bool {
        match &mut self.failure {
            Some(failure)
                if failure.error.status() == Status::InvalidClient
                    && now.since(failure.compared) >= COMPARED_EVERY =>
            {
                failure.compared = now;
                true
            }
            _ => false,
        }
    }

    /// Forgets what the server refused the client for, since there are other credentials now. Returns whether there was
    /// such a refusal.
    pub(super) fn forget_refusal(&mut self) -> bool {
        let is_refusal = |failure: &Failure| {
            let status = failure.error.status();
            matches!(status, Status::InvalidClient | Status::InvalidScope | Status::OAuth)
        };
        self.failure.take_if(|failure| is_refusal(failure)).is_some()
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        *self = BackOff::default();
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        let since_start = seconds * 1_000_000_000;
        Moment { monotonic: since_start, wall: since_start, boot: None }
    }

    fn lasts(back_off: &mut BackOff, status: Status) -> u64 {
        back_off.note_failure(&Error::new(status, ""), at(0)).as_secs()
    }

    #[test]
    fn refusals_are_remembered_for_a_minute() {
        for status in [
            Status::InvalidClient,
            Status::InvalidScope,
            Status::OAuth,
            Status::Http,
            Status::InvalidResponse,
        ] {
            let mut back_off = BackOff::default();
            assert_eq!(lasts(&mut back_off, status), 60);
            assert_eq!(
                back_off.failure(at(59)).unwrap().retry_after(),
                Some(Duration::from_secs(1))
            );
            assert!(back_off.failure(at(60)).is_none());
        }
    }

    #[test]
    // promise: back-off
    fn what_passes_is_remembered_for_a_back_off_that_doubles_while_it_lasts() {
        let mut back_off = BackOff::default();
        let row: Vec<u64> = (0..7).map(|_| lasts(&mut back_off, Status::Connect)).collect();
        assert_eq!(row, [1, 2, 4, 8, 16, 30, 30]);
        back_off.note_success();
        assert!(back_off.failure(at(0)).is_none());
        assert_eq!(lasts(&mut back_off, Status::Timeout), 1);
    }

    #[test]
    fn a_rate_limit_lasts_as_long_as_the_server_says_up_to_five_minutes() {
        let limited = |seconds| {
            Error::new(Status::RateLimited, "").with_retry_after(Some(Duration::from_secs(seconds)))
        };
        let mut back_off = BackOff::default();
        assert_eq!(back_off.note_failure(&limited(7), at(0)).as_secs(), 7);
        assert_eq!(back_off.note_failure(&limited(9_999), at(0)).as_secs(), 300);
    }

    #[test]
    // promise: back-off
    fn a_rate_limit_is_never_shorter_than_the_back_off() {
        let limited = |seconds| {
            Error::new(Status::RateLimited, "").with_retry_after(Some(Duration::from_secs(seconds)))
        };
        let mut back_off = BackOff::default();
        let row: Vec<u64> =
            (0..4).map(|_| back_off.note_failure(&limited(1), at(0)).as_secs()).collect();
        assert_eq!(row, [1, 2, 4, 8]);
    }

    #[test]
    fn the_callers_own_and_our_own_failures_are_not_remembered() {
        for status in
            [Status::InvalidArgument, Status::Canceled, Status::Resources, Status::Internal]
        {
            let mut back_off = BackOff::default();
            assert_eq!(lasts(&mut back_off, status), 0);
            assert!(back_off.failure(at(0)).is_none());
        }
    }

    #[test]
    fn refused_credentials_are_compared_once_a_second_at_most() {
        let mut back_off = BackOff::default();
        assert!(!back_off.take_comparison(at(9)), "nothing is remembered");
        back_off.note_failure(&Error::new(Status::InvalidClient, ""), at(10));
        assert!(!back_off.take_comparison(at(10)), "the request itself compared them");
        assert!(back_off.take_comparison(at(11)));
        assert!(!back_off.take_comparison(at(11)));
        assert!(back_off.take_comparison(at(12)));
        back_off.note_failure(&Error::new(Status::OAuth, ""), at(20));
        assert!(!back_off.take_comparison(at(30)), "another refusal");
    }

    #[test]
    fn other_credentials_forget_a_refusal_and_no_other_failure() {
        for (status, is_forgotten) in [
            (Status::InvalidClient, true),
            (Status::InvalidScope, true),
            (Status::OAuth, true),
            (Status::RateLimited, false),
            (Status::Connect, false),
            (Status::InvalidResponse, false),
        ] {
            let mut back_off = BackOff::default();
            back_off.note_failure(&Error::new(status, ""), at(0));
            assert_eq!(back_off.forget_refusal(), is_forgotten, "{status:?}");
            assert_eq!(back_off.failure(at(0)).is_none(), is_forgotten, "{status:?}");
        }
    }

    #[test]
    fn invalidations_are_spread_out_until_a_token_lives_a_minute() {
        let mut back_off = BackOff::default();
        let young = Duration::from_secs(1);
        assert!(back_off.heeds_invalidation(young, at(100)), "the first");
        for (last, gap) in [(100, 1), (101, 2), (103, 4), (107, 8), (115, 16), (131, 30), (161, 30)]
        {
            assert!(!back_off.heeds_invalidation(young, at(last + gap - 1)), "after {last}");
            assert!(back_off.heeds_invalidation(young, at(last + gap)), "after {last}");
        }
        assert!(
            back_off.heeds_invalidation(Duration::from_secs(60), at(192)),
            "a minute unchallenged"
        );
        assert!(back_off.heeds_invalidation(young, at(193)));
    }
}
