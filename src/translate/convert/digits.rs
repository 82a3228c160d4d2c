//! Numbers as digits: grouped, and compared without being computed. It knows no converter.

use crate::value::{decimal::Decimal, time::Short};

/// A short text on the stack; `None` where it is longer.
pub(super) fn short(text: &str) -> Option<Short> {
    let mut out = Short::EMPTY;
    out.push_str(text);
    (out.as_str() == text).then_some(out)
}

/// A whole number of not many digits, the last `places` of them behind a point and without zeros at its end. `None` for
/// every other number, which may be one all the same.
pub(super) fn hundredths(text: &str, places: u8) -> Option<Short> {
    let plain = text.len() < 19 && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_at_checked(text.len().checked_sub(usize::from(places))?)?;
    if !plain || whole.is_empty() {
        return None;
    }
    let mut out = Short::EMPTY;
    out.push_str(whole);
    let fraction = fraction.trim_end_matches('0');
    if !fraction.is_empty() {
        out.push(b'.');
        out.push_str(fraction);
    }
    Some(out)
}

/// Whether two numbers have the same digits, but for zeros behind the point.
pub(super) fn same(a: &str, b: &str) -> bool {
    fn bare(text: &str) -> &str {
        if text.contains('.') && !text.contains(['e', 'E']) {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            text
        }
    }
    bare(a) == bare(b)
}

/// `1,299.00` without its signs. Groups are of three digits, the first of one to three.
pub(super) fn ungrouped(text: &str, sign: char) -> Option<Short> {
    let (whole, fraction) = text.find('.').map_or((text, ""), |point| text.split_at(point));
    let unsigned = whole.strip_prefix('-').unwrap_or(whole);
    let mut groups = unsigned.split(sign);
    let first = groups.next()?;
    let grouped = unsigned.contains(sign);
    if grouped && !((1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)) {
        return None;
    }
    let plain = whole.replace(sign, "") + fraction;
    Decimal::parse(&plain)?;
    short(&plain)
}

/// A number with its thousands parted; an exponent is written out.
pub(super) fn grouped(text: &str, sign: char) -> Option<String> {
    let number = Decimal::parse(text)?;
    let plain = if text.contains(['e', 'E']) { number.to_text(None)? } else { text.to_owned() };
    let (whole, fraction) = plain.find('.').map_or((&*plain, ""), |point| plain.split_at(point));
    let (minus, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = minus.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(sign);
        }
        out.push(digit);
    }
    Some(out + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted_and_joined() {
        for (plain, parted) in [
            ("1299.00", "1,299.00"),
            ("999", "999"),
            ("-1000", "-1,000"),
            ("1234567.5", "1,234,567.5"),
            ("100000", "100,000"),
            ("0.1234", "0.1234"),
        ] {
            assert_eq!(grouped(plain, ',').as_deref(), Some(parted));
            assert_eq!(ungrouped(parted, ',').unwrap().as_str(), plain);
        }
        assert_eq!(grouped("1e4", ' ').as_deref(), Some("10 000"));
        for wrong in ["1,29.00", "1299,000", ",100", "1,000.0,0", "1,000,", "x", "", "1,,000", "-,100"] {
            assert!(ungrouped(wrong, ',').is_none(), "{wrong}");
        }
    }

    #[test]
    fn the_short_way_to_hundredths_gives_what_the_long_one_does() {
        let numbers = (0..2000).chain([10_000, 120_050, 1_000_000_000_000_000_000, 123_456_789_012_345_678]);
        for number in numbers.map(|number: u64| number.to_string()) {
            for places in 0..4 {
                let long =
                    Decimal::parse(&number).unwrap().shifted(-i64::from(places)).to_text(None).unwrap();
                let quick = hundredths(&number, places);
                assert!(quick.is_none_or(|quick| quick.as_str() == long), "{number} {places}");
                let is_quick = number.len() > usize::from(places) && number.len() < 19 && number != "0";
                assert_eq!(quick.is_some(), is_quick, "{number} {places}");
            }
        }
        for other in ["-120", "1.5", "1e3", "0120", "", "x20", "é20"] {
            assert!(hundredths(other, 2).is_none(), "{other}");
        }
    }

    #[test]
    fn zeros_behind_the_point_are_no_difference() {
        for (a, b, is) in [
            ("-1", "-1.00", true),
            ("0", "0.0", true),
            ("-1", "1", false),
            ("10", "1", false),
            ("1.5", "1.50", true),
            ("100", "1", false),
        ] {
            assert_eq!(same(a, b), is, "{a} and {b}");
        }
    }
}
