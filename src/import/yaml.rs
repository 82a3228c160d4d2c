//! Writes the operator's YAML from JSON: blocks where people read them, and short things on one line. Whatever could
//! be read as something else stands in quotes. It knows no word of the language.

use serde_json::{Map, Value};
use std::fmt::Write;

/// Lines are no longer than this where they can be parted.
const WIDTH: usize = 100;

/// A map as a file's text, behind its comment. Each line of the comment is a sentence.
pub fn document(comment: &[String], words: &Map<String, Value>) -> String {
    let mut out = String::new();
    for sentence in comment {
        for line in wrapped(sentence) {
            out.push_str("# ");
            out.push_str(&line);
            out.push('\n');
        }
    }
    block(words, 0, &mut out);
    out
}

/// A sentence in lines; those that follow the first are indented.
fn wrapped(sentence: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in sentence.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("  {word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

fn block(map: &Map<String, Value>, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    for (key, value) in map {
        let key = scalar(key);
        let line = flow(value);
        let fits = indent.len() + key.len() + 2 + line.len() <= WIDTH;
        match value {
            // Fields and calls are read one by one, however few they are.
            Value::Object(inner) if !inner.is_empty() && (!fits || inner.values().any(is_map)) => {
                _ = writeln!(out, "{indent}{key}:");
                block(inner, depth + 1, out);
            }
            Value::Object(inner) if ["fields", "serve"].contains(&key.as_str()) && !inner.is_empty() => {
                _ = writeln!(out, "{indent}{key}:");
                block(inner, depth + 1, out);
            }
            Value::Array(items) if !fits && items.iter().any(is_map) => {
                _ = writeln!(out, "{indent}{key}:");
                for item in items {
                    _ = writeln!(out, "{indent}  - {}", flow(item));
                }
            }
            _ => _ = writeln!(out, "{indent}{key}: {line}"),
        }
    }
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Object(inner) if !inner.is_empty())
}

fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(map) if map.is_empty() => "{}".into(),
        Value::Object(map) => {
            let entries: Vec<String> =
                map.iter().map(|(k, v)| format!("{}: {}", scalar(k), flow(v))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        plain => plain.to_string(),
    }
}

/// A text: bare where nothing could take it for something else, in quotes otherwise.
fn scalar(text: &str) -> String {
    let begins = |c: char| c.is_ascii_alphabetic() || "_/$".contains(c);
    let goes_on = |c: char| c.is_ascii_alphanumeric() || "_-./$".contains(c);
    let spaced = |c: char| goes_on(c) || c == ' ';
    let bare =
        text.starts_with(begins) && text.chars().all(spaced) && text.trim() == text && !text.contains(" -");
    let address =
        text.starts_with("http") && text.chars().all(|c| goes_on(c) || c == ':') && !text.ends_with(':');
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let span = unit.len() < text.len() && ["ms", "s", "m", "h", "d"].contains(&unit);
    let lower = text.to_ascii_lowercase();
    let other = ["true", "false", "null", "yes", "no", "off", "y", "n"].contains(&lower.as_str());
    if (bare || address || span) && !other { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        fault::{Diagnostics, SourceFile},
        spec::yaml::parse,
    };
    use serde_json::json;

    #[test]
    fn what_is_written_is_read_as_it_was() {
        let words = json!({
            "a": "plain", "b": "yes", "c": "0123", "d": "a: b # c", "e": ["x", "[y]", "{z}", "-", ""], "f": { "k.v": "$" },
            "parameters[type]": "/pets/{id}", "n": null, "t": true, "i": 5, "quote": "say \"so\"\n", "url": "http://a.b:80/c",
            "fields": { "one": "two" }, "long": { "name": "x".repeat(120), "more": { "deep": [1, 2, { "a": "b" }] } }
        });
        let text = document(&["A sentence. ".repeat(20)], words.as_object().unwrap());
        let mut out = Diagnostics::new();
        let read = parse(&SourceFile::new("x.yaml", text.clone()), &mut out);
        assert!(!out.has_errors(), "{text}\n{}", out.render_plain());
        assert_eq!(read.unwrap().to_json(), words, "{text}");
        assert!(
            text.lines().filter(|line| line.starts_with('#')).all(|line| line.len() <= WIDTH + 4),
            "{text}"
        );
    }
}
