//! The project's own mapping files and contracts, compiled under a configuration of the benches' own. It opens no
//! connection and names no secret but the demo's.

use portico::{
    fault::Diagnostics,
    plan::{Plan, compile::compile},
    spec::load::{Tree, load},
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

const CONFIG: &str = r#"
listen: [{ address: 127.0.0.1:8080 }]
publicUrl: http://127.0.0.1:8080
apis:
  pethub/v1:
    serve:
      pets: drupal7
      customers: sql
      species: drupal7
      breeds: drupal7
      services: ezyvet
      appointments: ezyvet
      care-providers: ezyvet
      medical-records: stub
      adoptable-pets: shelterluv
      chips: animalid
      surveys: zigpoll
      consents: sql
      availability: ezyvet
      vaccinations: ezyvet
      survey-answers: zigpoll
sealing:
  key: { command: [echo, MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=] }
  index: { command: [echo, MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=] }
sources:
  drupal7:
    http: { address: "http://127.0.0.1:4101", plain: true, deadline: 5s, concurrency: 32 }
    credentials: { user: portico, password: { command: [echo, portico] } }
  ezyvet:
    http: { address: "http://127.0.0.1:4102", plain: true }
    credentials: { partner: portico, client: portico, secret: { command: [echo, portico] } }
  shelterluv:
    http: { address: "http://127.0.0.1:4103", plain: true }
    credentials: { key: { command: [echo, portico] } }
  animalid:
    http: { address: "http://127.0.0.1:4104", plain: true }
    credentials: { key: portico, secret: { command: [echo, portico] } }
  zigpoll:
    http: { address: "http://127.0.0.1:4107", plain: true }
    credentials: { key: { command: [echo, portico] } }
  sql:
    sql: { url: "sqlite::memory:", migrations: ../migrations/pethub }
  stub:
    stub: {}
"#;

/// Compiles the project's files.
pub fn plan() -> Plan {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    for folder in ["mappings", "schemas"] {
        read(&root.join(folder), &mut files);
    }
    let config = root.join("config/bench.yaml");
    files.insert(config.clone(), CONFIG.to_owned());
    let mut out = Diagnostics::new();
    let words = load(&Tree::Memory(files), &config, &mut out);
    let plan = compile(&words, &mut out);
    plan.unwrap_or_else(|| panic!("the project's files do not compile: {out:?}"))
}

fn read(folder: &Path, files: &mut BTreeMap<PathBuf, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, files);
        } else {
            files.insert(path.clone(), std::fs::read_to_string(&path).unwrap());
        }
    }
}
