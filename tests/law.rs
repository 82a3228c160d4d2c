//! The round-trip law finds what does not come back: the project's own files hold it, and each of these small
//! mistakes, none of which the compiler can see, breaks it at the member that it spoils.

use portico::{
    fault::Diagnostics,
    plan::compile::compile,
    spec::load::{Tree, load},
    translate::law,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// All text files below a folder of the project.
fn read(folder: &Path, files: &mut BTreeMap<PathBuf, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, files);
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            files.insert(path, text);
        }
    }
}

/// The members of `pets` that do not come back over a binding whose file is changed.
fn lost(binding: &str, from: &str, to: &str) -> (Vec<String>, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    for folder in ["mappings", "schemas", "config"] {
        read(&root.join(folder), &mut files);
    }
    let path = root.join(format!("mappings/pethub/v1/pets.{binding}.yaml"));
    let text = files.get_mut(&path).unwrap();
    assert!(from.is_empty() || text.contains(from), "`{from}` is not in the file any more");
    *text = text.replace(from, if from.is_empty() { "" } else { to });
    if from.is_empty() {
        files.insert(path.clone(), std::fs::read_to_string(&path).unwrap());
    }
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), &root.join("config/demo.yaml"), &mut out);
    let plan = compile(&files, &mut out).unwrap_or_else(|| panic!("{}", out.render_plain()));
    let (resource, found) =
        plan.bindings.iter().find(|(_, b)| b.file.ends_with(&format!("pets.{binding}.yaml"))).unwrap();
    let verdict = law::check(&plan.resource(*resource).unwrap().contract, found, 700);
    assert_eq!(verdict.tried, 700);
    (verdict.broken.into_iter().map(|broken| broken.member).collect(), verdict.uncoded)
}

#[test]
fn the_projects_own_mappings_bring_every_value_back() {
    for binding in ["drupal7", "sql", "ezyvet"] {
        assert_eq!(lost(binding, "", ""), (Vec::new(), Vec::new()), "{binding}");
    }
}

#[test]
fn halves_that_do_not_meet_are_found() {
    let date = r#"via: [{ date: "%Y-%m-%d 00:00:00" }]"#;
    let halves = r#"read: [{ date: "%Y-%m-%d 00:00:00" }], write: [{ date: "%Y-%d-%m 00:00:00" }]"#;
    assert_eq!(lost("drupal7", date, halves).0, ["birthDate"]);
}

#[test]
fn a_blank_that_is_a_value_is_found() {
    let breed = "breed.secondary: p.breed_secondary";
    let blank = r#"breed.secondary: { from: p.breed_secondary, blank: "" }"#;
    assert_eq!(lost("sql", breed, blank).0, ["breed.secondary"]);
}

#[test]
fn digits_that_a_column_cannot_keep_are_found() {
    assert_eq!(lost("sql", "scaled: 2", "scaled: 1").0, ["weight.value"]);
}

#[test]
fn a_combination_without_a_code_is_named() {
    let (lost, uncoded) = lost("sql", "          UI: [null, false]\n", "");
    assert_eq!(lost, Vec::<String>::new());
    assert_eq!(uncoded, ["`sex` = null, `altered` = false"]);
}
