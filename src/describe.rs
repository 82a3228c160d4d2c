//! The plan and the words of our files, said for others: the JSON Schemas of mapping and configuration files.
//! It decides nothing; what it says is taken from the types themselves.

use crate::spec::load::schemas;

/// The files of `schemas/portico/`, by name: one schema for each kind of file.
pub fn files() -> Vec<(String, String)> {
    schemas()
        .iter()
        .map(|(name, schema)| {
            let text = serde_json::to_string_pretty(schema).unwrap_or_default();
            (format!("{name}.json"), format!("{text}\n"))
        })
        .collect()
}
