//! Everything that can go wrong, in two forms: a [`Fault`] ends a request, a [`Diagnostic`] is about the
//! operator's files. It knows no HTTP library and writes no body: `pipeline::envelope` does.

pub mod code;
pub mod diagnostic;
pub mod mapping;
pub mod nearest;
pub mod quote;

use std::time::Duration;

pub use code::Code;
pub use diagnostic::{Diagnostic, Diagnostics, Severity, SourceFile};

/// What ended a request otherwise than well. What the caller may read and what the operator must
/// know are two texts from birth.
#[derive(Debug, Clone)]
pub struct Fault {
    pub code: &'static Code,
    /// One plain sentence or two for the caller, with a hint of the cure. No backend name, ever.
    pub message: String,
    /// All that is wrong with the request, where it is the request that is wrong.
    pub violations: Vec<Violation>,
    /// For the caller: when it is worth trying again.
    pub retry_after: Option<Duration>,
    /// What `WWW-Authenticate` says of a refused credential (RFC 9110, section 11.6.1).
    pub challenge: Option<Box<str>>,
    /// For the operator's log alone.
    pub detail: Option<String>,
    /// What of a source's answer broke the contract, for whoever counts such answers.
    pub breach: Option<Box<Breach>>,
}

/// A value of a source that has no public form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// The binding's file; empty where whoever asked the source knows it.
    pub file: String,
    pub kind: BreachKind,
    /// Where it stood in the source.
    pub place: String,
    /// What it was: a code as it came, else a kind of value and never the value itself.
    pub found: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreachKind {
    UnknownCode,
    Misfit,
    /// Nothing, where the contract requires a value.
    Missing,
}

/// One thing that is wrong in a request, in public names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub place: Place,
    pub message: String,
    pub code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A JSON Pointer (RFC 6901) into the body that was sent.
    Pointer(String),
    /// The name of a query parameter.
    Parameter(String),
    /// The name of a header.
    Header(String),
}

impl Fault {
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            violations: Vec::new(),
            retry_after: None,
            challenge: None,
            detail: None,
            breach: None,
        }
    }

    /// A fault whose public sentence is the code's own.
    pub fn plain(code: &'static Code) -> Self {
        Self::new(code, code.sentence)
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn challenge(mut self, challenge: impl Into<Box<str>>) -> Self {
        self.challenge = Some(challenge.into());
        self
    }

    #[must_use]
    pub fn retry_after(mut self, pause: Option<Duration>) -> Self {
        self.retry_after = pause;
        self
    }

    /// A refusal that lists all its violations; `None` when there are none.
    pub fn of_violations(violations: Vec<Violation>) -> Option<Self> {
        let first = violations.first()?;
        let one_kind = violations.iter().all(|v| v.code == first.code);
        let code = if one_kind { code::find(first.code) } else { None };
        let code = code.unwrap_or(match first.place {
            Place::Parameter(_) | Place::Header(_) => &code::BAD_QUERY,
            Place::Pointer(_) => &code::BAD_BODY,
        });
        let message = if violations.len() == 1 {
            first.message.clone()
        } else {
            format!("{} things are wrong with this request; `violations` lists each.", violations.len())
        };
        Some(Self { violations, ..Self::new(code, message) })
    }
}

impl Violation {
    pub fn parameter(name: &str, code: &'static Code, message: impl Into<String>) -> Self {
        Self { place: Place::Parameter(name.into()), message: message.into(), code: code.id }
    }

    pub fn pointer(pointer: impl Into<String>, code: &'static Code, message: impl Into<String>) -> Self {
        Self { place: Place::Pointer(pointer.into()), message: message.into(), code: code.id }
    }

    pub fn header(name: &str, code: &'static Code, message: impl Into<String>) -> Self {
        Self { place: Place::Header(name.into()), message: message.into(), code: code.id }
    }
}
