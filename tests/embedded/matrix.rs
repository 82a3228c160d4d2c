//! Who may see what: every role over every resource, operation and member of the demo's APIs, measured against what
//! the files declare. The declaration is read from the operator's words, and the records are all that there are;
//! neither the plan nor the road is believed.

use super::{
    ask::{Answer, Desk, and, rows},
    judge::{member, text},
};
use crate::support::{self, caller::described};
use portico::{
    fault::Diagnostics,
    identity::Caller,
    spec::{
        load::{Tree, load},
        words::{
            Access, OneOrMany, Resource, Scalar,
            access::{Grant, May, Rules, Sum},
            resource::Operation,
        },
    },
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

/// A resource with the path of one collection of it.
struct Shelf {
    words: Arc<Resource>,
    /// Below the API's base and, where there is one, a parent.
    path: String,
    /// The resource and the record that it stands below.
    parent: Option<(String, Value)>,
    /// All records.
    all: Vec<Value>,
}

struct Who {
    role: &'static str,
    claim: Option<(&'static str, String)>,
    caller: Arc<Caller>,
}

fn grant<'w>(words: &'w Resource, role: &str) -> Option<&'w Grant> {
    match &words.access {
        Access::Ruled(rules) => rules.roles.get(role),
        Access::Open(_) => None,
    }
}

fn rules(words: &Resource) -> Option<&Rules> {
    match &words.access {
        Access::Ruled(rules) => Some(rules),
        Access::Open(_) => None,
    }
}

fn is_public(words: &Resource, operation: Operation) -> bool {
    rules(words).is_none_or(|rules| rules.public.contains(&operation))
}

fn may(words: &Resource, role: &str, operation: Operation) -> bool {
    grant(words, role).is_some_and(|grant| match &grant.may {
        May::Sum(Sum::All) => true,
        May::Sum(Sum::Read) => !operation.is_write(),
        May::Each(each) => each.contains(&operation),
    })
}

fn meets(record: &Value, having: &indexmap::IndexMap<String, OneOrMany<Scalar>>) -> bool {
    having.iter().all(|(name, values)| {
        values.iter().any(|value| {
            let wanted = match value {
                Scalar::Bool(truth) => json!(truth),
                Scalar::Text(text) => json!(text),
                other => panic!("{other:?}"),
            };
            member(record, name) == Some(&wanted)
        })
    })
}

fn holds(record: &Value, name: &str, wanted: &str) -> bool {
    match member(record, name) {
        Some(Value::Array(items)) => items.iter().any(|item| text(item) == wanted),
        Some(value) => text(value) == wanted,
        None => false,
    }
}

/// Whether a record is among those that the files let somebody see.
fn sees(shelves: &BTreeMap<String, Shelf>, words: &Resource, who: &Who, record: &Value) -> bool {
    let Some(grant) = grant(words, who.role) else { return false };
    let claim = who.claim.as_ref().map_or("", |(_, value)| value);
    let own = grant.own.as_ref().is_none_or(|name| holds(record, name, claim));
    let led = grant.through.as_ref().is_none_or(|all| {
        all.iter().any(|through| {
            let other = &shelves[&through.resource];
            let wanted =
                text(member(record, through.member.as_ref().or(words.key.as_ref()).unwrap()).unwrap());
            other.all.iter().any(|theirs| {
                holds(theirs, &through.by, &wanted)
                    && meets(theirs, &through.having)
                    && sees(shelves, &other.words, who, theirs)
            })
        })
    });
    own && led && meets(record, &grant.having)
}

/// The members at the top that are shown.
fn shown(words: &Resource, role: &str, all: &BTreeSet<String>) -> BTreeSet<String> {
    match grant(words, role).and_then(|grant| grant.fields.as_ref()) {
        None => all.clone(),
        Some(names) => {
            let tops = names.iter().map(|name| name.split('.').next().unwrap().to_owned());
            tops.chain(words.key.clone()).collect()
        }
    }
}

/// What tells a record from the others: its key, or all of it where it has none.
fn id(words: &Resource, record: &Value) -> String {
    words.key.as_ref().map_or_else(|| record.to_string(), |key| text(member(record, key).unwrap()))
}

fn names(record: &Value) -> BTreeSet<String> {
    record.as_object().unwrap().keys().cloned().collect()
}

async fn all(desk: &Desk, path: &str) -> Vec<Value> {
    let mut found = Vec::new();
    loop {
        let body = desk.get(&format!("{path}?limit=100&count=false&offset={}", found.len())).await;
        let page = rows(&body);
        let full = page.len() == 100;
        found.extend(page);
        if !full {
            return found;
        }
    }
}

fn refused(answer: &Answer, status: u16, code: &str) -> bool {
    answer.status == status && answer.body["code"] == code
}

#[tokio::test(flavor = "multi_thread")]
async fn every_role_sees_what_the_files_declare_and_nothing_else() {
    let desk = Desk::open().await;
    let customers = customers(&desk).await;
    let mut out = Diagnostics::new();
    let files = support::tree("", &["mappings", "schemas", "config"]);
    let files = load(&Tree::Memory(files), Path::new("config/demo.yaml"), &mut out);
    let mut shelves = BTreeMap::new();
    let mut parents: BTreeMap<String, (String, String, Value)> = BTreeMap::new();
    // Parents come first, so that there is one to stand below.
    let mut resources: Vec<_> = files.resources.iter().collect();
    resources.sort_by_key(|(_, doc)| doc.words.path.contains('{'));
    for (api, doc) in resources {
        let words = doc.words.clone();
        if words.single || !words.require.is_empty() {
            // One record that has no list, and lists that need a question, are asked for elsewhere.
            continue;
        }
        let base = &files.apis.iter().find(|(id, _)| id == api).unwrap().1.words.base;
        let mut path = format!("{base}{}", words.path);
        let mut parent = None;
        if let Some((owner, rest)) = words.path.split_once("/{") {
            let name = rest.split_once('}').unwrap().1;
            let (resource, key, record) = &parents[owner];
            path = format!("{base}{owner}/{key}{name}");
            parent = Some((resource.clone(), record.clone()));
        }
        let listed = words.operations.contains(&Operation::List);
        let all = if listed { all(&desk, &path).await } else { Vec::new() };
        if let Some(first) = all.first() {
            let key = id(&words, first);
            parents.insert(words.path.clone(), (words.resource.clone(), key, first.clone()));
        }
        shelves.insert(words.resource.clone(), Shelf { words, path, parent, all });
    }
    let told = measure(&desk, &shelves, &customers).await;
    assert!(told.is_empty(), "{} differ:\n  {}", told.len(), told.join("\n  "));
}

/// Two customers of our own store, the first of whom shares a pet's medical records with every provider but the first.
async fn customers(desk: &Desk) -> Vec<String> {
    let mut made = Vec::new();
    for name in ["Ada", "Zoe"] {
        let body = json!({ "givenName": name, "familyName": "Wood", "email": format!("{name}@example.org") });
        let answer = desk.ask("POST", "/v1/customers", Some(body)).await;
        made.push(text(&answer.body["customerId"]));
    }
    let providers = all(desk, "/v1/care-providers").await;
    let pets = all(desk, "/v1/pets").await;
    for (provider, pet) in providers.iter().skip(1).zip(&pets) {
        let body = json!({
            "purpose": "medicalRecords", "petId": pet["petId"], "providerId": provider["providerId"],
        });
        let answer = desk.ask("POST", &format!("/v1/customers/{}/consents", made[0]), Some(body)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    made
}

async fn measure(desk: &Desk, shelves: &BTreeMap<String, Shelf>, customers: &[String]) -> Vec<String> {
    let mut told = Vec::new();
    let mut measured = 0;
    for who in everyone(shelves, customers) {
        for shelf in shelves.values() {
            let words = &shelf.words;
            let named = format!("{} {:?} {}", who.role, who.claim, words.resource);
            let here = rules(words).is_none_or(|rules| rules.roles.contains_key(who.role));
            let all_names: BTreeSet<String> = shelf.all.iter().flat_map(names).collect();
            let visible: Vec<&Value> =
                shelf.all.iter().filter(|record| sees(shelves, words, &who, record)).collect();
            let public = is_public(words, Operation::List);
            // What stands below a record that does not exist for them does not either.
            let below = shelf.parent.as_ref().is_some_and(|(resource, record)| {
                let owner = &shelves[resource];
                !is_public(&owner.words, Operation::Read) && !sees(shelves, &owner.words, &who, record)
            });
            if words.operations.contains(&Operation::List) {
                measured += 1;
                let answer =
                    desk.ask_as(&who.caller, "GET", &format!("{}?limit=100", shelf.path), None).await;
                if public || may(words, who.role, Operation::List) {
                    let expected: Vec<&Value> =
                        if public { shelf.all.iter().collect() } else { visible.clone() };
                    let key = |record: &Value| id(words, record);
                    let wanted: Vec<String> = expected.iter().take(100).map(|record| key(record)).collect();
                    if below {
                        if !refused(&answer, 404, "F112") {
                            told.push(format!("{named}: below what is not there, {}", answer.status));
                        }
                    } else {
                        if answer.status != 200 {
                            told.push(format!("{named}: the list is {}", answer.body));
                            continue;
                        }
                        let came = rows(&answer.body);
                        let keys: Vec<String> = came.iter().map(key).collect();
                        if keys != wanted {
                            told.push(format!("{named}: listed {keys:?}, declared {wanted:?}"));
                        }
                        let allowed =
                            if public { all_names.clone() } else { shown(words, who.role, &all_names) };
                        for record in &came {
                            let more: Vec<String> = names(record).difference(&allowed).cloned().collect();
                            if !more.is_empty() {
                                told.push(format!("{named}: shows {more:?}"));
                            }
                        }
                        let total = &answer.body["metadata"]["totalCount"];
                        if total.is_u64() && *total != json!(expected.len()) {
                            told.push(format!("{named}: counts {total}, declared {}", expected.len()));
                        }
                    }
                } else {
                    let expected = if who.caller.is_anonymous() { (401, "F211") } else { (403, "F222") };
                    if !refused(&answer, expected.0, expected.1) {
                        told.push(format!("{named}: the list is {} {}", answer.status, answer.body["code"]));
                    }
                }
            }
            measured += members(desk, shelf, &who, &all_names, &mut told).await;
            let visible = if below { Vec::new() } else { visible };
            measured += records(desk, shelf, &who, &visible, here, &mut told).await;
        }
    }
    assert!(measured > 1000, "only {measured} were measured");
    told
}

/// Every member by name, in `fields`: what is not shown is unknown.
async fn members(
    desk: &Desk,
    shelf: &Shelf,
    who: &Who,
    all: &BTreeSet<String>,
    told: &mut Vec<String>,
) -> usize {
    let words = &shelf.words;
    if !may(words, who.role, Operation::List) || is_public(words, Operation::List) {
        return 0;
    }
    let allowed = shown(words, who.role, all);
    for name in all {
        let target = format!("{}?limit=1&count=false&fields={name}", shelf.path);
        let answer = desk.ask_as(&who.caller, "GET", &target, None).await;
        let unknown = refused(&answer, 400, "F416");
        if unknown == allowed.contains(name) {
            told.push(format!("{} {}: `{name}` is {}", who.role, words.resource, answer.status));
        }
        if words.filter.contains(name) && !allowed.contains(name) {
            let target = format!("{}{}{name}=1", shelf.path, and(&shelf.path));
            let answer = desk.ask_as(&who.caller, "GET", &target, None).await;
            if !refused(&answer, 400, "F412") {
                told.push(format!("{} {}: filters by `{name}`", who.role, words.resource));
            }
        }
        if words.sort.contains(name) && !allowed.contains(name) {
            let target = format!("{}{}sort={name}", shelf.path, and(&shelf.path));
            let answer = desk.ask_as(&who.caller, "GET", &target, None).await;
            if !refused(&answer, 400, "F421") {
                told.push(format!("{} {}: sorts by `{name}`", who.role, words.resource));
            }
        }
    }
    all.len()
}

/// Some records that are theirs and some that are not, in every operation that changes nothing.
async fn records(
    desk: &Desk,
    shelf: &Shelf,
    who: &Who,
    visible: &[&Value],
    here: bool,
    told: &mut Vec<String>,
) -> usize {
    let words = &shelf.words;
    if words.key.is_none() {
        return 0;
    }
    let mut measured = 0;
    let hidden = shelf.all.iter().filter(|record| !visible.contains(record));
    let sample = visible.iter().take(2).copied().chain(hidden.take(2));
    for record in sample {
        let theirs = visible.contains(&record);
        let target = format!("{}/{}", shelf.path, id(words, record));
        for (operation, method) in [
            (Operation::Read, "GET"),
            (Operation::Patch, "PATCH"),
            (Operation::Replace, "PUT"),
            (Operation::Delete, "DELETE"),
        ] {
            if !words.operations.contains(&operation) || (theirs && operation.is_write() && here) {
                continue;
            }
            measured += 1;
            let body = matches!(method, "PATCH" | "PUT").then(|| json!({}));
            let answer = desk.ask_as(&who.caller, method, &target, body).await;
            let fits = if is_public(words, operation) {
                answer.status == 200
            } else if who.caller.is_anonymous() {
                refused(&answer, 401, "F211")
            } else if !may(words, who.role, operation) {
                refused(&answer, 403, "F222")
            } else if theirs {
                answer.status == 200
            } else {
                refused(&answer, 404, "F112")
            };
            if !fits {
                let (status, code) = (answer.status, &answer.body["code"]);
                told.push(format!("{} {method} {target} (theirs: {theirs}): {status} {code}", who.role));
            }
        }
    }
    measured
}

/// Every role; those that are tied to records twice, with different ones, and once with nothing.
fn everyone(shelves: &BTreeMap<String, Shelf>, customers: &[String]) -> Vec<Who> {
    let two = |resource: &str, name: &str| -> Vec<String> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for record in &shelves[resource].all {
            if let Some(value) = member(record, name) {
                *counts.entry(text(value)).or_default() += 1;
            }
        }
        let mut found: Vec<_> = counts.into_iter().collect();
        found.sort_by_key(|(value, count)| (*count, value.clone()));
        assert!(found.len() >= 2, "{resource} by {name}");
        vec![found[0].0.clone(), found[found.len() / 2].0.clone()]
    };
    let mut all = Vec::new();
    let mut add = |role: &'static str, claim: Option<(&'static str, String)>| {
        let claims = claim.as_ref().map(|(name, value)| format!("{name}:{value}")).unwrap_or_default();
        all.push(Who { role, claim, caller: described(role, &claims, None) });
    };
    for role in ["none", "admin", "vendor", "inventory-manager", "stranger"] {
        add(role, None);
    }
    for id in two("appointments", "customerId").iter().chain(customers) {
        add("owner", Some(("customer", id.clone())));
    }
    for id in two("appointments", "providerId") {
        for role in ["groomer", "vet", "provider"] {
            add(role, Some(("provider", id.clone())));
        }
    }
    for id in two("schools", "schoolId") {
        add("school-staff", Some(("school", id)));
    }
    for id in two("orders", "supplierId") {
        add("partner", Some(("partner", id)));
    }
    all
}
