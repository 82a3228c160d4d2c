//! The query of a list, in numbers; what is none, and what nobody knows, is refused at its place.

use percent_encoding::percent_decode_str;
use serde_json::json;

use super::refusal::{Refusal, Violation};

/// Pairs whose names are known and whose values are numbers.
#[derive(Debug)]
pub(super) struct Query {
    pairs: Vec<(String, u64)>,
}

impl Query {
    pub(super) fn parse(raw: Option<&str>, known: &[&str]) -> Result<Self, Refusal> {
        let mut pairs = Vec::new();
        let mut faults = Vec::new();
        for pair in raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
            let loc = [json!("query"), json!(name)];
            if !known.contains(&name.as_str()) {
                faults.push(Violation::new(&loc, "Extra inputs are not permitted", "extra_forbidden"));
                continue;
            }
            match value.parse() {
                Ok(value) => pairs.push((name, value)),
                Err(_) => {
                    faults.push(Violation::new(
                        &loc,
                        "Input should be a valid integer, 0 or more",
                        "int_parsing",
                    ));
                }
            }
        }
        if faults.is_empty() { Ok(Self { pairs }) } else { Err(Refusal::Invalid(faults)) }
    }

    /// The last value of a name.
    pub(super) fn get(&self, name: &str) -> Option<u64> {
        self.pairs.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}
