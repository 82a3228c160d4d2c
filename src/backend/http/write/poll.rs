//! The outcome of a write that is carried out later: it is asked for until it is there, and at once when the source says
//! by a webhook that there is one.

use super::Work;
use crate::backend::http::send::Purpose;
use crate::{
    backend::http::{
        Heard, Http,
        hooks::Wait,
        request::{Draft, Inputs, Key, named_key},
    },
    fault::{Fault, code, quote::quoted},
    plan::http::{Poll, Spot},
    translate::extract,
    value::Value,
};
use std::time::Duration;
use tokio::time::Instant;

impl Http {
    /// Asks for the outcome until it is there; the last answer.
    pub(super) async fn polled(
        &self,
        work: &Work<'_>,
        poll: &Poll,
        heard: &Heard,
        text: &str,
    ) -> Result<String, Fault> {
        let mut kept = work.kept.clone();
        for (name, spot) in &poll.keep {
            let value = match spot {
                Spot::At(path) => extract::scalar(text, path),
                Spot::Header(_) => heard.spot(spot),
            };
            let what = || {
                self.fault(&code::NOT_UNDERSTOOD, &poll.call, &format!("the answer does not give `{name}`"))
            };
            kept.push((name.clone(), Value::Text(value.ok_or_else(what)?.into())));
        }
        // It waits before it asks: what is said in between is not missed.
        let told = poll.hook.as_ref().and_then(|hook| {
            let (_, value) = kept.iter().find(|(name, _)| *name == hook.is)?;
            self.hooks.wait(value.scalar()?.to_owned())
        });
        let end = work.journey.deadline.min(Instant::now() + poll.most);
        let (place, number) = named_key(work.subject, work.means);
        // It asks, whatever its method.
        let purpose = Purpose::Read(None);
        loop {
            let secrets = self.secrets.values();
            let draft = Draft {
                source: &self.source,
                dialect: &work.means.dialect,
                secrets: &secrets,
                now: work.journey.now,
                call: &poll.call,
                inputs: Inputs {
                    key: work.key.as_deref().map(|text| Key { place: &place, text, number }),
                    kept: &kept,
                    sent: None,
                    answer: None,
                    asked: &[],
                },
                parameters: &[],
                record: None,
                wanted: &[],
            };
            let heard = self
                .send(&work.means.dialect, &poll.call, draft.outgoing()?, None, purpose, work.journey)
                .await?;
            let all = |conditions: &[crate::plan::http::Condition]| {
                !conditions.is_empty() && conditions.iter().all(|one| heard.holds(one, None))
            };
            if all(&poll.failed) {
                let said = heard.message(&work.means.dialect).unwrap_or_else(|| heard.said.clone());
                return Err(self.refusal(
                    work,
                    &poll.call,
                    &heard,
                    &format!("it failed later: {}", quoted(&said)),
                ));
            }
            if all(&poll.until) {
                return self.good(&work.means.dialect, &poll.call, heard).map(|(_, text)| text);
            }
            if !next_turn(told.as_ref(), poll.every, end).await {
                let detail = "no outcome in time";
                return Err(self.fault(&code::OUTCOME_UNKNOWN, &poll.call, detail));
            }
        }
    }
}

/// Waits until it is asked again: for the pause, or for what the source says by itself. Whether there is time for it.
async fn next_turn(told: Option<&Wait>, every: Duration, end: Instant) -> bool {
    let next = Instant::now() + every;
    match told {
        None if next > end => return false,
        None => tokio::time::sleep_until(next).await,
        Some(wait) => {
            let woken = tokio::time::timeout_at(next.min(end), wait.woken()).await;
            return woken.is_ok() || next <= end;
        }
    }
    true
}
