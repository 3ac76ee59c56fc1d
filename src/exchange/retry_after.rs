//! How long a server asks to wait (`Retry-After`, RFC 9110 section 10.2.3).

use std::time::{Duration, SystemTime};

/// Longer waits are read as this one: a day. No call waits so long.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads a number of seconds, or a date, which is compared with the server's own clock where its
/// `Date` header shows it, so that a wrong clock on either side does no harm. `None` for anything
/// else, and for 0 and a date that has passed: a server can lengthen a wait, and never shorten it.
pub(crate) fn parse(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim_matches([' ', '\t']);
    let wait = if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        value.parse().map_or(LONGEST, Duration::from_secs)
    } else {
        let until = httpdate::parse_http_date(value).ok()?;
        let server_now = date.and_then(|date| httpdate::parse_http_date(date).ok()).unwrap_or(now);
        until.duration_since(server_now).unwrap_or_default()
    };
    Some(wait.min(LONGEST)).filter(|wait| !wait.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date: &str) -> SystemTime {
        httpdate::parse_http_date(date).unwrap()
    }

    #[test]
    fn both_forms_are_read() {
        let now = at("Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(parse("120", None, now), Some(Duration::from_secs(120)));
        assert_eq!(
            parse("Wed, 21 Oct 2026 07:28:30 GMT", None, now),
            Some(Duration::from_secs(30))
        );
    }

    #[test]
    fn no_time_and_a_date_that_has_passed_are_none() {
        let now = at("Wed, 21 Oct 2026 07:28:00 GMT");
        for past in
            ["0", " 0 ", "000", "Wed, 21 Oct 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:00:00 GMT"]
        {
            assert_eq!(parse(past, None, now), None, "{past:?}");
        }
    }

    #[test]
    fn a_date_is_compared_with_the_servers_own_clock() {
        let our_clock_is_an_hour_slow = at("Wed, 21 Oct 2026 06:28:00 GMT");
        assert_eq!(
            parse(
                "Wed, 21 Oct 2026 07:28:05 GMT",
                Some("Wed, 21 Oct 2026 07:28:00 GMT"),
                our_clock_is_an_hour_slow
            ),
            Some(Duration::from_secs(5))
        );
    }

    #[test]
    fn a_huge_number_is_a_long_wait_and_garbage_is_none() {
        let now = SystemTime::UNIX_EPOCH;
        let a_day = Some(Duration::from_secs(86_400));
        for long in ["86400", "86401", "99999999999999999999999"] {
            assert_eq!(parse(long, None, now), a_day, "{long}");
        }
        assert_eq!(parse("Thu, 21 Oct 2027 07:28:00 GMT", None, now), a_day);
        for garbage in ["", "soon", "-1", "1.5", "+3", "1 2"] {
            assert_eq!(parse(garbage, None, now), None, "{garbage:?}");
        }
    }
}
