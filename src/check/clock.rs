//! The clock of this machine beside the server's.

use std::time::{Duration, SystemTime};

/// A clock that is further off makes certificates and tokens end at the wrong time.
const TOLERATED: Duration = Duration::from_secs(60);

/// What the server's `Date` (RFC 9110 section 6.6.1) says of the clock of this machine.
#[cfg_attr(test, derive(Debug, PartialEq, Eq))]
pub(super) enum Clock {
    /// As the server's, as far as that matters.
    Right,
    /// So many seconds ahead of the server's.
    Ahead(u64),
    /// So many seconds behind the server's.
    Behind(u64),
    /// The server gave no date, or one that is none.
    Untold,
}

/// Compares a date that was written between `sent` and `received`, on the clock of this machine.
pub(super) fn compare(date: Option<&str>, sent: SystemTime, received: SystemTime) -> Clock {
    let Some(date) = date.and_then(|date| httpdate::parse_http_date(date).ok()) else {
        return Clock::Untold;
    };
    let beyond = |one: SystemTime, other: SystemTime| {
        one.duration_since(other).ok().filter(|apart| *apart > TOLERATED).map(|it| it.as_secs())
    };
    match (beyond(sent, date), beyond(date, received)) {
        (Some(ahead), _) => Clock::Ahead(ahead),
        (_, Some(behind)) => Clock::Behind(behind),
        _ => Clock::Right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_tolerated_on_either_side_of_the_exchange() {
        let at = |seconds: i64| {
            SystemTime::UNIX_EPOCH + Duration::from_secs((1_800_000_000 + seconds) as u64)
        };
        let (sent, received) = (at(0), at(25));
        for (date, clock) in [
            (at(12), Clock::Right),
            (at(-60), Clock::Right),
            (at(-61), Clock::Ahead(61)),
            (at(85), Clock::Right),
            (at(86), Clock::Behind(61)),
            (at(7200), Clock::Behind(7175)),
        ] {
            let date = httpdate::fmt_http_date(date);
            assert_eq!(compare(Some(&date), sent, received), clock, "{date}");
        }
    }

    #[test]
    fn a_date_that_is_none_says_nothing() {
        let now = SystemTime::now();
        for date in [
            None,
            Some(""),
            Some("Sun, 06 Nov 99999 08:49:37 GMT"),
            Some("Sun, 06 Xyz 1994 88:49:37"),
        ] {
            assert_eq!(compare(date, now, now), Clock::Untold, "{date:?}");
        }
    }
}
