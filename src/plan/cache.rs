//! How long reads are kept, compiled, with what makes them old. The keeping itself is `crate::cache`'s.

use std::{sync::Arc, time::Duration};

/// What is done with a resource's reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caching {
    pub keeping: Keeping,
    /// The name under which its entries are listed and dropped, for example `pethub/v1/pets`.
    pub tag: Arc<str>,
    /// The tags of the resources a write to which makes its entries old; its own is the first.
    pub tags: Arc<[Arc<str>]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeping {
    /// Nothing was said: nothing is kept here.
    Unsaid,
    /// Nothing is kept, here or at a caller.
    Never,
    Kept(Kept),
}

/// For how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    pub fresh: Duration,
    /// Beyond `fresh`.
    pub stale: Duration,
    /// That there is no record; zero is not at all.
    pub negative: Duration,
    /// Whether caches on the way to a caller must not keep it.
    pub private: bool,
}

/// What is true of the cache as a whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Cache {
    pub bytes: u64,
}

impl Caching {
    pub fn kept(&self) -> Option<&Kept> {
        match &self.keeping {
            Keeping::Kept(kept) => Some(kept),
            Keeping::Unsaid | Keeping::Never => None,
        }
    }
}

impl Kept {
    /// When something has to be asked, for people.
    pub fn told(&self) -> String {
        let (fresh, stale) = (lasting(self.fresh), lasting(self.stale));
        if self.stale.is_zero() {
            return format!("no answer of the last {fresh} is kept");
        }
        format!(
            "no answer of the last {fresh} is kept; an older one is given for {stale} more, and asked for anew"
        )
    }
}

/// A span as files write it.
fn lasting(span: Duration) -> String {
    match span.as_secs() {
        0 => format!("{}ms", span.as_millis()),
        all if all % 86_400 == 0 => format!("{}d", all / 86_400),
        all if all % 3600 == 0 => format!("{}h", all / 3600),
        all if all % 60 == 0 => format!("{}m", all / 60),
        all => format!("{all}s"),
    }
}
