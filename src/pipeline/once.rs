//! Requests with a key of their own: the first is carried out, the others get its answer; and what came of one that was
//! given up is found out, where that can be. Codes F465 to F467 and F519.

use super::{
    Instance,
    arrive::Manner,
    caching::Caching,
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
use std::{borrow::Cow, sync::Arc};
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
    pub instance: &'a Arc<Instance>,
    pub caching: Caching<'a>,
    pub now: Moment,
    pub deadline: Instant,
}

/// What is left to do for a request.
#[derive(Debug)]
pub enum Task<'p> {
    /// It is carried out, and what it does is noted on the mark.
    Carry(Option<Arc<Mark>>),
    /// It was carried out before: this came of it, and is shown.
    Show(Found<'p>),
}

/// What a request with a key comes to first.
#[derive(Debug)]
pub enum Begun<'p> {
    /// The first one's answer.
    Replayed(Answer),
    /// Something is left to do, and its end is to be noted.
    Left(Task<'p>, Pending),
}

/// A request that is carried out and has an end to be noted.
#[derive(Debug)]
pub struct Pending {
    ticket: Ticket,
    /// Whether it was carried out before, and is but shown.
    shown: bool,
}

/// Finds the answer of the first request with this key, waits for it, or says what is left to do.
pub async fn begin<'p>(
    around: Around<'p>,
    keyed: &Keyed,
    selected: &Selected<'p>,
) -> Result<Begun<'p>, Fault> {
    let routed = &selected.validated.routed;
    let what = format!("{} {}", routed.operation.name(), name(routed));
    let (mut ticket, row) = match around.engine.enter(keyed, &what, around.deadline).await? {
        Entered::Replay(first) => return replayed(&first.1).map(Begun::Replayed),
        Entered::Run(ticket) => {
            let task = Task::Carry(Some(Arc::clone(&ticket.mark)));
            return Ok(Begun::Left(task, Pending { ticket, shown: false }));
        }
        Entered::Doubt(ticket, row) => (ticket, row),
    };
    let times = (around.now, around.deadline);
    match execute::resolve(around.instance, selected, &row.record, around.caching, times).await {
        Ok(Resolved::There(found)) => Ok(Begun::Left(Task::Show(found), Pending { ticket, shown: true })),
        Ok(Resolved::NotThere) => {
            ticket.cleared();
            let task = Task::Carry(Some(Arc::clone(&ticket.mark)));
            Ok(Begun::Left(task, Pending { ticket, shown: false }))
        }
        Ok(Resolved::Unclear) => {
            ticket.unknown().await;
            Err(unknown("an earlier request with this key was given up"))
        }
        Err(fault) => {
            // The look-up failed, which says nothing of the write.
            ticket.unknown().await;
            Err(fault)
        }
    }
}

/// Notes what came of a request, and answers it.
pub async fn end(
    Pending { ticket, shown }: Pending,
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
    if shown {
        ticket.unknown().await;
        return Err(fault);
    }
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
        answer.headers.iter().map(|(name, value)| (name.as_str().to_owned(), value.to_string())).collect();
    let kept = Kept { status: answer.status, headers, body: fits.then(|| answer.body.to_vec()) };
    if !fits {
        answer.headers.push((KEPT, "false".into()));
    }
    (answer, kept)
}

fn replayed(kept: &Kept) -> Result<Answer, Fault> {
    let Some(body) = &kept.body else {
        let at = kept.headers.iter().find(|(name, _)| name == header::LOCATION.as_str());
        let message = match at {
            Some((_, place)) => format!(
                "The first request with this key was answered with status {}, and its answer is not kept. \
                 The record is at {place}.",
                kept.status
            ),
            None => code::NOT_KEPT.sentence.to_owned(),
        };
        return Err(Fault::new(&code::NOT_KEPT, message));
    };
    let named = kept.headers.iter().filter_map(|(name, value)| {
        Some((HeaderName::from_bytes(name.as_bytes()).ok()?, value.clone().into()))
    });
    let mut headers: Vec<(HeaderName, Cow<'static, str>)> = named.collect();
    headers.push((REPLAYED, "true".into()));
    Ok(Answer { status: kept.status, headers, body: body.clone().into() })
}
