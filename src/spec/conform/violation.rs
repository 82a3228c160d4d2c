//! One violation of the schema, told at its place.
//!
//! Which alternative of a schema was meant is chosen by `branch`; here each plain violation gets its sentence.

use std::collections::HashSet;
use std::ops::Range;

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError};
use serde_json::Value;

use super::{Report, schema, sentence};
use crate::fault::diagnostic::quoted;
use crate::spec::yaml::{self, Found};

/// The place of a violation: the node and what it is called.
pub(super) struct Place<'n> {
    pub found: Found<'n>,
    /// The path's segments, without escapes.
    pub path: Vec<String>,
}

impl<'a> Report<'a> {
    /// Tells violations, each at its place.
    pub(super) fn tell(&mut self, errors: &[ValidationError<'_>]) {
        // While an alternative of a map fails, its keys count as unevaluated although they are known.
        let failing: HashSet<&str> = errors
            .iter()
            .filter(|error| matches!(error.kind(), Kind::AnyOf { .. } | Kind::OneOfNotValid { .. }))
            .map(|error| error.instance_path().as_str())
            .collect();
        for error in errors {
            match error.kind() {
                Kind::UnevaluatedProperties { unexpected } => {
                    let place = self.place(error.instance_path().as_str());
                    let failing = failing.contains(error.instance_path().as_str());
                    self.unevaluated(error, unexpected, &place, failing);
                }
                _ => self.violation(error),
            }
        }
    }

    fn violation(&mut self, error: &ValidationError<'_>) {
        let place = self.place(error.instance_path().as_str());
        match error.kind() {
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                self.alternatives(error, context, &place);
            }
            Kind::AdditionalProperties { unexpected } => self.unknown(error, unexpected, &place),
            Kind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                self.missing(error, key, &place);
            }
            Kind::Type { kind } => {
                let wanted: Vec<&str> = match kind {
                    TypeKind::Single(one) => vec![one.as_str()],
                    TypeKind::Multiple(several) => several.iter().map(JsonType::as_str).collect(),
                };
                self.wrong_type(&wanted, &place);
            }
            Kind::Enum { options } => {
                let words: Vec<String> =
                    options.as_array().into_iter().flatten().map(sentence::shown).collect();
                self.wrong_word(&words.iter().map(String::as_str).collect::<Vec<_>>(), &place);
            }
            Kind::Constant { expected_value } => self.wrong_word(&[&sentence::shown(expected_value)], &place),
            Kind::PropertyNames { error: of_key } => {
                let key = of_key.instance().as_str().unwrap_or_default();
                let span = place
                    .found
                    .node
                    .entry(key)
                    .map_or(place.found.key_span(), |entry| entry.key_span.clone());
                let (message, hint) = bound(of_key, &format!("the key {}", quoted(key)));
                self.say("M015", span, message, hint);
            }
            _ => {
                let (message, hint) = bound(error, &place.name());
                let span = place.found.span(&self.file.text);
                self.say("M015", span, message, hint);
            }
        }
    }

    /// A value of a type that cannot stand there.
    pub(super) fn wrong_type(&mut self, wanted: &[&str], place: &Place<'_>) {
        let value = &place.found.node.value;
        let written = self.file.text.get(place.found.node.span.clone()).unwrap_or_default();
        let message = format!(
            "{} must be {}, found {}",
            place.name(),
            sentence::type_words(wanted),
            sentence::found(value)
        );
        let hint = sentence::type_cure(wanted, value, place.key(), written);
        self.say("M012", place.found.span(&self.file.text), message, hint);
    }

    /// A word that is none of the known ones.
    pub(super) fn wrong_word(&mut self, known: &[&str], place: &Place<'_>) {
        let node = place.found.node;
        if matches!(node.value, yaml::Value::List(_) | yaml::Value::Map(_) | yaml::Value::Null) {
            let message = format!(
                "{} must be {}, found {}",
                place.name(),
                if known.len() == 1 {
                    sentence::listed(known)
                } else {
                    format!("one of {}", sentence::listed(known))
                },
                sentence::found(&node.value)
            );
            self.say("M014", place.found.span(&self.file.text), message, None);
            return;
        }
        let word = sentence::shown(&node.to_json());
        let message = match known {
            [one] => format!("{} must be `{one}`, found {}", place.name(), quoted(&word)),
            _ => format!("{} is not one of {}", quoted(&word), sentence::listed(known)),
        };
        let hint = crate::fault::nearest::nearest(&word, known.iter().copied())
            .map(|meant| format!("did you mean `{meant}`?"));
        self.say("M014", place.found.span(&self.file.text), message, hint);
    }

    /// Keys that the schema does not know.
    fn unknown(&mut self, error: &ValidationError<'_>, unexpected: &[String], place: &Place<'_>) {
        let known = schema::known_keys(self.schema, self.holder(error));
        let free: Vec<&str> = known.into_iter().filter(|key| place.found.node.get(key).is_none()).collect();
        for key in unexpected {
            self.unknown_key(key, &free, place);
        }
    }

    /// Keys that no part of the schema has judged: unknown ones, and those of an alternative that was not taken.
    fn unevaluated(
        &mut self,
        error: &ValidationError<'_>,
        keys: &[String],
        place: &Place<'_>,
        failing: bool,
    ) {
        let known = schema::known_keys(self.schema, self.holder(error));
        let (familiar, strange): (Vec<String>, Vec<String>) =
            keys.iter().cloned().partition(|key| known.contains(&key.as_str()));
        self.unknown(error, &strange, place);
        for key in familiar.iter().filter(|_| !failing) {
            let span =
                place.found.node.entry(key).map_or(place.found.key_span(), |entry| entry.key_span.clone());
            let message = format!("{} does not go with the other keys here", quoted(key));
            self.say("M011", span, message, Some("remove it, or the keys that it excludes".to_owned()));
        }
    }

    pub(super) fn unknown_key(&mut self, key: &str, free: &[&str], place: &Place<'_>) {
        let span = place.found.node.entry(key).map_or(place.found.key_span(), |entry| entry.key_span.clone());
        let hint = sentence::known_cure(key, free, "keys").unwrap_or_else(|| "remove it".to_owned());
        self.say("M011", span, format!("unknown key {}", quoted(key)), Some(hint));
    }

    /// A key that has to be there.
    fn missing(&mut self, error: &ValidationError<'_>, key: &str, place: &Place<'_>) {
        let root = self.schema;
        let example = schema::member(root, self.holder(error), key).and_then(|member| {
            let types = schema::types(root, member);
            let words = schema::choices(schema::resolved(root, member));
            let words = words.map(|words| words.into_iter().map(sentence::shown).collect::<Vec<_>>());
            match (words, types.as_slice()) {
                (Some(words), _) => Some(sentence::or(&words.iter().map(|word| &**word).collect::<Vec<_>>())),
                (None, types) if types.len() < 4 => Some(sentence::type_words(types)),
                _ => None,
            }
        });
        let hint = match example {
            Some(example) => format!("add `{key}:` with {example}"),
            None => format!("add `{key}:`"),
        };
        self.say(
            "M013",
            place.owner_span(),
            format!("{} is missing{}", quoted(key), place.within()),
            Some(hint),
        );
    }

    /// The schema that holds the broken keyword.
    pub(super) fn holder(&self, error: &ValidationError<'_>) -> &'a Value {
        let path = error.schema_path().as_str();
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        self.schema.pointer(parent).unwrap_or(&Value::Null)
    }

    /// The place that a JSON Pointer leads to.
    pub(super) fn place(&self, pointer: &str) -> Place<'a> {
        let path: Vec<String> =
            pointer.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect();
        let segments: Vec<&str> = path.iter().map(String::as_str).collect();
        Place { found: self.root.find(&segments), path }
    }
}

impl Place<'_> {
    /// Where to point for something that a map lacks: the map's key; where it has none, its beginning.
    pub(super) fn owner_span(&self) -> Range<usize> {
        match self.found.entry {
            Some(entry) => entry.key_span.clone(),
            None if self.path.is_empty() => self.found.node.span.start..self.found.node.span.start,
            None => self.found.node.span.clone(),
        }
    }

    /// What the place is called in a sentence.
    pub(super) fn name(&self) -> String {
        match self.path.as_slice() {
            [] => "this file".to_owned(),
            [.., last] if self.found.entry.is_some() => quoted(last),
            [.., list, index] => format!("entry {} of {}", counted(index), quoted(list)),
            [index] => format!("entry {}", counted(index)),
        }
    }

    /// What an example shows before the colon.
    fn key(&self) -> Option<&str> {
        self.found.entry.map(|entry| entry.key.as_str())
    }

    /// The map in which something is missing, where it has a name.
    pub(super) fn within(&self) -> String {
        if self.path.is_empty() { String::new() } else { format!(" in {}", self.name()) }
    }
}

/// A list's index as people count.
fn counted(index: &str) -> usize {
    index.parse().unwrap_or(0_usize).saturating_add(1)
}

/// The sentence and the cure of a bound that a value breaks.
fn bound(error: &ValidationError<'_>, name: &str) -> (String, Option<String>) {
    let value = error.instance();
    let but = || format!(", found {}", sentence::quoted_value(value));
    let plural = |count: u64, one: &str, many: &str| {
        if count == 1 { one.to_owned() } else { format!("{count} {many}") }
    };
    let plain = |message: String| (message, None);
    match error.kind() {
        Kind::Minimum { limit } => plain(format!("{name} must be at least {limit}{}", but())),
        Kind::Maximum { limit } => plain(format!("{name} must be at most {limit}{}", but())),
        Kind::ExclusiveMinimum { limit } => plain(format!("{name} must be more than {limit}{}", but())),
        Kind::ExclusiveMaximum { limit } => plain(format!("{name} must be less than {limit}{}", but())),
        Kind::MultipleOf { multiple_of } => {
            plain(format!("{name} must be a multiple of {multiple_of}{}", but()))
        }
        Kind::MinLength { limit: 1 } | Kind::MinItems { limit: 1 } | Kind::MinProperties { limit: 1 } => {
            plain(format!("{name} must not be empty"))
        }
        Kind::MinLength { limit } => plain(format!(
            "{name} must have at least {}{}",
            plural(*limit, "one character", "characters"),
            but()
        )),
        Kind::MaxLength { limit } => plain(format!(
            "{name} must have at most {}{}",
            plural(*limit, "one character", "characters"),
            but()
        )),
        Kind::MinItems { limit } | Kind::MinProperties { limit } => {
            plain(format!("{name} must have at least {}", plural(*limit, "one entry", "entries")))
        }
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => {
            plain(format!("{name} must have at most {}", plural(*limit, "one entry", "entries")))
        }
        Kind::UniqueItems => (format!("{name} holds an entry twice"), Some("remove one of them".to_owned())),
        Kind::Pattern { pattern } => (
            format!("{name} has a form that is not allowed{}", but()),
            Some(format!("it has to match the pattern `{pattern}`")),
        ),
        Kind::Format { format } => plain(format!("{name} must be {}{}", format_word(format), but())),
        Kind::FalseSchema => (format!("{name} cannot stand here"), Some("remove it".to_owned())),
        Kind::Enum { options } => {
            let words: Vec<String> = options.as_array().into_iter().flatten().map(sentence::shown).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let hint = sentence::known_cure(&sentence::shown(value), &words, "words");
            (format!("{name} is not one of {}", sentence::listed(&words)), hint)
        }
        Kind::OneOfMultipleValid { .. } => {
            plain(format!("{name} fits more than one of the forms that can stand here"))
        }
        Kind::Not { .. } => plain(format!("{name} has a form that is not allowed")),
        _ => plain(format!("{name} is not allowed: {}", error.masked_with("the value"))),
    }
}

/// A format of JSON Schema as people call it, with an example.
fn format_word(format: &str) -> String {
    match format {
        "date" => "a date like `2024-05-31`".to_owned(),
        "date-time" => "a time like `2024-05-31T12:00:00Z`".to_owned(),
        "time" => "a time of day like `12:00:00Z`".to_owned(),
        "duration" => "a duration like `P1DT2H`".to_owned(),
        "uri" => "an address like `https://host/path`".to_owned(),
        "email" => "an e-mail address".to_owned(),
        "uuid" => "a UUID".to_owned(),
        "ipv4" | "ipv6" => "an IP address".to_owned(),
        "regex" => "a regular expression".to_owned(),
        other => format!("of the format `{other}`"),
    }
}
