//! A text in a pattern to the moment that it says.

use super::{Part, Pattern};
use crate::value::time::{Date, Moment, number, offset};

pub(super) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// What a text says, part by part.
#[derive(Default)]
struct Said {
    year: u32,
    month: Option<u32>,
    day: Option<u32>,
    hour: u32,
    afternoon: Option<bool>,
    minute: u32,
    second: u32,
    nanos: u32,
    ahead: Option<i64>,
}

impl Pattern {
    /// Reads a text that has just this form.
    pub fn parse(&self, text: &str) -> Option<Moment> {
        let padded;
        let text = match self.digits {
            Some(width) if text.len() < width && self.partial.is_empty() => {
                padded = format!("{text:0>width$}");
                &padded
            }
            _ => text,
        };
        let whole = said(&self.parts, text);
        let said = match whole {
            Some(said) => said,
            None => self.partial.iter().find_map(|parts| said(parts, text))?,
        };
        let first = |number: Option<u32>| match number {
            Some(0) | None if self.is_partial() => Some(1),
            number => number,
        };
        let (month, day) = (first(said.month)?, first(said.day)?);
        let date =
            Date::new(i32::try_from(said.year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
        let hour = match (said.hour, said.afternoon) {
            (hour, None) => hour,
            (hour @ 1..=12, Some(afternoon)) => hour % 12 + if afternoon { 12 } else { 0 },
            _ => return None,
        };
        let local = Moment::new(date, hour, said.minute, said.second, said.nanos)?;
        let seconds = match (said.ahead, &self.zone) {
            (Some(ahead), _) => local.seconds - ahead,
            (None, Some(zone)) => zone.to_utc(local.seconds)?,
            (None, None) => local.seconds,
        };
        Some(Moment { seconds, ..local })
    }
}

fn said(parts: &[Part], text: &str) -> Option<Said> {
    let bytes = text.as_bytes();
    let mut said = Said::default();
    let mut at = 0;
    let digits = |at: &mut usize, width: usize| {
        let found = number(bytes, *at, width);
        *at += width;
        found
    };
    for part in parts {
        match part {
            Part::Year => said.year = digits(&mut at, 4)?,
            Part::ShortYear => {
                let year = digits(&mut at, 2)?;
                said.year = year + if year < 69 { 2000 } else { 1900 };
            }
            Part::Month => said.month = Some(digits(&mut at, 2)?),
            Part::MonthName => {
                let name = text.get(at..at + 3)?;
                let month = MONTHS.iter().position(|known| known.eq_ignore_ascii_case(name))?;
                said.month = u32::try_from(month + 1).ok();
                at += 3;
            }
            Part::Day => said.day = Some(digits(&mut at, 2)?),
            Part::Hour | Part::HourOfTwelve => said.hour = digits(&mut at, 2)?,
            Part::Half => {
                let half = text.get(at..at + 2)?;
                said.afternoon = Some(half.eq_ignore_ascii_case("PM"));
                if said.afternoon == Some(false) && !half.eq_ignore_ascii_case("AM") {
                    return None;
                }
                at += 2;
            }
            Part::Minute => said.minute = digits(&mut at, 2)?,
            Part::Second => said.second = digits(&mut at, 2)?,
            Part::Fraction => {
                let width = bytes.get(at..)?.iter().take_while(|b| b.is_ascii_digit()).count().min(9);
                let scale = 10u32.pow(u32::try_from(9 - width).ok()?);
                said.nanos = digits(&mut at, width).filter(|_| width > 0)? * scale;
            }
            Part::Offset => {
                let rest = bytes.get(at..)?;
                let width = match rest.first()? {
                    b'Z' => 1,
                    _ => 1 + rest.iter().skip(1).take_while(|b| b.is_ascii_digit() || **b == b':').count(),
                };
                said.ahead = Some(offset(text.get(at..at + width)?)?);
                at += width;
            }
            Part::Literal(byte) => {
                if bytes.get(at) != Some(byte) {
                    return None;
                }
                at += 1;
            }
        }
    }
    (at == bytes.len()).then_some(said)
}
