//! Resources of another form than a list with a record for each key (records without keys, one record below each
//! parent), and lists that are asked with what they need: required filters, and filters that go through another resource.

use crate::{
    fault::{
        mapping as m,
        nearest::{cure, nearest},
    },
    plan::{
        Contract, MemberId,
        compile::Compiler,
        contract::compile::RESERVED,
        resource::{Required, SortKey, Through},
    },
    spec::{
        Doc,
        words::{self, resource::Operation},
    },
};
use std::sync::Arc;

impl Compiler<'_> {
    /// The member that identifies a record, or, where none does, the one that the order begins with. The order is total.
    pub(super) fn key(
        &mut self,
        doc: &Doc<words::Resource>,
        contract: &Contract,
        order: &mut Vec<SortKey>,
    ) -> Option<MemberId> {
        let words = &doc.words;
        if words.single {
            return self.key_of_parent(doc, contract, order);
        }
        let whole = order.len() == words.order.len();
        let Some(name) = &words.key else {
            for (at, operation) in words.operations.iter().enumerate() {
                if *operation != Operation::List {
                    let message = "records without a key are listed, and nothing else";
                    let hint = Some(
                        "say the member that identifies a record in `key`, or take this operation out".into(),
                    );
                    doc.error(self.out, m::BAD_FORM, &["operations", &at.to_string()], message, hint);
                }
            }
            if order.is_empty() && whole {
                let hint = Some("name the members that tell two records apart".into());
                let message = "records without a key come in the order that is said here";
                doc.error(self.out, m::BAD_ORDER, &["order"], message, hint);
            }
            return order.first().map(|first| first.member);
        };
        let key = self.member(doc, contract, &["key"], name)?;
        if order.last().is_none_or(|last| last.member != key) && whole {
            let hint = Some(format!("end it with `{name}`"));
            let message = "an order without the key at its end is not total";
            doc.error(self.out, m::BAD_ORDER, &["order"], message, hint);
        }
        Some(key)
    }

    /// One record below each parent has the parent's key, one URL, and no list.
    fn key_of_parent(
        &mut self,
        doc: &Doc<words::Resource>,
        contract: &Contract,
        order: &mut Vec<SortKey>,
    ) -> Option<MemberId> {
        let words = &doc.words;
        for (at, operation) in words.operations.iter().enumerate() {
            if !matches!(operation, Operation::Read | Operation::Replace | Operation::Patch) {
                let message =
                    "of a single record below its parent there is no list, and none is made or removed";
                let hint = Some("keep `read`, `replace` and `patch`".into());
                doc.error(self.out, m::BAD_FORM, &["operations", &at.to_string()], message, hint);
            }
        }
        let segments: Vec<&str> = words.path.split('/').skip(1).collect();
        let parameter = match segments.as_slice() {
            [_, parameter, _] => parameter.strip_prefix('{').and_then(|p| p.strip_suffix('}')),
            _ => None,
        };
        let (Some(parameter), true) = (parameter, words.also.is_empty()) else {
            let hint = Some("write one path such as `/auto-parts/{partId}/stock`".into());
            doc.error(self.out, m::BAD_FORM, &["path"], "a single record stands below one parent", hint);
            return None;
        };
        let name = words.parents.get(parameter).map_or(parameter, String::as_str);
        let key = self.member(doc, contract, &["path"], name)?;
        if let Some(said) = words.key.as_deref().filter(|said| *said != name) {
            let message = format!("`{said}` is not the parent's key");
            let hint = Some(format!("write `key: {name}`, or nothing"));
            doc.error(self.out, m::BAD_FORM, &["key"], message, hint);
        }
        *order = vec![SortKey { member: key, descending: false }];
        Some(key)
    }

    /// The filters that every list has to be asked with. Those that go through another resource are joined later, in
    /// this order.
    pub(super) fn required(
        &mut self,
        doc: &Doc<words::Resource>,
        contract: &Contract,
        filters: &[MemberId],
    ) -> Vec<Required> {
        let words = &doc.words;
        let mut found = Vec::new();
        for (at, name) in words.require.iter().enumerate() {
            if let Some(number) = words.through.get_index_of(name) {
                found.push(Required::Through(number));
            } else if let Some(member) = contract.find(name).filter(|member| filters.contains(&member.id)) {
                found.push(Required::Member(member.id));
            } else if !words.filter.contains(name) {
                let known = words.through.keys().chain(&words.filter).map(String::as_str);
                let hint = Some(nearest(name, known).map_or_else(
                    || "add it to `filter`, or say it in `through`".into(),
                    |near| format!("did you mean `{near}`?"),
                ));
                let message = format!("`{name}` is no filter of this resource, and cannot be required");
                doc.error(self.out, m::NO_MEMBER, &["require", &at.to_string()], message, hint);
            }
        }
        found
    }

    /// Joins filters that go through another resource with it, now that all are known.
    pub(super) fn values_through(&mut self) {
        for at in 0..self.drafts.len() {
            let Some(draft) = self.drafts.get(at) else { continue };
            let (doc, api_id, contract) = (draft.doc, draft.api_id.clone(), Arc::clone(&draft.contract));
            let mut found = Vec::new();
            for (name, words) in &doc.words.through {
                if let Some(through) = self.value_through(doc, &contract, &api_id, name, words) {
                    found.push(through);
                }
            }
            // A number counts as it was written. With a fault in one there is no plan, and nobody else is blamed for it.
            if found.len() < doc.words.through.len() {
                found.clear();
            }
            if let Some(draft) = self.drafts.get_mut(at) {
                draft.public.through = found;
            }
        }
    }

    fn value_through(
        &mut self,
        doc: &Doc<words::Resource>,
        contract: &Contract,
        api_id: &str,
        name: &str,
        words: &words::resource::Through,
    ) -> Option<Through> {
        let place = ["through", name];
        if RESERVED.contains(&name) || contract.find(name).is_some() {
            let message = format!("`{name}` cannot be a filter that goes through another resource");
            let hint = Some("give it a name that is no member of the contract and no reserved word".into());
            doc.error_at_key(self.out, m::RESERVED, &place, message, hint);
        }
        let member = self.member(doc, contract, &["through", name, "to"], &words.to)?;
        let Some(other) = self.draft(api_id, &words.other) else {
            if !self.is_broken(&words.other) {
                let names = self.drafts.iter().filter(|d| d.api_id == api_id);
                let hint = Some(cure(&words.other, names.map(|d| d.doc.words.resource.as_str())));
                let message = format!("there is no resource `{}`", words.other);
                doc.error(self.out, m::NO_RESOURCE, &["through", name, "in"], message, hint);
            }
            return None;
        };
        let draft = self.drafts.get(other)?;
        let (theirs, key, filters) =
            (Arc::clone(&draft.contract), draft.public.key, draft.public.filters.clone());
        let operations = draft.doc.words.operations.clone();
        let mut by = Vec::new();
        for (at, text) in words.by.iter().enumerate() {
            let at = at.to_string();
            let here = ["through", name, "by", at.as_str()];
            let id = self.member(doc, &theirs, &here, text)?;
            let (can, cure) = if id == key {
                (operations.contains(&Operation::Read), "let its records be read")
            } else {
                (
                    operations.contains(&Operation::List) && filters.contains(&id),
                    "add it to that resource's `filter`",
                )
            };
            if !can {
                let message = format!("`{}` cannot be asked for `{text}`", words.other);
                doc.error(self.out, m::BAD_LOOKUP, &here, message, Some(cure.into()));
            }
            by.push(id);
        }
        Some(Through { name: name.to_owned(), member, other, by, most: words.most.unwrap_or(20) })
    }
}
