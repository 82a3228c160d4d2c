//! A JSON document into slots, in one walk. What no slot wants is passed over (and checked), nothing is
//! built, and a value of an unexpected shape is noted, not judged: perhaps nobody asks for it.

mod locate;
mod names;
mod shapes;

use super::batch::{Batch, Slot, Span};
use crate::{
    plan::{
        http::call::Rows,
        reading::{
            LevelId, Reading, SlotId, TrieNode,
            habit::{Leads, Name, Order, Way},
        },
    },
    value::json::scan::{Kind, Malformed, Scanner},
};

pub use locate::{locate, scalar};

/// Reads a list of records, each into a row of its own; the number of rows. The document is read once.
pub fn list(batch: &mut Batch, reading: &Reading, text: String, rows: &Rows) -> Result<u32, Malformed> {
    walked(batch, reading, text, |walk| walk.list(rows))
}

/// Reads one record into a row; its number, or nothing where there is no record at its place.
pub fn record(
    batch: &mut Batch,
    reading: &Reading,
    text: String,
    rows: &Rows,
) -> Result<Option<u32>, Malformed> {
    walked(batch, reading, text, |walk| walk.record(rows))
}

/// Takes a document in and walks it. The text is moved out for the walk, so that the batch can be written to meanwhile.
fn walked<T>(
    batch: &mut Batch,
    reading: &Reading,
    text: String,
    work: impl FnOnce(&mut Walk<'_>) -> Result<T, Malformed>,
) -> Result<T, Malformed> {
    let id = batch.take(text);
    let text = batch.lend(id);
    let known = reading.habit.known();
    let known = known.as_deref();
    let mut walk = Walk {
        batch: &mut *batch,
        reading,
        id,
        text: &text,
        depth: 0,
        twice: false,
        known,
        learns: known.is_none() && reading.habit.learns(),
        missed: 0,
        before: Vec::new(),
        noted: Vec::new(),
    };
    if walk.learns {
        walk.remembers();
    }
    let done = work(&mut walk);
    if done.is_ok() {
        walk.learnt();
    }
    batch.give_back(id, text);
    done
}

struct Walk<'a> {
    batch: &'a mut Batch,
    reading: &'a Reading,
    id: u32,
    text: &'a str,
    depth: usize,
    /// A place was given a value twice.
    twice: bool,
    /// The names of members as other documents had them.
    known: Option<&'a Order>,
    /// How many names were not where those have them.
    missed: usize,
    /// Nothing is known, and this one is learnt from.
    learns: bool,
    /// As they stood last in this one, by the trie's node; empty where nothing is remembered of it.
    before: Vec<Vec<Name>>,
    /// In a list, which of a node's known names that lead nowhere were noted, a bit for each.
    noted: Vec<u128>,
}

impl Walk<'_> {
    fn list(&mut self, rows: &Rows) -> Result<u32, Malformed> {
        let path = &rows.at;
        let start = if path.0.is_empty() { Some(0) } else { locate(self.text, 0, path)? };
        let lenient = self.reading.empty.one_or_many;
        let Some(start) = start else {
            if lenient {
                self.whole()?;
                return Ok(0);
            }
            return Err(Malformed { what: "the rows are not where they should be", at: 0 });
        };
        let mut scanner = Scanner::starting(self.text, start);
        let kind = scanner.kind()?;
        match self.known {
            Some(_) => self.noted = vec![0; self.reading.trie.nodes.len()],
            None if self.before.is_empty() => self.remembers(),
            None => {}
        }
        let mut count = 0;
        match kind {
            Kind::List => {
                let mut more = scanner.enter(b']');
                while more {
                    let row = self.batch.row(0);
                    self.value(&mut scanner, rows.entry, 0, row)?;
                    count += 1;
                    more = scanner.more(b']')?;
                }
            }
            Kind::Object if rows.keyed => {
                let mut more = scanner.enter(b'}');
                while more {
                    scanner.name()?;
                    let row = self.batch.row(0);
                    self.value(&mut scanner, rows.entry, 0, row)?;
                    count += 1;
                    more = scanner.more(b'}')?;
                }
            }
            Kind::Object if lenient => {
                let row = self.batch.row(0);
                self.value(&mut scanner, rows.entry, 0, row)?;
                count = 1;
            }
            Kind::Null if lenient => _ = scanner.skip()?,
            _ => return Err(Malformed { what: "a list of rows is expected", at: start }),
        }
        if path.0.is_empty() {
            scanner.end()?;
        } else {
            // What surrounds the rows has not been walked yet; a document that is broken behind them is broken.
            self.whole()?;
        }
        Ok(count)
    }

    /// The whole document is well formed.
    fn whole(&self) -> Result<(), Malformed> {
        let mut whole = Scanner::new(self.text);
        whole.skip()?;
        whole.end()
    }

    fn record(&mut self, rows: &Rows) -> Result<Option<u32>, Malformed> {
        let path = &rows.at;
        let mut scanner = Scanner::new(self.text);
        if !path.0.is_empty() {
            self.whole()?;
            let Some(start) = locate(self.text, 0, path)? else { return Ok(None) };
            scanner = Scanner::starting(self.text, start);
        }
        let mut kind = scanner.kind()?;
        let in_list = kind == Kind::List && self.reading.empty.one_or_many;
        if in_list {
            if !scanner.enter(b']') {
                return Ok(None);
            }
            kind = scanner.kind()?;
        }
        match kind {
            Kind::Object => {}
            Kind::Null => {
                self.whole()?;
                return Ok(None);
            }
            _ => return Err(Malformed { what: "an object is expected", at: scanner.position() }),
        }
        let row = self.batch.row(0);
        self.value(&mut scanner, rows.entry, 0, row)?;
        if in_list {
            self.whole()?;
        } else if path.0.is_empty() {
            scanner.end()?;
        }
        Ok(Some(row))
    }

    #[inline]
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span { text: self.id, start: range.start as u32, end: range.end as u32 }
    }

    /// Reads the value at the cursor for a node of the trie. Recursion is as deep as the mapping's paths.
    #[inline]
    fn value(
        &mut self,
        scanner: &mut Scanner<'_>,
        at: usize,
        level: LevelId,
        row: u32,
    ) -> Result<(), Malformed> {
        let reading = self.reading;
        let Some(node) = reading.trie.nodes.get(at) else { return scanner.skip().map(drop) };
        let kind = scanner.kind()?;
        if let (Some(order), Kind::Object | Kind::List) = (self.known, kind)
            && let Some(way) = order.way(at)
            && self.straight(scanner, way, level, row)
        {
            return Ok(());
        }
        let leaf = node.keys.is_empty() && node.indexes.is_empty() && node.each.is_none();
        match kind {
            Kind::Object
                if !leaf && node.each.is_none() && node.indexes.is_empty() && node.slot.is_none() =>
            {
                self.object(scanner, (at, node), level, row)
            }
            Kind::List if node.each.is_some() => self.each(scanner, node, level, row),
            Kind::List if !node.indexes.is_empty() && node.slot.is_none() => {
                self.indexed(scanner, node, level, row)
            }
            Kind::Object | Kind::List => self.compound(scanner, kind, (at, node), level, row),
            scalar => {
                if node.each.is_some() && reading.empty.one_or_many && scalar != Kind::Null {
                    return self.alone(scanner, node, level, row);
                }
                let slot = self.scalar(scanner, scalar)?;
                self.spread(node, level, row, slot, leaf);
                Ok(())
            }
        }
    }

    /// Reads a scalar that is alone in all that is around it. Where it is not, nothing is read.
    #[inline]
    fn straight(&mut self, scanner: &mut Scanner<'_>, way: &Way, level: LevelId, row: u32) -> bool {
        let start = scanner.position();
        if !scanner.takes(way.before.as_bytes()) {
            return false;
        }
        let found = match scanner.kind() {
            Ok(Kind::Object | Kind::List) | Err(_) => None,
            Ok(kind) => self.scalar(scanner, kind).ok().filter(|_| scanner.takes(way.behind.as_bytes())),
        };
        match (found, self.reading.trie.nodes.get(way.leaf)) {
            (Some(slot), Some(leaf)) => self.spread(leaf, level, row, slot, true),
            _ => scanner.back(start),
        }
        scanner.position() > start
    }

    #[inline]
    fn scalar(&mut self, scanner: &mut Scanner<'_>, kind: Kind) -> Result<Slot, Malformed> {
        Ok(match kind {
            Kind::Text => {
                let token = scanner.string()?;
                let span = self.span(token.range);
                if token.escaped { Slot::Escaped(span) } else { Slot::Text(span) }
            }
            Kind::Number => Slot::Number(self.span(scanner.number()?)),
            Kind::True => {
                scanner.literal("true")?;
                Slot::True
            }
            Kind::False => {
                scanner.literal("false")?;
                Slot::False
            }
            _ => {
                scanner.literal("null")?;
                Slot::Null
            }
        })
    }

    #[inline]
    fn object(
        &mut self,
        scanner: &mut Scanner<'_>,
        (at, node): (usize, &TrieNode),
        level: LevelId,
        row: u32,
    ) -> Result<(), Malformed> {
        let expected = self.known.map(|order| (order.text().as_bytes(), order.names(at)));
        let mut hint = 0;
        let mut place = 0;
        let mut more = scanner.enter(b'}');
        while more {
            scanner.white();
            let start = scanner.position();
            let again = match expected {
                None => self.repeated(scanner, at, &mut place),
                Some((text, order)) => match names::next(scanner, text, order, &mut place).map(|n| n.leads) {
                    None => None,
                    Some(Leads::To(node)) => Some(Some(node as usize)),
                    Some(Leads::Nowhere(inside)) => {
                        self.passed(at, row, place - 1, start, inside);
                        Some(None)
                    }
                },
            };
            let next = match again {
                Some(next) => next,
                None => self.named(scanner, (at, node), row, &mut hint, &mut place)?,
            };
            match next {
                Some(next) => self.value(scanner, next, level, row)?,
                None => _ = scanner.skip()?,
            }
            if self.twice {
                // Which of two values is meant nobody can know (RFC 8259, section 4).
                return Err(Malformed { what: "a member is given twice", at: scanner.position() });
            }
            more = scanner.more(b'}')?;
        }
        Ok(())
    }

    /// Gives a slot its value, which it has not got yet.
    #[inline]
    fn put(&mut self, level: LevelId, row: u32, slot: SlotId, value: Slot) {
        self.twice |= self.batch.replace(level, row, slot, value) != Slot::Absent;
    }

    #[inline]
    fn indexed(
        &mut self,
        scanner: &mut Scanner<'_>,
        node: &TrieNode,
        level: LevelId,
        row: u32,
    ) -> Result<(), Malformed> {
        let mut index = 0;
        let mut more = scanner.enter(b']');
        while more {
            match node.indexes.iter().find(|(wanted, _)| *wanted == index) {
                Some((_, next)) => self.value(scanner, *next, level, row)?,
                None => _ = scanner.skip()?,
            }
            index += 1;
            more = scanner.more(b']')?;
        }
        Ok(())
    }

    fn each(
        &mut self,
        scanner: &mut Scanner<'_>,
        node: &TrieNode,
        level: LevelId,
        row: u32,
    ) -> Result<(), Malformed> {
        let Some((inner, from)) = node.each else { return Ok(()) };
        let first = self.batch.count(inner);
        let mut more = scanner.enter(b']');
        while more {
            let item = self.batch.row(inner);
            self.value(scanner, from, inner, item)?;
            more = scanner.more(b']')?;
        }
        if let Some(slot) = node.slot {
            let count = self.batch.count(inner) - first;
            self.put(level, row, slot, Slot::Rows { first, count });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
