//! The resources `taxonomy_term` and `taxonomy_vocabulary`, to read only. Terms have no hierarchy here; that a breed
//! belongs to a species is said by a field and, in the index, by the description. Tags come into being with the nodes
//! that bear them.

use serde_json::{Value, json};

use super::index::Direction::Descending;
use super::index::{Cell, May, Place, Table};
use super::query::Query;
use super::refusal::Refusal;
use super::store::{Store, Term, TermKind, Vocabulary};

const TERMS: Table<Term> = Table {
    name: "taxonomy_term",
    columns: &[
        ("tid", May::Filter, |term| Cell::id(term.tid)),
        ("vid", May::Filter, |term| Cell::id(term.vid)),
        ("name", May::Filter, |term| Cell::Text(&term.name)),
        ("description", May::Show, |term| Cell::Text(&term.description)),
        ("weight", May::Sort, |term| Cell::Number(term.weight)),
    ],
    // As in `resources/taxonomy_resource.inc`: backwards in everything.
    order: &[("vid", Descending), ("weight", Descending), ("name", Descending)],
};

const VOCABULARIES: Table<Vocabulary> = Table {
    name: "taxonomy_vocabulary",
    columns: &[
        ("vid", May::Filter, |vocabulary| Cell::id(vocabulary.vid)),
        ("name", May::Filter, |vocabulary| Cell::Text(vocabulary.name)),
        ("machine_name", May::Filter, |vocabulary| Cell::Text(vocabulary.machine_name)),
        ("description", May::Show, |_| Cell::Text("")),
        ("hierarchy", May::Show, |_| Cell::Number(0)),
        ("module", May::Show, |_| Cell::Text("taxonomy")),
        ("weight", May::Sort, |_| Cell::Number(0)),
    ],
    order: &[("weight", Descending), ("name", Descending)],
};

pub(super) fn index(store: &Store, query: &Query, place: &Place<'_>) -> Result<Value, Refusal> {
    TERMS.list(store.terms.values(), query, place)
}

pub(super) fn vocabularies(store: &Store, query: &Query, place: &Place<'_>) -> Result<Value, Refusal> {
    VOCABULARIES.list(store.vocabularies.values(), query, place)
}

pub(super) fn retrieve(store: &Store, tid: &str) -> Result<Value, Refusal> {
    let term = tid.parse().ok().and_then(|id: u64| store.terms.get(&id));
    let term = term.ok_or_else(|| Refusal::NoTerm(tid.to_owned()))?;
    let vocabulary = store.vocabularies.get(&term.vid).map_or("", |vocabulary| vocabulary.machine_name);
    let field = match term.kind {
        TermKind::Species { code } => Some(("field_code", json!({ "value": code }))),
        TermKind::Breed { species } => Some(("field_species", json!({ "tid": species.to_string() }))),
        TermKind::Tag => None,
    };
    let mut object = json!({
        "tid": term.tid.to_string(),
        "vid": term.vid.to_string(),
        "name": term.name,
        "description": term.description,
        "format": "plain_text",
        "weight": term.weight.to_string(),
        "vocabulary_machine_name": vocabulary,
    });
    if let (Some((name, item)), Value::Object(members)) = (field, &mut object) {
        members.insert(name.to_owned(), json!({ "und": [item] }));
    }
    Ok(object)
}

pub(super) fn vocabulary(store: &Store, vid: &str) -> Result<Value, Refusal> {
    let vocabulary = vid.parse().ok().and_then(|id: u64| store.vocabularies.get(&id));
    let vocabulary = vocabulary.ok_or_else(|| Refusal::NoVocabulary(vid.to_owned()))?;
    Ok(json!({
        "vid": vocabulary.vid.to_string(),
        "name": vocabulary.name,
        "machine_name": vocabulary.machine_name,
        "description": "",
        "hierarchy": "0",
        "module": "taxonomy",
        "weight": "0",
    }))
}

/// All terms of a vocabulary at once, by weight and name, without pages. `depth` alone is a number: Drupal counts it
/// itself while everything else comes from the database.
pub(super) fn tree(store: &Store, arguments: &Value) -> Result<Value, Refusal> {
    let vid = match arguments.get("vid") {
        Some(Value::String(vid)) => vid.clone(),
        Some(Value::Number(vid)) => vid.to_string(),
        _ => return Err(Refusal::Missing("vid")),
    };
    let mut terms: Vec<&Term> = store.terms.values().filter(|term| vid.parse() == Ok(term.vid)).collect();
    if terms.is_empty() {
        return Err(Refusal::NoTree(vid));
    }
    terms.sort_by_key(|term| (term.weight, &term.name));
    let row = |term: &&Term| {
        json!({
            "tid": term.tid.to_string(),
            "vid": term.vid.to_string(),
            "name": term.name,
            "description": term.description,
            "format": "plain_text",
            "weight": term.weight.to_string(),
            "depth": 0,
            "parents": ["0"],
        })
    };
    Ok(terms.iter().map(row).collect())
}
