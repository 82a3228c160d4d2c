//! Requests with a key of their own: the first is carried out, the others get its answer; and what came of one that was
//! given up is found out, where that can be. Codes F465 to F467 and F519.

use super::{
    Instance,
    arrive::Manner,
    envelope::Answer,
    execute::{self, Found, Resolved},
    route::{Routed, To},
    select::Selected,
};
use crate::{
    fault::{Fault, code},
    idempotency::{self, Effect, Engine, Entered, Kept, Keyed, LARGEST, Mark, Ticket},
    identity::address::ClientAddress,
    plan::resource::Operation,
    value::time::Moment,
};
use bytes::Bytes;
use http::{HeaderName, Method, header, request::Parts};
use std::sync::Arc;
use tokio::time::Instant;

/// Says that an answer is not of this request but of the first one with its key.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Says that an answer was too large to be replayed.
const KEPT: HeaderName = HeaderName::from_static("idempotency-kept");

/// The key of a request; `None` where it has none, or where its method takes none.
pub fn keyed(head: &Parts, routed: &Routed<'_>, body: Option<&Bytes>) -> Result<Option<Keyed>, Fault> {
    if head.method != Method::POST {
        return Ok(None);
    }
    let address = head.extensions.get::<ClientAddress>().map(|found| found.0);
    let key = idempotency::key(head)?;
    Ok(key.map(|key| Keyed::of(key, &routed.caller, address, head, body.map(|body| &**body))))
}

/// What a request with a key needs beside itself.
pub struct Around<'a> {
    pub engine: &'a Arc<Engine>,
    pub instance: &'a Instance,
    pub now: Moment,
    pub deadline: Instant,
}

/// Carries a request out once. `work` does it, and notes on the mark what it did; `show` makes the answer of a record that
/// was found to be there.
pub async fn once<'p>(
    around: Around<'p>,
    keyed: &Keyed,
    selected: &Selected<'p>,
    work: impl AsyncFnOnce(Option<Arc<Mark>>) -> Result<Answer, Fault>,
    show: impl FnOnce(&Found<'p>) -> Result<Answer, Fault>,
) -> Result<Answer, Fault> {
    let routed = &selected.validated.routed;
    let what = format!("{:?} {}", routed.operation, name(routed));
    let ticket = match around.engine.enter(keyed, &what, around.deadline).await? {
        Entered::Replay(first) => return replayed(&first.1),
        Entered::Run(ticket) => ticket,
        Entered::Doubt(mut ticket, row) => {
            let resolved =
                execute::resolve(around.instance, selected, &row.record, around.now, around.deadline).await;
            match resolved {
                Ok(Resolved::There(found)) => {
                    let shown = show(&found);
                    return match shown {
                        Ok(answer) => {
                            let (answer, kept) = keep(answer);
                            ticket.done(kept).await;
                            Ok(answer)
                        }
                        Err(fault) => {
                            ticket.unknown().await;
                            Err(fault)
                        }
                    };
                }
                Ok(Resolved::NotThere) => {
                    ticket.cleared();
                    ticket
                }
                Ok(Resolved::Unclear) => {
                    ticket.unknown().await;
                    return Err(unknown("an earlier request with this key was given up"));
                }
                Err(fault) => {
                    // The look-up failed, which says nothing of the write.
                    ticket.unknown().await;
                    return Err(fault);
                }
            }
        }
    };
    let done = work(Some(Arc::clone(&ticket.mark))).await;
    ended(ticket, around.instance, routed.arrived.manner, done).await
}

/// Notes what came of a request, and answers it.
async fn ended(
    ticket: Ticket,
    instance: &Instance,
    manner: Manner,
    done: Result<Answer, Fault>,
) -> Result<Answer, Fault> {
    let fault = match done {
        Ok(answer) => {
            let (answer, kept) = keep(answer);
            ticket.done(kept).await;
            return Ok(answer);
        }
        Err(fault) => fault,
    };
    match ticket.mark.effect() {
        Effect::None => {
            ticket.free().await;
            Err(fault)
        }
        // Something was done, and the system said what was wrong with it: that is the answer, also next time.
        Effect::Certain if fault.code.status == 400 || fault.code.id == code::NOT_UNDONE.id => {
            let (_, kept) = keep(Answer::refused(&instance.plan, &manner, &fault));
            ticket.done(kept).await;
            Err(fault)
        }
        Effect::Certain | Effect::Possible => {
            ticket.unknown().await;
            let detail = fault.detail.clone().unwrap_or_default();
            Err(unknown(&format!("{}: {detail}", fault.code.id)))
        }
    }
}

fn unknown(detail: &str) -> Fault {
    Fault::plain(&code::OUTCOME_UNKNOWN).detail(detail)
}

fn name(routed: &Routed<'_>) -> String {
    let name = match routed.to {
        To::Resource(resource, _) => &resource.name,
        To::Shortcut(shortcut) => &shortcut.name,
    };
    match (routed.operation, routed.parameters.as_slice()) {
        (Operation::Create, _) | (_, []) => format!("{}/{name}", routed.api.id),
        (_, [.., key]) => format!("{}/{name}/{key}", routed.api.id),
    }
}

/// An answer as it is kept; one that is too large says that it is not.
fn keep(mut answer: Answer) -> (Answer, Kept) {
    let fits = answer.body.len() <= LARGEST;
    let headers =
        answer.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.clone())).collect();
    let kept = Kept { status: answer.status, headers, body: fits.then(|| answer.body.clone()) };
    if !fits {
        answer.headers.push((KEPT, "false".to_owned()));
    }
    (answer, kept)
}

fn replayed(kept: &Kept) -> Result<Answer, Fault> {
    let Some(body) = &kept.body else {
        let at = kept.headers.iter().find(|(name, _)| name == header::LOCATION.as_str());
        let message = match at {
            Some((_, place)) => format!(
                "The first request with this key was answered with status {}, and its answer was too large to be kept. \
                 The record is at {place}.",
                kept.status
            ),
            None => code::NOT_KEPT.sentence.to_owned(),
        };
        return Err(Fault::new(&code::NOT_KEPT, message));
    };
    let named = kept
        .headers
        .iter()
        .filter_map(|(name, value)| Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value.clone())));
    let mut headers: Vec<(HeaderName, String)> = named.collect();
    headers.push((REPLAYED, "true".to_owned()));
    Ok(Answer { status: kept.status, headers, body: body.clone() })
}
