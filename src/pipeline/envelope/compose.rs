//! A shortcut's body: its parts shown under its own names, in the order of its contract.

use crate::{
    backend::{self, Content, fault_in},
    fault::{Fault, code},
    pipeline::execute::shortcut::{Composed, PartState},
    plan::{
        Contract, MemberId, Resource, Selection,
        contract::{Kind, Label, Member},
        reading::Node,
        shortcut::Fill,
    },
    translate::{
        show::Shown,
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
    theirs: &Theirs<'_>,
    selection: &Selection,
) -> Result<(), Fault> {
    let Theirs { resource, answer, view } = *theirs;
    let place = Place::Member(&member.label);
    if fill.from.is_some_and(|from| !view.has(from)) {
        // It does not exist for the caller.
        sink.null(place);
        return Ok(());
    }
    let wanted = fill.wanted(&resource.contract, selection).within(view);
    let shown = answer.shown(super::subject(resource));
    let part = Part { resource, answer, shown, selection: &wanted };
    if let Some(from) = fill.from {
        return part.filler(from).map_or(Ok(()), |filler| part.member(sink, 0, filler, place));
    }
    let below = fill.below.iter().filter(|(ours, theirs)| selection.has(*ours) && view.has(*theirs));
    let below: Vec<(&Label, Filler<'_>)> =
        below.filter_map(|(child, theirs)| Some((&ours.get(*child)?.label, part.filler(*theirs)?))).collect();
    if let Kind::List(_) = member.kind {
        sink.begin_list(place);
        for at in 0..answer.content.len() {
            part.object(sink, at, &below, Place::Item(&member.label))?;
        }
        sink.end_list(place);
        return Ok(());
    }
    part.object(sink, 0, &below, place)
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
    shown: Option<Shown<'a>>,
    /// What of it is shown.
    selection: &'a Selection,
}

/// Where a member of a part's record comes from: looked for once, whatever the number of records.
#[derive(Clone, Copy)]
enum Filler<'a> {
    Slots(&'a Node),
    Values(&'a Member),
}

impl<'a> Part<'a> {
    fn filler(&self, id: MemberId) -> Option<Filler<'a>> {
        match &self.shown {
            Some(shown) => shown.filler(id).map(Filler::Slots),
            None => self.resource.contract.get(id).map(Filler::Values),
        }
    }

    /// One record as an object of these members.
    fn object<S: Sink>(
        &self,
        sink: &mut S,
        at: usize,
        members: &[(&Label, Filler<'a>)],
        place: Place<'_>,
    ) -> Result<(), Fault> {
        sink.begin_object(place);
        for (label, filler) in members {
            self.member(sink, at, *filler, Place::Member(label))?;
        }
        sink.end_object(place);
        Ok(())
    }

    fn member<S: Sink>(
        &self,
        sink: &mut S,
        at: usize,
        filler: Filler<'a>,
        place: Place<'_>,
    ) -> Result<(), Fault> {
        match (&self.answer.content, &self.shown, filler) {
            (Content::Slots { rows, .. }, Some(shown), Filler::Slots(node)) => {
                let Some(row) = rows.get(at) else { return Ok(()) };
                let shown = shown.at(*row, node, self.selection, place, sink);
                shown.map_err(|problem| fault_in(super::subject(self.resource), &problem))
            }
            (Content::Values(values), _, Filler::Values(member)) => {
                let Some(value) = values.get(at) else { return Ok(()) };
                let found = value.at(&member.path).cloned().unwrap_or_default();
                whole::member(&self.resource.contract, member, &found, self.selection, place, sink)
                    .map_err(|what| Fault::plain(&code::CANNOT_TRANSLATE).detail(what))
            }
            _ => Ok(()),
        }
    }
}
