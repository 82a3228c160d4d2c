//! What came from a source: the texts as they came, and rows of slots that point into them.
//! It owns the bytes once; a slot is sixteen bytes and copies nothing.

use crate::plan::reading::{LevelId, Reading, SlotId};

/// A stretch of one of the batch's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub text: u32,
    pub start: u32,
    pub end: u32,
}

/// What stands at a place of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Slot {
    #[default]
    Absent,
    Null,
    True,
    False,
    Number(Span),
    /// A text whose bytes are its characters.
    Text(Span),
    /// A JSON string's inside, with escapes.
    Escaped(Span),
    /// An object or list of JSON.
    Json(Span),
    /// An empty list or object of JSON, which may mean nothing.
    EmptyList,
    EmptyObject,
    /// Rows of the level that this slot leads to.
    Rows {
        first: u32,
        count: u32,
    },
    /// Something of another shape than the place has. The fault is raised where it is asked for.
    Misshapen(Span),
}

/// The rows of one level, one behind the other.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    width: usize,
    slots: Vec<Slot>,
    count: u32,
}

#[derive(Debug, Clone, Default)]
pub struct Batch {
    texts: Vec<String>,
    levels: Vec<Rows>,
    /// Names of members that no rule wants, each with the trie's node where it stood.
    strangers: Vec<(u32, Span)>,
}

/// More names of one batch are not noted: the next answer has them, too.
const MOST_STRANGERS: usize = 128;
/// As many are not seldom.
const SOME_STRANGERS: usize = 32;

impl Batch {
    pub fn new(reading: &Reading) -> Self {
        let rows = |width: usize| Rows { width, slots: Vec::new(), count: 0 };
        Self {
            texts: Vec::new(),
            levels: reading.levels.iter().map(|l| rows(l.places.len())).collect(),
            strangers: Vec::new(),
        }
    }

    /// Takes a text in; slots can point into it from now on.
    pub fn take(&mut self, text: String) -> u32 {
        self.texts.push(text);
        (self.texts.len() - 1) as u32
    }

    /// Moves a text out while it is walked; it comes back by `give_back`.
    pub(super) fn lend(&mut self, text: u32) -> String {
        self.texts.get_mut(text as usize).map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn give_back(&mut self, id: u32, text: String) {
        if let Some(place) = self.texts.get_mut(id as usize) {
            *place = text;
        }
    }

    #[inline]
    pub fn whole(&self, text: u32) -> &str {
        self.texts.get(text as usize).map_or("", String::as_str)
    }

    #[inline]
    pub fn text(&self, span: Span) -> &str {
        self.whole(span.text).get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// A new row of absent slots; its number.
    #[inline]
    pub fn row(&mut self, level: LevelId) -> u32 {
        let Some(rows) = self.levels.get_mut(usize::from(level)) else { return 0 };
        let at = rows.count;
        rows.count += 1;
        rows.slots.resize(rows.slots.len() + rows.width, Slot::Absent);
        at
    }

    #[inline]
    pub fn set(&mut self, level: LevelId, row: u32, slot: SlotId, value: Slot) {
        if let Some(rows) = self.levels.get_mut(usize::from(level))
            && let Some(place) = rows.slots.get_mut(row as usize * rows.width + usize::from(slot))
        {
            *place = value;
        }
    }

    /// Sets a slot, and gives what stood there.
    #[inline]
    pub fn replace(&mut self, level: LevelId, row: u32, slot: SlotId, value: Slot) -> Slot {
        let rows = self.levels.get_mut(usize::from(level));
        let place = rows.and_then(|r| r.slots.get_mut(row as usize * r.width + usize::from(slot)));
        place.map_or(Slot::Absent, |place| std::mem::replace(place, value))
    }

    #[inline]
    pub fn get(&self, level: LevelId, row: u32, slot: SlotId) -> Slot {
        let rows = self.levels.get(usize::from(level));
        rows.and_then(|r| r.slots.get(r.width * row as usize + usize::from(slot)))
            .copied()
            .unwrap_or_default()
    }

    /// The slots of a row; none where there is no such row.
    #[inline]
    pub fn slots(&self, level: LevelId, row: u32) -> &[Slot] {
        let Some(rows) = self.levels.get(usize::from(level)) else { return &[] };
        let start = rows.width * row as usize;
        rows.slots.get(start..start + rows.width).unwrap_or_default()
    }

    /// Notes a name that leads nowhere; `name` is its inside as it stands in the text.
    #[inline]
    pub(super) fn stranger(&mut self, node: usize, name: Span) {
        if self.strangers.len() < MOST_STRANGERS {
            if self.strangers.is_empty() {
                self.strangers.reserve(SOME_STRANGERS);
            }
            self.strangers.push((node as u32, name));
        }
    }

    /// The names that no rule wants, as they stand in the text, each with its node of the trie. One may come often.
    pub fn strangers(&self) -> impl Iterator<Item = (usize, &str)> {
        self.strangers.iter().map(|(node, name)| (*node as usize, self.text(*name)))
    }

    /// The bytes of memory that it takes, more or less.
    pub fn bytes(&self) -> usize {
        let texts: usize = self.texts.iter().map(String::capacity).sum();
        let slots: usize = self.levels.iter().map(|rows| rows.slots.capacity()).sum();
        texts + slots * size_of::<Slot>() + self.strangers.len() * size_of::<(u32, Span)>()
    }

    /// How many rows a level has.
    pub fn count(&self, level: LevelId) -> u32 {
        self.levels.get(usize::from(level)).map_or(0, |rows| rows.count)
    }

    /// Puts a text of its own into a slot, behind the others in one growing text.
    pub fn set_text(&mut self, level: LevelId, row: u32, slot: SlotId, value: &str) {
        // The first text is the one that grows; documents are taken in behind it.
        if self.texts.is_empty() {
            self.texts.push(String::new());
        }
        let Some(text) = self.texts.first_mut() else { return };
        let start = text.len() as u32;
        text.push_str(value);
        let span = Span { text: 0, start, end: text.len() as u32 };
        self.set(level, row, slot, Slot::Text(span));
    }
}
