//! Generated records are valid, stable for one id, and believable.

use super::*;
use crate::{
    fault::{Diagnostics, SourceFile},
    plan::contract::compile::compile,
    spec::{Doc, yaml},
};
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};

const PETHUB: &[&str] =
    &["breed", "customer", "medical-record", "pet", "public-profile", "service", "species"];

fn compiled(name: &str, text: String) -> Contract {
    let mut out = Diagnostics::new();
    let file = SourceFile::new(name, text);
    let node = yaml::parse(&file, &mut out).expect("a schema that can be read");
    let words = node.to_json();
    let doc = Doc { file, node: Arc::new(node), words: Arc::new(words) };
    compile(name, &doc, &mut out).unwrap_or_else(|| panic!("{name}: {out:?}"))
}

pub(super) fn contract(schema: &serde_json::Value) -> Contract {
    compiled("test.json", schema.to_string())
}

/// A contract of the demo.
pub(super) fn pethub(name: &str) -> Contract {
    let path = format!("{}/schemas/pethub/v1/{name}.json", env!("CARGO_MANIFEST_DIR"));
    compiled(&format!("pethub/v1/{name}.json"), std::fs::read_to_string(path).unwrap())
}

/// All that a contract can say here, in one.
fn all_words() -> Contract {
    contract(&json!({
        "title": "Everything", "type": "object", "additionalProperties": false, "required": ["id", "address", "tags"],
        "properties": {
            "id": { "type": "string", "format": "uuid", "readOnly": true },
            "address": { "$ref": "#/$defs/address" },
            "tags": { "type": "array", "minItems": 1, "maxItems": 4, "uniqueItems": true, "items": { "enum": ["a", "b", "c", "d"] } },
            "price": { "type": ["number", "null"], "minimum": 0.05, "maximum": 999.95, "multipleOf": 0.05 },
            "ratio": { "type": "number", "exclusiveMinimum": -1, "exclusiveMaximum": 1 },
            "pieces": { "type": "integer", "minimum": 1000, "multipleOf": 8 },
            "span": { "type": "string", "format": "duration" },
            "code": { "type": "string", "pattern": "^[A-Z]{3}-(x|yy)[0-9]*$", "maxLength": 9 },
            "short": { "type": "string", "minLength": 2, "maxLength": 3 },
            "extra": { "type": "object", "minProperties": 1, "additionalProperties": { "type": "integer" } },
            "choice": { "enum": ["one", "two", null] },
            "wrong": { "type": "string", "maxLength": 3, "examples": ["far too long"] }
        },
        "$defs": {
            "address": {
                "type": "object", "required": ["city"], "additionalProperties": false,
                "properties": { "city": { "type": "string", "minLength": 1 }, "zip": { "type": ["string", "null"] } }
            }
        }
    }))
}

fn all() -> Vec<Contract> {
    PETHUB.iter().map(|name| pethub(name)).chain([all_words()]).collect()
}

#[test]
fn every_record_is_valid() {
    for contract in all() {
        let sampler = Sampler::new(&contract);
        for seed in 0..2000 {
            let value = sampler.record(&seed.to_string());
            assert!(sampler.is_valid(&value), "{} of {}: {}", seed, contract.name, value.to_json());
        }
    }
}

#[test]
fn every_harsh_record_is_valid_and_keeps_to_what_is_promised() {
    for contract in all() {
        let sampler = Sampler::new(&contract);
        for seed in 0..2000 {
            let value = sampler.arbitrary(seed);
            let text = value.to_json();
            assert!(sampler.is_valid(&value), "{seed} of {}: {text}", contract.name);
            assert!(!text.contains("\\u0000") && !text.contains('\0'));
        }
    }
}

#[test]
fn every_case_is_valid() {
    for contract in all() {
        let sampler = Sampler::new(&contract);
        let all: Vec<Value> = cases(&contract, 1500).collect();
        assert_eq!(all.len(), 1500);
        assert!(all.iter().all(|value| sampler.is_valid(value)), "{}", contract.name);
        assert_eq!(all.get(..50), Some(&cases(&contract, 50).collect::<Vec<_>>()[..]));
    }
}

/// The samples of a contract are part of what a stub's callers see: they change only on purpose.
#[test]
fn samples_are_the_same_for_ever() {
    let contract = all_words();
    let mut text = String::new();
    for seed in 0..200 {
        text.push_str(&record(&contract, &seed.to_string()).to_json());
        text.push_str(&arbitrary(&contract, seed).to_json());
    }
    for value in cases(&contract, 200) {
        text.push_str(&value.to_json());
    }
    let print = xxhash_rust::xxh3::xxh3_64(text.as_bytes());
    assert_eq!(format!("{print:016x}"), "049f67e5dcc2d20d", "{}", record(&contract, "1").to_json());
}

#[test]
fn another_contract_or_seed_is_another_record() {
    let pet = pethub("pet");
    let distinct: BTreeSet<String> = (0..100).map(|seed| record(&pet, &seed.to_string()).to_json()).collect();
    assert!(distinct.len() > 98);
    let mut other = pethub("pet");
    other.name = "pethub/v2/pet.json".into();
    assert_ne!(record(&pet, "1"), record(&other, "1"));
}

fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Text(text) => drop(found.insert(text.as_str().into())),
        Value::List(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.iter().for_each(|(_, value)| texts(value, found)),
        _ => {}
    }
}

/// The texts at a dotted path; lists are passed through.
fn at(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match (value, path.split_once('.')) {
        (Value::List(items), _) => items.iter().for_each(|item| at(item, path, found)),
        (value, Some((first, rest))) => {
            if let Some(inner) = value.get(first) {
                at(inner, rest, found);
            }
        }
        (value, None) => {
            if let Some(inner) = value.get(path) {
                texts(inner, found);
            }
        }
    }
}

#[test]
fn cases_hold_every_choice() {
    use crate::plan::contract::Kind;
    for contract in all() {
        let all: Vec<Value> = cases(&contract, 500).collect();
        for member in contract.members() {
            let (Kind::Enum(choices), path) = (&member.kind, &member.path) else { continue };
            let mut found = BTreeSet::new();
            for value in &all {
                at(value, path, &mut found);
            }
            for choice in choices {
                assert!(found.contains(&**choice), "`{choice}` of {path} in {}", contract.name);
            }
        }
    }
}

#[test]
fn siblings_with_few_values_meet_in_all_combinations() {
    let mut seen = BTreeSet::new();
    for value in cases(&pethub("pet"), 1500) {
        let text = |name: &str| value.get(name).map(Value::to_json);
        seen.insert((text("species"), text("sex"), text("status")));
    }
    let full = seen.iter().filter(|(a, b, c)| a.is_some() && b.is_some() && c.is_some()).count();
    assert_eq!(full, 6 * 3 * 4);
}

#[test]
fn cases_go_to_the_edges() {
    let mut all = BTreeSet::new();
    let (mut empty, mut full, mut twice, mut bare) = (false, false, false, false);
    let mut numbers = BTreeSet::new();
    for value in cases(&pethub("pet"), 1500) {
        texts(&value, &mut all);
        if let Some(Value::List(colors)) = value.get("colors") {
            empty |= colors.is_empty();
            full |= colors.len() == 3;
            twice |= colors.len() > 1 && colors.first() == colors.last();
        }
        bare |= value.get("visibility") == Some(&Value::Object(Vec::new()));
        numbers.extend(value.at("weight.value").map(Value::to_json));
    }
    assert!(empty && full && twice && bare);
    assert!(numbers.contains("0.01") && numbers.contains("9999999999999.99"), "{numbers:?}");
    assert!(numbers.iter().all(|number| number.split_once('.').is_some_and(|(_, places)| places.len() == 2)));
    for edge in ["", "null", "[]", "9999-12-31", "2024-02-29", "1969-12-31T23:59:59Z", "2038-01-19T03:14:08Z"]
    {
        assert!(all.contains(edge), "{edge}");
    }
    assert!(all.contains(&"🐶".repeat(80)) && all.contains(&"x".repeat(4000)));
    assert!(all.iter().any(|text| text.contains('\u{1}')) && all.iter().any(|text| text.contains('\u{301}')));
}

#[test]
fn records_look_real() {
    let customer = pethub("customer");
    let breed = pethub("breed");
    let service = pethub("service");
    let pet = pethub("pet");
    let names: Vec<Value> = service.schema["examples"]
        .as_array()
        .unwrap()
        .iter()
        .map(|example| Value::from(&example["name"]))
        .collect();
    let (mut there, mut null, mut photos) = (0, 0, BTreeSet::new());
    for seed in 0..300 {
        let seed = seed.to_string();
        let customer = record(&customer, &seed);
        assert!(customer.get("email").and_then(Value::scalar).unwrap().contains('@'));
        if let Some(created) = customer.get("createdAt").and_then(Value::scalar) {
            assert!(("2023".."2027").contains(&&created[..4]) && created.ends_with('Z'), "{created}");
        }
        assert!(names.contains(record(&service, &seed).get("name").unwrap()));
        assert_ne!(record(&breed, &seed).get("name"), Some(&Value::Text("Willow".into())), "a pet's name");
        let pet = record(&pet, &seed);
        there += usize::from(pet.get("microchip").is_some());
        null += usize::from(pet.get("microchip") == Some(&Value::Null));
        if let Some(weight) = pet.at("weight.value") {
            let kilos = weight.scalar().unwrap().parse::<f64>().unwrap();
            assert!(
                (2.0..=40.0).contains(&kilos)
                    && weight.scalar().unwrap().split_once('.').unwrap().1.len() == 2
            );
        }
        if let Some(Value::List(all)) = pet.get("photos") {
            let url = |photo: &Value| photo.get("url").and_then(Value::scalar).map(str::to_owned);
            assert!(all.iter().filter_map(url).all(|url| url.starts_with("https://img.example/photo/")));
            photos.insert(all.len());
        }
    }
    assert!((210..=270).contains(&there), "four of five: {there}");
    assert!((20..=65).contains(&null), "one of six: {null}");
    assert_eq!(photos, BTreeSet::from([0, 1, 2, 3]));
}

/// The example is too long for its own schema; the member is there all the same.
#[test]
fn a_wrong_example_does_not_make_a_record_bare() {
    let contract = all_words();
    let full = (0..50).filter(|seed| record(&contract, &seed.to_string()).get("wrong").is_some()).count();
    assert!(full > 30, "four of five: {full}");
}

#[test]
fn members_that_depend_on_each_other_are_made_one_by_one() {
    let contract = contract(&json!({
        "title": "Bound", "type": "object", "required": ["kind"],
        "properties": {
            "kind": { "enum": ["a", "b"] },
            "note": { "type": "string", "maxLength": 40 }, "more": { "type": "string" }, "flag": { "type": "boolean" }
        },
        "dependentRequired": { "note": ["more"], "more": ["note"] },
        "if": { "properties": { "kind": { "const": "a" } } },
        "then": { "required": ["flag"], "properties": { "flag": { "const": true }, "note": { "const": "null" } } }
    }));
    let sampler = Sampler::new(&contract);
    let mut seen = BTreeSet::new();
    for seed in 0..200 {
        assert!(sampler.is_valid(&sampler.record(&seed.to_string())));
        let value = sampler.arbitrary(seed);
        assert!(sampler.is_valid(&value), "{}", value.to_json());
        seen.insert(value.to_json());
    }
    assert!(seen.len() > 30, "{}", seen.len());
    assert!(cases(&contract, 300).all(|value| sampler.is_valid(&value)));
}
