//! Sources that speak HTTP and JSON: calls made of a plan's templates, pages stitched, sessions kept.
//! What a call is made of stands in `request`; how it leaves, in `transport`.

mod list;
mod request;
mod session;
mod total;
pub mod transport;
mod write;

use super::{Answer, Ask, Backend, Content, Journey, Subject, Written, explain, stub::impossible};
use crate::{
    fault::{Fault, code},
    plan::{
        HttpSource, Means, Selection,
        http::{Call, HttpMeans},
    },
    translate::{Batch, Slot, Surroundings, extract, store},
    value::Value,
};
use async_trait::async_trait;
use std::time::Duration;

pub use transport::{Lost, Outgoing, Received, Transport, network};

#[derive(Debug)]
pub struct Http {
    name: String,
    source: HttpSource,
    transport: Transport,
    session: session::Sessions,
    totals: total::Totals,
}

/// An answer of the source that is good: its text.
type Text = String;

impl Http {
    pub fn new(name: String, source: HttpSource, transport: Transport) -> Result<Self, Fault> {
        let session = session::Sessions::new(&source)?;
        Ok(Self { name, source, transport, session, totals: total::Totals::default() })
    }

    fn means(subject: Subject<'_>) -> Result<&HttpMeans, Fault> {
        match &subject.binding.means {
            Means::Http(means) => Ok(means),
            _ => Err(impossible("calls")),
        }
    }

    /// Sends one call, logged in where the source wants it; a session that has ended is renewed once.
    async fn send(&self, call: &Call, outgoing: Outgoing, journey: &Journey) -> Result<Received, Fault> {
        let deadline = journey.deadline.min(tokio::time::Instant::now() + self.source.deadline);
        let write = call.method != crate::plan::http::Method::Get;
        let mut renewed = false;
        loop {
            let mut outgoing = Outgoing { deadline, limit: self.source.answer_bytes, ..outgoing.clone() };
            let session = self.session.get(self, deadline).await?;
            if let Some(session) = &session {
                outgoing.headers.extend(session.headers(write));
            }
            let received = self.transport.send(outgoing).await.map_err(|lost| self.lost(&lost))?;
            if let Some(session) = session
                && self.session.refuses(received.status)
                && !renewed
            {
                // A refusal came before anything was done: the call may be made once more.
                self.session.end(&session).await;
                renewed = true;
                continue;
            }
            return Ok(received);
        }
    }

    /// The text of a good answer; anything else as a fault of the right kind.
    fn good(&self, call: &Call, received: Received) -> Result<Text, Fault> {
        match received.status {
            200..=299 => String::from_utf8(received.body)
                .map_err(|_| self.fault(&code::NOT_UNDERSTOOD, call, "the answer is not UTF-8")),
            status => Err(self.refused(call, status, &received)),
        }
    }

    fn refused(&self, call: &Call, status: u16, received: &Received) -> Fault {
        let said = said(received);
        let detail = format!("status {status}{}{said}", if said.is_empty() { "" } else { ": " });
        match status {
            429 | 503 => self.fault(&code::BUSY, call, &detail).retry_after(received.retry_after),
            401 | 403 => self.fault(&code::NO_LOGIN, call, &detail),
            _ => self.fault(&code::BACKEND_FAILED, call, &detail),
        }
    }

    fn fault(&self, code: &'static crate::fault::Code, call: &Call, detail: &str) -> Fault {
        Fault::plain(code).detail(format!("{}: call `{}`: {detail}", self.name, call.name))
    }

    fn lost(&self, lost: &Lost) -> Fault {
        let code = match lost {
            Lost::Unreachable(_) => &code::UNREACHABLE,
            Lost::TimedOut => &code::TIMED_OUT,
            Lost::Broken(_) => &code::BACKEND_FAILED,
            Lost::TooLarge => &code::NOT_UNDERSTOOD,
        };
        Fault::plain(code).detail(format!("{}: {lost}", self.name))
    }

    /// One record by its key, in a batch of its own.
    async fn record(
        &self,
        subject: Subject<'_>,
        key: &str,
        journey: &Journey,
    ) -> Result<Option<(Batch, u32)>, Fault> {
        let means = Self::means(subject)?;
        let read = means.read.as_ref().ok_or_else(|| impossible("read"))?;
        let Some(place) = request::key_place(subject, means, key, &journey.around) else { return Ok(None) };
        let outgoing = request::keyed(&self.source, &read.call, &place);
        let received = self.send(&read.call, outgoing, journey).await?;
        if read.absent_statuses.contains(&received.status) {
            return Ok(None);
        }
        let text = self.good(&read.call, received)?;
        if read.absent_bodies.iter().any(|body| *body == text.trim()) {
            return Ok(None);
        }
        let mut batch = Batch::new(&subject.binding.reading);
        let row = extract::record(&mut batch, &subject.binding.reading, text, &read.call.rows)
            .map_err(|wrong| self.fault(&code::NOT_UNDERSTOOD, &read.call, &wrong.to_string()))?;
        // A system that compares numbers takes `0109` for 109; outside an id has one spelling.
        let is_named = list::text_of(&batch, row, means.key).is_none_or(|key| key == place);
        Ok((is_named && is_ours(means, &batch, row)).then_some((batch, row)))
    }
}

/// What the source says of an error, for the operator's log; bounded.
fn said(received: &Received) -> String {
    let text = String::from_utf8_lossy(&received.body);
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Whether a record is this resource's, and not another one's of the same system.
fn is_ours(means: &HttpMeans, batch: &Batch, row: u32) -> bool {
    means.fixed.iter().all(|(slot, _, value)| match batch.get(0, row, *slot) {
        Slot::Text(span) | Slot::Number(span) => value.scalar() == Some(batch.text(span)),
        Slot::True => *value == Value::Bool(true),
        Slot::False => *value == Value::Bool(false),
        _ => value.is_null(),
    })
}

#[async_trait]
impl Backend for Http {
    async fn list(&self, subject: Subject<'_>, ask: &Ask<'_>, journey: &Journey) -> Result<Answer, Fault> {
        self.list_rows(subject, ask, journey).await
    }

    async fn read(
        &self,
        subject: Subject<'_>,
        key: &str,
        _: &Selection,
        journey: &Journey,
    ) -> Result<Option<Answer>, Fault> {
        let found = self.record(subject, key, journey).await?;
        let around = std::sync::Arc::clone(&journey.around);
        Ok(found.map(|(batch, row)| Answer {
            content: Content::Slots { batch, rows: vec![row], around, clean: true },
            total: None,
            version: None,
        }))
    }

    async fn create(&self, subject: Subject<'_>, body: &Value, journey: &Journey) -> Result<String, Fault> {
        self.add(subject, body, journey).await
    }

    async fn replace(
        &self,
        subject: Subject<'_>,
        key: &str,
        body: &Value,
        changed: &Selection,
        _: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        self.save(subject, key, body, changed, journey).await
    }

    async fn delete(
        &self,
        subject: Subject<'_>,
        key: &str,
        _: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        self.remove(subject, key, journey).await
    }

    fn explain_list(&self, subject: Subject<'_>, ask: &Ask<'_>, around: &Surroundings) -> Vec<explain::Step> {
        let mut steps = self.session.explain(&self.name, &self.source);
        steps.extend(self.explain_rows(subject, ask, around));
        steps
    }

    fn explain_read(&self, subject: Subject<'_>, key: &str, selection: &Selection) -> Vec<explain::Step> {
        let mut steps = self.session.explain(&self.name, &self.source);
        let around = Surroundings {
            today: crate::value::time::Date { year: 1970, month: 1, day: 1 },
            lookups: Vec::new(),
        };
        if let Ok(means) = Self::means(subject)
            && let Some(read) = &means.read
        {
            let place = request::key_place(subject, means, key, &around).unwrap_or_default();
            let outgoing = request::keyed(&self.source, &read.call, &place);
            steps.push(explain::Step {
                source: self.name.clone(),
                call: request::line(&self.source, &outgoing),
                detail: None,
                why: "the record itself".into(),
                takes: request::places(subject, selection),
                login: false,
            });
        }
        steps
    }

    fn explain_write(
        &self,
        subject: Subject<'_>,
        key: Option<&str>,
        write: explain::Write,
    ) -> Vec<explain::Step> {
        self.explain_calls(subject, key, write)
    }

    async fn ready(&self) -> Result<(), Fault> {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(2).min(self.source.deadline);
        self.session.get(self, deadline).await.map(drop)
    }

    fn forget(&self) {
        self.totals.forget();
    }
}

/// The document that a write sends.
fn document(means: &HttpMeans, placed: &[store::Placed], call: &Call) -> Vec<u8> {
    let empty = (!means.dialect.empty_write.is_null()).then_some(&means.dialect.empty_write);
    let mut out = Vec::new();
    store::document(placed, &call.carries, empty).write(&mut out);
    out
}
