//! What an answer of a source means: conditions on it, said in dialects and calls alike.

use super::{OneOrMany, Scalar};
use schemars::JsonSchema;
use serde::Deserialize;

/// A condition on an answer: what is looked at (one of `status`, `header`, `at`), and the test.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Condition {
    /// The status is one of these.
    pub status: Option<OneOrMany<u16>>,
    /// This header is looked at.
    pub header: Option<String>,
    /// This place of the body is looked at.
    pub at: Option<String>,
    /// It is one of these.
    pub is: Option<OneOrMany<Scalar>>,
    /// It is none of these.
    pub not: Option<OneOrMany<Scalar>>,
    /// It is there, and neither null nor empty; or, with `false`, it is not.
    pub there: Option<bool>,
    /// It holds one of these texts, whatever the case of its letters.
    pub says: Option<OneOrMany<String>>,
    /// It is what was sent at this place.
    pub same: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Meaning {
    /// What was asked for is there.
    Good,
    /// There is no such record.
    Absent,
    /// The values were refused.
    Refused,
    /// Another write came first.
    LostRace,
    /// The login has ended.
    Login,
    /// The system is busy.
    Busy,
    /// The system failed.
    Failed,
}
