//! A fault of our own, as it is told to whoever looks after the program: where it was and what its name is. Nothing of a
//! request is in it but the route's name in our files.

use super::trace::TraceId;

#[derive(Debug, Clone)]
pub struct Report {
    pub kind: Kind,
    /// For example `pethub/v1/pets list`.
    pub route: String,
    pub trace: Option<TraceId>,
    /// How far the request had come.
    pub stage: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A code of ours with its title.
    Fault { code: &'static str, title: &'static str },
    /// The file and line where it was; what it said may hold values, and is not told.
    Panic { place: Option<String> },
}
