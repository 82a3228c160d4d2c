//! Writes of which nobody knows what came, for operators: listed and settled by `portico writes`, and listed by the
//! operators' listener.

use super::{Overrides, Refusal, ledger, plan};
use crate::{
    idempotency::{Id, Store, Unknown},
    ledger::Ledger,
    value::time::Moment,
};
use serde_json::{Value, json};
use std::path::Path;

/// More are not shown at once: the oldest come first.
pub const MOST: u32 = 1_000;

/// The ledger of a configuration; `None` where it names none.
pub async fn open(config: &Path, overrides: &Overrides) -> Result<Option<Ledger>, Refusal> {
    let (plan, _, diagnostics) = plan(config, overrides);
    let Some(plan) = plan else { return Err(Refusal::Files(diagnostics)) };
    ledger(&plan).await
}

/// What nobody knows the outcome of.
pub async fn unknown(ledger: &Ledger, now: Moment) -> Result<Vec<Unknown>, Refusal> {
    let now = now.seconds.saturating_mul(1_000);
    ledger.unknown(now, MOST).await.map_err(|fault| Refusal::Source(Box::new(fault)))
}

/// Forgets one of them, so that its key may be used anew; whether it was there.
pub async fn settle(ledger: &Ledger, caller: &str, key: &str, now: Moment) -> Result<bool, Refusal> {
    let id = Id { caller: caller.to_owned(), key: key.to_owned() };
    let now = now.seconds.saturating_mul(1_000);
    ledger.settle(&id, now).await.map_err(|fault| Refusal::Source(Box::new(fault)))
}

/// One of them as JSON.
pub fn json(one: &Unknown) -> Value {
    json!({
        "began": moment(one).to_string(),
        "what": one.what,
        "key": one.key,
        "caller": one.caller,
        "record": one.record,
        "crashed": one.crashed,
    })
}

/// When it was asked for.
pub fn moment(one: &Unknown) -> Moment {
    Moment { seconds: one.began.div_euclid(1_000), nanos: 0 }
}
