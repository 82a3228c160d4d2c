//! What a source's answer means: its text as JSON whatever its format, and its meaning whatever its status.

use super::{
    Received,
    codec::{self, Decoded},
};
use crate::{
    plan::http::{
        Call, Condition, Dialect, Format, Meaning, Spot,
        rules::{Of, Test},
    },
    translate::extract,
    value::{Value, json::scan::Kind, json::scan::Scanner, path::Path},
};
use std::time::Duration;

/// An answer that has been listened to.
#[derive(Debug)]
pub(super) struct Heard {
    pub status: u16,
    pub headers: http::HeaderMap,
    /// The answer as JSON; why it cannot be had, where it cannot.
    pub text: Result<String, String>,
    /// What the dialect's rules say; the status says it where they do not.
    pub meaning: Option<Meaning>,
    pub retry_after: Option<Duration>,
    /// The beginning of the answer, for the operator's log.
    pub said: String,
}

/// Listens to an answer. `sent` is what the call sent, for rules that compare.
pub(super) fn hear(dialect: &Dialect, call: &Call, received: Received, sent: Option<&Value>) -> Heard {
    let said = said(dialect, &received);
    let Received { status, headers, retry_after, body } = received;
    let content_type =
        headers.get("content-type").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let (text, fault) = match codec::decode(dialect, call, &content_type, body) {
        Ok(Decoded::Document(text)) => (Ok(text), None),
        Ok(Decoded::Fault(text, ours)) => (Ok(text), Some(ours)),
        Err(why) => (Err(why), None),
    };
    let mut heard = Heard { status, headers, text, meaning: None, retry_after, said };
    let rule = dialect.errors.rules.iter().find(|rule| rule.when.iter().all(|one| heard.holds(one, sent)));
    // A fault of the format's own is none the less one where no rule names it, whatever the status.
    let own = fault.map(|ours| if ours { Meaning::Refused } else { Meaning::Failed });
    heard.meaning = rule.map(|rule| rule.means).or(own);
    heard
}

impl Heard {
    pub(super) fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Whether the answer is good as far as rules and status say.
    pub(super) fn is_good(&self) -> bool {
        match self.meaning {
            Some(meaning) => meaning == Meaning::Good,
            None => self.is_success(),
        }
    }

    /// Whether a condition holds. What cannot be read holds none, but that something is not there.
    pub(super) fn holds(&self, condition: &Condition, sent: Option<&Value>) -> bool {
        let found = match &condition.of {
            Of::Status => Some(self.status.to_string()),
            Of::Header(name) => self.header(name).map(str::to_owned),
            Of::At(path) => {
                let text = self.text.as_deref().unwrap_or_default();
                if let Test::There(wanted) = condition.test {
                    return is_there(text, path) == wanted;
                }
                look(text, path)
            }
        };
        match &condition.test {
            Test::Is(values) => found.is_some_and(|found| values.contains(&found)),
            Test::Not(values) => found.is_none_or(|found| !values.contains(&found)),
            Test::There(wanted) => found.is_some_and(|found| !found.is_empty()) == *wanted,
            Test::Says(texts) => {
                let found = found.unwrap_or_default().to_lowercase();
                texts.iter().any(|text| found.contains(text.as_str()))
            }
            Test::Same(path) => {
                let sent = sent.and_then(|sent| sent.follow(path)).and_then(Value::scalar);
                sent.is_some() && sent == found.as_deref()
            }
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The text of a place, or of a header: of an address its last segment.
    pub(super) fn spot(&self, spot: &Spot) -> Option<String> {
        match spot {
            Spot::At(path) => extract::scalar(self.text.as_deref().ok()?, path),
            Spot::Header(name) => {
                let value = self.header(name)?;
                let segment = value.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next()?;
                let decoded = percent_encoding::percent_decode_str(segment).decode_utf8().ok()?;
                Some(if name == "location" { decoded.into_owned() } else { value.to_owned() })
            }
        }
    }

    /// The message of an error, where the dialect says where it stands.
    pub(super) fn message(&self, dialect: &Dialect) -> Option<String> {
        let text = self.text.as_deref().ok()?;
        let message = extract::scalar(text, dialect.errors.message.as_ref()?)?;
        Some(message.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect())
    }

    /// The names of the fields that an error is about.
    pub(super) fn fields(&self, dialect: &Dialect) -> Vec<String> {
        let Some(value) = self.text.as_deref().ok().and_then(|t| crate::value::json::read::read(t).ok())
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for found_at in dialect.errors.fields.iter().filter_map(|path| value.follow(path)) {
            match found_at {
                Value::Object(members) => found.extend(members.iter().map(|(name, _)| name.to_string())),
                Value::List(items) => found.extend(items.iter().filter_map(Value::scalar).map(str::to_owned)),
                one => found.extend(one.scalar().map(str::to_owned)),
            }
        }
        if let Some((at, field)) = &dialect.errors.list {
            let items = match value.follow(at) {
                Some(Value::List(items)) => items.as_slice(),
                Some(one @ Value::Object(_)) => std::slice::from_ref(one),
                _ => &[],
            };
            for item in items {
                match item.follow(field) {
                    Some(Value::List(names)) => {
                        let names: Vec<&str> = names.iter().filter_map(Value::scalar).collect();
                        found.push(names.join("."));
                    }
                    Some(one) => found.extend(one.scalar().map(str::to_owned)),
                    None => {}
                }
            }
        }
        if let Some((at, after, before)) = &dialect.errors.named {
            let message = value.follow(at).and_then(Value::scalar).unwrap_or_default();
            let name =
                message.split_once(after.as_str()).and_then(|(_, rest)| rest.split_once(before.as_str()));
            found.extend(name.map(|(name, _)| name.to_owned()));
        }
        found.retain(|name| !name.is_empty());
        found.truncate(50);
        found
    }
}

/// The text of a scalar, `null` for null.
fn look(text: &str, path: &Path) -> Option<String> {
    if let Some(found) = extract::scalar(text, path) {
        return Some(found);
    }
    let at = extract::locate(text, 0, path).ok()??;
    (Scanner::starting(text, at).kind().ok()? == Kind::Null).then(|| "null".to_owned())
}

/// Whether there is something: neither null nor empty.
fn is_there(text: &str, path: &Path) -> bool {
    let Ok(Some(at)) = extract::locate(text, 0, path) else { return false };
    let mut scanner = Scanner::starting(text, at);
    match scanner.kind() {
        Ok(Kind::Null) | Err(_) => false,
        Ok(Kind::Object) => scanner.enter(b'}'),
        Ok(Kind::List) => scanner.enter(b']'),
        Ok(Kind::Text) => scanner.string().is_ok_and(|token| !token.range.is_empty()),
        Ok(_) => true,
    }
}

/// What the source says of an error, for the operator's log; bounded.
fn said(dialect: &Dialect, received: &Received) -> String {
    let json = dialect.format == Format::Json;
    if json && matches!(received.status, 200..=299) && dialect.errors.rules.is_empty() {
        return String::new();
    }
    let start = received.body.get(..800).unwrap_or(&received.body);
    let text = String::from_utf8_lossy(start);
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}
