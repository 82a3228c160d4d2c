//! Decimal numbers as digits: brought to a scale, shifted, compared. Nothing passes through a float.

mod arithmetic;

use std::cmp::Ordering;

/// More digits than this are refused, so that `1e999999999` costs nothing.
const MAX_DIGITS: i64 = 64;

/// A JSON number taken apart. `digits` has no leading zeros; the value is `digits` × 10^`exponent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Reads a number in JSON's grammar (a leading `+` and a bare `.5` are refused). `None` where it is no number, or too long.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = match rest.find(['e', 'E']) {
            Some(at) => (rest.get(..at)?, rest.get(at + 1..)?.parse::<i64>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (mantissa, ""),
        };
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).skip_while(|b| *b == b'0').collect();
        let mut exponent = power.checked_sub(i64::try_from(fraction.len()).ok()?)?;
        while digits.last() == Some(&b'0') {
            digits.pop();
            exponent += 1;
        }
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        let length = i64::try_from(digits.len()).ok()?;
        let in_reach = length <= MAX_DIGITS && exponent.abs() <= MAX_DIGITS;
        in_reach.then_some(Self { negative, digits, exponent })
    }

    /// The value times 10^`by`.
    #[must_use]
    pub fn shifted(mut self, by: i64) -> Self {
        if !self.digits.is_empty() {
            self.exponent += by;
        }
        self
    }

    pub fn is_integer(&self) -> bool {
        self.exponent >= 0
    }

    /// Whether the value can be said with this many digits after the point.
    pub fn fits(&self, scale: u8) -> bool {
        self.exponent >= -i64::from(scale)
    }

    /// Writes the plain form: no exponent; `scale` digits after the point, or as many as there are.
    /// `false`, with nothing written, where the scale would lose a digit.
    pub fn write(&self, out: &mut Vec<u8>, scale: Option<u8>) -> bool {
        if scale.is_some_and(|scale| !self.fits(scale)) {
            return false;
        }
        if self.negative {
            out.push(b'-');
        }
        let length = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        // Where the point stands, counted from the first digit.
        let point = length + self.exponent;
        let digit =
            |at: i64| usize::try_from(at).ok().and_then(|at| self.digits.get(at)).copied().unwrap_or(b'0');
        if point <= 0 {
            out.push(b'0');
        }
        for at in 0..point.max(0) {
            out.push(digit(at));
        }
        let places = scale.map_or((-self.exponent).max(0), i64::from);
        if places > 0 {
            out.push(b'.');
            for at in 0..places {
                out.push(digit(point + at));
            }
        }
        true
    }

    pub fn to_text(&self, scale: Option<u8>) -> Option<String> {
        let mut out = Vec::new();
        if self.write(&mut out, scale) { String::from_utf8(out).ok() } else { None }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |d: &Self| {
            if d.digits.is_empty() {
                0
            } else if d.negative {
                -1
            } else {
                1
            }
        };
        let size = |d: &Self| i64::try_from(d.digits.len()).unwrap_or(i64::MAX) + d.exponent;
        sign(self).cmp(&sign(other)).then_with(|| {
            let ascending = size(self).cmp(&size(other)).then_with(|| self.digits.cmp(&other.digits));
            if self.negative { ascending.reverse() } else { ascending }
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Writes a number token in the public form. The short way is for what legacy systems mostly send:
/// plain digits with no more places than the scale.
#[inline]
pub fn write_fixed(out: &mut Vec<u8>, text: &str, scale: Option<u8>) -> bool {
    if let Some(scale) = scale {
        let bytes = text.as_bytes();
        let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
        let leading_zero = unsigned.first() == Some(&b'0');
        let whole = unsigned.iter().take_while(|b| b.is_ascii_digit()).count();
        let places = match unsigned.get(whole) {
            None => Some(0),
            Some(b'.') => Some(unsigned.len() - whole - 1),
            Some(_) => None,
        };
        let plain = unsigned.get(whole + 1..).unwrap_or_default().iter().all(u8::is_ascii_digit);
        let usual = (1..=30).contains(&whole) && (!leading_zero || whole == 1);
        if let Some(places) = places
            && usual
            && plain
            && places <= usize::from(scale)
            && unsigned.last() != Some(&b'.')
            && !(leading_zero && bytes.len() != unsigned.len())
        {
            out.extend_from_slice(bytes);
            if places == 0 && scale > 0 {
                out.push(b'.');
            }
            out.resize(out.len() + usize::from(scale) - places, b'0');
            return true;
        }
    }
    Decimal::parse(text).is_some_and(|decimal| decimal.write(out, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_at_a_scale() {
        for (text, scale, expected) in [
            ("4.2", Some(2), Some("4.20")),
            ("4", Some(2), Some("4.00")),
            ("4.200", Some(2), Some("4.20")),
            ("4.201", Some(2), None),
            ("-0.5", Some(1), Some("-0.5")),
            ("-0", Some(0), Some("0")),
            ("1e3", Some(0), Some("1000")),
            ("12e-3", None, Some("0.012")),
            ("100", None, Some("100")),
            ("9007199254740993", Some(0), Some("9007199254740993")),
            ("007", Some(0), Some("7")),
            ("1.", Some(2), None),
            ("abc", Some(2), None),
            ("1e999999999", None, None),
        ] {
            let mut out = Vec::new();
            let done = write_fixed(&mut out, text, scale);
            assert_eq!(
                done.then(|| String::from_utf8(out).unwrap()).as_deref(),
                expected,
                "{text} at {scale:?}"
            );
        }
    }

    #[test]
    fn compares_by_value() {
        let sorted = ["-10", "-9.5", "-0.1", "0", "0.05", "0.5", "4.2", "4.21", "10", "1e2"];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                let (x, y) = (Decimal::parse(a).unwrap(), Decimal::parse(b).unwrap());
                assert_eq!(x.cmp(&y), i.cmp(&j), "{a} with {b}");
            }
        }
        assert_eq!(Decimal::parse("4.20"), Decimal::parse("420e-2"));
    }
}
