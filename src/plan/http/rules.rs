//! What an answer means, whatever its status says: conditions on status, header and body, and the meaning of each.

use crate::value::path::Path;

/// Where an error's words stand, and what answers mean.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Errors {
    /// The first rule that holds decides; where none does the status decides.
    pub rules: Vec<Rule>,
    /// Where the message stands, for the operator's log.
    pub message: Option<Path>,
    /// Where a map from the system's fields to their faults stands, or a list of their names.
    pub fields: Vec<Path>,
    /// Where a list of faults stands, and within each one where the field's name is.
    pub list: Option<(Path, Path)>,
    /// Where a message stands that names the field, and what stands before and behind the name.
    pub named: Option<(Path, String, String)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// All of them hold.
    pub when: Vec<Condition>,
    pub means: Meaning,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// The system is busy: later.
    Busy,
    /// The system failed.
    Failed,
}

/// A condition on an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub of: Of,
    pub test: Test,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Of {
    Status,
    Header(String),
    At(Path),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// One of these, as texts.
    Is(Vec<String>),
    /// None of these, as texts.
    Not(Vec<String>),
    /// It is there, and is neither null nor empty; or the contrary.
    There(bool),
    /// It holds one of these texts, whatever the case of its letters.
    Says(Vec<String>),
    /// It is what was sent at this place.
    Same(Path),
}
