//! The audit trail between the running program, its ledger and its auditors: it is opened, swept once an hour, and
//! searched; whoever looks into it stands in it. What is noted of requests is decided on the road.

use super::{Overrides, Refusal, instance, ledger, plan, sealing};
pub use crate::identity::audit::{BEGUN, DONE};
use crate::{
    fault::Fault,
    identity::{
        Caller,
        audit::{Event, Note},
        sealer::Sealer,
    },
    ledger::{
        Ledger,
        audit::{Line, Search, Trail},
    },
    pipeline::Facade,
    plan::Plan,
    telemetry::clock::{Clock, System},
    value::time::{Date, Moment},
};
use serde_json::{Value, json};
use std::{net::IpAddr, path::Path, sync::Arc, time::Duration};

const EVERY: Duration = Duration::from_hours(1);

/// Old lines are swept as long as this lives.
pub(super) struct Sweeping(Option<tokio::task::JoinHandle<()>>);

impl Drop for Sweeping {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// The trail of a plan, where it keeps one.
pub(super) fn trail(
    plan: &Plan,
    ledger: Option<&Ledger>,
    sealer: &Arc<dyn Sealer>,
    clock: Arc<dyn Clock>,
) -> Option<Trail> {
    plan.settings.trail.as_ref()?;
    Some(Trail::begin(ledger?.clone(), Arc::clone(sealer), clock))
}

/// The trail of a configuration, whether a program serves it now or not; nothing where none is kept.
pub async fn open(config: &Path, overrides: &Overrides) -> Result<Option<Trail>, Refusal> {
    let (plan, _, diagnostics) = plan(config, overrides);
    let Some(plan) = plan else { return Err(Refusal::Files(diagnostics)) };
    if plan.settings.trail.is_none() {
        return Ok(None);
    }
    let ledger = ledger(&plan).await?;
    let instance = instance(plan, None).await?;
    let sealer = sealing::sealer(&instance, ledger.as_ref()).await?;
    Ok(trail(&instance.plan, ledger.as_ref(), &sealer, Arc::new(System)))
}

pub(super) fn begin(facade: Arc<Facade>, trail: Option<Trail>) -> Sweeping {
    let Some(trail) = trail else { return Sweeping(None) };
    if facade.current().sources.keys.find().is_none() {
        tracing::warn!(
            "there is no `sealing`: values in the audit trail open only as long as this program runs"
        );
    }
    #[expect(clippy::disallowed_methods, reason = "it ends with `Sweeping`")]
    let task = tokio::spawn(async move {
        let mut hours = tokio::time::interval(EVERY);
        loop {
            hours.tick().await;
            if let Some(keep) = facade.current().plan.settings.trail.as_ref().map(|trail| trail.keep) {
                sweep(&trail, keep, facade.clock().now()).await;
            }
        }
    });
    Sweeping(Some(task))
}

/// Removes what has been kept for long enough, and tells where the chain ends: a log that is kept elsewhere is a
/// witness that nobody who owns the ledger can change.
async fn sweep(trail: &Trail, keep: Duration, now: Moment) {
    let kept = i64::try_from(keep.as_secs()).unwrap_or(i64::MAX);
    match trail.sweep(Moment { seconds: now.seconds.saturating_sub(kept), nanos: 0 }).await {
        Ok(0) => {}
        Ok(swept) => tracing::info!(swept, "the audit trail is swept"),
        Err(fault) => tracing::error!(detail = fault.detail.as_deref(), "the audit trail is not swept"),
    }
    match trail.ledger().trail_head().await {
        Ok(head) => tracing::info!(line = head.number, hash = %head.hash, "the audit trail ends"),
        Err(fault) => tracing::error!(detail = fault.detail.as_deref(), "the audit trail cannot be read"),
    }
}

/// Who looks into the trail: an operator, at the command line by the name that the machine knows, or from an address.
#[derive(Debug, Clone)]
pub struct Looker {
    pub user: Option<String>,
    pub address: Option<IpAddr>,
}

impl Looker {
    fn event(&self, action: &'static str) -> Event {
        let mut event = Event::new(action, Caller::operator());
        event.address = self.address;
        match &self.user {
            Some(user) => event.fact("user", user.as_str()),
            None => event,
        }
    }
}

/// Lines of the trail, the newest first. That somebody looked for them stands in it before they are shown.
pub async fn search(trail: &Trail, search: &Search, who: &Looker) -> Result<Vec<Line>, Fault> {
    let words = search.words();
    let event =
        words.into_iter().fold(who.event("audit.searched"), |event, (name, value)| event.fact(name, value));
    trail.note(vec![event]).await?;
    trail.ledger().trail(search).await
}

/// A line by its number, with its sealed values where they are to be revealed; that stands in the trail first.
pub async fn show(
    trail: &Trail,
    id: i64,
    reveal: bool,
    who: &Looker,
) -> Result<Option<(Line, Option<String>)>, Fault> {
    let action = if reveal { "audit.revealed" } else { "audit.shown" };
    trail.note(vec![who.event(action).fact("line", id.to_string())]).await?;
    let Some(line) = trail.ledger().trail_line(id).await? else { return Ok(None) };
    let opened = if reveal { trail.opened(&line) } else { None };
    Ok(Some((line, opened)))
}

/// It did not go well.
pub const FAILED: &str = "failed";

/// Notes what an operator does to something. Refuses with F913.
pub async fn tell(
    trail: &Trail,
    who: &Looker,
    action: &'static str,
    outcome: &'static str,
    (resource, key): (&str, Option<&str>),
) -> Result<(), Fault> {
    trail.note(vec![who.event(action).outcome(outcome).on(resource, key)]).await
}

/// A moment of RFC 3339, or a day: its beginning in UTC. Refuses with the cure.
pub fn moment(text: &str) -> Result<Moment, String> {
    let moment = match Date::parse(text) {
        Some(date) => Moment::new(date, 0, 0, 0, 0),
        None => Moment::parse(text),
    };
    moment.ok_or_else(|| "write a day such as 2026-11-21, or a moment such as 2026-11-21T12:00:00Z".into())
}

/// A page as JSON: the lines, and where the next page begins.
pub fn json(search: &Search, lines: &[Line]) -> Value {
    let full = lines.len() == search.page() as usize;
    let next = lines.last().filter(|_| full).map(|line| line.id);
    json!({ "lines": lines.iter().map(Line::shown).collect::<Vec<_>>(), "before": next })
}
