//! Sums of decimals that unit conversion needs: products, quotients and rounding, digit by digit. Nothing passes
//! through a float. It reads and writes no text.

use super::Decimal;
use std::cmp::Ordering;

impl Decimal {
    pub fn is_positive(&self) -> bool {
        !self.negative && !self.digits.is_empty()
    }

    /// One unit of this many places behind the point: 0.01 for 2.
    pub fn unit(places: u8) -> Self {
        Self { negative: false, digits: vec![b'1'], exponent: -i64::from(places) }
    }

    /// The exact product.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let mut product = vec![0u32; self.digits.len() + other.digits.len()];
        for (i, a) in self.digits.iter().rev().enumerate() {
            for (j, b) in other.digits.iter().rev().enumerate() {
                if let Some(place) = product.get_mut(i + j) {
                    *place += u32::from(a - b'0') * u32::from(b - b'0');
                }
            }
        }
        let mut carry = 0;
        let mut digits = Vec::with_capacity(product.len());
        for place in product {
            let sum = place + carry;
            digits.push(b'0' + (sum % 10) as u8);
            carry = sum / 10;
        }
        digits.reverse();
        Self::normal(self.negative != other.negative, digits, self.exponent + other.exponent)
    }

    /// The nearest value with this many digits after the point; of two that are as near, the even one.
    #[must_use]
    pub fn rounded(self, places: u8) -> Self {
        let dropped = -self.exponent - i64::from(places);
        let length = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        if dropped <= 0 || dropped > length {
            return if dropped <= 0 { self } else { Self::zero() };
        }
        let (kept, rest) = self.digits.split_at(usize::try_from(length - dropped).unwrap_or(0));
        // The digits have no trailing zeros: behind a 5 that is not the last one there is more.
        let to_half = rest.first().map_or(Ordering::Less, |first| first.cmp(&b'5'));
        let to_half = if to_half.is_eq() && rest.len() > 1 { Ordering::Greater } else { to_half };
        Self::nearest(self.negative, kept.to_vec(), to_half, places)
    }

    /// The quotient, rounded as `rounded` does. `None` for a division by zero.
    pub fn divided(&self, by: &Self, places: u8) -> Option<Self> {
        if by.digits.is_empty() {
            return None;
        }
        let shift = self.exponent - by.exponent + i64::from(places);
        let zeros = vec![b'0'; usize::try_from(shift.unsigned_abs()).ok()?];
        let (mut dividend, mut divisor) = (self.digits.clone(), by.digits.clone());
        if shift >= 0 {
            dividend.extend(zeros);
        } else {
            divisor.extend(zeros);
        }
        let mut quotient = Vec::with_capacity(dividend.len());
        let mut rest: Vec<u8> = Vec::with_capacity(divisor.len() + 1);
        for digit in dividend {
            if !rest.is_empty() || digit != b'0' {
                rest.push(digit);
            }
            let mut times = b'0';
            while size(&rest, &divisor).is_ge() {
                subtract(&mut rest, &divisor);
                times += 1;
            }
            quotient.push(times);
        }
        let mut twice = rest.clone();
        double(&mut twice);
        let to_half = size(&twice, &divisor);
        Some(Self::nearest(self.negative != by.negative, quotient, to_half, places))
    }

    /// `kept` × 10^-`places`, one up where what was dropped is more than a half, or a half behind an odd digit.
    fn nearest(negative: bool, mut kept: Vec<u8>, to_half: Ordering, places: u8) -> Self {
        let odd = kept.last().is_some_and(|last| last % 2 == 1);
        if to_half.is_gt() || (to_half.is_eq() && odd) {
            let mut carry = true;
            for digit in kept.iter_mut().rev() {
                carry = *digit == b'9';
                *digit = if carry { b'0' } else { *digit + 1 };
                if !carry {
                    break;
                }
            }
            if carry {
                kept.insert(0, b'1');
            }
        }
        Self::normal(negative, kept, -i64::from(places))
    }

    fn zero() -> Self {
        Self { negative: false, digits: Vec::new(), exponent: 0 }
    }

    /// Without zeros at either end.
    fn normal(negative: bool, mut digits: Vec<u8>, mut exponent: i64) -> Self {
        while digits.last() == Some(&b'0') {
            digits.pop();
            exponent += 1;
        }
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        digits.drain(..zeros);
        if digits.is_empty() { Self::zero() } else { Self { negative, digits, exponent } }
    }
}

/// Compares two whole numbers without leading zeros.
fn size(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Takes the smaller from the larger, which loses its leading zeros.
fn subtract(from: &mut Vec<u8>, what: &[u8]) {
    let mut borrow = 0;
    let mut what = what.iter().rev();
    for digit in from.iter_mut().rev() {
        let take = what.next().map_or(0, |digit| digit - b'0') + borrow;
        let own = *digit - b'0';
        borrow = u8::from(own < take);
        *digit = b'0' + own + 10 * borrow - take;
    }
    let zeros = from.iter().take_while(|digit| **digit == b'0').count();
    from.drain(..zeros);
}

fn double(digits: &mut Vec<u8>) {
    let mut carry = 0;
    for digit in digits.iter_mut().rev() {
        let sum = (*digit - b'0') * 2 + carry;
        *digit = b'0' + sum % 10;
        carry = sum / 10;
    }
    if carry > 0 {
        digits.insert(0, b'0' + carry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    fn text(decimal: &Decimal) -> String {
        decimal.to_text(None).unwrap()
    }

    #[test]
    fn products_are_exact() {
        for (a, b, product) in [
            ("0.45359237", "4.2", "1.905087954"),
            ("-3", "0.5", "-1.5"),
            ("0", "12", "0"),
            ("99999999999999999999", "99999999999999999999", "9999999999999999999800000000000000000001"),
            ("1e20", "1e-20", "1"),
        ] {
            assert_eq!(text(&decimal(a).times(&decimal(b))), product, "{a} × {b}");
        }
    }

    #[test]
    fn rounding_goes_to_the_even_neighbour() {
        for (value, places, rounded) in [
            ("0.125", 2, "0.12"),
            ("0.135", 2, "0.14"),
            ("0.1250001", 2, "0.13"),
            ("9.995", 2, "10"),
            ("-2.5", 0, "-2"),
            ("-3.5", 0, "-4"),
            ("0.5", 0, "0"),
            ("0.51", 0, "1"),
            ("0.004", 2, "0"),
            ("0.0004", 2, "0"),
            ("1e3", 2, "1000"),
        ] {
            assert_eq!(text(&decimal(value).rounded(places)), rounded, "{value} at {places}");
        }
    }

    #[test]
    fn quotients_are_rounded_once() {
        for (a, b, places, quotient) in [
            ("1", "3", 4, "0.3333"),
            ("2", "3", 4, "0.6667"),
            ("1", "0.45359237", 6, "2.204623"),
            ("1", "8", 2, "0.12"),
            ("3", "8", 2, "0.38"),
            ("-7", "2", 0, "-4"),
            ("0", "7", 2, "0"),
            ("1000000", "1e-3", 0, "1000000000"),
            ("1e-9", "1e9", 3, "0"),
        ] {
            assert_eq!(text(&decimal(a).divided(&decimal(b), places).unwrap()), quotient, "{a} ÷ {b}");
        }
        assert_eq!(decimal("1").divided(&decimal("0"), 2), None);
    }

    /// There and back again over a factor, at the precision that the compiler asks for.
    #[test]
    fn a_fine_enough_quotient_comes_back() {
        for (by, digits, back) in [("0.45359237", 2, 2), ("2.54", 1, 2), ("1000", 0, 4), ("3", 2, 3)] {
            let by = decimal(by);
            for count in -2000..2000 {
                let value = decimal(&format!("{count}e-{digits}"));
                let there = value.divided(&by, back).unwrap();
                assert_eq!(there.times(&by).rounded(digits), value, "{count} over {by:?}");
            }
        }
    }
}
