//! What is kept of reads, and what makes it old: a resource's own writes, and those of all that is joined into it.
//! Where it is not seen how a source keeps its records, any write to the source counts.

use super::{Compiler, Draft};
use crate::{
    fault::{Diagnostics, mapping as m, nearest::cure},
    pace::breathe,
    plan::{
        Binding, Lookup, Means, Resource, ResourceId, Selection,
        access::Rows,
        cache::{Cache, Caching, Keeping, Kept},
    },
    spec::{Doc, Files, words},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use words::cache::Cache as Word;

/// Less is no cache.
const LEAST: u64 = 1 << 20;

impl Compiler<'_> {
    pub(super) fn cache(&mut self, config: &Doc<words::Config>) -> Cache {
        let bytes = config.words.cache.bytes.0;
        if bytes < LEAST {
            let hint = Some("write `1M` or more".into());
            config.error(self.out, m::BAD_CACHE, &["cache", "bytes"], "the cache is too small", hint);
        }
        Cache { bytes }
    }

    /// Joins every resource with what makes its entries old, now that all bindings are known.
    pub(super) fn caching(&mut self, resources: &mut [Arc<Resource>], lookups: &[Lookup]) {
        let tags: Vec<Arc<str>> = resources
            .iter()
            .map(|resource| {
                let api = self.apis.get(resource.api).map_or("", |api| api.id.as_str());
                format!("{api}/{}", resource.name).into()
            })
            .collect();
        let all: Vec<Caching> = resources
            .iter()
            .zip(&tags)
            .map(|(resource, tag)| {
                breathe();
                let draft = self.drafts.get(resource.id);
                let keeping = draft.map_or(Keeping::Unsaid, |draft| keeping(draft, self.out));
                let named = draft.and_then(|draft| named(draft, resources, self.out));
                let kept = matches!(keeping, Keeping::Kept(_));
                let from = if kept { joined(resource, resources, lookups, named) } else { BTreeSet::new() };
                let others = from.iter().filter(|id| **id != resource.id).filter_map(|id| tags.get(*id));
                let tags = std::iter::once(tag).chain(others).cloned().collect();
                Caching { keeping, tag: Arc::clone(tag), tags }
            })
            .collect();
        for (resource, caching) in resources.iter_mut().zip(all) {
            if let Some(resource) = Arc::get_mut(resource) {
                resource.caching = caching;
            }
        }
    }
}

/// A number for all that decides what a question means and what comes back: contracts, mappings, services, and where
/// sources are. Secrets have no part in it.
pub(super) fn revision(files: &Files, config: &Doc<words::Config>) -> String {
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    let mut take = |text: &str| {
        hash.update(&(text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    let docs = files.apis.iter().map(|(_, doc)| &doc.file);
    let docs = docs.chain(files.resources.iter().map(|(_, doc)| &doc.file));
    let docs = docs.chain(files.bindings.iter().map(|bound| &bound.doc.file));
    let docs = docs.chain(files.shortcuts.iter().map(|(_, doc)| &doc.file));
    let docs = docs.chain(files.dialects.iter().map(|doc| &doc.file));
    let docs = docs.chain(files.contracts.iter().map(|(_, doc)| &doc.file));
    for file in docs.chain(files.services.values()) {
        take(&file.text);
    }
    take(&format!("{:?}{:?}", config.words.apis, config.words.sources));
    format!("{:032x}", hash.digest128())
}

fn keeping(draft: &Draft<'_>, out: &mut Diagnostics) -> Keeping {
    match &draft.doc.words.cache {
        None => Keeping::Unsaid,
        Some(Word::Never(_)) => Keeping::Never,
        Some(Word::Kept(kept)) => {
            if kept.fresh.0.is_zero() {
                let hint = Some("write for example `30s`, or `cache: never`".into());
                let message = "what is never fresh is not kept";
                draft.doc.error(out, m::BAD_CACHE, &["cache", "fresh"], message, hint);
            }
            let span = |word: Option<words::Span>| word.map_or(Duration::ZERO, |span| span.0);
            Keeping::Kept(Kept {
                fresh: kept.fresh.0,
                stale: span(kept.stale),
                negative: span(kept.negative),
                private: kept.private,
            })
        }
    }
}

/// The resources that a file names itself; `None` where it names none.
fn named(draft: &Draft<'_>, resources: &[Arc<Resource>], out: &mut Diagnostics) -> Option<Vec<ResourceId>> {
    let Some(Word::Kept(kept)) = &draft.doc.words.cache else { return None };
    let words = kept.with.as_ref()?;
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let api = draft.public.api;
        let known = || resources.iter().filter(move |one| one.api == api);
        if let Some(one) = known().find(|one| one.name == *word) {
            found.push(one.id);
            continue;
        }
        let hint = Some(cure(word, known().map(|one| one.name.as_str())));
        let (message, at) = (format!("there is no resource `{word}`"), at.to_string());
        draft.doc.error(out, m::NO_RESOURCE, &["cache", "with", &at], message, hint);
    }
    Some(found)
}

/// What a write to makes the entries of a resource old.
fn joined(
    resource: &Resource,
    resources: &[Arc<Resource>],
    lookups: &[Lookup],
    named: Option<Vec<ResourceId>>,
) -> BTreeSet<ResourceId> {
    let blind = named.is_none();
    let mut found: BTreeSet<ResourceId> = named.into_iter().flatten().collect();
    found.insert(resource.id);
    found.extend(resource.references.iter().map(|(_, id)| *id));
    found.extend(resource.paths.iter().filter_map(|path| path.parent).map(|(id, _)| id));
    for grant in &resource.access.grants {
        if let Rows::Through(all) = &grant.rows {
            found.extend(all.iter().map(|through| through.resource));
        }
    }
    // The bindings whose records are read: its own, and those of its look-ups, and of theirs.
    let mut bindings: Vec<&Binding> = Vec::new();
    let mut open: Vec<(&Binding, &Selection)> = vec![(&resource.binding, &resource.all)];
    while let Some((binding, all)) = open.pop() {
        if bindings.iter().any(|known| std::ptr::eq(*known, binding)) {
            continue;
        }
        bindings.push(binding);
        for lookup in binding.reading.lookups(all).iter().filter_map(|id| lookups.get(*id)) {
            found.insert(lookup.resource);
            open.extend(resources.get(lookup.resource).map(|other| (&*lookup.binding, &other.all)));
        }
    }
    for other in resources {
        let theirs = &other.binding;
        let meets = |ours: &Binding| {
            ours.source == theirs.source
                && match (&ours.means, &theirs.means) {
                    (Means::Sql(_), Means::Sql(_)) => {
                        let written = tables(theirs);
                        tables(ours).iter().any(|table| written.contains(table))
                    }
                    (Means::Stub { .. }, _) => false,
                    _ => blind,
                }
        };
        if bindings.iter().any(|ours| meets(ours)) {
            found.insert(other.id);
        }
    }
    found
}

/// The tables that a binding reads.
fn tables(binding: &Binding) -> BTreeSet<String> {
    let Means::Sql(means) = &binding.means else { return BTreeSet::new() };
    let joins = means.joins.iter().map(|join| &join.table);
    let children = means.children.iter().map(|child| &child.table);
    std::iter::once(&means.table).chain(joins).chain(children).map(|name| name.to_lowercase()).collect()
}
