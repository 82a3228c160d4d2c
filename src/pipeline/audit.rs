//! The stage at the end of the road, and a hand on it where something is written: who did what to which records is kept
//! before an answer leaves, and before a system behind is asked to change anything. Code F913 where it cannot be kept.
//! It decides nothing about access, and keeps nothing itself: `identity::audit` names who does.

mod seen;

use super::{
    Instance,
    authorize::{Held, Permit},
    execute::Found,
    route::{Routed, To},
    select::Selected,
};
use crate::{
    fault::Fault,
    identity::{
        Caller, Peer,
        audit::{BEGUN, DONE, Event, Note},
    },
    plan::{Plan, Resource, Selection, audit::Audit, resource::Operation},
    value::{Brief, Value},
};
use std::{borrow::Cow, net::IpAddr, sync::Arc};
use uuid::Uuid;

/// What one request has to tell.
#[derive(Debug)]
pub struct Watch {
    note: Option<Arc<dyn Note>>,
    address: Option<IpAddr>,
    /// What joins the lines of this request.
    request: Uuid,
    caller: Arc<Caller>,
    aim: Option<Aim>,
    change: Option<Change>,
    /// Whether its answer was of interest.
    told: bool,
}

/// What it is about, as far as the path says.
#[derive(Debug)]
struct Aim {
    name: Brief,
    operation: Operation,
    key: Option<Brief>,
    /// Whether attempts are of interest.
    watched: bool,
}

/// A write that a system behind has been asked for, or is about to be.
#[derive(Debug)]
struct Change {
    before: Option<Value>,
    /// Whether its outcome is kept, too.
    settled: bool,
}

/// What is known of how a caller came to see records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Witness {
    /// The records are the caller's own, by the member that says whom their personal members are about.
    pub by_owner: bool,
}

impl Witness {
    pub fn of(permit: &Permit<'_>, audit: &Audit) -> Self {
        let by_owner = match &permit.rows {
            Held::Own(member, _) => audit.owner == Some(*member),
            Held::All | Held::Through(_) => false,
        };
        Self { by_owner }
    }
}

// === impl Watch ===

impl Watch {
    /// Nothing is told where nobody notes it.
    pub fn begin(note: Option<&Arc<dyn Note>>, head: &http::request::Parts) -> Self {
        let request = if note.is_some() { Uuid::now_v7() } else { Uuid::nil() };
        Self {
            note: note.map(Arc::clone),
            address: head.extensions.get::<Peer>().map(|peer| peer.address),
            request,
            caller: Caller::anonymous(),
            aim: None,
            change: None,
            told: false,
        }
    }

    /// Takes down who asks for what.
    pub fn aims(&mut self, plan: &Plan, routed: &Routed<'_>) {
        if self.note.is_none() {
            return;
        }
        self.caller = Arc::clone(&routed.caller);
        let noted = |resource: &Resource| resource.audit.is_some();
        let (name, watched) = match routed.to {
            To::Resource(resource, _) => (&resource.name, routed.operation.is_write() || noted(resource)),
            To::Shortcut(shortcut) => {
                let mut parts = shortcut.parts.iter().filter_map(|part| plan.resource(part.resource));
                (&shortcut.name, parts.any(|resource| noted(resource)))
            }
        };
        let collection = matches!(routed.operation, Operation::List | Operation::Create);
        let key = routed.parameters.last().filter(|_| !collection);
        self.aim = Some(Aim {
            name: name.as_str().into(),
            operation: routed.operation,
            key: key.map(|key| key.as_str().into()),
            watched,
        });
    }

    /// A write is about to be asked for: what it is to change stands in the trail before it is.
    ///
    /// Refuses with F913; nothing is to be written then.
    pub async fn intends(
        &mut self,
        resource: &Resource,
        key: Option<&str>,
        before: Option<&Value>,
        after: Option<&Value>,
    ) -> Result<(), Fault> {
        let Some(note) = self.note.clone() else { return Ok(()) };
        let (members, detail) = difference(resource, before, after);
        let event = self.event(self.operation().name(), BEGUN).on(&resource.name, key).detail(detail);
        note.note(vec![Event { members, ..event }]).await?;
        self.change = Some(Change { before: before.cloned(), settled: false });
        Ok(())
    }

    /// The answer is made and has not left: what it shows, and what was done, is kept first.
    ///
    /// Refuses with F913; nothing is to be shown then.
    pub async fn shows(
        &mut self,
        instance: &Instance,
        selected: &Selected<'_>,
        found: &Found<'_>,
    ) -> Result<(), Fault> {
        let Some(note) = self.note.clone() else { return Ok(()) };
        let routed = &selected.validated.routed;
        let mut events = Vec::new();
        if let (Found::Record { resource, answer, .. }, true) = (found, routed.operation.is_write()) {
            let keys = match routed.operation {
                Operation::Create => seen::keys(resource, answer),
                _ => vec![routed.key().into()],
            };
            let event = self.event(routed.operation.name(), DONE).on(&resource.name, keys);
            events.push(match &self.change {
                Some(change) => {
                    let after =
                        seen::whole(resource, answer).filter(|_| routed.operation != Operation::Delete);
                    let (members, detail) = difference(resource, change.before.as_ref(), after.as_ref());
                    Event { members, ..event.detail(detail) }
                }
                // It is as it was wanted already.
                None => event.fact("unchanged", "true"),
            });
        }
        events.extend(seen::events(self, &instance.plan, selected, found));
        if events.is_empty() {
            return Ok(());
        }
        self.told = true;
        note.note(events).await?;
        if let Some(change) = &mut self.change {
            change.settled = true;
        }
        Ok(())
    }

    /// Whether what was shown was of interest to the trail: the same is, if it is shown again.
    pub fn has_told(&self) -> bool {
        self.told
    }

    /// The request ends with a fault: a write that was begun has an outcome, and attempts on what is audited are told.
    ///
    /// Refuses with F913.
    pub async fn refused(&mut self, fault: &Fault) -> Result<(), Fault> {
        let (Some(note), Some(aim)) = (self.note.clone(), &self.aim) else { return Ok(()) };
        let begun = self.change.as_ref().is_some_and(|change| !change.settled);
        // What is no one's business and what is not there look alike.
        let attempt = aim.watched && matches!(fault.code.status, 403 | 404);
        if !begun && !attempt {
            return Ok(());
        }
        let event = self.event(aim.operation.name(), fault.code.id).on(&aim.name, aim.key.clone());
        note.note(vec![event]).await?;
        if let Some(change) = &mut self.change {
            change.settled = true;
        }
        Ok(())
    }

    /// Whether anything is told at all.
    pub fn is_kept(&self) -> bool {
        self.note.is_some()
    }

    /// Whether the keys of what is shown of a resource have to be known.
    pub fn wants_keys(&self, resource: &Resource) -> bool {
        self.note.is_some() && resource.audit.is_some()
    }

    fn operation(&self) -> Operation {
        self.aim.as_ref().map_or(Operation::Read, |aim| aim.operation)
    }

    fn event(&self, action: &'static str, outcome: &'static str) -> Event {
        Event {
            address: self.address,
            request: Some(self.request),
            ..Event::new(action, Arc::clone(&self.caller)).outcome(Cow::Borrowed(outcome))
        }
    }
}

/// The names of the members at the top that differ, and their values before and after. Nothing is like null.
fn difference(resource: &Resource, before: Option<&Value>, after: Option<&Value>) -> (Vec<Brief>, Value) {
    let mut names = Vec::new();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for member in resource.contract.top() {
        let value = |whole: Option<&Value>| {
            whole.and_then(|whole| whole.get(&member.name)).cloned().unwrap_or_default()
        };
        let (was, is) = (value(before), value(after));
        if was == is {
            continue;
        }
        names.push(Brief::new(&member.name));
        old.push((Brief::new(&member.name), was));
        new.push((Brief::new(&member.name), is));
    }
    let side = |side: Option<&Value>, members| side.map_or(Value::Null, |_| Value::Object(members));
    let detail =
        Value::Object(vec![("before".into(), side(before, old)), ("after".into(), side(after, new))]);
    (names, detail)
}

/// What is asked of a backend so that its records can be named: the selection, with the key.
pub fn named(watch: &Watch, resource: &Resource, selection: &Selection) -> Selection {
    if watch.wants_keys(resource) { selection.with(resource.key) } else { selection.clone() }
}
