//! The files that a plan was made of, each with a number for its text: what differs between two plans is told by them.

use crate::spec::{Doc, Files};
use std::collections::BTreeMap;

pub(super) fn texts(files: &Files) -> BTreeMap<String, u64> {
    fn of<T>(doc: &Doc<T>) -> (String, u64) {
        (doc.file.name.clone(), number(&doc.file.text))
    }
    let mut all = BTreeMap::new();
    all.extend(files.config.iter().map(of));
    all.extend(files.apis.iter().map(|(_, doc)| of(doc)));
    all.extend(files.resources.iter().map(|(_, doc)| of(doc)));
    all.extend(files.bindings.iter().map(|bound| of(&bound.doc)));
    all.extend(files.shortcuts.iter().map(|(_, doc)| of(doc)));
    all.extend(files.dialects.iter().map(of));
    all.extend(files.contracts.iter().map(|(_, doc)| of(doc)));
    all.extend(files.services.values().map(|file| (file.name.clone(), number(&file.text))));
    all
}

fn number(text: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(text.as_bytes())
}
