//! What goes wrong in the business: an `Error` inside a 200, one at a time, with the element that is wrong where there
//! is one. Faults of the message are in `fault.rs`.

use super::fault::Fault;
use super::printer::Printer;

/// Why a call that could be read was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    code: &'static str,
    message: String,
    field: Option<&'static str>,
    /// How many could be had, where too many were wanted.
    available: Option<i32>,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, available: None }
    }

    /// The tenant is none of this account's.
    pub(super) fn dealer() -> Self {
        Self::new("InvalidDealer", "The dealer is not known to this account.")
    }

    pub(super) fn not_found(what: &str, key: &str) -> Self {
        Self::new("NotFound", format!("{what} {key} was not found."))
    }

    /// A value that the column cannot hold, or that names nothing.
    pub(super) fn field(field: &'static str, message: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::new("InvalidField", message) }
    }

    pub(super) fn duplicate(field: &'static str, key: &str) -> Self {
        Self { field: Some(field), ..Self::new("Duplicate", format!("{key} exists already.")) }
    }

    pub(super) fn in_use(message: impl Into<String>) -> Self {
        Self::new("InUse", message)
    }

    pub(super) fn insufficient(field: &'static str, wanted: i32, available: i32) -> Self {
        let message = format!("{wanted} wanted and {available} available.");
        Self { field: Some(field), available: Some(available), ..Self::new("InsufficientStock", message) }
    }

    /// The reference is that of another reservation.
    pub(super) fn reference(message: &str) -> Self {
        Self { field: Some("Reference"), ..Self::new("ReferenceInUse", message) }
    }

    pub(super) fn released(reference: &str) -> Self {
        let message = format!("Reservation {reference} is released already.");
        Self { field: Some("Reference"), ..Self::new("AlreadyReleased", message) }
    }

    /// The demo's store is bounded.
    pub(super) fn full(what: &str) -> Self {
        Self::new("FileFull", format!("There is no room for more {what}."))
    }

    pub(super) fn print(&self, out: &mut Printer) {
        out.within("Error", &[("xmlns", "")], |error| {
            error.text("Code", self.code);
            error.text("Message", &self.message);
            error.optional("Field", self.field);
            error.optional("Available", self.available);
        });
    }
}

/// Why an operation stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    Fault(Fault),
    Refusal(Refusal),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refusal(refusal)
    }
}
