//! What an auditor will ask: who did what to which records, when, from where, and what came of it. The event, and the
//! seam by which it is kept. It keeps nothing itself: the `ledger` does, and seals what is personal.

use super::{Caller, Peer};
use crate::{
    fault::Fault,
    value::{Brief, Value},
};
use async_trait::async_trait;
use std::{borrow::Cow, net::IpAddr, sync::Arc};
use uuid::Uuid;

/// Keeps what has happened.
#[async_trait]
pub trait Note: Send + Sync + std::fmt::Debug {
    /// Keeps events, all or none, in this order. They are durable when it returns, so that whoever waits for it before
    /// answering has answered nothing that is not kept.
    ///
    /// Refuses with F913; the outcome is then not known, and nothing is to be shown or done.
    async fn note(&self, events: Vec<Event>) -> Result<(), Fault>;
}

/// One thing that happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// What was done: an operation (`read`, `patch`), or two words such as `login.failed`, `client.approved`.
    pub action: Cow<'static, str>,
    /// [`DONE`], [`BEGUN`], or the code that it ended with.
    pub outcome: Cow<'static, str>,
    pub caller: Arc<Caller>,
    pub address: Option<IpAddr>,
    /// What joins the events of one request.
    pub request: Option<Uuid>,
    /// The resource, or what else was acted upon: `clients`, `accounts`, `keys`.
    pub resource: Option<Brief>,
    /// The keys of the records.
    pub keys: Vec<Brief>,
    /// The members that were shown or written, by their dotted names; `*` for all.
    pub members: Vec<Brief>,
    /// By what they were shown, where that is not the resource itself.
    pub via: Option<Via>,
    /// What else auditors need, in clear: names of scopes, counts. Never a personal value, never a secret.
    pub facts: Vec<(Cow<'static, str>, Brief)>,
    /// Values before and after. Sealed before they are kept.
    pub detail: Option<Detail>,
}

/// A shortcut, or the resource whose records hold a value that a look-up took from another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Via {
    pub name: Brief,
    pub keys: Vec<Brief>,
}

/// Values that are kept sealed, and shown by nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Detail(pub Value);

/// It went well.
pub const DONE: &str = "done";
/// It is about to be tried; another event with the same request says what came of it. Where none does, nobody knows.
pub const BEGUN: &str = "begun";

// === impl Event ===

impl Event {
    /// Something that went well. What is not said stays empty.
    pub fn new(action: impl Into<Cow<'static, str>>, caller: Arc<Caller>) -> Self {
        Self {
            action: action.into(),
            outcome: Cow::Borrowed(DONE),
            caller,
            address: None,
            request: None,
            resource: None,
            keys: Vec::new(),
            members: Vec::new(),
            via: None,
            facts: Vec::new(),
            detail: None,
        }
    }

    #[must_use]
    pub fn outcome(mut self, outcome: impl Into<Cow<'static, str>>) -> Self {
        self.outcome = outcome.into();
        self
    }

    /// From where it was done, by the extension of the request's head.
    #[must_use]
    pub fn from(mut self, head: &http::request::Parts) -> Self {
        self.address = head.extensions.get::<Peer>().map(|peer| peer.address);
        self
    }

    /// What it was done to.
    #[must_use]
    pub fn on(mut self, resource: &str, keys: impl IntoIterator<Item = impl Into<Brief>>) -> Self {
        self.resource = Some(resource.into());
        self.keys = keys.into_iter().map(Into::into).collect();
        self
    }

    #[must_use]
    pub fn fact(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Brief>) -> Self {
        self.facts.push((name.into(), value.into()));
        self
    }

    /// Values that are sealed.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.detail = Some(Detail(detail));
        self
    }
}

// === impl Detail ===

impl std::fmt::Debug for Detail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Detail(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_by_nothing() {
        let event = Event::new("patch", Caller::anonymous())
            .on("customers", ["66"])
            .detail(Value::Text("maria@example.org".into()));
        let shown = format!("{event:?}");
        assert!(shown.contains("customers") && shown.contains("Detail(..)"), "{shown}");
        assert!(!shown.contains("maria"), "{shown}");
    }
}
