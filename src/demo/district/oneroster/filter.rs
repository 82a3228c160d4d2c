//! The filter language of `OneRoster` 1.1 (the specification's part on filtering): `field='value'`, joined by
//! `AND` or `OR`, **two predicates at most**. What no specification settles is settled here as this host has
//! it: comparisons do not mind the case, a quote inside a value is doubled, and a list matches where one of
//! its entries does.

use serde_json::Value;

use super::Record;

/// A filter that was read.
#[derive(Debug, PartialEq)]
pub(super) struct Filter {
    first: Predicate,
    second: Option<(Join, Predicate)>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Join {
    And,
    Or,
}

#[derive(Debug, PartialEq)]
struct Predicate {
    /// Dotted, `orgs.sourcedId`.
    path: String,
    operator: Operator,
    /// In lower case.
    value: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    AtLeast,
    Less,
    AtMost,
    Contains,
}

/// Longer words before those that they begin with.
const OPERATORS: [(&str, Operator); 7] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Contains),
];

impl Filter {
    /// Reads a filter; `known` says which paths there are. What is wrong comes as a sentence.
    pub(super) fn parse(text: &str, known: impl Fn(&str) -> bool) -> Result<Self, String> {
        let (first, rest) = Predicate::parse(text, &known)?;
        let Some((join, rest)) = joined(rest)? else { return Ok(Self { first, second: None }) };
        let (second, rest) = Predicate::parse(rest, &known)?;
        match joined(rest)? {
            None => Ok(Self { first, second: Some((join, second)) }),
            Some(_) => Err("A filter may have at most two predicates.".to_owned()),
        }
    }

    pub(super) fn accepts(&self, record: &Record) -> bool {
        let first = self.first.accepts(record);
        match &self.second {
            None => first,
            Some((Join::And, second)) => first && second.accepts(record),
            Some((Join::Or, second)) => first || second.accepts(record),
        }
    }
}

/// The word between two predicates and what follows it; `None` at the end.
fn joined(rest: &str) -> Result<Option<(Join, &str)>, String> {
    let word = rest.trim_start();
    if word.is_empty() {
        return Ok(None);
    }
    let after =
        |name| word.strip_prefix(name).filter(|after| after.starts_with(' ') && rest.starts_with(' '));
    if let Some(after) = after("AND") {
        return Ok(Some((Join::And, after)));
    }
    match after("OR") {
        Some(after) => Ok(Some((Join::Or, after))),
        None => Err("AND or OR is expected between predicates.".to_owned()),
    }
}

impl Predicate {
    fn parse<'t>(text: &'t str, known: &impl Fn(&str) -> bool) -> Result<(Self, &'t str), String> {
        let text = text.trim_start();
        let end = text
            .find(|letter: char| !letter.is_ascii_alphanumeric() && !['.', '_', '-'].contains(&letter))
            .unwrap_or(text.len());
        let (path, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        if !known(path) {
            return Err(format!("There is no field '{path}' to filter by."));
        }
        let rest = rest.trim_start();
        let operator = OPERATORS.iter().find_map(|(word, is)| Some((*is, rest.strip_prefix(word)?)));
        let (operator, rest) = operator.ok_or("An operator of = != > >= < <= ~ is expected.")?;
        let quoted = rest.trim_start().strip_prefix('\'').ok_or("The value has to be in single quotes.")?;
        let (value, rest) = quoted_value(quoted).ok_or("The value's closing quote is missing.")?;
        Ok((Self { path: path.to_owned(), operator, value: value.to_lowercase() }, rest))
    }

    fn accepts(&self, record: &Record) -> bool {
        let leaves = leaves(record, &self.path);
        let any = |test: &dyn Fn(&str, &str) -> bool| {
            leaves.iter().any(|leaf| test(&leaf.to_lowercase(), &self.value))
        };
        match self.operator {
            Operator::Equal => any(&|leaf, value| leaf == value),
            Operator::NotEqual => !any(&|leaf, value| leaf == value),
            Operator::Greater => any(&|leaf, value| leaf > value),
            Operator::AtLeast => any(&|leaf, value| leaf >= value),
            Operator::Less => any(&|leaf, value| leaf < value),
            Operator::AtMost => any(&|leaf, value| leaf <= value),
            Operator::Contains => any(&|leaf, value| leaf.contains(value)),
        }
    }
}

/// What stands before the closing quote, with doubled quotes made single, and what stands behind it.
fn quoted_value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('\'')?;
        value.push_str(before);
        match after.strip_prefix('\'') {
            Some(after) => {
                value.push('\'');
                rest = after;
            }
            None => return Some((value, after)),
        }
    }
}

/// The texts at the end of a dotted path, through lists.
pub(super) fn leaves<'r>(record: &'r Record, path: &str) -> Vec<&'r str> {
    let (member, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(value) = record.get(member) else { return Vec::new() };
    let mut found = Vec::new();
    descend(value, rest, &mut found);
    found
}

fn descend<'r>(value: &'r Value, path: &str, found: &mut Vec<&'r str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| descend(item, path, found)),
        Value::Object(members) if !path.is_empty() => found.extend(leaves(members, path)),
        Value::String(text) if path.is_empty() => found.push(text),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Filter;

    fn accepts(filter: &str) -> bool {
        let record = json!({
            "type": "school", "name": "St. James's", "dateLastModified": "2026-03-01T10:00:00.000Z",
            "grades": ["05", "06"], "orgs": [{"sourcedId": "S-1"}, {"sourcedId": "S-2"}], "email": "",
        });
        let Value::Object(record) = record else { panic!("no object") };
        Filter::parse(filter, |_| true).unwrap().accepts(&record)
    }

    #[test]
    fn predicates_compare() {
        for filter in [
            "type='school'",
            "type = 'SCHOOL'",
            "type!='district'",
            "dateLastModified>'2026-02-28'",
            "dateLastModified<='2026-03-01T10:00:00.000Z'",
            "name~'james''s'",
            "grades='06'",
            "orgs.sourcedId='S-2'",
            "email=''",
            "gone!='x'",
            "type='x' OR name~'st.'",
            "type='school' AND grades='05'",
            "name~' OR ' OR type='school'",
        ] {
            assert!(accepts(filter), "{filter}");
        }
        for filter in
            ["type!='school'", "grades='07'", "grades!='05'", "gone='x'", "type='school' AND email='x'"]
        {
            assert!(!accepts(filter), "{filter}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        let known = |path: &str| ["a", "b"].contains(&path);
        for filter in [
            "",
            "a",
            "a=",
            "a=x",
            "a='x",
            "a='x' b='y'",
            "a='x'AND b='y'",
            "a='x' and b='y'",
            "a='x' AND",
            "a='x' AND c='y'",
            "a=='x'",
            "é='x'",
            "a='O'Brien'",
            "a='x' AND b='y' AND a='z'",
        ] {
            assert!(Filter::parse(filter, known).is_err(), "{filter}");
        }
        let three = Filter::parse("a='x' OR b='y' OR a='z'", known).unwrap_err();
        assert!(three.contains("two predicates"), "{three}");
    }
}
