//! A JSON document into slots, in one walk. What no slot wants is passed over (and checked), nothing is
//! built, and a value of an unexpected shape is noted, not judged: perhaps nobody asks for it.

mod locate;
mod shapes;

use super::batch::{Batch, Slot, Span};
use crate::{
    plan::{
        http::call::Rows,
        reading::{LevelId, Reading, SlotId, TrieNode},
    },
    value::{
        json::scan::{Kind, Malformed, Scanner},
        json::write::unescape,
    },
};

pub use locate::{locate, scalar};

/// Reads a list of records, each into a row of its own; the number of rows. The document is read once.
pub fn list(batch: &mut Batch, reading: &Reading, text: String, rows: &Rows) -> Result<u32, Malformed> {
    let id = batch.take(text);
    let mut walk = Walk { batch, reading, id, text: "", depth: 0, twice: false, before: Vec::new() };
    walk.list(rows)
}

/// Reads one record into a row; its number, or nothing where there is no record at its place.
pub fn record(
    batch: &mut Batch,
    reading: &Reading,
    text: String,
    rows: &Rows,
) -> Result<Option<u32>, Malformed> {
    let id = batch.take(text);
    let mut walk = Walk { batch, reading, id, text: "", depth: 0, twice: false, before: Vec::new() };
    walk.record(rows)
}

struct Walk<'a> {
    batch: &'a mut Batch,
    reading: &'a Reading,
    id: u32,
    text: &'a str,
    depth: usize,
    /// A place was given a value twice.
    twice: bool,
    /// The names of a row's members as they stood last, by the trie's node; empty where one record is read.
    before: Vec<Vec<Name>>,
}

/// A member's name in the text, from its quote to its colon, and the node that it leads to.
#[derive(Debug, Clone, Copy)]
struct Name {
    start: u32,
    end: u32,
    next: Option<usize>,
}

/// More names of one object than this are not kept: they are read each time.
const MOST_NAMES: usize = 128;

impl Walk<'_> {
    /// The text is moved out for the walk, so that the batch can be written to meanwhile.
    fn borrowed<T>(
        &mut self,
        work: impl FnOnce(&mut Walk<'_>) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        let text = self.batch.lend(self.id);
        let mut inner = Walk {
            batch: &mut *self.batch,
            reading: self.reading,
            id: self.id,
            text: &text,
            depth: 0,
            twice: false,
            before: Vec::new(),
        };
        let done = work(&mut inner);
        self.batch.give_back(self.id, text);
        done
    }

    fn list(&mut self, rows: &Rows) -> Result<u32, Malformed> {
        self.borrowed(|walk| {
            let path = &rows.at;
            let start = if path.0.is_empty() { Some(0) } else { locate(walk.text, 0, path)? };
            let lenient = walk.reading.empty.one_or_many;
            let Some(start) = start else {
                if lenient {
                    walk.whole()?;
                    return Ok(0);
                }
                return Err(Malformed { what: "the rows are not where they should be", at: 0 });
            };
            let mut scanner = Scanner::starting(walk.text, start);
            let kind = scanner.kind()?;
            walk.before = vec![Vec::new(); walk.reading.trie.nodes.len()];
            let mut count = 0;
            match kind {
                Kind::List => {
                    let mut more = scanner.enter(b']');
                    while more {
                        let row = walk.batch.row(0);
                        walk.value(&mut scanner, rows.entry, 0, row)?;
                        count += 1;
                        more = scanner.more(b']')?;
                    }
                }
                Kind::Object if rows.keyed => {
                    let mut more = scanner.enter(b'}');
                    while more {
                        scanner.name()?;
                        let row = walk.batch.row(0);
                        walk.value(&mut scanner, rows.entry, 0, row)?;
                        count += 1;
                        more = scanner.more(b'}')?;
                    }
                }
                Kind::Object if lenient => {
                    let row = walk.batch.row(0);
                    walk.value(&mut scanner, rows.entry, 0, row)?;
                    count = 1;
                }
                Kind::Null if lenient => _ = scanner.skip()?,
                _ => return Err(Malformed { what: "a list of rows is expected", at: start }),
            }
            if path.0.is_empty() {
                scanner.end()?;
            } else {
                // What surrounds the rows has not been walked yet; a document that is broken behind them is broken.
                walk.whole()?;
            }
            Ok(count)
        })
    }

    /// The whole document is well formed.
    fn whole(&self) -> Result<(), Malformed> {
        let mut whole = Scanner::new(self.text);
        whole.skip()?;
        whole.end()
    }

    fn record(&mut self, rows: &Rows) -> Result<Option<u32>, Malformed> {
        self.borrowed(|walk| {
            let path = &rows.at;
            let mut scanner = Scanner::new(walk.text);
            if !path.0.is_empty() {
                walk.whole()?;
                let Some(start) = locate(walk.text, 0, path)? else { return Ok(None) };
                scanner = Scanner::starting(walk.text, start);
            }
            let mut kind = scanner.kind()?;
            let in_list = kind == Kind::List && walk.reading.empty.one_or_many;
            if in_list {
                if !scanner.enter(b']') {
                    return Ok(None);
                }
                kind = scanner.kind()?;
            }
            match kind {
                Kind::Object => {}
                Kind::Null => {
                    walk.whole()?;
                    return Ok(None);
                }
                _ => return Err(Malformed { what: "an object is expected", at: scanner.position() }),
            }
            let row = walk.batch.row(0);
            walk.value(&mut scanner, rows.entry, 0, row)?;
            if in_list {
                walk.whole()?;
            } else if path.0.is_empty() {
                scanner.end()?;
            }
            Ok(Some(row))
        })
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
        let mut hint = 0;
        let mut place = 0;
        let mut more = scanner.enter(b'}');
        while more {
            // Where one name alone is wanted it is found by its token, and there is nothing to remember.
            let again = if node.keys.len() > 1 { self.repeated(scanner, at, &mut place) } else { None };
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

    /// Where a member leads whose name stands as it stood in the row before. Systems write their members in the
    /// same order each time: then a name is compared once and not read. One that is left out is stepped over.
    #[inline]
    #[expect(clippy::option_option, reason = "whether the name is known, and whether anybody wants it")]
    fn repeated(&self, scanner: &mut Scanner<'_>, at: usize, place: &mut usize) -> Option<Option<usize>> {
        let names = self.before.get(at)?;
        scanner.white();
        for ahead in *place..*place + 2 {
            let name = names.get(ahead)?;
            if scanner.takes(self.text.as_bytes().get(name.start as usize..name.end as usize)?) {
                *place = ahead + 1;
                return Some(name.next);
            }
        }
        None
    }

    /// Reads a member's name and its colon: where it leads. A name that leads nowhere is noted where names are
    /// remembered, so that it comes here once, and in the first row of its level.
    #[inline]
    fn named(
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
        let found = match node.keys.get(*hint) {
            Some(key) if scanner.takes(key.token.as_bytes()) => Some((*hint, key.next)),
            _ => {
                let name = scanner.name()?;
                let raw = scanner.slice(name.range.clone());
                let found = if name.escaped { search(node, &unescape(raw)) } else { search(node, raw) };
                if found.is_none() && (row == 0 || (node.keys.len() > 1 && !self.before.is_empty())) {
                    let span = self.span(name.range);
                    self.batch.stranger(at, span);
                }
                found
            }
        };
        if let Some((key, _)) = found {
            *hint = key + 1;
        }
        let next = found.map(|(_, next)| next);
        if node.keys.len() > 1
            && let Some(names) = self.before.get_mut(at)
            && names.len() < MOST_NAMES
        {
            if names.is_empty() {
                names.reserve(node.keys.len() * 2);
            }
            // Behind the last one that is known the order is learnt; in the midst of it this one is an exception.
            *place += usize::from(*place == names.len());
            names.push(Name { start: start as u32, end: scanner.position() as u32, next });
        }
        Ok(next)
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

#[inline]
fn search(node: &TrieNode, name: &str) -> Option<(usize, usize)> {
    node.keys.iter().enumerate().find(|(_, key)| *key.name == *name).map(|(at, key)| (at, key.next))
}

#[cfg(test)]
mod tests;
