//! What an answer shows, by the rules of the resources that it comes from: a record's own, a shortcut's parts, and those
//! whose values stand in others by look-ups.

use super::{Watch, Witness};
use crate::{
    backend::{self, Content, Subject, sources},
    identity::{
        Caller,
        audit::{DONE, Event, Via},
    },
    pipeline::{
        authorize::Permit,
        envelope,
        execute::{
            Found,
            shortcut::{Composed, PartState},
        },
        route::To,
        select::Selected,
        validate::Asked,
    },
    plan::{Contract, MemberId, Plan, Resource, Selection, audit::Audit, resource::Operation, shortcut},
    translate::compare::Filter,
    value::{Brief, Value, json},
};

/// Keys of one line; further ones stand in a line of their own.
const KEYS: usize = 200;

/// Records of one resource that were shown.
struct Shown<'a> {
    resource: &'a Resource,
    answer: &'a backend::Answer,
    operation: Operation,
    selection: &'a Selection,
    /// Members that the records were chosen or ordered by: who asks for those of an address learns whose it is.
    compared: &'a [MemberId],
    by_owner: bool,
    via: Option<Via>,
    parent: Option<&'a str>,
}

/// The events of what an answer shows.
pub(super) fn events(watch: &Watch, plan: &Plan, selected: &Selected<'_>, found: &Found<'_>) -> Vec<Event> {
    let routed = &selected.validated.routed;
    let operation = routed.operation;
    let by_owner = |resource: &Resource| {
        resource.audit.as_ref().is_some_and(|audit| Witness::of(&routed.permit, audit).by_owner)
    };
    match found {
        Found::List { resource, answer } => {
            let Asked::List { filters, order, .. } = &selected.validated.asked else { return Vec::new() };
            let mut compared: Vec<MemberId> = filters.iter().map(|filter| filter.member).collect();
            // The order that nobody asked for tells nothing.
            if *order != resource.order {
                compared.extend(order.iter().map(|key| key.member));
            }
            let below = matches!(routed.to, To::Resource(resource, path)
                if resource.paths.get(path).is_some_and(|path| path.parent.is_some()));
            let shown = Shown {
                resource,
                answer,
                operation,
                selection: &selected.selection,
                compared: &compared,
                by_owner: by_owner(resource),
                via: None,
                parent: routed.parameters.first().filter(|_| below).map(String::as_str),
            };
            shown.events(watch, plan, filters)
        }
        // A write's own line says what was written, and that its answer shows it.
        Found::Record { .. } if operation.is_write() => Vec::new(),
        Found::Record { resource, answer, .. } => {
            let shown = Shown {
                resource,
                answer,
                operation,
                selection: &selected.selection,
                compared: &[],
                by_owner: by_owner(resource),
                via: None,
                parent: None,
            };
            shown.events(watch, plan, &[])
        }
        Found::Shortcut(composed) => parts(watch, plan, selected, composed),
    }
}

fn parts(watch: &Watch, plan: &Plan, selected: &Selected<'_>, composed: &Composed<'_>) -> Vec<Event> {
    let routed = &selected.validated.routed;
    let via = Via {
        name: composed.shortcut.name.as_str().into(),
        keys: routed.parameters.iter().map(|key| key.as_str().into()).collect(),
    };
    let mut events = Vec::new();
    for (at, (part, state)) in composed.shortcut.parts.iter().zip(&composed.parts).enumerate() {
        let PartState::Have { resource, answer, view } = state else { continue };
        let mut selection = Selection::none(&resource.contract);
        let fills = composed.shortcut.fills.iter();
        for fill in fills.filter(|fill| fill.part == at && selected.selection.has(fill.member)) {
            // A condition that cannot be read shows nothing.
            let shown = fill.when.is_none_or(|when| composed.truth(when).unwrap_or(false));
            if shown {
                for id in fill.theirs(&selected.selection) {
                    selection.add(&resource.contract, id);
                }
            }
        }
        let selection = selection.within(view);
        if selection == Selection::none(&resource.contract) {
            continue;
        }
        let operation = match part.ask {
            shortcut::Ask::Read(..) => Operation::Read,
            shortcut::Ask::List { .. } => Operation::List,
        };
        let shown = Shown {
            resource,
            answer,
            operation,
            selection: &selection,
            compared: &[],
            by_owner: owns(resource, &routed.caller, operation),
            via: Some(via.clone()),
            parent: None,
        };
        events.extend(shown.events(watch, plan, &[]));
    }
    events
}

fn owns(resource: &Resource, caller: &Caller, operation: Operation) -> bool {
    let Some(audit) = &resource.audit else { return false };
    Permit::of(resource, caller, operation).is_ok_and(|permit| Witness::of(&permit, audit).by_owner)
}

// === impl Shown ===

impl Shown<'_> {
    fn events(self, watch: &Watch, plan: &Plan, filters: &[Filter]) -> Vec<Event> {
        let keys = keys(self.resource, self.answer);
        let looked_up = if self.answer.content.is_empty() {
            Vec::new()
        } else {
            self.looked_up(watch, plan, filters, &keys)
        };
        let mut events = Vec::new();
        if let Some(audit) = &self.resource.audit
            && let Some(members) = self.members(audit)
        {
            let mut base = watch.event(self.operation.name(), DONE).on(&self.resource.name, [""; 0]);
            if let Some(parent) = self.parent {
                base = base.fact("parent", parent);
            }
            // A record without its key cannot be named; that there was one is told all the same.
            let count = self.answer.content.len();
            if keys.len() != count {
                base = base.fact("records", count.to_string());
            }
            base.members = members;
            base.via.clone_from(&self.via);
            if keys.len() <= KEYS {
                events.push(Event { keys, ..base });
            } else {
                let chunks = keys.chunks(KEYS);
                events.extend(chunks.map(|keys| Event { keys: keys.to_vec(), ..base.clone() }));
            }
        }
        events.extend(looked_up);
        events
    }

    /// The names of what is told; nothing where the read is not to be.
    fn members(&self, audit: &Audit) -> Option<Vec<Brief>> {
        let contract = &self.resource.contract;
        if audit.reads_all {
            return Some(if self.selection.is_all() {
                vec!["*".into()]
            } else {
                self.selection.names(contract).into_iter().map(Into::into).collect()
            });
        }
        let mut personal = audit.shown(self.selection);
        let compared = audit
            .personal
            .iter()
            .copied()
            .filter(|id| self.compared.iter().any(|other| related(contract, *id, *other)));
        personal.extend(compared);
        personal.sort_unstable();
        personal.dedup();
        if personal.is_empty() || self.by_owner || self.answer.content.is_empty() {
            return None;
        }
        Some(personal.into_iter().filter_map(|id| contract.get(id)).map(|m| m.path.as_ref().into()).collect())
    }

    /// Values that a look-up took from another resource are that one's to tell of.
    fn looked_up(&self, watch: &Watch, plan: &Plan, filters: &[Filter], keys: &[Brief]) -> Vec<Event> {
        let subject = Subject { resource: self.resource, binding: &self.resource.binding };
        let noted = |audit: &Audit, contract: &Contract, give: MemberId| {
            audit.reads_all || audit.personal.iter().any(|id| related(contract, *id, give))
        };
        let ids = sources::lookups(subject, self.selection, filters, self.compared);
        let lookups = ids.into_iter().filter_map(|id| plan.lookups.get(id));
        let mut told: Vec<(&str, &str)> = Vec::new();
        let mut events = Vec::new();
        for lookup in lookups {
            let Some(other) = plan.resource(lookup.resource) else { continue };
            let Some(audit) = &other.audit else { continue };
            let Some(member) = other.contract.get(lookup.give) else { continue };
            let place = (other.name.as_str(), &*member.path);
            if !noted(audit, &other.contract, lookup.give) || told.contains(&place) {
                continue;
            }
            told.push(place);
            let mut event = watch.event(self.operation.name(), DONE).on(&other.name, [""; 0]);
            event.members = vec![member.path.as_ref().into()];
            let keys = keys.iter().take(KEYS).cloned().collect();
            event.via = Some(Via { name: self.resource.name.as_str().into(), keys });
            events.push(event);
        }
        events
    }
}

/// Whether one member stands in the other, or is it.
fn related(contract: &Contract, one: MemberId, other: MemberId) -> bool {
    let holds = |outer: MemberId, inner: MemberId| {
        contract.get(outer).is_some_and(|member| (member.id..member.end).contains(&inner))
    };
    holds(one, other) || holds(other, one)
}

/// The keys of the records, as far as they can be told.
pub(super) fn keys(resource: &Resource, answer: &backend::Answer) -> Vec<Brief> {
    let subject = Subject { resource, binding: &resource.binding };
    let key = |at| answer.member(subject, at, resource.key).ok().flatten();
    (0..answer.content.len()).filter_map(key).collect()
}

/// A record in the public form; nothing where it has none.
pub(super) fn whole(resource: &Resource, answer: &backend::Answer) -> Option<Value> {
    if let Content::Values(values) = &answer.content {
        return values.first().cloned();
    }
    let bytes = envelope::whole(resource, answer).ok()?;
    json::read::read(&String::from_utf8(bytes).ok()?).ok()
}
