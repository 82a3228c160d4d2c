//! The words in which violations are told: names of types, found values, examples, lists of words.
//!
//! It decides nothing about what is a violation.

use serde_json::Value;

use crate::fault::diagnostic::quoted;
use crate::fault::nearest::nearest;
use crate::spec::yaml;

/// How many words a message lists before it says that there are more.
const LISTED: usize = 12;

/// A type as people call it.
pub(super) fn type_word(name: &str) -> &'static str {
    match name {
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "a text",
        "boolean" => "`true` or `false`",
        "object" => "a map",
        "array" => "a list",
        _ => "nothing",
    }
}

/// Several types as people call them. "nothing" is told only where nothing else is accepted.
pub(super) fn type_words(names: &[&str]) -> String {
    let mut words: Vec<&str> = Vec::new();
    for name in names {
        let covered = *name == "integer" && names.contains(&"number");
        let word = type_word(name);
        if *name != "null" && !covered && !words.contains(&word) {
            words.push(word);
        }
    }
    if words.len() > 1 {
        let boolean = type_word("boolean");
        words = words
            .into_iter()
            .flat_map(|word| if word == boolean { vec!["`true`", "`false`"] } else { vec![word] })
            .collect();
    }
    if words.is_empty() { "left empty".to_owned() } else { or(&words) }
}

/// What was found, as people call it.
pub(super) fn found(value: &yaml::Value) -> &'static str {
    match value {
        yaml::Value::Null => "nothing",
        yaml::Value::Bool(true) => "`true`",
        yaml::Value::Bool(false) => "`false`",
        yaml::Value::Integer(_) => "a whole number",
        yaml::Value::Float { number, .. } if number.fract() != 0.0 => "a number with a fraction",
        yaml::Value::Float { .. } => "a number",
        yaml::Value::Text(_) => "a text",
        yaml::Value::List(_) => "a list",
        yaml::Value::Map(_) => "a map",
    }
}

/// The cure of a wrong type. `key` is the value's key, None for an entry of a list; `written` is its text in the file.
pub(super) fn type_cure(
    wanted: &[&str],
    value: &yaml::Value,
    key: Option<&str>,
    written: &str,
) -> Option<String> {
    let put = |example: &str| key.map_or_else(|| format!("`{example}`"), |key| format!("`{key}: {example}`"));
    let wants = |name: &str| wanted.contains(&name);
    let simple = written.len() <= 40 && !written.contains(['\n', '"', '\\']);
    match value {
        yaml::Value::Null => Some("write a value, or remove the key".to_owned()),
        yaml::Value::Text(text) => {
            if wants("boolean") {
                match text.to_ascii_lowercase().as_str() {
                    "yes" | "on" | "true" | "y" => return Some(format!("write {}", put("true"))),
                    "no" | "off" | "false" | "n" => return Some(format!("write {}", put("false"))),
                    _ => {}
                }
            }
            let whole = text.parse::<i64>().is_ok();
            if (wants("integer") && whole)
                || (wants("number") && text.parse::<f64>().is_ok_and(f64::is_finite))
            {
                return Some(format!("write it without quotes: {}", put(text)));
            }
            if wants("integer") || wants("number") {
                Some(format!("for example {}", put("10")))
            } else if wants("boolean") {
                Some(format!("for example {}", put("true")))
            } else if wants("array") && simple {
                Some(format!("write it as a list: {}", put(&format!("[{written}]"))))
            } else {
                block_cure(wanted, key)
            }
        }
        yaml::Value::Bool(_) | yaml::Value::Integer(_) | yaml::Value::Float { .. } => {
            if wants("string") && simple {
                Some(format!("write it in quotes: {}", put(&format!("\"{written}\""))))
            } else if wants("integer") && matches!(value, yaml::Value::Float { .. }) {
                Some("write it without a fraction".to_owned())
            } else if wants("array") && simple {
                Some(format!("write it as a list: {}", put(&format!("[{written}]"))))
            } else {
                block_cure(wanted, key)
            }
        }
        yaml::Value::List(_) if wants("object") => {
            Some("write `key: value` entries, without `- `".to_owned())
        }
        yaml::Value::Map(_) if wants("array") => Some("begin each entry with `- `".to_owned()),
        yaml::Value::List(_) | yaml::Value::Map(_) => None,
    }
}

fn block_cure(wanted: &[&str], key: Option<&str>) -> Option<String> {
    match key {
        Some(key) if wanted.contains(&"object") => {
            Some(format!("write `key: value` entries, indented below `{key}:`"))
        }
        Some(key) if wanted.contains(&"array") => Some(format!("for example `{key}: [a, b]`")),
        None if wanted.contains(&"object") => Some("write `key: value`".to_owned()),
        _ => None,
    }
}

/// The cure of a wrong word: the nearest known one, else all of them.
pub(super) fn known_cure(word: &str, known: &[&str], many: &str) -> Option<String> {
    if known.is_empty() {
        return None;
    }
    match nearest(word, known.iter().copied()) {
        Some(meant) => Some(format!("did you mean `{meant}`?")),
        None => Some(format!("known {many} here: {}", listed(known))),
    }
}

/// Words divided by commas, not endless.
pub(super) fn listed(words: &[&str]) -> String {
    let mut text = words.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    if words.len() > LISTED {
        text.push_str(", …");
    }
    text
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn or(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A JSON value as a message shows it: a text without quotes.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A JSON value in back-ticks.
pub(super) fn quoted_value(value: &Value) -> String {
    quoted(&shown(value))
}
