//! The real clock of the embedded systems, and seconds as text. It never sleeps, and nothing but the settings of a
//! system refers to [`real`]: a test puts a function of its own in its place.

use std::time::{SystemTime, UNIX_EPOCH};

/// The time now, in unix seconds; 0 where the machine's clock stands before 1970.
#[allow(clippy::disallowed_methods, reason = "the one place in the demo where the real time is read")]
pub fn real() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|since| i64::try_from(since.as_secs()).ok())
        .unwrap_or_default()
}

/// Unix seconds as RFC 3339 in UTC, `2014-05-15T08:02:36Z`; seconds that no calendar has become the epoch.
pub fn rfc3339(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn seconds_print_in_utc() {
        assert_eq!(super::rfc3339(1_400_140_956), "2014-05-15T08:02:36Z");
        assert_eq!(super::rfc3339(i64::MAX), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn the_real_clock_is_past_the_day_it_was_written() {
        assert!(super::real() > 1_760_000_000);
    }
}
