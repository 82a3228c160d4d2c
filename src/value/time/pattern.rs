//! Times as legacy systems write them: a pattern of `%Y %m %d %H %M %S` and literal text.
//! It takes no names of months and no am/pm; a pattern is checked when it is made.

use super::{Date, Moment, Short, number};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Literal(u8),
}

/// A compiled pattern. Every part has a fixed width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    parts: Vec<Part>,
    has_time: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("`%{0}` is not known here; use %Y %m %d %H %M %S")]
    Unknown(char),
    #[error("`%{0}` stands twice")]
    Twice(char),
    #[error("the pattern needs {0}")]
    Needs(&'static str),
    #[error("only ASCII text can stand in a pattern")]
    NotAscii,
}

impl Pattern {
    pub fn new(text: &str) -> Result<Self, Wrong> {
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let part = match c {
                '%' => match chars.next() {
                    Some('Y') => Part::Year,
                    Some('m') => Part::Month,
                    Some('d') => Part::Day,
                    Some('H') => Part::Hour,
                    Some('M') => Part::Minute,
                    Some('S') => Part::Second,
                    Some('%') => Part::Literal(b'%'),
                    other => return Err(Wrong::Unknown(other.unwrap_or(' '))),
                },
                c => Part::Literal(u8::try_from(c).ok().filter(u8::is_ascii).ok_or(Wrong::NotAscii)?),
            };
            if !matches!(part, Part::Literal(_)) && parts.contains(&part) {
                return Err(Wrong::Twice(c));
            }
            parts.push(part);
        }
        if ![Part::Year, Part::Month, Part::Day].iter().all(|p| parts.contains(p)) {
            return Err(Wrong::Needs("%Y, %m and %d"));
        }
        let time = [Part::Hour, Part::Minute, Part::Second].iter().filter(|p| parts.contains(p)).count();
        let has_time = match time {
            0 => false,
            3 => true,
            _ => return Err(Wrong::Needs("%H, %M and %S together, or none of them")),
        };
        Ok(Self { parts, has_time })
    }

    /// Whether it says a time of day too.
    pub fn has_time(&self) -> bool {
        self.has_time
    }

    /// Reads a text that has just this form; the moment is in UTC.
    pub fn parse(&self, text: &str) -> Option<Moment> {
        let bytes = text.as_bytes();
        let (mut year, mut month, mut day, mut hour, mut minute, mut second) = (0, 0, 0, 0, 0, 0);
        let mut at = 0;
        for part in &self.parts {
            let (place, width) = match part {
                Part::Year => (&mut year, 4),
                Part::Month => (&mut month, 2),
                Part::Day => (&mut day, 2),
                Part::Hour => (&mut hour, 2),
                Part::Minute => (&mut minute, 2),
                Part::Second => (&mut second, 2),
                Part::Literal(byte) => {
                    if bytes.get(at) != Some(byte) {
                        return None;
                    }
                    at += 1;
                    continue;
                }
            };
            *place = number(bytes, at, width)?;
            at += width;
        }
        if at != bytes.len() {
            return None;
        }
        let date = Date::new(i32::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
        Moment::new(date, hour, minute, second, 0)
    }

    pub fn print(&self, moment: Moment) -> Option<Short> {
        let date = moment.date()?;
        let (hour, minute, second) = moment.clock();
        let mut out = Short::EMPTY;
        for part in &self.parts {
            match part {
                Part::Year => out.push_number(date.year.unsigned_abs(), 4),
                Part::Month => out.push_number(u32::from(date.month), 2),
                Part::Day => out.push_number(u32::from(date.day), 2),
                Part::Hour => out.push_number(hour, 2),
                Part::Minute => out.push_number(minute, 2),
                Part::Second => out.push_number(second, 2),
                Part::Literal(byte) => out.push(*byte),
            }
        }
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parsing_and_printing_are_inverse() {
        for (pattern, text) in
            [("%Y-%m-%d %H:%M:%S", "2013-11-16 23:59:01"), ("%Y%m%d", "20131116"), ("%d/%m/%Y", "16/11/2013")]
        {
            let pattern = Pattern::new(pattern).unwrap();
            let moment = pattern.parse(text).unwrap();
            assert_eq!(pattern.print(moment).unwrap().as_str(), text);
        }
    }

    #[test]
    fn refuses_wrong_patterns_and_texts() {
        assert_eq!(Pattern::new("%Y-%q"), Err(Wrong::Unknown('q')));
        assert!(matches!(Pattern::new("%Y-%m"), Err(Wrong::Needs(_))));
        assert!(matches!(Pattern::new("%Y-%m-%d %H"), Err(Wrong::Needs(_))));
        let pattern = Pattern::new("%Y-%m-%d 00:00:00").unwrap();
        for text in ["2013-11-16", "2013-11-31 00:00:00", "2013-11-16 00:00:000", "0000-00-00 00:00:00"] {
            assert_eq!(pattern.parse(text), None, "{text}");
        }
    }
}
