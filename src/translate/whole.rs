//! Values that are kept as JSON already: stubs, JSON columns, defaults. They are shown by the contract all the
//! same: its order, its types, its precision, and nothing that it does not name.

use super::sink::{Place, Sink};
use crate::{
    plan::{
        Contract, Kind, Selection,
        contract::{Format, Label, Member, Stands},
    },
    value::{Value, json::read},
};

/// Reads JSON that a source keeps in a text.
pub fn parse(text: &str) -> Option<Value> {
    read::read(text).ok()
}

/// A whole record as an object.
pub fn record<S: Sink>(
    contract: &Contract,
    value: &Value,
    selection: &Selection,
    place: Place<'_>,
    sink: &mut S,
) -> Result<(), String> {
    sink.begin_object(place);
    members(contract, contract.top(), value, selection, sink)?;
    sink.end_object(place);
    Ok(())
}

/// The selected members of an object, in the contract's order.
pub fn members<'c, S: Sink>(
    contract: &Contract,
    members: impl Iterator<Item = &'c Member>,
    value: &Value,
    selection: &Selection,
    sink: &mut S,
) -> Result<(), String> {
    for child in members.filter(|m| selection.has(m.id)) {
        let found = value.get(&child.name).unwrap_or(&Value::Null);
        member(contract, child, found, selection, Place::Member(&child.label), sink)?;
    }
    Ok(())
}

/// One member; what is nothing is shown as the contract says.
pub fn member<S: Sink>(
    contract: &Contract,
    member: &Member,
    value: &Value,
    selection: &Selection,
    place: Place<'_>,
    sink: &mut S,
) -> Result<(), String> {
    match (&member.kind, value) {
        (_, Value::Null) => match member.stands_for_nothing() {
            Stands::Null => sink.null(place),
            Stands::Default(default) => any(default, place, sink),
            Stands::EmptyList => {
                sink.begin_list(place);
                sink.end_list(place);
            }
            Stands::Omit => {}
            Stands::Fault => return Err(format!("nothing for `{}`", member.path)),
        },
        (Kind::Object, Value::Object(_)) => {
            sink.begin_object(place);
            members(contract, contract.children(member), value, selection, sink)?;
            sink.end_object(place);
        }
        (Kind::List(None), Value::List(items)) => {
            sink.begin_list(place);
            for item in items {
                let place = Place::Item(&member.label);
                sink.begin_object(place);
                members(contract, contract.children(member), item, selection, sink)?;
                sink.end_object(place);
            }
            sink.end_list(place);
        }
        (Kind::List(Some(kind)), Value::List(items)) => {
            sink.begin_list(place);
            for item in items {
                scalar(kind, item, Place::Item(&member.label), sink).ok_or_else(|| misfit(member))?;
            }
            sink.end_list(place);
        }
        (Kind::Free, value) => any(value, place, sink),
        (kind, value) => scalar(kind, value, place, sink).ok_or_else(|| misfit(member))?,
    }
    Ok(())
}

fn misfit(member: &Member) -> String {
    format!("something that is not {} for `{}`", member.kind.noun(), member.path)
}

fn scalar<S: Sink>(kind: &Kind, value: &Value, place: Place<'_>, sink: &mut S) -> Option<()> {
    match (kind, value) {
        (Kind::Enum(texts), Value::Text(text)) => {
            texts.iter().any(|t| **t == **text).then(|| sink.text(place, text))
        }
        (Kind::Text(Format::DateTime), Value::Text(text)) => {
            let moment = crate::value::time::Moment::parse(text)?;
            sink.clean_text(place, &moment.to_string());
            Some(())
        }
        (Kind::Text(_), Value::Text(text)) => {
            sink.text(place, text);
            Some(())
        }
        (Kind::Number(scale), Value::Number(digits)) => sink.fixed(place, digits, *scale).then_some(()),
        (Kind::Integer, Value::Number(digits)) => sink.fixed(place, digits, Some(0)).then_some(()),
        (Kind::Boolean, Value::Bool(truth)) => {
            sink.boolean(place, *truth);
            Some(())
        }
        _ => None,
    }
}

/// JSON of any form, as it is.
pub fn any<S: Sink>(value: &Value, place: Place<'_>, sink: &mut S) {
    match value {
        Value::Null => sink.null(place),
        Value::Bool(truth) => sink.boolean(place, *truth),
        Value::Number(digits) => sink.number(place, digits),
        Value::Text(text) => sink.text(place, text),
        Value::List(items) => {
            let label = Label::default();
            let label = Label { item: "item".into(), ..label };
            sink.begin_list(place);
            for item in items {
                any(item, Place::Item(&label), sink);
            }
            sink.end_list(place);
        }
        Value::Object(members) => {
            sink.begin_object(place);
            for (name, value) in members {
                let mut json = Vec::new();
                crate::value::json::write::text(&mut json, name);
                // An empty `item` tells the XML sink that no contract says the types here.
                let json = format!("{}:", String::from_utf8_lossy(&json)).into();
                let label = Label { json, xml: name.as_str().into(), ..Label::default() };
                any(value, Place::Member(&label), sink);
            }
            sink.end_object(place);
        }
    }
}
