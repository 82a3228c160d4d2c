//! OAuth 2.0 client credentials (RFC 6749 section 4.4) for the student information system: `POST /token` with
//! a form and Basic authentication gives a bearer token that lives for an hour, as it says. Tokens live in
//! memory, at most a thousand; the oldest makes room. The asset register has nothing to do with them.

use std::collections::VecDeque;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{Method, Response, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::json;
use uuid::Uuid;

use super::query::Query;
use super::{Settings, credential, reply};

/// Seconds; the answer says the same.
const LIFETIME: i64 = 3600;
const MOST: usize = 1000;

/// Everything that a token may be for (`OneRoster` 1.1, the security chapter).
const SCOPES: [&str; 3] = [CORE, FULL, DEMOGRAPHICS];
/// Orgs and users.
pub(super) const CORE: &str = "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-core.readonly";
/// The same and more of what this host does not have.
pub(super) const FULL: &str = "https://purl.imsglobal.org/spec/or/v1p1/scope/roster.readonly";
/// Demographics, which this host does not publish; a token for them alone opens nothing.
const DEMOGRAPHICS: &str = "https://purl.imsglobal.org/spec/or/v1p1/scope/roster-demographics.readonly";

struct Token {
    text: String,
    scopes: Vec<&'static str>,
    ends: i64,
}

/// Newest first.
#[derive(Default)]
pub(super) struct Tokens {
    open: VecDeque<Token>,
}

impl Tokens {
    /// The scopes of a token that is known and not over.
    pub(super) fn find(&self, text: Option<&str>, now: i64) -> Option<Vec<&'static str>> {
        let text = text?;
        let token = self.open.iter().find(|token| token.text == text && now < token.ends)?;
        Some(token.scopes.clone())
    }

    pub(super) fn forget(&mut self) {
        self.open.clear();
    }

    fn open(&mut self, scopes: Vec<&'static str>, now: i64) -> String {
        // The front of a UUID of version 7 is the time; the backs of two hold 124 random bits.
        let text: String =
            [Uuid::now_v7(), Uuid::now_v7()].map(|id| id.simple().to_string().split_off(12)).concat();
        self.open.truncate(MOST - 1);
        self.open.push_front(Token { text: text.clone(), scopes, ends: now.saturating_add(LIFETIME) });
        text
    }
}

/// The token endpoint. Errors are those of RFC 6749 section 5.2, not `OneRoster`'s.
pub(super) fn answer(
    settings: &Settings,
    tokens: &mut Tokens,
    head: &Parts,
    body: &Bytes,
    now: i64,
) -> Response<Bytes> {
    if head.method != Method::POST {
        let refused =
            refuse(StatusCode::METHOD_NOT_ALLOWED, "invalid_request", "Tokens are asked for by POST.");
        return reply::with(refused, header::ALLOW, "POST");
    }
    if !authenticated(settings, head) {
        let refused = refuse(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed.");
        return reply::with(refused, header::WWW_AUTHENTICATE, "Basic realm=\"token\"");
    }
    let content_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let Some(body) =
        std::str::from_utf8(body).ok().filter(|_| essence == "application/x-www-form-urlencoded")
    else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_request", "The body has to be a form.");
    };
    let form = Query::parse(body);
    match form.filled("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type", "Only client_credentials is.");
        }
        None => return refuse(StatusCode::BAD_REQUEST, "invalid_request", "grant_type is missing."),
    }
    let asked: Vec<&str> = form.get("scope").unwrap_or_default().split_whitespace().collect();
    if asked.iter().any(|scope| !SCOPES.contains(scope)) {
        return refuse(StatusCode::BAD_REQUEST, "invalid_scope", "A scope is not known.");
    }
    // Whoever asks for none gets all that the client may have.
    let scopes: Vec<&str> =
        SCOPES.into_iter().filter(|scope| asked.is_empty() || asked.contains(scope)).collect();
    let scope = scopes.join(" ");
    let token = tokens.open(scopes, now);
    let document =
        json!({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME, "scope": scope});
    reply::with(reply::json(StatusCode::OK, &document), header::CACHE_CONTROL, "no-store")
}

fn refuse(status: StatusCode, error: &str, description: &str) -> Response<Bytes> {
    reply::json(status, &json!({"error": error, "error_description": description}))
}

/// Id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1).
fn authenticated(settings: &Settings, head: &Parts) -> bool {
    let pair = credential(&head.headers, "Basic").and_then(base64).and_then(|b| String::from_utf8(b).ok());
    let Some((id, secret)) = pair.as_deref().and_then(|pair| pair.split_once(':')) else { return false };
    let is = |sent: &str, known: &str| {
        percent_decode_str(&sent.replace('+', " ")).decode_utf8_lossy() == known || sent == known
    };
    is(id, &settings.client_id) && is(secret, &settings.client_secret)
}

/// Decodes RFC 4648 section 4; padding may be missing.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u32);
    for letter in text.trim_end_matches('=').bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{CORE, LIFETIME, MOST, Tokens, base64};

    #[test]
    fn base64_is_read() {
        assert_eq!(base64("cG9ydGljbzpzM2NyZXQ=").unwrap(), b"portico:s3cret");
        assert_eq!(base64("/+8").unwrap(), [0xff, 0xef]);
        assert_eq!(base64("a b"), None);
    }

    #[test]
    fn a_token_ends_on_the_second_and_the_oldest_makes_room() {
        let mut tokens = Tokens::default();
        let first = tokens.open(vec![CORE], 0);
        assert_eq!(tokens.find(Some(&first), LIFETIME - 1), Some(vec![CORE]));
        assert_eq!(tokens.find(Some(&first), LIFETIME), None);
        for _ in 0..MOST {
            tokens.open(vec![CORE], 0);
        }
        assert_eq!(tokens.find(Some(&first), 0), None);
        assert_eq!(tokens.open.len(), MOST);
    }
}
