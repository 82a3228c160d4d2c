//! Which alternative of a schema the operator meant, so that its own violations are told.
//!
//! "Not valid under any of these" helps nobody. The alternative is chosen by the value's type first, then by a key that
//! tells alternatives apart, then by how many keys it knows. Nothing here says that a value is right or wrong.

use jsonschema::ValidationError;
use serde_json::Value;

use super::violation::Place;
use super::{Report, schema, sentence};
use crate::fault::diagnostic::quoted;
use crate::spec::yaml::{self, Entry};

/// One alternative with what it has against the value.
struct Branch<'e> {
    schema: &'e Value,
    errors: &'e [ValidationError<'static>],
}

impl<'a> Report<'a> {
    /// Tells the violations of the alternative that fits best.
    pub(super) fn alternatives(
        &mut self,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'static>>],
        place: &Place<'_>,
    ) {
        let root = self.schema;
        let schemas =
            schema::alternatives(self.holder(error)).filter(|schemas| schemas.len() == context.len());
        let all: Vec<Branch<'_>> = context
            .iter()
            .enumerate()
            .map(|(index, errors)| Branch {
                schema: schemas
                    .and_then(|all| all.get(index))
                    .map_or(&Value::Null, |one| schema::resolved(root, one)),
                errors,
            })
            .collect();
        let value = place.found.node.to_json();
        let fitting: Vec<&Branch<'_>> =
            all.iter().filter(|branch| self.accepts(branch.schema, &value)).collect();
        match place.found.node.value {
            _ if fitting.is_empty() => {
                let wanted: Vec<&str> =
                    all.iter().flat_map(|branch| schema::types(root, branch.schema)).collect();
                self.wrong_type(&wanted, place);
            }
            yaml::Value::Map(_) => self.map(&all, &fitting, place),
            yaml::Value::List(_) => self.best(&fitting, place),
            _ => self.word(&all, &fitting, place),
        }
    }

    /// Whether an alternative is for values of this type.
    fn accepts(&self, branch: &Value, value: &Value) -> bool {
        let types = schema::types(self.schema, branch);
        let name = schema::type_name(value);
        types.contains(&name) || (name == "integer" && types.contains(&"number"))
    }

    /// A text, a number, a truth: where all fitting alternatives are lists of words, one list is told.
    fn word(&mut self, all: &[Branch<'_>], fitting: &[&Branch<'_>], place: &Place<'_>) {
        let root = self.schema;
        let words: Option<Vec<Vec<&Value>>> =
            fitting.iter().map(|branch| self.words_within(branch.schema)).collect();
        let Some(words) = words else { return self.best(fitting, place) };
        let mut known: Vec<String> = words.into_iter().flatten().map(sentence::shown).collect();
        let with_content: Vec<&str> = all.iter().flat_map(|branch| self.only_keys(branch.schema)).collect();
        let word = sentence::shown(&place.found.node.to_json());
        if let Some(key) = with_content.iter().find(|key| **key == word) {
            let wanted = all.iter().find_map(|branch| schema::member(root, branch.schema, key)).map_or_else(
                || "its content".to_owned(),
                |member| sentence::type_words(&schema::types(root, member)),
            );
            let message = format!("{} cannot stand alone", quoted(key));
            let span = place.found.span(&self.file.text);
            return self.say("M013", span, message, Some(format!("write `{key}: …` with {wanted}")));
        }
        known.extend(with_content.iter().map(|key| (*key).to_owned()));
        known.dedup();
        self.wrong_word(&known.iter().map(String::as_str).collect::<Vec<_>>(), place);
    }

    /// The words of an alternative that is nothing but words, alternatives within it included.
    fn words_within<'s>(&self, branch: &'s Value) -> Option<Vec<&'s Value>>
    where
        'a: 's,
    {
        let branch = schema::resolved(self.schema, branch);
        if let Some(words) = schema::words(branch) {
            return Some(words);
        }
        let mut all = Vec::new();
        for part in schema::alternatives(branch)? {
            if schema::only_key(self.schema, part).is_none() {
                all.extend(schema::words(schema::resolved(self.schema, part))?);
            }
        }
        Some(all)
    }

    /// The keys of serde's one-key maps in an alternative.
    fn only_keys<'s>(&self, branch: &'s Value) -> Vec<&'s str>
    where
        'a: 's,
    {
        let branch = schema::resolved(self.schema, branch);
        match (schema::only_key(self.schema, branch), schema::alternatives(branch)) {
            (Some(key), _) => vec![key],
            (None, Some(parts)) => {
                parts.iter().filter_map(|part| schema::only_key(self.schema, part)).collect()
            }
            (None, None) => Vec::new(),
        }
    }

    /// A map: a one-key map is told by its key, other maps by the key that tells them apart.
    fn map(&mut self, all: &[Branch<'_>], fitting: &[&Branch<'_>], place: &Place<'_>) {
        let root = self.schema;
        let node = place.found.node;
        let keyed: Vec<(&str, &Branch<'_>)> = fitting
            .iter()
            .filter_map(|branch| Some((schema::only_key(root, branch.schema)?, *branch)))
            .collect();
        if keyed.len() == fitting.len() && keyed.len() > 1 {
            return self.one_key(all, &keyed, place);
        }
        if let Some((tag, values)) = tag(fitting) {
            let Some(entry) = node.entry(tag) else {
                let hint = format!("add `{tag}:` with {}", sentence::or(&values));
                let message = format!("{} is missing{}", quoted(tag), place.within());
                return self.say("M013", place.owner_span(), message, Some(hint));
            };
            let written = sentence::shown(&entry.node.to_json());
            if !values.contains(&written.as_str()) {
                let mut path: Vec<String> = place.path.clone();
                path.push(tag.to_owned());
                let inner = Place { found: node.find(&[tag]), path };
                return self.wrong_word(&values, &inner);
            }
            let of_tag: Vec<&Branch<'_>> = fitting
                .iter()
                .copied()
                .filter(|branch| tag_of(branch.schema, tag).is_some_and(|value| value == written))
                .collect();
            return self.best(&of_tag, place);
        }
        self.best(fitting, place);
    }

    /// A map that has exactly one of several keys.
    fn one_key(&mut self, all: &[Branch<'_>], keyed: &[(&str, &Branch<'_>)], place: &Place<'_>) {
        let node = place.found.node;
        let present: Vec<(&Entry, &Branch<'_>)> = node
            .entries()
            .iter()
            .filter_map(|entry| Some((entry, keyed.iter().find(|(key, _)| *key == entry.key)?.1)))
            .collect();
        let keys: Vec<&str> = keyed.iter().map(|(key, _)| *key).collect();
        match present.as_slice() {
            [(_, branch)] => self.tell(branch.errors),
            [] if node.entries().is_empty() => {
                let message =
                    format!("{} must have one of the keys {}", place.name(), sentence::listed(&keys));
                self.say("M013", place.found.span(&self.file.text), message, None);
            }
            [] => {
                let alone: Vec<String> = all
                    .iter()
                    .filter_map(|branch| self.words_within(branch.schema))
                    .flatten()
                    .map(sentence::shown)
                    .collect();
                for entry in node.entries() {
                    if alone.contains(&entry.key) {
                        let message = format!("{} takes nothing behind it", quoted(&entry.key));
                        let hint = format!("write `{}` alone, without a colon", entry.key);
                        self.say("M012", entry.key_span.clone(), message, Some(hint));
                        continue;
                    }
                    let mut known = keys.clone();
                    known.extend(alone.iter().map(String::as_str));
                    self.unknown_key(&entry.key, &known, place);
                }
            }
            [_, (second, _), ..] => {
                let names: Vec<String> = present.iter().map(|(entry, _)| quoted(&entry.key)).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let message = format!("only one of {} can stand here", sentence::listed(&names));
                self.say(
                    "M015",
                    second.key_span.clone(),
                    message,
                    Some("give each an entry of its own".to_owned()),
                );
            }
        }
    }

    /// The alternative that knows most of a map's keys, lacks the fewest and has the least against the value.
    fn best(&mut self, fitting: &[&Branch<'_>], place: &Place<'_>) {
        let node = place.found.node;
        let score = |branch: &Branch<'_>| {
            let known = schema::known_keys(self.schema, branch.schema);
            let hits = node.entries().iter().filter(|entry| known.contains(&entry.key.as_str())).count();
            let lacking = schema::required(branch.schema).filter(|key| node.get(key).is_none()).count();
            let deeper =
                branch.errors.iter().filter(|error| error.instance_path().as_str().len() > 1).count();
            (hits, std::cmp::Reverse(lacking), std::cmp::Reverse(branch.errors.len()), deeper)
        };
        // Of equals the first is taken: `max_by_key` takes the last.
        let best = fitting.iter().rev().max_by_key(|branch| score(branch));
        if let Some(branch) = best {
            self.tell(branch.errors);
        }
    }
}

/// The key whose constant tells the alternatives apart (serde's `tag`), with its values.
fn tag<'e>(fitting: &[&Branch<'e>]) -> Option<(&'e str, Vec<&'e str>)> {
    let (first, rest) = fitting.split_first()?;
    if rest.is_empty() {
        return None;
    }
    schema::properties(first.schema)?.keys().find_map(|key| {
        let values: Option<Vec<&str>> = fitting.iter().map(|branch| tag_of(branch.schema, key)).collect();
        Some((key.as_str(), values?))
    })
}

/// The constant text that an alternative demands of a key.
fn tag_of<'s>(schema: &'s Value, key: &str) -> Option<&'s str> {
    let words = schema::words(schema::properties(schema)?.get(key)?)?;
    match words.as_slice() {
        [Value::String(word)] => Some(word),
        _ => None,
    }
}
