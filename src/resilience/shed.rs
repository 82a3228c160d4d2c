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
pub struct Room<'g> {
    gate: &'g Gate,
    most: usize,
    held: bool,
}

/// There was no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRoom;

impl Gate {
    /// Room for one more, where there are fewer than this; nothing where there are as many.
    pub fn enter(&self, most: usize) -> Option<Room<'_>> {
        let mut room = Room { gate: self, most, held: false };
        room.take().ok().map(|()| room)
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

impl Room<'_> {
    /// Waits for a client without a place: one who sends its body slowly keeps nobody else out. Refuses where there is none
    /// for it afterwards.
    pub async fn aside<T>(&mut self, waiting: impl Future<Output = T>) -> Result<T, NoRoom> {
        self.leave();
        let waited = waiting.await;
        self.take().map(|()| waited)
    }

    fn take(&mut self) -> Result<(), NoRoom> {
        let before = self.gate.under_way.fetch_add(1, Ordering::Relaxed);
        self.held = true;
        if before < self.most {
            return Ok(());
        }
        self.leave();
        self.gate.refused.fetch_add(1, Ordering::Relaxed);
        Err(NoRoom)
    }

    fn leave(&mut self) {
        if std::mem::take(&mut self.held) {
            self.gate.under_way.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.leave();
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

    #[tokio::test]
    async fn who_waits_for_a_client_holds_no_place() {
        let gate = Gate::default();
        let mut slow = gate.enter(1).unwrap();
        let others = slow.aside(async { gate.enter(1).map(drop).is_some() }).await;
        assert_eq!((others, gate.under_way()), (Ok(true), 1));
        let mut other = None;
        let full = slow.aside(async { other = gate.enter(1) }).await;
        assert_eq!((full, gate.under_way()), (Err(NoRoom), 1));
        drop(slow);
        assert_eq!(gate.under_way(), 1, "what it no longer had it does not give back");
        drop(other);
        assert_eq!(gate.under_way(), 0);
        // Whoever is cut off while it waits has no place, either.
        let mut cut = gate.enter(1).unwrap();
        drop(Box::pin(cut.aside(std::future::pending::<()>())));
        drop(cut);
        assert_eq!(gate.under_way(), 0);
    }
}
