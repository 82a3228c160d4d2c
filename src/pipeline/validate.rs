//! What is asked and what is sent, checked against the contract before anything is called. Every violation is
//! told at once. Codes F4.

pub mod body;
pub mod query;

use super::route::{Routed, To};
use crate::{
    fault::{Fault, Violation, code},
    plan::{
        Plan,
        resource::{Operation, SortKey},
    },
    translate::compare::Filter,
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
    let mut violations = Vec::new();
    precondition(&routed, &mut violations);
    let asked = query::read(&routed, &mut violations);
    let asked = match (routed.operation, sent, routed.to) {
        (
            Operation::Create | Operation::Replace | Operation::Patch,
            Some(bytes),
            To::Resource(resource, _),
        ) => {
            let parsed = body::media(routed.arrived.content_type.as_deref())
                .and_then(|media| body::parse(media, &bytes, &resource.contract));
            match parsed {
                Ok(value) => {
                    // What follows from a record that stands already is judged when it has been read.
                    if routed.operation == Operation::Create {
                        violations.extend(body::violations(
                            &resource.contract,
                            &value,
                            body::Purpose::Create,
                        ));
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
