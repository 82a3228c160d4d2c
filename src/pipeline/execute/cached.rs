//! Questions to sources through the cache: what is kept is given, what is not is asked once for all who want it, and what
//! has become old is given while it is asked for anew. Judging who may see it comes behind, each time.

use super::{Run, inner};
use crate::{
    backend::{Answer, Ask, Content, Journey, lookup, sources},
    cache::{Cache, Entry, Filled, Key, Spelling, State, count, tags::Begun},
    fault::{Code, Fault, code},
    pipeline::{
        Instance,
        authorize::Permit,
        caching::{Outcome, Why, scope},
        envelope,
    },
    plan::{
        MemberId, Resource, Selection,
        cache::{Keeping, Kept},
        resource::SortKey,
    },
    telemetry::journal::{current, scope as followed},
    translate::compare::{Filter, Operator},
    value::{
        Value, json,
        time::{Date, Moment},
    },
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// What has become old is good enough, or not: what rights rest on is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Any,
    Fresh,
}

/// A question that belongs to nobody.
#[derive(Debug, Clone)]
enum Question {
    List {
        selection: Selection,
        filters: Vec<Filter>,
        order: Vec<SortKey>,
        limit: u32,
        offset: u64,
        count: bool,
        whole: bool,
    },
    Read {
        key: String,
        selection: Selection,
    },
}

/// A question on its way to the source.
struct Filling {
    cache: Arc<Cache>,
    instance: Arc<Instance>,
    resource: Arc<Resource>,
    question: Question,
    key: Key,
    now: Moment,
    /// What it takes the place of.
    before: Option<Arc<Entry>>,
    /// Whether replicas are asked first.
    shared: bool,
}

impl<'p> Run<'p> {
    pub async fn list(
        &self,
        resource: &'p Resource,
        ask: &Ask<'_>,
        permit: &Permit<'_>,
    ) -> Result<Answer, Fault> {
        self.list_of(resource, ask, permit, Age::Any).await
    }

    pub(super) async fn list_of(
        &self,
        resource: &'p Resource,
        ask: &Ask<'_>,
        permit: &Permit<'_>,
        age: Age,
    ) -> Result<Answer, Fault> {
        if ask.filters.iter().any(|f| f.operator == Operator::Equal && f.values.is_empty()) {
            // One of no values: nobody has to be asked.
            return Ok(super::held::nothing(ask.count));
        }
        let Some((kept, owned)) = self.keeps(resource) else {
            return list(self.instance, resource, ask, &self.journey).await;
        };
        let mut spelling = self.spelling(resource, permit, ask.selection);
        spelling.number(0).number(u64::from(ask.limit)).number(ask.offset);
        spelling.number(u64::from(ask.count)).number(u64::from(ask.whole));
        let mut filters: Vec<(MemberId, &str, Vec<&str>)> = ask
            .filters
            .iter()
            .map(|filter| {
                let mut values: Vec<&str> = filter.values.iter().map(String::as_str).collect();
                values.sort_unstable();
                values.dedup();
                (filter.member, filter.operator.word(), values)
            })
            .collect();
        filters.sort_unstable();
        spelling.number(filters.len() as u64);
        for (member, operator, values) in filters {
            spelling.number(u64::from(member)).text(operator).number(values.len() as u64);
            for value in values {
                spelling.text(value);
            }
        }
        for key in ask.order {
            spelling.number(u64::from(key.member)).number(u64::from(key.descending));
        }
        let question = || Question::List {
            selection: ask.selection.clone(),
            filters: ask.filters.to_vec(),
            order: ask.order.to_vec(),
            limit: ask.limit,
            offset: ask.offset,
            count: ask.count,
            whole: ask.whole,
        };
        let entry = self.through((owned, kept), spelling.key(), age, question).await?;
        entry
            .answer
            .clone()
            .ok_or_else(|| Fault::plain(&code::INTERNAL).detail("a list that is no list was kept"))
    }

    pub async fn read(
        &self,
        resource: &'p Resource,
        key: &str,
        selection: &Selection,
        permit: &Permit<'_>,
    ) -> Result<Option<Answer>, Fault> {
        let Some((kept, owned)) = self.keeps(resource) else {
            return read(self.instance, resource, key, selection, &self.journey).await;
        };
        let mut spelling = self.spelling(resource, permit, selection);
        spelling.number(1).text(key);
        let question = || Question::Read { key: key.to_owned(), selection: selection.clone() };
        let entry = self.through((owned, kept), spelling.key(), Age::Any, question).await?;
        Ok(entry.answer.clone())
    }

    /// How long a resource's reads are kept, where they are; and the resource itself.
    fn keeps(&self, resource: &Resource) -> Option<(Kept, &'p Arc<Resource>)> {
        if self.writes {
            return None;
        }
        let why = match &resource.caching.keeping {
            Keeping::Kept(kept) => {
                let owned = self.instance.plan.resource(resource.id)?;
                return Some((*kept, owned));
            }
            Keeping::Unsaid => Why::Unsaid,
            Keeping::Never => Why::Never,
        };
        self.caching.account.note(Outcome::NotKept(why));
        self.caching.cache.counts.note(&resource.caching.tag, count::Outcome::Bypass);
        None
    }

    fn spelling(&self, resource: &Resource, permit: &Permit<'_>, selection: &Selection) -> Spelling {
        let mut spelling = Spelling::default();
        spelling
            .text(&self.instance.plan.made.revision)
            .text(&resource.caching.tag)
            .text(&resource.binding.name);
        spelling.text(&scope(permit, &self.caller));
        spelling.number(selection.words().len() as u64);
        selection.words().iter().for_each(|word| _ = spelling.number(*word));
        spelling
    }

    /// What is kept, or what comes.
    async fn through(
        &self,
        (resource, kept): (&Arc<Resource>, Kept),
        key: Key,
        wanted: Age,
        question: impl FnOnce() -> Question,
    ) -> Result<Arc<Entry>, Fault> {
        let (cache, account) = (self.caching.cache, self.caching.account);
        let (tag, tags) = (&resource.caching.tag, &resource.caching.tags);
        let before = if self.caching.anew { None } else { cache.get(&key).await };
        let now = Instant::now();
        let filling = |before: Option<Arc<Entry>>| Filling {
            cache: Arc::clone(cache),
            instance: Arc::clone(self.instance),
            resource: Arc::clone(resource),
            question: question(),
            key,
            now: self.journey.now,
            before,
            shared: !self.caching.anew,
        };
        match before.as_ref().map(|entry| (entry, entry.state(now))) {
            Some((entry, State::Fresh(left))) => {
                cache.counts.note(tag, count::Outcome::Hit);
                account.hit(key, entry, (now, left));
                return Ok(Arc::clone(entry));
            }
            Some((entry, State::Stale(late, left))) if wanted == Age::Any => {
                cache.counts.note(tag, count::Outcome::Stale);
                account.note(Outcome::Stale { age: entry.age(now), late, left });
                let entry = Arc::clone(entry);
                if !entry.is_held(now) {
                    // It goes on by itself; this answer does not wait for it.
                    let filling = filling(Some(Arc::clone(&entry)));
                    drop(cache.fly(key, tags, |begun| followed(current(), filling.fill(kept, begun))));
                }
                return Ok(entry);
            }
            _ => {}
        }
        let filling = filling(before);
        let (flight, joined) = cache.fly(key, tags, |begun| followed(current(), filling.fill(kept, begun)));
        let filled = flight.await?;
        cache.counts.note(
            tag,
            match (joined, filled.shared) {
                (true, _) => count::Outcome::Joined,
                (false, true) => count::Outcome::SharedHit,
                (false, false) => count::Outcome::Miss,
            },
        );
        let Filled { entry, keep, shared } = filled;
        let now = Instant::now();
        account.note(match entry.state(now) {
            _ if !keep => Outcome::NotKept(Why::Unfit),
            State::Fresh(left) if shared => Outcome::Hit { age: entry.age(now), left, stale: entry.stale },
            State::Stale(late, left) => Outcome::Stale { age: entry.age(now), late, left },
            State::Fresh(left) => Outcome::Miss { left, stale: entry.stale, joined },
            // That there is none is not kept here.
            State::Gone => Outcome::NotKept(Why::Unfit),
        });
        Ok(entry)
    }

    /// Sees to it that a write, however it ends, makes old what it may have changed.
    pub(super) async fn writing<T>(
        &self,
        resource: &Resource,
        call: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        let mut writing = Writing { cache: self.caching.cache, resource, came: Came::Unclear };
        let outcome = call.await;
        writing.came = match &outcome {
            Err(fault) if is_one(fault, &NOT_SENT) => Came::Nothing,
            Err(fault) if is_one(fault, &UNCLEAR) => Came::Unclear,
            _ => Came::Known,
        };
        outcome
    }
}

/// A write under way. When it ends, or is given up, what was read before does not count any more.
struct Writing<'a> {
    cache: &'a Cache,
    resource: &'a Resource,
    came: Came,
}

/// What came of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    /// It was not sent: what is kept is what stands there, and with the source away it is needed.
    Nothing,
    /// It may still come about.
    Unclear,
    Known,
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if self.came != Came::Nothing {
            self.cache.written(&self.resource.caching.tag, self.came == Came::Known);
        }
    }
}

/// The write has not left.
const NOT_SENT: [&Code; 4] = [&code::UNREACHABLE, &code::BUSY, &code::CIRCUIT_OPEN, &code::NO_PLACE];
/// The write may still come about.
const UNCLEAR: [&Code; 4] =
    [&code::OUTCOME_UNKNOWN, &code::TIMED_OUT, &code::DEADLINE, &code::BACKEND_FAILED];
/// The source is away, so that what is old is better than nothing.
const AWAY: [&Code; 7] = [
    &code::UNREACHABLE,
    &code::TIMED_OUT,
    &code::BACKEND_FAILED,
    &code::BUSY,
    &code::DEADLINE,
    &code::CIRCUIT_OPEN,
    &code::NO_PLACE,
];

fn is_one(fault: &Fault, codes: &[&Code]) -> bool {
    codes.iter().any(|code| code.id == fault.code.id)
}

impl Filling {
    async fn fill(self, kept: Kept, begun: Begun) -> Result<Filled, Fault> {
        let caching = &self.resource.caching;
        let said = match self.cache.shared() {
            Some(shared) => shared.get(&self.key, &caching.tags).await,
            None => crate::cache::shared::Said::default(),
        };
        let theirs = said.value.and_then(|value| self.theirs(&value, &kept, begun));
        if let Some(entry) = &theirs
            && self.shared
            && matches!(entry.state(Instant::now()), State::Fresh(_))
        {
            return Ok(Filled { entry: Arc::clone(entry), keep: true, shared: true });
        }
        let born = Instant::now();
        let deadline = born + self.instance.plan.settings.limits.request_deadline;
        let asked = tokio::time::timeout_at(deadline, self.asked(inner(deadline))).await;
        let answer = match asked.unwrap_or_else(|_| Err(Fault::plain(&code::TIMED_OUT))) {
            Ok(answer) => answer,
            Err(fault) => return self.failed(fault, theirs).await,
        };
        // What cannot be shown is not kept: the source may be put right in the next moment.
        let shown = answer.as_ref().map(|answer| self.shown(answer)).transpose();
        let keep = shown.is_ok();
        let shown = shown.ok().flatten();
        let size = shown.as_ref().map_or(0, Vec::len);
        let total = answer.as_ref().and_then(|answer| answer.total);
        let entry = Arc::new(Entry::new(answer, caching, &kept, self.record(), (born, begun), size));
        let life = entry.fresh + entry.stale;
        if let (true, Some(shared), Some(numbers)) =
            (keep && !life.is_zero(), self.cache.shared(), said.numbers)
        {
            let text = told(self.now, total, shown.as_deref());
            shared.put(&self.key, &numbers, &text, life);
        }
        Ok(Filled { entry, keep, shared: false })
    }

    /// A source that is away leaves what is old; whatever else is wrong has to be seen.
    async fn failed(&self, fault: Fault, theirs: Option<Arc<Entry>>) -> Result<Filled, Fault> {
        if is_one(&fault, &AWAY) {
            if let Some(before) = &self.before {
                before.hold();
            }
            if let Some(entry) = theirs.filter(|entry| entry.state(Instant::now()) != State::Gone) {
                entry.hold();
                return Ok(Filled { entry, keep: true, shared: true });
            }
        } else {
            self.cache.forget(&self.key).await;
        }
        Err(fault)
    }

    fn record(&self) -> Option<Box<str>> {
        match &self.question {
            Question::Read { key, .. } => Some(key.as_str().into()),
            Question::List { .. } => None,
        }
    }

    async fn asked(&self, deadline: Instant) -> Result<Option<Answer>, Fault> {
        let today = self.now.date().unwrap_or(Date { year: 1970, month: 1, day: 1 });
        let journey = Journey { deadline, now: self.now, around: lookup::none(today), mark: None };
        match &self.question {
            Question::List { selection, filters, order, limit, offset, count, whole } => {
                let (limit, offset, count, whole) = (*limit, *offset, *count, *whole);
                let ask = Ask { selection, filters, order, limit, offset, count, whole };
                list(&self.instance, &self.resource, &ask, &journey).await.map(Some)
            }
            Question::Read { key, selection } => {
                read(&self.instance, &self.resource, key, selection, &journey).await
            }
        }
    }

    /// The records in the public form, as far as they were asked for.
    fn shown(&self, answer: &Answer) -> Result<Vec<u8>, Fault> {
        let (Question::List { selection, .. } | Question::Read { selection, .. }) = &self.question;
        let contract = &self.resource.contract;
        // What was added alone stands below parents that have to be shown with it.
        let mut whole = selection.clone();
        for member in contract.members().iter().filter(|m| selection.has(m.id) && m.children.is_empty()) {
            whole.add(contract, member.id);
        }
        envelope::parts(&self.resource, answer, &whole)
    }

    /// What a replica has read.
    fn theirs(&self, value: &[u8], kept: &Kept, begun: Begun) -> Option<Arc<Entry>> {
        let text = std::str::from_utf8(value).ok()?;
        let (line, records) = text.split_once('\n')?;
        let (at, total) = line.split_once(' ')?;
        let at: i64 = at.parse().ok()?;
        let age = u64::try_from(millis(self.now).saturating_sub(at)).unwrap_or(0);
        let born = Instant::now().checked_sub(Duration::from_millis(age))?;
        let answer = if records.is_empty() {
            None
        } else {
            let Value::List(values) = json::read::read(records).ok()? else { return None };
            let (content, total) = (Content::Values(values), total.parse().ok());
            Some(Answer { content, total, version: None, printed: None })
        };
        let (caching, size) = (&self.resource.caching, records.len());
        Some(Arc::new(Entry::new(answer, caching, kept, self.record(), (born, begun), size)))
    }
}

/// An answer as replicas share it: a line with the moment (milliseconds since 1970) and the total, then the records.
fn told(now: Moment, total: Option<u64>, records: Option<&[u8]>) -> Vec<u8> {
    let total = total.map_or_else(|| "-".to_owned(), |total| total.to_string());
    let mut text = format!("{} {total}\n", millis(now)).into_bytes();
    text.extend_from_slice(records.unwrap_or_default());
    text
}

fn millis(now: Moment) -> i64 {
    now.seconds.saturating_mul(1000).saturating_add(i64::from(now.nanos / 1_000_000))
}

async fn list(
    instance: &Instance,
    resource: &Resource,
    ask: &Ask<'_>,
    journey: &Journey,
) -> Result<Answer, Fault> {
    let subject = Run::subject(resource);
    let order: Vec<MemberId> = ask.order.iter().map(|k| k.member).collect();
    let wanted = sources::lookups(subject, ask.selection, ask.filters, &order);
    let journey = super::with(instance, journey, &wanted).await?;
    instance.sources.of(resource.binding.source)?.list(subject, ask, &journey).await
}

async fn read(
    instance: &Instance,
    resource: &Resource,
    key: &str,
    selection: &Selection,
    journey: &Journey,
) -> Result<Option<Answer>, Fault> {
    let wanted = sources::lookups(Run::subject(resource), selection, &[], &[]);
    let journey = super::with(instance, journey, &wanted).await?;
    instance.sources.of(resource.binding.source)?.read(Run::subject(resource), key, selection, &journey).await
}
