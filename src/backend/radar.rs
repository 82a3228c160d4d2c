//! The drift radar: counts, for each place of each binding, which kinds of values its source gives, and tells where
//! that is not what the mapping expects, or no longer what it was. It counts after an answer was read, once for each
//! answer; it judges no answer and changes none: what breaks the contract is a fault of that answer already.
//!
//! `expect` says what the rules take, `count` and `note` keep what came, `report` compares, `watched` asks the sources.

mod count;
mod expect;
mod note;
mod report;
mod watched;

use crate::{
    fault::{Breach, Fault},
    pace::breathe,
    plan::{
        Binding, Plan,
        reading::{Reading, Trie},
    },
    translate::{
        Batch, Surroundings,
        convert::{Cooked, cook},
        tally::{Asked, KINDS, Seen, Shape, Tally},
    },
    value::time::Moment,
};
use count::{Counter, Numbers};
use expect::{Expectations, Expected};
use note::{Heard, Notes, Sort};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
};

pub use count::BASELINE;
pub use report::{Drift, Line, Report};
pub use watched::Watched;

/// The radars of a plan's bindings, by their files.
#[derive(Debug, Default)]
pub struct Radars {
    all: BTreeMap<String, Arc<Radar>>,
}

/// What is known of one binding's source.
#[derive(Debug)]
pub struct Radar {
    /// The binding, wherever its files stand: `pethub/v1/pets.drupal7`.
    pub id: String,
    /// The binding's file, for people.
    pub file: String,
    pub resource: String,
    /// Changes with the rules: what was counted under other rules is not compared.
    revision: String,
    shape: Shape,
    places: Vec<Place>,
    /// The place of each of the trie's nodes.
    nodes: Vec<String>,
    absorbing: Vec<expect::Absorbing>,
    counters: Vec<Counter>,
    notes: Notes,
    records: AtomicU64,
    /// The second of the last answer, and how many have come in it.
    second: AtomicI64,
    came: AtomicU32,
}

/// Answers of one second that are all counted, and of how many beyond them one is.
const EACH: u32 = 2000;
const SHARE: u32 = 16;

#[derive(Debug)]
struct Place {
    name: String,
    expected: Expected,
}

/// One number that outlives the program: of a place and a kind, or of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub binding: String,
    pub revision: String,
    pub place: String,
    /// A kind's or a sort's word, or `records`.
    pub kind: String,
    /// A field's or a code's; empty where a place's values are counted.
    pub name: String,
    pub seen: u64,
    /// Of these in the baseline; of a name, whether it was there then.
    pub base: u64,
    pub recent: u64,
    /// Seconds since 1970.
    pub first: i64,
    pub latest: i64,
}

/// The kind of the row that says how many records were counted.
const RECORDS: &str = "records";

// === impl Radars ===

impl Radars {
    /// A radar for each binding of a plan; those whose rules are the same in `before` go on counting.
    pub fn of(plan: &Plan, before: Option<&Self>) -> Self {
        let one = |(resource, binding): &(usize, Arc<Binding>)| {
            breathe();
            let (api, resource) = match plan.resource(*resource) {
                Some(resource) => {
                    (plan.apis.get(resource.api).map_or("", |api| &api.id), resource.name.as_str())
                }
                None => ("", ""),
            };
            let id = format!("{api}/{resource}.{}", binding.name);
            let new = Radar::new(&id, resource, &binding.file, &binding.reading);
            let kept = before.and_then(|before| before.all.get(&binding.file));
            let kept = kept.filter(|kept| kept.revision == new.revision && kept.id == new.id);
            (binding.file.clone(), kept.map_or_else(|| Arc::new(new), Arc::clone))
        };
        Self { all: plan.bindings.iter().map(one).collect() }
    }

    pub fn get(&self, file: &str) -> Option<&Arc<Radar>> {
        self.all.get(file)
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<Radar>> {
        self.all.values()
    }

    /// Counts a fault that an answer of a known binding came to.
    pub fn breached(&self, fault: &Fault, now: Moment) {
        if let Some(breach) = &fault.breach
            && let Some(radar) = self.all.get(&breach.file)
        {
            radar.breached(breach, now.seconds);
        }
    }

    /// All that was counted, for the ledger.
    pub fn rows(&self) -> Vec<Row> {
        self.all.values().flat_map(|radar| radar.rows()).collect()
    }

    /// Adds what the ledger keeps; what belongs to other rules is left.
    pub fn restore(&self, rows: &[Row]) {
        for row in rows {
            let ours = |radar: &&Arc<Radar>| radar.id == row.binding && radar.revision == row.revision;
            if let Some(radar) = self.all.values().find(ours) {
                radar.restore(row);
            }
        }
    }

    /// What drifts, and what does not.
    pub fn report(&self, now: Moment) -> Report {
        Report::of(self.all.values().map(|radar| &**radar), now)
    }
}

// === impl Radar ===

impl Radar {
    pub fn new(id: &str, resource: &str, file: &str, reading: &Reading) -> Self {
        let shape = Shape::new(reading);
        let expectations = Expectations::of(reading, &shape);
        let names = places(reading);
        let rules = format!("{resource} {names:?} {}", expectations.rules);
        let revision = format!("{:016x}", xxhash_rust::xxh3::xxh3_64(rules.as_bytes()));
        let places: Vec<Place> = names
            .into_iter()
            .zip(expectations.places)
            .map(|(name, expected)| Place { name, expected })
            .collect();
        let nodes = node_places(&reading.trie);
        Self {
            id: cut(id, LONGEST_ID),
            file: file.to_owned(),
            resource: resource.to_owned(),
            revision,
            counters: places.iter().map(|_| Counter::default()).collect(),
            notes: Notes::new(nodes.len()),
            absorbing: expectations.absorbing,
            records: AtomicU64::new(0),
            second: AtomicI64::new(i64::MIN),
            came: AtomicU32::new(0),
            shape,
            places,
            nodes,
        }
    }

    /// Whether an answer that came in this second is counted: all are where few come, of many a share is. What a source
    /// gives does not change from one answer to the next, and a sample has the same shares.
    fn is_counted(&self, second: i64) -> bool {
        if self.second.load(Relaxed) != second {
            self.second.store(second, Relaxed);
            self.came.store(0, Relaxed);
        }
        let came = self.came.fetch_add(1, Relaxed);
        came < EACH || came.is_multiple_of(SHARE)
    }

    /// Counts one answer: these records of a batch that this binding's reading made.
    pub fn count(
        &self,
        reading: &Reading,
        batch: &Batch,
        records: &[u32],
        asked: Asked<'_>,
        around: &Surroundings,
        now: Moment,
    ) {
        if records.is_empty() || !self.is_counted(now.seconds) {
            return;
        }
        let early = self.records.load(Relaxed) < BASELINE;
        let tally = Tally::of(batch, &self.shape, records, asked);
        self.records.fetch_add(u64::from(tally.records()), Relaxed);
        for (counter, counts) in self.counters.iter().zip(&tally.counts) {
            if *counts != [0; KINDS] {
                counter.add(counts, now.seconds);
            }
        }
        self.notes.fields(batch.strangers(), now.seconds, early);
        for place in &self.absorbing {
            self.absorbed(place, reading, batch, records, around, now.seconds);
        }
    }

    /// Notes the codes that became what `unknown` says.
    fn absorbed(
        &self,
        place: &expect::Absorbing,
        reading: &Reading,
        batch: &Batch,
        records: &[u32],
        around: &Surroundings,
        now: i64,
    ) {
        let rows = if place.level == 0 { records.to_vec() } else { (0..batch.count(place.level)).collect() };
        for row in rows.into_iter().take(crate::translate::tally::MOST_ROWS as usize) {
            let slot = batch.get(place.level, row, place.slot);
            let mut cooked = Cooked::Nothing;
            if cook(&mut cooked, batch, slot, reading.empty, &place.before, around).is_err() {
                continue;
            }
            let Some(code) = cooked.as_text() else { continue };
            if !place.codes.pairs.iter().any(|(known, _)| **known == *code) {
                let name = self.places.get(self.shape.at(place.level, place.slot)).map_or("", |p| &p.name);
                let code: String = code.chars().take(40).collect();
                self.notes.other(
                    Sort::Absorbed,
                    name,
                    &code,
                    Heard { seen: 1, early: false, first: now, latest: now },
                );
            }
        }
    }

    /// Counts a value that ended an answer.
    pub fn breached(&self, breach: &Breach, now: i64) {
        let heard = Heard { seen: 1, early: false, first: now, latest: now };
        self.notes.other(Sort::Breach(breach.kind), &breach.place, &breach.found, heard);
    }

    /// How many values of each kind each place has had, for counters that only grow.
    pub fn values(&self) -> impl Iterator<Item = (&str, &'static str, u64)> {
        self.places.iter().zip(&self.counters).flat_map(|(place, counter)| {
            let numbers = counter.numbers();
            Seen::ALL
                .into_iter()
                .zip(numbers)
                .filter(|(_, numbers)| numbers.all > 0)
                .map(|(kind, numbers)| (place.name.as_str(), kind.name(), numbers.all))
        })
    }

    /// How many names of fields are known that no rule wants.
    pub fn unknown_fields(&self) -> usize {
        self.notes.field_count()
    }

    /// In how many answers such a field was noted.
    pub fn unknown_seen(&self) -> u64 {
        let all = self.notes.all(|_| String::new());
        all.iter().filter(|(sort, ..)| *sort == Sort::Field).map(|(.., heard)| heard.seen).sum()
    }

    fn rows(&self) -> Vec<Row> {
        let blank = |place: &str, kind: &str| Row {
            binding: self.id.clone(),
            revision: self.revision.clone(),
            place: place.to_owned(),
            kind: kind.to_owned(),
            name: String::new(),
            seen: 0,
            base: 0,
            recent: 0,
            first: 0,
            latest: 0,
        };
        let records = self.records.load(Relaxed);
        if records == 0 && self.notes.all(|_| String::new()).is_empty() {
            return Vec::new();
        }
        let mut rows = vec![Row { seen: records, ..blank("", RECORDS) }];
        for (place, counter) in self.places.iter().zip(&self.counters) {
            for (kind, numbers) in Seen::ALL.into_iter().zip(counter.numbers()) {
                let Numbers { all, base, recent, first, latest } = numbers;
                if all > 0 {
                    rows.push(Row {
                        seen: all,
                        base,
                        recent,
                        first,
                        latest,
                        ..blank(&place.name, kind.name())
                    });
                }
            }
        }
        for (sort, place, name, heard) in self.notes.all(|node| self.node(node)) {
            let Heard { seen, early, first, latest } = heard;
            let base = u64::from(early);
            rows.push(Row { name, seen, base, first, latest, ..blank(&place, sort.name()) });
        }
        rows
    }

    fn restore(&self, row: &Row) {
        if row.kind == RECORDS {
            self.records.fetch_add(row.seen, Relaxed);
            return;
        }
        if let Some(kind) = Seen::ALL.into_iter().find(|kind| kind.name() == row.kind) {
            let at = self.places.iter().position(|place| place.name == row.place);
            if let Some(counter) = at.and_then(|at| self.counters.get(at)) {
                let Row { seen: all, base, recent, first, latest, .. } = *row;
                counter.restore(kind, Numbers { all, base, recent, first, latest });
            }
        } else if let Some(sort) = Sort::ALL.into_iter().find(|sort| sort.name() == row.kind) {
            let heard = Heard { seen: row.seen, early: row.base > 0, first: row.first, latest: row.latest };
            let node = || self.nodes.iter().position(|place| *place == row.place);
            self.notes.restore(sort, &row.place, &row.name, heard, node);
        }
    }

    fn node(&self, node: usize) -> String {
        self.nodes.get(node).cloned().unwrap_or_default()
    }
}

/// Longer places are cut: they are for people, and stand in a ledger's column.
const LONGEST_PLACE: usize = 250;
/// The ledger's column again.
const LONGEST_ID: usize = 200;

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

fn short(place: &str) -> String {
    cut(place, LONGEST_PLACE)
}

/// The place of each slot from the record on: `field_photos.und[*].uri`.
fn places(reading: &Reading) -> Vec<String> {
    let mut outer: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for level in &reading.levels {
        let prefix = match level.within {
            None => String::new(),
            Some((above, slot)) => {
                let list =
                    reading.levels.get(usize::from(above)).and_then(|l| l.places.get(usize::from(slot)));
                let above = outer.get(usize::from(above)).cloned().unwrap_or_default();
                joined(&above, &list.map_or_else(String::new, ToString::to_string)) + "[*]"
            }
        };
        all.extend(level.places.iter().map(|place| short(&joined(&prefix, &place.to_string()))));
        outer.push(prefix);
    }
    all
}

fn joined(above: &str, place: &str) -> String {
    match (above, place) {
        ("", place) => place.to_owned(),
        (above, "$") => above.to_owned(),
        (above, place) if place.starts_with('[') => format!("{above}{place}"),
        (above, place) => format!("{above}.{place}"),
    }
}

/// The place of each node of the trie: `$` for the record, `…` in front for what stands around it.
fn node_places(trie: &Trie) -> Vec<String> {
    let mut places = vec!["…".to_owned(); trie.nodes.len()];
    let mut open = vec![(0, "$".to_owned())];
    while let Some((at, place)) = open.pop() {
        let Some(node) = trie.nodes.get(at) else { continue };
        let above = if place == "$" { "" } else { place.as_str() };
        open.extend(node.keys.iter().map(|key| (key.next, short(&joined(above, &key.name)))));
        open.extend(node.indexes.iter().map(|(index, next)| (*next, short(&format!("{above}[{index}]")))));
        open.extend(node.each.map(|(_, next)| (next, short(&format!("{above}[*]")))));
        if let Some(known) = places.get_mut(at) {
            *known = place;
        }
    }
    places
}

#[cfg(test)]
mod tests;
