//! One line of the trail: its canonical form, which is what the chain's hash is taken of, and what of it is searched by.
//! A line that was read is not written again.

use crate::{
    identity::{audit::Event, sealer::Sealer},
    value::{json::write, time::Moment},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, fmt::Display, io::Write};

/// What the sealed values of lines are sealed for.
pub(super) const CONTEXT: &str = "audit trail";
/// The hash before the first line.
pub(super) const ZEROS: [u8; 32] = [0; 32];
/// As many characters of a name are searched by; the line itself has all.
pub(super) const NAME: usize = 255;
pub(super) const RESOURCE: usize = 120;
pub(super) const ACTION: usize = 64;
pub(super) const OUTCOME: usize = 16;

/// A line before it has its number and its place in the chain.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub text: String,
    /// Microseconds since 1970.
    happened_at: i64,
    event: Event,
}

/// What of a line it is searched by, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beside<'a> {
    /// Microseconds since 1970.
    pub happened_at: i64,
    pub subject: Option<&'a str>,
    pub client: Option<&'a str>,
    pub action: &'a str,
    pub outcome: &'a str,
    pub resource: Option<&'a str>,
    /// None where there is no resource that has them.
    pub keys: Vec<&'a str>,
}

/// A line as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub id: i64,
    /// A JSON object. Values of records stand in it sealed alone.
    pub text: String,
    /// In hexadecimal.
    pub hash: String,
}

/// A line's number and hash: what is written down elsewhere to hold the whole trail before it to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub number: i64,
    /// In hexadecimal.
    pub hash: String,
}

/// The hash of a line that follows another one.
pub(super) fn link(before: &[u8], id: i64, text: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(id.to_be_bytes());
    hash.update(text.as_bytes());
    hash.finalize().into()
}

// === impl Draft ===

impl Draft {
    /// Nothing where its values cannot be sealed.
    pub fn of(mut event: Event, now: Moment, sealer: &dyn Sealer) -> Option<Self> {
        // Whole microseconds, so that the page says the same.
        let now = Moment { nanos: now.nanos / 1000 * 1000, ..now };
        let sealed = match event.detail.take() {
            Some(detail) => Some(sealer.seal(CONTEXT, detail.0.to_json().as_bytes())),
            None => None,
        };
        if sealed.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        let text = text(&event, now, sealed.as_deref())?;
        Some(Self { text, happened_at: micros(now), event })
    }

    pub fn beside(&self) -> Beside<'_> {
        let (event, caller) = (&self.event, &self.event.caller);
        let keys = event.resource.as_ref().map(|_| event.keys.iter().map(AsRef::as_ref).collect());
        Beside {
            happened_at: self.happened_at,
            subject: caller.subject.as_deref(),
            client: caller.client.as_deref(),
            action: &event.action,
            outcome: &event.outcome,
            resource: event.resource.as_deref(),
            keys: keys.unwrap_or_default(),
        }
    }
}

/// The line of an event. What is empty is left out.
fn text(event: &Event, now: Moment, sealed: Option<&[u8]>) -> Option<String> {
    let caller = &event.caller;
    let mut out = Object(Vec::with_capacity(512));
    out.shown("at", &now);
    out.text("action", Some(&event.action));
    out.text("outcome", Some(&event.outcome));
    out.text("subject", caller.subject.as_deref());
    out.text("issuer", caller.issuer.as_deref());
    out.text("client", caller.client.as_deref());
    out.text("consent", caller.consent.as_deref());
    out.list("roles", &caller.roles);
    if caller.is_operator() {
        out.name("operator").extend_from_slice(b"true");
    }
    if let Some(address) = event.address {
        out.shown("address", &address);
    }
    if let Some(request) = &event.request {
        out.shown("request", request);
    }
    out.text("resource", event.resource.as_deref());
    out.list("keys", &event.keys);
    out.list("members", &event.members);
    if let Some(via) = &event.via {
        let via_out = out.name("via");
        via_out.extend_from_slice(b"{\"name\":");
        write::text(via_out, &via.name);
        via_out.extend_from_slice(b",\"keys\":");
        list(via_out, &via.keys);
        via_out.push(b'}');
    }
    if !event.facts.is_empty() {
        let mut facts = Object(std::mem::take(out.name("facts")));
        let from = facts.0.len();
        for (at, (name, value)) in event.facts.iter().enumerate() {
            // A name that is said again counts, as it does in a map.
            if !event.facts.iter().skip(at + 1).any(|(again, _)| again == name) {
                facts.member(from, name);
                write::text(&mut facts.0, value);
            }
        }
        facts.0.push(b'}');
        out.0 = facts.0;
    }
    if let Some(sealed) = sealed {
        out.text("sealed", Some(&STANDARD.encode(sealed)));
    }
    out.0.push(b'}');
    String::from_utf8(out.0).ok()
}

/// A JSON object that is being written; it is closed by whoever writes it.
struct Object(Vec<u8>);

// === impl Object ===

impl Object {
    /// Begins a member of an object that begins at a place.
    fn member(&mut self, from: usize, name: &str) {
        self.0.push(if self.0.len() == from { b'{' } else { b',' });
        write::text(&mut self.0, name);
        self.0.push(b':');
    }

    /// Begins a member; its value is written behind it.
    fn name(&mut self, name: &str) -> &mut Vec<u8> {
        self.member(0, name);
        &mut self.0
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            write::text(self.name(name), value);
        }
    }

    /// What is printed without anything that a JSON string escapes.
    fn shown(&mut self, name: &str, value: &impl Display) {
        // Writing into memory does not fail.
        let _ = write!(self.name(name), "\"{value}\"");
    }

    fn list<T: AsRef<str>>(&mut self, name: &str, values: &[T]) {
        if !values.is_empty() {
            list(self.name(name), values);
        }
    }
}

fn list<T: AsRef<str>>(out: &mut Vec<u8>, values: &[T]) {
    out.push(b'[');
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write::text(out, value.as_ref());
    }
    out.push(b']');
}

// === impl Beside ===

impl<'a> Beside<'a> {
    /// What a line that was read is searched by; nothing where it is no line.
    pub fn of(line: &'a Value) -> Option<Self> {
        let text = |name: &str| line.get(name).and_then(Value::as_str);
        let at = Moment::parse(text("at")?)?;
        let resource = text("resource");
        let keys = resource.and_then(|_| line.get("keys")?.as_array()).into_iter().flatten();
        Some(Self {
            happened_at: micros(at),
            subject: text("subject"),
            client: text("client"),
            action: text("action")?,
            outcome: text("outcome")?,
            resource,
            keys: keys.filter_map(Value::as_str).collect(),
        })
    }

    /// Whether it is found by the same terms.
    pub fn is_found_as(&self, other: &Self) -> bool {
        (self.subject, self.client, self.resource) == (other.subject, other.client, other.resource)
            && self.keys == other.keys
    }
}

pub(super) fn micros(at: Moment) -> i64 {
    at.seconds.saturating_mul(1_000_000).saturating_add(i64::from(at.nanos / 1000))
}

/// What every database takes: so many characters, none of them a control character.
pub(super) fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most && !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|c| !c.is_control()).take(most).collect())
}

// === impl Line ===

impl Line {
    /// The line with its number and hash, and with a word in the place of what is sealed.
    pub fn shown(&self) -> Value {
        let mut shown = Map::new();
        shown.insert("id".into(), self.id.into());
        if let Ok(Value::Object(members)) = serde_json::from_str(&self.text) {
            shown.extend(members);
        }
        if let Some(sealed) = shown.get_mut("sealed") {
            *sealed = true.into();
        }
        shown.insert("hash".into(), self.hash.as_str().into());
        Value::Object(shown)
    }

    /// The sealed values.
    pub(super) fn sealed(&self) -> Option<Vec<u8>> {
        let line: Value = serde_json::from_str(&self.text).ok()?;
        STANDARD.decode(line.get("sealed")?.as_str()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Caller, audit::Via, sealer::Ephemeral};
    use std::sync::Arc;

    #[test]
    fn a_line_is_json_that_says_what_the_event_says() {
        let caller = Caller { subject: Some("a \"66\"\n".into()), ..Caller::default() };
        let mut event = Event::new("read", Arc::new(caller))
            .on("pets", ["1", "\\"])
            .fact("odd", "\u{0}")
            .fact("twice", "a")
            .fact("twice", "b");
        event.via = Some(Via { name: "overview".into(), keys: Vec::new() });
        let now = Moment { seconds: 1_000, nanos: 123_456_789 };
        let draft = Draft::of(event, now, &Ephemeral::new()).unwrap();
        let read: Value = serde_json::from_str(&draft.text).unwrap();
        let wanted = serde_json::json!({
            "at": "1970-01-01T00:16:40.123456Z", "action": "read", "outcome": "done", "subject": "a \"66\"\n",
            "resource": "pets", "keys": ["1", "\\"], "via": { "name": "overview", "keys": [] },
            "facts": { "odd": "\u{0}", "twice": "b" }
        });
        assert_eq!(read, wanted);
        assert!(!draft.text.contains('\n'), "a line is one line");
        assert_eq!(Beside::of(&read), Some(draft.beside()), "what is written is found again");
    }

    #[test]
    fn keys_of_nothing_are_not_searched_by() {
        let mut event = Event::new("login", Caller::anonymous());
        event.keys = vec!["1".into()];
        let draft = Draft::of(event, Moment { seconds: 0, nanos: 0 }, &Ephemeral::new()).unwrap();
        assert_eq!(draft.beside().keys, [""; 0]);
        assert_eq!(Beside::of(&serde_json::from_str(&draft.text).unwrap()), Some(draft.beside()));
    }
}
