//! Filters as the vendor's filtering guide has them: `field=word` for equality, or comparators as JSON in
//! the query, `field={"gte":"1","lt":"9"}`, all of which must hold. The guide's comparators are `eq`, `neq`,
//! `gt`, `gte`, `lt`, `lte`, `like` and `in`; the four that order take numbers and times only, `like` takes
//! texts only, and everything is case-sensitive. It has none for "contains": that is `like` with `%` on both
//! sides; the wildcards are those of SQL, which the guide leaves open.
//!
//! A list holds a word when one of its entries is the word. A word that is no number equals no number; to
//! order by it is refused.

use std::cmp::Ordering;

use serde_json::Value;

use super::accept::{read, word};
use super::query::Query;
use super::refusal::Message;
use super::schema::{Field, Kind, Thing};
use super::store::{self, Row};

/// Parameters that are no filters.
const RESERVED: [&str; 3] = ["limit", "page", "sort"];

/// What a field holds, for comparing; nothing comes before everything.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'r> {
    Nothing,
    Number(i64),
    Text(&'r str),
    Many(Vec<&'r str>),
}

/// The key of a field in a row.
pub(super) fn key<'r>(field: &Field, row: &'r Row) -> Key<'r> {
    match field.kind {
        Kind::Text(_) | Kind::Word(_) | Kind::Clock => Key::Text(store::text(row, field.name)),
        Kind::Refs(_) | Kind::Texts(_) | Kind::Words(_) => Key::Many(store::texts(row, field.name).collect()),
        Kind::Address | Kind::Details => Key::Nothing,
        kind => row
            .get(field.name)
            .and_then(word)
            .filter(|word| !word.is_empty())
            .and_then(|word| read(kind, &word))
            .map_or(Key::Nothing, Key::Number),
    }
}

/// A filter on one field.
#[derive(Debug)]
pub(super) struct Filter {
    field: &'static Field,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Among { words: Vec<String>, wanted: bool },
    Ordered { by: fn(Ordering) -> bool, than: i64 },
    Like(String),
}

impl Filter {
    pub(super) fn holds(&self, row: &Row) -> bool {
        let key = key(self.field, row);
        match &self.test {
            Test::Among { words, wanted } => {
                words.iter().any(|word| is(self.field.kind, &key, word)) == *wanted
            }
            // What is not there is neither before nor after anything, as in SQL.
            Test::Ordered { by, than } => matches!(key, Key::Number(held) if by(held.cmp(than))),
            Test::Like(pattern) => match key {
                Key::Text(text) => like(text, pattern),
                Key::Many(texts) => texts.iter().any(|text| like(text, pattern)),
                _ => false,
            },
        }
    }
}

fn is(kind: Kind, key: &Key<'_>, word: &str) -> bool {
    match key {
        Key::Nothing => word.is_empty(),
        Key::Number(held) => read(kind, word) == Some(*held),
        Key::Text(text) => *text == word,
        Key::Many(texts) => texts.contains(&word) || (texts.is_empty() && word.is_empty()),
    }
}

/// All filters of a query, or all that is wrong with them.
pub(super) fn filters(thing: Thing, query: &Query) -> Result<Vec<Filter>, Vec<Message>> {
    let mut filters = Vec::new();
    let mut wrong = Vec::new();
    for (name, value) in query.pairs().filter(|(name, _)| !RESERVED.contains(name)) {
        let field = thing.field(name).filter(|field| !matches!(field.kind, Kind::Address | Kind::Details));
        let Some(field) = field else {
            wrong.push(Message::field(
                name,
                format!("{name} is not a field that {} can be filtered by.", thing.name()),
            ));
            continue;
        };
        match tests(field.kind, value) {
            Ok(tests) => filters.extend(tests.into_iter().map(|test| Filter { field, test })),
            Err(text) => wrong.push(Message::field(name, format!("The filter on {name} {text}"))),
        }
    }
    if wrong.is_empty() { Ok(filters) } else { Err(wrong) }
}

fn tests(kind: Kind, value: &str) -> Result<Vec<Test>, String> {
    if !value.starts_with('{') {
        return Ok(vec![Test::Among { words: vec![value.to_owned()], wanted: true }]);
    }
    let comparators: Value = serde_json::from_str(value).map_err(|_| "is not valid JSON.".to_owned())?;
    let comparators = comparators.as_object().filter(|them| !them.is_empty());
    comparators.ok_or("has no comparator.")?.iter().map(|(name, operand)| test(kind, name, operand)).collect()
}

fn test(kind: Kind, comparator: &str, operand: &Value) -> Result<Test, String> {
    let one = || word(operand).ok_or_else(|| format!("needs a text or a number for {comparator}."));
    let by: fn(Ordering) -> bool = match comparator {
        "eq" => return Ok(Test::Among { words: vec![one()?], wanted: true }),
        "neq" => return Ok(Test::Among { words: vec![one()?], wanted: false }),
        "in" => {
            let words = operand.as_array().map(|list| list.iter().filter_map(word).collect::<Vec<_>>());
            let words = words.ok_or("needs a list for in.")?;
            return Ok(Test::Among { words, wanted: true });
        }
        "like" => {
            return match kind {
                Kind::Text(_) | Kind::Word(_) | Kind::Clock | Kind::Texts(_) | Kind::Words(_) => {
                    Ok(Test::Like(one()?))
                }
                _ => Err("cannot use like: the field is no text.".to_owned()),
            };
        }
        "gt" => Ordering::is_gt,
        "gte" => Ordering::is_ge,
        "lt" => Ordering::is_lt,
        "lte" => Ordering::is_le,
        _ => return Err(format!("has the unknown comparator {comparator}.")),
    };
    match kind {
        Kind::Id
        | Kind::Ref(_)
        | Kind::FlagText
        | Kind::FlagNumber
        | Kind::EpochText
        | Kind::EpochNumber
        | Kind::Number { .. }
        | Kind::Decimal => {
            let than = read(kind, &one()?).ok_or_else(|| format!("needs a number for {comparator}."))?;
            Ok(Test::Ordered { by, than })
        }
        _ => Err(format!("cannot use {comparator}: the field is no number or time.")),
    }
}

/// SQL's pattern: `%` any run, `_` any one character.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    // Where to go on when what followed the last `%` does not fit: the `%`, and the place behind what it took.
    let (mut at, mut in_pattern, mut retry) = (0, 0, None);
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some('%') => {
                retry = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(letter) if *letter == '_' || text.get(at) == Some(letter) => {
                at += 1;
                in_pattern += 1;
            }
            _ => {
                let Some((run, taken)) = retry else { return false };
                retry = Some((run, taken + 1));
                at = taken + 1;
                in_pattern = run + 1;
            }
        }
    }
    pattern.iter().skip(in_pattern).all(|letter| *letter == '%')
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn patterns_match_as_in_sql() {
        let fits = [
            ("", ""),
            ("", "%"),
            ("Max", "Max"),
            ("Max", "M%"),
            ("Max", "%a%"),
            ("Max", "M_x"),
            ("aab", "%ab"),
        ];
        for (text, pattern) in fits {
            assert!(like(text, pattern), "{text} like {pattern}");
        }
        let not = [("", "_"), ("Max", "max"), ("Max", "M"), ("Max", "%b%"), ("Maxi", "%x"), ("Ñ", "__")];
        for (text, pattern) in not {
            assert!(!like(text, pattern), "{text} like {pattern}");
        }
    }
}
