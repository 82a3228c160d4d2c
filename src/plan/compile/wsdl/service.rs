//! A WSDL's operations by name, and how one is chosen among the ports and versions that offer it.

use super::Complaint;
use crate::{
    fault::nearest::{cure, nearest},
    plan::soap::{Operation, Version},
};

/// All operations of a WSDL.
#[derive(Debug, Clone)]
pub struct Service {
    pub(super) entries: Vec<Entry>,
}

/// An operation as one port offers it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub name: Box<str>,
    pub service: Box<str>,
    pub port: Box<str>,
    pub version: Version,
    /// The port type's name: ports of the same one offer the same operations.
    pub kind: Box<str>,
    /// `None` where it was not wanted when the files were read.
    pub made: Result<Option<Operation>, Vec<Complaint>>,
}

/// Which of several ports is meant. What is not said leaves it open.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    pub service: Option<&'a str>,
    pub port: Option<&'a str>,
    pub version: Option<Version>,
}

/// What there is to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<'a> {
    pub operation: &'a str,
    pub service: &'a str,
    pub port: &'a str,
    pub version: Version,
    /// What is wrong with it is said when it is asked for.
    pub usable: bool,
}

/// Why there is no such operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unknown {
    pub message: String,
    pub cure: String,
    /// What is wrong in the files, where the operation is there but cannot be used.
    pub complaints: Vec<Complaint>,
}

impl Service {
    /// All operations, in the order of the files.
    pub fn names(&self) -> Vec<Named<'_>> {
        let named = |entry: &'_ Entry| matches!(entry.made, Ok(Some(_)));
        self.entries
            .iter()
            .map(|entry| Named {
                operation: &entry.name,
                service: &entry.service,
                port: &entry.port,
                version: entry.version,
                usable: named(entry),
            })
            .collect()
    }

    /// The operation of this name. Where ports of both versions offer it and none is said, that of SOAP 1.1 is
    /// taken, which every service of both speaks; where different port types have one of this name, one must be said.
    pub fn operation(&self, name: &str, choice: Choice<'_>) -> Result<Operation, Unknown> {
        let unknown = |message: String, cure: String| Unknown { message, cure, complaints: Vec::new() };
        let named: Vec<&Entry> = self.entries.iter().filter(|entry| &*entry.name == name).collect();
        if named.is_empty() {
            let known: Vec<&str> = self.entries.iter().map(|entry| &*entry.name).collect();
            return Err(unknown(format!("the WSDL has no operation `{name}`"), cure(name, distinct(known))));
        }
        let mut left = named.clone();
        for (word, said, of) in [
            ("service", choice.service, (|entry| &*entry.service) as fn(&Entry) -> &str),
            ("port", choice.port, |entry| &*entry.port),
        ] {
            let Some(said) = said else { continue };
            left.retain(|entry| of(entry) == said);
            if left.is_empty() {
                let known = distinct(named.iter().map(|entry| of(entry)).collect());
                let hint = match nearest(said, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("it is offered by: {}", known.join(", ")),
                };
                return Err(unknown(format!("no {word} `{said}` offers `{name}`"), hint));
            }
        }
        if let Some(version) = choice.version {
            left.retain(|entry| entry.version == version);
            if left.is_empty() {
                let known = distinct(named.iter().map(|entry| entry.version.word()).collect());
                let message = format!("`{name}` is not offered over SOAP {}", version.word());
                return Err(unknown(message, format!("it is offered over SOAP {}", known.join(" and "))));
            }
        }
        let kinds = distinct(left.iter().map(|entry| &*entry.kind).collect());
        if kinds.len() > 1 {
            let ports = distinct(left.iter().map(|entry| &*entry.port).collect());
            let message = format!("several ports have an operation `{name}`, and each means its own");
            return Err(unknown(message, format!("say which port: {}", ports.join(", "))));
        }
        let usable = |version| left.iter().filter(move |entry| entry.version == version);
        let ordered = usable(Version::V11).chain(usable(Version::V12));
        let mut complaints = Vec::new();
        for entry in ordered {
            match &entry.made {
                Ok(Some(operation)) => return Ok(operation.clone()),
                Ok(None) => {}
                Err(found) => complaints.extend(found.iter().cloned()),
            }
        }
        let first = complaints.first();
        Err(Unknown {
            message: first.map_or_else(
                || format!("`{name}` was not among the operations that the WSDL was read for"),
                |complaint| format!("`{name}` cannot be used: {}", complaint.message),
            ),
            cure: first.map(|complaint| complaint.cure.clone()).unwrap_or_default(),
            complaints,
        })
    }
}

fn distinct(mut names: Vec<&str>) -> Vec<&str> {
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(*name));
    names
}
