//! The registry's records: by id, and by the digits of the chip. It holds at most [`MOST`].

use std::collections::{BTreeMap, HashMap};

use super::chip::Chip;

const MOST: usize = 10_000;
/// Where the ids of new records and of animals that came without one begin, clear of the seed's.
const FIRST_NEW: u64 = 100_001;

#[derive(Debug)]
pub(super) struct Store {
    chips: BTreeMap<u64, Chip>,
    ids: HashMap<String, u64>,
    next: u64,
}

impl Store {
    pub(super) fn new(chips: Vec<Chip>) -> Self {
        let ids = chips.iter().map(|chip| (chip.identifier.clone(), chip.id)).collect();
        let chips = chips.into_iter().map(|chip| (chip.id, chip)).collect();
        Self { chips, ids, next: FIRST_NEW }
    }

    pub(super) fn find(&self, identifier: &str) -> Option<&Chip> {
        self.chips.get(self.ids.get(identifier)?)
    }

    pub(super) fn find_mut(&mut self, identifier: &str) -> Option<&mut Chip> {
        self.chips.get_mut(self.ids.get(identifier)?)
    }

    /// The records behind an id, by id.
    pub(super) fn after(&self, id: u64) -> impl Iterator<Item = &Chip> {
        self.chips.range(id.saturating_add(1)..).map(|(_, chip)| chip)
    }

    pub(super) fn full(&self) -> bool {
        self.chips.len() >= MOST
    }

    /// A number that nothing else has, for a record or an animal.
    pub(super) fn number(&mut self) -> u64 {
        let number = self.next;
        self.next += 1;
        number
    }

    pub(super) fn insert(&mut self, chip: Chip) {
        self.ids.insert(chip.identifier.clone(), chip.id);
        self.chips.insert(chip.id, chip);
    }
}
