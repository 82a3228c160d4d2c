//! One line of the trail: its canonical form, which is what the chain's hash is taken of, and what stands beside it for
//! searching. A line that was read is not written again.

use crate::{
    identity::{audit::Event, sealer::Sealer},
    value::time::Moment,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What the sealed values of lines are sealed for.
pub(super) const CONTEXT: &str = "audit trail";
/// The hash before the first line.
pub(super) const ZEROS: [u8; 32] = [0; 32];
/// As many characters of a name are searched by; the line itself has all.
const NAME: usize = 255;
const RESOURCE: usize = 120;
const ACTION: usize = 64;
const OUTCOME: usize = 16;

/// A line before it has its number and its place in the chain.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub text: String,
    pub beside: Beside,
}

/// What of a line it is searched by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Beside {
    /// Microseconds since 1970.
    pub happened_at: i64,
    pub subject: Option<String>,
    pub client: Option<String>,
    pub action: String,
    pub outcome: String,
    pub resource: Option<String>,
    /// Sorted, each once.
    pub keys: Vec<String>,
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
    pub fn of(event: &Event, now: Moment, sealer: &dyn Sealer) -> Option<Self> {
        // Whole microseconds, so that the column says the same.
        let now = Moment { nanos: now.nanos / 1000 * 1000, ..now };
        let mut line = Map::new();
        let mut put = |name: &str, value: Value| {
            let nothing = match &value {
                Value::Null => true,
                Value::Array(items) => items.is_empty(),
                Value::Object(members) => members.is_empty(),
                _ => false,
            };
            if !nothing {
                line.insert(name.to_owned(), value);
            }
        };
        let text = |value: &Option<Box<str>>| value.as_deref().map_or(Value::Null, Value::from);
        let list =
            |values: &[Box<str>]| Value::from(values.iter().map(|v| Value::from(&**v)).collect::<Vec<_>>());
        let caller = &event.caller;
        put("at", now.to_string().into());
        put("action", (*event.action).into());
        put("outcome", (*event.outcome).into());
        put("subject", text(&caller.subject));
        put("issuer", text(&caller.issuer));
        put("client", text(&caller.client));
        put("consent", text(&caller.consent));
        put("roles", list(&caller.roles));
        put("operator", if caller.is_operator() { true.into() } else { Value::Null });
        put("address", event.address.map_or(Value::Null, |address| address.to_string().into()));
        put("request", text(&event.request));
        put("resource", text(&event.resource));
        put("keys", list(&event.keys));
        put("members", list(&event.members));
        if let Some(via) = &event.via {
            put("via", serde_json::json!({ "name": &*via.name, "keys": list(&via.keys) }));
        }
        let facts = event.facts.iter().map(|(name, value)| (name.to_string(), Value::from(&**value)));
        put("facts", Value::Object(facts.collect()));
        if let Some(detail) = &event.detail {
            let sealed = sealer.seal(CONTEXT, detail.0.to_json().as_bytes());
            if sealed.is_empty() {
                return None;
            }
            put("sealed", STANDARD.encode(sealed).into());
        }
        let line = Value::Object(line);
        let beside = Beside::of(&line)?;
        Some(Self { text: line.to_string(), beside })
    }
}

// === impl Beside ===

impl Beside {
    /// What stands beside a line, from the line; nothing where it is no line.
    pub fn of(line: &Value) -> Option<Self> {
        let text = |name: &str, most| line.get(name).and_then(Value::as_str).map(|text| clipped(text, most));
        let keys = line.get("keys").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let mut keys: Vec<String> = keys.map(|key| clipped(key, NAME)).collect();
        keys.sort_unstable();
        keys.dedup();
        let at = Moment::parse(line.get("at")?.as_str()?)?;
        let resource = text("resource", RESOURCE);
        if resource.is_none() {
            keys.clear();
        }
        Some(Self {
            happened_at: micros(at),
            subject: text("subject", NAME),
            client: text("client", NAME),
            action: text("action", ACTION)?,
            outcome: text("outcome", OUTCOME)?,
            resource,
            keys,
        })
    }
}

pub(super) fn micros(at: Moment) -> i64 {
    at.seconds.saturating_mul(1_000_000).saturating_add(i64::from(at.nanos / 1000))
}

/// What every database takes: so many characters, none of them a control character.
pub(super) fn clipped(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
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
