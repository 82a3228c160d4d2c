//! Guides that cannot rot: the example's files are proved as they are printed, and no word of the files that operators
//! write is missing from the guides.

use crate::support;
use portico::{
    fault::Diagnostics,
    plan::compile::compile,
    spec::load::{Tree, load},
    translate::law,
};
use std::{collections::BTreeSet, path::Path};

const EXAMPLE: &str = "docs/guides/map-a-system/";

#[test]
fn the_examples_files_are_sound() {
    let files = support::tree(EXAMPLE, &["mappings", "schemas", "config"]);
    let mut out = Diagnostics::new();
    let words = load(&Tree::Memory(files), Path::new("config/base.yaml"), &mut out);
    let plan = compile(&words, &mut out);
    assert_eq!(out.iter().count(), 0, "{}", out.render_plain());
    let plan = plan.unwrap();
    for (resource, binding) in &plan.bindings {
        let verdict = law::check(&plan.resource(*resource).unwrap().contract, binding, 500);
        let broken: Vec<String> = verdict.broken.iter().map(|broken| broken.member.clone()).collect();
        assert!(verdict.tried == 500 && broken.is_empty(), "{}: {broken:?}", binding.file);
    }
}

/// What the guide prints of a file is what stands in it.
#[test]
fn the_guide_prints_the_examples_files() {
    let guide = support::read("docs/guides/map-a-system.md");
    for name in support::below(EXAMPLE).iter().filter(|name| name.ends_with(".yaml")) {
        let text = support::read(name);
        // The first lines are for editors and people who open the file alone.
        let body: Vec<&str> = text.lines().skip_while(|line| line.starts_with('#')).collect();
        assert!(guide.contains(&body.join("\n")), "{name} is not printed as it is");
    }
}

#[test]
fn every_word_stands_in_a_guide() {
    let guides: String = support::below("docs/guides")
        .iter()
        .filter(|name| name.ends_with(".md"))
        .map(|name| support::read(name))
        .collect();
    let mut missing = BTreeSet::new();
    for kind in ["dialect", "binding", "resource", "config"] {
        let schema: serde_json::Value =
            serde_json::from_str(&support::read(&format!("schemas/portico/{kind}.json"))).unwrap();
        let mut words = BTreeSet::new();
        collect(&schema, &mut words);
        missing.extend(words.into_iter().filter(|word| !said(&guides, word)).map(|w| format!("{kind}: {w}")));
    }
    assert!(missing.is_empty(), "no guide says {missing:?}");
}

/// The names of a schema's properties.
fn collect(schema: &serde_json::Value, words: &mut BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(members) => {
            let own = members.get("properties").and_then(serde_json::Value::as_object);
            words.extend(own.into_iter().flat_map(|properties| properties.keys().cloned()));
            members.values().for_each(|value| collect(value, words));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        _ => {}
    }
}

/// Whether a word stands in the text as code, alone or as a key.
fn said(text: &str, word: &str) -> bool {
    ["`", ":"].iter().any(|end| {
        text.match_indices(&format!("{word}{end}")).any(|(at, _)| {
            let before = text.get(..at).and_then(|t| t.chars().last());
            before.is_some_and(|c| !c.is_alphanumeric() && c != '-')
        })
    })
}
