//! Whether there is a record: what an answer says of it, whether a row is ours, and its key.

use super::answer::Heard;
use crate::{
    plan::{
        convert::Chain,
        http::{HttpMeans, Meaning},
    },
    translate::{Batch, Slot, convert::is_nothing},
};

/// Whether an answer means that there is no such record.
pub(super) fn is_absent(means: &HttpMeans, heard: &Heard) -> bool {
    if let Some(meaning) = heard.meaning {
        return meaning == Meaning::Absent;
    }
    let Some(read) = &means.read else { return false };
    let body = || heard.text.as_deref().is_ok_and(|text| read.absent_bodies.iter().any(|b| b == text.trim()));
    read.absent_statuses.contains(&heard.status) || (heard.is_success() && body())
}

/// Whether a record is this resource's, and not another one's of the same system. Null is what the dialect takes for nothing.
pub(super) fn is_ours(means: &HttpMeans, batch: &Batch, row: u32) -> bool {
    means.fixed.iter().all(|fixed| {
        let slot = batch.get(0, row, fixed.slot);
        let nothing = is_nothing(batch, slot, means.dialect.empty, &Chain::default());
        let text = match slot {
            Slot::True => Some("true".to_owned()),
            Slot::False => Some("false".to_owned()),
            _ => text_of(batch, row, fixed.slot),
        };
        fixed.values.iter().any(|value| match value.scalar() {
            None => nothing && value.is_null(),
            Some(wanted) => text.as_deref() == Some(wanted),
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
