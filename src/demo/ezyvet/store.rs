//! The rows of the clinic, in memory and in the form in which they are printed, and bounded. Nothing is ever
//! taken out: what is deleted has `active` 0. It checks no values; `accept` does before anything comes here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use super::schema::{Kind, THINGS, Thing};
use crate::demo::seed::Seed;

/// Rows of one kind.
const MOST: usize = 20_000;

/// One record, its members in the order of the schema; `contact_detail_list` is not held but made when it is shown.
pub(super) type Row = Map<String, Value>;

#[derive(Debug)]
pub(super) struct Store {
    tables: BTreeMap<Thing, BTreeMap<u64, Row>>,
    /// The details of each contact, inactive ones too.
    details: BTreeMap<u64, BTreeSet<u64>>,
}

impl Store {
    pub(super) fn new(seed: &Seed) -> Self {
        let tables = THINGS.iter().map(|&(_, thing)| (thing, BTreeMap::new())).collect();
        let mut store = Self { tables, details: BTreeMap::new() };
        super::content::fill(&mut store, seed);
        store
    }

    pub(super) fn get(&self, thing: Thing, id: u64) -> Option<&Row> {
        self.tables.get(&thing)?.get(&id)
    }

    /// A record by its id as a caller writes it: digits without a sign or leading zeros.
    pub(super) fn find(&self, thing: Thing, word: &str) -> Option<(u64, &Row)> {
        let id: u64 = word.parse().ok()?;
        (id.to_string() == word).then_some(())?;
        Some((id, self.get(thing, id)?))
    }

    /// In the order of the ids.
    pub(super) fn rows(&self, thing: Thing) -> impl Iterator<Item = (u64, &Row)> {
        self.tables.get(&thing).into_iter().flatten().map(|(&id, row)| (id, row))
    }

    /// The id that the next record gets; refused where `more` records would be too many.
    pub(super) fn next_id(&self, thing: Thing, more: usize) -> Result<u64, Refusal> {
        let rows = self.tables.get(&thing);
        if rows.map_or(0, BTreeMap::len).saturating_add(more) > MOST {
            return Err(Refusal::request(format!("The database cannot hold more {} records.", thing.name())));
        }
        Ok(rows.and_then(|rows| rows.last_key_value()).map_or(1, |(&last, _)| last.saturating_add(1)))
    }

    /// Writes a record, new or known.
    pub(super) fn put(&mut self, thing: Thing, id: u64, row: Row) {
        if thing == Thing::ContactDetail {
            if let Some(owner) = self.get(thing, id).and_then(|before| id_in(before, "contact_id")) {
                self.details.entry(owner).or_default().remove(&id);
            }
            if let Some(owner) = id_in(&row, "contact_id") {
                self.details.entry(owner).or_default().insert(id);
            }
        }
        self.tables.entry(thing).or_default().insert(id, row);
    }

    /// The active details of a contact, in the order of their ids.
    pub(super) fn details(&self, contact: u64) -> impl Iterator<Item = (u64, &Row)> {
        self.details
            .get(&contact)
            .into_iter()
            .flatten()
            .filter_map(|&id| Some((id, self.get(Thing::ContactDetail, id)?)))
            .filter(|(_, row)| flag(row, "active"))
    }

    /// A record as an item of an answer: in an object under its singular name.
    pub(super) fn item(&self, thing: Thing, id: u64, row: &Row) -> Value {
        let members: Row = thing
            .fields()
            .iter()
            .map(|field| {
                let value = match field.kind {
                    Kind::Details => Value::Array(self.details(id).map(|(_, row)| detail(row)).collect()),
                    _ => row.get(field.name).cloned().unwrap_or_default(),
                };
                (field.name.to_owned(), value)
            })
            .collect();
        json!({ thing.name(): members })
    }
}

/// A detail inside its contact: without the bookkeeping.
fn detail(row: &Row) -> Value {
    let names = ["id", "contact_detail_type_id", "name", "value", "preferred"];
    names.iter().map(|&name| (name.to_owned(), row.get(name).cloned().unwrap_or_default())).collect()
}

/// A member that is a text; `""` where it is none.
pub(super) fn text<'r>(row: &'r Row, name: &str) -> &'r str {
    row.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A member that is a whole number, printed as one or as a string.
pub(super) fn number(row: &Row, name: &str) -> Option<i64> {
    match row.get(name)? {
        Value::String(word) => word.parse().ok(),
        other => other.as_i64(),
    }
}

pub(super) fn id_in(row: &Row, name: &str) -> Option<u64> {
    number(row, name).and_then(|id| u64::try_from(id).ok())
}

/// A member that is a truth, `1` or `"1"`.
pub(super) fn flag(row: &Row, name: &str) -> bool {
    number(row, name) == Some(1)
}

/// A member that is a list of texts.
pub(super) fn texts<'r>(row: &'r Row, name: &str) -> impl Iterator<Item = &'r str> {
    row.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}
