//! What the edge is told beside addresses and limits: certificates by name, what other origins' pages may do, and whom
//! to tell of a weakness. No I/O: files are named here and read by the edge.

use crate::value::time::Moment;
use std::path::PathBuf;

/// The certificate of some host names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// In lower case; `*.` stands for one label.
    pub names: Vec<String>,
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What pages of other origins may do with an API (Fetch standard, "CORS protocol"), in the form of headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cors {
    /// Whether every origin may; then none is listed.
    pub any: bool,
    pub origins: Vec<String>,
    /// `GET, POST`.
    pub methods: String,
    pub headers: String,
    pub expose: String,
    /// In seconds.
    pub max_age: u64,
    pub credentials: bool,
}

/// Whom to tell of a weakness (RFC 9116).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityTxt {
    /// The whole file.
    pub text: String,
    /// Past this it is not shown.
    pub expires: Moment,
}

impl Cors {
    /// What `Access-Control-Allow-Origin` says to this origin; nothing where it may not.
    pub fn allowed<'a>(&self, origin: &'a str) -> Option<&'a str> {
        if self.any {
            return Some("*");
        }
        self.origins.iter().any(|one| one == origin).then_some(origin)
    }
}
