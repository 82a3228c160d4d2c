//! Zones of the world by their names in the IANA database, which is compiled in: a machine without `/usr/share/zoneinfo`
//! reads the same times. It knows no pattern.

use super::{DAY, Date};
use jiff::{
    Timestamp, civil,
    tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase},
};
use std::sync::LazyLock;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A zone such as `America/New_York`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

/// What a clock on a wall there says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local {
    /// Seconds since 1970 by that clock, and how many it is ahead of UTC.
    Once(i64, i32),
    /// The clock says it for the second time on that day: it was put back.
    Again(i64, i32),
}

impl Zone {
    /// `None` where there is no such zone.
    pub fn named(name: &str) -> Option<Self> {
        ZONES.get(name).ok().map(Self)
    }

    /// Seconds since 1970 in UTC of a local time, itself in seconds since 1970 by that clock. Of a time that comes twice,
    /// because the clock is put back, the earlier; `None` for one that never comes, because it is put forward.
    pub fn to_utc(&self, local: i64) -> Option<i64> {
        let ahead = match self.0.to_ambiguous_timestamp(civil_of(local)?).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => offset,
            AmbiguousOffset::Gap { .. } => return None,
        };
        Some(local - i64::from(ahead.seconds()))
    }

    /// The local time of a moment.
    pub fn to_local(&self, utc: i64) -> Local {
        // jiff's moments end some hours before ours do; no zone changes its clock in those.
        let within = utc.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
        let ahead = Timestamp::from_second(within).map_or(0, |at| self.0.to_offset(at).seconds());
        let local = utc + i64::from(ahead);
        if self.to_utc(local).is_none_or(|first| first == utc) {
            Local::Once(local, ahead)
        } else {
            Local::Again(local, ahead)
        }
    }
}

fn civil_of(local: i64) -> Option<civil::DateTime> {
    let Date { year, month, day } = Date::from_days(local.div_euclid(DAY))?;
    let second = u32::try_from(local.rem_euclid(DAY)).ok()?;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let part = |number: u32| i8::try_from(number).ok();
    civil::DateTime::new(
        i16::try_from(year).ok()?,
        part(month.into())?,
        part(day.into())?,
        part(hour)?,
        part(minute)?,
        part(second)?,
        0,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::time::Moment;

    fn seconds(text: &str) -> i64 {
        Moment::parse(text).unwrap().seconds
    }

    #[test]
    fn clocks_are_put_forward_and_back() {
        let zone = Zone::named("America/New_York").unwrap();
        for (local, utc) in [
            ("2026-07-01T08:00:00Z", Some("2026-07-01T12:00:00Z")),
            ("2026-01-01T08:00:00Z", Some("2026-01-01T13:00:00Z")),
            ("2026-03-08T02:30:00Z", None),
            ("2026-11-01T01:30:00Z", Some("2026-11-01T05:30:00Z")),
        ] {
            assert_eq!(zone.to_utc(seconds(local)), utc.map(seconds), "{local}");
        }
        assert!(matches!(zone.to_local(seconds("2026-11-01T05:30:00Z")), Local::Once(_, -14_400)));
        assert!(matches!(zone.to_local(seconds("2026-11-01T06:30:00Z")), Local::Again(_, -18_000)));
        assert_eq!(Zone::named("America/Nowhere"), None);
    }

    #[test]
    fn the_ends_of_time_are_no_trouble() {
        for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"] {
            let zone = Zone::named(zone).unwrap();
            for utc in ["0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
                assert!(matches!(zone.to_local(seconds(utc)), Local::Once(..)), "{utc}");
            }
        }
    }
}
