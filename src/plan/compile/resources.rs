//! APIs and the public side of resources: contract, key, order, filters, paths.

mod asked;

use super::{Compiler, Draft, Public};
use crate::{
    fault::{
        mapping as m,
        nearest::{cure, nearest},
    },
    pace::breathe,
    plan::{
        Api, Contract, MemberId,
        access::Role,
        contract::compile::RESERVED,
        resource::{ResourcePath, SortKey},
    },
    spec::{Doc, Files, words},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

/// The collections of all resources, by API and path.
type Owners<'f> = HashSet<(&'f str, &'f str)>;

/// Paths that are answered before an API is looked for: webhooks, the pages of codes, health.
const OWN_PATHS: [&str; 5] = ["hooks", "errors", "healthz", "readyz", ".well-known"];

impl<'a> Compiler<'a> {
    pub(super) fn apis(&mut self, config: &Doc<words::Config>) {
        for id in config.words.apis.keys() {
            let found = self
                .files
                .apis
                .iter()
                .find(|(_, doc)| format!("{}/{}", doc.words.api, doc.words.version) == *id);
            let Some((folder, doc)) = found else {
                let names: Vec<String> = self
                    .files
                    .apis
                    .iter()
                    .map(|(_, d)| format!("{}/{}", d.words.api, d.words.version))
                    .collect();
                let hint = match nearest(id, names.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("write `mappings/{id}/api.yaml`"),
                };
                if !self.is_broken("api") {
                    config.error_at_key(
                        self.out,
                        m::NO_API,
                        &["apis", id],
                        format!("there is no API `{id}`"),
                        Some(hint),
                    );
                }
                continue;
            };
            let words = &doc.words;
            let well_formed = words.base.starts_with('/')
                && !words.base.ends_with('/')
                && words.base.split('/').skip(1).all(is_kebab);
            if !well_formed {
                let hint = Some("write for example `/v1` or `/api/v1`".into());
                doc.error(self.out, m::BAD_PATH, &["base"], "the base is a path of lower-case words", hint);
            }
            if OWN_PATHS.contains(&words.base.split('/').nth(1).unwrap_or_default()) {
                let hint = Some("write for example `/v1` or `/api/v1`".into());
                let message = format!("`{}` is a path of the program's own", words.base);
                doc.error(self.out, m::BAD_PATH, &["base"], message, hint);
            }
            if folder != id {
                let message = format!("this file stands in `{folder}`, and says that it is `{id}`");
                doc.error(
                    self.out,
                    m::NO_API,
                    &["version"],
                    message,
                    Some(format!("move it to `mappings/{id}`")),
                );
            }
            if words.limit.default > words.limit.maximum {
                doc.error(
                    self.out,
                    m::OUT_OF_BOUNDS,
                    &["limit", "default"],
                    "the default limit is above the maximum",
                    Some("lower the `default`, or raise the `maximum`".into()),
                );
            }
            let cors = self.cors(doc);
            self.apis.push(Api {
                id: id.clone(),
                base: words.base.clone(),
                title: words.title.clone(),
                roles: words
                    .roles
                    .iter()
                    .map(|(name, role)| Role {
                        name: name.as_str().into(),
                        title: role.title.as_deref().map(Into::into),
                        claim: role.claim.as_deref().map(Into::into),
                    })
                    .collect(),
                default_limit: words.limit.default,
                maximum_limit: words.limit.maximum,
                cors,
            });
        }
    }

    pub(super) fn drafts(&mut self, contracts: &BTreeMap<String, Arc<Contract>>) {
        let files: &'a Files = self.files;
        // The collections of all resources, so that one can stand below another.
        let owners: Owners<'_> =
            files.resources.iter().map(|(api, doc)| (api.as_str(), doc.words.path.as_str())).collect();
        for (api_id, doc) in &files.resources {
            breathe();
            let words = &doc.words;
            let Some(api) = self.apis.iter().position(|a| a.id == *api_id) else {
                self.blamed.insert(words.resource.clone());
                continue;
            };
            if self.draft(api_id, &words.resource).is_some() {
                doc.error(
                    self.out,
                    m::SAID_TWICE,
                    &["resource"],
                    format!("`{}` is said twice", words.resource),
                    Some("give one of them another name, or remove it".into()),
                );
                continue;
            }
            let Some(contract) = contracts.get(&words.contract) else {
                if !files.contracts.iter().any(|(name, _)| *name == words.contract)
                    && !self.is_broken(&words.contract)
                {
                    let hint = nearest(&words.contract, files.contracts.iter().map(|(n, _)| n.as_str()));
                    let hint = hint.map_or_else(
                        || format!("write `schemas/{}`", words.contract),
                        |n| format!("did you mean `{n}`?"),
                    );
                    let message = format!("there is no contract `{}`", words.contract);
                    doc.error(self.out, m::NO_CONTRACT, &["contract"], message, Some(hint));
                }
                self.blamed.insert(words.resource.clone());
                continue;
            };
            if !is_kebab(&words.resource) {
                doc.error(
                    self.out,
                    m::BAD_PATH,
                    &["resource"],
                    "a resource's name is in kebab-case",
                    Some("write for example `service-requests`".into()),
                );
            }
            let Some(public) = self.public(api, api_id, doc, contract, &owners) else {
                self.blamed.insert(words.resource.clone());
                continue;
            };
            self.by_name.insert((api_id, &words.resource), self.drafts.len());
            self.drafts.push(Draft { api_id: api_id.clone(), doc, contract: Arc::clone(contract), public });
        }
        self.references();
        self.values_through();
    }

    fn public(
        &mut self,
        api: usize,
        api_id: &str,
        doc: &Doc<words::Resource>,
        contract: &Contract,
        owners: &Owners<'_>,
    ) -> Option<Public> {
        let words = &doc.words;
        let mut order = Vec::new();
        for (at, text) in words.order.iter().enumerate() {
            let at = at.to_string();
            let (descending, name) = text.strip_prefix('-').map_or((false, text.as_str()), |n| (true, n));
            if let Some(member) = self.comparable(doc, contract, &["order", &at], name) {
                order.push(SortKey { member, descending });
            }
        }
        let key = self.key(doc, contract, &mut order)?;
        let mut filters = Vec::new();
        for (at, name) in words.filter.iter().enumerate() {
            let at = at.to_string();
            if RESERVED.contains(&name.as_str()) {
                let hint =
                    Some("these words mean the same in every API; give the member another name".into());
                doc.error(
                    self.out,
                    m::RESERVED,
                    &["filter", &at],
                    format!("`{name}` is a reserved word and cannot be a filter"),
                    hint,
                );
                continue;
            }
            filters.extend(self.filterable(doc, contract, &["filter", &at], name));
        }
        let mut sorts = Vec::new();
        for (at, name) in words.sort.iter().enumerate() {
            let at = at.to_string();
            sorts.extend(self.comparable(doc, contract, &["sort", &at], name));
        }
        let exact = self.exact(doc, contract, &filters);
        let mut no_cards = Vec::new();
        for (at, name) in words.no_cards.iter().enumerate() {
            no_cards.extend(self.member(doc, contract, &["noCards", &at.to_string()], name));
        }
        let mut paths = Vec::new();
        let all = std::iter::once((vec!["path".to_owned()], &words.path)).chain(
            words.also.iter().enumerate().map(|(at, path)| (vec!["also".to_owned(), at.to_string()], path)),
        );
        for (place, path) in all {
            let place: Vec<&str> = place.iter().map(String::as_str).collect();
            paths.extend(self.path(doc, contract, api_id, &place, path, owners));
        }
        for name in words.parents.keys() {
            let parameter = format!("{{{name}}}");
            if !std::iter::once(&words.path).chain(&words.also).any(|path| path.contains(&parameter)) {
                let message = format!("no path of this resource has `{parameter}`");
                let hint = Some("name a parameter of `path` or `also`, or remove it".into());
                doc.error_at_key(self.out, m::BAD_PATH, &["parents", name], message, hint);
            }
        }
        let mut derived = Vec::new();
        for (name, how) in &words.derived {
            let path = ["derived", name.as_str()];
            let Some(member) = self.member(doc, contract, &path, name) else { continue };
            let Some(from) = self.member(doc, contract, &["derived", name, "from"], &how.from) else {
                continue;
            };
            if !contract.get(member).is_some_and(|m| m.read_only) {
                let hint = Some("say `readOnly: true` in the contract".into());
                doc.error_at_key(
                    self.out,
                    m::BAD_DERIVED,
                    &path,
                    format!("`{name}` is derived and can be written"),
                    hint,
                );
            }
            let ops = super::converters::simple(doc, self.out, &["derived", name, "via"], &how.via);
            derived.push((member, from, ops));
        }
        let create_only = self.create_only(doc, contract);
        let audit = self.audit(doc, contract);
        let numeric_key = words.key_order.is_some();
        let required = self.required(doc, contract, &filters);
        // Who may use it is known when all resources are.
        let access = Arc::default();
        Some(Public {
            api,
            key,
            keyed: words.key.is_some() || words.single,
            single: words.single,
            numeric_key,
            order,
            filters,
            required,
            // They are joined with other resources when all are known.
            through: Vec::new(),
            references: Vec::new(),
            sorts,
            exact,
            no_cards,
            paths,
            create_only,
            audit,
            derived,
            access,
        })
    }

    /// Members that a caller gives once. One that nobody gives, or that has no place of its own in a body, is none.
    fn create_only(&mut self, doc: &Doc<words::Resource>, contract: &Contract) -> Vec<MemberId> {
        let mut found = Vec::new();
        for (at, name) in doc.words.create_only.iter().enumerate() {
            let at = at.to_string();
            let place = ["createOnly", at.as_str()];
            let Some(member) = self.member(doc, contract, &place, name) else { continue };
            let Some(known) = contract.get(member) else { continue };
            if known.in_list || contract.is_read_only(known) {
                let hint = Some("name a member that a caller gives, outside of lists".into());
                let message = format!("nobody gives `{name}` when a record is made");
                doc.error(self.out, m::BAD_DERIVED, &place, message, hint);
            }
            found.push(member);
        }
        found
    }

    fn path(
        &mut self,
        doc: &Doc<words::Resource>,
        contract: &Contract,
        api_id: &str,
        place: &[&str],
        path: &str,
        owners: &Owners<'_>,
    ) -> Option<ResourcePath> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let parent = match segments.as_slice() {
            [word] if path.starts_with('/') && is_kebab(word) => None,
            [owner, parameter, word] if path.starts_with('/') && is_kebab(owner) && is_kebab(word) => {
                let name = parameter.strip_prefix('{').and_then(|p| p.strip_suffix('}'))?;
                let member = match doc.words.parents.get(name) {
                    Some(said) => self.member(doc, contract, &["parents", name], said)?,
                    None => self.member(doc, contract, place, name)?,
                };
                let holder = format!("/{owner}");
                if !owners.contains(&(api_id, holder.as_str())) {
                    if !self.is_broken(owner) {
                        let message = format!("no resource of this API stands at `{holder}`");
                        doc.error(
                            self.out,
                            m::BAD_PATH,
                            place,
                            message,
                            Some("begin with the path of a resource that exists".into()),
                        );
                    }
                    return None;
                }
                // Its number is known when all resources are.
                Some((usize::MAX, member))
            }
            _ => {
                let hint = Some("write `/pets`, or one level deep `/pets/{petId}/photos`".into());
                doc.error(self.out, m::BAD_PATH, place, format!("`{path}` is no path of a collection"), hint);
                return None;
            }
        };
        Some(ResourcePath { path: path.to_owned(), parent })
    }

    /// Joins parents and references with their resources, now that all are known.
    fn references(&mut self) {
        let mut owners = HashMap::new();
        for (at, draft) in self.drafts.iter().enumerate() {
            owners.entry((draft.api_id.clone(), draft.doc.words.path.as_str())).or_insert(at);
        }
        for at in 0..self.drafts.len() {
            let Some(draft) = self.drafts.get(at) else { continue };
            let doc = draft.doc;
            let api_id = draft.api_id.clone();
            let mut parents = Vec::new();
            for path in &draft.public.paths {
                let holder = path.path.split('/').nth(1).map(|s| format!("/{s}")).unwrap_or_default();
                let owner = owners.get(&(api_id.clone(), holder.as_str())).copied();
                parents.push(path.parent.and_then(|(_, member)| owner.map(|o| (o, member))));
            }
            let contract = Arc::clone(&draft.contract);
            let mut references = Vec::new();
            for (member, resource) in &doc.words.references {
                let path = ["references", member.as_str()];
                let Some(id) = self.member(doc, &contract, &path, member) else { continue };
                match self.draft(&api_id, resource) {
                    Some(target) => references.push((id, target)),
                    None if self.is_broken(resource) => {}
                    None => {
                        let names = self.drafts.iter().map(|d| d.doc.words.resource.as_str());
                        let hint = Some(cure(resource, names));
                        doc.error(
                            self.out,
                            m::NO_RESOURCE,
                            &path,
                            format!("there is no resource `{resource}`"),
                            hint,
                        );
                    }
                }
            }
            if let Some(draft) = self.drafts.get_mut(at) {
                for (path, parent) in draft.public.paths.iter_mut().zip(parents) {
                    path.parent = parent;
                }
                draft.public.references = references;
            }
        }
    }

    /// The member of this dotted name, or a fault at the place.
    pub(super) fn member<T>(
        &mut self,
        doc: &Doc<T>,
        contract: &Contract,
        place: &[&str],
        name: &str,
    ) -> Option<MemberId> {
        let found = contract.find(name).map(|m| m.id);
        if found.is_none() {
            let hint = Some(cure(name, contract.names()));
            let message = format!("`{name}` is no member of the contract `{}`", contract.name);
            doc.error_at_key(self.out, m::NO_MEMBER, place, message, hint);
        }
        found
    }

    /// A single value; one in the items of a list meets a condition where any of them does.
    fn filterable<T>(
        &mut self,
        doc: &Doc<T>,
        contract: &Contract,
        place: &[&str],
        name: &str,
    ) -> Option<MemberId> {
        match contract.find(name) {
            Some(member) if member.in_list && member.kind.is_scalar() => Some(member.id),
            _ => self.comparable(doc, contract, place, name),
        }
    }

    pub(super) fn comparable<T>(
        &mut self,
        doc: &Doc<T>,
        contract: &Contract,
        place: &[&str],
        name: &str,
    ) -> Option<MemberId> {
        let id = self.member(doc, contract, place, name)?;
        let member = contract.get(id)?;
        if member.in_list || !member.kind.is_scalar() {
            let message = format!(
                "`{name}` is {} and cannot be compared",
                if member.in_list { "in a list" } else { member.kind.noun() }
            );
            doc.error(self.out, m::NOT_COMPARABLE, place, message, Some("name a single value".into()));
            return None;
        }
        Some(id)
    }
}

fn is_kebab(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !word.starts_with('-')
        && !word.ends_with('-')
}
