//! How many requests of a client are under way. A seat is left when its request is answered, given up or dropped.

use super::Principal;
use crate::plan::rates::PolicyId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Who has how many requests under way; who has none is not kept.
#[derive(Debug, Default)]
pub(super) struct AtOnce {
    taken: Mutex<HashMap<(PolicyId, Principal), u32>>,
}

/// A place among the requests that are under way.
#[derive(Debug)]
pub(super) struct Seat {
    of: Arc<AtOnce>,
    whose: (PolicyId, Principal),
}

impl AtOnce {
    /// Takes a seat, and tells how many are taken now; nothing where all are.
    pub(super) fn enter(
        this: &Arc<Self>,
        policy: PolicyId,
        principal: Principal,
        most: u32,
    ) -> Result<(Seat, u32), ()> {
        let mut taken = this.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = taken.entry((policy, principal)).or_default();
        if *under_way >= most {
            return Err(());
        }
        *under_way += 1;
        Ok((Seat { of: Arc::clone(this), whose: (policy, principal) }, *under_way))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.of.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(under_way) = taken.get_mut(&self.whose) {
            *under_way = under_way.saturating_sub(1);
            if *under_way == 0 {
                taken.remove(&self.whose);
            }
        }
    }
}
