//! What was read the last time, by the names of the files: one whose text is the same says the same.

use crate::spec::{Bound, Doc, Files, words};
use std::collections::HashMap;

/// What a file says, by what it says that it is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Words<'a> {
    Config(&'a Doc<words::Config>),
    Api(&'a Doc<words::Api>),
    Resource(&'a Doc<words::Resource>),
    Binding(&'a Doc<words::Binding>),
    Shortcut(&'a Doc<words::Shortcut>),
    Dialect(&'a Doc<words::Dialect>),
    Contract(&'a Doc<serde_json::Value>),
}

/// Each file with its text.
#[derive(Debug, Default)]
pub(super) struct Known<'a>(HashMap<&'a str, (&'a str, Words<'a>)>);

impl<'a> Known<'a> {
    pub fn of(before: &'a Files) -> Self {
        fn one<'a, T>(
            doc: &'a Doc<T>,
            words: fn(&'a Doc<T>) -> Words<'a>,
        ) -> (&'a str, (&'a str, Words<'a>)) {
            (&doc.file.name, (&doc.file.text, words(doc)))
        }
        let Files { config, apis, resources, bindings, shortcuts, dialects, contracts, .. } = before;
        let all = config.iter().map(|doc| one(doc, Words::Config));
        let all = all.chain(apis.iter().map(|(_, doc)| one(doc, Words::Api)));
        let all = all.chain(resources.iter().map(|(_, doc)| one(doc, Words::Resource)));
        let all = all.chain(bindings.iter().map(|bound| one(&bound.doc, Words::Binding)));
        let all = all.chain(shortcuts.iter().map(|(_, doc)| one(doc, Words::Shortcut)));
        let all = all.chain(dialects.iter().map(|doc| one(doc, Words::Dialect)));
        let all = all.chain(contracts.iter().map(|(_, doc)| one(doc, Words::Contract)));
        Self(all.filter(|(name, _)| !before.noted.contains(*name)).collect())
    }

    pub fn find(&self, name: &str, text: &str) -> Option<Words<'a>> {
        self.0.get(name).filter(|(before, _)| *before == text).map(|(_, words)| *words)
    }
}

impl Words<'_> {
    /// Puts a mapping file among the others of its kind, by its folder and the middle part of its name.
    pub fn join(self, files: &mut Files, api: &str, name: &str) {
        let api = api.to_owned();
        match self {
            Self::Api(doc) => files.apis.push((api, doc.clone())),
            Self::Resource(doc) => files.resources.push((api, doc.clone())),
            Self::Binding(doc) => files.bindings.push(Bound { api, name: name.to_owned(), doc: doc.clone() }),
            Self::Shortcut(doc) => files.shortcuts.push((api, doc.clone())),
            Self::Dialect(doc) => files.dialects.push(doc.clone()),
            Self::Config(_) | Self::Contract(_) => {}
        }
    }
}
