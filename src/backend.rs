//! Calls to what runs behind: one trait for every kind of source, and the look-ups that are filled from them.
//! All calls to backends leave through here. It makes no public body and knows no HTTP of the edge.

pub mod explain;
pub mod fetch;
pub mod http;
pub mod keys;
pub mod lookup;
pub mod meter;
mod printed;
pub mod radar;
pub mod secret;
pub mod sources;
pub mod sql;
pub mod stub;
pub mod values;

use crate::{
    fault::Fault,
    idempotency::{Effect, Mark},
    plan::{Binding, Resource, Selection, http::Hook, resource::SortKey},
    translate::{Batch, Surroundings, compare::Filter, show::Shown},
    value::{Brief, Value, time::Moment},
};
use async_trait::async_trait;
use std::sync::Arc;

pub use printed::{Form, Printed};
pub use sources::Sources;

/// A resource and the binding that does it: mostly the one that serves, for a look-up any.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub resource: &'a Resource,
    pub binding: &'a Binding,
}

/// A question for a list.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    pub selection: &'a Selection,
    pub filters: &'a [Filter],
    /// A total order: its last member is the key.
    pub order: &'a [SortKey],
    pub limit: u32,
    pub offset: u64,
    /// Whether the total is wanted.
    pub count: bool,
    /// Whether everything is wanted, however long the list is: it is read page after page until one is short.
    pub whole: bool,
}

/// What every call knows of the request that it is made for.
#[derive(Debug, Clone)]
pub struct Journey {
    pub deadline: tokio::time::Instant,
    pub now: Moment,
    pub around: Arc<Surroundings>,
    /// What a write notes of its effect, where somebody has to know: of a request with a key of its own.
    pub mark: Option<Arc<Mark>>,
}

impl Journey {
    /// Notes that a call that writes is about to leave.
    pub fn leave(&self) {
        if let Some(mark) = &self.mark {
            mark.leave();
        }
    }

    /// Notes what a call did, or may have done.
    pub fn note(&self, effect: Effect) {
        if let Some(mark) = &self.mark {
            mark.note(effect);
        }
    }
}

/// Records of a source.
#[derive(Debug, Clone)]
pub struct Answer {
    pub content: Content,
    pub total: Option<u64>,
    /// What guards a write against another one, where the source counts them.
    pub version: Option<String>,
    /// What it was printed as, where it is kept.
    pub printed: Option<Arc<Printed>>,
}

#[derive(Debug, Clone)]
pub enum Content {
    Slots {
        batch: Arc<Batch>,
        /// The rows that were asked for, in order.
        rows: Vec<u32>,
        around: Arc<Surroundings>,
        /// Whether texts come out of JSON strings.
        clean: bool,
    },
    /// Records that are in the public form already.
    Values(Vec<Value>),
}

impl Content {
    pub fn len(&self) -> usize {
        match self {
            Content::Slots { rows, .. } => rows.len(),
            Content::Values(values) => values.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Answer {
    /// How slots are shown; `None` for records that are in the public form already.
    pub fn shown<'a>(&'a self, subject: Subject<'a>) -> Option<Shown<'a>> {
        match &self.content {
            Content::Slots { batch, around, clean, .. } => Some(Shown {
                contract: &subject.resource.contract,
                reading: &subject.binding.reading,
                batch,
                around,
                clean: *clean,
            }),
            Content::Values(_) => None,
        }
    }

    /// A scalar member of one of the records, in the public form.
    pub fn member(&self, subject: Subject<'_>, at: usize, member: u16) -> Result<Option<Brief>, Fault> {
        match &self.content {
            Content::Slots { rows, .. } => {
                let (Some(shown), Some(row)) = (self.shown(subject), rows.get(at)) else { return Ok(None) };
                shown.value(*row, member).map_err(|problem| fault_in(subject, &problem))
            }
            Content::Values(values) => {
                let path = subject.resource.contract.get(member).map_or("", |m| &m.path);
                Ok(values.get(at).and_then(|v| v.at(path)).and_then(Value::scalar).map(Brief::new))
            }
        }
    }
}

impl Answer {
    /// Whether a member of one of the records is this value, or a list that holds it.
    pub fn has(&self, subject: Subject<'_>, at: usize, member: u16, wanted: &str) -> Result<bool, Fault> {
        if let Content::Values(values) = &self.content {
            let path = subject.resource.contract.get(member).map_or("", |m| &m.path);
            return Ok(match values.get(at).and_then(|value| value.at(path)) {
                Some(Value::List(items)) => items.iter().any(|item| item.scalar() == Some(wanted)),
                found => found.and_then(Value::scalar) == Some(wanted),
            });
        }
        let Content::Slots { rows, .. } = &self.content else { return Ok(false) };
        let (Some(shown), Some(row)) = (self.shown(subject), rows.get(at)) else { return Ok(false) };
        let values = shown.values(*row, member).map_err(|problem| fault_of(&problem))?;
        Ok(values.iter().any(|value| value == wanted))
    }
}

/// A webhook that came, before anything of it is believed.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    pub id: &'a str,
    /// Seconds since 1970.
    pub timestamp: &'a str,
    pub signature: &'a str,
    pub body: &'a [u8],
}

/// What came of sealing some records anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealed {
    pub done: u64,
    /// Records that changed meanwhile: the next time.
    pub raced: u64,
    /// Records that do not open: left as they are.
    pub broken: u64,
    /// Where it goes on; nothing at the end.
    pub next: Option<String>,
}

/// How many records a key seals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InUse {
    /// The key's id; nothing for records that are plain.
    pub id: Option<String>,
    pub records: u64,
}

/// What came of a write.
#[derive(Debug, PartialEq, Eq)]
pub enum Written {
    Done,
    /// There is no such record (any more).
    Absent,
    /// Another write came first.
    LostRace,
}

/// A source at work. Every method may be called at any time, by many at once.
#[async_trait]
pub trait Backend: Send + Sync + std::fmt::Debug {
    async fn list(&self, subject: Subject<'_>, ask: &Ask<'_>, journey: &Journey) -> Result<Answer, Fault>;

    /// One record; `None` where there is none.
    async fn read(
        &self,
        subject: Subject<'_>,
        key: &str,
        selection: &Selection,
        journey: &Journey,
    ) -> Result<Option<Answer>, Fault>;

    /// Makes a record; its key.
    async fn create(&self, subject: Subject<'_>, body: &Value, journey: &Journey) -> Result<String, Fault>;

    /// Writes the members that changed. `version` is the one that was read.
    async fn replace(
        &self,
        subject: Subject<'_>,
        key: &str,
        body: &Value,
        changed: &Selection,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault>;

    async fn delete(
        &self,
        subject: Subject<'_>,
        key: &str,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault>;

    /// What a list would call, without calling it.
    fn explain_list(&self, subject: Subject<'_>, ask: &Ask<'_>, around: &Surroundings) -> Vec<explain::Step>;

    /// What a read would call.
    fn explain_read(&self, subject: Subject<'_>, key: &str, selection: &Selection) -> Vec<explain::Step>;

    /// What a write would call.
    fn explain_write(
        &self,
        subject: Subject<'_>,
        key: Option<&str>,
        write: explain::Write,
    ) -> Vec<explain::Step>;

    /// Whether the source can be reached at all; for readiness.
    async fn ready(&self) -> Result<(), Fault>;

    /// Removes for good what was removed softly before this moment; how many records that were.
    async fn purge(&self, _: Subject<'_>, _: Moment) -> Result<u64, Fault> {
        Ok(0)
    }

    /// Seals anew what is behind this key and not sealed by the newest key; one round of it.
    async fn reseal(&self, _: Subject<'_>, _: Option<&str>) -> Result<Resealed, Fault> {
        Ok(Resealed::default())
    }

    /// How many records of a sealed table each key seals.
    async fn in_use(&self, _: Subject<'_>) -> Result<Vec<InUse>, Fault> {
        Ok(Vec::new())
    }

    /// Takes a webhook that is one of these; refuses it where none signs it.
    async fn hook(&self, _: &[&Hook], _: &Delivery<'_>, _: Moment) -> Result<(), Fault> {
        Err(Fault::plain(&crate::fault::code::NO_PATH))
    }

    /// How its calls are held in bounds just now; nothing where they are not.
    fn resilience(&self) -> Option<crate::resilience::Report> {
        None
    }

    /// Forgets sessions and counts that a write of another way may have made stale.
    fn forget(&self) {}
}

/// A problem of translation as the fault of that answer: the place is for the operator alone.
pub fn fault_of(problem: &crate::translate::Problem) -> Fault {
    use crate::{
        fault::{Breach, BreachKind, code},
        translate::Problem,
    };
    let code = match problem {
        Problem::Misfit { .. } | Problem::NoCombination { .. } | Problem::NoCode { .. } => {
            &code::CANNOT_TRANSLATE
        }
        Problem::UnknownCode { .. } => &code::UNKNOWN_CODE,
        Problem::Missing { .. } => &code::MISSING_VALUE,
    };
    let breach = |kind, place: &String, found: String| {
        Some(Box::new(Breach { file: String::new(), kind, place: place.clone(), found }))
    };
    let breach = match problem {
        Problem::Misfit { place, found, expected } => {
            breach(BreachKind::Misfit, place, format!("{found}, not {expected}"))
        }
        Problem::UnknownCode { place, code } => breach(BreachKind::UnknownCode, place, code.clone()),
        Problem::Missing { place, member } => breach(BreachKind::Missing, place, format!("for `{member}`")),
        // What a caller sent has no code: that is no matter of what the source says.
        Problem::NoCombination { .. } | Problem::NoCode { .. } => None,
    };
    Fault { breach, ..Fault::plain(code).detail(problem.to_string()) }
}

/// The same where the binding is known, so that it can be counted there.
pub fn fault_in(subject: Subject<'_>, problem: &crate::translate::Problem) -> Fault {
    let mut fault = fault_of(problem);
    if let Some(breach) = &mut fault.breach {
        breach.file.clone_from(&subject.binding.file);
    }
    fault
}
