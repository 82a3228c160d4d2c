//! Sessions as Drupal keeps them: a cookie whose name is the site's and whose value is the session, and a token against
//! forged writes. They live in memory, at most a thousand; the one that was idle longest makes room.

use std::collections::VecDeque;

use uuid::Uuid;

/// As `default.settings.php` has it: `session.gc_maxlifetime`, in seconds since the last use.
const LIFETIME: i64 = 200_000;
const MOST: usize = 1000;
/// Drupal hashes the host; one site has one name.
pub(super) const COOKIE: &str = "SESS8f5b8a5e0c1d4f0b9a7e3c2d1f6a4b90";

/// One login.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub(super) id: String,
    /// For `X-CSRF-Token`.
    pub(super) token: String,
    used: i64,
}

/// Most recently used first.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: VecDeque<Session>,
}

impl Sessions {
    pub(super) fn open(&mut self, now: i64) -> Session {
        let session = Session { id: secret(), token: secret(), used: now };
        self.open.truncate(MOST - 1);
        self.open.push_front(session.clone());
        session
    }

    /// The session that a `Cookie` header names, if it still lives; using it keeps it alive.
    pub(super) fn find(&mut self, cookies: Option<&str>, now: i64) -> Option<Session> {
        let id = named(cookies?)?;
        let at = self.open.iter().position(|session| session.id == id)?;
        let mut session = self.open.remove(at)?;
        if now.saturating_sub(session.used) > LIFETIME {
            return None;
        }
        session.used = now;
        self.open.push_front(session.clone());
        Some(session)
    }

    /// Ends the session that a `Cookie` header names.
    pub(super) fn close(&mut self, cookies: Option<&str>) {
        if let Some(id) = cookies.and_then(named) {
            self.open.retain(|session| session.id != id);
        }
    }

    pub(super) fn close_all(&mut self) {
        self.open.clear();
    }
}

fn named(cookies: &str) -> Option<&str> {
    cookies
        .split(';')
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}

/// 43 characters, as Drupal's are. Two UUIDs hold 148 random bits: enough for a demo on loopback.
fn secret() -> String {
    let mut secret = format!("{}{}", Uuid::now_v7().simple(), Uuid::now_v7().simple());
    // The front of each is the time; the back is drawn.
    secret.drain(..21);
    secret
}

#[cfg(test)]
mod tests {
    use super::{COOKIE, LIFETIME, MOST, Sessions};

    fn cookie(id: &str) -> String {
        format!("has_js=1; {COOKIE}={id}")
    }

    #[test]
    fn a_session_lives_as_long_as_it_is_used() {
        let mut sessions = Sessions::default();
        let one = sessions.open(0);
        assert_eq!((one.id.len(), one.token.len()), (43, 43));
        assert_ne!(one.id, one.token);
        assert!(sessions.find(Some(&cookie(&one.id)), LIFETIME).is_some());
        assert!(sessions.find(Some(&cookie(&one.id)), 2 * LIFETIME).is_some());
        assert!(sessions.find(Some(&cookie(&one.id)), 3 * LIFETIME + 1).is_none());
        assert!(sessions.find(None, 0).is_none());
        assert!(sessions.find(Some(&cookie("")), 0).is_none());
    }

    #[test]
    fn the_longest_idle_makes_room() {
        let mut sessions = Sessions::default();
        let (idle, used) = (sessions.open(0), sessions.open(0));
        for _ in 0..MOST - 2 {
            sessions.open(1);
        }
        assert!(sessions.find(Some(&cookie(&used.id)), 2).is_some());
        let idle_cookie = cookie(&idle.id);
        sessions.open(3);
        assert!(sessions.find(Some(&idle_cookie), 4).is_none());
        assert!(sessions.find(Some(&cookie(&used.id)), 4).is_some());
        assert_eq!(sessions.open.len(), MOST);
    }
}
