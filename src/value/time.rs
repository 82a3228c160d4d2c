//! Times and dates: RFC 3339 outside, patterns and epochs inside. Public times are in UTC with `Z`.
//! Zones other than UTC are `jiff`'s business; it is asked only where a pattern names one.

pub mod lapse;
pub mod pattern;
pub mod zone;

use std::fmt::Write as _;

/// A moment: whole seconds since 1970-01-01T00:00:00Z, and nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    pub seconds: i64,
    pub nanos: u32,
}

/// A date of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    pub year: i32,
    pub month: u8,
    pub day: u8,
}

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// A short text that lives on the stack; printed times and numbers are made in it.
#[derive(Debug, Clone, Copy)]
pub struct Short {
    bytes: [u8; 40],
    length: u8,
}

impl Short {
    pub const EMPTY: Self = Self { bytes: [0; 40], length: 0 };

    /// What does not fit is dropped; nothing that is printed here is that long.
    pub fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.length)) {
            *place = byte;
            self.length += 1;
        }
    }

    pub fn push_str(&mut self, text: &str) {
        for byte in text.bytes() {
            self.push(byte);
        }
    }

    /// A number with leading zeros.
    #[inline]
    pub fn push_number(&mut self, number: u32, width: u32) {
        let end = usize::from(self.length) + width as usize;
        let Some(place) = self.bytes.get_mut(usize::from(self.length)..end) else { return };
        let mut rest = number;
        for digit in place.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.length = end as u8;
    }

    pub fn as_str(&self) -> &str {
        self.bytes
            .get(..usize::from(self.length))
            .and_then(|b| std::str::from_utf8(b).ok())
            .unwrap_or_default()
    }
}

impl std::fmt::Write for Short {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

impl Date {
    /// `None` where there is no such day.
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return None,
        };
        ((1..=days).contains(&day) && (0..=9999).contains(&year)).then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01. The algorithm counts in years that begin in March and eras of 400 years.
    pub fn days(self) -> i64 {
        let year = i64::from(self.year) - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = (i64::from(self.month) + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
    }

    pub fn from_days(days: i64) -> Option<Self> {
        let days = days.checked_add(719_468)?;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self::new(i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// Reads `2019-04-23`.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let dashes = bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-') && bytes.len() == 10;
        let date = || {
            let year = i32::try_from(number(bytes, 0, 4)?).ok()?;
            Self::new(year, number(bytes, 5, 2)? as u8, number(bytes, 8, 2)? as u8)
        };
        dashes.then(date).flatten()
    }

    pub fn print(self, out: &mut Short) {
        out.push_number(self.year.unsigned_abs(), 4);
        out.push(b'-');
        out.push_number(u32::from(self.month), 2);
        out.push(b'-');
        out.push_number(u32::from(self.day), 2);
    }
}

/// Digits at a fixed place.
#[inline]
pub(crate) fn number(bytes: &[u8], at: usize, width: usize) -> Option<u32> {
    bytes
        .get(at..at + width)?
        .iter()
        .try_fold(0u32, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u32::from(byte - b'0')))
}

impl Moment {
    pub fn new(date: Date, hour: u32, minute: u32, second: u32, nanos: u32) -> Option<Self> {
        // A leap second is taken as the second before it, as POSIX time does.
        let second = if second == 60 { 59 } else { second };
        (hour < 24 && minute < 60 && second < 60).then(|| Self {
            seconds: date.days() * DAY + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second),
            nanos,
        })
    }

    pub fn date(self) -> Option<Date> {
        Date::from_days(self.seconds.div_euclid(DAY))
    }

    /// Hours, minutes and seconds of the day in UTC.
    pub fn clock(self) -> (u32, u32, u32) {
        let second = u32::try_from(self.seconds.rem_euclid(DAY)).unwrap_or(0);
        (second / 3600, second / 60 % 60, second % 60)
    }

    /// Reads RFC 3339 with any offset. `t`, `z` and a space between date and time are not taken.
    pub fn parse(text: &str) -> Option<Self> {
        text.as_bytes().get(10).filter(|between| **between == b'T')?;
        Self::parse_zoned(text, "")
    }

    /// Reads RFC 3339, or a time as databases write it: a space for the `T`, no zone for UTC, `+00` for `Z`.
    pub fn parse_any(text: &str) -> Option<Self> {
        text.as_bytes().get(10).filter(|between| matches!(**between, b'T' | b' '))?;
        Self::parse_zoned(text, "Z")
    }

    /// Reads date, time and zone, whatever stands between the first two. `zone` is meant where none is said.
    fn parse_zoned(text: &str, zone: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let date = Date::parse(text.get(..10)?)?;
        if bytes.get(13) != Some(&b':') || bytes.get(16) != Some(&b':') {
            return None;
        }
        let (nanos, said) = fraction(text.get(19..)?)?;
        let zone = if said.is_empty() { zone } else { said };
        let moment =
            Self::new(date, number(bytes, 11, 2)?, number(bytes, 14, 2)?, number(bytes, 17, 2)?, nanos)?;
        Some(Self { seconds: moment.seconds - offset(zone)?, ..moment })
    }

    /// Prints RFC 3339 in UTC; the fraction only where there is one, without trailing zeros.
    /// `None` outside the years 0 to 9999.
    pub fn print(self, out: &mut Short) -> Option<()> {
        self.date()?.print(out);
        let (hour, minute, second) = self.clock();
        out.push(b'T');
        out.push_number(hour, 2);
        out.push(b':');
        out.push_number(minute, 2);
        out.push(b':');
        out.push_number(second, 2);
        if self.nanos > 0 {
            let mut digits = Short::EMPTY;
            digits.push_number(self.nanos, 9);
            out.push(b'.');
            out.push_str(digits.as_str().trim_end_matches('0'));
        }
        out.push(b'Z');
        Some(())
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = Short::EMPTY;
        if self.print(&mut out).is_none() {
            write!(out, "@{}", self.seconds)?;
        }
        f.write_str(out.as_str())
    }
}

/// The fraction of a second, if one follows, and what stands behind it.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let digits = rest.get(..length.min(9)).filter(|d| !d.is_empty())?;
    let scale = 10u32.pow(9 - u32::try_from(digits.len()).ok()?);
    Some((digits.parse::<u32>().ok()? * scale, rest.get(length..)?))
}

/// An offset in seconds: `Z`, `+02:00`, `-0330`, `+02`.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let bytes = zone.as_bytes();
    let sign = match bytes.first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let minutes = match bytes.len() {
        3 => 0,
        5 => number(bytes, 3, 2)?,
        6 if bytes.get(3) == Some(&b':') => number(bytes, 4, 2)?,
        _ => return None,
    };
    let hours = number(bytes, 1, 2)?;
    (hours < 24 && minutes < 60).then(|| sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
}

/// The age on a day, as an ISO 8601 duration in the largest whole unit that is not zero: `P13Y`,
/// `P5M`, `P12D`. `None` for a birth after that day.
pub fn age(birth: Date, on: Date) -> Option<Short> {
    if on < birth {
        return None;
    }
    let months = (on.year - birth.year) * 12 + i32::from(on.month)
        - i32::from(birth.month)
        - i32::from(on.day < birth.day);
    let mut out = Short::EMPTY;
    match (months / 12, months, on.days() - birth.days()) {
        (0, 0, days) => write!(out, "P{days}D").ok()?,
        (0, months, _) => write!(out, "P{months}M").ok()?,
        (years, ..) => write!(out, "P{years}Y").ok()?,
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for days in (-719_468..2_932_896).step_by(37) {
            let date = Date::from_days(days).unwrap();
            assert_eq!(date.days(), days);
            assert_eq!(Date::new(date.year, date.month, date.day), Some(date));
        }
        assert_eq!(Date::parse("2024-02-29").map(Date::days), Some(19_782));
        assert_eq!(Date::parse("2023-02-29"), None);
    }

    #[test]
    fn moments_are_read_with_offsets_and_printed_in_utc() {
        for (text, printed) in [
            ("2014-05-15T08:02:36Z", Some("2014-05-15T08:02:36Z")),
            ("2014-05-15T10:02:36+02:00", Some("2014-05-15T08:02:36Z")),
            ("2014-05-15T08:02:36.500Z", Some("2014-05-15T08:02:36.5Z")),
            ("1969-12-31T23:59:59Z", Some("1969-12-31T23:59:59Z")),
            ("2014-05-15 08:02:36Z", None),
            ("2014-05-15T25:02:36Z", None),
            ("2014-05-15T08:02:36", None),
        ] {
            assert_eq!(Moment::parse(text).map(|m| m.to_string()).as_deref(), printed, "{text}");
        }
    }

    #[test]
    fn moments_are_read_as_databases_write_them() {
        for (text, printed) in [
            ("2014-05-15T08:02:36Z", Some("2014-05-15T08:02:36Z")),
            ("2014-05-15 08:02:36+00", Some("2014-05-15T08:02:36Z")),
            ("2014-05-15 08:02:36.25-03:30", Some("2014-05-15T11:32:36.25Z")),
            ("2014-05-15 08:02:36", Some("2014-05-15T08:02:36Z")),
            ("2014-05-15T08:02:36.125", Some("2014-05-15T08:02:36.125Z")),
            ("2014-05-15_08:02:36", None),
            ("2014-05-15 08:02:36 +00", None),
            ("2014-05-15 08:02", None),
            ("2014-05-15", None),
            ("2014-05-15 08:02:3é", None),
        ] {
            assert_eq!(Moment::parse_any(text).map(|m| m.to_string()).as_deref(), printed, "{text}");
        }
    }

    #[test]
    fn ages_are_in_the_largest_whole_unit() {
        let age = |birth, on| {
            age(Date::parse(birth).unwrap(), Date::parse(on).unwrap()).map(|s| s.as_str().to_owned())
        };
        assert_eq!(age("2013-11-16", "2026-11-21").as_deref(), Some("P13Y"));
        assert_eq!(age("2013-11-22", "2026-11-21").as_deref(), Some("P12Y"));
        assert_eq!(age("2026-06-22", "2026-11-21").as_deref(), Some("P4M"));
        assert_eq!(age("2026-11-09", "2026-11-21").as_deref(), Some("P12D"));
        assert_eq!(age("2026-11-22", "2026-11-21"), None);
    }
}
