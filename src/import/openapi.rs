//! An `OpenAPI` document to a project: paths in pairs of a collection and its records become resources. What the
//! document does not say is guessed by the names that are usual, and told.

mod dialect;
mod document;
pub(super) mod paging;
mod pairs;
mod resource;
mod schema;

use super::project::{Address, Dialect, Project, Resource, Wish};
use crate::fault::{Diagnostic, Diagnostics, mapping as m};
use document::Document;
use paging::Pages;
use serde_json::{Map, Value};
use std::path::Path;

/// Reads a document. What is left out is told as warnings; nothing comes of it where there is an error.
pub fn read(path: &Path, wish: &Wish, out: &mut Diagnostics) -> Option<Project> {
    let doc = Document::read(path, out)?;
    let origin = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let source = wish.source(&stem);
    let pairs = pairs::pairs(&doc, out);
    let mut place = dialect::place(&doc, &source);
    let first = pairs.iter().find_map(|pair| pair.list.or(pair.read));
    let proof = dialect::proof(&doc, first, &place);
    let bare = proof.bare;
    let base = if bare { place.base.clone() } else { String::new() };
    let mut found: Vec<(Resource, Pages)> = Vec::new();
    for pair in &pairs {
        let name = pair.name();
        if !wish.wants(&name) {
            continue;
        }
        if found.iter().any(|(known, _)| known.name == name) {
            let message = format!("another path is the resource `{name}` already: left out");
            doc.left_out(pair.collection, message, "write it by hand, under another name", out);
            continue;
        }
        found.extend(resource::resource(&doc, pair, &base, out));
    }
    if found.is_empty() {
        let message = "nothing here is a list or a record that a resource could be made of";
        let hint = if wish.only.is_empty() {
            "a resource needs a `get` at `/things` or `/things/{id}` whose answer in JSON has a schema"
                .to_owned()
        } else {
            let names: Vec<String> = pairs.iter().map(pairs::Pair::name).collect();
            format!("`--only` can name: {}", names.join(", "))
        };
        out.push(Diagnostic::error(m::NOTHING_FOUND, &doc.file, 0..0, message).with_hint(hint));
        return None;
    }
    let operations: Vec<_> = pairs.iter().flat_map(pairs::Pair::operations).collect();
    let errors = dialect::errors(&operations);
    let (dialects, resources) = dialects(found, &proof, &errors);
    let text = |pointer: &str| doc.json.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let address = if bare { place.origin.clone() } else { format!("{}{}", place.origin, place.base) };
    Some(Project {
        origin,
        kind: "openapi",
        api: wish.api(&source),
        title: text("/info/title").unwrap_or_else(|| source.clone()),
        source,
        address: Address::Http(address),
        credentials: proof.credentials,
        dialects,
        resources,
        copies: Vec::new(),
        notes: std::mem::take(&mut place.notes),
    })
}

/// Lists that come in the same pages share a dialect; the first is that of most.
fn dialects(
    found: Vec<(Resource, Pages)>,
    proof: &dialect::Proof,
    errors: &Map<String, Value>,
) -> (Vec<Dialect>, Vec<Resource>) {
    let mut styles: Vec<(Map<String, Value>, Vec<String>, usize)> = Vec::new();
    for (_, pages) in found.iter().filter(|(resource, _)| resource.has("list")) {
        match styles.iter_mut().find(|(words, ..)| *words == pages.words) {
            Some((.., many)) => *many += 1,
            None => styles.push((pages.words.clone(), pages.notes.clone(), 1)),
        }
    }
    styles.sort_by_key(|(.., many)| std::cmp::Reverse(*many));
    if styles.is_empty() {
        styles.push((Map::new(), Vec::new(), 0));
    }
    let made = |(paging, notes, _): &(Map<String, Value>, Vec<String>, usize)| {
        let mut words = Map::new();
        words.insert("format".into(), "json".into());
        if !paging.is_empty() {
            words.insert("paging".into(), Value::Object(paging.clone()));
        }
        words.extend(proof.words.clone());
        if !errors.is_empty() {
            words.insert("errors".into(), Value::Object(errors.clone()));
        }
        Dialect { words, notes: notes.iter().chain(&proof.notes).cloned().collect() }
    };
    let dialects = styles.iter().map(made).collect();
    let numbered = |(mut resource, pages): (Resource, Pages)| {
        let own = styles.iter().position(|(words, ..)| resource.has("list") && *words == pages.words);
        resource.dialect = Some(own.unwrap_or(0));
        resource
    };
    (dialects, found.into_iter().map(numbered).collect())
}
