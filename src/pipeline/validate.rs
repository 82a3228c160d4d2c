//! What is asked and what is sent, checked against the contract before anything is called. Every violation is
//! told at once. Codes F4.

pub mod body;
mod card;
pub mod query;

use super::{
    authorize::Held,
    route::{Routed, To},
};
use crate::{
    fault::{Fault, Violation, code},
    plan::{
        Kind, Plan, Resource,
        resource::{Operation, SortKey},
    },
    translate::{compare::Filter, store},
    value::Value,
};
use bytes::Bytes;

/// A request that is sound.
#[derive(Debug)]
pub struct Validated<'p> {
    pub routed: Routed<'p>,
    pub asked: Asked,
}

/// What is asked.
#[derive(Debug)]
pub enum Asked {
    List {
        fields: Option<String>,
        filters: Vec<Filter>,
        /// Values of filters that go through another resource, each with its number in the resource's `through`.
        through: Vec<(usize, String)>,
        order: Vec<SortKey>,
        limit: u32,
        offset: u64,
        count: bool,
    },
    /// A record, or a shortcut, or a removal.
    Record { fields: Option<String> },
    /// Something to be written. For a patch it is not whole yet.
    Body { fields: Option<String>, body: Value },
}

pub fn validate<'p>(_: &'p Plan, routed: Routed<'p>, sent: Option<Bytes>) -> Result<Validated<'p>, Fault> {
    let resource = match routed.to {
        To::Resource(resource, _) => Some(resource),
        To::Shortcut(_) => None,
    };
    // Before anything else: no other violation may repeat such a number.
    card::query(&routed.arrived.query, resource.map(|resource| &**resource))?;
    let mut violations = Vec::new();
    precondition(&routed, &mut violations);
    let asked = query::read(&routed, &mut violations);
    let asked = match (routed.operation, sent, routed.to) {
        (
            Operation::Create | Operation::Replace | Operation::Patch,
            Some(bytes),
            To::Resource(resource, path),
        ) => {
            let media = body::media(routed.arrived.content_type.as_deref());
            let is_xml = matches!(media, Ok(body::Media::Xml));
            let parsed = media.and_then(|media| body::parse(media, &bytes, &resource.contract));
            match &parsed {
                Ok(value) => {
                    card::body(value, resource)?;
                    if is_xml {
                        card::markup(&bytes)?;
                    }
                }
                Err(_) => card::text(&bytes)?,
            }
            match parsed {
                Ok(mut value) => {
                    violations.extend(routed.permit.hide(&resource.contract, &mut value));
                    if routed.operation == Operation::Create {
                        belong(&routed, resource, path, &mut value);
                        own(&routed, resource, &mut value);
                    }
                    // What follows from a record that stands already is judged when it has been read.
                    if routed.operation == Operation::Create {
                        violations.extend(body::violations(
                            &resource.contract,
                            &value,
                            body::Purpose::Create,
                        ));
                        store::complete(&resource.contract, &mut value);
                    }
                    let fields = match asked {
                        Asked::List { fields, .. }
                        | Asked::Record { fields }
                        | Asked::Body { fields, .. } => fields,
                    };
                    Asked::Body { fields, body: value }
                }
                Err(fault) if violations.is_empty() => return Err(fault),
                Err(fault) => {
                    violations.extend(told(&fault));
                    asked
                }
            }
        }
        _ => asked,
    };
    match Fault::of_violations(violations) {
        Some(fault) => Err(fault),
        None => Ok(Validated { routed, asked }),
    }
}

/// Below a parent a new record is the parent's: its key need not be said again in the body.
fn belong(routed: &Routed<'_>, resource: &Resource, path: usize, body: &mut Value) {
    let owner = resource.paths.get(path).and_then(|path| path.parent);
    let member = owner.and_then(|(_, member)| resource.contract.get(member));
    let member = member.filter(|member| !resource.contract.is_read_only(member));
    if let (Some(member), Some(key), Value::Object(_)) = (member, routed.parameters.first(), &*body)
        && body.at(&member.path).is_none_or(Value::is_null)
    {
        let key = Value::Text(key.as_str().into());
        let of_several = matches!(member.kind, Kind::List(_));
        body.set_at(&member.path, if of_several { Value::List(vec![key]) } else { key });
    }
}

/// What somebody makes is their own where they do not say whose it is.
fn own(routed: &Routed<'_>, resource: &Resource, body: &mut Value) {
    let Held::Own(id, value) = &routed.permit.rows else { return };
    let member = resource.contract.get(*id).filter(|member| !resource.contract.is_read_only(member));
    if let (Some(member), Value::Object(_)) = (member, &*body)
        && body.at(&member.path).is_none_or(Value::is_null)
    {
        let value = Value::Text(value.to_string().into());
        let of_several = matches!(member.kind, Kind::List(_));
        body.set_at(&member.path, if of_several { Value::List(vec![value]) } else { value });
    }
}

/// A fault of the body among the violations of the rest.
fn told(fault: &Fault) -> Vec<Violation> {
    if fault.violations.is_empty() {
        vec![Violation::pointer("", fault.code, fault.message.clone())]
    } else {
        fault.violations.clone()
    }
}

fn precondition(routed: &Routed<'_>, violations: &mut Vec<Violation>) {
    let arrived = &routed.arrived;
    for (name, value) in [("If-Match", &arrived.if_match), ("If-None-Match", &arrived.if_none_match)] {
        if let Some(value) = value
            && super::envelope::tags(value).is_none()
        {
            violations.push(Violation::header(
                name,
                &code::BAD_PRECONDITION,
                code::BAD_PRECONDITION.sentence,
            ));
        }
    }
}
