//! The round-trip law: a record of the contract that is written and read again is the record that it was. It is
//! tried on generated records, without the source: what is written is taken as what the source will answer.

mod echo;
mod tame;

use super::{
    Batch, Slot, Surroundings, Table, extract, sample,
    show::Shown,
    sink::{Place, Sink, json::Json},
    store::{self, Content, Placed},
    whole,
};
use crate::{
    plan::{
        Binding, Contract, Means, Selection,
        http::call::Rows,
        reading::LevelId,
        writing::{Rule, Together, What, Writing},
    },
    value::{Value, time::Date},
};
use std::{collections::BTreeMap, sync::Arc};

/// A member that did not come back as it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The dotted name of the member.
    pub member: String,
    /// What was written, in JSON.
    pub wrote: String,
    /// What was read, in JSON, or why it could not be read.
    pub read: String,
}

/// What came of trying the law on a binding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    pub tried: usize,
    pub broken: Vec<Broken>,
    /// Combinations of the contract that have no code: members, and a value for each.
    pub uncoded: Vec<String>,
}

/// Tries the law on this many records. Each member is told once, with its first value that is lost.
pub fn check(contract: &Contract, binding: &Binding, cases: usize) -> Verdict {
    let mut verdict = Verdict::default();
    if matches!(binding.means, Means::Stub { .. }) || binding.writing.rules.is_empty() {
        return verdict;
    }
    let mut selection = Selection::none(contract);
    for rule in &binding.writing.rules {
        for id in rule.members() {
            if contract.get(id).is_some_and(|m| !contract.is_read_only(m) && !contract.is_write_only(m)) {
                selection.add(contract, id);
            }
        }
    }
    let mut told = BTreeMap::new();
    let writing = echo::echoed(&binding.writing, &binding.reading);
    for mut value in sample::cases(contract, cases) {
        verdict.tried += 1;
        store::complete(contract, &mut value);
        tame::tame(contract, &binding.writing, &mut value);
        if let Err(uncoded) = tried(contract, (binding, &writing), &selection, &value, &mut told) {
            for names in uncoded {
                if !verdict.uncoded.contains(&names) {
                    verdict.uncoded.push(names);
                }
            }
        }
    }
    verdict.broken = told.into_values().collect();
    verdict
}

fn tried(
    contract: &Contract,
    (binding, writing): (&Binding, &Writing),
    selection: &Selection,
    value: &Value,
    told: &mut BTreeMap<String, Broken>,
) -> Result<(), Vec<String>> {
    let around = surroundings(contract, binding, value);
    let placed = match store::place(contract, writing, value, None, &around) {
        Ok(placed) => placed,
        Err(violations) => {
            let combination = crate::fault::code::NO_SUCH_COMBINATION.id;
            let mut uncoded = Vec::new();
            for violation in violations {
                if violation.code == combination {
                    uncoded.push(combination_of(contract, binding, value));
                } else if let crate::fault::Place::Pointer(pointer) = violation.place {
                    let member = pointer.trim_start_matches('/').replace('/', ".");
                    let wrote = value.at(&member).map(Value::to_json).unwrap_or_default();
                    let broken = Broken {
                        member: member.clone(),
                        wrote,
                        read: format!("refused: {}", violation.message),
                    };
                    told.entry(member).or_insert(broken);
                }
            }
            return Err(uncoded);
        }
    };
    let (batch, row, clean) = match back(binding, &placed) {
        Ok(back) => back,
        Err(why) => {
            told.entry(String::new()).or_insert(Broken {
                member: "(record)".into(),
                wrote: value.to_json(),
                read: why,
            });
            return Ok(());
        }
    };
    let shown = Shown { contract, reading: &binding.reading, batch: &batch, around: &around, clean };
    for member in contract.top().filter(|m| selection.has(m.id)) {
        let mut one = Selection::none(contract);
        one.add(contract, member.id);
        let one = intersect(contract, &one, selection);
        let wrote =
            rendered(|sink| whole::record(contract, value, &one, Place::Root, sink).map_err(|e| e.clone()));
        let read = rendered(|sink| shown.record(row, &one, Place::Root, sink).map_err(|e| e.to_string()));
        if wrote != read {
            let wrote = value.get(&member.name).map_or_else(|| "nothing".into(), Value::to_json);
            let broken = Broken { member: member.path.to_string(), wrote, read: read.unwrap_or_else(|e| e) };
            told.entry(member.path.to_string()).or_insert(broken);
        }
    }
    Ok(())
}

fn intersect(contract: &Contract, one: &Selection, other: &Selection) -> Selection {
    contract
        .members()
        .iter()
        .filter(|m| one.has(m.id) && other.has(m.id))
        .fold(Selection::none(contract), |s, m| s.with(m.id))
}

fn rendered(write: impl FnOnce(&mut Json) -> Result<(), String>) -> Result<String, String> {
    let mut sink = Json::default();
    write(&mut sink)?;
    Ok(String::from_utf8_lossy(&sink.into_bytes()).into_owned())
}

/// What was written, as if the source had answered it.
fn back(binding: &Binding, placed: &[Placed<'_>]) -> Result<(Batch, u32, bool), String> {
    let mut batch = Batch::new(&binding.reading);
    if let Means::Http(means) = &binding.means {
        let empty = (!means.dialect.empty_write.is_null()).then_some(&means.dialect.empty_write);
        let text = store::document(placed.to_vec(), empty).to_json();
        let row = extract::record(&mut batch, &binding.reading, text, &Rows::default());
        let row = row.map_err(|e| e.to_string())?.ok_or("the record is nothing when it is written")?;
        Ok((batch, row, true))
    } else {
        let row = batch.row(0);
        rows(binding, &mut batch, 0, row, placed);
        Ok((batch, row, false))
    }
}

fn rows(binding: &Binding, batch: &mut Batch, level: LevelId, row: u32, placed: &[Placed<'_>]) {
    for place in placed {
        match &place.content {
            Content::Scalar(value) => match value.scalar() {
                Some(text) => batch.set_text(level, row, place.slot, text),
                None => batch.set(level, row, place.slot, Slot::Null),
            },
            Content::Whole(value) => batch.set_text(level, row, place.slot, &value.to_json()),
            Content::Rows(items) => {
                let Some(inner) = binding.reading.inner(level, place.slot) else { continue };
                let first = batch.count(inner);
                for item in items {
                    let row = batch.row(inner);
                    rows(binding, batch, inner, row, item);
                }
                batch.set(level, row, place.slot, Slot::Rows { first, count: batch.count(inner) - first });
            }
        }
    }
}

/// Look-ups that know just the values of this record: each value has a key of its own.
fn surroundings(contract: &Contract, binding: &Binding, value: &Value) -> Surroundings {
    let mut tables: BTreeMap<usize, Table> = BTreeMap::new();
    for rule in &binding.writing.rules {
        let (id, chain) = match &rule.what {
            What::One(id, chain) | What::Scalars(id, _, chain) => (*id, chain),
            _ => continue,
        };
        let Some(found) = contract.get(id).and_then(|m| value.at(&m.path)) else { continue };
        let texts: Vec<&str> = match found {
            Value::List(items) => items.iter().filter_map(Value::scalar).collect(),
            one => one.scalar().into_iter().collect(),
        };
        for lookup in chain.lookups() {
            let table = tables.entry(lookup).or_default();
            for text in &texts {
                if table.backward.contains_key(*text) {
                    continue;
                }
                // Digits, as of systems that count their records: a number of JSON can hold them, too.
                let key = (1000 + table.forward.len()).to_string();
                table.forward.insert(key.as_str().into(), (*text).into());
                table.backward.insert((*text).into(), key.into());
            }
        }
    }
    let most = tables.keys().max().map_or(0, |m| m + 1);
    let lookups = (0..most).map(|id| tables.remove(&id).map(Arc::new)).collect();
    Surroundings { today: Date { year: 2026, month: 1, day: 1 }, lookups }
}

fn combination_of(contract: &Contract, binding: &Binding, value: &Value) -> String {
    let several = binding.writing.rules.iter().filter_map(|rule: &Rule| match &rule.what {
        What::Several(members, Together::Codes(table), _) => Some((members, table)),
        _ => None,
    });
    for (members, table) in several {
        let found: Vec<_> = members.iter().filter_map(|id| contract.get(*id)).collect();
        let values: Vec<Value> =
            found.iter().map(|m| value.at(&m.path).cloned().unwrap_or_default()).collect();
        if table.back(&values).is_none() {
            let parts: Vec<String> =
                found.iter().zip(&values).map(|(m, v)| format!("`{}` = {}", m.path, v.to_json())).collect();
            return parts.join(", ");
        }
    }
    String::new()
}

#[cfg(test)]
mod tests;
