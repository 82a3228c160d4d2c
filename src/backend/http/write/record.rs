//! The record that a write is about, in its source's form: printed where its call has a form, else a tree.

use crate::{
    backend::{Journey, Subject},
    fault::{Fault, code},
    plan::{Selection, http::HttpMeans},
    translate::store,
    value::Value,
};
use bytes::Bytes;
use std::sync::LazyLock;

/// A record that is placed when it is looked into.
pub(super) type Record<'a> = LazyLock<Value, Box<dyn FnOnce() -> Value + Send + Sync + 'a>>;

/// A new record, and the text that is sent where it can be printed. Refuses with what has no way back.
pub(super) fn new<'a>(
    subject: Subject<'a>,
    means: &'a HttpMeans,
    body: &'a Value,
    journey: &'a Journey,
) -> Result<(Record<'a>, Option<Bytes>), Fault> {
    let (contract, writing) = (&subject.resource.contract, &subject.binding.writing);
    let form = means.create.as_ref().and_then(|create| create.form.as_ref());
    let text = form.and_then(|form| store::form::print(form, contract, writing, body, &journey.around));
    let Some(text) = text else { return Ok((of(placed(subject, means, body, None, journey)?), None)) };
    // What is printed can be placed, too.
    let later = move || placed(subject, means, body, None, journey).unwrap_or_default();
    Ok((LazyLock::new(Box::new(later)), Some(text.into())))
}

/// The record in the source's form.
pub(super) fn placed(
    subject: Subject<'_>,
    means: &HttpMeans,
    body: &Value,
    only: Option<&Selection>,
    journey: &Journey,
) -> Result<Value, Fault> {
    let contract = &subject.resource.contract;
    let placed = store::place(contract, &subject.binding.writing, body, only, &journey.around);
    let placed = placed.map_err(|violations| {
        Fault::of_violations(violations).unwrap_or_else(|| Fault::plain(&code::BAD_BODY))
    })?;
    let empty = (!means.dialect.empty_write.is_null()).then_some(&means.dialect.empty_write);
    Ok(store::document(placed, empty))
}

/// One that is placed already.
pub(super) fn of<'a>(record: Value) -> Record<'a> {
    LazyLock::new(Box::new(move || record))
}

/// The record over what the source has. What stands for nothing is no object to be joined: it goes, or comes, whole.
pub(super) fn laid(mut whole: Value, record: Value, empty: &Value) -> Value {
    if let (Value::Object(members), Value::Object(new)) = (&mut whole, &record) {
        for (name, old) in members {
            let taken = new.iter().find(|(n, _)| n == name);
            if taken.is_some_and(|(_, value)| old == empty || value == empty) {
                *old = Value::Null;
            }
        }
    }
    whole.overlay(record);
    whole
}
