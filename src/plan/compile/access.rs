//! Who may do what, judged: every operation is somebody's or everybody's, every role is one of the API's, and what
//! ties a role to records can be held in every list.

use super::Compiler;
use crate::{
    fault::{
        mapping as m,
        nearest::{cure, nearest},
    },
    pace::breathe,
    plan::{
        Contract, Kind, MemberId, Selection,
        access::{Access, Condition, Grant, Operations, Role, Rows, Through},
        resource::Operation,
    },
    spec::{
        Doc,
        words::{
            self, OneOrMany, Scalar,
            access::{May, Rules, Sum},
        },
    },
};
use std::sync::Arc;

/// What is being judged.
struct Of<'a> {
    at: usize,
    doc: &'a Doc<words::Resource>,
    contract: Arc<Contract>,
    /// The members that a list can be narrowed by.
    narrowing: Vec<MemberId>,
    key: MemberId,
}

impl Compiler<'_> {
    /// Joins every resource with who may use it, now that all are known.
    pub(super) fn access(&mut self) {
        for at in 0..self.drafts.len() {
            breathe();
            let Some(draft) = self.drafts.get(at) else { continue };
            let parents = draft.public.paths.iter().filter_map(|path| path.parent.map(|(_, member)| member));
            let of = Of {
                at,
                doc: draft.doc,
                contract: Arc::clone(&draft.contract),
                narrowing: draft.public.filters.iter().copied().chain(parents).collect(),
                key: draft.public.key,
            };
            let roles = self.apis.get(draft.public.api).map(|api| api.roles.clone()).unwrap_or_default();
            let access = match &of.doc.words.access {
                words::Access::Open(_) => Access { open: true, ..Access::default() },
                words::Access::Ruled(rules) => self.rules(&of, rules, &roles),
            };
            if let Some(draft) = self.drafts.get_mut(at) {
                draft.public.access = Arc::new(access);
            }
        }
    }

    fn rules(&mut self, of: &Of<'_>, rules: &Rules, roles: &[Role]) -> Access {
        let words = &of.doc.words;
        let scope = |said: &Option<String>, verb: &str| -> Box<str> {
            said.clone().unwrap_or_else(|| format!("{}:{verb}", words.resource)).into()
        };
        let mut scoped = Vec::new();
        for (name, scope) in &rules.fields {
            let Some(id) = self.member(of.doc, &of.contract, &["access", "fields", name], name) else {
                continue;
            };
            if id == of.key {
                let hint = Some("a record is found by its key: name another member".into());
                let message = format!("`{name}` is the key, and stands in every record");
                of.doc.error_at_key(self.out, m::BAD_GRANT, &["access", "fields", name], message, hint);
            }
            let end = of.contract.get(id).map_or(id, |member| member.end);
            scoped.push(((id..end).collect(), scope.as_str().into()));
        }
        for (at, operation) in rules.public.iter().enumerate() {
            if !words.operations.contains(operation) {
                self.impossible(of, &["access", "public", &at.to_string()], *operation);
            }
        }
        for name in rules.roles.keys().filter(|name| roles.iter().all(|role| *role.name != ***name)) {
            let known: Vec<&str> = roles.iter().map(|role| &*role.name).collect();
            let hint = if known.is_empty() {
                format!("add `roles: {{ {name}: {{}} }}` to the API's `api.yaml`")
            } else {
                cure(name, known)
            };
            let message = format!("the API has no role `{name}`");
            of.doc.error_at_key(self.out, m::NO_ROLE, &["access", "roles", name], message, Some(hint));
        }
        // In the order of the API's roles, whatever the order here.
        let mut grants = Vec::new();
        for role in roles {
            if let Some(words) = rules.roles.get(&*role.name) {
                grants.extend(self.grant(of, role, words));
            }
        }
        let public: Operations = rules.public.iter().copied().collect();
        let nobody: Vec<String> = words
            .operations
            .iter()
            .filter(|operation| {
                !public.has(**operation)
                    && !rules.roles.values().any(|grant| may(&grant.may, &words.operations).has(**operation))
            })
            .map(|operation| format!("`{}`", operation.name()))
            .collect();
        if !nobody.is_empty() {
            let message = format!("nobody may {} `{}`", nobody.join(", "), words.resource);
            let hint = "let a role do it, name it in `public`, or take it out of `operations`";
            of.doc.error_at_key(self.out, m::NO_ACCESS, &["access"], message, Some(hint.into()));
        }
        Access {
            open: false,
            public,
            read_scope: scope(&rules.read, "read"),
            write_scope: scope(&rules.write, "write"),
            scoped,
            grants,
        }
    }

    fn impossible(&mut self, of: &Of<'_>, place: &[&str], operation: Operation) {
        let message = format!("`{}` has no operation `{}`", of.doc.words.resource, operation.name());
        let hint = Some("add it to `operations`, or remove it here".into());
        of.doc.error(self.out, m::BAD_GRANT, place, message, hint);
    }

    fn grant(&mut self, of: &Of<'_>, role: &Role, words: &words::access::Grant) -> Option<Grant> {
        let name = &*role.name;
        let before = self.out.errors();
        let operations = may(&words.may, &of.doc.words.operations);
        if let May::Each(each) = &words.may {
            for (at, operation) in each.iter().enumerate() {
                if !of.doc.words.operations.contains(operation) {
                    let at = at.to_string();
                    self.impossible(of, &["access", "roles", name, "may", &at], *operation);
                }
            }
        }
        let rows = self.rows(of, role, words, operations);
        let mut having = Vec::new();
        for (member, values) in &words.having {
            let place = ["access", "roles", name, "where", member.as_str()];
            let contract = Arc::clone(&of.contract);
            if let Some((id, values)) = self.having(of, &contract, &place, values) {
                self.narrowed(of, &place, member, id, operations);
                having.push((id, values));
            }
        }
        let view = words.fields.as_ref().map(|names| {
            let mut view = Selection::none(&of.contract);
            view.add(&of.contract, of.key);
            for (at, member) in names.iter().enumerate() {
                let at = at.to_string();
                let place = ["access", "roles", name, "fields", at.as_str()];
                if let Some(id) = self.member(of.doc, &of.contract, &place, member) {
                    view.add(&of.contract, id);
                }
            }
            view
        });
        if view.is_some() && [Operation::Create, Operation::Replace].iter().any(|o| operations.has(*o)) {
            let hint = "let it `patch`, which leaves the other members alone, or show it all `fields`";
            let message = format!("`{name}` writes whole records and sees only parts of them");
            let place = ["access", "roles", name, "fields"];
            of.doc.error_at_key(self.out, m::BAD_GRANT, &place, message, Some(hint.into()));
        }
        let when = words.when.as_ref().and_then(|text| self.grant_condition(of, name, text, operations));
        (self.out.errors() == before).then(|| Grant {
            role: role.name.clone(),
            claim: role.claim.clone(),
            may: operations,
            rows: rows.unwrap_or(Rows::All),
            having,
            view,
            when,
        })
    }

    /// What ties a role to records. Nothing where it is not sound, which has been told.
    fn rows(
        &mut self,
        of: &Of<'_>,
        role: &Role,
        words: &words::access::Grant,
        operations: Operations,
    ) -> Option<Rows> {
        let name = &*role.name;
        let through = words.through.as_ref().filter(|all| !all.is_empty());
        if role.claim.is_none() && words.own.is_some() {
            let message = format!("nothing says which records are the own ones of `{name}`");
            let hint = Some(format!("add `{name}: {{ claim: ... }}` to the API's roles"));
            of.doc.error_at_key(self.out, m::BAD_GRANT, &["access", "roles", name, "own"], message, hint);
        }
        match (&words.own, through) {
            (Some(_), Some(_)) => {
                let message = format!("`{name}` is tied to records in two ways");
                let hint = Some("keep either `own` or `through`".into());
                of.doc.error_at_key(self.out, m::BAD_GRANT, &["access", "roles", name, "own"], message, hint);
                None
            }
            (None, None) => Some(Rows::All),
            (Some(own), None) => {
                let place = ["access", "roles", name, "own"];
                let member = self.member(of.doc, &of.contract, &place, own)?;
                self.narrowed(of, &place, own, member, operations);
                Some(Rows::Own(member))
            }
            (None, Some(all)) => {
                let mut found = Vec::new();
                for (at, one) in all.iter().enumerate() {
                    let at = at.to_string();
                    let mut place = vec!["access", "roles", name, "through"];
                    if matches!(all, OneOrMany::Many(_)) {
                        place.push(&at);
                    }
                    found.extend(self.led_through(of, name, &place, one, operations));
                }
                if found.iter().any(|one| found.first().is_some_and(|first| first.member != one.member)) {
                    let message = format!("the ways that lead `{name}` to records lead to different members");
                    let hint = Some("let each way lead to the same `member`".into());
                    let place = ["access", "roles", name, "through"];
                    of.doc.error_at_key(self.out, m::BAD_GRANT, &place, message, hint);
                }
                Some(Rows::Through(found))
            }
        }
    }

    fn led_through(
        &mut self,
        of: &Of<'_>,
        role: &str,
        place: &[&str],
        words: &words::access::Through,
        operations: Operations,
    ) -> Option<Through> {
        let inner = |last: &'static str| -> Vec<String> {
            place.iter().copied().chain([last]).map(str::to_owned).collect()
        };
        let api_id = self.drafts.get(of.at)?.api_id.clone();
        let at = inner("resource");
        let at: Vec<&str> = at.iter().map(String::as_str).collect();
        let Some(target) = self.draft(&api_id, &words.resource) else {
            if !self.is_broken(&words.resource) {
                let names =
                    self.drafts.iter().filter(|d| d.api_id == api_id).map(|d| d.doc.words.resource.as_str());
                let hint = Some(cure(&words.resource, names));
                let message = format!("there is no resource `{}`", words.resource);
                of.doc.error(self.out, m::NO_RESOURCE, &at, message, hint);
            }
            return None;
        };
        let (theirs, filters, ways) = {
            let draft = self.drafts.get(target)?;
            let ways = match &draft.doc.words.access {
                words::Access::Open(_) => false,
                words::Access::Ruled(rules) => {
                    rules.roles.get(role).is_some_and(|grant| grant.through.is_none())
                }
            };
            (Arc::clone(&draft.contract), draft.public.filters.clone(), ways)
        };
        if target == of.at || !ways {
            let message =
                format!("which records of `{}` are the caller's is not said for `{role}`", words.resource);
            let hint =
                Some("lead through a resource where this role has `own`: there is one step, not two".into());
            of.doc.error(self.out, m::BAD_GRANT, &at, message, hint);
            return None;
        }
        let at = inner("by");
        let at: Vec<&str> = at.iter().map(String::as_str).collect();
        let by = self.member(of.doc, &theirs, &at, &words.by)?;
        let member = match &words.member {
            None => of.key,
            Some(name) => {
                let at = inner("member");
                let at: Vec<&str> = at.iter().map(String::as_str).collect();
                let member = self.member(of.doc, &of.contract, &at, name)?;
                self.narrowed(of, &at, name, member, operations);
                member
            }
        };
        if member == of.key && operations.has(Operation::Create) {
            let message = "what is only being made cannot be led to";
            let hint = Some("take `create` from this role, or lead to another `member`".into());
            of.doc.error_at_key(self.out, m::BAD_GRANT, place, message, hint);
        }
        let mut having = Vec::new();
        for (name, values) in &words.having {
            let at = place.iter().copied().chain(["where", name.as_str()]);
            let at: Vec<&str> = at.collect();
            let found = self.having(of, &theirs, &at, values);
            if let Some((id, _)) = &found
                && !filters.contains(id)
            {
                let message = format!("`{}` cannot be listed by `{name}`", words.resource);
                let hint = Some(format!("add `{name}` to its `filter`"));
                of.doc.error_at_key(self.out, m::BAD_GRANT, &at, message, hint);
            }
            having.extend(found);
        }
        Some(Through { resource: target, by, direct: filters.contains(&by), member, having })
    }

    /// What ties a role to records has to narrow lists; a key does so by itself.
    fn narrowed(
        &mut self,
        of: &Of<'_>,
        place: &[&str],
        name: &str,
        member: MemberId,
        operations: Operations,
    ) {
        if operations.has(Operation::List) && member != of.key && !of.narrowing.contains(&member) {
            let message = format!("`{}` cannot be listed by `{name}`", of.doc.words.resource);
            let hint =
                Some(format!("add `{name}` to `filter`, so that each binding narrows its lists by it"));
            of.doc.error_at_key(self.out, m::BAD_GRANT, place, message, hint);
        }
    }

    /// A member and the values of which one has to be its own.
    fn having(
        &mut self,
        of: &Of<'_>,
        contract: &Contract,
        place: &[&str],
        values: &OneOrMany<Scalar>,
    ) -> Option<(MemberId, Vec<String>)> {
        let name = place.last().copied().unwrap_or_default();
        let id = self.member(of.doc, contract, place, name)?;
        let member = contract.get(id)?;
        let mut texts = Vec::new();
        for value in values {
            let text = match value {
                Scalar::Text(text) => text.clone(),
                Scalar::Bool(truth) => truth.to_string(),
                Scalar::Integer(number) => number.to_string(),
                Scalar::Number(number) => number.to_string(),
                Scalar::Null(()) => String::new(),
            };
            let fits = match &member.kind {
                Kind::Enum(codes) => codes.iter().any(|code| **code == *text),
                Kind::Boolean => matches!(value, Scalar::Bool(_)),
                kind => kind.is_scalar() && !matches!(value, Scalar::Null(())),
            };
            if !fits {
                let hint = match &member.kind {
                    Kind::Enum(codes) => nearest(&text, codes.iter().map(|code| &**code)).map_or_else(
                        || format!("it is one of: {}", codes.join(", ")),
                        |near| format!("did you mean `{near}`?"),
                    ),
                    kind => format!("it is {}", kind.noun()),
                };
                let message = format!("`{text}` is no value of `{name}`");
                of.doc.error(self.out, m::BAD_GRANT, place, message, Some(hint));
            }
            texts.push(text);
        }
        Some((id, texts))
    }

    fn grant_condition(
        &mut self,
        of: &Of<'_>,
        role: &str,
        text: &str,
        operations: Operations,
    ) -> Option<Condition> {
        let place = ["access", "roles", role, "when"];
        match Condition::read(text) {
            Ok(condition) if condition.of_record && operations.has(Operation::List) => {
                let message = "a list cannot be narrowed by a condition over `record`";
                let hint = Some("say it as `where` or `own`, or take `list` from this role".into());
                of.doc.error(self.out, m::BAD_CONDITION, &place, message, hint);
                None
            }
            Ok(condition) => Some(condition),
            Err(wrong) => {
                let hint = Some("write for example `caller.claims.provider == record.providerId`".into());
                of.doc.error(
                    self.out,
                    m::BAD_CONDITION,
                    &place,
                    format!("this is no condition: {wrong}"),
                    hint,
                );
                None
            }
        }
    }
}

fn may(words: &May, all: &[Operation]) -> Operations {
    match words {
        May::Sum(Sum::All) => all.iter().copied().collect(),
        May::Sum(Sum::Read) => all.iter().copied().filter(|operation| !operation.is_write()).collect(),
        May::Each(each) => each.iter().copied().collect(),
    }
}
