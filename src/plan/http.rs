//! How a resource is done by HTTP calls: templates of requests, pages, logins. What is sent is made of these by
//! `backend::http`; nothing here knows a socket.

use super::reading::{Empties, SlotId};
use crate::value::{Value, path::Path};
use std::{sync::Arc, time::Duration};

#[derive(Debug, Clone)]
pub struct HttpMeans {
    pub dialect: Arc<Dialect>,
    pub list: Option<List>,
    pub read: Option<Read>,
    pub create: Option<Write>,
    pub replace: Option<Write>,
    pub delete: Option<Call>,
    /// Places and the values without which a record is another resource's.
    pub fixed: Vec<(SlotId, Path, Value)>,
    /// The slot of the key.
    pub key: SlotId,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Dialect {
    pub name: String,
    pub paging: Paging,
    pub ascending: String,
    pub descending: String,
    pub empty: Empties,
    /// What is sent to empty a member of several parts.
    pub empty_write: Value,
    pub login: Option<Arc<Login>>,
    /// Where an error's words stand.
    pub message: Option<Path>,
    /// Where a map from the system's fields to their faults stands.
    pub faults: Option<Path>,
}

/// Pages by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    pub page: String,
    pub first: u32,
    pub size: Size,
    /// The parameter of the size, where it is sent.
    pub size_parameter: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Fixed(u32),
    UpTo(u32),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    pub call: Call,
    /// With `{name}` of the login's answer.
    pub cookie: Option<String>,
    pub headers: Vec<(String, String)>,
    pub expires: Duration,
    pub refused: Vec<u16>,
}

/// A request to be filled.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub name: String,
    pub method: Method,
    pub path: Vec<Piece>,
    pub query: Vec<(String, String)>,
    pub carries: Vec<(String, Value)>,
    /// Where in the answer the rows stand.
    pub rows: Path,
    /// The names that an answer has; all where it is not said.
    pub gives: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// A piece of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Literal(String),
    /// The value of this slot, encoded as one path segment.
    Slot(SlotId, String),
}

#[derive(Debug, Clone)]
pub struct List {
    pub call: Call,
    pub complete: Option<Call>,
    /// Members that the source filters by.
    pub filters: Vec<Pushed>,
    /// Members that the source sorts by, and the parameter of each.
    pub sorts: Vec<(super::MemberId, String)>,
    pub total: Option<Total>,
    /// How many rows may be looked through.
    pub within: Option<u32>,
    /// The slots that the list's rows have.
    pub given: Vec<bool>,
}

#[derive(Debug, Clone)]
pub struct Pushed {
    pub member: super::MemberId,
    pub parameter: String,
    /// What joins several values.
    pub any: Option<String>,
}

#[derive(Debug, Clone)]
pub enum Total {
    /// By looking for the last page; kept for this long.
    Walk(Duration),
    /// At a path of the list's answer.
    At(Path),
}

#[derive(Debug, Clone)]
pub struct Read {
    pub call: Call,
    pub absent_statuses: Vec<u16>,
    /// A body that means that there is none.
    pub absent_bodies: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Write {
    pub call: Call,
    /// Whether the record is read back after it.
    pub read_back: bool,
}
