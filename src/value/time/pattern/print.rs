//! A moment to its text in a pattern; nothing where the text would be read as another moment.

use super::{Part, Pattern, parse::MONTHS};
use crate::value::time::{Moment, Short, zone::Local};

impl Pattern {
    /// `None` for a moment that these texts cannot say: outside the years 0 to 9999, or of the pattern's century; with
    /// seconds that the pattern has no place for; or in the hour that the zone's clock says for the second time.
    pub fn print(&self, moment: Moment) -> Option<Short> {
        let offset_is_said = self.parts.contains(&Part::Offset);
        let (local, ahead) = match self.zone.as_ref().map(|zone| zone.to_local(moment.seconds)) {
            None => (moment.seconds, 0),
            // Before there were zones clocks were ahead by odd seconds, which no offset can say.
            Some(Local::Once(_, ahead) | Local::Again(_, ahead)) if offset_is_said && ahead % 60 != 0 => {
                (moment.seconds, 0)
            }
            Some(Local::Again(..)) if !offset_is_said => return None,
            Some(Local::Once(local, ahead) | Local::Again(local, ahead)) => (local, ahead),
        };
        let local = Moment { seconds: local, nanos: moment.nanos };
        let date = local.date()?;
        let (hour, minute, second) = local.clock();
        if self.has_time && second > 0 && !self.parts.contains(&Part::Second) {
            return None;
        }
        let year = date.year.unsigned_abs();
        let mut out = Short::EMPTY;
        for part in &self.parts {
            match part {
                Part::Year => out.push_number(year, 4),
                Part::ShortYear => {
                    if !(1969..=2068).contains(&year) {
                        return None;
                    }
                    out.push_number(year % 100, 2);
                }
                Part::Month => out.push_number(u32::from(date.month), 2),
                Part::MonthName => out.push_str(MONTHS.get(usize::from(date.month) - 1)?),
                Part::Day => out.push_number(u32::from(date.day), 2),
                Part::Hour => out.push_number(hour, 2),
                Part::HourOfTwelve => out.push_number((hour + 11) % 12 + 1, 2),
                Part::Half => out.push_str(if hour < 12 { "AM" } else { "PM" }),
                Part::Minute => out.push_number(minute, 2),
                Part::Second => out.push_number(second, 2),
                Part::Fraction if local.nanos.is_multiple_of(1000) => out.push_number(local.nanos / 1000, 6),
                Part::Fraction => out.push_number(local.nanos, 9),
                Part::Offset => {
                    out.push(if ahead < 0 { b'-' } else { b'+' });
                    let minutes = ahead.unsigned_abs() / 60;
                    out.push_number(minutes / 60 * 100 + minutes % 60, 4);
                }
                Part::Literal(byte) => out.push(*byte),
            }
        }
        if self.digits.is_some() {
            let mut bare = Short::EMPTY;
            let digits = out.as_str().trim_start_matches('0');
            bare.push_str(if digits.is_empty() { "0" } else { digits });
            return Some(bare);
        }
        Some(out)
    }
}
