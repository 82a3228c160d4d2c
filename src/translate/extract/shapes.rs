//! Places whose value has a shape of its own: empty forms, what is wanted whole and in parts, one where there are many.

use super::Walk;
use crate::{
    plan::reading::{LevelId, TrieNode},
    translate::batch::{Slot, Span},
    value::json::scan::{Kind, MAX_DEPTH, Malformed, Scanner},
};

impl Walk<'_> {
    /// An object or list that is wanted as it is, is empty, or is of another shape than its place.
    pub(super) fn compound(
        &mut self,
        scanner: &mut Scanner<'_>,
        kind: Kind,
        (at, node): (usize, &TrieNode),
        level: LevelId,
        row: u32,
    ) -> Result<(), Malformed> {
        let leaf = node.keys.is_empty() && node.indexes.is_empty() && node.each.is_none();
        let lenient = self.reading.empty.one_or_many;
        if lenient && kind == Kind::Object && node.each.is_some() {
            return self.alone(scanner, node, level, row);
        }
        let start = scanner.position();
        let range = scanner.skip()?;
        let inside = scanner.slice(range.start + 1..range.end - 1);
        let empty = inside.trim_ascii().is_empty();
        if lenient && kind == Kind::List && !empty && !leaf && node.indexes.is_empty() {
            let mut again = Scanner::starting(self.text, start);
            again.kind()?;
            again.enter(b']');
            let first = again.position();
            again.skip()?;
            if !again.more(b']')? {
                return self.value(&mut Scanner::starting(self.text, first), at, level, row);
            }
        }
        let slot = match (kind, empty) {
            (Kind::List, true) => Slot::EmptyList,
            (Kind::Object, true) => Slot::EmptyObject,
            _ if leaf || node.slot.is_some() => Slot::Json(self.span(range)),
            _ => Slot::Misshapen(self.span(range)),
        };
        // A place that is wanted as a whole and in parts is walked again for its parts.
        if matches!(slot, Slot::Json(_)) && !leaf {
            let mut again = Scanner::starting(self.text, start);
            match again.kind()? {
                Kind::Object => self.object(&mut again, (at, node), level, row)?,
                _ => self.indexed(&mut again, node, level, row)?,
            }
        }
        self.spread(node, level, row, slot, leaf);
        Ok(())
    }

    /// The one element of a list, which came without the list.
    pub(super) fn alone(
        &mut self,
        scanner: &mut Scanner<'_>,
        node: &TrieNode,
        level: LevelId,
        row: u32,
    ) -> Result<(), Malformed> {
        let Some((inner, from)) = node.each else { return scanner.skip().map(drop) };
        let item = self.batch.row(inner);
        self.value(scanner, from, inner, item)?;
        if let Some(slot) = node.slot {
            self.put(level, row, slot, Slot::Rows { first: item, count: 1 });
        }
        Ok(())
    }

    /// Gives a value to the slot that is here; and where parts of it were wanted, an empty form leaves them
    /// absent and any other marks them as misshapen.
    pub(super) fn spread(&mut self, node: &TrieNode, level: LevelId, row: u32, slot: Slot, leaf: bool) {
        if let Some(own) = node.slot {
            self.put(level, row, own, slot);
        }
        if leaf {
            return;
        }
        let nothing = match slot {
            Slot::Null => true,
            Slot::EmptyList => self.reading.empty.list || node.each.is_some(),
            Slot::EmptyObject => self.reading.empty.object || node.indexes.is_empty(),
            Slot::Text(span) => span.start == span.end && self.reading.empty.text,
            Slot::Json(_) => return,
            _ => false,
        };
        if nothing || self.depth >= MAX_DEPTH {
            return;
        }
        let shape = match slot {
            Slot::Number(span) | Slot::Text(span) | Slot::Escaped(span) | Slot::Misshapen(span) => {
                Slot::Misshapen(span)
            }
            _ => Slot::Misshapen(Span { text: self.id, start: 0, end: 0 }),
        };
        if node.each.is_some()
            && let Some(own) = node.slot
        {
            self.batch.set(level, row, own, shape);
        }
        self.depth += 1;
        let below = node.keys.iter().map(|key| key.next).chain(node.indexes.iter().map(|(_, next)| *next));
        for next in below {
            if let Some(inner) = self.reading.trie.nodes.get(next) {
                let leaf = inner.keys.is_empty() && inner.indexes.is_empty() && inner.each.is_none();
                self.spread(inner, level, row, shape, leaf);
            }
        }
        self.depth -= 1;
    }
}
