//! Shortcuts: parts become a graph by what they need of each other; members are filled from parts whose shapes fit.

use super::Compiler;
use crate::{
    fault::{
        mapping as m,
        nearest::{cure, nearest},
    },
    plan::{
        Contract, Kind, MemberId, Resource, Selection, Shortcut,
        contract::Member,
        shortcut::{Ask, Fill, Input, Part, PartMember, Whole},
    },
    spec::{
        Doc,
        words::{
            self,
            access::ShortcutAccess,
            resource::Operation,
            shortcut::{Fill as Words, FillWhen, Need},
        },
    },
};
use std::{collections::BTreeMap, sync::Arc};

struct Work<'w> {
    doc: &'w Doc<words::Shortcut>,
    parameters: Vec<String>,
    names: Vec<String>,
    /// The contract of each part, and whether it is a list.
    shapes: Vec<Option<(Arc<Contract>, bool)>>,
}

impl Compiler<'_> {
    pub(super) fn shortcuts(
        &mut self,
        contracts: &BTreeMap<String, Arc<Contract>>,
        resources: &[Arc<Resource>],
    ) -> Vec<Arc<Shortcut>> {
        let files = self.files;
        let all =
            files.shortcuts.iter().filter_map(|(api, doc)| self.shortcut(api, doc, contracts, resources));
        all.map(Arc::new).collect()
    }

    fn shortcut(
        &mut self,
        api_id: &str,
        doc: &Doc<words::Shortcut>,
        contracts: &BTreeMap<String, Arc<Contract>>,
        resources: &[Arc<Resource>],
    ) -> Option<Shortcut> {
        let api = self.apis.iter().position(|a| a.id == api_id)?;
        let words = &doc.words;
        let Some(contract) = contracts.get(&words.contract) else {
            if !self.files.contracts.iter().any(|(n, _)| *n == words.contract)
                && !self.is_broken(&words.contract)
            {
                let message = format!("there is no contract `{}`", words.contract);
                doc.error(
                    self.out,
                    m::NO_CONTRACT,
                    &["contract"],
                    message,
                    Some(format!("write `schemas/{}`", words.contract)),
                );
            }
            return None;
        };
        let segments = words.path.split('/').skip(1);
        let parameters =
            segments.filter_map(|s| s.strip_prefix('{')?.strip_suffix('}').map(str::to_owned)).collect();
        let names: Vec<String> = words.parts.keys().cloned().collect();
        let before = self.out.errors();
        let mut work = Work { doc, parameters, names, shapes: Vec::new() };
        let mut found = Vec::new();
        for (name, part) in &words.parts {
            let resource = self.part_resource(api_id, &work, name, part, resources);
            work.shapes.push(resource.as_ref().map(|r| (Arc::clone(&r.contract), part.list.is_some())));
            found.push(resource);
        }
        let mut parts = Vec::new();
        for ((name, part), resource) in words.parts.iter().zip(found) {
            parts.push(resource.and_then(|r| self.part(&work, name, part, &r)));
        }
        let parts: Vec<Part> = parts.into_iter().collect::<Option<_>>()?;
        self.part_circles(&work, &parts);
        let mut fills = Vec::new();
        for member in contract.top() {
            let Some(fill) = words.fields.get(&*member.name) else {
                let message = format!("the contract's `{}` has no filler", member.path);
                doc.error_at_key(self.out, m::NO_FILLER, &["fields"], message, Some("add a rule".into()));
                continue;
            };
            fills.extend(self.fill(&work, contract, member, fill));
        }
        for name in words.fields.keys() {
            if !contract.top().any(|mm| *mm.name == **name) {
                let hint = Some(cure(name, contract.top().map(|mm| &*mm.name)));
                let message = format!("`{name}` is no member at the top of `{}`", contract.name);
                doc.error_at_key(self.out, m::NO_MEMBER, &["fields", name], message, hint);
            }
        }
        (self.out.errors() == before).then(|| {
            let shortcut = Shortcut {
                api,
                name: words.shortcut.clone(),
                path: words.path.clone(),
                public: words.access == ShortcutAccess::Public,
                all: Selection::all(contract),
                contract: Arc::clone(contract),
                parameters: work.parameters,
                parts,
                fills,
                whole: Whole::default(),
            };
            shortcut.known(resources)
        })
    }

    fn part_resource(
        &mut self,
        api_id: &str,
        work: &Work<'_>,
        name: &str,
        part: &words::shortcut::Part,
        resources: &[Arc<Resource>],
    ) -> Option<Arc<Resource>> {
        let (key, wanted, operation) = match (&part.read, &part.list) {
            (Some(read), None) => ("read", read, Operation::Read),
            (None, Some(list)) => ("list", list, Operation::List),
            _ => {
                let hint = Some("say either `read: <resource>` with a `key`, or `list: <resource>`".into());
                work.doc.error_at_key(
                    self.out,
                    m::PART_UNCLEAR,
                    &["parts", name],
                    format!("what `{name}` fetches is not clear"),
                    hint,
                );
                return None;
            }
        };
        let Some(draft) = self.draft(api_id, wanted) else {
            if !self.is_broken(wanted) {
                let names = self.drafts.iter().map(|d| d.doc.words.resource.as_str());
                let hint = Some(cure(wanted, names));
                work.doc.error(
                    self.out,
                    m::NO_RESOURCE,
                    &["parts", name, key],
                    format!("there is no resource `{wanted}`"),
                    hint,
                );
            }
            return None;
        };
        // A resource whose binding has faults is not among them, and has told why.
        let resource = resources.iter().find(|r| r.id == draft)?;
        if !resource.can(operation) {
            work.doc.error(
                self.out,
                m::PART_UNCLEAR,
                &["parts", name, key],
                format!("`{wanted}` has no operation `{key}`"),
                Some("add it to the resource's `operations`".into()),
            );
        }
        Some(Arc::clone(resource))
    }

    fn part(
        &mut self,
        work: &Work<'_>,
        name: &str,
        part: &words::shortcut::Part,
        resource: &Resource,
    ) -> Option<Part> {
        let mut needs = Vec::new();
        let ask = if part.read.is_some() {
            let Some(key) = &part.key else {
                let hint = Some("write `key: \"{petId}\"` or `key: pet.ownerId`".into());
                work.doc.error_at_key(
                    self.out,
                    m::INPUT_MISSING,
                    &["parts", name],
                    format!("`{name}` says no `key`"),
                    hint,
                );
                return None;
            };
            let key = self.input(work, &["parts", name, "key"], key, &mut needs)?;
            let mut having = Vec::new();
            for (member, input) in &part.having {
                let path = ["parts", name, "where", member.as_str()];
                let id = self.comparable(work.doc, &resource.contract, &path, member)?;
                having.push((id, self.input(work, &path, input, &mut needs)?));
            }
            Ask::Read(key, having)
        } else {
            let mut having = Vec::new();
            for (member, input) in &part.having {
                let path = ["parts", name, "where", member.as_str()];
                let id = self.member(work.doc, &resource.contract, &path, member)?;
                // A parent that could not be found was told at its path.
                let parents = resource.paths.iter().filter_map(|p| p.parent.map(|(_, mm)| mm));
                let pending = resource.paths.len()
                    < self.drafts.get(resource.id).map_or(0, |d| 1 + d.doc.words.also.len());
                let told = pending
                    || self
                        .drafts
                        .get(resource.id)
                        .is_some_and(|d| self.out.iter().any(|o| o.file.name == d.doc.file.name));
                if !told && !resource.filters.iter().copied().chain(parents).any(|f| f == id) {
                    let message = format!("`{}` cannot be filtered by `{member}`", resource.name);
                    work.doc.error_at_key(
                        self.out,
                        m::PART_UNCLEAR,
                        &path,
                        message,
                        Some("add it to the resource's `filter`".into()),
                    );
                }
                having.push((id, self.input(work, &path, input, &mut needs)?));
            }
            Ask::List { having, limit: part.limit.unwrap_or(10) }
        };
        let when = match &part.when {
            None => None,
            Some(text) => Some(self.truth(work, &["parts", name, "when"], text)?),
        };
        needs.extend(when.map(|w| w.part));
        needs.sort_unstable();
        needs.dedup();
        Some(Part {
            name: name.to_owned(),
            resource: resource.id,
            ask,
            when,
            required: part.need == Need::Required,
            needs,
        })
    }

    fn input(
        &mut self,
        work: &Work<'_>,
        place: &[&str],
        text: &str,
        needs: &mut Vec<usize>,
    ) -> Option<Input> {
        if let Some(name) = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')) {
            let found = work.parameters.iter().position(|p| p == name);
            if found.is_none() {
                let hint = nearest(name, work.parameters.iter().map(String::as_str))
                    .map(|n| format!("did you mean `{{{n}}}`?"));
                work.doc.error(
                    self.out,
                    m::INPUT_MISSING,
                    place,
                    format!("the path has no `{{{name}}}`"),
                    hint,
                );
            }
            return found.map(Input::Parameter);
        }
        let (part, member) = self.part_member(work, place, text)?;
        needs.push(part);
        Some(Input::Member(PartMember { part, member: member.id }))
    }

    fn truth(&mut self, work: &Work<'_>, place: &[&str], text: &str) -> Option<PartMember> {
        let (part, member) = self.part_member(work, place, text)?;
        if member.kind != Kind::Boolean {
            let message = format!("`{text}` is {}, and a condition is true or false", member.kind.noun());
            work.doc.error(
                self.out,
                m::SHAPE_MISFIT,
                place,
                message,
                Some("name a member whose type is boolean".into()),
            );
        }
        Some(PartMember { part, member: member.id })
    }

    /// `pet.ownerId`: a part and a member of its record.
    fn part_member(&mut self, work: &Work<'_>, place: &[&str], text: &str) -> Option<(usize, Member)> {
        let (name, path) = text.split_once('.').unwrap_or((text, ""));
        let part = self.part_named(work, place, name)?;
        let (contract, is_list) = work.shapes.get(part)?.clone()?;
        let Some(member) = contract.find(path).filter(|mm| !is_list && !mm.in_list) else {
            let hint = nearest(path, contract.names()).map(|n| format!("did you mean `{name}.{n}`?"));
            work.doc.error(
                self.out,
                m::NO_MEMBER,
                place,
                format!("the part `{name}` has no member `{path}`"),
                hint,
            );
            return None;
        };
        Some((part, member.clone()))
    }

    fn part_named(&mut self, work: &Work<'_>, place: &[&str], name: &str) -> Option<usize> {
        let found = work.names.iter().position(|n| n == name);
        if found.is_none() {
            let hint = nearest(name, work.names.iter().map(String::as_str)).map_or_else(
                || format!("the parts are: {}", work.names.join(", ")),
                |n| format!("did you mean `{n}`?"),
            );
            work.doc.error(self.out, m::NO_PART, place, format!("there is no part `{name}`"), Some(hint));
        }
        found
    }

    fn fill(&mut self, work: &Work<'_>, contract: &Contract, member: &Member, words: &Words) -> Option<Fill> {
        let FillWhen { from, when } = match words {
            Words::From(from) => FillWhen { from: from.clone(), when: None },
            Words::Full(full) => full.clone(),
        };
        let place = ["fields", &*member.name];
        let when = match &when {
            None => None,
            Some(text) => Some(self.truth(work, &["fields", &member.name, "when"], text)?),
        };
        let (part, source) = if from.contains('.') {
            let (part, member) = self.part_member(work, &place, &from)?;
            (part, Some(member))
        } else {
            (self.part_named(work, &place, &from)?, None)
        };
        let (theirs, is_list) = work.shapes.get(part)?.clone()?;
        let fits = match (&source, &member.kind) {
            (None, Kind::List(None)) => is_list && self.inside(work, &place, contract, member, &theirs, None),
            (None, Kind::Object) => !is_list && self.inside(work, &place, contract, member, &theirs, None),
            (Some(s), Kind::Object | Kind::List(None)) => {
                std::mem::discriminant(&s.kind) == std::mem::discriminant(&member.kind)
                    && self.inside(work, &place, contract, member, &theirs, Some(s))
            }
            (Some(s), _) => s.kind.is_scalar() == member.kind.is_scalar(),
            (None, _) => false,
        };
        if !fits {
            let message = format!(
                "`{from}` does not have the shape of `{}`, which is {}",
                member.path,
                member.kind.noun()
            );
            work.doc.error_at_key(self.out, m::SHAPE_MISFIT, &place, message, Some("name a member of this shape, as in `pet.name`; a whole part fills an object, a listed one a list of objects".into()));
        }
        let optional = Self::is_optional(work, part) || when.is_some();
        if optional && !member.nullable {
            let hint = Some("add `null` to its type in the contract".into());
            let message =
                format!("`{}` may be missing, and the contract does not let it be null", member.path);
            work.doc.error_at_key(self.out, m::SHAPE_MISFIT, &place, message, hint);
        }
        let leaves = leaves(contract, member, &theirs, source.as_ref());
        let children = contract.children(member);
        let below = children.filter_map(|child| theirs.find(&child.name).map(|found| (child.id, found.id)));
        let below = if source.is_none() { below.collect() } else { Vec::new() };
        let whole = Selection::of(&theirs, leaves.iter().map(|(_, theirs)| *theirs));
        Some(Fill { member: member.id, part, from: source.map(|s| s.id), leaves, below, whole, when })
    }

    fn is_optional(work: &Work<'_>, part: usize) -> bool {
        let name = work.names.get(part).map_or("", String::as_str);
        work.doc.words.parts.get(name).is_some_and(|p| p.need == Need::Optional)
    }

    /// Whether every member below one of ours is a member, of the same name, below theirs.
    fn inside(
        &mut self,
        work: &Work<'_>,
        place: &[&str],
        ours: &Contract,
        member: &Member,
        theirs: &Contract,
        source: Option<&Member>,
    ) -> bool {
        for child in (member.id + 1..member.end).filter_map(|id| ours.get(id)) {
            let rest = child.path.strip_prefix(&*member.path).unwrap_or_default().trim_start_matches('.');
            let path = source.map_or_else(|| rest.to_owned(), |s| format!("{}.{rest}", s.path));
            if theirs.find(&path).is_none() {
                let hint = nearest(&path, theirs.names()).map(|n| format!("the part has `{n}`"));
                let message = format!("`{}` is not in the part: it has no `{path}`", child.path);
                work.doc.error_at_key(self.out, m::SHAPE_MISFIT, place, message, hint);
            }
        }
        // Each of them has been told at its place; the shape as a whole is not blamed again.
        true
    }

    fn part_circles(&mut self, work: &Work<'_>, parts: &[Part]) {
        for (at, part) in parts.iter().enumerate() {
            let mut seen = Vec::new();
            let mut next = part.needs.clone();
            while let Some(here) = next.pop() {
                if !seen.contains(&here) {
                    seen.push(here);
                    next.extend(parts.get(here).map(|p| p.needs.clone()).unwrap_or_default());
                }
            }
            if seen.contains(&at) {
                let message = format!("`{}` needs itself, by way of other parts", part.name);
                work.doc.error_at_key(
                    self.out,
                    m::PART_CYCLE,
                    &["parts", &part.name],
                    message,
                    Some(
                        "let one of them begin with what the path gives, for example `key: \"{petId}\"`"
                            .into(),
                    ),
                );
            }
        }
    }
}

/// The leaves of one of our members (itself, where nothing stands below it), each with the part's member that fills it.
fn leaves(
    ours: &Contract,
    member: &Member,
    part: &Contract,
    from: Option<&Member>,
) -> Vec<(MemberId, MemberId)> {
    if member.children.is_empty() {
        return from.map(|from| (member.id, from.id)).into_iter().collect();
    }
    let below = (member.id + 1..member.end).filter_map(|id| ours.get(id));
    let leaves = below.filter(|inner| inner.children.is_empty());
    leaves
        .filter_map(|inner| {
            let rest = inner.path.strip_prefix(&*member.path)?.trim_start_matches('.');
            let path = from.map_or_else(|| rest.to_owned(), |from| format!("{}.{rest}", from.path));
            part.find(&path).map(|found| (inner.id, found.id))
        })
        .collect()
}
