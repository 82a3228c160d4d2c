//! Files to a plan: 10, 100 and 1,000 mappings, each with a resource, a contract and a binding of its own, held in
//! memory. `-- --growth` prints how the time for one mapping grows with their number; it should not.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a bench is a test: what should not be ends it")]

use criterion::{BenchmarkId, Criterion, Throughput};
use portico::{
    fault::Diagnostics,
    plan::{Plan, compile::compile},
    spec::{
        Files,
        load::{Tree, load},
    },
};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    hint::black_box,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

const COUNTS: [usize; 3] = [10, 100, 1000];
const CONFIG: &str = "config/bench.yaml";

fn main() {
    let asked: Vec<String> = std::env::args().collect();
    if asked.iter().any(|a| a == "--growth") {
        return growth();
    }
    let runs = COUNTS.map(|count| (count, tree(count)));
    for (count, tree) in &runs {
        assert_eq!(plan(tree).resources.len(), *count);
    }
    if asked.iter().any(|a| a == "--test") {
        return;
    }
    if asked.iter().any(|a| a == "--spin") {
        let (_, tree) = runs.last().unwrap();
        (0..5).for_each(|_| drop(black_box(plan(tree))));
        return;
    }
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("compile");
    for (count, tree) in &runs {
        group.throughput(Throughput::Elements(*count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| bencher.iter(|| plan(tree)));
    }
    group.finish();
    criterion.final_summary();
}

/// The time for one mapping among many, as a multiple of the same among the fewest.
fn growth() {
    let mut base = None;
    for count in COUNTS {
        let tree = tree(count);
        let mut taken: Vec<(Duration, Duration)> =
            (0..(3000 / count).clamp(3, 50)).map(|_| halves(&tree)).collect();
        taken.sort_unstable();
        let (loaded, compiled) = taken.get(taken.len() / 2).copied().unwrap_or_default();
        let each = |time: Duration| time.as_secs_f64() / f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let (base_load, base_compile) = *base.get_or_insert((each(loaded), each(compiled)));
        println!(
            "{count:>5} mappings: reading {:.2}, compiling {:.2}, both {:.2} times what one of {} takes; {:.0} ms in all",
            each(loaded) / base_load,
            each(compiled) / base_compile,
            each(loaded + compiled) / (base_load + base_compile),
            COUNTS.first().unwrap_or(&0),
            (loaded + compiled).as_secs_f64() * 1000.0,
        );
    }
}

fn halves(tree: &Tree) -> (Duration, Duration) {
    let mut out = Diagnostics::new();
    let begun = Instant::now();
    let files = load(tree, Path::new(CONFIG), &mut out);
    let loaded = begun.elapsed();
    let begun = Instant::now();
    let plan = compiled(&files, &mut out);
    let taken = begun.elapsed();
    drop(black_box(plan));
    (loaded, taken)
}

fn plan(tree: &Tree) -> Plan {
    let mut out = Diagnostics::new();
    let files = load(tree, Path::new(CONFIG), &mut out);
    compiled(&files, &mut out)
}

fn compiled(files: &Files, out: &mut Diagnostics) -> Plan {
    compile(files, out).unwrap_or_else(|| panic!("the files do not compile: {out:?}"))
}

/// So many resources of one API, each read from one system.
fn tree(count: usize) -> Tree {
    let mut files = BTreeMap::new();
    let mut put = |path: String, text: String| files.insert(PathBuf::from(path), text);
    let mut serve = String::new();
    for at in 0..count {
        let name = word(at);
        writeln!(serve, "      {name}: legacy").unwrap();
        put(format!("schemas/bench/v1/{name}.json"), CONTRACT.replace("NAME", &name));
        put(format!("mappings/bench/v1/{name}.yaml"), RESOURCE.replace("NAME", &name));
        put(format!("mappings/bench/v1/{name}.legacy.yaml"), BINDING.replace("NAME", &name));
    }
    put("mappings/bench/v1/api.yaml".into(), API.into());
    put("mappings/dialects/plain.yaml".into(), DIALECT.into());
    put(CONFIG.into(), SERVED.replace("SERVE", &serve));
    Tree::Memory(files)
}

/// A name of letters alone: `things-aab`.
fn word(at: usize) -> String {
    let letter = |place: usize| char::from(b'a' + u8::try_from(at / place % 26).unwrap_or(0));
    format!("things-{}{}{}", letter(676), letter(26), letter(1))
}

const SERVED: &str = r"
listen: [{ address: 127.0.0.1:8080 }]
publicUrl: http://127.0.0.1:8080
apis:
  bench/v1:
    serve:
SERVE
sources:
  legacy:
    http: { address: http://127.0.0.1:4101, plain: true, deadline: 5s, concurrency: 32 }
";

const API: &str = r"
api: bench
version: v1
base: /v1
title: Bench
";

const DIALECT: &str = r"
dialect: plain
format: json
paging: { page: page, from: 0, size: { parameter: pagesize, fixed: 20, send: false } }
sorting: { ascending: asc, descending: desc }
";

const CONTRACT: &str = r#"{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "bench/v1/NAME.json",
  "title": "Thing",
  "type": "object",
  "additionalProperties": false,
  "required": ["thingId", "name", "kind"],
  "properties": {
    "thingId": { "type": "string", "readOnly": true },
    "ownerId": { "type": ["string", "null"] },
    "name": { "type": "string", "minLength": 1, "maxLength": 80 },
    "kind": { "enum": ["first", "second", "third"] },
    "sound": { "type": ["boolean", "null"] },
    "madeOn": { "type": ["string", "null"], "format": "date" },
    "weight": {
      "type": ["object", "null"], "additionalProperties": false, "required": ["value", "unit"],
      "properties": {
        "value": { "type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01 },
        "unit": { "enum": ["kg", "lb"] }
      }
    },
    "colors": { "type": "array", "maxItems": 3, "items": { "type": "string", "xml": { "name": "color" } } },
    "notes": { "type": ["string", "null"], "maxLength": 4000 },
    "createdAt": { "type": "string", "format": "date-time", "readOnly": true }
  }
}"#;

const RESOURCE: &str = r"
resource: NAME
contract: bench/v1/NAME.json
key: thingId
path: /NAME
operations: [list, read]
access: public
order: [createdAt, thingId]
filter: [ownerId]
sort: [name, createdAt, thingId]
total: promised
";

const BINDING: &str = r#"
binds: NAME
dialect: plain
fields:
  thingId: id
  ownerId: owner
  name:    title
  kind:    { from: kind_code, via: [{ codes: { "1": first, "2": second, "3": third } }] }
  sound:   { from: sound, via: [{ codes: { "Yes": true, "No": false } }] }
  madeOn:  { from: made, via: [{ date: "%Y-%m-%d 00:00:00" }] }
  weight.value: { from: weight, via: [decimal] }
  weight.unit:  unit
  colors:       { each: colors, from: value }
  notes:        notes
  createdAt:    { from: created, via: [{ epoch: seconds }] }
calls:
  index: { get: "/rest/NAME.json", rows: $ }
  one:   { get: "/rest/NAME/{id}.json" }
list:
  call: index
  filter: { ownerId: owner }
  sort: { thingId: "order[id]", name: "order[title]", createdAt: "order[created]" }
  total: { walk: 30s }
read: { call: one, absent: [404] }
"#;
