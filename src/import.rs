//! A first contract, dialect and mapping from what describes a source: an `OpenAPI` document, a WSDL, or a database's own
//! catalogue. What it makes passes `check` and is for a person to finish: each file says what was guessed in it. It
//! calls no source but the database that it is pointed at, runs nothing of what it makes, and overwrites no file.

pub mod openapi;
pub mod project;
pub mod sql;
pub mod write;
pub mod wsdl;

mod contract;
mod member;
mod names;
mod yaml;

pub use project::{Project, Wish};
pub use write::{Written, write};
