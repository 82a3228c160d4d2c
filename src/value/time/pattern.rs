//! Times as legacy systems write them: a pattern of `%Y %y %m %b %d %H %I %p %M %S %f %z` and literal text, in UTC or in
//! a zone that the operator names. It knows no names of months but the English ones of three letters, and no names of
//! days; a pattern is checked when it is made.

mod parse;
mod print;

use super::zone::Zone;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    /// Two digits: 69 to 99 are of the 20th century, 00 to 68 of the 21st, as POSIX `strptime` has it.
    ShortYear,
    Month,
    /// `Jan`; read in any case.
    MonthName,
    Day,
    Hour,
    /// 01 to 12.
    HourOfTwelve,
    /// `AM` or `PM`; read in any case.
    Half,
    Minute,
    Second,
    /// One to nine digits; six or nine are written.
    Fraction,
    /// `+0000`, `+00:00`, `+00` or `Z`; written as `+0000`.
    Offset,
    Literal(u8),
}

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Part>,
    has_time: bool,
    /// Where the clock hangs that says these times; UTC where nothing is said.
    zone: Option<Zone>,
    /// The same pattern without its day, and without its month: what may be read in its stead.
    partial: Vec<Vec<Part>>,
    /// How many digits a number has that holds it, which has no zeros in front; `None` where it stands in a text.
    digits: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("`%{0}` is not known here; use %Y %y %m %b %d %H %I %p %M %S %f %z")]
    Unknown(char),
    #[error("`%{0}` stands twice, or beside another word for the same")]
    Twice(char),
    #[error("the pattern needs {0}")]
    Needs(&'static str),
    #[error("only ASCII text can stand in a pattern")]
    NotAscii,
}

impl Part {
    /// What it tells; two parts of one subject contradict each other.
    fn subject(self) -> Option<u8> {
        Some(match self {
            Part::Year | Part::ShortYear => 0,
            Part::Month | Part::MonthName => 1,
            Part::Day => 2,
            Part::Hour | Part::HourOfTwelve => 3,
            Part::Half => 4,
            Part::Minute => 5,
            Part::Second => 6,
            Part::Fraction => 7,
            Part::Offset => 8,
            Part::Literal(_) => return None,
        })
    }
}

impl Pattern {
    pub fn new(text: &str) -> Result<Self, Wrong> {
        let mut parts: Vec<Part> = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let (letter, part) = match c {
                '%' => {
                    let letter = chars.next().unwrap_or(' ');
                    (letter, part(letter)?)
                }
                c => (c, Part::Literal(u8::try_from(c).ok().filter(u8::is_ascii).ok_or(Wrong::NotAscii)?)),
            };
            if part.subject().is_some_and(|s| parts.iter().any(|known| known.subject() == Some(s))) {
                return Err(Wrong::Twice(letter));
            }
            parts.push(part);
        }
        let has = |part: Part| parts.contains(&part);
        let tells = |part: Part| parts.iter().any(|known| known.subject() == part.subject());
        if !(tells(Part::Year) && tells(Part::Month) && tells(Part::Day)) {
            return Err(Wrong::Needs("%Y, %m and %d"));
        }
        if has(Part::HourOfTwelve) != has(Part::Half) {
            return Err(Wrong::Needs("%I and %p together"));
        }
        let has_time = tells(Part::Hour);
        if has_time != has(Part::Minute) || (has(Part::Second) && !has_time) {
            return Err(Wrong::Needs("%H, %M and %S together, or none of them"));
        }
        if has(Part::Fraction) && !has(Part::Second) {
            return Err(Wrong::Needs("%S before %f"));
        }
        if has(Part::Offset) && !has_time {
            return Err(Wrong::Needs("%H, %M and %S beside %z"));
        }
        Ok(Self { parts, has_time, zone: None, partial: Vec::new(), digits: None })
    }

    /// The times are those of a clock in this zone.
    #[must_use]
    pub fn within(self, zone: Zone) -> Self {
        Self { zone: Some(zone), ..self }
    }

    /// Texts that lack the day, or month and day, are read as the first one of it, and so are days and months of `00`.
    /// Nothing can be written in such a pattern that comes back: who asks for it does not write.
    #[must_use]
    pub fn or_less(self) -> Self {
        let month = without(&self.parts, Part::Day);
        let named = if month.contains(&Part::MonthName) { Part::MonthName } else { Part::Month };
        let year = without(&month, named);
        Self { partial: vec![month, year], ..self }
    }

    /// The texts are numbers, whose zeros in front are lost: 1022014 is `01022014`. `None` for a pattern with more than digits.
    #[must_use]
    pub fn in_number(self) -> Option<Self> {
        let width = |part: &Part| match part {
            Part::Year => Some(4),
            Part::Literal(byte) if byte.is_ascii_digit() => Some(1),
            Part::MonthName | Part::Half | Part::Fraction | Part::Offset | Part::Literal(_) => None,
            _ => Some(2),
        };
        let digits = self.parts.iter().map(width).sum::<Option<usize>>()?;
        Some(Self { digits: Some(digits), ..self })
    }

    /// Whether it says a time of day too.
    pub fn has_time(&self) -> bool {
        self.has_time
    }

    /// Whether more texts are read than can be written.
    pub fn is_partial(&self) -> bool {
        !self.partial.is_empty()
    }
}

fn part(letter: char) -> Result<Part, Wrong> {
    Ok(match letter {
        'Y' => Part::Year,
        'y' => Part::ShortYear,
        'm' => Part::Month,
        'b' => Part::MonthName,
        'd' => Part::Day,
        'H' => Part::Hour,
        'I' => Part::HourOfTwelve,
        'p' => Part::Half,
        'M' => Part::Minute,
        'S' => Part::Second,
        'f' => Part::Fraction,
        'z' => Part::Offset,
        '%' => Part::Literal(b'%'),
        other => return Err(Wrong::Unknown(other)),
    })
}

/// The parts without one, and without the text that parts it from what follows; from what precedes, where it is last.
fn without(parts: &[Part], gone: Part) -> Vec<Part> {
    let Some(at) = parts.iter().position(|part| *part == gone) else { return parts.to_vec() };
    let (before, after) = (parts.get(..at).unwrap_or_default(), parts.get(at + 1..).unwrap_or_default());
    let literal = |part: &&Part| matches!(part, Part::Literal(_));
    let skipped = after.iter().take_while(literal).count();
    let kept = if skipped == after.len() {
        before.len() - before.iter().rev().take_while(literal).count()
    } else {
        at
    };
    before.iter().take(kept).chain(after.iter().skip(skipped)).copied().collect()
}

#[cfg(test)]
mod tests;
