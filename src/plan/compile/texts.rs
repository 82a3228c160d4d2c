//! The files that a plan was made of, each with a number for its text: what differs between two plans is told by them.

use super::cache::revision;
use crate::{
    pace::breathe,
    plan::Made,
    spec::{Doc, Files, words},
};
use std::collections::BTreeMap;

pub(super) fn made(files: &Files, config: &Doc<words::Config>) -> Made {
    let revision = revision(files, config);
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    hash.update(revision.as_bytes());
    hash.update(config.file.text.as_bytes());
    Made { digest: format!("{:016x}", hash.digest()), texts: texts(files), revision }
}

fn texts(files: &Files) -> BTreeMap<String, u64> {
    fn of<T>(doc: &Doc<T>) -> (String, u64) {
        breathe();
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
