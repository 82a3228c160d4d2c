//! What is asked for: every resource's lists and records, those that stand below others too, with the filters, orders
//! and members that its files declare; and shortcuts.

use super::dice::Dice;
use crate::{
    embedded::ask::{Desk, rows},
    support,
};
use portico::{
    fault::Diagnostics,
    spec::{
        load::{Tree, load},
        words::resource::Operation,
    },
};
use serde_json::Value;
use std::{collections::BTreeMap, path::Path};

/// One path, with parameters that mean something there.
pub struct Target {
    pub path: String,
    /// A list, or else a record, that stands for all of its kind: who is answered there is mostly answered here.
    pub like: String,
    /// `name=value`, of which some are taken.
    pub parameters: Vec<String>,
    pub needed: Vec<String>,
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn members(record: &Value) -> Vec<String> {
    record.as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default()
}

/// Some parameters of a list whose records are these.
fn parameters(records: &[Value], filters: &[String], sorts: &[String]) -> Vec<String> {
    let mut found =
        vec!["limit=3".to_owned(), "limit=100".to_owned(), "offset=2".to_owned(), "count=false".to_owned()];
    for name in filters {
        let values = records
            .iter()
            .filter_map(|one| one.pointer(&format!("/{}", name.replace('.', "/"))).and_then(text));
        found.extend(
            values.take(3).map(|value| format!("{name}={}", value.replace('&', "%26").replace(' ', "+"))),
        );
    }
    found.extend(sorts.iter().flat_map(|name| [format!("sort={name}"), format!("sort=-{name}")]));
    if let Some(first) = records.first() {
        let names = members(first);
        found.push(format!("fields={}", names.iter().take(2).cloned().collect::<Vec<_>>().join(",")));
        found.extend(names.last().map(|name| format!("fields={name}")));
    }
    found
}

/// All of them, as an operator finds them.
pub async fn all(desk: &Desk) -> Vec<Target> {
    let mut out = Diagnostics::new();
    let files = support::tree("", &["mappings", "schemas", "config"]);
    let files = load(&Tree::Memory(files), Path::new("config/demo.yaml"), &mut out);
    let mut resources: Vec<_> = files.resources.iter().collect();
    resources.sort_by_key(|(_, doc)| doc.words.path.contains('{'));
    let (mut found, mut keys): (Vec<Target>, BTreeMap<String, Vec<String>>) = (Vec::new(), BTreeMap::new());
    for (api, doc) in resources {
        let words = &doc.words;
        let base = &files.apis.iter().find(|(id, _)| id == api).unwrap().1.words.base;
        let mut paths = Vec::new();
        if let Some((owner, rest)) = words.path.split_once("/{") {
            let name = rest.split_once('}').unwrap().1;
            let parents = keys.get(&format!("{base}{owner}")).cloned().unwrap_or_default();
            paths.extend(parents.iter().take(6).map(|key| format!("{base}{owner}/{key}{name}")));
        } else {
            paths.push(format!("{base}{}", words.path));
        }
        let like = paths.first().cloned().unwrap_or_default();
        for path in paths {
            let like = like.clone();
            let mut known = Vec::new();
            let lists =
                words.operations.contains(&Operation::List) && !words.single && words.require.is_empty();
            if lists {
                known = rows(&desk.get(&format!("{path}?limit=40")).await);
                let (filters, sorts) = (words.filter.clone(), words.sort.clone());
                let parameters = parameters(&known, &filters, &sorts);
                found.push(Target { path: path.clone(), like: like.clone(), parameters, needed: Vec::new() });
            } else {
                found.push(Target {
                    path: path.clone(),
                    like: like.clone(),
                    parameters: Vec::new(),
                    needed: Vec::new(),
                });
            }
            let Some(key) = words.key.as_ref().filter(|_| !words.single) else { continue };
            for record in known.iter().take(12) {
                let Some(id) = record[key.as_str()].as_str() else { continue };
                keys.entry(path.clone()).or_default().push(id.to_owned());
                let names = members(record);
                let fields = names.iter().map(|name| format!("fields={name}")).take(5).collect();
                found.push(Target {
                    path: format!("{path}/{id}"),
                    like: like.clone(),
                    parameters: fields,
                    needed: Vec::new(),
                });
            }
        }
    }
    for pet in keys.get("/v1/pets").into_iter().flatten().take(8) {
        found.push(Target {
            path: format!("/v1/pets/{pet}/publicProfile"),
            like: "/v1/pets".to_owned(),
            parameters: vec!["fields=*".to_owned()],
            needed: Vec::new(),
        });
    }
    let asked = ["service=grooming", "service=1"];
    found.push(Target {
        path: "/v1/availability".to_owned(),
        like: "/v1/services".to_owned(),
        parameters: asked.iter().map(|one| (*one).to_owned()).collect(),
        needed: vec!["date=2026-11-23".to_owned()],
    });
    assert!(found.len() > 100, "{} targets", found.len());
    found
}

impl Target {
    /// With some of its parameters.
    pub fn asked(&self, dice: &mut Dice) -> Vec<String> {
        let mut asked = self.needed.clone();
        for _ in 0..dice.below(4) {
            if self.parameters.is_empty() {
                break;
            }
            let one = dice.pick(&self.parameters);
            let name = |one: &str| one.split('=').next().unwrap_or_default().to_owned();
            if !asked.iter().any(|other| name(other) == name(one)) {
                asked.push(one.clone());
            }
        }
        asked
    }
}
