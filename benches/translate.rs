//! Translation alone: the compiled mapping of `pets` over `drupal7` beside hand-written structs, from the same bytes to
//! the same bytes. Both take the document as text; ours owns it, as it does on the road. `-- --ratio` runs both in turns and
//! prints how they compare, which is the number that counts; without it criterion measures each way alone.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_sign_loss,
    reason = "a bench is a test: what should not be ends it"
)]

#[path = "support/by_hand.rs"]
mod by_hand;
#[path = "support/nodes.rs"]
mod nodes;
#[path = "support/project.rs"]
mod project;
#[path = "support/rounds.rs"]
mod rounds;
#[path = "support/site.rs"]
mod site;

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use portico::{
    demo::seed::{Seed, seed},
    plan::{Plan, Resource, http::call::Rows},
    translate::{
        Batch, Sink, Surroundings, Table, extract,
        show::Shown,
        sink::{Place, json::Json},
        tally::{Asked, Shape, Tally},
    },
    value::time::Date,
};
use std::{hint::black_box, sync::Arc};

const COUNTS: [usize; 3] = [1, 10, 100];
const TODAY: Date = Date { year: 2026, month: 11, day: 21 };
/// Some seconds for each count.
const ROUNDS: usize = 4001;

fn main() {
    let bench = Bench::new();
    let asked: Vec<String> = std::env::args().collect();
    // Cargo's test runner asks for one run of each, to see that they work: making the bench has seen that.
    if asked.iter().any(|a| a == "--test") {
        return;
    }
    if asked.iter().any(|a| a == "--ratio") {
        return bench.ratios();
    }
    if let Some(at) = asked.iter().position(|a| a == "--spin") {
        let times = asked.get(at + 2).and_then(|times| times.parse().ok()).unwrap_or(4000);
        return bench.spin(asked.get(at + 1).map_or("ours", String::as_str), times);
    }
    let mut criterion = Criterion::default().configure_from_args();
    bench.groups(&mut criterion);
    criterion.final_summary();
}

struct Bench {
    plan: Plan,
    around: Surroundings,
    species: by_hand::Terms,
    breeds: by_hand::Terms,
    /// A list of nodes for each of `COUNTS`.
    documents: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        let (plan, seed) = (project::plan(), seed());
        let around = Surroundings { today: TODAY, lookups: tables(&plan, &seed) };
        let species = seed.species.iter().map(|s| (s.tid.to_string().into(), s.code.into())).collect();
        let breeds = seed.breeds.iter().map(|b| (b.tid.to_string().into(), b.name.into())).collect();
        let documents = documents();
        let bench = Self { plan, around, species, breeds, documents };
        for document in &bench.documents {
            let ours = String::from_utf8(bench.ours(document.clone())).unwrap();
            let theirs = String::from_utf8(bench.by_hand(document)).unwrap();
            assert_eq!(ours, theirs, "both ways come to the same bytes");
        }
        bench
    }

    fn pets(&self) -> &Resource {
        self.plan.resources.iter().find(|r| r.name == "pets").unwrap()
    }

    fn by_hand(&self, document: &str) -> Vec<u8> {
        let today = (TODAY.year, TODAY.month, TODAY.day);
        let around = by_hand::Around { species: &self.species, breeds: &self.breeds, today };
        let mut out = Vec::new();
        by_hand::list(document, around, &mut out).unwrap();
        out
    }

    fn ours(&self, document: String) -> Vec<u8> {
        let pets = self.pets();
        let reading = &pets.binding.reading;
        let mut batch = Batch::new(reading);
        let count = extract::list(&mut batch, reading, document, &Rows::default()).unwrap();
        let shown =
            Shown { contract: &pets.contract, reading, batch: &batch, around: &self.around, clean: true };
        let mut sink = Json::with_capacity(count as usize * 1024);
        sink.begin_list(Place::Root);
        for row in 0..count {
            shown.record(row, &pets.all, Place::Item(&pets.plural_label), &mut sink).unwrap();
        }
        sink.end_list(Place::Root);
        sink.into_bytes()
    }

    fn groups(&self, criterion: &mut Criterion) {
        for (count, document) in COUNTS.iter().zip(&self.documents) {
            let mut group = criterion.benchmark_group("translate");
            group.throughput(Throughput::Bytes(document.len() as u64));
            group.bench_function(BenchmarkId::new("mapping", count), |bencher| {
                bencher.iter_batched(|| document.clone(), |text| self.ours(text), BatchSize::SmallInput);
            });
            group.bench_function(BenchmarkId::new("by hand", count), |bencher| {
                let work = |text: String| self.by_hand(&text);
                bencher.iter_batched(|| document.clone(), work, BatchSize::SmallInput);
            });
            // What the drift radar adds to it: counted once for each answer.
            let (batch, rows) = self.batch(document.clone());
            let shape = Shape::new(&self.pets().binding.reading);
            group.bench_function(BenchmarkId::new("tally", count), |bencher| {
                bencher.iter(|| Tally::of(&batch, &shape, &rows, Asked::All));
            });
            group.finish();
        }
    }

    fn batch(&self, document: String) -> (Batch, Vec<u32>) {
        let reading = &self.pets().binding.reading;
        let mut batch = Batch::new(reading);
        let count = extract::list(&mut batch, reading, document, &Rows::default()).unwrap();
        (batch, (0..count).collect())
    }

    fn ratios(&self) {
        for (count, document) in COUNTS.iter().zip(&self.documents) {
            // Both ways own their text and let it go again, as whoever receives an answer does.
            let theirs = |text: String| self.by_hand(&text);
            let ratio = rounds::ratio(ROUNDS, || document.clone(), |text| self.ours(text), theirs);
            println!("{count:>4} records ({:>6} bytes): mapping / by hand = {ratio}", document.len());
        }
    }

    /// One way over and over, for a profiler: `ours` or `theirs`, of a hundred records, or of one where `-1` follows it.
    fn spin(&self, way: &str, times: usize) {
        let [one, .., many] = self.documents.as_slice() else { return };
        for _ in 0..times {
            match way {
                "ours" => black_box(self.ours(many.clone())),
                "ours-1" => black_box(self.ours(one.clone())),
                "theirs-1" => black_box(self.by_hand(one)),
                _ => black_box(self.by_hand(many)),
            };
        }
    }
}

/// The look-ups' tables, made of the data that the site's terms are made of.
fn tables(plan: &Plan, seed: &Seed) -> Vec<Option<Arc<Table>>> {
    let of = |name: &str| {
        let mut table = Table::default();
        if name == "species" {
            table.forward.extend(seed.species.iter().map(|s| (s.tid.to_string().into(), s.code.into())));
        } else {
            table.forward.extend(seed.breeds.iter().map(|b| (b.tid.to_string().into(), b.name.into())));
        }
        Some(Arc::new(table))
    };
    plan.lookups.iter().map(|lookup| of(&plan.resources[lookup.resource].name)).collect()
}

/// Lists of the site's own documents, one for each of `COUNTS`.
fn documents() -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let nodes = runtime.block_on(nodes::nodes(COUNTS[COUNTS.len() - 1]));
    COUNTS.iter().map(|count| format!("[{}]", nodes[..*count].join(","))).collect()
}
