//! What cannot be imported is told with its place and its cure, and nothing is written.

use super::Folder;
use crate::support;
use portico::{
    fault::Diagnostics,
    import::{self, Wish, write::Present},
};

/// What is told of a document, and of one line of it.
fn told(name: &str, text: &str) -> String {
    let folder = Folder::new(name);
    let path = folder.0.join("document.yaml");
    std::fs::write(&path, text).unwrap();
    let mut out = Diagnostics::new();
    assert!(import::openapi::read(&path, &Wish::default(), &mut out).is_none(), "{name}");
    let first = out.iter().next().unwrap();
    let (line, column) = first.line_column();
    format!(
        "{} at {line}:{column}: {}; {}",
        first.code,
        first.message,
        first.hint.as_deref().unwrap_or_default()
    )
}

#[test]
fn documents_that_are_none_are_refused_at_their_place() {
    let cases = [
        (
            "none",
            "title: Parts\nendpoints: [/parts]\n",
            "M611 at 1:1: this is no OpenAPI document; it begins with",
        ),
        ("next", "openapi: 4.0.0\npaths: {}\n", "M611 at 1:1: this is no OpenAPI document"),
        ("yaml", "openapi: [3\n", "M001 at"),
        (
            "remote",
            "openapi: 3.1.0\npaths:\n  /a:\n    get: { $ref: 'https://example.com/a.yaml' }\n",
            "M612 at 4:18: `https://example.com/a.yaml` leads out of this document; put all into one file first",
        ),
        (
            "dangling",
            "openapi: 3.1.0\npaths:\n  /a: { $ref: '#/nothing' }\n",
            "M612 at 3:15: `#/nothing` leads to nothing",
        ),
        ("empty", "openapi: 3.1.0\npaths: {}\n", "M613 at 1:1: nothing here is a list or a record"),
    ];
    for (name, text, expected) in cases {
        let found = told(name, text);
        assert!(found.starts_with(expected), "{name}: {found}");
    }
}

#[test]
fn a_missing_file_is_told() {
    let mut out = Diagnostics::new();
    assert!(import::openapi::read("nowhere.yaml".as_ref(), &Wish::default(), &mut out).is_none());
    assert!(import::wsdl::read("nowhere.wsdl".as_ref(), &Wish::default(), &mut out).is_none());
    let lines: Vec<String> = out.iter().map(portico::fault::Diagnostic::one_line).collect();
    assert!(lines[0].starts_with("nowhere.yaml:1:1: error[M021]: this file cannot be read"), "{lines:?}");
    assert!(lines[1].starts_with("nowhere.wsdl:1:1: error[M021]: this file cannot be read"), "{lines:?}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let folder = Folder::new("absent");
    let path = folder.0.join("absent.db");
    let mut out = Diagnostics::new();
    assert!(
        import::sql::read(&format!("sqlite:{}", path.display()), &Wish::default(), &mut out).await.is_none()
    );
    assert!(out.iter().next().unwrap().message.starts_with("there is no file"), "{}", out.render_plain());
    assert!(!path.exists());
    let mut out = Diagnostics::new();
    assert!(import::sql::read("oracle:xe", &Wish::default(), &mut out).await.is_none());
    assert_eq!(out.iter().next().unwrap().code, "M611");
}

#[test]
fn a_name_that_is_not_wanted_is_told_with_those_that_are() {
    let mut out = Diagnostics::new();
    let wish = Wish { only: vec!["cats".into()], ..Wish::default() };
    assert!(import::openapi::read(&support::at("tests/import/petstore.json"), &wish, &mut out).is_none());
    let hint = out.iter().find(|d| d.code == "M613").unwrap().hint.clone().unwrap();
    assert_eq!(hint, "`--only` can name: pets, inventory, orders");
}

#[test]
fn no_file_is_overwritten_unless_it_is_said() {
    let folder = Folder::new("there");
    let (project, ..) = super::document("fleet.json", &folder);
    let kept = folder.0.join("mappings/fleet/v1/depots.fleet.yaml");
    std::fs::write(&kept, "mine").unwrap();
    std::fs::remove_file(folder.0.join("config/fleet.yaml")).unwrap();
    let refused = import::write(&project, &folder.0, Present::Kept).unwrap_err().to_string();
    assert!(refused.contains("depots.fleet.yaml") && !refused.contains("config/fleet.yaml"), "{refused}");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "mine");
    assert!(!folder.0.join("config/fleet.yaml").exists(), "nothing at all is written");
    import::write(&project, &folder.0, Present::Replaced).unwrap();
    assert!(std::fs::read_to_string(&kept).unwrap().contains("binds: depots"));
}
