//! What is noted of letting callers in, in the audit trail: who logged in, allowed or ended what, from where, and what came of
//! it. A deed is noted before it is answered; where it cannot be, the answer is a refusal.

use super::server::Server;
use crate::{
    fault::Fault,
    identity::{
        Caller,
        audit::{DONE, Event},
    },
    limits::Door,
};
use std::{net::IpAddr, sync::Arc};

/// What somebody has done, or tried.
#[derive(Debug, Clone, Default)]
pub(super) struct Deed<'a> {
    /// A word, or two such as `consent.given`.
    pub action: &'static str,
    pub from: Option<IpAddr>,
    /// Who has proved to be themselves.
    pub account: Option<&'a str>,
    /// By which client.
    pub client: Option<&'a str>,
    /// What it was done to: a resource such as `clients`, and its key; nothing where the key is not known.
    pub on: Option<(&'static str, Option<&'a str>)>,
    pub facts: Vec<(&'static str, String)>,
}

impl Server {
    /// Notes a deed with what came of it. Refuses with F913; nothing is to be shown then.
    pub(super) async fn note<T>(&self, deed: Deed<'_>, done: &Result<T, Fault>) -> Result<(), Fault> {
        let Some(note) = &self.note else { return Ok(()) };
        let caller = Arc::new(Caller {
            subject: deed.account.map(Into::into),
            client: deed.client.map(Into::into),
            ..Caller::default()
        });
        let outcome = done.as_ref().err().map_or(DONE, |fault| fault.code.id);
        let mut event = Event::new(deed.action, caller).outcome(outcome);
        event.address = deed.from;
        if let Some((resource, key)) = deed.on {
            event = event.on(resource, key);
        }
        for (name, value) in deed.facts {
            event = event.fact(name, value);
        }
        note.note(vec![event]).await
    }

    /// Counts a try at an entrance by the account or client that is named. Refuses with F311.
    pub(super) async fn tried(&self, door: Door, name: &str) -> Result<(), Fault> {
        self.entrances.tried(door, name).await
    }
}
