//! The items of a list that count: all of them, or those whose places hold what the mapping says.

use super::Shown;
use crate::{
    plan::reading::{Condition, LevelId, SlotId},
    translate::Slot,
    value::{Value, json::write::unescape},
};

impl Shown<'_> {
    /// The rows of a list that meet its condition.
    pub(super) fn rows<'s>(
        &'s self,
        level: LevelId,
        row: u32,
        list: SlotId,
        condition: &'s [Condition],
    ) -> impl Iterator<Item = u32> + 's {
        let rows = match self.batch.get(level, row, list) {
            Slot::Rows { first, count } => first..first + count,
            _ => 0..0,
        };
        let inner = (!condition.is_empty()).then(|| self.reading.inner(level, list)).flatten();
        let meets = move |row: u32| {
            inner.is_some_and(|inner| {
                condition.iter().all(|one| self.is_one_of(self.batch.get(inner, row, one.slot), &one.values))
            })
        };
        rows.filter(move |row| condition.is_empty() || meets(*row))
    }

    /// Whether a list has an item that holds this text.
    pub(super) fn has(
        &self,
        (level, row, list): (LevelId, u32, SlotId),
        item: SlotId,
        text: &str,
        condition: &[Condition],
    ) -> bool {
        let Some(inner) = self.reading.inner(level, list) else { return false };
        self.rows(level, row, list, condition).any(|row| match self.batch.get(inner, row, item) {
            Slot::Text(span) => self.batch.text(span) == text,
            Slot::Escaped(span) => unescape(self.batch.text(span)) == text,
            _ => false,
        })
    }

    /// Whether a place holds one of these scalars. An empty one holds none.
    fn is_one_of(&self, slot: Slot, values: &[Value]) -> bool {
        let is = |text: &str| !text.is_empty() && values.iter().any(|value| value.scalar() == Some(text));
        match slot {
            Slot::Text(span) | Slot::Number(span) => is(self.batch.text(span)),
            Slot::Escaped(span) => is(&unescape(self.batch.text(span))),
            Slot::True => is("true"),
            Slot::False => is("false"),
            _ => false,
        }
    }
}
