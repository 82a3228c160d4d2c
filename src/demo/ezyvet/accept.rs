//! Takes one written value for one field and puts it into the form in which the clinic prints it. A caller
//! may write a number as a number or as a string wherever the answer has either, and a truth in any of its
//! spellings; `null` clears. Rules over several fields are not here but in `write`.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::schema::{ADDRESS, Field, Kind};
use super::store::Store;

/// Entries in a list.
const LONGEST_LIST: usize = 50;
/// 2500-01-01T00:00:00Z; later times are mistakes, milliseconds for the most part.
const LAST_TIME: i64 = 16_725_225_600;

/// The value to keep, or why it cannot be taken: the end of a sentence that begins with the field's name.
pub(super) fn accept(store: &Store, field: &Field, given: &Value) -> Result<Value, String> {
    match field.kind {
        Kind::Refs(_) | Kind::Texts(_) | Kind::Words(_) => list(store, field.kind, given),
        Kind::Address => address(given),
        // Written row by row, in `write`.
        Kind::Details => Ok(Value::Null),
        kind => {
            let word = word(given).ok_or("must be a text or a number.")?;
            scalar(store, kind, &word)
        }
    }
}

/// A text, number or truth as a word; `None` for what has members.
pub(super) fn word(given: &Value) -> Option<String> {
    match given {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether a kept value is none.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn scalar(store: &Store, kind: Kind, word: &str) -> Result<Value, String> {
    match kind {
        Kind::Text(most) => short(word, most).map(Value::from),
        Kind::Word(words) if word.is_empty() || words.contains(&word) => Ok(json!(word)),
        Kind::Word(words) => Err(format!("must be one of {}.", words.join(", "))),
        Kind::Ref(_) | Kind::EpochNumber | Kind::Number { .. } if word.is_empty() => Ok(Value::Null),
        Kind::Ref(thing) => match store.find(thing, word) {
            Some((id, _)) => Ok(json!(id.to_string())),
            None => Err(format!("refers to a record of {} that does not exist.", thing.name())),
        },
        Kind::EpochText | Kind::Decimal if word.is_empty() => Ok(json!("")),
        Kind::FlagText | Kind::FlagNumber => match read(kind, word) {
            Some(flag) if kind == Kind::FlagText => Ok(json!(flag.to_string())),
            Some(flag) => Ok(json!(flag)),
            None => Err("must be 0 or 1.".to_owned()),
        },
        Kind::EpochText | Kind::EpochNumber => match read(kind, word) {
            Some(time) if !(-LAST_TIME..=LAST_TIME).contains(&time) => {
                Err("must be a time in seconds.".to_owned())
            }
            Some(time) if kind == Kind::EpochText => Ok(json!(time.to_string())),
            Some(time) => Ok(json!(time)),
            None => Err("must be a time in seconds.".to_owned()),
        },
        Kind::Number { least, most, step } => match read(kind, word) {
            Some(n) if (least..=most).contains(&n) && n % step == 0 => Ok(json!(n)),
            _ => Err(format!("must be a number from {least} to {most} in steps of {step}.")),
        },
        Kind::Decimal => match read(kind, word) {
            Some(hundredths) => Ok(json!(format!("{}.{:02}", hundredths / 100, hundredths % 100))),
            None => Err("must be a number with at most two decimals.".to_owned()),
        },
        Kind::Clock => match minutes(word) {
            Some(_) => Ok(json!(word)),
            None => Err("must be a time of day such as 08:00.".to_owned()),
        },
        _ => Err("cannot be written.".to_owned()),
    }
}

/// A word as the number that a field of this kind compares by; hundredths for decimals.
pub(super) fn read(kind: Kind, word: &str) -> Option<i64> {
    match kind {
        Kind::FlagText | Kind::FlagNumber => match word {
            "1" | "true" => Some(1),
            "0" | "false" => Some(0),
            _ => None,
        },
        Kind::Decimal => hundredths(word),
        _ => {
            let digits = word.strip_prefix('-').unwrap_or(word);
            digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| word.parse().ok()).flatten()
        }
    }
}

/// `4.2` is 420; at most seven digits before the point.
fn hundredths(word: &str) -> Option<i64> {
    let (whole, decimals) = word.split_once('.').unwrap_or((word, "0"));
    let digits =
        |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 7) || !digits(decimals, 2) {
        return None;
    }
    let mut scaled = whole.to_owned();
    write!(scaled, "{decimals:0<2}").ok()?;
    scaled.parse().ok()
}

/// Minutes since midnight, of `HH:MM` up to `24:00`.
pub(super) fn minutes(word: &str) -> Option<i64> {
    let (hour, minute) = word.split_once(':')?;
    let two = |part: &str| (part.len() == 2).then(|| read(Kind::Id, part)).flatten();
    let (hour, minute) = (two(hour)?, two(minute)?);
    let of_day = hour * 60 + minute;
    ((0..60).contains(&minute) && (0..=24 * 60).contains(&of_day)).then_some(of_day)
}

fn short(word: &str, most: usize) -> Result<String, String> {
    if word.chars().count() > most {
        return Err(format!("must not be longer than {most} characters."));
    }
    Ok(word.to_owned())
}

fn list(store: &Store, kind: Kind, given: &Value) -> Result<Value, String> {
    let items = match given {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        Value::String(text) if text.is_empty() => &[],
        _ => return Err("must be a list.".to_owned()),
    };
    if items.len() > LONGEST_LIST {
        return Err(format!("must not have more than {LONGEST_LIST} entries."));
    }
    let mut kept: Vec<Value> = Vec::with_capacity(items.len());
    for item in items {
        let word = word(item).filter(|word| !word.is_empty()).ok_or("has an empty entry.")?;
        let value = match kind {
            Kind::Refs(thing) => scalar(store, Kind::Ref(thing), &word)?,
            Kind::Words(words) => scalar(store, Kind::Word(words), &word)?,
            Kind::Texts(most) => scalar(store, Kind::Text(most), &word)?,
            _ => return Err("cannot be written.".to_owned()),
        };
        if !kept.contains(&value) {
            kept.push(value);
        }
    }
    Ok(Value::Array(kept))
}

/// An object with all its members; what is empty as a whole becomes `[]`.
fn address(given: &Value) -> Result<Value, String> {
    let members = match given {
        Value::Object(members) => members,
        Value::Null => return Ok(json!([])),
        Value::Array(none) if none.is_empty() => return Ok(json!([])),
        Value::String(none) if none.is_empty() => return Ok(json!([])),
        _ => return Err("must be an object.".to_owned()),
    };
    if let Some(unknown) = members.keys().find(|name| !ADDRESS.contains(&name.as_str())) {
        return Err(format!("has no member {unknown}."));
    }
    let mut kept = Map::new();
    for name in ADDRESS {
        let word = members.get(name).map_or(Some(String::new()), word);
        let word = word.ok_or_else(|| format!("has a member {name} that is no text."))?;
        kept.insert(name.to_owned(), json!(short(&word, 100)?));
    }
    Ok(if kept.values().all(is_nothing) { json!([]) } else { Value::Object(kept) })
}

#[cfg(test)]
mod tests {
    use super::{hundredths, minutes};

    #[test]
    fn decimals_are_read_in_hundredths() {
        let read = [
            ("39.90", Some(3990)),
            ("4.2", Some(420)),
            ("7", Some(700)),
            ("0.05", Some(5)),
            ("007", Some(700)),
        ];
        for (word, expected) in read {
            assert_eq!(hundredths(word), expected, "{word}");
        }
        for word in ["", ".", "1.", ".5", "-1", "1.234", "12345678", "1e3", "1,5", " 1"] {
            assert_eq!(hundredths(word), None, "{word}");
        }
    }

    #[test]
    fn times_of_day_have_two_digits_each() {
        assert_eq!((minutes("08:05"), minutes("24:00"), minutes("00:00")), (Some(485), Some(1440), Some(0)));
        for word in ["8:00", "24:01", "12:60", "12", "", "ab:cd", "-1:00", "12:0-"] {
            assert_eq!(minutes(word), None, "{word}");
        }
    }
}
