//! What stands in a row's slots, as far as calls are made of it: whether the row is ours, and its key.

use crate::{
    plan::http::HttpMeans,
    translate::{Batch, Slot},
};

/// Whether a record is this resource's, and not another one's of the same system.
pub(super) fn is_ours(means: &HttpMeans, batch: &Batch, row: u32) -> bool {
    means.fixed.iter().all(|fixed| {
        let slot = batch.get(0, row, fixed.slot);
        fixed.values.iter().any(|value| match slot {
            Slot::Text(span) | Slot::Number(span) => value.scalar() == Some(batch.text(span)),
            Slot::True => value.scalar() == Some("true"),
            Slot::False => value.scalar() == Some("false"),
            _ => value.is_null(),
        })
    })
}

/// The text in a slot.
pub(super) fn text_of(batch: &Batch, row: u32, slot: u16) -> Option<String> {
    match batch.get(0, row, slot) {
        Slot::Text(span) | Slot::Number(span) => Some(batch.text(span).to_owned()),
        Slot::Escaped(span) => Some(crate::value::json::write::unescape(batch.text(span))),
        _ => None,
    }
}
