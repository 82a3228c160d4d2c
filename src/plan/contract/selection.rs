//! What one request asks for: a set of a contract's members, closed upwards and downwards.

use super::{Contract, MemberId};
use std::sync::Arc;

/// A set of members. A member that is in has its parents in; `add` takes all that is below, too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Selection {
    bits: Arc<[u64]>,
    all: bool,
}

impl Selection {
    /// Everything.
    pub fn all(contract: &Contract) -> Self {
        let words = contract.members.len().div_ceil(64).max(1);
        Self { bits: vec![u64::MAX; words].into(), all: true }
    }

    pub fn none(contract: &Contract) -> Self {
        let words = contract.members.len().div_ceil(64).max(1);
        Self { bits: vec![0; words].into(), all: false }
    }

    /// These members, each with all that stands below it and all that it stands in.
    pub fn of(contract: &Contract, members: impl IntoIterator<Item = MemberId>) -> Self {
        let mut selection = Self::none(contract);
        for id in members {
            selection.add(contract, id);
        }
        selection
    }

    /// Whether nothing is left out.
    pub fn is_all(&self) -> bool {
        self.all
    }

    #[inline]
    pub fn has(&self, id: MemberId) -> bool {
        self.bits.get(usize::from(id / 64)).is_some_and(|word| word >> (id % 64) & 1 == 1)
    }

    /// The set itself, sixty-four members in each number.
    pub fn words(&self) -> &[u64] {
        &self.bits
    }

    fn put(&mut self, id: MemberId) {
        if self.has(id) {
            return;
        }
        if let Some(word) = Arc::make_mut(&mut self.bits).get_mut(usize::from(id / 64)) {
            *word |= 1 << (id % 64);
        }
    }

    /// The same with one member more, alone.
    #[must_use]
    pub fn with(&self, id: MemberId) -> Self {
        let mut with = self.clone();
        with.put(id);
        with
    }

    /// What is in both.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        if other.all {
            return self.clone();
        }
        let bits: Vec<u64> = self.bits.iter().zip(other.bits.iter()).map(|(a, b)| a & b).collect();
        Self { bits: bits.into(), all: false }
    }

    /// The same without these members.
    #[must_use]
    pub fn without(&self, contract: &Contract, members: &[MemberId]) -> Self {
        let mut others = Self::none(contract);
        let mut bits = others.bits.to_vec();
        for id in contract.members.iter().map(|member| member.id).filter(|id| !members.contains(id)) {
            if let Some(word) = bits.get_mut(usize::from(id / 64)) {
                *word |= 1 << (id % 64);
            }
        }
        others.bits = bits.into();
        self.within(&others)
    }

    /// Takes a member in, with all that stands below it and all that it stands in.
    pub fn add(&mut self, contract: &Contract, id: MemberId) {
        let Some(member) = contract.get(id) else { return };
        for below in id..member.end {
            self.put(below);
        }
        let mut parent = member.parent;
        while let Some(up) = parent.and_then(|p| contract.get(p)) {
            self.put(up.id);
            parent = up.parent;
        }
    }

    /// The names that are in, leaving out what is implied by a parent that is in as a whole.
    pub fn names<'a>(&'a self, contract: &'a Contract) -> Vec<&'a str> {
        let whole = |id: MemberId, end: MemberId| (id..end).all(|m| self.has(m));
        let mut names = Vec::new();
        let mut id = 0;
        while let Some(member) = contract.get(id) {
            if !self.has(id) {
                id = member.end;
            } else if whole(id, member.end) {
                names.push(&*member.path);
                id = member.end;
            } else {
                id += 1;
            }
        }
        names
    }
}
