//! Converters at work. Reading takes a slot to a cooked value without allocating where nothing must be made;
//! writing takes a public value back to the source's form.

use super::{Batch, Slot, Surroundings};
use crate::{
    plan::{
        convert::{Chain, Op},
        reading::Empties,
    },
    value::{
        Value,
        decimal::Decimal,
        json::write::unescape,
        time::{self, Date, Moment, Short, pattern::Pattern},
    },
};

/// A value on its way from a slot to the public form.
#[derive(Debug, Clone)]
pub enum Cooked<'a> {
    Nothing,
    Bool(bool),
    Number(&'a str),
    /// A text that may hold what a format must escape.
    Text(&'a str),
    /// A text that came out of a JSON string without escapes.
    Clean(&'a str),
    Owned(String),
    /// A short text of digits and signs.
    Short(Short),
    ShortNumber(Short),
    Json(&'a str),
    Made(&'a Value),
    Rows,
}

/// Why a value does not fit; the caller knows the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    Expected(&'static str),
    UnknownCode,
}

impl Cooked<'_> {
    /// The value as text, for comparing and for keys.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Cooked::Bool(true) => Some("true"),
            Cooked::Bool(false) => Some("false"),
            Cooked::Number(text) | Cooked::Text(text) | Cooked::Clean(text) => Some(text),
            Cooked::Owned(text) => Some(text),
            Cooked::Short(short) | Cooked::ShortNumber(short) => Some(short.as_str()),
            Cooked::Made(value) => value.scalar(),
            Cooked::Nothing | Cooked::Json(_) | Cooked::Rows => None,
        }
    }

    /// What it is, for the operator's log. Never the value itself: it may be personal.
    pub fn noun(&self) -> &'static str {
        match self {
            Cooked::Nothing => "nothing",
            Cooked::Bool(_) => "a truth",
            Cooked::Number(_) | Cooked::ShortNumber(_) => "a number",
            Cooked::Text(_) | Cooked::Clean(_) | Cooked::Owned(_) | Cooked::Short(_) => "a text",
            Cooked::Json(_) => "an object or list",
            Cooked::Made(_) => "a constant",
            Cooked::Rows => "a list",
        }
    }
}

/// Whether a slot means nothing, before any converter.
#[inline]
pub fn is_nothing(batch: &Batch, slot: Slot, empty: Empties, chain: &Chain) -> bool {
    match slot {
        Slot::Absent => true,
        Slot::Null => empty.null,
        Slot::EmptyList => empty.list,
        Slot::EmptyObject => empty.object,
        Slot::Text(span) if span.start == span.end => empty.text || chain.blank.as_deref() == Some(""),
        Slot::Text(span) | Slot::Number(span) => {
            chain.blank.as_deref().is_some_and(|b| b == batch.text(span))
        }
        _ => false,
    }
}

/// Takes a slot through the reading steps of a chain.
#[inline]
pub fn cook<'a>(
    batch: &'a Batch,
    slot: Slot,
    empty: Empties,
    chain: &'a Chain,
    around: &'a Surroundings,
) -> Result<Cooked<'a>, Misfit> {
    if is_nothing(batch, slot, empty, chain) {
        return Ok(Cooked::Nothing);
    }
    let mut cooked = match slot {
        Slot::Absent | Slot::Null => Cooked::Nothing,
        Slot::True => Cooked::Bool(true),
        Slot::False => Cooked::Bool(false),
        Slot::Number(span) => Cooked::Number(batch.text(span)),
        Slot::Text(span) => Cooked::Clean(batch.text(span)),
        Slot::Escaped(span) => Cooked::Owned(unescape(batch.text(span))),
        Slot::Json(span) => Cooked::Json(batch.text(span)),
        Slot::EmptyList => Cooked::Json("[]"),
        Slot::EmptyObject => Cooked::Json("{}"),
        Slot::Rows { .. } => Cooked::Rows,
        Slot::Misshapen(_) => return Err(Misfit::Expected("of the shape that the mapping says")),
    };
    for op in &chain.read {
        if matches!(cooked, Cooked::Nothing) {
            break;
        }
        cooked = step(op, cooked, around)?;
    }
    Ok(cooked)
}

#[inline]
fn step<'a>(op: &'a Op, cooked: Cooked<'a>, around: &'a Surroundings) -> Result<Cooked<'a>, Misfit> {
    use Misfit::Expected;
    Ok(match op {
        Op::Decimal | Op::Integer => match cooked {
            Cooked::Text(text) | Cooked::Clean(text) | Cooked::Number(text) => {
                Cooked::Number(number(op, text)?)
            }
            other => match other.as_text().and_then(Decimal::parse).and_then(|d| short_number(&d, None)) {
                Some(short) => Cooked::ShortNumber(short),
                None => return Err(Expected("a number")),
            },
        },
        Op::Text => match cooked {
            Cooked::Number(text) => Cooked::Clean(text),
            Cooked::Bool(truth) => Cooked::Clean(if truth { "true" } else { "false" }),
            Cooked::ShortNumber(short) => Cooked::Short(short),
            other => other,
        },
        Op::Boolean => match cooked.as_text() {
            Some("true" | "1" | "t" | "Y" | "y") => Cooked::Bool(true),
            Some("false" | "0" | "f" | "N" | "n") => Cooked::Bool(false),
            _ => return Err(Expected("a truth")),
        },
        Op::Json => match cooked {
            Cooked::Text(text) | Cooked::Clean(text) | Cooked::Json(text) => Cooked::Json(text),
            other => other,
        },
        Op::Age => {
            let birth = cooked.as_text().and_then(Date::parse).ok_or(Expected("a date"))?;
            time::age(birth, around.today).map_or(Cooked::Nothing, Cooked::Short)
        }
        Op::Codes(codes) => {
            made(codes.give(cooked.as_text().unwrap_or_default()).ok_or(Misfit::UnknownCode)?)
        }
        Op::Part(table, part) => {
            made(table.give(cooked.as_text().unwrap_or_default(), *part).ok_or(Misfit::UnknownCode)?)
        }
        Op::Lookup(id) => {
            let key = cooked.as_text().ok_or(Expected("a key"))?;
            let found = around.table(*id).and_then(|table| table.forward.get(key));
            Cooked::Text(found.ok_or(Misfit::UnknownCode)?)
        }
        Op::Date(pattern) => {
            let moment =
                cooked.as_text().and_then(|t| pattern.parse(t)).ok_or(Expected("a date in the pattern"))?;
            let mut out = Short::EMPTY;
            moment.date().ok_or(Expected("a date"))?.print(&mut out);
            Cooked::Short(out)
        }
        Op::DateTime(pattern) => {
            let moment =
                cooked.as_text().and_then(|t| pattern.parse(t)).ok_or(Expected("a time in the pattern"))?;
            printed(moment)?
        }
        Op::EpochSeconds => printed(epoch(&cooked, 1).ok_or(Expected("seconds since 1970"))?)?,
        Op::EpochMillis => printed(epoch(&cooked, 1000).ok_or(Expected("milliseconds since 1970"))?)?,
        Op::Scaled(places) => {
            let number = cooked.as_text().and_then(Decimal::parse).filter(Decimal::is_integer);
            let shifted = number.ok_or(Expected("a whole number"))?.shifted(-i64::from(*places));
            Cooked::ShortNumber(short_number(&shifted, None).ok_or(Expected("a number of this size"))?)
        }
        Op::Time => printed(cooked.as_text().and_then(any_time).ok_or(Expected("a time"))?)?,
        Op::Day => {
            let text = cooked.as_text().ok_or(Expected("a date"))?;
            let date = Date::parse(text.get(..10).unwrap_or(text)).ok_or(Expected("a date"))?;
            let mut out = Short::EMPTY;
            date.print(&mut out);
            Cooked::Short(out)
        }
        Op::OneOf(texts) => {
            if !cooked.as_text().is_some_and(|text| texts.iter().any(|known| **known == *text)) {
                return Err(Misfit::UnknownCode);
            }
            cooked
        }
    })
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

fn printed<'a>(moment: Moment) -> Result<Cooked<'a>, Misfit> {
    let mut out = Short::EMPTY;
    moment.print(&mut out).ok_or(Misfit::Expected("a time between the years 0 and 9999"))?;
    Ok(Cooked::Short(out))
}

/// A time as RFC 3339 or as databases write it: a space for the `T`, no zone for UTC, `+00` for `Z`.
fn any_time(text: &str) -> Option<Moment> {
    if let Some(moment) = Moment::parse(text) {
        return Some(moment);
    }
    let bytes = text.as_bytes();
    if !text.is_ascii() || !matches!(bytes.get(10), Some(b' ' | b'T')) {
        return None;
    }
    let zoned = text.get(19..)?.contains(['+', '-', 'Z']);
    Moment::parse(&format!("{}T{}{}", text.get(..10)?, text.get(11..)?, if zoned { "" } else { "Z" }))
}

/// Why a public value cannot go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoWay {
    /// The value has no code in the source.
    NoCode,
    /// The value is not of the form that the converter takes.
    Form(&'static str),
}

/// Takes a public value back through the writing steps, last one first. Nothing stays nothing.
pub fn uncook(value: &Value, chain: &Chain, around: &Surroundings) -> Result<Value, NoWay> {
    if value.is_null() {
        return Ok(match &chain.blank {
            Some(blank) => Value::Text(blank.to_string()),
            None => match chain.write.iter().rev().find_map(|op| match op {
                Op::Codes(codes) => codes.back(&Value::Null),
                _ => None,
            }) {
                Some(code) => Value::Text(code.to_owned()),
                None => Value::Null,
            },
        });
    }
    let mut value = value.clone();
    for op in chain.write.iter().rev() {
        value = back(op, value, around)?;
    }
    Ok(value)
}

fn back(op: &Op, value: Value, around: &Surroundings) -> Result<Value, NoWay> {
    let text = |value: &Value, what| value.scalar().map(str::to_owned).ok_or(NoWay::Form(what));
    Ok(match op {
        Op::Decimal | Op::Integer => {
            let digits = text(&value, "a number")?;
            let decimal = Decimal::parse(&digits).ok_or(NoWay::Form("a number"))?;
            // The contract's digits are kept: `4.20` goes out as it came in, `4e1` as `40`.
            let plain = !digits.contains(['e', 'E']);
            Value::Text(if plain { digits } else { decimal.to_text(None).ok_or(NoWay::Form("a number"))? })
        }
        Op::Text | Op::Time | Op::Day | Op::OneOf(_) => value,
        Op::Boolean => match value {
            Value::Bool(truth) => Value::Text(if truth { "1" } else { "0" }.into()),
            _ => return Err(NoWay::Form("a truth")),
        },
        Op::Json => Value::Text(value.to_json()),
        Op::Age => return Err(NoWay::Form("nothing: it is derived")),
        Op::Codes(codes) => Value::Text(codes.back(&value).ok_or(NoWay::NoCode)?.to_owned()),
        Op::Part(..) => return Err(NoWay::Form("a combination")),
        Op::Lookup(id) => {
            let meaning = text(&value, "a text")?;
            let key = around.table(*id).and_then(|table| table.backward.get(&*meaning));
            Value::Text(key.ok_or(NoWay::NoCode)?.to_string())
        }
        Op::Date(pattern) => {
            let date = Date::parse(&text(&value, "a date")?).ok_or(NoWay::Form("a date"))?;
            let moment = Moment::new(date, 0, 0, 0, 0).ok_or(NoWay::Form("a date"))?;
            in_pattern(pattern, moment)?
        }
        Op::DateTime(pattern) => in_pattern(pattern, moment(&text(&value, "a time")?)?)?,
        Op::EpochSeconds => Value::Text(moment(&text(&value, "a time")?)?.seconds.to_string()),
        Op::EpochMillis => {
            let moment = moment(&text(&value, "a time")?)?;
            Value::Text((moment.seconds * 1000 + i64::from(moment.nanos / 1_000_000)).to_string())
        }
        Op::Scaled(places) => {
            let number = Decimal::parse(&text(&value, "a number")?).ok_or(NoWay::Form("a number"))?;
            let whole = number.shifted(i64::from(*places));
            let whole = Some(whole).filter(Decimal::is_integer).and_then(|d| d.to_text(Some(0)));
            Value::Number(whole.ok_or(NoWay::Form("a number with fewer digits after the point"))?)
        }
    })
}

fn moment(text: &str) -> Result<Moment, NoWay> {
    Moment::parse(text).ok_or(NoWay::Form("a time"))
}

fn in_pattern(pattern: &Pattern, moment: Moment) -> Result<Value, NoWay> {
    pattern.print(moment).map(|s| Value::Text(s.as_str().to_owned())).ok_or(NoWay::Form("a time of this age"))
}
