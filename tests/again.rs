//! What a reload reads and compiles again: files that are as they were are not read, what is wrong is told each time, and
//! contracts that are the same are shared between plans.

use portico::{
    control::difference::Difference,
    fault::Diagnostics,
    plan::{Plan, compile},
    spec::{
        Files,
        load::{self, Tree},
    },
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The project's files for the demo, in memory.
fn project() -> BTreeMap<PathBuf, String> {
    fn read(folder: &Path, root: &Path, files: &mut BTreeMap<PathBuf, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(&path, root, files);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                files.insert(path.strip_prefix(root).unwrap().to_owned(), text);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    for folder in ["mappings", "schemas", "config"] {
        read(&root.join(folder), root, &mut files);
    }
    files
}

fn taken(
    tree: &BTreeMap<PathBuf, String>,
    before: &Files,
    compiled: Option<&Plan>,
) -> (Files, Option<Plan>, Diagnostics) {
    let mut out = Diagnostics::new();
    let files = load::again(&Tree::Memory(tree.clone()), Path::new("config/demo.yaml"), before, &mut out);
    let plan = compile::again(&files, compiled, &mut out);
    out.sort();
    (files, plan, out)
}

fn change(tree: &mut BTreeMap<PathBuf, String>, file: &str, from: &str, to: &str) {
    let text = tree.get_mut(Path::new(file)).unwrap();
    assert!(text.contains(from), "`{from}` is not in {file} any more");
    *text = text.replacen(from, to, 1);
}

const PET: &str = "schemas/pethub/v1/pet.json";
const BINDING: &str = "mappings/pethub/v1/pets.drupal7.yaml";

#[test]
fn only_what_changed_is_read_and_compiled() {
    let mut tree = project();
    let (first, one, _) = taken(&tree, &Files::default(), None);
    change(&mut tree, PET, r#""maxLength": 80"#, r#""maxLength": 81"#);
    change(&mut tree, BINDING, "binds: pets", "# Said otherwise.\nbinds: pets");
    let one = one.unwrap();
    let (second, two, out) = taken(&tree, &first, Some(&one));
    let two = two.unwrap_or_else(|| panic!("{}", out.render_plain()));
    let (mut same, mut other) = (0, Vec::new());
    for (before, after) in first.contracts.iter().zip(&second.contracts) {
        assert_eq!(before.0, after.0);
        if Arc::ptr_eq(&before.1.words, &after.1.words) {
            same += 1;
        } else {
            other.push(after.1.file.name.clone());
        }
    }
    for (before, after) in first.bindings.iter().zip(&second.bindings) {
        assert_eq!((&before.api, &before.name), (&after.api, &after.name));
        if Arc::ptr_eq(&before.doc.words, &after.doc.words) {
            same += 1;
        } else {
            other.push(after.doc.file.name.clone());
        }
    }
    assert!(same > 40, "{same}");
    assert_eq!(other, [PET, BINDING]);
    // The plan is the one that would be made of all files anew, and says so of itself.
    let (_, anew, _) = taken(&tree, &Files::default(), None);
    let anew = anew.unwrap();
    assert_eq!(two.made.digest, anew.made.digest);
    assert!(Difference::between(&two, &anew).is_empty(), "{:?}", Difference::between(&two, &anew).lines());
    let lines = Difference::between(&one, &two).lines();
    assert!(
        lines.iter().any(|line| line.starts_with("changed resource pethub/v1/pets (contract")),
        "{lines:?}"
    );
    assert_eq!(lines, Difference::between(&one, &anew).lines());
    for resource in &two.resources {
        let before =
            one.resources.iter().find(|before| before.name == resource.name && before.api == resource.api);
        let shared = before.is_some_and(|before| Arc::ptr_eq(&before.contract, &resource.contract));
        assert_eq!(shared, resource.contract.name != "pethub/v1/pet.json", "{}", resource.name);
    }
}

#[test]
fn what_is_wrong_is_told_each_time() {
    let mut tree = project();
    let (good, plan, _) = taken(&tree, &Files::default(), None);
    let plan = plan.unwrap();
    change(&mut tree, BINDING, "binds: pets", "binds: pest");
    let (_, none, told) = taken(&tree, &good, Some(&plan));
    assert!(none.is_none());
    let text = told.render_plain();
    assert!(text.contains("pest"), "{text}");
    // What stood before it is what the next one begins with, and it is told again.
    assert_eq!(taken(&tree, &good, Some(&plan)).2.render_plain(), text);
    change(&mut tree, BINDING, "binds: pest", "binds: [pets");
    let (broken, none, told) = taken(&tree, &good, Some(&plan));
    assert!(none.is_none());
    assert_eq!(taken(&tree, &broken, Some(&plan)).2.render_plain(), told.render_plain());
    change(&mut tree, BINDING, "binds: [pets", "binds: pets");
    let (_, mended, told) = taken(&tree, &broken, Some(&plan));
    assert_eq!(mended.unwrap_or_else(|| panic!("{}", told.render_plain())).made.digest, plan.made.digest);
    // A warning of a file that is as it was is not lost.
    change(&mut tree, BINDING, "fixed: { type: pet }", "fixed: { type: pet, vid: 007 }");
    let (noted, _, told) = taken(&tree, &good, Some(&plan));
    assert!(told.render_plain().contains("first zeros are lost"), "{}", told.render_plain());
    assert_eq!(taken(&tree, &noted, Some(&plan)).2.render_plain(), told.render_plain());
}

#[test]
fn files_that_come_go_and_move() {
    let mut tree = project();
    let (good, plan, _) = taken(&tree, &Files::default(), None);
    let plan = plan.unwrap();
    let text = tree.remove(Path::new(BINDING)).unwrap();
    let (without, none, _) = taken(&tree, &good, Some(&plan));
    assert!(none.is_none() && without.bindings.len() + 1 == good.bindings.len());
    // The middle part of its name is the binding's: the same text under another name is another binding.
    tree.insert("mappings/pethub/v1/pets.other.yaml".into(), text);
    let (moved, none, _) = taken(&tree, &good, Some(&plan));
    assert!(none.is_none());
    assert!(moved.bindings.iter().any(|bound| bound.name == "other"));
    assert!(
        !moved.bindings.iter().any(|bound| bound.api == "pethub/v1"
            && bound.doc.words.binds == "pets"
            && bound.name == "drupal7")
    );
}
