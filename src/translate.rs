//! Rules in motion: bytes of a source to slots, slots to the public form, and the public form back to what a
//! source takes. It calls nothing and waits for nothing; what it needs from elsewhere (look-ups, today's
//! date) is handed in.

pub mod batch;
pub mod compare;
pub mod convert;
pub mod extract;
pub mod law;
pub mod sample;
pub mod show;
pub mod sink;
pub mod soap;
pub mod store;
pub mod tally;
pub mod whole;
pub mod xmlrpc;

pub use batch::{Batch, Slot, Span};
pub use sink::Sink;

use crate::value::time::Date;
use std::{collections::HashMap, sync::Arc};

/// What a translation needs to know besides the record.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Today in UTC, for what follows from a date.
    pub today: Date,
    /// The tables of the look-ups that are needed, by number in the plan.
    pub lookups: Vec<Option<Arc<Table>>>,
}

impl Surroundings {
    pub fn table(&self, id: usize) -> Option<&Table> {
        self.lookups.get(id).and_then(Option::as_deref)
    }
}

/// A look-up's keys and what they mean, both ways.
#[derive(Debug, Default)]
pub struct Table {
    pub forward: HashMap<Box<str>, Box<str>>,
    /// Meanings that stand for one key only.
    pub backward: HashMap<Box<str>, Box<str>>,
}

/// Why a value could not be translated. For the operator's log: it names the place in the source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("`{place}` holds {found}, which is not {expected}")]
    Misfit { place: String, found: String, expected: &'static str },
    #[error("`{place}` holds the code `{code}`, which is not known")]
    UnknownCode { place: String, code: String },
    #[error("`{place}` is nothing, and the contract requires `{member}`")]
    Missing { place: String, member: String },
    #[error("these values of {members} have no code together")]
    NoCombination { members: String },
    #[error("`{member}` holds `{value}`, which has no code")]
    NoCode { member: String, value: String },
}
