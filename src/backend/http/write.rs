//! Writes over HTTP calls, of one call or several. Nothing is repeated once it has left; where a later call fails the
//! earlier ones are undone; what the source refuses is told in public names.

mod picked;
mod poll;
mod record;
mod refusal;

use super::{
    Heard, Http, is_absent, key_path, key_place,
    request::{Body, Draft, Inputs, Key, Parameter, Sent, named_key},
};
use crate::backend::http::send::Purpose;
use crate::{
    backend::{Journey, Subject, Written, stub::impossible},
    fault::{Code, Fault, Violation, code},
    idempotency::Effect,
    plan::{
        Selection,
        http::{Call, HttpMeans, NewKey, Sends, Spot, Step, Write},
    },
    translate::extract,
    value::{Value, json::read, path::Path},
};
use bytes::Bytes;
use std::time::Duration;

/// No connection, no turn, no place, no login: the call has not left.
const UNSENT: [&Code; 5] =
    [&code::UNREACHABLE, &code::BUSY, &code::NO_LOGIN, &code::CIRCUIT_OPEN, &code::NO_PLACE];

/// One write on its way: what is known of it so far.
struct Work<'a> {
    subject: Subject<'a>,
    means: &'a HttpMeans,
    journey: &'a Journey,
    /// The record in the source's form, where something is sent.
    record: Option<record::Record<'a>>,
    /// What the write's call sends, where it is printed.
    text: Option<Bytes>,
    /// The key in the source's form, where there is a record already.
    key: Option<String>,
    kept: Vec<(String, Value)>,
    parameters: Vec<Parameter>,
    /// The calls that undo what has been done, the first one first.
    undo: Vec<&'a Call>,
    /// Whether one of its calls was carried out.
    began: bool,
}

/// What came of a call that writes.
enum Outcome {
    Done(Heard, String),
    Absent,
    LostRace,
}

impl Http {
    pub(super) async fn add(
        &self,
        subject: Subject<'_>,
        body: &Value,
        journey: &Journey,
    ) -> Result<String, Fault> {
        let means = Self::means(subject)?;
        let write = means.create.as_ref().ok_or_else(|| impossible("create"))?;
        let (record, text) = record::new(subject, means, body, journey)?;
        let sent_key = if write.fresh || write.key == NewKey::Sent {
            record.follow(&key_path(subject, means)).and_then(Value::scalar).map(str::to_owned)
        } else {
            None
        };
        if write.fresh
            && let Some(key) = &sent_key
            && self.is_there(subject, means, key, journey).await?
        {
            let member = subject.resource.contract.get(subject.resource.key).map_or("", |m| &m.path);
            let pointer = format!("/{}", member.replace('.', "/"));
            let violation = Violation::pointer(pointer, &code::ALREADY_THERE, code::ALREADY_THERE.sentence);
            return Err(
                Fault::of_violations(vec![violation]).unwrap_or_else(|| Fault::plain(&code::ALREADY_THERE))
            );
        }
        let mut work = Work::new(subject, means, journey, Some(record), None);
        work.begin(write, None);
        work.text = text;
        let done = self.carried_out(&mut work, write).await;
        self.forget_counts();
        let (heard, text) = match done {
            Ok(Outcome::Done(heard, text)) => (heard, text),
            Ok(Outcome::Absent) => {
                return Err(self.fault(&code::REFUSED_BEHIND, &write.call, "it is absent"));
            }
            Ok(Outcome::LostRace) => return Err(Fault::plain(&code::LOST_RACE)),
            Err(fault) => return Err(fault),
        };
        let polled = match &write.poll {
            Some(poll) => Some(self.polled(&work, poll, &heard, &text).await?),
            None => None,
        };
        let key = match (
            &write.key,
            polled.and_then(|p| write.poll.as_ref()?.key.as_ref().map(|path| (p, path))),
        ) {
            (_, Some((last, path))) => extract::scalar(&last, path),
            (NewKey::Spot(spot), None) => self.spot(write, &heard, &text, spot),
            (NewKey::Sent, None) => sent_key,
            (NewKey::Kept(name), None) => {
                let value = work.kept.iter().find(|(known, _)| known == name).map(|(_, value)| value);
                value.and_then(Value::scalar).map(str::to_owned)
            }
        };
        key.ok_or_else(|| self.fault(&code::NOT_UNDERSTOOD, &write.call, "the answer does not give the key"))
    }

    pub(super) async fn save(
        &self,
        subject: Subject<'_>,
        key: &str,
        body: &Value,
        changed: &Selection,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        let means = Self::means(subject)?;
        let write = means.replace.as_ref().ok_or_else(|| impossible("replace"))?;
        let Some(place) = key_place(subject, means, key, &journey.around) else { return Ok(Written::Absent) };
        let only = (write.sends == Sends::Changed).then_some(changed);
        let mut record = record::placed(subject, means, body, only, journey)?;
        if write.sends == Sends::Merged {
            let Some(whole) = self.raw(subject, means, &place, journey).await? else {
                return Ok(Written::Absent);
            };
            record = record::laid(whole, record, &means.dialect.empty_write);
        }
        if picked::lists(&subject.binding.writing, &record).next().is_some() {
            let Some(whole) = self.raw(subject, means, &place, journey).await? else {
                return Ok(Written::Absent);
            };
            picked::keep(&subject.binding.writing, &mut record, &whole);
        }
        let mut work = Work::new(subject, means, journey, Some(record::of(record)), Some(place));
        work.begin(write, version);
        let done = self.carried_out(&mut work, write).await;
        self.forget_counts();
        Ok(match done? {
            Outcome::Done(heard, text) => {
                if let Some(poll) = &write.poll {
                    self.polled(&work, poll, &heard, &text).await?;
                }
                Written::Done
            }
            Outcome::Absent => Written::Absent,
            Outcome::LostRace => Written::LostRace,
        })
    }

    pub(super) async fn remove(
        &self,
        subject: Subject<'_>,
        key: &str,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        let means = Self::means(subject)?;
        let write = means.delete.as_ref().ok_or_else(|| impossible("delete"))?;
        let Some(place) = key_place(subject, means, key, &journey.around) else { return Ok(Written::Absent) };
        let mut work = Work::new(subject, means, journey, None, Some(place));
        work.begin(write, version);
        let done = self.carried_out(&mut work, write).await;
        self.forget_counts();
        Ok(match done? {
            Outcome::Done(..) => Written::Done,
            Outcome::Absent => Written::Absent,
            Outcome::LostRace => Written::LostRace,
        })
    }

    /// Something was written: what was counted and marked is old, whatever came of it.
    fn forget_counts(&self) {
        self.totals.forget();
        self.bookmarks.forget();
    }

    async fn is_there(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        key: &str,
        journey: &Journey,
    ) -> Result<bool, Fault> {
        Ok(self.raw(subject, means, key, journey).await?.is_some())
    }

    /// The record as the source has it, with all that no rule names.
    async fn raw(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        place: &str,
        journey: &Journey,
    ) -> Result<Option<Value>, Fault> {
        let read = means.read.as_ref().ok_or_else(|| impossible("read"))?;
        let wanted = super::record_places(subject, &read.call);
        let outgoing = self.keyed(subject, means, &read.call, place, &wanted, journey.now)?;
        let heard =
            self.send(&means.dialect, &read.call, outgoing, None, Purpose::read(means), journey).await?;
        if is_absent(means, &heard) {
            return Ok(None);
        }
        let (_, text) = self.good(&means.dialect, &read.call, heard)?;
        let wrong = |what: &str| self.fault(&code::NOT_UNDERSTOOD, &read.call, what);
        let value = read::read(&text).map_err(|_| wrong("the answer is not well formed"))?;
        let at = super::joined(&read.call.rows.at, &read.call.rows.within);
        match value.follow(&at) {
            Some(Value::Object(_)) => Ok(value.follow(&at).cloned()),
            _ if read.absent_missing => Ok(None),
            _ => Err(wrong("there is no record in the answer")),
        }
    }

    /// All calls of a write, in order. Where one fails, those before it are undone.
    async fn carried_out<'a>(&self, work: &mut Work<'a>, write: &'a Write) -> Result<Outcome, Fault> {
        let done = self.steps(work, write).await.map_err(|fault| {
            // Who reads the code takes it that nothing has left: of this write something has.
            if work.began && UNSENT.iter().any(|code| code.id == fault.code.id) {
                Fault { code: &code::BACKEND_FAILED, message: code::BACKEND_FAILED.sentence.into(), ..fault }
            } else {
                fault
            }
        });
        if done.as_ref().is_ok_and(|outcome| matches!(outcome, Outcome::Done(..))) || work.undo.is_empty() {
            return done;
        }
        let undone = self.undone(work).await;
        match (done, undone) {
            (done, Ok(())) => done,
            (Err(fault), Err(undoing)) => {
                let detail = |f: &Fault| f.detail.clone().unwrap_or_else(|| f.message.clone());
                let detail = format!("{}; and undoing failed: {}", detail(&fault), detail(&undoing));
                Err(Fault::plain(&code::NOT_UNDONE).detail(detail))
            }
            (Ok(_), Err(undoing)) => {
                Err(Fault::plain(&code::NOT_UNDONE).detail(undoing.detail.unwrap_or_default()))
            }
        }
    }

    async fn steps<'a>(&self, work: &mut Work<'a>, write: &'a Write) -> Result<Outcome, Fault> {
        for step in &write.first {
            match self.step(work, step).await? {
                Outcome::Done(..) => {}
                other => return Ok(other),
            }
        }
        let mut parameters = std::mem::take(&mut work.parameters);
        if let Some(header) = &write.idempotency {
            let key = work.kept.iter().find(|(name, _)| name == "idempotencyKey").map(|(_, v)| v.clone());
            let target = crate::plan::http::Target::Header(header.as_str().into());
            parameters.push(Parameter { target, value: key.unwrap_or_default() });
        }
        let done = self.call(work, &write.call, true, &parameters, &[]).await?;
        let Outcome::Done(heard, text) = done else { return Ok(done) };
        work.began = true;
        work.undo.extend(&write.undo);
        if work.key.is_none()
            && let NewKey::Spot(spot) = &write.key
        {
            work.key = self.spot(write, &heard, &text, spot);
        }
        for step in &write.after {
            match self.step(work, step).await? {
                Outcome::Done(..) => {}
                other => return Ok(other),
            }
        }
        Ok(Outcome::Done(heard, text))
    }

    async fn step<'a>(&self, work: &mut Work<'a>, step: &'a Step) -> Result<Outcome, Fault> {
        let done = self.call(work, &step.call, false, &[], &step.keep).await?;
        if let Outcome::Done(_, text) = &done {
            work.began = true;
            let value = read::read(text).unwrap_or_default();
            for (name, path) in &step.keep {
                let Some(found) = value.follow(path).filter(|v| !v.is_null()) else {
                    work.undo.extend(&step.undo);
                    let what = format!("the answer does not give `{path}`");
                    return Err(self.fault(&code::NOT_UNDERSTOOD, &step.call, &what));
                };
                work.kept.push((name.clone(), found.clone()));
            }
            work.undo.extend(&step.undo);
        }
        Ok(done)
    }

    /// Makes the calls that undo what was done, the last one first; each is tried three times.
    async fn undone(&self, work: &mut Work<'_>) -> Result<(), Fault> {
        while let Some(call) = work.undo.pop() {
            let mut tries = 0;
            loop {
                tries += 1;
                match self.call(work, call, false, &[], &[]).await {
                    Ok(Outcome::Done(..) | Outcome::Absent) => break,
                    Ok(Outcome::LostRace) => {
                        return Err(self.fault(&code::NOT_UNDONE, call, "another write came first"));
                    }
                    Err(fault) if tries == 3 => {
                        tracing::error!(source = %self.name, call = %call.name, detail = ?fault.detail, "a step could not be undone");
                        return Err(fault);
                    }
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                }
            }
        }
        Ok(())
    }

    /// One call, whose effect is noted; the record is sent by the write's own.
    async fn call(
        &self,
        work: &Work<'_>,
        call: &Call,
        own: bool,
        parameters: &[Parameter],
        keep: &[(String, Path)],
    ) -> Result<Outcome, Fault> {
        let named = work.key.as_ref().map(|_| named_key(work.subject, work.means));
        let secrets = self.secrets.values();
        let record = work.record.as_ref().map(|record| record as &Sent<'_>);
        let wanted: Vec<Path> = if call.graphql.is_some() { answered(work, call, keep) } else { Vec::new() };
        let draft = Draft {
            source: &self.source,
            dialect: &work.means.dialect,
            secrets: &secrets,
            now: work.journey.now,
            call,
            inputs: Inputs {
                key: named.as_ref().zip(work.key.as_deref()).map(|((place, number), text)| Key {
                    place,
                    text,
                    number: *number,
                }),
                kept: &work.kept,
                sent: record,
                answer: None,
                asked: &[],
            },
            parameters,
            record: record.filter(|_| own),
            wanted: &wanted,
        };
        let printed = work.text.clone().filter(|_| own);
        let made = if printed.is_some() { None } else { draft.body()? };
        let outgoing = draft.sending(match (printed, made.as_deref()) {
            (Some(text), _) => Body::Text(text),
            (None, Some(body)) => Body::Tree(body),
            (None, None) => Body::None,
        });
        let outgoing = outgoing.map_err(|fault| self.unsent(work, call, made.as_deref(), fault))?;
        // A call without a body is held against the record that the write is about; of what is printed nobody asks.
        let is_printed = own && work.text.is_some();
        let sent = made.as_deref().or_else(|| record.filter(|_| !is_printed).map(|record| &**record));
        work.journey.leave();
        let sending = self.send(&work.means.dialect, call, outgoing, sent, Purpose::Write, work.journey);
        let heard = match sending.await {
            Ok(heard) => heard,
            Err(fault) => {
                // No connection, no turn, no login: nothing has left. Of the rest nobody knows.
                let nothing = UNSENT.iter().any(|code| code.id == fault.code.id);
                work.journey.note(if nothing { Effect::None } else { Effect::Possible });
                return Err(fault);
            }
        };
        let (taken, status) = (heard.is_good(), heard.status);
        let outcome = self.written(work, call, heard, sent);
        work.journey.note(match &outcome {
            Ok(Outcome::Done(..)) => Effect::Certain,
            Ok(Outcome::Absent | Outcome::LostRace) => Effect::None,
            // It was taken, and something of the answer is not as it should be.
            Err(_) if taken => Effect::Certain,
            Err(fault) if fault.code.status == 400 || (400..500).contains(&status) => Effect::None,
            Err(fault) if UNSENT.iter().any(|code| code.id == fault.code.id) => Effect::None,
            Err(_) => Effect::Possible,
        });
        outcome
    }

    /// A place of a write's answer: within the record, where the answer has one.
    #[expect(clippy::unused_self, reason = "a part of the write")]
    fn spot(&self, write: &Write, heard: &Heard, text: &str, spot: &Spot) -> Option<String> {
        let Spot::At(path) = spot else { return heard.spot(spot) };
        let within = super::joined(&super::joined(&write.call.rows.at, &write.call.rows.within), path);
        extract::scalar(text, &within).or_else(|| extract::scalar(text, path))
    }
}

impl<'a> Work<'a> {
    fn new(
        subject: Subject<'a>,
        means: &'a HttpMeans,
        journey: &'a Journey,
        record: Option<record::Record<'a>>,
        key: Option<String>,
    ) -> Self {
        Self {
            subject,
            means,
            journey,
            record,
            text: None,
            key,
            kept: Vec::new(),
            parameters: Vec::new(),
            undo: Vec::new(),
            began: false,
        }
    }

    /// What a write's calls may name besides places.
    fn begin(&mut self, write: &Write, version: Option<&str>) {
        if write.once {
            // The same in every try of a request that has a key of its own.
            let chosen = self.journey.mark.as_ref().map(|mark| mark.chosen.clone());
            let once = chosen.unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
            self.kept.push(("idempotencyKey".to_owned(), Value::Text(once.into())));
        }
        if let (Some(target), Some(version)) = (&write.guard, version) {
            self.parameters.push(Parameter::new(target, Value::Text(version.into())));
        }
    }
}

/// What is read of the answer of a document: the values that are kept, or else the key.
fn answered(work: &Work<'_>, call: &Call, keep: &[(String, Path)]) -> Vec<Path> {
    if keep.is_empty() {
        let key = key_path(work.subject, work.means);
        return vec![super::joined(&super::joined(&call.rows.at, &call.rows.within), &key)];
    }
    keep.iter().map(|(_, path)| path.clone()).collect()
}
