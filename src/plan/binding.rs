//! How one resource is done on one source: reading, writing, and the means.

use super::{SourceId, http::HttpMeans, reading::Reading, sql::SqlMeans, writing::Writing};

#[derive(Debug)]
pub struct Binding {
    /// The middle part of its file's name.
    pub name: String,
    /// The file, for people.
    pub file: String,
    pub source: SourceId,
    pub reading: Reading,
    pub writing: Writing,
    pub means: Means,
}

#[derive(Debug)]
pub enum Means {
    Http(Box<HttpMeans>),
    Sql(Box<SqlMeans>),
    /// Answers made from the contract; how many records a list has.
    Stub {
        rows: u32,
    },
}
