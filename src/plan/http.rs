//! How a resource is done by HTTP calls: which call does what, and what its answer means. What is sent is made of
//! these by `backend::http`; nothing here knows a socket.
//!
//! - [`call`]: one call, as a request to be filled in.
//! - [`dialect`]: how a family of systems speaks: format, nothing, logins, order, filters, limits.
//! - [`paging`]: how a list comes in pages.
//! - [`rules`]: what an answer means, whatever its status says.

pub mod call;
pub mod dialect;
pub mod form;
pub mod paging;
pub mod rules;

use super::{reading::SlotId, resilience::Hedge, resource::Operator};
use crate::value::{Value, path::Path};
use std::{sync::Arc, time::Duration};

pub use call::{Call, Method, Piece, Target, Template};
pub use dialect::{Auth, Dialect, Filters, Format, Limits, Login, Sorting};
pub use paging::{Next, Pages, Paging, Size};
pub use rules::{Condition, Errors, Meaning};

#[derive(Debug, Clone)]
pub struct HttpMeans {
    pub dialect: Arc<Dialect>,
    pub list: Option<List>,
    pub read: Option<Read>,
    pub create: Option<Write>,
    pub replace: Option<Write>,
    pub delete: Option<Write>,
    /// Places and the values (any of them) without which a record is not one of this resource's.
    pub fixed: Vec<Fixed>,
    /// The slot of the key.
    pub key: SlotId,
    /// When a read is asked a second time beside the first.
    pub hedge: Option<Hedge>,
}

/// A place, and the values one of which it must have.
#[derive(Debug, Clone)]
pub struct Fixed {
    pub slot: SlotId,
    pub path: Path,
    pub values: Vec<Value>,
    /// Whether every call keeps others away by itself; where not, rows are picked here.
    pub by_source: bool,
}

#[derive(Debug, Clone)]
pub struct List {
    pub call: Call,
    pub complete: Option<Complete>,
    /// Where a row holds its key, where that is not the key's own place: `$` for rows that are keys alone.
    pub key: SlotId,
    /// Members that the source filters by.
    pub filters: Vec<Pushed>,
    /// Members that the source sorts by, and its name for each.
    pub sorts: Vec<(super::MemberId, String)>,
    /// The order that the source keeps by itself.
    pub order: Vec<super::resource::SortKey>,
    pub total: Option<Total>,
    /// How many rows may be looked through.
    pub within: Option<u32>,
    /// The slots that the list's rows have.
    pub given: Vec<bool>,
}

/// How rows that the list gives in part are completed.
#[derive(Debug, Clone)]
pub struct Complete {
    pub call: Call,
    /// Several rows by one call: the target of their keys, what joins them, and how many at most.
    pub many: Option<Many>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Many {
    pub keys: Target,
    /// What joins the keys in one text; where nothing does they are a list, or a parameter repeated.
    pub join: Option<String>,
    /// What each key is put into, for a list in a body: `{}` stands for it.
    pub each: Option<Value>,
    pub most: u32,
}

#[derive(Debug, Clone)]
pub struct Pushed {
    pub member: super::MemberId,
    /// The source's name: a parameter, or a field in an expression.
    pub field: String,
    /// A parameter of its own, whatever the dialect's way is.
    pub target: Option<Target>,
    /// What joins several values in that parameter.
    pub any: Option<String>,
    /// The source finds more than what is asked for: what it gives is looked through.
    pub wide: bool,
    /// Several values are asked one by one, and the rows are joined here.
    pub each: bool,
    /// The operators that may be sent; all of the dialect's where nothing is said.
    pub only: Option<Vec<Operator>>,
    /// For each operator its parameter, where it has one of its own, and what the dialect calls it.
    pub ways: Vec<(Operator, Option<Target>, String)>,
}

#[derive(Debug, Clone)]
pub enum Total {
    /// By looking for the last page; kept for this long.
    Walk(Duration),
    /// At a path of the list's answer.
    At(Path),
    /// In a header of the list's answer.
    Header(String),
    /// By a call of its own; kept for this long.
    Call(Box<Call>, Path, Duration),
}

#[derive(Debug, Clone)]
pub struct Read {
    pub call: Call,
    /// The call gives a list, and the record is looked for in it.
    pub find: bool,
    pub absent_statuses: Vec<u16>,
    /// A body that means that there is none.
    pub absent_bodies: Vec<String>,
    /// An answer that lacks the record means that there is none.
    pub absent_missing: bool,
    /// What guards a write against another one: where it stands.
    pub version: Option<Spot>,
}

/// A place of an answer: in its body or its header.
#[derive(Debug, Clone, PartialEq)]
pub enum Spot {
    At(Path),
    Header(String),
}

#[derive(Debug, Clone)]
pub struct Write {
    pub call: Call,
    /// What the call sends, where that can be printed without a tree.
    pub form: Option<form::Form>,
    /// The call that undoes it where a later one fails.
    pub undo: Option<Call>,
    /// Calls that come before, in order.
    pub first: Vec<Step>,
    /// Calls that come behind, in order.
    pub after: Vec<Step>,
    /// Where a new record's key stands.
    pub key: NewKey,
    pub sends: Sends,
    /// The header that keeps a repeated call from being carried out twice.
    pub idempotency: Option<String>,
    /// Whether one of its calls names the key of the request.
    pub once: bool,
    /// The members that tell a new record from all others.
    pub find: Vec<super::MemberId>,
    /// Where the version that was read goes.
    pub guard: Option<Target>,
    /// Whether the record must not be there yet: it is read first.
    pub fresh: bool,
    /// The outcome is not in the answer: it is asked for.
    pub poll: Option<Poll>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum NewKey {
    /// In the answer.
    Spot(Spot),
    /// It is what was sent.
    Sent,
    /// A value that an earlier call gave.
    Kept(String),
}

/// What a replace sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// The members that changed.
    Changed,
    /// All members.
    All,
    /// All members, over the record as the source has it: what no rule names stays as it is.
    Merged,
}

/// One more call of a write.
#[derive(Debug, Clone)]
pub struct Step {
    pub call: Call,
    /// Values of its answer for later calls.
    pub keep: Vec<(String, Path)>,
    /// The call that undoes it where a later one fails.
    pub undo: Option<Call>,
}

/// How the outcome of a write that is carried out later is had.
#[derive(Debug, Clone)]
pub struct Poll {
    pub call: Call,
    /// Values of the write's answer that the asking needs.
    pub keep: Vec<(String, Spot)>,
    /// All hold where it is done.
    pub until: Vec<Condition>,
    /// All hold where it has failed.
    pub failed: Vec<Condition>,
    pub every: Duration,
    pub most: Duration,
    /// Where the key stands in the last answer.
    pub key: Option<Path>,
    /// How the system says by itself that there is an outcome.
    pub hook: Option<Hook>,
}

/// A signed webhook: what signs it, and the place that holds one of the values that the poll keeps.
#[derive(Debug, Clone, PartialEq)]
pub struct Hook {
    pub secret: Template,
    pub at: Path,
    pub is: String,
}

impl HttpMeans {
    /// All calls.
    pub fn calls(&self) -> Vec<&Call> {
        let mut all: Vec<&Call> = Vec::new();
        if let Some(list) = &self.list {
            all.push(&list.call);
            all.extend(list.complete.as_ref().map(|c| &c.call));
            if let Some(Total::Call(call, ..)) = &list.total {
                all.push(call);
            }
        }
        all.extend(self.read.as_ref().map(|r| &r.call));
        for write in [&self.create, &self.replace, &self.delete].into_iter().flatten() {
            for step in write.first.iter().chain(&write.after) {
                all.push(&step.call);
                all.extend(&step.undo);
            }
            all.push(&write.call);
            all.extend(&write.undo);
            all.extend(write.poll.as_ref().map(|p| &p.call));
        }
        all
    }

    /// The credentials that its calls name.
    pub fn credentials(&self) -> Vec<&str> {
        let hooks = self.hooks().flat_map(|hook| hook.secret.credentials());
        self.calls().into_iter().flat_map(Call::credentials).chain(hooks).collect()
    }

    /// The webhooks that its writes wait for.
    pub fn hooks(&self) -> impl Iterator<Item = &Hook> {
        let writes = [&self.create, &self.replace, &self.delete].into_iter().flatten();
        writes.filter_map(|write| write.poll.as_ref()?.hook.as_ref())
    }

    /// Whether rows are picked here that the source does not keep away.
    pub fn picks(&self) -> bool {
        self.fixed.iter().any(|fixed| !fixed.by_source)
    }
}
