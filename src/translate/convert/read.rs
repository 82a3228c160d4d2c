//! One step of reading. Texts of the source stay slices of what came, wherever a step only looks at them.

use super::{Cooked, Misfit, digits, html, pieces::piece};
use crate::{
    plan::convert::Op,
    translate::Surroundings,
    value::{
        Value,
        decimal::Decimal,
        time::{
            self, DAY, Date, Moment, Short,
            pattern::Pattern,
            zone::{Local, Zone},
        },
    },
};

/// Changes a value where it stands. Whatever cannot be done leaves it as it was, or half changed: nobody is to look at it then.
#[inline]
pub(super) fn step<'a>(op: &'a Op, cooked: &mut Cooked<'a>, around: &'a Surroundings) -> Result<(), Misfit> {
    use Misfit::Expected;
    match op {
        Op::Number | Op::Decimal | Op::Integer => match *cooked {
            Cooked::Text(text) | Cooked::Clean(text) | Cooked::Number(text) => {
                *cooked = Cooked::Number(number(op, text)?);
            }
            _ => {
                let text = number(op, cooked.as_text().ok_or(Expected("a number"))?)?;
                let digits = digits::short(text).ok_or(Expected("a number of this size"))?;
                *cooked = Cooked::ShortNumber(digits);
            }
        },
        Op::Truth => match cooked.as_text() {
            Some("true") => *cooked = Cooked::Bool(true),
            Some("false") => *cooked = Cooked::Bool(false),
            _ => return Err(Expected("a truth")),
        },
        Op::Text => match cooked {
            Cooked::Number(text) => *cooked = Cooked::Clean(text),
            Cooked::Bool(truth) => *cooked = Cooked::Clean(if *truth { "true" } else { "false" }),
            Cooked::ShortNumber(short) => *cooked = Cooked::Short(*short),
            _ => {}
        },
        Op::Boolean => match cooked.as_text() {
            Some("true" | "1" | "t" | "Y" | "y") => *cooked = Cooked::Bool(true),
            Some("false" | "0" | "f" | "N" | "n") => *cooked = Cooked::Bool(false),
            _ => return Err(Expected("a truth")),
        },
        Op::Json => {
            if let Cooked::Text(text) | Cooked::Clean(text) = *cooked {
                *cooked = Cooked::Json(text);
            }
        }
        Op::Age => {
            let birth = cooked.as_text().and_then(Date::parse).ok_or(Expected("a date"))?;
            *cooked = time::age(birth, around.today).map_or(Cooked::Nothing, Cooked::Short);
        }
        Op::Codes(codes) => {
            *cooked = made(codes.give(cooked.as_text().unwrap_or_default()).ok_or(Misfit::UnknownCode)?);
        }
        Op::Part(table, part) => {
            let given = table.give(cooked.as_text().unwrap_or_default(), *part);
            *cooked = made(given.ok_or(Misfit::UnknownCode)?);
        }
        Op::Lookup(id) => {
            let key = cooked.as_text().ok_or(Expected("a key"))?;
            let found = around.table(*id).and_then(|table| table.forward.get(key));
            *cooked = Cooked::Text(found.ok_or(Misfit::UnknownCode)?);
        }
        Op::Piece(split, part) => {
            let wrong = Expected("a text of as many parts as there are members");
            slice(cooked, |text| piece(split, *part, text)).ok_or(wrong)?;
        }
        Op::Date(pattern) => {
            let moment = in_pattern(pattern, cooked).ok_or(Expected("a date in the pattern"))?;
            day(moment.date().ok_or(Expected("a date"))?, cooked);
        }
        Op::DateTime(pattern) => {
            printed(in_pattern(pattern, cooked).ok_or(Expected("a time in the pattern"))?, cooked)?;
        }
        Op::EpochSeconds => printed(epoch(cooked, 1).ok_or(Expected("seconds since 1970"))?, cooked)?,
        Op::EpochMillis => {
            printed(epoch(cooked, 1000).ok_or(Expected("milliseconds since 1970"))?, cooked)?;
        }
        Op::EpochDay(per_second) => {
            let moment = epoch(cooked, i64::from(*per_second)).ok_or(Expected("a count since 1970"))?;
            day(moment.date().ok_or(Expected("a date"))?, cooked);
        }
        Op::LocalDate(zone) => {
            let (date, _) = on_the_wall(zone, cooked).ok_or(Expected("a time"))?;
            day(date, cooked);
        }
        Op::LocalTime(zone) => {
            let (_, minutes) = on_the_wall(zone, cooked).ok_or(Expected("a time"))?;
            if let Some(out) = cooked.blank() {
                out.push_number(minutes / 60, 2);
                out.push(b':');
                out.push_number(minutes % 60, 2);
            }
        }
        Op::Holds(part) => {
            let text = cooked.as_text().ok_or(Expected("a text"))?;
            *cooked = Cooked::Bool(text.contains(&**part));
        }
        Op::Without(part) => {
            let text = cooked.as_text().ok_or(Expected("a text"))?;
            if text.contains(&**part) {
                *cooked = Cooked::Owned(text.replace(&**part, ""));
            }
        }
        Op::Scaled(places) => {
            let text = cooked.as_text().ok_or(Expected("a whole number"))?;
            let digits = if let Some(digits) = digits::hundredths(text, *places) {
                digits
            } else {
                let number = Decimal::parse(text).filter(Decimal::is_integer);
                let shifted = number.ok_or(Expected("a whole number"))?.shifted(-i64::from(*places));
                short_number(&shifted, None).ok_or(Expected("a number of this size"))?
            };
            *cooked = Cooked::ShortNumber(digits);
        }
        Op::Affix(before, after) => {
            let wrong = Expected("a text with the affix that the mapping says");
            slice(cooked, |text| text.strip_prefix(&**before)?.strip_suffix(&**after).map(Some))
                .ok_or(wrong)?;
        }
        Op::Grouped(sign) => match *cooked {
            Cooked::Text(text) | Cooked::Clean(text) | Cooked::Number(text) if !text.contains(*sign) => {
                *cooked = Cooked::Number(number(op, text)?);
            }
            _ => {
                let plain = cooked.as_text().and_then(|text| digits::ungrouped(text, *sign));
                let plain = plain.ok_or(Expected("a number with its thousands parted"))?;
                *cooked = Cooked::ShortNumber(plain);
            }
        },
        Op::Fixed(places) => {
            let number = cooked.as_text().and_then(Decimal::parse).ok_or(Expected("a number"))?;
            let wrong = Expected("a number with as few digits behind the point as the mapping says");
            *cooked = Cooked::Short(short_number(&number, Some(*places)).ok_or(wrong)?);
        }
        Op::Scale(scale) => {
            let number = cooked.as_text().and_then(Decimal::parse).ok_or(Expected("a number"))?;
            let public = number.times(&scale.by).rounded(scale.digits);
            let wrong = Expected("a number of this size");
            *cooked = Cooked::ShortNumber(short_number(&public, Some(scale.digits)).ok_or(wrong)?);
        }
        Op::Lapse(lapse) => {
            let read = cooked.as_text().and_then(|text| lapse.read(text));
            *cooked = Cooked::Short(read.ok_or(Expected("a span of time"))?);
        }
        Op::Html(_) => {
            let text = cooked.as_text().ok_or(Expected("a text"))?;
            // Most texts have nothing to resolve, and stay what they are.
            if text.contains('&') {
                *cooked = Cooked::Owned(html::unescaped(text));
            }
        }
        Op::Time => {
            printed(cooked.as_text().and_then(Moment::parse_any).ok_or(Expected("a time"))?, cooked)?;
        }
        Op::Day => {
            let text = cooked.as_text().ok_or(Expected("a date"))?;
            let date = Date::parse(text.get(..10).unwrap_or(text)).ok_or(Expected("a date"))?;
            day(date, cooked);
        }
        Op::OneOf(texts) => {
            if !cooked.as_text().is_some_and(|text| texts.iter().any(|known| **known == *text)) {
                return Err(Misfit::UnknownCode);
            }
        }
    }
    Ok(())
}

/// Leaves a stretch of a text; what is borrowed stays so. `None` where the text does not fit; nothing is left of one that says nothing.
fn slice(cooked: &mut Cooked<'_>, cut: impl Fn(&str) -> Option<Option<&str>>) -> Option<()> {
    *cooked = match *cooked {
        Cooked::Text(text) => cut(text)?.map_or(Cooked::Nothing, Cooked::Text),
        Cooked::Clean(text) => cut(text)?.map_or(Cooked::Nothing, Cooked::Clean),
        _ => cut(cooked.as_text()?)?.map_or(Cooked::Nothing, |text| Cooked::Owned(text.to_owned())),
    };
    Some(())
}

/// Systems that keep dates as numbers send `20140131.0`, too.
fn in_pattern(pattern: &Pattern, cooked: &Cooked<'_>) -> Option<Moment> {
    let text = cooked.as_text()?;
    pattern.parse(text).or_else(|| {
        let (whole, fraction) = text.split_once('.')?;
        let zeros = !fraction.is_empty() && fraction.bytes().all(|b| b == b'0');
        pattern.parse(whole).filter(|_| zeros && whole.bytes().all(|b| b.is_ascii_digit()))
    })
}

/// The date and the minute of the day that a calendar and a clock in this zone show at a time.
fn on_the_wall(zone: &Zone, cooked: &Cooked<'_>) -> Option<(Date, u32)> {
    let moment = Moment::parse(cooked.as_text()?)?;
    let (Local::Once(local, _) | Local::Again(local, _)) = zone.to_local(moment.seconds);
    let minutes = u32::try_from(local.rem_euclid(DAY) / 60).ok()?;
    Some((Date::from_days(local.div_euclid(DAY))?, minutes))
}

fn made(value: &Value) -> Cooked<'_> {
    match value {
        Value::Null => Cooked::Nothing,
        Value::Bool(truth) => Cooked::Bool(*truth),
        Value::Number(text) => Cooked::Number(text),
        Value::Text(text) => Cooked::Text(text),
        other => Cooked::Made(other),
    }
}

/// The text, where it is a number; a whole one for `Integer`. Judged here, written later.
fn number<'a>(op: &Op, text: &'a str) -> Result<&'a str, Misfit> {
    let plain = !text.is_empty() && text.len() < 19 && text.bytes().all(|b| b.is_ascii_digit());
    let fits = plain || Decimal::parse(text).is_some_and(|d| !matches!(op, Op::Integer) || d.is_integer());
    if fits { Ok(text) } else { Err(Misfit::Expected("a number")) }
}

fn short_number(decimal: &Decimal, scale: Option<u8>) -> Option<Short> {
    let mut out = Short::EMPTY;
    let text = decimal.to_text(scale).filter(|t| t.len() < 40)?;
    out.push_str(&text);
    Some(out)
}

fn epoch(cooked: &Cooked<'_>, per_second: i64) -> Option<Moment> {
    let count: i64 = cooked.as_text()?.parse().ok()?;
    let nanos = count.rem_euclid(per_second) * (1_000_000_000 / per_second);
    Some(Moment { seconds: count.div_euclid(per_second), nanos: u32::try_from(nanos).ok()? })
}

fn printed(moment: Moment, cooked: &mut Cooked<'_>) -> Result<(), Misfit> {
    let printed = cooked.blank().and_then(|out| moment.print(out));
    printed.ok_or(Misfit::Expected("a time between the years 0 and 9999"))
}

fn day(date: Date, cooked: &mut Cooked<'_>) {
    if let Some(out) = cooked.blank() {
        date.print(out);
    }
}
