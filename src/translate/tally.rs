//! What kinds of values the slots of one answer hold, counted by place. It counts kinds and never looks at a value;
//! what is to be expected at a place, and what came before, is `backend::radar`'s business.
//!
//! One pass over the slots of at most [`MOST_ROWS`] rows of each level, one plain array of counts, no lock.

use super::{Batch, Slot};
use crate::plan::reading::{LevelId, Reading, SlotId};

/// How many rows of a level are counted in one answer: what changes in a source shows in the next answer, too.
pub const MOST_ROWS: u32 = 256;

/// How many kinds there are.
pub const KINDS: usize = 10;

/// The kind of what stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Absent,
    Null,
    EmptyText,
    Text,
    Number,
    Truth,
    /// A list or an object with nothing in it.
    Hollow,
    List,
    Object,
    /// Something of another shape than the places below it need.
    Misshapen,
}

/// Where the counts of each level begin, and which slots lead to a level.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    starts: Vec<usize>,
    inner: Vec<Option<LevelId>>,
}

/// Which slots of the records an answer was to fill: an absent one of the others says nothing.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    All,
    /// These of the record itself, and whatever stands in its lists.
    Given(&'a [bool]),
    /// These of each level.
    Chosen(&'a [Vec<bool>]),
}

/// The counts of one answer, by the number of a place in its [`Shape`].
#[derive(Debug, Clone)]
pub struct Tally {
    pub counts: Vec<[u32; KINDS]>,
    rows: Vec<u32>,
}

// === impl Seen ===

impl Seen {
    pub const ALL: [Self; KINDS] = [
        Self::Absent,
        Self::Null,
        Self::EmptyText,
        Self::Text,
        Self::Number,
        Self::Truth,
        Self::Hollow,
        Self::List,
        Self::Object,
        Self::Misshapen,
    ];

    /// The word for it in tables, metrics and the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Null => "null",
            Self::EmptyText => "emptyText",
            Self::Text => "text",
            Self::Number => "number",
            Self::Truth => "truth",
            Self::Hollow => "empty",
            Self::List => "list",
            Self::Object => "object",
            Self::Misshapen => "misshapen",
        }
    }

    /// The word for many of it, for people.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Absent => "absent values",
            Self::Null => "nulls",
            Self::EmptyText => "empty texts",
            Self::Text => "texts",
            Self::Number => "numbers",
            Self::Truth => "truths",
            Self::Hollow => "empty lists or objects",
            Self::List => "lists",
            Self::Object => "objects",
            Self::Misshapen => "values of another shape",
        }
    }

    #[inline]
    fn of(batch: &Batch, slot: Slot) -> Self {
        match slot {
            Slot::Absent => Self::Absent,
            Slot::Null => Self::Null,
            Slot::True | Slot::False => Self::Truth,
            Slot::Number(_) => Self::Number,
            Slot::Text(span) if span.start == span.end => Self::EmptyText,
            Slot::Text(_) | Slot::Escaped(_) => Self::Text,
            Slot::Json(span) if batch.text(span).starts_with('{') => Self::Object,
            Slot::EmptyList | Slot::EmptyObject | Slot::Rows { count: 0, .. } => Self::Hollow,
            Slot::Json(_) | Slot::Rows { .. } => Self::List,
            Slot::Misshapen(_) => Self::Misshapen,
        }
    }
}

// === impl Shape ===

impl Shape {
    pub fn new(reading: &Reading) -> Self {
        let (mut starts, mut inner) = (Vec::new(), Vec::new());
        for (level, known) in reading.levels.iter().enumerate() {
            starts.push(inner.len());
            let leads = |slot: usize| reading.inner(level as LevelId, slot as SlotId);
            inner.extend((0..known.places.len()).map(leads));
        }
        Self { starts, inner }
    }

    /// The number of a place among all of them.
    pub fn at(&self, level: LevelId, slot: SlotId) -> usize {
        self.starts.get(usize::from(level)).copied().unwrap_or_default() + usize::from(slot)
    }

    /// How many places there are.
    pub fn places(&self) -> usize {
        self.inner.len()
    }
}

// === impl Tally ===

impl Tally {
    /// Counts these records of an answer, with what stands in their lists.
    pub fn of(batch: &Batch, shape: &Shape, records: &[u32], asked: Asked<'_>) -> Self {
        let mut tally = Self { counts: vec![[0; KINDS]; shape.places()], rows: vec![0; shape.starts.len()] };
        for record in records.iter().take(MOST_ROWS as usize) {
            tally.row(batch, shape, (0, *record), asked);
        }
        tally
    }

    /// How many records were counted.
    pub fn records(&self) -> u32 {
        self.rows.first().copied().unwrap_or_default()
    }

    /// Recursion is as deep as the mapping's lists.
    fn row(&mut self, batch: &Batch, shape: &Shape, (level, row): (LevelId, u32), asked: Asked<'_>) {
        let Some(counted) = self.rows.get_mut(usize::from(level)) else { return };
        if *counted >= MOST_ROWS {
            return;
        }
        *counted += 1;
        let start = shape.at(level, 0);
        let wanted: Option<&[bool]> = match asked {
            Asked::All => None,
            Asked::Given(given) => (level == 0).then_some(given),
            Asked::Chosen(chosen) => chosen.get(usize::from(level)).map(Vec::as_slice),
        };
        for (slot, value) in batch.slots(level, row).iter().enumerate() {
            if wanted.is_some_and(|wanted| wanted.get(slot) == Some(&false)) {
                continue;
            }
            if let Some(counts) = self.counts.get_mut(start + slot)
                && let Some(count) = counts.get_mut(Seen::of(batch, *value) as usize)
            {
                *count += 1;
            }
            if let Slot::Rows { first, count } = *value
                && let Some(inner) = shape.inner.get(start + slot).copied().flatten()
            {
                for item in first..first + count {
                    self.row(batch, shape, (inner, item), asked);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
