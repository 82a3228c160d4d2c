//! What the text of an element means: `xs:int`, `xs:decimal`, `xs:boolean`, `xs:dateTime`, one of an enumeration; and
//! how amounts and dates come out. What no such value can be is a fault; whether a value may be had is for the operation.

use std::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use roxmltree::Node;

use super::fault::Fault;
use super::reader::{at, text};

/// An amount with two decimals, as the database keeps it: `12.5` comes back as `12.50`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) struct Hundredths(pub(super) i64);

impl fmt::Display for Hundredths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let amount = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", amount / 100, amount % 100)
    }
}

/// A date as a number, 0 for none.
pub(super) fn decimal_date(date: Option<Date>) -> String {
    date.map_or_else(|| "0".to_owned(), |date| date.strftime("%Y%m%d").to_string())
}

/// An `xs:decimal` as it was written, for columns that may or may not hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without leading zeros.
    whole: String,
    /// Without trailing zeros.
    fraction: String,
}

impl Decimal {
    /// The amount, where it has no more than `digits` digits of which two are decimals, and is not below zero.
    pub(super) fn hundredths(&self, digits: usize) -> Option<Hundredths> {
        let zero = self.whole.is_empty() && self.fraction.is_empty();
        if (self.negative && !zero) || self.fraction.len() > 2 || self.whole.len() + 2 > digits {
            return None;
        }
        format!("{}{:0<2}", self.whole, self.fraction).parse().ok().map(Hundredths)
    }
}

/// An `xs:decimal`: digits with at most one point and one sign.
pub(super) fn decimal(node: Node<'_, '_>, text: &str) -> Result<Decimal, Fault> {
    let text = collapse(text);
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !numeric(whole) || !numeric(fraction) {
        return Err(at(node, "is no decimal"));
    }
    Ok(Decimal {
        negative,
        whole: whole.trim_start_matches('0').to_owned(),
        fraction: fraction.trim_end_matches('0').to_owned(),
    })
}

/// An `xs:int`.
pub(super) fn int(node: Node<'_, '_>) -> Result<i32, Fault> {
    parse_int(node, &text(node)?)
}

/// As [`int`], of a text already taken out.
pub(super) fn parse_int(node: Node<'_, '_>, text: &str) -> Result<i32, Fault> {
    collapse(text).parse().map_err(|_| at(node, "is no int"))
}

/// An `xs:boolean`.
pub(super) fn boolean(node: Node<'_, '_>) -> Result<bool, Fault> {
    match collapse(&text(node)?) {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(at(node, "is no boolean")),
    }
}

/// The day of an `xs:dateTime`. The system keeps days in UTC; a time without a zone is in UTC.
pub(super) fn day(node: Node<'_, '_>, text: &str) -> Result<Date, Fault> {
    moment(collapse(text))
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map(|moment| moment.to_zoned(TimeZone::UTC).date())
        .ok_or_else(|| at(node, "is no dateTime"))
}

/// Unix seconds of an `xs:dateTime`, `2024-05-01T09:30:00.250+02:00`.
pub(super) fn moment(text: &str) -> Option<i64> {
    // Narrower than what jiff reads: the schema knows no blank for `T`, no time without seconds and no named zone.
    let shape = text.get(..19)?;
    let digits = shape.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let rest = text.get(19..)?;
    let (fraction, zone) = rest.split_at(rest.find(['Z', '+', '-']).unwrap_or(rest.len()));
    let fraction_is_one = fraction.is_empty()
        || fraction.strip_prefix('.').is_some_and(|f| !f.is_empty() && f.bytes().all(|b| b.is_ascii_digit()));
    if !digits || !fraction_is_one {
        return None;
    }
    match zone {
        "" => shape.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp().as_second()),
        "Z" => format!("{shape}Z").parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second),
        _ if zone.len() == 6 && zone.as_bytes().get(3) == Some(&b':') => {
            format!("{shape}{zone}").parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
        }
        _ => None,
    }
}

/// One of the words of an enumeration.
pub(super) fn one_of(node: Node<'_, '_>, words: &[&'static str]) -> Result<&'static str, Fault> {
    let text = text(node)?;
    words.iter().find(|word| **word == text).copied().ok_or_else(|| at(node, "is none of its enumeration"))
}

/// White space at the ends means nothing in all types but strings.
fn collapse(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

#[cfg(test)]
mod tests {
    use super::{Decimal, Hundredths, decimal, moment};

    fn read(text: &str) -> Option<Decimal> {
        let document = roxmltree::Document::parse("<A/>").unwrap();
        decimal(document.root_element(), text).ok()
    }

    #[test]
    fn a_decimal_keeps_its_digits_or_is_refused() {
        for (text, expected) in [
            ("12.5", Some(1250)),
            ("+007.10", Some(710)),
            (".5", Some(50)),
            ("5.", Some(500)),
            ("-0", Some(0)),
            ("9999999.99", Some(999_999_999)),
            ("10000000", None),
            ("1.005", None),
            ("1.000", Some(100)),
            ("-1", None),
        ] {
            assert_eq!(read(text).unwrap().hundredths(9), expected.map(Hundredths), "{text}");
        }
        for text in ["", ".", "-", "1e3", "1,5", "NaN", "--1", "1.2.3"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Hundredths(5).to_string(), "0.05");
        assert_eq!(Hundredths(-1250).to_string(), "-12.50");
    }

    #[test]
    fn a_date_time_is_that_of_the_schema() {
        assert_eq!(moment("1970-01-02T00:00:00"), Some(86_400));
        assert_eq!(moment("1970-01-02T00:00:00.5Z"), Some(86_400));
        assert_eq!(moment("1970-01-02T02:00:00+02:00"), Some(86_400));
        for text in [
            "1970-01-02",
            "1970-01-02 00:00:00",
            "1970-01-02T00:00",
            "1970-02-30T00:00:00",
            "",
            "1970-01-02T00:00:00.Z",
            "1970-01-02T00:00:00[UTC]",
            "1970-01-02T00:00:00+0200",
            "1970-01-02T00:00:00Zulu",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
