//! A tree against the schema of its kind of file: every violation at its place, with a cure.
//!
//! It takes what `yaml` hands on and refuses with M011 (an unknown key), M012 (a wrong type), M013 (a missing key),
//! M014 (a word that is none of the known ones) and M015 (any other bound). It knows no file kind by name and no
//! meaning of any key; what joins several files is proved when they are compiled.

mod branch;
mod schema;
mod sentence;
mod violation;

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::yaml::Node;
use crate::fault::diagnostic::{Diagnostic, Diagnostics, SourceFile};

/// A JSON Schema (2020-12), compiled once and used for many files.
#[derive(Debug)]
pub struct Validator {
    schema: Value,
    compiled: jsonschema::Validator,
}

/// Why a schema cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SchemaFault {
    /// It is no valid JSON Schema, or it refers to one outside of itself.
    #[error("the schema does not compile: {0}")]
    Invalid(String),
}

impl Validator {
    /// Compiles a schema. References to anything outside of it are refused; nothing is fetched.
    pub fn new(schema: Value) -> Result<Self, SchemaFault> {
        let compiled = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .offline()
            .build(&schema)
            .map_err(|error| SchemaFault::Invalid(error.to_string()))?;
        Ok(Self { schema, compiled })
    }

    /// The keys that a map may have by the schema at this JSON Pointer (`""` is the whole one), references and
    /// alternatives included, in the schema's order. None at all where any key may stand.
    pub fn known_keys(&self, pointer: &str) -> Vec<&str> {
        self.schema.pointer(pointer).map(|at| schema::known_keys(&self.schema, at)).unwrap_or_default()
    }
}

/// Says everything that the schema has against a tree. Nothing is said twice of one place.
pub fn conform(file: &Arc<SourceFile>, node: &Node, schema: &Validator, out: &mut Diagnostics) {
    let instance = node.to_json();
    let mut report = Report { file, root: node, schema: &schema.schema, found: Vec::new() };
    let errors: Vec<jsonschema::ValidationError<'_>> = schema.compiled.iter_errors(&instance).collect();
    report.tell(&errors);
    let mut found = report.found;
    merge(&mut found);
    out.extend(found);
}

/// What is gathered for one file.
struct Report<'a> {
    file: &'a Arc<SourceFile>,
    root: &'a Node,
    schema: &'a Value,
    found: Vec<Diagnostic>,
}

impl Report<'_> {
    fn say(&mut self, code: &'static str, span: Range<usize>, message: String, hint: Option<String>) {
        let fault = Diagnostic::error(code, self.file, span, message);
        self.found.push(match hint {
            Some(hint) => fault.with_hint(hint),
            None => fault,
        });
    }
}

/// Leaves of one place what tells most: of a wrong type, a wrong word and a broken bound only the first. A key that
/// is reported by two parts of a schema is one fault.
fn merge(found: &mut Vec<Diagnostic>) {
    let rank = |code: &str| match code {
        "M012" => Some(0_u8),
        "M014" => Some(1),
        "M015" => Some(2),
        _ => None,
    };
    let mut strongest: HashMap<Range<usize>, u8> = HashMap::new();
    for one in found.iter() {
        if let Some(rank) = rank(one.code) {
            strongest.entry(one.span.clone()).and_modify(|best| *best = rank.min(*best)).or_insert(rank);
        }
    }
    let mut said = HashSet::new();
    found.retain(|one| {
        let outranked =
            rank(one.code).is_some_and(|rank| strongest.get(&one.span).is_some_and(|best| *best < rank));
        !outranked && said.insert((one.code, one.span.clone(), one.message.clone()))
    });
    found.sort_by_key(|one| one.span.start);
}

#[cfg(test)]
mod tests;
