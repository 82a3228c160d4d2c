//! Conditions in CEL (the Common Expression Language, cel.dev): compiled when a plan is made, asked for each request.
//! CEL has no loops without an end and reaches nothing outside of what it is given.

use crate::value::Value;
use cel::{Context, Program, objects::Key};
use std::{collections::HashMap, sync::Arc};

/// Longer ones are refused: a condition that nobody can read at once is a program.
const LONGEST: usize = 1000;
/// What a condition may name.
const NAMES: [&str; 4] = ["caller", "operation", "now", "record"];

/// A condition that a caller, and the record, have to meet.
#[derive(Debug)]
pub struct Condition {
    text: Box<str>,
    program: Program,
    /// Whether it asks for the record.
    pub of_record: bool,
}

/// What a condition is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub subject: Option<&'a str>,
    pub client: Option<&'a str>,
    pub tier: Option<&'a str>,
    pub roles: &'a [Box<str>],
    pub scopes: &'a [Box<str>],
    pub claims: &'a [(Box<str>, Box<str>)],
    /// In lower case: `list`, `read`, `create`, `replace`, `patch`, `delete`.
    pub operation: &'a str,
    /// RFC 3339, UTC.
    pub now: &'a str,
}

impl Condition {
    /// Reads a condition; what is wrong with it, otherwise, for a person.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} characters"));
        }
        let program = Program::compile(text).map_err(|wrong| {
            let told = wrong.to_string();
            let first = told.lines().next().unwrap_or_default();
            // The parser's own words, without its file and its list of all that could have come.
            let (place, what) = first.split_once("Syntax error: ").unwrap_or(("", first));
            let column = place.rsplit(':').nth(1).and_then(|text| text.trim().parse::<usize>().ok());
            let what = what.split(" expecting ").next().unwrap_or(what).trim();
            match column {
                Some(column) => format!("at character {}, {what}", column + 1),
                None => what.to_owned(),
            }
        })?;
        let references = program.references();
        if let Some(unknown) = references.variables().into_iter().find(|name| !NAMES.contains(name)) {
            return Err(format!("it names `{unknown}`, and can name only {}", NAMES.join(", ")));
        }
        let of_record = references.has_variable("record");
        Ok(Self { text: text.into(), program, of_record })
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it holds. One that fails, or gives no truth, does not hold: the error is for the log.
    pub fn holds(&self, facts: &Facts<'_>, record: Option<&Value>) -> Result<bool, String> {
        let mut context = Context::default();
        let text = |one: Option<&str>| one.map_or(cel::Value::Null, Into::into);
        let list = |all: &[Box<str>]| -> cel::Value {
            cel::Value::List(Arc::new(all.iter().map(|one| (&**one).into()).collect()))
        };
        let claims: HashMap<Key, cel::Value> =
            facts.claims.iter().map(|(name, value)| (key(name), (&**value).into())).collect();
        let caller: HashMap<Key, cel::Value> = [
            (key("subject"), text(facts.subject)),
            (key("client"), text(facts.client)),
            (key("tier"), text(facts.tier)),
            (key("roles"), list(facts.roles)),
            (key("scopes"), list(facts.scopes)),
            (key("claims"), map(claims)),
        ]
        .into();
        context.add_variable_from_value("caller", map(caller));
        context.add_variable_from_value("operation", facts.operation);
        context.add_variable_from_value("now", facts.now);
        context.add_variable_from_value("record", record.map_or(cel::Value::Null, value));
        match self.program.execute(&context) {
            Ok(cel::Value::Bool(holds)) => Ok(holds),
            Ok(_) => Err(format!("`{}` is neither true nor false", self.text)),
            Err(wrong) => Err(format!("`{}`: {wrong}", self.text)),
        }
    }
}

fn key(name: &str) -> Key {
    Key::String(Arc::new(name.to_owned()))
}

fn map(of: HashMap<Key, cel::Value>) -> cel::Value {
    cel::Value::Map(cel::objects::Map { map: Arc::new(of) })
}

/// A public value as CEL has it. Numbers that no whole number of 64 bits is are floats there: conditions compare, and
/// nothing of theirs is ever shown.
fn value(of: &Value) -> cel::Value {
    match of {
        Value::Null => cel::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Number(digits) => {
            let digits = digits.as_str();
            digits
                .parse::<i64>()
                .map(Into::into)
                .or_else(|_| digits.parse::<f64>().map(Into::into))
                .unwrap_or(cel::Value::Null)
        }
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => cel::Value::List(Arc::new(items.iter().map(value).collect())),
        Value::Object(members) => map(members.iter().map(|(name, one)| (key(name), value(one))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<bool, ()>) {
        let roles = ["vet".into()];
        let claims = [("provider".into(), "12".into())];
        let facts = Facts {
            subject: Some("a_1"),
            client: None,
            tier: None,
            roles: &roles,
            scopes: &[],
            claims: &claims,
            operation: "read",
            now: "2026-11-21T12:00:00Z",
        };
        let record = crate::value::json::read::read(r#"{"status":"open","count":2,"tags":["a"]}"#).unwrap();
        let held = Condition::read(text).unwrap().holds(&facts, Some(&record));
        assert_eq!(held.map_err(|_| ()), expected, "{text}");
    }

    #[test]
    fn conditions_are_asked_of_the_caller_and_of_the_record() {
        check("caller.claims.provider == '12'", Ok(true));
        check("record.status == 'open' && record.count > 1", Ok(true));
        check("'a' in record.tags && 'vet' in caller.roles", Ok(true));
        check("operation == 'delete'", Ok(false));
        check("now < '2027-01-01'", Ok(true));
        check("caller.claims.school == '1'", Err(()));
        check("record.count", Err(()));
    }

    #[test]
    fn what_is_no_condition_is_told() {
        for (text, told) in [
            ("caller.roles ==", "at character"),
            ("secret == 1", "names `secret`"),
            (&"true && ".repeat(200), "longer"),
        ] {
            let wrong = Condition::read(text).unwrap_err();
            assert!(wrong.contains(told), "{wrong}");
        }
    }
}
