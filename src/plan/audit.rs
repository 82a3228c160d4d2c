//! What is audited, compiled: which reads of a resource are noted, and for how long the trail is kept.

use super::{MemberId, Selection};
use std::time::Duration;

/// What of a resource's reads is noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// The personal members as they were named; what stands below one is personal, too.
    pub personal: Vec<MemberId>,
    /// Whoever is held to their own records by this member is not noted for personal members.
    pub owner: Option<MemberId>,
    /// Every read, by whomever.
    pub reads_all: bool,
}

/// The trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trail {
    pub keep: Duration,
}

impl Audit {
    /// The personal members that are shown where these are, wholly or in part.
    pub fn shown(&self, selection: &Selection) -> Vec<MemberId> {
        self.personal.iter().copied().filter(|id| selection.has(*id)).collect()
    }
}
