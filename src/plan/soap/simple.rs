//! Simple types: what a text may be (XML Schema part 2), how it becomes a JSON scalar, and whether a value's text
//! is one of them. Numbers are digits throughout. It knows no element.

use crate::value::{decimal::Decimal, xml::is_number};
use std::{borrow::Cow, cmp::Ordering};

/// The built-in type at the bottom, as far as it matters to JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// `string` and all that this program has no rule for.
    #[default]
    Text,
    Boolean,
    /// `integer` and what derives from it; the range is in the bounds.
    Integer,
    Decimal,
    /// `float` and `double`.
    Float,
    Date,
    DateTime,
    Time,
    Base64,
    Hex,
}

/// The end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub value: Decimal,
    pub inclusive: bool,
}

/// A simple type: its kind with the facets that narrow it.
#[derive(Debug, Clone, Default)]
pub struct Simple {
    pub kind: Kind,
    /// White space is kept as it is (`string` alone); otherwise it is collapsed before anything is judged.
    pub preserve: bool,
    /// Empty where every value is allowed.
    pub enumeration: Vec<Box<str>>,
    /// In characters; in bytes for `base64Binary` and `hexBinary`.
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    /// One for each step of derivation that has patterns; a text must match all of them.
    pub patterns: Vec<regex::Regex>,
    pub total_digits: Option<u32>,
    pub fraction_digits: Option<u32>,
    pub low: Option<Bound>,
    pub high: Option<Bound>,
}

/// Why a text is not of a type: what was expected, in words that follow "is not".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Misfit(pub Cow<'static, str>);

impl PartialEq for Simple {
    fn eq(&self, other: &Self) -> bool {
        let plain =
            |s: &Self| (s.kind, s.preserve, s.min_length, s.max_length, s.total_digits, s.fraction_digits);
        plain(self) == plain(other)
            && self.enumeration == other.enumeration
            && self.low == other.low
            && self.high == other.high
            && self
                .patterns
                .iter()
                .map(regex::Regex::as_str)
                .eq(other.patterns.iter().map(regex::Regex::as_str))
    }
}

/// What a text is in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json<'a> {
    /// Digits that are a number in JSON's grammar.
    Number(Cow<'a, str>),
    Boolean(bool),
    Text(Cow<'a, str>),
}

// === impl Simple ===

impl Simple {
    /// The text as a JSON scalar. What is not of its type stays a text: who maps it says what that means.
    pub fn json<'a>(&self, text: &'a str) -> Json<'a> {
        let bare = text.trim_matches([' ', '\t', '\r', '\n']);
        let said = match self.kind {
            Kind::Boolean => match bare {
                "true" | "1" => Some(Json::Boolean(true)),
                "false" | "0" => Some(Json::Boolean(false)),
                _ => None,
            },
            Kind::Integer | Kind::Decimal | Kind::Float => number(bare, self.kind).map(Json::Number),
            _ => None,
        };
        said.unwrap_or_else(|| Json::Text(if self.preserve { text.into() } else { collapsed(text) }))
    }

    /// Whether a text may be written as this type. Numbers are compared by value, never as floats.
    pub fn check(&self, text: &str) -> Result<(), Misfit> {
        let misfit = |expected: &'static str| Err(Misfit(expected.into()));
        match self.kind {
            Kind::Boolean if !matches!(text, "true" | "false") => return misfit("`true` or `false`"),
            Kind::Integer if !is_integer(text) => return misfit("an integer"),
            Kind::Decimal if !is_decimal(text) => return misfit("a decimal number without an exponent"),
            Kind::Float if !is_float(text) => return misfit("a number"),
            Kind::Date if !lexical::date(text) => return misfit("a date (`2024-01-31`)"),
            Kind::DateTime if !lexical::date_time(text) => return misfit("a time (`2024-01-31T09:30:00Z`)"),
            Kind::Time if !lexical::time(text) => return misfit("a time of day (`09:30:00`)"),
            Kind::Base64 if !lexical::base64(text) => return misfit("base64"),
            Kind::Hex if !(text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit())) => {
                return misfit("hexadecimal digits in pairs");
            }
            _ => {}
        }
        self.range(text)?;
        if !self.enumeration.is_empty() && !self.enumeration.iter().any(|word| self.same(word, text)) {
            let words: Vec<String> =
                self.enumeration.iter().take(8).map(|word| format!("`{word}`")).collect();
            let more = if self.enumeration.len() > 8 { ", …" } else { "" };
            return Err(Misfit(format!("one of {}{more}", words.join(", ")).into()));
        }
        let length = self.length(text);
        if let Some(max) = self.max_length.filter(|max| length > *max) {
            return Err(Misfit(format!("at most {max} long").into()));
        }
        if let Some(min) = self.min_length.filter(|min| length < *min) {
            return Err(Misfit(format!("at least {min} long").into()));
        }
        if let Some(pattern) = self.patterns.iter().find(|pattern| !pattern.is_match(text)) {
            return Err(Misfit(format!("a text of the pattern `{}`", pattern.as_str()).into()));
        }
        Ok(())
    }

    fn same(&self, word: &str, text: &str) -> bool {
        let by_value = matches!(self.kind, Kind::Integer | Kind::Decimal | Kind::Float);
        word == text
            || by_value
                && matches!((decimal(word), decimal(text)), (Some(a), Some(b)) if a.cmp(&b) == Ordering::Equal)
    }

    fn length(&self, text: &str) -> u64 {
        let length = match self.kind {
            Kind::Hex => text.len() / 2,
            Kind::Base64 => {
                let digits = text.bytes().filter(|b| !b.is_ascii_whitespace() && *b != b'=').count();
                digits * 3 / 4
            }
            _ => text.chars().count(),
        };
        length as u64
    }

    fn range(&self, text: &str) -> Result<(), Misfit> {
        if !matches!(self.kind, Kind::Integer | Kind::Decimal | Kind::Float) {
            return Ok(());
        }
        if let Some(total) = self.total_digits
            && significant(text).0 > total as usize
        {
            return Err(Misfit(format!("a number of at most {total} digits").into()));
        }
        if let Some(fraction) = self.fraction_digits
            && significant(text).1 > fraction as usize
        {
            return Err(Misfit(format!("a number of at most {fraction} decimal places").into()));
        }
        if self.low.is_none() && self.high.is_none() {
            return Ok(());
        }
        let Some(value) = decimal(text) else {
            // `NaN` and `INF` have no place in a range, and no range needs more digits than a decimal takes.
            return Err(Misfit("a number within its range".into()));
        };
        let shown = |bound: &Bound| bound.value.to_text(None).unwrap_or_default();
        if let Some(low) = &self.low
            && (value < low.value || value == low.value && !low.inclusive)
        {
            let word = if low.inclusive { "at least" } else { "more than" };
            return Err(Misfit(format!("{word} {}", shown(low)).into()));
        }
        if let Some(high) = &self.high
            && (value > high.value || value == high.value && !high.inclusive)
        {
            let word = if high.inclusive { "at most" } else { "less than" };
            return Err(Misfit(format!("{word} {}", shown(high)).into()));
        }
        Ok(())
    }
}

/// XSD's digits as a decimal: `+5`, `.5` and `5.` are numbers there.
pub fn decimal(text: &str) -> Option<Decimal> {
    Decimal::parse(&number(text, Kind::Float)?)
}

/// The text with its white space collapsed (XML Schema part 2, section 4.3.6).
fn collapsed(text: &str) -> Cow<'_, str> {
    let white = [' ', '\t', '\r', '\n'];
    let bare = text.trim_matches(white);
    if bare.contains(['\t', '\r', '\n']) || bare.contains("  ") {
        return bare.split(white).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").into();
    }
    bare.into()
}

/// A number of XML Schema in JSON's grammar: no `+`, no leading zeros, a digit on both sides of the point.
/// All digits behind the point are kept. `None` where it is none, `NaN` and `INF` included.
fn number(text: &str, kind: Kind) -> Option<Cow<'_, str>> {
    if is_number(text) {
        let plain = match kind {
            Kind::Integer => text.bytes().all(|b| b == b'-' || b.is_ascii_digit()),
            Kind::Decimal => !text.contains(['e', 'E']),
            _ => true,
        };
        return plain.then(|| text.into());
    }
    let (sign, rest) = match text.as_bytes().first() {
        Some(b'-') => ("-", text.get(1..)?),
        Some(b'+') => ("", text.get(1..)?),
        _ => ("", text),
    };
    let (mantissa, power) = rest.find(['e', 'E']).map_or((rest, ""), |at| rest.split_at(at));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let trimmed = whole.trim_start_matches('0');
    let whole = if trimmed.is_empty() { "0" } else { trimmed };
    let point = if fraction.is_empty() { "" } else { "." };
    if kind == Kind::Integer && mantissa.contains('.') {
        return None;
    }
    let made = format!("{sign}{whole}{point}{fraction}{power}");
    (is_number(&made) && (kind == Kind::Float || power.is_empty())).then_some(made.into())
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    !(whole.is_empty() && fraction.is_empty())
        && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
}

fn is_float(text: &str) -> bool {
    matches!(text, "NaN" | "INF" | "-INF") || number(text, Kind::Float).is_some()
}

/// How many digits count in all, and how many of them behind the point.
fn significant(text: &str) -> (usize, usize) {
    let digits = text.trim_start_matches(['-', '+']);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0').len();
    (whole.trim_start_matches('0').len() + fraction, fraction)
}

/// The lexical forms of dates and times (XML Schema part 2, sections 3.2.7 to 3.2.9) and of base64.
mod lexical {
    /// `n` digits at the beginning; the number and what follows.
    fn digits(text: &str, n: usize) -> Option<(u32, &str)> {
        let found = text.get(..n).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        Some((found.parse().ok()?, text.get(n..)?))
    }

    fn day(text: &str) -> Option<&str> {
        let text = text.strip_prefix('-').unwrap_or(text);
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        let (year, rest) = if (4..=9).contains(&length) { digits(text, length)? } else { return None };
        let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let last = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        (1..=last).contains(&day).then_some(rest)
    }

    fn clock(text: &str) -> Option<&str> {
        let (hour, rest) = digits(text, 2)?;
        let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let rest = match rest.strip_prefix('.') {
            Some(fraction) => {
                let end = fraction.bytes().take_while(u8::is_ascii_digit).count();
                fraction.get(end..).filter(|_| end > 0)?
            }
            None => rest,
        };
        let midnight = hour == 24 && minute == 0 && second == 0;
        ((hour < 24 || midnight) && minute < 60 && second < 60).then_some(rest)
    }

    fn zone(text: &str) -> bool {
        if matches!(text, "" | "Z") {
            return true;
        }
        let parts = || {
            let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 2)?;
            let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
            (rest.is_empty() && minutes < 60 && hours * 60 + minutes <= 840).then_some(())
        };
        parts().is_some()
    }

    pub(super) fn date(text: &str) -> bool {
        day(text).is_some_and(zone)
    }

    pub(super) fn time(text: &str) -> bool {
        clock(text).is_some_and(zone)
    }

    pub(super) fn date_time(text: &str) -> bool {
        day(text).and_then(|rest| clock(rest.strip_prefix('T')?)).is_some_and(zone)
    }

    pub(super) fn base64(text: &str) -> bool {
        let bytes: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
        let padding = bytes.iter().rev().take_while(|b| **b == b'=').count();
        let digits = bytes.get(..bytes.len() - padding).unwrap_or_default();
        padding <= 2
            && bytes.len().is_multiple_of(4)
            && digits.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
    }
}

#[cfg(test)]
mod tests;
