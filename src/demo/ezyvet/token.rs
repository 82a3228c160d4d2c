//! Access tokens by client credentials. What the answer says of their life is not true, as with the real
//! one's own documents, which name 12 hours here and 14 days there: a token ends after [`Life::seconds`] or
//! [`Life::calls`], whichever comes first, and all of them end when the database is restarted. There is
//! nothing to refresh with.

use std::collections::VecDeque;

use serde_json::{Value, json};
use uuid::Uuid;

/// Tokens alive at once; the oldest makes room.
const MOST: usize = 1000;
/// What `expires_in` says, in seconds.
pub(super) const PROMISED: i64 = 43_200;

/// How long a token really lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    pub seconds: i64,
    /// Requests that it opens.
    pub calls: u32,
}

impl Default for Life {
    fn default() -> Self {
        Self { seconds: 600, calls: 5000 }
    }
}

#[derive(Debug)]
struct Token {
    secret: String,
    granted: i64,
    calls: u32,
    /// Empty: all that the integration has.
    scopes: Vec<String>,
}

/// Newest last.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    alive: VecDeque<Token>,
}

impl Tokens {
    /// Makes a token and prints it as the answer to the login.
    pub(super) fn grant(&mut self, scopes: Vec<String>, now: i64) -> Value {
        if self.alive.len() >= MOST {
            self.alive.pop_front();
        }
        let secret = format!("{}{}", Uuid::now_v7().simple(), Uuid::now_v7().simple());
        let answer = json!({ "access_token": secret, "token_type": "Bearer", "expires_in": PROMISED });
        self.alive.push_back(Token { secret, granted: now, calls: 0, scopes });
        answer
    }

    /// Counts a call with the token of an `Authorization` header: its scopes, where it is still alive.
    pub(super) fn use_up(&mut self, authorization: &str, life: Life, now: i64) -> Option<&[String]> {
        let (scheme, secret) = authorization.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let at = self.alive.iter().position(|token| token.secret == secret.trim())?;
        let token = self.alive.get_mut(at)?;
        // A clock that was set back ends nothing.
        if now.saturating_sub(token.granted) >= life.seconds || token.calls >= life.calls {
            self.alive.remove(at);
            return None;
        }
        token.calls += 1;
        self.alive.get(at).map(|token| token.scopes.as_slice())
    }

    pub(super) fn clear(&mut self) {
        self.alive.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{Life, MOST, Tokens};

    fn header(answer: &serde_json::Value) -> String {
        format!("Bearer {}", answer["access_token"].as_str().unwrap())
    }

    #[test]
    fn a_token_ends_by_age_and_by_use() {
        let life = Life { seconds: 10, calls: 2 };
        let mut tokens = Tokens::default();
        let one = header(&tokens.grant(Vec::new(), 100));
        assert!(tokens.use_up(&one, life, 109).is_some());
        assert!(tokens.use_up(&one, life, 110).is_none());
        let two = header(&tokens.grant(Vec::new(), 200));
        assert!(tokens.use_up(&two.replace("Bearer", "Basic"), life, 200).is_none());
        assert!(tokens.use_up(&two, life, 200).is_some());
        assert!(tokens.use_up(&two, life, 200).is_some());
        assert!(tokens.use_up(&two, life, 200).is_none());
        assert!(tokens.alive.is_empty());
    }

    #[test]
    fn the_oldest_makes_room() {
        let mut tokens = Tokens::default();
        let first = header(&tokens.grant(Vec::new(), 0));
        for _ in 0..MOST {
            tokens.grant(Vec::new(), 1);
        }
        assert_eq!(tokens.alive.len(), MOST);
        assert!(tokens.use_up(&first, Life::default(), 1).is_none());
    }
}
