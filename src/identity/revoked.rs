//! What has been revoked, held in memory: grants, single tokens, clients, and all that somebody was given before a time.
//! The ledger is the truth: whoever revokes writes there first, and tells this set at once; it is filled from there each
//! second, so that other programs over the same ledger learn of it. It opens no ledger itself.

use std::{
    collections::HashMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

/// A ledger that has not answered for so many seconds ends what is known of it.
const BEHIND: i64 = 30;

/// What a revocation names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A consent or a session, with all tokens that came from it.
    Grant,
    /// One token, by its `jti`.
    Token,
    Client,
    /// An account. A foreign issuer's subject is named by [`foreign_subject`].
    Subject,
}

/// One revocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    pub kind: Kind,
    pub value: Box<str>,
    /// Only what was issued up to this second since 1970 is revoked; nothing where it is whatever its age.
    pub before: Option<i64>,
    /// From this second on nothing that it names can be valid any more.
    pub expires: i64,
}

/// What a token is known by to those who revoke.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    pub token: Option<Box<str>>,
    pub grant: Option<Box<str>>,
    pub client: Option<Box<str>>,
    pub subject: Option<Box<str>>,
    /// Seconds since 1970.
    pub issued: i64,
}

/// The set. Reading it costs one atomic load for a token that was found well since the last change.
#[derive(Debug, Default)]
pub struct Revoked {
    entries: RwLock<HashMap<(Kind, Box<str>), Entry>>,
    /// Counts changes.
    generation: AtomicU64,
    /// When the ledger was last read, in seconds since 1970; 0 where none is read.
    read: AtomicI64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    before: Option<i64>,
    expires: i64,
}

/// How a foreign issuer's subject is named, so that it is never taken for an account of ours.
pub fn foreign_subject(issuer: &str, subject: &str) -> Box<str> {
    format!("{issuer}#{subject}").into()
}

// === impl Kind ===

impl Kind {
    /// The word that stands in the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Token => "token",
            Self::Client => "client",
            Self::Subject => "subject",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Grant, Self::Token, Self::Client, Self::Subject].into_iter().find(|kind| kind.name() == name)
    }
}

// === impl Entry ===

impl Entry {
    /// The wider of two: both hold.
    fn with(self, other: Self) -> Self {
        let before = match (self.before, other.before) {
            (Some(one), Some(two)) => Some(one.max(two)),
            _ => None,
        };
        Self { before, expires: self.expires.max(other.expires) }
    }
}

// === impl Revoked ===

impl Revoked {
    /// Counts the changes: who has asked at this number need not ask again until it is another.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Notes that all that the ledger has by now is known.
    pub fn is_read(&self, now: i64) {
        self.read.store(now.max(1), Ordering::Release);
    }

    /// Whether it is too long since anything was learnt from the ledger: then nobody can say what has been revoked.
    pub fn is_behind(&self, now: i64) -> bool {
        let read = self.read.load(Ordering::Acquire);
        read != 0 && now.saturating_sub(read) > BEHIND
    }

    /// Whether any of what a token is known by has been revoked.
    pub fn is_revoked(&self, marks: &Marks) -> bool {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        if entries.is_empty() {
            return false;
        }
        let named = [
            (Kind::Token, &marks.token),
            (Kind::Grant, &marks.grant),
            (Kind::Client, &marks.client),
            (Kind::Subject, &marks.subject),
        ];
        named.into_iter().any(|(kind, value)| {
            let entry = value.as_ref().and_then(|value| entries.get(&(kind, value.clone())));
            entry.is_some_and(|entry| entry.before.is_none_or(|before| marks.issued <= before))
        })
    }

    /// Revokes here and now. The ledger has it already.
    pub fn revoke(&self, revocation: Revocation) {
        self.fill([revocation], i64::MIN);
    }

    /// Takes over what the ledger has, and lets go what has expired by now (seconds since 1970).
    pub fn fill(&self, all: impl IntoIterator<Item = Revocation>, now: i64) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let mut news = false;
        for Revocation { kind, value, before, expires } in all {
            if expires < now {
                continue;
            }
            let entry = Entry { before, expires };
            let known = entries.get(&(kind, value.clone())).copied();
            let whole = known.map_or(entry, |known| known.with(entry));
            if known != Some(whole) {
                entries.insert((kind, value), whole);
                news = true;
            }
        }
        entries.retain(|_, entry| entry.expires >= now);
        if news {
            // Within the lock: who sees the new number sees the new entries.
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// How many are held.
    pub fn len(&self) -> usize {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(issued: i64) -> Marks {
        Marks {
            token: Some("t".into()),
            grant: Some("g".into()),
            client: Some("c".into()),
            subject: Some("s".into()),
            issued,
        }
    }

    fn revocation(kind: Kind, value: &str, before: Option<i64>, expires: i64) -> Revocation {
        Revocation { kind, value: value.into(), before, expires }
    }

    #[test]
    fn each_name_of_a_token_revokes_it_and_no_other_does() {
        for (kind, value) in
            [(Kind::Token, "t"), (Kind::Grant, "g"), (Kind::Client, "c"), (Kind::Subject, "s")]
        {
            let revoked = Revoked::default();
            assert!(!revoked.is_revoked(&marks(10)));
            revoked.revoke(revocation(kind, value, None, 100));
            assert!(revoked.is_revoked(&marks(10)), "{kind:?}");
            assert!(!revoked.is_revoked(&Marks::default()));
            assert_eq!(Kind::parse(kind.name()), Some(kind));
        }
        let revoked = Revoked::default();
        revoked.revoke(revocation(Kind::Token, "g", None, 100));
        assert!(!revoked.is_revoked(&marks(10)), "a grant is no token");
    }

    #[test]
    fn what_is_issued_afterwards_is_good_again() {
        let revoked = Revoked::default();
        revoked.revoke(revocation(Kind::Subject, "s", Some(20), 100));
        assert!(revoked.is_revoked(&marks(20)));
        assert!(!revoked.is_revoked(&marks(21)));
        // An older time takes nothing back.
        revoked.revoke(revocation(Kind::Subject, "s", Some(5), 90));
        assert!(revoked.is_revoked(&marks(20)));
        revoked.revoke(revocation(Kind::Subject, "s", None, 90));
        assert!(revoked.is_revoked(&marks(1_000)));
    }

    #[test]
    fn only_news_are_counted_and_what_expired_goes() {
        let revoked = Revoked::default();
        let all = || [revocation(Kind::Token, "t", None, 100), revocation(Kind::Token, "u", None, 200)];
        revoked.fill(all(), 50);
        let after = revoked.generation();
        revoked.fill(all(), 51);
        assert_eq!(revoked.generation(), after);
        revoked.fill(all(), 150);
        assert_eq!(revoked.len(), 1);
        assert!(!revoked.is_revoked(&marks(10)));
    }

    #[test]
    fn a_ledger_that_is_away_ends_what_is_known() {
        let revoked = Revoked::default();
        assert!(!revoked.is_behind(i64::MAX), "where none is read, none can be away");
        revoked.is_read(100);
        assert!(!revoked.is_behind(100 + BEHIND));
        assert!(revoked.is_behind(101 + BEHIND));
        revoked.is_read(200);
        assert!(!revoked.is_behind(200));
    }

    #[test]
    fn a_subject_of_an_issuer_is_not_ours() {
        assert_ne!(&*foreign_subject("https://login.example", "s"), "s");
    }
}
