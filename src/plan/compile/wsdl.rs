//! A WSDL 1.1 with its XML Schemas, read into operations that can be called: SOAP 1.1 and 1.2 over HTTP,
//! document/literal and rpc/literal. Other files are loaded by relative names alone, through a function that is
//! handed in; a DTD is refused. It does no I/O of its own and knows no mapping.
//!
//! What an operation needs and this program cannot do (encoded bodies, arrays of SOAP's own encoding,
//! attachments) is a complaint of that operation, and no fault of others in the same file.

mod files;
mod index;
mod ports;
mod service;
mod simple;
mod types;

pub use service::{Choice, Named, Service, Unknown};

use std::{ops::Range, sync::Arc};

/// XML Schema's namespace.
const XSD: &str = "http://www.w3.org/2001/XMLSchema";
/// WSDL 1.1's.
const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";

/// One thing that is wrong in the files, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub file: Box<str>,
    /// Both counted from 1.
    pub line: u32,
    pub column: u32,
    /// The bytes of the file's text: a start tag, or nothing where the file has no text.
    pub span: Range<usize>,
    pub message: String,
    /// Empty where none is known.
    pub cure: String,
}

/// Which operations must be usable.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// Whatever can be: an operation that cannot says so when it is asked for. All failing is a fault.
    All,
    /// These by name: what is wrong with one of them is a fault.
    Operations(&'a [&'a str]),
}

/// Reads `main` and what it imports. `load` is given a file's name relative to the folder in which `main` stands
/// as its name says (`wsdl/parts.wsdl` that imports `types.xsd` loads `wsdl/types.xsd`), `main` first.
pub fn read(
    main: &str,
    load: &mut dyn FnMut(&str) -> Result<Arc<str>, String>,
    wanted: Wanted<'_>,
) -> Result<Service, Vec<Complaint>> {
    let files = files::gather(main, load)?;
    let documents = files::parse(&files)?;
    let index = index::Index::new(&files, &documents)?;
    ports::compile(&index, wanted)
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
