//! Where governor's states stand: a bounded number of callers, in shards. When a shard is full those who may ask for all
//! again are forgotten, and then, of a few, the one that has asked least lately: a flood of new addresses cannot make the
//! memory grow.

use super::Principal;
use governor::{
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Few enough not to waste memory, enough that two cores seldom meet.
const SHARDS: usize = 32;
/// Of so many one is forgotten.
const LOOKED_AT: usize = 16;

#[derive(Debug)]
pub(super) struct Shelf {
    shards: Vec<Mutex<HashMap<Principal, u64>>>,
    /// Of each shard.
    most: usize,
}

impl Shelf {
    pub(super) fn new(most: usize) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { shards, most: most.div_ceil(SHARDS).max(1) }
    }

    fn shard(&self, key: Principal) -> Option<MutexGuard<'_, HashMap<Principal, u64>>> {
        let at = usize::try_from(key.0 % SHARDS as u128).unwrap_or(0);
        self.shards.get(at).map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn all(&self) -> impl Iterator<Item = MutexGuard<'_, HashMap<Principal, u64>>> {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl StateStore for Shelf {
    type Key = Principal;

    fn measure_and_replace<T, F, E>(&self, key: &Principal, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let Some(mut shard) = self.shard(*key) else { return f(None).map(|(told, _)| told) };
        let before = shard.get(key).copied();
        let (told, new) = f(before.map(Nanos::from))?;
        if before.is_none() && shard.len() >= self.most {
            let oldest = shard.iter().take(LOOKED_AT).min_by_key(|(_, at)| **at).map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                shard.remove(&oldest);
            }
        }
        shard.insert(*key, new.as_u64());
        Ok(told)
    }
}

impl ShrinkableKeyedStateStore<Principal> for Shelf {
    fn retain_recent(&self, drop_below: Nanos) {
        for mut shard in self.all() {
            shard.retain(|_, at| *at > drop_below.as_u64());
        }
    }

    fn shrink_to_fit(&self) {
        for mut shard in self.all() {
            shard.shrink_to_fit();
        }
    }

    fn len(&self) -> usize {
        self.all().map(|shard| shard.len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.all().all(|shard| shard.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_names_does_not_make_it_grow_and_the_latest_stay() {
        let shelf = Shelf::new(320);
        for number in 0..100_000u64 {
            let key = Principal::named("client", "", &number.to_string());
            shelf.measure_and_replace(&key, |_| Ok::<_, ()>(((), Nanos::from(number)))).unwrap();
        }
        assert!(ShrinkableKeyedStateStore::len(&shelf) <= 320);
        shelf.retain_recent(Nanos::from(100_000));
        assert!(ShrinkableKeyedStateStore::is_empty(&shelf));
    }
}
