//! Sources that speak HTTP: calls made of a plan's templates, pages stitched, sessions kept, answers understood.
//!
//! The way of a call: `request` fills its template in, `codec` gives it the source's format, `send` holds it in its source's
//! bounds, `pace` waits for its turn, `sign` proves who calls, `transport` sends it, `answer` says what came back.

mod answer;
mod codec;
mod direct;
mod explain;
mod faults;
mod grants;
mod graphql;
mod health;
mod hooks;
mod identity;
mod list;
mod pace;
mod pager;
mod push;
mod request;
mod secrets;
mod send;
mod session;
mod sign;
mod slots;
mod total;
pub mod transport;
mod write;

use super::{
    Answer, Ask, Backend, Content, Delivery, Journey, Subject, Written, explain::Step, stub::impossible,
};
use crate::{
    fault::{Fault, code, quote::quoted},
    plan::{
        HttpSource, Means, Selection,
        http::{Call, Dialect, Hook, HttpMeans, Meaning},
        reading::Fill,
        resilience::Resilience,
    },
    resilience::{Guard, Report},
    translate::{Batch, Surroundings, convert::uncook, extract},
    value::{Value, path::Path, time::Moment},
};
use answer::Heard;
use async_trait::async_trait;
use request::{Draft, Inputs, Key, joined};
use send::{Purpose, is_busy};
use slots::{is_absent, is_ours, text_of};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

pub use transport::{Lost, Outgoing, Received, Transport, Under, Way, network};

#[derive(Debug)]
pub struct Http {
    name: String,
    source: HttpSource,
    transport: Transport,
    secrets: Arc<secrets::Secrets>,
    /// A refresh token of ours, and the one that a partner put in its place.
    refresh: Arc<Mutex<Option<(String, String)>>>,
    /// One session for each dialect that is spoken here.
    sessions: Mutex<HashMap<String, Arc<session::Sessions>>>,
    pace: pace::Pace,
    totals: total::Totals,
    bookmarks: pager::Bookmarks,
    hooks: hooks::Hooks,
    guard: Arc<Guard>,
    checks: health::Checks,
}

impl Http {
    pub fn new(
        name: String,
        source: HttpSource,
        rules: Resilience,
        transport: Transport,
    ) -> Result<Self, Fault> {
        // A secret that cannot be had is found when the program starts, not by a caller.
        let secrets = secrets::Secrets::open(&source.credentials)
            .map_err(|e| Fault::plain(&code::NO_LOGIN).detail(e.to_string()))?;
        let guard = Arc::new(Guard::new(name.clone(), rules, source.addresses.len()));
        Ok(Self {
            name,
            source,
            transport,
            secrets: Arc::new(secrets),
            refresh: Arc::default(),
            sessions: Mutex::default(),
            pace: pace::Pace::default(),
            totals: total::Totals::default(),
            bookmarks: pager::Bookmarks::default(),
            hooks: hooks::Hooks::default(),
            guard,
            checks: health::Checks::default(),
        })
    }

    /// The same system for a login beside the requests, with nothing of theirs.
    fn beside(&self) -> Self {
        Self {
            name: self.name.clone(),
            source: self.source.clone(),
            transport: self.transport.clone(),
            secrets: Arc::clone(&self.secrets),
            refresh: Arc::clone(&self.refresh),
            sessions: Mutex::default(),
            pace: pace::Pace::default(),
            totals: total::Totals::default(),
            bookmarks: pager::Bookmarks::default(),
            hooks: hooks::Hooks::default(),
            guard: Arc::clone(&self.guard),
            checks: health::Checks::default(),
        }
    }

    fn means(subject: Subject<'_>) -> Result<&HttpMeans, Fault> {
        match &subject.binding.means {
            Means::Http(means) => Ok(means),
            _ => Err(impossible("calls")),
        }
    }

    fn sessions(&self, dialect: &Dialect) -> Arc<session::Sessions> {
        let mut all = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(&dialect.name) {
            return Arc::clone(known);
        }
        Arc::clone(all.entry(dialect.name.clone()).or_default())
    }

    /// A good answer without its text, and that; anything else as a fault of the right kind.
    fn good(&self, dialect: &Dialect, call: &Call, mut heard: Heard) -> Result<(Heard, String), Fault> {
        if !heard.is_good() {
            return Err(self.refused(dialect, call, &heard));
        }
        if let Some(broken) = call.expect.iter().position(|condition| !heard.holds(condition, None)) {
            let detail = format!("expectation {} does not hold: {}", broken + 1, quoted(&heard.said));
            return Err(self.fault(&code::BACKEND_FAILED, call, &detail));
        }
        // It may be large, and is read from there on by whoever has asked.
        match std::mem::replace(&mut heard.text, Ok(String::new())) {
            Ok(text) => Ok((heard, text)),
            Err(why) => Err(self.fault(&code::NOT_UNDERSTOOD, call, &why)),
        }
    }

    fn refused(&self, dialect: &Dialect, call: &Call, heard: &Heard) -> Fault {
        let said = heard.message(dialect).unwrap_or_else(|| heard.said.clone());
        let status = heard.status;
        let detail = format!(
            "status {status}{}{}",
            if said.is_empty() { "" } else { ": " },
            if said.is_empty() { said } else { quoted(&said) }
        );
        let busy = is_busy(dialect, heard);
        match (heard.meaning, status) {
            _ if busy => self.fault(&code::BUSY, call, &detail).retry_after(heard.retry_after),
            (Some(Meaning::Login), _) | (None, 401 | 403) => self.fault(&code::NO_LOGIN, call, &detail),
            (Some(Meaning::Refused), _) => self.fault(&code::REFUSED_BEHIND, call, &detail),
            (Some(Meaning::LostRace), _) => self.fault(&code::LOST_RACE, call, &detail),
            (Some(Meaning::Absent), _) => self.fault(&code::NO_RECORD, call, &detail),
            _ => self.fault(&code::BACKEND_FAILED, call, &detail),
        }
    }

    /// A call about one record.
    fn keyed(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        call: &Call,
        key: &str,
        wanted: &[Path],
        now: Moment,
    ) -> Result<Outgoing, Fault> {
        self.keyed_with(subject, means, call, key, wanted, (&self.secrets.values(), now))
    }

    /// The same with other credentials than the source's own.
    fn keyed_with(
        &self,
        subject: Subject<'_>,
        means: &HttpMeans,
        call: &Call,
        key: &str,
        wanted: &[Path],
        (secrets, now): (&HashMap<String, String>, Moment),
    ) -> Result<Outgoing, Fault> {
        let (place, number) = request::named_key(subject, means);
        let draft = Draft {
            source: &self.source,
            dialect: &means.dialect,
            secrets,
            now,
            call,
            inputs: Inputs { key: Some(Key { place: &place, text: key, number }), ..Inputs::default() },
            parameters: &[],
            record: None,
            wanted,
        };
        draft.outgoing()
    }

    /// One record by its key, in a batch of its own, with its version.
    async fn record(
        &self,
        subject: Subject<'_>,
        key: &str,
        selection: Option<&Selection>,
        journey: &Journey,
    ) -> Result<Option<Found>, Fault> {
        let means = Self::means(subject)?;
        let read = means.read.as_ref().ok_or_else(|| impossible("read"))?;
        let Some(place) = key_place(subject, means, key, &journey.around) else { return Ok(None) };
        let wanted = if read.call.graphql.is_some() {
            places_within(subject, means, &read.call, selection)
        } else {
            Vec::new()
        };
        let outgoing = self.keyed(subject, means, &read.call, &place, &wanted, journey.now)?;
        let heard =
            self.send(&means.dialect, &read.call, outgoing, None, Purpose::read(means), journey).await?;
        if is_absent(means, &heard) {
            return Ok(None);
        }
        let version = read.version.as_ref().and_then(|spot| heard.spot(spot));
        let (_, text) = self.good(&means.dialect, &read.call, heard)?;
        let mut batch = Batch::new(&subject.binding.reading);
        let misread = |wrong: String| self.fault(&code::NOT_UNDERSTOOD, &read.call, &wrong);
        if read.find {
            let count = extract::list(&mut batch, &subject.binding.reading, text, &read.call.rows)
                .map_err(|wrong| misread(wrong.to_string()))?;
            let is_it = |row: &u32| text_of(&batch, *row, means.key).is_some_and(|key| key == place);
            let row = (0..count).find(is_it).filter(|row| is_ours(means, &batch, *row));
            return Ok(row.map(|row| Found { batch, row, version }));
        }
        let row = extract::record(&mut batch, &subject.binding.reading, text, &read.call.rows)
            .map_err(|wrong| misread(wrong.to_string()))?;
        let Some(row) = row else {
            if read.absent_missing {
                return Ok(None);
            }
            return Err(self.fault(&code::NOT_UNDERSTOOD, &read.call, "there is no record in the answer"));
        };
        let is_named = self.is_named(&read.call, &place, text_of(&batch, row, means.key).as_deref())?;
        Ok((is_named && is_ours(means, &batch, row)).then_some(Found { batch, row, version }))
    }
}

/// A record that was read.
struct Found {
    batch: Batch,
    row: u32,
    version: Option<String>,
}

/// A public key in the source's form; `None` where it can have none.
fn key_place(subject: Subject<'_>, means: &HttpMeans, key: &str, around: &Surroundings) -> Option<String> {
    let leaf = subject.binding.reading.leaf(subject.resource.key)?;
    let Fill::Slot(slot, chain) = &leaf.fill else { return None };
    debug_assert_eq!(*slot, means.key);
    uncook(&Value::Text(key.into()), chain, around).ok()?.scalar().map(str::to_owned)
}

/// The place of the key in a record.
fn key_path(subject: Subject<'_>, means: &HttpMeans) -> Path {
    let level = subject.binding.reading.levels.first();
    level.and_then(|level| level.places.get(usize::from(means.key))).cloned().unwrap_or_default()
}

/// The places of a record's answer that are read, for a document that names them.
fn record_places(subject: Subject<'_>, call: &Call) -> Vec<Path> {
    match (&subject.binding.means, &call.graphql) {
        (Means::Http(means), Some(_)) => places_within(subject, means, call, None),
        _ => Vec::new(),
    }
}

/// The places that a selection needs, from the top of an answer, lists in lists included.
fn places_within(
    subject: Subject<'_>,
    means: &HttpMeans,
    call: &Call,
    selection: Option<&Selection>,
) -> Vec<Path> {
    let reading = &subject.binding.reading;
    let mut needed = reading.needed(selection.unwrap_or(&subject.resource.all));
    let always = means.fixed.iter().map(|fixed| fixed.slot).chain([means.key]);
    for slot in always.chain(means.list.as_ref().map(|list| list.key)) {
        if let Some(place) = needed.first_mut().and_then(|level| level.get_mut(usize::from(slot))) {
            *place = true;
        }
    }
    let top = joined(&call.rows.at, &call.rows.within);
    let mut outer: Vec<Path> = Vec::with_capacity(reading.levels.len());
    let mut found = Vec::new();
    for (level, needed) in reading.levels.iter().zip(&needed) {
        let base = match level.within {
            None => top.clone(),
            Some((above, slot)) => {
                let list =
                    reading.levels.get(usize::from(above)).and_then(|l| l.places.get(usize::from(slot)));
                let above = outer.get(usize::from(above)).cloned().unwrap_or_default();
                joined(&above, &list.cloned().unwrap_or_default())
            }
        };
        let wanted = level.places.iter().zip(needed).filter(|(_, needed)| **needed);
        found.extend(wanted.map(|(place, _)| joined(&base, place)));
        outer.push(base);
    }
    found
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
        selection: &Selection,
        journey: &Journey,
    ) -> Result<Option<Answer>, Fault> {
        let found = self.record(subject, key, Some(selection), journey).await?;
        let around = Arc::clone(&journey.around);
        Ok(found.map(|Found { batch, row, version }| Answer {
            content: Content::Slots { batch: Arc::new(batch), rows: vec![row], around, clean: true },
            total: None,
            version,
            printed: None,
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
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        self.save(subject, key, body, changed, version, journey).await
    }

    async fn delete(
        &self,
        subject: Subject<'_>,
        key: &str,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        self.remove(subject, key, version, journey).await
    }

    fn explain_list(&self, subject: Subject<'_>, ask: &Ask<'_>, around: &Surroundings) -> Vec<Step> {
        self.explain_rows(subject, ask, around)
    }

    fn explain_read(&self, subject: Subject<'_>, key: &str, selection: &Selection) -> Vec<Step> {
        self.explain_record(subject, key, selection)
    }

    fn explain_write(
        &self,
        subject: Subject<'_>,
        key: Option<&str>,
        write: super::explain::Write,
    ) -> Vec<Step> {
        self.explain_calls(subject, key, write)
    }

    async fn ready(&self) -> Result<(), Fault> {
        let Some(dialect) = &self.source.dialect else { return Ok(()) };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(2).min(self.source.deadline);
        let now = crate::telemetry::clock::Clock::now(&crate::telemetry::clock::System);
        self.sessions(dialect).get(self, dialect, deadline, now).await.map(drop)
    }

    async fn hook(&self, hooks: &[&Hook], delivery: &Delivery<'_>, now: Moment) -> Result<(), Fault> {
        self.hooked(hooks, delivery, now).await
    }

    fn resilience(&self) -> Option<Report> {
        Some(self.guard.report())
    }

    fn forget(&self) {
        self.totals.forget();
        self.bookmarks.forget();
    }
}
