//! What is audited: the personal members of a resource, and how long the trail is kept.

use super::Compiler;
use crate::{
    fault::mapping as m,
    plan::{
        Contract, MemberId,
        audit::{Audit, Trail},
    },
    spec::{
        Doc,
        words::{self, audit::Reads},
    },
};

impl Compiler<'_> {
    /// Nothing where no read of the resource is noted.
    pub(super) fn audit(&mut self, doc: &Doc<words::Resource>, contract: &Contract) -> Option<Audit> {
        let words = doc.words.audit.as_ref()?;
        let mut personal: Vec<MemberId> = Vec::new();
        for (at, name) in words.personal.iter().enumerate() {
            let at = at.to_string();
            personal.extend(self.member(doc, contract, &["audit", "personal", &at], name));
        }
        personal.sort_unstable();
        personal.dedup();
        let owner =
            words.owner.as_ref().and_then(|name| self.member(doc, contract, &["audit", "owner"], name));
        Some(Audit { personal, owner, reads_all: words.reads == Reads::All })
    }

    /// The trail is kept where the configuration says so, and wherever callers are told apart.
    pub(super) fn trail(&mut self, config: &Doc<words::Config>) -> Option<Trail> {
        let words = &config.words;
        let said = words.audit.unwrap_or_default();
        if words.audit.is_some() && words.ledger.is_none() {
            let hint = Some("add `ledger: { url: ... }`, where the trail is kept".into());
            config.error_at_key(self.out, m::BAD_IDENTITY, &["audit"], "there is no ledger for it", hint);
        }
        if said.keep.0 < std::time::Duration::from_hours(24) {
            let hint = Some("write for example `400d`".into());
            let message = "the trail is kept for a day at least";
            config.error(self.out, m::BAD_IDENTITY, &["audit", "keep"], message, hint);
        }
        (words.audit.is_some() || words.identity.is_some()).then_some(Trail { keep: said.keep.0 })
    }
}
