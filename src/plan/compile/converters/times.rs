//! Patterns of dates and times, and the zones that they are in.

use super::Ground;
use crate::{
    fault::mapping as m,
    plan::{compile::Compiler, convert::Op},
    spec::words::converter::{Converter, DateIn, TimeIn},
    value::time::{pattern::Pattern, zone::Zone},
};

impl Compiler<'_> {
    pub(super) fn date(&mut self, ground: Ground<'_>, path: &[&str], date: &DateIn) -> Option<Pattern> {
        match date {
            DateIn::Pattern(text) => self.pattern(ground, &[path, &["date"]].concat(), text),
            DateIn::Full(full) => {
                let pattern = self.pattern(ground, &[path, &["date", "pattern"]].concat(), &full.pattern)?;
                if full.partial && pattern.has_time() {
                    ground.doc.error(
                        self.out,
                        m::BAD_PATTERN,
                        &[path, &["date", "partial"]].concat(),
                        "a part of a date has no time of day, and this pattern has one",
                        Some("take the time out of the pattern, or remove `partial`".into()),
                    );
                }
                Some(if full.partial { pattern.or_less() } else { pattern })
            }
        }
    }

    pub(super) fn date_time(&mut self, ground: Ground<'_>, path: &[&str], time: &TimeIn) -> Option<Pattern> {
        let (text, place, zone) = match time {
            TimeIn::Pattern(text) => (text, [path, &["dateTime"]].concat(), None),
            TimeIn::Full(full) => {
                (&full.pattern, [path, &["dateTime", "pattern"]].concat(), full.zone.as_ref())
            }
        };
        let mut pattern = self.pattern(ground, &place, text)?;
        if !pattern.has_time() {
            let hint = Some("add %H, %M and %S, or use `date`".into());
            ground.doc.error(self.out, m::BAD_PATTERN, &place, "this pattern says no time of day", hint);
        }
        if let Some(name) = zone {
            pattern = pattern.within(self.zone_at(ground, &[path, &["dateTime", "zone"]].concat(), name)?);
        }
        Some(pattern)
    }

    /// The zone that a converter of this name says.
    pub(super) fn zone(&mut self, ground: Ground<'_>, path: &[&str], word: &str, name: &str) -> Option<Zone> {
        self.zone_at(ground, &[path, &[word]].concat(), name)
    }

    fn zone_at(&mut self, ground: Ground<'_>, place: &[&str], name: &str) -> Option<Zone> {
        let zone = Zone::named(name);
        if zone.is_none() {
            let message = format!("there is no zone `{name}`");
            let hint = "write a name of the IANA database, for example `America/New_York`";
            ground.doc.error(self.out, m::BAD_PATTERN, place, message, Some(hint.into()));
        }
        zone
    }

    /// A count of which a zone's date or time of day is wanted is a time, whatever the member is.
    pub(super) fn as_time(op: Op, next: Option<&Converter>) -> Op {
        match (op, next) {
            (Op::EpochDay(1), Some(Converter::LocalDate(_))) => Op::EpochSeconds,
            (Op::EpochDay(_), Some(Converter::LocalDate(_))) => Op::EpochMillis,
            (op, _) => op,
        }
    }

    /// A pattern in a number has digits alone.
    pub(super) fn in_number(&mut self, ground: Ground<'_>, path: &[&str], op: Op) -> Option<Op> {
        let op = match op {
            Op::Date(pattern) => pattern.in_number().map(Op::Date),
            Op::DateTime(pattern) => pattern.in_number().map(Op::DateTime),
            other => Some(other),
        };
        if op.is_none() {
            let hint = Some("write one of digits, for example `%Y%m%d`, or remove `number`".into());
            ground.doc.error(self.out, m::BAD_PATTERN, path, "no number has the form of this pattern", hint);
        }
        op
    }

    fn pattern(&mut self, ground: Ground<'_>, place: &[&str], text: &str) -> Option<Pattern> {
        match Pattern::new(text) {
            Ok(pattern) => Some(pattern),
            Err(wrong) => {
                let hint = "write for example `%Y-%m-%d` for a date, `%Y-%m-%d %H:%M:%S` for a time";
                ground.doc.error(self.out, m::BAD_PATTERN, place, wrong.to_string(), Some(hint.into()));
                None
            }
        }
    }
}
