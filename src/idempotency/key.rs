//! The key as it comes, whose it is, and what it stands for.

use super::Id;
use crate::{
    fault::{Fault, Violation, code},
    identity::Caller,
};
use aws_lc_rs::digest::{Context, SHA256};
use http::request::Parts;
use std::net::IpAddr;

/// Longer keys are refused, in bytes.
pub const LONGEST: usize = 255;

/// A request that has a key.
#[derive(Debug, Clone)]
pub struct Keyed {
    pub id: Id,
    /// Of the method, the path with its query, the type and the body, in hex.
    pub hash: String,
}

/// The key of a request: a string of RFC 9651 in quotes, as draft-ietf-httpapi-idempotency-key-header says, or the bare
/// text that many clients send. `None` where there is none.
///
/// Refuses with F465: empty, longer than 255 bytes, given twice, or of other than visible ASCII.
pub fn key(head: &Parts) -> Result<Option<String>, Fault> {
    let mut all = head.headers.get_all("idempotency-key").iter();
    let Some(first) = all.next() else { return Ok(None) };
    let wrong = |what: &str| {
        let message = format!("`Idempotency-Key` {what}. Send one key of 1 to {LONGEST} visible characters.");
        let violation = Violation::header("Idempotency-Key", &code::BAD_KEY, message);
        Fault::of_violations(vec![violation]).unwrap_or_else(|| Fault::plain(&code::BAD_KEY))
    };
    if all.next().is_some() {
        return Err(wrong("is given twice"));
    }
    let text = first.to_str().map_err(|_| wrong("holds characters that are not visible"))?.trim();
    let inner = match text.strip_prefix('"') {
        Some(rest) => {
            rest.strip_suffix('"').ok_or_else(|| wrong("begins with a quote and does not end with one"))?
        }
        None => text,
    };
    if inner.is_empty() {
        return Err(wrong("is empty"));
    }
    if inner.len() > LONGEST {
        return Err(wrong("is too long"));
    }
    let plain = inner.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    if plain { Ok(Some(inner.to_owned())) } else { Err(wrong("holds blanks, quotes or backslashes")) }
}

impl Keyed {
    /// The key of this request, for this caller. Whoever nobody knows is told apart by their address.
    pub fn of(
        key: String,
        caller: &Caller,
        address: Option<IpAddr>,
        head: &Parts,
        body: Option<&[u8]>,
    ) -> Self {
        let mut whose = Context::new(&SHA256);
        part(&mut whose, caller.issuer.as_deref().unwrap_or_default().as_bytes());
        part(&mut whose, caller.client.as_deref().unwrap_or_default().as_bytes());
        part(&mut whose, caller.subject.as_deref().unwrap_or_default().as_bytes());
        part(&mut whose, if caller.is_operator() { b"operator" } else { b"" });
        if caller.is_anonymous() {
            part(&mut whose, address.map(|address| address.to_string()).unwrap_or_default().as_bytes());
        }
        let mut what = Context::new(&SHA256);
        part(&mut what, head.method.as_str().as_bytes());
        part(&mut what, head.uri.path_and_query().map_or("", |target| target.as_str()).as_bytes());
        let kind = head.headers.get(http::header::CONTENT_TYPE).map_or(&b""[..], |kind| kind.as_bytes());
        part(&mut what, kind);
        part(&mut what, body.unwrap_or_default());
        let caller = hex::encode(whose.finish());
        Self { id: Id { caller, key }, hash: hex::encode(what.finish()) }
    }
}

/// A part with its length before it, so that no two lists of parts read alike.
fn part(into: &mut Context, bytes: &[u8]) {
    into.update(&(bytes.len() as u64).to_be_bytes());
    into.update(bytes);
}
