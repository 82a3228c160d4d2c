//! What operators do at the command line to who may come, between two lines of the audit trail: that it is about to be done, and
//! what came of it. Where a trail is kept and the first line cannot be, nothing is done.

use super::told;
use crate::control::{
    Overrides,
    audit::{self, Looker},
};
use anyhow::Context;
use std::path::Path;

/// Something that is done to `resource`: `clients`, `accounts`, `keys`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deed<'a> {
    /// Two words such as `client.approved`.
    pub action: &'static str,
    pub resource: &'static str,
    /// The key, where it is known before.
    pub key: Option<&'a str>,
}

/// Does it. The work gives the key of what it was done to.
pub(super) async fn noted(
    (config, overrides): (&Path, &Overrides),
    deed: Deed<'_>,
    work: impl Future<Output = anyhow::Result<String>>,
) -> anyhow::Result<()> {
    let trail = Box::pin(audit::open(config, overrides)).await.map_err(told)?;
    let who = looker();
    let Some(trail) = trail else { return work.await.map(drop) };
    let note = async |outcome: &'static str, key: Option<&str>| {
        let noted = audit::tell(&trail, &who, deed.action, outcome, (deed.resource, key)).await;
        noted.map_err(|fault| anyhow::anyhow!(fault.detail.unwrap_or(fault.message)))
    };
    note(audit::BEGUN, deed.key).await.context("the audit trail; nothing was done")?;
    let done = work.await;
    let key = done.as_deref().ok().or(deed.key);
    let outcome = if done.is_ok() { audit::DONE } else { audit::FAILED };
    note(outcome, key).await.context("the audit trail does not say what came of this")?;
    done.map(drop)
}

/// Who sits at the machine, as far as it says.
pub(super) fn looker() -> Looker {
    let user = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    Looker { user: Some(user.unwrap_or_else(|| "?".into())), address: None }
}
