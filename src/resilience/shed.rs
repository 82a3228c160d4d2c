//! The bound of requests under way: what comes on top is refused before anything of it is looked at, and what operators and
//! the program itself ask has places of its own.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counts requests in and out.
#[derive(Debug, Default)]
pub struct Gate {
    under_way: AtomicUsize,
    refused: AtomicU64,
}

/// A request that was let in, until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct Room<'g>(&'g Gate);

impl Gate {
    /// Room for one more, where there are fewer than this; nothing where there are as many.
    pub fn enter(&self, most: usize) -> Option<Room<'_>> {
        let before = self.under_way.fetch_add(1, Ordering::Relaxed);
        let room = Room(self);
        if before < most {
            return Some(room);
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// Requests under way now.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// Requests that found no room, since the program began.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_on_top_is_refused_until_another_one_goes() {
        let gate = Gate::default();
        let first = gate.enter(1).unwrap();
        assert!(gate.enter(1).is_none());
        let reserved = gate.enter(2).unwrap();
        assert_eq!((gate.under_way(), gate.refused()), (2, 1));
        drop((first, reserved));
        assert!(gate.enter(1).is_some());
    }
}
