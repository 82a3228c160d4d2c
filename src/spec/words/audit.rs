//! What is audited of a resource, and how long the trail is kept.

use super::Span;
use schemars::JsonSchema;
use serde::Deserialize;

/// What of a resource is personal or medical. Writes are audited always; reads as it is said here.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Audit {
    /// The members that are personal: whoever is shown one of them is noted, but whom they are about.
    #[serde(default)]
    pub personal: Vec<String>,
    /// The member that holds the key of whom they are about. A caller who is held to their own records by it is not noted
    /// for reading personal members; everybody is where it is not said.
    #[serde(default)]
    pub owner: Option<String>,
    /// Which reads are noted.
    #[serde(default)]
    pub reads: Reads,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Reads {
    /// Those of personal members by others than whom they are about.
    #[default]
    Personal,
    /// All of them, whoever reads: as of medical records.
    All,
}

/// The audit trail.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Trail {
    /// How long a line is kept.
    pub keep: Span,
}

impl Default for Trail {
    fn default() -> Self {
        Self { keep: Span(std::time::Duration::from_hours(400 * 24)) }
    }
}
