//! Requests with a key of their own (`Idempotency-Key`): each is carried out once, and whoever asks again gets the first
//! answer. The engine here decides who works and who waits; where rows are kept is behind [`Store`], what a request does
//! and how a doubt is resolved is the road's. It makes no body.

mod engine;
mod key;
mod memory;
mod sealed;

pub use engine::{Engine, Entered, Ticket};
pub use key::{Keyed, LONGEST, key};
pub use memory::Memory;
pub use sealed::Sealed;

use crate::fault::Fault;
use async_trait::async_trait;
use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU8, Ordering},
};

/// How long an answer is replayed, in milliseconds (PUBLIC-API, "retries").
pub const KEPT: i64 = 24 * 3_600 * 1_000;
/// How long it is remembered that nobody knows what came of a request, in milliseconds: an operator has to see it.
pub const REMEMBERED: i64 = 30 * 24 * 3_600 * 1_000;
/// Larger answers are not kept, in bytes: a ledger is no store of documents.
pub const LARGEST: usize = 256 * 1024;
/// So long after a request was given up a system behind may still carry it out, in milliseconds. What is not there by then
/// is taken not to have been done.
pub const SETTLED: i64 = 10_000;

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Id {
    /// A hash of the client and the subject, in hex.
    pub caller: String,
    pub key: String,
}

/// What is written down before the first call.
#[derive(Debug, Clone)]
pub struct Intent {
    pub id: Id,
    /// Of the method, the path and the body, in hex.
    pub hash: String,
    /// Method, API and resource, for people.
    pub what: String,
    pub holder: String,
    /// Milliseconds since 1970, as all times here.
    pub now: i64,
    pub held_until: i64,
    /// The key that a new record gets, where the façade makes it.
    pub record: String,
}

/// A row as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub hash: String,
    pub state: State,
    pub holder: String,
    pub held_until: i64,
    pub ends: i64,
    pub record: String,
    pub answer: Option<Kept>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Somebody works on it, or has crashed.
    Running,
    Done,
    /// A system behind was called, and what came of it is not known.
    Unknown,
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    /// `None` where it was too large to be kept.
    pub body: Option<Vec<u8>>,
}

/// What came of beginning.
#[derive(Debug)]
pub enum Begun {
    Ours,
    Stands(Row),
}

/// How a row ends.
#[derive(Debug)]
pub enum End {
    /// The answer is replayed from now on.
    Done(Kept),
    /// Nothing was done: the key is free again.
    Free,
    /// It is not known whether something was done. The record's key, where it is known.
    Unknown(String),
}

/// A row of which nobody knows what came, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub caller: String,
    pub key: String,
    pub what: String,
    /// The key that the record has or would have.
    pub record: String,
    /// When it was asked for, in milliseconds since 1970.
    pub began: i64,
    /// Whether somebody was still at it when it was looked at last: a crash is seen by its time being over.
    pub crashed: bool,
}

/// Where rows are kept. Refuses with F913.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Writes an intent down, or tells what stands in its place. What has ended stands no longer.
    async fn begin(&self, intent: &Intent) -> Result<Begun, Fault>;

    /// Takes a row over from a holder that has crashed or given up; whether it was still theirs.
    async fn take(&self, id: &Id, was: &Row, holder: &str, held_until: i64) -> Result<bool, Fault>;

    /// Ends a row that this holder has; `now` begins the time for which an answer is kept.
    async fn end(&self, id: &Id, holder: &str, end: &End, now: i64) -> Result<(), Fault>;

    /// What nobody knows the outcome of, the oldest first.
    async fn unknown(&self, now: i64, most: u32) -> Result<Vec<Unknown>, Fault>;

    /// Forgets one of these, as an operator says; whether it was there.
    async fn settle(&self, id: &Id, now: i64) -> Result<bool, Fault>;

    /// Removes what has ended.
    async fn sweep(&self, now: i64) -> Result<(), Fault>;
}

/// What a write has done so far: set where calls leave, read where the answer is made.
#[derive(Debug)]
pub struct Mark {
    /// The key for a new record where the façade makes it, and for calls that take a key of this kind themselves. It is the
    /// same in every try.
    pub chosen: String,
    effect: AtomicU8,
    /// A call is on its way: whoever is dropped now does not know what it does.
    leaving: AtomicBool,
    made: OnceLock<String>,
}

/// What is known of a write's effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Surely nothing was done.
    None,
    /// Something was done, and what was answered is true.
    Certain,
    /// Something may have been done.
    Possible,
}

impl Mark {
    pub fn new(chosen: String) -> Self {
        Self { chosen, effect: AtomicU8::new(0), leaving: AtomicBool::new(false), made: OnceLock::new() }
    }

    /// Notes that a call that writes is about to leave.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::SeqCst);
    }

    /// Notes what came of it; what is noted never becomes less.
    pub fn note(&self, effect: Effect) {
        self.effect.fetch_max(effect as u8, Ordering::SeqCst);
        self.leaving.store(false, Ordering::SeqCst);
    }

    pub fn effect(&self) -> Effect {
        if self.leaving.load(Ordering::SeqCst) {
            return Effect::Possible;
        }
        match self.effect.load(Ordering::SeqCst) {
            0 => Effect::None,
            1 => Effect::Certain,
            _ => Effect::Possible,
        }
    }

    /// Notes the key of a record that was made.
    pub fn made(&self, key: &str) {
        // The first one stays: a request makes one record.
        let _ = self.made.set(key.to_owned());
    }

    /// The key of the record that was made, or else the one that it would have.
    pub fn record(&self) -> &str {
        self.made.get().map_or(&self.chosen, String::as_str)
    }
}

#[cfg(test)]
mod tests;
