//! A shortcut's body: its parts shown under its own names, in the order of its contract.

use crate::{
    backend::{self, Content, fault_in},
    fault::{Fault, code},
    pipeline::execute::shortcut::{Composed, PartState},
    plan::{
        Contract, Resource, Selection,
        contract::{Kind, Label, Member},
        shortcut::Fill,
    },
    translate::{
        sink::{Place, Sink},
        whole,
    },
};
use std::sync::LazyLock;

static METADATA: LazyLock<Label> = LazyLock::new(|| Label::new("metadata"));
static PARTIAL: LazyLock<Label> = LazyLock::new(|| Label { item: "missing".into(), ..Label::new("partial") });
static PART: LazyLock<Label> = LazyLock::new(|| Label::new("part"));
static CODE: LazyLock<Label> = LazyLock::new(|| Label::new("code"));

pub(super) fn members<S: Sink>(
    sink: &mut S,
    composed: &Composed<'_>,
    selection: &Selection,
) -> Result<(), Fault> {
    let shortcut = composed.shortcut;
    for fill in shortcut.fills.iter().filter(|f| selection.has(f.member)) {
        let Some(member) = shortcut.contract.get(fill.member) else { continue };
        let shown = match fill.when {
            Some(when) => composed.truth(when)?,
            None => true,
        };
        match composed.parts.get(fill.part) {
            Some(PartState::Have { resource, answer, view }) if shown => {
                let part = Theirs { resource, answer, view };
                one(sink, &shortcut.contract, member, fill, &part, selection)?;
            }
            _ => sink.null(Place::Member(&member.label)),
        }
    }
    partial(sink, composed);
    Ok(())
}

/// Names the parts that could not be had.
fn partial<S: Sink>(sink: &mut S, composed: &Composed<'_>) {
    let missing: Vec<_> = composed
        .shortcut
        .parts
        .iter()
        .zip(&composed.parts)
        .filter_map(
            |(part, state)| {
                if let PartState::Missing(code) = state { Some((&part.name, code.id)) } else { None }
            },
        )
        .collect();
    if missing.is_empty() {
        return;
    }
    sink.begin_object(Place::Member(&METADATA));
    sink.begin_list(Place::Member(&PARTIAL));
    for (part, code) in missing {
        let item = Place::Item(&PARTIAL);
        sink.begin_object(item);
        sink.text(Place::Member(&PART), part);
        sink.text(Place::Member(&CODE), code);
        sink.end_object(item);
    }
    sink.end_list(Place::Member(&PARTIAL));
    sink.end_object(Place::Member(&METADATA));
}

fn one<S: Sink>(
    sink: &mut S,
    ours: &Contract,
    member: &Member,
    fill: &Fill,
    theirs_of: &Theirs<'_>,
    selection: &Selection,
) -> Result<(), Fault> {
    let Theirs { resource, answer, view } = *theirs_of;
    let contract = &resource.contract;
    let mut inner = Selection::none(contract);
    for id in fill.theirs(selection) {
        inner.add(contract, id);
    }
    let place = Place::Member(&member.label);
    let inner = inner.within(view);
    if fill.from.is_some_and(|from| !view.has(from)) {
        // It does not exist for the caller.
        sink.null(Place::Member(&member.label));
        return Ok(());
    }
    let part = Part { resource, answer, view, selection: &inner };
    match (fill.from, &member.kind) {
        (Some(from), _) => part.member(sink, 0, from, place),
        (None, Kind::List(_)) => {
            sink.begin_list(place);
            for at in 0..answer.content.len() {
                let item = Place::Item(&member.label);
                sink.begin_object(item);
                part.children(sink, at, ours, member, selection)?;
                sink.end_object(item);
            }
            sink.end_list(place);
            Ok(())
        }
        (None, _) => {
            sink.begin_object(place);
            part.children(sink, 0, ours, member, selection)?;
            sink.end_object(place);
            Ok(())
        }
    }
}

/// A part that is there, and what exists of it for the caller.
#[derive(Clone, Copy)]
struct Theirs<'a> {
    resource: &'a Resource,
    answer: &'a backend::Answer,
    view: &'a Selection,
}

struct Part<'a> {
    resource: &'a Resource,
    answer: &'a backend::Answer,
    view: &'a Selection,
    selection: &'a Selection,
}

impl Part<'_> {
    /// The members of ours that stand directly below, each by the part's member of the same name.
    fn children<S: Sink>(
        &self,
        sink: &mut S,
        at: usize,
        ours: &Contract,
        member: &Member,
        selection: &Selection,
    ) -> Result<(), Fault> {
        for child in ours.children(member).filter(|c| selection.has(c.id)) {
            let found = self.resource.contract.find(&child.name);
            if let Some(found) = found.filter(|found| self.view.has(found.id)) {
                self.member(sink, at, found.id, Place::Member(&child.label))?;
            }
        }
        Ok(())
    }

    fn member<S: Sink>(&self, sink: &mut S, at: usize, id: u16, place: Place<'_>) -> Result<(), Fault> {
        let subject = super::subject(self.resource);
        match &self.answer.content {
            Content::Slots { rows, .. } => {
                let (Some(shown), Some(row)) = (self.answer.shown(subject), rows.get(at)) else {
                    return Ok(());
                };
                shown.part(*row, id, self.selection, place, sink).map(drop).map_err(|p| fault_in(subject, &p))
            }
            Content::Values(values) => {
                let contract = &self.resource.contract;
                let (Some(value), Some(member)) = (values.get(at), contract.get(id)) else { return Ok(()) };
                let found = value.at(&member.path).cloned().unwrap_or_default();
                whole::member(contract, member, &found, self.selection, place, sink)
                    .map_err(|what| Fault::plain(&code::CANNOT_TRANSLATE).detail(what))
            }
        }
    }
}
