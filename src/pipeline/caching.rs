//! What a request had from the cache, and what its answer says of it: `Cache-Status`, `Age` and `Cache-Control`. Nothing is
//! kept here. An answer that rests on several questions is as old as the oldest, and as good as the worst of them.

use super::{
    authorize::{Held, Permit},
    envelope::Answer,
    standing::Ground,
};
use crate::{
    cache::{Cache, Entry, Key},
    identity::Caller,
    plan::{Resource, cache::Keeping, resource::Operation},
};
use http::{HeaderName, header};
use std::{
    fmt::Write,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};
use tokio::time::Instant;

/// RFC 9211.
pub const STATUS: HeaderName = HeaderName::from_static("cache-status");
/// As long as what is said mostly is, and the longest number.
const ROOM: usize = 96;
const DIGITS: usize = 20;

/// What a request does with the cache.
#[derive(Debug, Clone, Copy)]
pub struct Caching<'a> {
    pub cache: &'a Arc<Cache>,
    pub account: &'a Account,
    /// Whether what is kept is left aside, and asked for anew.
    pub anew: bool,
}

/// What became of one question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Of this age, and fresh for so much longer.
    Hit { age: Duration, left: Duration, stale: Duration },
    /// Of this age, old since then, and of use for so much longer.
    Stale { age: Duration, late: Duration, left: Duration },
    /// It was asked, and is kept so long.
    Miss { left: Duration, stale: Duration, joined: bool },
    /// It was asked, and is not kept.
    NotKept(Why),
}

/// Why something was asked past the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The resource says nothing of keeping.
    Unsaid,
    /// The resource is never kept.
    Never,
    /// What came cannot be shown, or was written meanwhile.
    Unfit,
}

/// What became of a request's questions.
#[derive(Debug, Default)]
pub struct Account(Mutex<Tally>);

#[derive(Debug, Default)]
struct Tally {
    hits: u32,
    stale: u32,
    misses: u32,
    joined: u32,
    past: Option<Why>,
    never: bool,
    anew: bool,
    shared: bool,
    age: Duration,
    /// How long all of it is fresh.
    left: Option<Duration>,
    late: Duration,
    /// How long all of it may be used beyond.
    beyond: Option<Duration>,
    /// What was asked for, where nobody in particular did.
    ground: Option<Ground>,
    /// What was kept the last time.
    hit: Option<(Key, Weak<Entry>)>,
}

impl Account {
    fn with<T>(&self, change: impl FnOnce(&mut Tally) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn note(&self, outcome: Outcome) {
        self.with(|tally| {
            let least =
                |known: Option<Duration>, new: Duration| Some(known.map_or(new, |known| known.min(new)));
            match outcome {
                Outcome::Hit { age, left, stale } => {
                    tally.hits += 1;
                    tally.age = tally.age.max(age);
                    tally.left = least(tally.left, left);
                    tally.beyond = least(tally.beyond, stale);
                }
                Outcome::Stale { age, late, left } => {
                    tally.stale += 1;
                    tally.age = tally.age.max(age);
                    tally.late = tally.late.max(late);
                    tally.left = Some(Duration::ZERO);
                    tally.beyond = least(tally.beyond, left);
                }
                Outcome::Miss { left, stale, joined } => {
                    tally.misses += 1;
                    tally.joined += u32::from(joined);
                    tally.left = least(tally.left, left);
                    tally.beyond = least(tally.beyond, stale);
                }
                Outcome::NotKept(why) => {
                    tally.never |= why == Why::Never;
                    tally.past = tally.past.or(Some(why));
                }
            }
        });
    }

    /// Says that anyone would have been answered the same.
    pub fn is_everybodys(&self, shared: bool, anew: bool) {
        self.with(|tally| {
            tally.shared = shared;
            tally.anew = anew;
        });
    }

    /// Says what was asked for, where nobody in particular did, and anyone would have been answered the same.
    pub fn is_nobodys(&self, ground: Ground) {
        self.with(|tally| tally.ground = Some(ground));
    }

    /// A question was answered from this, which is fresh for so much longer.
    pub fn hit(&self, key: Key, entry: &Arc<Entry>, (now, left): (Instant, Duration)) {
        self.note(Outcome::Hit { age: entry.age(now), left, stale: entry.stale });
        self.with(|tally| tally.hit = Some((key, Arc::downgrade(entry))));
    }

    /// The one kept answer that all of it rests on, and for what it was given; nothing where there is more to it, or
    /// somebody in particular asked.
    pub fn rests_on(&self) -> Option<(Ground, Key, Weak<Entry>)> {
        self.with(|tally| {
            let alone = tally.hits == 1 && tally.stale + tally.misses == 0 && tally.past.is_none();
            let ground = tally.ground.filter(|_| alone && tally.shared && !tally.anew)?;
            tally.hit.take().map(|(key, entry)| (ground, key, entry))
        })
    }

    /// What became of all questions together, in one word: that of the worst of them; nothing where none was asked.
    pub fn word(&self) -> Option<&'static str> {
        self.with(|tally| {
            Some(match tally {
                Tally { past: Some(_), .. } => "bypass",
                Tally { misses: 1.., .. } => "miss",
                Tally { stale: 1.., .. } => "stale",
                Tally { hits: 1.., .. } => "hit",
                _ => return None,
            })
        })
    }

    /// Says in a refusal's headers whether what it rests on was kept.
    pub fn mark_refusal(&self, answer: &mut Answer) {
        if let Some(status) = self.with(|tally| tally.status()) {
            answer.headers.push((STATUS, status.into()));
        }
    }

    /// Says in a read's headers what became of it, and how long others may keep it.
    pub fn mark(&self, answer: &mut Answer) {
        self.with(|tally| {
            let Some(status) = tally.status() else { return };
            answer.headers.push((STATUS, status.into()));
            if tally.never {
                answer.headers.push((header::CACHE_CONTROL, "no-store".into()));
                return;
            }
            if tally.past.is_some() {
                return;
            }
            if tally.hits + tally.stale > 0 {
                let mut age = String::with_capacity(DIGITS);
                count(&mut age, tally.age.as_secs());
                answer.headers.push((header::AGE, age.into()));
            }
            let whose = if tally.shared { "public" } else { "private" };
            let life = (tally.age + tally.left.unwrap_or_default()).as_secs();
            let mut control = String::with_capacity(ROOM);
            control.extend([whose, ", max-age="]);
            count(&mut control, life);
            let beyond = tally.beyond.unwrap_or_default().as_secs();
            if beyond > 0 {
                // RFC 5861.
                control.push_str(", stale-while-revalidate=");
                count(&mut control, beyond);
                control.push_str(", stale-if-error=");
                count(&mut control, beyond);
            }
            answer.headers.push((header::CACHE_CONTROL, control.into()));
        });
    }
}

/// Adds a number. Every answer that was kept says several.
fn count(text: &mut String, number: impl itoa::Integer) {
    text.push_str(itoa::Buffer::new().format(number));
}

impl Tally {
    /// RFC 9211, section 2: nothing where no question was asked.
    fn status(&self) -> Option<String> {
        let kept = self.hits + self.stale;
        let asked = self.misses + u32::from(self.past.is_some());
        if kept + asked == 0 {
            return None;
        }
        let mut text = String::with_capacity(ROOM);
        text.push_str("portico");
        if asked == 0 {
            let left = i64::try_from(self.left.unwrap_or_default().as_secs()).unwrap_or(i64::MAX);
            let ttl = if self.stale > 0 { -i64::try_from(self.late.as_secs()).unwrap_or(0) } else { left };
            text.push_str("; hit; ttl=");
            count(&mut text, ttl);
            if self.stale > 0 {
                text.push_str("; detail=stale");
            }
            return Some(text);
        }
        if let Some(why) = self.past {
            let detail = match why {
                Why::Unsaid => "not-kept",
                Why::Never => "never-kept",
                Why::Unfit => "not-storable",
            };
            _ = write!(text, "; fwd=bypass; detail={detail}");
            return Some(text);
        }
        text.push_str(if self.anew { "; fwd=request" } else { "; fwd=miss" });
        text.push_str(if self.joined == self.misses { "; collapsed" } else { "; stored" });
        if kept > 0 {
            _ = write!(text, "; detail=\"{kept} of {} kept\"", kept + self.misses);
        }
        Some(text)
    }
}

/// Whether anyone at all would be answered the same by a read of a resource, so that caches of others may keep it.
pub fn is_everybodys(resource: &Resource, operation: Operation) -> bool {
    let Keeping::Kept(kept) = &resource.caching.keeping else { return false };
    !kept.private
        && Permit::of(resource, &Caller::anonymous(), operation)
            .is_ok_and(|permit| permit.is_free() && permit.view.is_all())
}

/// Whose an answer is: `*` where all see all, else what the permit rests on. Two callers with different rights have
/// different ones, though what reaches the source may be the same.
pub fn scope(permit: &Permit<'_>, caller: &Caller) -> String {
    if permit.is_free() && permit.view.is_all() {
        return "*".to_owned();
    }
    let mut text = format!("{:?} {:?} {:?} {:?}", permit.role, permit.rows, permit.having, permit.view);
    if matches!(permit.rows, Held::Through(_)) || permit.when.is_some() {
        _ = write!(text, " {:?} {:?} {:?} {:?}", caller.issuer, caller.subject, caller.client, caller.claims);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn marked(outcomes: &[Outcome], shared: bool) -> Vec<String> {
        let account = Account::default();
        account.is_everybodys(shared, false);
        for outcome in outcomes {
            account.note(*outcome);
        }
        let mut answer = Answer { status: 200, headers: Vec::new(), body: bytes::Bytes::new() };
        account.mark(&mut answer);
        answer.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect()
    }

    #[test]
    fn an_answer_is_as_old_as_its_oldest_part_and_as_good_as_its_worst() {
        let hit = Outcome::Hit { age: seconds(10), left: seconds(20), stale: seconds(60) };
        let stale = Outcome::Stale { age: seconds(40), late: seconds(10), left: seconds(50) };
        let miss = Outcome::Miss { left: seconds(30), stale: seconds(60), joined: false };
        assert_eq!(
            marked(&[hit], true),
            [
                "cache-status: portico; hit; ttl=20",
                "age: 10",
                "cache-control: public, max-age=30, stale-while-revalidate=60, stale-if-error=60"
            ]
        );
        assert_eq!(
            marked(&[hit, stale], false),
            [
                "cache-status: portico; hit; ttl=-10; detail=stale",
                "age: 40",
                "cache-control: private, max-age=40, stale-while-revalidate=50, stale-if-error=50"
            ]
        );
        assert_eq!(
            marked(&[hit, miss], false),
            [
                "cache-status: portico; fwd=miss; stored; detail=\"1 of 2 kept\"",
                "age: 10",
                "cache-control: private, max-age=30, stale-while-revalidate=60, stale-if-error=60"
            ]
        );
        assert_eq!(
            marked(&[hit, Outcome::NotKept(Why::Unsaid)], false),
            ["cache-status: portico; fwd=bypass; detail=not-kept"]
        );
        assert_eq!(
            marked(&[hit, Outcome::NotKept(Why::Never)], false),
            ["cache-status: portico; fwd=bypass; detail=never-kept", "cache-control: no-store"]
        );
        assert!(marked(&[], true).is_empty());
    }
}
