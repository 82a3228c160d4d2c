//! What has a name and not a place of its own: fields that no rule wants, codes that the mapping does not know, values
//! that cannot be read. Bounded, so that a source that makes names up fills no memory.

use crate::fault::BreachKind;
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
};

/// Names of one binding, fields and codes each; more are not noted.
const MOST: usize = 200;
/// Characters of a name; the rest is cut off.
pub const LONGEST: usize = 100;

/// What a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// A member that no rule wants.
    Field,
    /// A code that became what `unknown` says.
    Absorbed,
    /// One that ended an answer.
    Breach(BreachKind),
}

/// One name's numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// In how many answers it was noted; of absorbed codes, how many values.
    pub seen: u64,
    /// Whether it was there before the baseline was complete.
    pub early: bool,
    /// Seconds since 1970.
    pub first: i64,
    pub latest: i64,
}

#[derive(Debug, Default)]
struct Field {
    seen: AtomicU64,
    early: bool,
    first: i64,
    latest: AtomicI64,
}

/// What was heard of the fields of one place, by their names.
type Named = Vec<(Box<str>, Field)>;

#[derive(Debug)]
pub struct Notes {
    /// By the trie's node, in the order in which they came first: looked at for each answer, and only rarely changed.
    fields: RwLock<Vec<Named>>,
    others: Mutex<BTreeMap<(Sort, String, String), Heard>>,
}

impl Sort {
    pub const ALL: [Self; 5] = [
        Self::Field,
        Self::Absorbed,
        Self::Breach(BreachKind::UnknownCode),
        Self::Breach(BreachKind::Misfit),
        Self::Breach(BreachKind::Missing),
    ];

    /// The word for it in tables, metrics and the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Field => "unknownField",
            Self::Absorbed => "absorbedCode",
            Self::Breach(BreachKind::UnknownCode) => "unknownCode",
            Self::Breach(BreachKind::Misfit) => "misfit",
            Self::Breach(BreachKind::Missing) => "missing",
        }
    }
}

impl Notes {
    pub fn new(nodes: usize) -> Self {
        let fields = (0..nodes).map(|_| Vec::new()).collect();
        Self { fields: RwLock::new(fields), others: Mutex::default() }
    }

    /// Notes the fields of one answer that nobody wants. A name that comes often in one answer counts each time.
    pub fn fields<'a>(&self, names: impl Iterator<Item = (usize, &'a str)>, at: i64, early: bool) {
        let mut new: Vec<(usize, &str)> = Vec::new();
        {
            let known = self.fields.read().unwrap_or_else(PoisonError::into_inner);
            // Answers of one source have their names in one order: the next name is mostly the next one that is known.
            let mut next = 0;
            for (node, name) in names {
                let fields = known.get(node).map(Vec::as_slice).unwrap_or_default();
                let behind = fields.iter().enumerate().skip(next);
                let found =
                    behind.chain(fields.iter().enumerate().take(next)).find(|(_, one)| *one.0 == *name);
                match found {
                    Some((place, (_, field))) => {
                        next = place + 1;
                        field.seen.fetch_add(1, Relaxed);
                        field.latest.store(at, Relaxed);
                    }
                    None => new.push((node, name)),
                }
            }
        }
        for (node, name) in new {
            self.keep_field(node, name, Heard { seen: 1, early, first: at, latest: at });
        }
    }

    fn keep_field(&self, node: usize, name: &str, heard: Heard) {
        let mut known = self.fields.write().unwrap_or_else(PoisonError::into_inner);
        let count: usize = known.iter().map(Vec::len).sum();
        let Some(fields) = known.get_mut(node) else { return };
        let name = bounded(name);
        let field = match fields.iter().find(|(known, _)| **known == *name) {
            Some((_, field)) => field,
            None if count >= MOST => return,
            None => {
                let fresh = Field { early: heard.early, first: heard.first, ..Field::default() };
                fields.push((name.into(), fresh));
                let Some((_, field)) = fields.last() else { return };
                field
            }
        };
        field.seen.fetch_add(heard.seen, Relaxed);
        field.latest.fetch_max(heard.latest, Relaxed);
    }

    /// Notes a code or a value that cannot be read.
    pub fn other(&self, sort: Sort, place: &str, name: &str, heard: Heard) {
        let mut known = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (sort, place.to_owned(), bounded(name));
        if known.len() >= MOST && !known.contains_key(&key) {
            return;
        }
        let kept = known.entry(key).or_insert(Heard { seen: 0, ..heard });
        kept.seen += heard.seen;
        kept.latest = kept.latest.max(heard.latest);
    }

    /// Puts back what the ledger keeps. `node` finds a field's node by the name of its place.
    pub fn restore(
        &self,
        sort: Sort,
        place: &str,
        name: &str,
        heard: Heard,
        node: impl Fn() -> Option<usize>,
    ) {
        match sort {
            Sort::Field => {
                if let Some(node) = node() {
                    self.keep_field(node, name, heard);
                }
            }
            _ => self.other(sort, place, name, heard),
        }
    }

    /// All that is noted: what it is, its place, its name. `place` names a node of the trie.
    pub fn all(&self, place: impl Fn(usize) -> String) -> Vec<(Sort, String, String, Heard)> {
        let mut all = Vec::new();
        let fields = self.fields.read().unwrap_or_else(PoisonError::into_inner);
        for (node, fields) in fields.iter().enumerate() {
            for (name, field) in fields {
                let heard = Heard {
                    seen: field.seen.load(Relaxed),
                    early: field.early,
                    first: field.first,
                    latest: field.latest.load(Relaxed),
                };
                all.push((Sort::Field, place(node), name.to_string(), heard));
            }
        }
        drop(fields);
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        all.extend(others.iter().map(|((sort, at, name), heard)| (*sort, at.clone(), name.clone(), *heard)));
        drop(others);
        all.sort_by(|a, b| (a.0, &a.1, &a.2).cmp(&(b.0, &b.1, &b.2)));
        all
    }

    /// How many names of fields are known.
    pub fn field_count(&self) -> usize {
        self.fields.read().unwrap_or_else(PoisonError::into_inner).iter().map(Vec::len).sum()
    }
}

/// A name as it is kept: short, on one line, and nothing that a terminal or a database would take for its own.
fn bounded(name: &str) -> String {
    name.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
