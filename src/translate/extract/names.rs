//! Names of members: most stand where they stood in the row or in the document before, and are compared and not read.

use super::Walk;
use crate::{
    plan::reading::{
        TrieNode,
        habit::{Leads, Name},
    },
    value::json::{
        scan::{Malformed, Scanner},
        write::unescape,
    },
};

/// More names of one object than this are not kept: they are read each time.
const MOST_NAMES: usize = 128;

/// As many names may be elsewhere than expected in any document, and one for so many bytes of it, which is about a quarter of all:
/// beyond that it is of another kind.
const OTHERWISE: usize = 8;
const APART: usize = 72;

impl Walk<'_> {
    /// What this document has is remembered from row to row.
    pub(super) fn remembers(&mut self) {
        self.before = vec![Vec::new(); self.reading.trie.nodes.len()];
    }

    /// The next document is expected to be like this one; or, where this one was not as expected, like the one behind it.
    pub(super) fn learnt(&self) {
        let habit = &self.reading.habit;
        if self.known.is_some() {
            if self.missed > OTHERWISE && self.missed * APART > self.text.len() {
                habit.forget();
            }
        } else if self.learns {
            habit.learn(self.text, &self.before, &self.reading.trie);
        }
    }

    /// Where a member leads whose name stands as it stood in the row before.
    #[expect(clippy::option_option, reason = "whether the name is known, and whether anybody wants it")]
    pub(super) fn repeated(
        &self,
        scanner: &mut Scanner<'_>,
        at: usize,
        place: &mut usize,
    ) -> Option<Option<usize>> {
        let name = next(scanner, self.text.as_bytes(), self.before.get(at)?, place)?;
        Some(match name.leads {
            Leads::To(node) => Some(node as usize),
            Leads::Nowhere(_) => None,
        })
    }

    /// Notes a known name that leads nowhere where it comes for the first time in this document. It begins at `start`,
    /// and stands at this place of its node's order.
    #[inline]
    pub(super) fn passed(&mut self, at: usize, row: u32, place: usize, start: usize, inside: u32) {
        let is_first = match self.noted.get_mut(at) {
            None => row == 0,
            Some(noted) => {
                let bit = 1u128.checked_shl(place as u32).unwrap_or_default();
                let is_first = *noted & bit == 0;
                *noted |= bit;
                is_first
            }
        };
        if is_first {
            self.batch.stranger(at, self.span(start + 1..start + 1 + inside as usize));
        }
    }

    /// Reads a member's name and its colon: where it leads. A name that leads nowhere is noted in the first
    /// row of its level, and in a list wherever it is not known yet.
    pub(super) fn named(
        &mut self,
        scanner: &mut Scanner<'_>,
        (at, node): (usize, &TrieNode),
        row: u32,
        hint: &mut usize,
        place: &mut usize,
    ) -> Result<Option<usize>, Malformed> {
        scanner.white();
        let start = scanner.position();
        // The order of a mapping is often the source's: the search begins behind the last hit.
        let (found, inside) = match node.keys.get(*hint) {
            Some(key) if scanner.takes(key.token.as_bytes()) => (Some((*hint, key.next)), 0),
            _ => {
                let name = scanner.name()?;
                let raw = scanner.slice(name.range.clone());
                let found = if name.escaped { search(node, &unescape(raw)) } else { search(node, raw) };
                let inside = name.range.len();
                let in_list = !self.before.is_empty() || !self.noted.is_empty();
                if found.is_none() && (row == 0 || (node.keys.len() > 1 && in_list)) {
                    let span = self.span(name.range);
                    self.batch.stranger(at, span);
                }
                (found, inside)
            }
        };
        if let Some((key, _)) = found {
            *hint = key + 1;
        }
        let next = found.map(|(_, next)| next);
        let (start, end) = (start as u32, scanner.position() as u32);
        if let Some(order) = self.known {
            self.missed += 1;
            // What follows is expected where this one stands in the order.
            let token = self.text.get(start as usize..end as usize);
            let is_it = |name: &Name| order.text().get(name.start as usize..name.end as usize) == token;
            if let Some(ahead) = order.names(at).iter().skip(*place).position(is_it) {
                *place += ahead + 1;
            }
        } else if (node.keys.len() > 1 || self.learns)
            && let Some(names) = self.before.get_mut(at)
            && names.len() < MOST_NAMES
        {
            if names.is_empty() {
                names.reserve(node.keys.len() * 2);
            }
            // Behind the last one that is known the order is learnt; in the midst of it this one is an exception.
            *place += usize::from(*place == names.len());
            let leads = next.map_or(Leads::Nowhere(inside as u32), |node| Leads::To(node as u32));
            names.push(Name { start, end, leads });
        }
        Ok(next)
    }
}

/// The name that stands at the cursor, where it is the next one in an order or the one behind that: systems write their
/// members in the same order each time, and leave one out. It is compared once and not read. `text` is what the order is of.
#[inline]
pub(super) fn next(
    scanner: &mut Scanner<'_>,
    text: &[u8],
    order: &[Name],
    place: &mut usize,
) -> Option<Name> {
    for ahead in *place..*place + 2 {
        let name = *order.get(ahead)?;
        if scanner.takes(text.get(name.start as usize..name.end as usize)?) {
            *place = ahead + 1;
            return Some(name);
        }
    }
    None
}

#[inline]
fn search(node: &TrieNode, name: &str) -> Option<(usize, usize)> {
    node.keys.iter().enumerate().find(|(_, key)| *key.name == *name).map(|(at, key)| (at, key.next))
}
