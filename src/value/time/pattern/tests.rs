//! Patterns both ways: what is written is read as it was, and what cannot be said is not written.

use super::*;
use crate::value::time::Moment;

fn in_zone(pattern: &str, zone: &str) -> Pattern {
    Pattern::new(pattern).unwrap().within(Zone::named(zone).unwrap())
}

#[test]
fn parsing_and_printing_are_inverse() {
    for (pattern, text, moment) in [
        ("%Y-%m-%d %H:%M:%S", "2013-11-16 23:59:01", "2013-11-16T23:59:01Z"),
        ("%Y%m%d", "20131116", "2013-11-16T00:00:00Z"),
        ("%d/%m/%Y", "16/11/2013", "2013-11-16T00:00:00Z"),
        ("%Y%m%dT%H%M%SZ", "20131116T235901Z", "2013-11-16T23:59:01Z"),
        ("%Y-%m-%dT%H:%M:%S.%f%z", "2013-11-16T23:59:01.250000+0000", "2013-11-16T23:59:01.25Z"),
        ("%d %b %Y, %I:%M:%S %p", "16 Nov 2013, 12:05:09 AM", "2013-11-16T00:05:09Z"),
        ("%m/%d/%y %I:%M %p", "11/16/13 11:59 PM", "2013-11-16T23:59:00Z"),
        ("%d.%m.%y", "01.02.69", "1969-02-01T00:00:00Z"),
        ("%d.%m.%y", "01.02.68", "2068-02-01T00:00:00Z"),
        ("%I%p%M %Y%m%d", "12PM00 20131116", "2013-11-16T12:00:00Z"),
        ("100%% %Y%m%d", "100% 20131116", "2013-11-16T00:00:00Z"),
    ] {
        let pattern = Pattern::new(pattern).unwrap();
        let parsed = pattern.parse(text).unwrap_or_else(|| panic!("{text} in {pattern:?}"));
        assert_eq!(parsed.to_string(), moment);
        assert_eq!(pattern.print(parsed).unwrap().as_str(), text);
    }
}

#[test]
fn more_is_read_than_is_written() {
    let pattern = Pattern::new("%d-%b-%Y %H:%M:%S.%f%z").unwrap();
    for text in
        ["16-NOV-2013 23:59:01.5+00:00", "16-nov-2013 23:59:01.50Z", "17-Nov-2013 01:59:01.500000000+02"]
    {
        assert_eq!(pattern.parse(text).unwrap().to_string(), "2013-11-16T23:59:01.5Z", "{text}");
    }
}

#[test]
fn refuses_wrong_patterns_and_texts() {
    assert_eq!(Pattern::new("%Y-%q"), Err(Wrong::Unknown('q')));
    assert_eq!(Pattern::new("%Y-%y-%m-%d"), Err(Wrong::Twice('y')));
    for needs in [
        "%Y-%m",
        "%Y-%m-%d %H",
        "%Y-%m-%d %I:%M:%S",
        "%Y-%m-%d %p",
        "%Y-%m-%d %z",
        "%Y-%m-%d %H:%M.%f",
        "%Y-%m-%d %S",
    ] {
        assert!(matches!(Pattern::new(needs), Err(Wrong::Needs(_))), "{needs}");
    }
    let pattern = Pattern::new("%Y-%m-%d 00:00:00").unwrap();
    for text in ["2013-11-16", "2013-11-31 00:00:00", "2013-11-16 00:00:000", "0000-00-00 00:00:00"] {
        assert_eq!(pattern.parse(text), None, "{text}");
    }
    let pattern = Pattern::new("%b %d %y %I:%M:%S.%f %p").unwrap();
    for text in ["Now 16 13 01:00:00.0 AM", "Nov 16 13 13:00:00.0 PM", "Nov 16 13 00:00:00.0 AM"] {
        assert_eq!(pattern.parse(text), None, "{text}");
    }
    assert_eq!(pattern.parse("Nov 16 13 01:00:00. AM"), None, "a fraction has digits");
    assert_eq!(pattern.parse("Nov 16 13 01:00:00.0 XM"), None);
    assert_eq!(pattern.parse("Né"), None);
}

#[test]
fn what_a_text_cannot_say_is_not_written() {
    let moment = |text| Moment::parse(text).unwrap();
    let short = Pattern::new("%y%m%d %H%M").unwrap();
    assert!(short.print(moment("2013-11-16T10:05:00Z")).is_some());
    assert!(short.print(moment("2013-11-16T10:05:01Z")).is_none(), "seconds");
    assert!(short.print(moment("1913-11-16T10:05:00Z")).is_none(), "another century");
}

#[test]
fn a_zone_says_when_a_local_time_is() {
    let pattern = in_zone("%Y-%m-%d %H:%M:%S", "America/New_York");
    let moment = |text| Moment::parse(text).unwrap();
    for (text, utc) in [
        ("2026-07-01 08:00:00", "2026-07-01T12:00:00Z"),
        ("2026-01-01 08:00:00", "2026-01-01T13:00:00Z"),
        ("2026-11-01 01:30:00", "2026-11-01T05:30:00Z"),
        ("1850-01-01 00:00:00", "1850-01-01T04:56:02Z"),
    ] {
        assert_eq!(pattern.parse(text).unwrap().to_string(), utc, "{text}");
        assert_eq!(pattern.print(moment(utc)).unwrap().as_str(), text);
    }
    assert_eq!(pattern.parse("2026-03-08 02:30:00"), None, "the clock was put forward");
    assert!(pattern.print(moment("2026-11-01T06:30:00Z")).is_none(), "the clock was put back");
    let said = in_zone("%Y-%m-%d %H:%M:%S %z", "America/New_York");
    for (text, utc) in [
        ("2026-11-01 01:30:00 -0400", "2026-11-01T05:30:00Z"),
        ("2026-11-01 01:30:00 -0500", "2026-11-01T06:30:00Z"),
        ("1850-01-01 04:56:02 +0000", "1850-01-01T04:56:02Z"),
    ] {
        assert_eq!(said.parse(text).unwrap().to_string(), utc, "{text}");
        assert_eq!(said.print(moment(utc)).unwrap().as_str(), text);
    }
}

#[test]
fn numbers_lose_their_zeros_in_front() {
    for (pattern, text, moment) in [
        ("%d%m%Y", "1022014", "2014-02-01T00:00:00Z"),
        ("%Y%m%d", "20140201", "2014-02-01T00:00:00Z"),
        ("%Y%m%d", "10101", "0001-01-01T00:00:00Z"),
        ("%Y%m%d000000", "20140201000000", "2014-02-01T00:00:00Z"),
    ] {
        let pattern = Pattern::new(pattern).unwrap().in_number().unwrap();
        assert_eq!(pattern.parse(text).unwrap().to_string(), moment, "{text}");
        assert_eq!(pattern.print(Moment::parse(moment).unwrap()).unwrap().as_str(), text);
    }
    assert_eq!(Pattern::new("%d%m%Y").unwrap().parse("1022014"), None, "a text keeps them");
    assert_eq!(Pattern::new("%Y-%m-%d").unwrap().in_number(), None);
}

#[test]
fn a_part_of_a_date_is_its_first_day() {
    for (pattern, text, date) in [
        ("%Y-%m-%d", "2013-11-16", Some("2013-11-16")),
        ("%Y-%m-%d", "2013-11", Some("2013-11-01")),
        ("%Y-%m-%d", "2013", Some("2013-01-01")),
        ("%Y-%m-%d", "2013-11-00", Some("2013-11-01")),
        ("%Y-%m-%d", "2013-00-00", Some("2013-01-01")),
        ("%d/%m/%Y", "11/2013", Some("2013-11-01")),
        ("%m/%d/%Y", "11/2013", Some("2013-11-01")),
        ("%d %b %Y", "Nov 2013", Some("2013-11-01")),
        ("%d %b %Y", "2013", Some("2013-01-01")),
        ("%Y-%m-%d", "2013-", None),
        ("%Y-%m-%d", "2013-13", None),
    ] {
        let pattern = Pattern::new(pattern).unwrap().or_less();
        let read = pattern.parse(text).map(|m| m.to_string());
        assert_eq!(read.as_deref().map(|t| &t[..10]), date, "{text} in {pattern:?}");
    }
    assert_eq!(Pattern::new("%Y-%m-%d").unwrap().parse("2013-11"), None);
}
