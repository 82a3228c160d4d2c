//! Filters and sorts without an index are found, and those with one are not.

use super::unindexed;
use crate::{
    fault::Diagnostics,
    plan::compile::compile,
    spec::{
        Files,
        load::{Tree, load},
    },
};
use std::{collections::BTreeMap, path::PathBuf};

const CONTRACT: &str = r#"{"$id":"shop/v1/pet.json","title":"Pet","type":"object","additionalProperties":false,
    "required":["petId","name","born"],"properties":{"petId":{"type":"string","readOnly":true},"name":{"type":"string"},
    "sex":{"enum":["male","female"]},"altered":{"type":"boolean"},"born":{"type":"string","format":"date"},
    "owner":{"type":["string","null"],"readOnly":true}}}"#;
const RESOURCE: &str = "resource: pets\ncontract: shop/v1/pet.json\nkey: petId\npath: /pets\noperations: [list, read]\n\
    access: public\norder: [petId]\nfilter: [sex, name, owner]\nsort: [name, born, petId]\ntotal: promised\n";
const BINDING: &str = "binds: pets\ntable: pets p\njoins: { o: { table: owners, on: { id: p.owner_id } } }\nfields:\n\
    \x20 petId: p.id\n\x20 name: p.name\n\x20 \"sex, altered\":\n\x20   from: p.code\n\x20   via:\n\x20     - table: \
    { MI: [male, false], MN: [male, true], FI: [female, false], FS: [female, true] }\n\x20 born: p.born\n\x20 owner: o.name\n";

/// The warnings for these migrations, as `line: message`.
fn check(name: &str, migrations: &[(&str, &str)]) -> Vec<String> {
    let root = std::env::temp_dir().join(format!("portico-indexes-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&root);
    for (at, (flavor, sql)) in migrations.iter().enumerate() {
        std::fs::create_dir_all(root.join(flavor)).unwrap();
        std::fs::write(root.join(flavor).join(format!("{at:04}_step.sql")), sql).unwrap();
    }
    let config = format!(
        "listen: [{{ address: 127.0.0.1:8080 }}]\npublicUrl: http://127.0.0.1:8080\napis: {{ shop/v1: {{ serve: {{ pets: sql }} }} }}\n\
         sources: {{ sql: {{ sql: {{ url: \"sqlite:store.db\", migrations: \"{}\" }} }} }}\n",
        root.display()
    );
    let api = "api: shop\nversion: v1\nbase: /v1\ntitle: Shop\n";
    let tree: BTreeMap<PathBuf, String> = [
        ("config/demo.yaml", config.as_str()),
        ("schemas/shop/v1/pet.json", CONTRACT),
        ("mappings/shop/v1/api.yaml", api),
        ("mappings/shop/v1/pets.yaml", RESOURCE),
        ("mappings/shop/v1/pets.sql.yaml", BINDING),
    ]
    .into_iter()
    .map(|(path, text)| (PathBuf::from(path), text.to_owned()))
    .collect();
    let mut out = Diagnostics::new();
    let files: Files = load(&Tree::Memory(tree), "config/demo.yaml".as_ref(), &mut out);
    let plan = compile(&files, &mut out);
    let plan = plan.unwrap_or_else(|| {
        panic!("{:?}", out.iter().map(crate::fault::Diagnostic::one_line).collect::<Vec<_>>())
    });
    let found = unindexed(&plan, &files);
    let _ = std::fs::remove_dir_all(&root);
    assert!(found.iter().all(|d| d.code == "M332" && d.file.name == "mappings/shop/v1/pets.sql.yaml"));
    found.iter().map(|d| format!("{}: {}", d.line_column().0, d.message)).collect()
}

const TABLE: &str =
    "CREATE TABLE pets (id TEXT PRIMARY KEY, name TEXT, code TEXT, born DATE, owner_id TEXT);";

#[test]
fn each_member_without_an_index_is_told_at_its_field() {
    assert_eq!(
        check("bare", &[("sqlite", TABLE)]),
        [
            "7: `pets` can be filtered by `sex`, and no index of `pets` begins with `code` (sqlite)",
            "6: `pets` can be filtered and sorted by `name`, and no index of `pets` begins with `name` (sqlite)",
            "11: `pets` can be sorted by `born`, and no index of `pets` begins with `born` (sqlite)",
        ]
    );
}

#[test]
fn an_index_in_any_file_of_a_folder_counts_and_every_folder_needs_one() {
    let later =
        "CREATE INDEX a ON pets (code, born); CREATE INDEX b ON PETS (name); CREATE INDEX c ON pets (born)";
    assert_eq!(check("later", &[("sqlite", TABLE), ("sqlite", later)]), [""; 0]);
    let found = check(
        "folders",
        &[
            ("sqlite", TABLE),
            ("sqlite", later),
            ("postgres", TABLE),
            ("postgres", "CREATE INDEX b ON pets (name, born)"),
        ],
    );
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().all(|f| f.ends_with("(postgres)")), "{found:?}");
}

#[test]
fn joined_tables_are_judged_too_and_unknown_ones_are_not() {
    let found = check("joined", &[("mariadb", "CREATE TABLE owners (id INT PRIMARY KEY, name TEXT)")]);
    assert_eq!(
        found,
        ["12: `pets` can be filtered by `owner`, and no index of `owners` begins with `name` (mariadb)"]
    );
    assert_eq!(check("none", &[]), [""; 0]);
}

/// The demo's own migrations serve all that its resources declare.
#[test]
fn the_demo_is_indexed() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Diagnostics::new();
    let files = load(&Tree::Disk, &root.join("config/demo.yaml"), &mut out);
    let plan = compile(&files, &mut out).unwrap();
    let found = unindexed(&plan, &files);
    assert!(
        found.is_empty(),
        "{:?}",
        found.iter().map(crate::fault::Diagnostic::one_line).collect::<Vec<_>>()
    );
}
