//! Texts within their bounds: likely ones for people to look at, and the ones at which translations break.
//! It checks length and pattern itself; a text's format is kept by making it so, not by checking it.

mod edges;
mod format;
mod pattern;

use super::{dice::Dice, shape::whole, words};
pub use format::day;
use pattern::{Length, Letter, Pattern};
use serde_json::{Map, Value as Json};
use std::sync::OnceLock;

/// How often something is made anew before it is given up. A pattern knows nothing of the lengths beside it.
const TRIES: usize = 30;

/// A text's bounds; lengths are in characters, as JSON Schema counts (section 6.3 of its validation part).
#[derive(Debug)]
pub struct Text {
    pub least: usize,
    pub most: Option<usize>,
    format: Option<String>,
    pattern: Option<Pattern>,
    edges: OnceLock<Vec<String>>,
}

impl Text {
    pub fn of(schema: &Map<String, Json>) -> Self {
        let word = |key: &str| schema.get(key).and_then(Json::as_str);
        Self {
            least: schema.get("minLength").and_then(whole).unwrap_or(0),
            most: schema.get("maxLength").and_then(whole),
            format: word("format").map(str::to_owned),
            pattern: word("pattern").map(Pattern::new),
            edges: OnceLock::new(),
        }
    }

    /// Whether the length is within the bounds.
    pub fn has_length(&self, text: &str) -> bool {
        let length = text.chars().count();
        length >= self.least && self.most.is_none_or(|most| length <= most)
    }

    fn fits(&self, text: &str) -> bool {
        self.has_length(text) && self.pattern.as_ref().is_none_or(|pattern| pattern.matches(text))
    }

    /// A text as real records have it, from the format, the property's name, or the pattern.
    pub fn likely(&self, name: &str, dice: &mut Dice) -> String {
        if let Some(format) = &self.format {
            if let Some(text) = self.attempt(|| format::likely(format, name, dice)) {
                return text;
            }
            if let Some(text) = dice.pick(self.edges()) {
                return text.clone();
            }
        }
        if let Some(text) = self.attempt(|| words::text(name, dice)) {
            return text;
        }
        if let Some(pattern) = &self.pattern {
            let made = self.attempt(|| pattern.make(Length::Likely, Letter::Likely, dice));
            if let Some(text) = made.or_else(|| dice.pick(self.edges()).cloned()) {
                return text;
            }
        }
        let words = words::text(name, dice).unwrap_or_else(|| words::sentence(dice));
        self.fitted(&words)
    }

    /// The shortest text that says nothing.
    pub fn barest(&self, name: &str, dice: &mut Dice) -> String {
        if self.format.is_some() {
            return self.likely(name, dice);
        }
        let made =
            self.pattern.as_ref().and_then(|p| self.attempt(|| p.make(Length::Least, Letter::Likely, dice)));
        match &self.pattern {
            Some(_) => made.unwrap_or_else(|| self.likely(name, dice)),
            None => self.fitted("x"),
        }
    }

    /// Any text that is valid, mostly one from the edge.
    pub fn any(&self, name: &str, dice: &mut Dice) -> String {
        let free = self.format.is_none() && self.pattern.is_none();
        if free && dice.one_in(3) {
            let most = self.most.unwrap_or(usize::MAX).min(self.least.saturating_add(40));
            let length = dice.length(self.least, most.max(self.least));
            return (0..length).filter_map(|_| dice.pick(edges::LETTERS).copied()).collect();
        }
        if let Some(pattern) = &self.pattern
            && dice.one_in(2)
            && self.format.is_none()
            && let Some(text) = self.attempt(|| pattern.make(Length::Any, Letter::Any, dice))
        {
            return text;
        }
        dice.pick(self.edges()).cloned().unwrap_or_else(|| self.likely(name, dice))
    }

    /// All edge values, each once.
    pub fn edges(&self) -> &[String] {
        self.edges.get_or_init(|| {
            let mut found: Vec<String> = Vec::new();
            match (&self.format, &self.pattern) {
                (Some(format), _) if format::is_known(format) => found.extend(format::edges(format)),
                (_, Some(pattern)) => {
                    found.extend(self.of_pattern(pattern));
                    found.extend(edges::TEXTS.iter().map(|text| (*text).to_owned()));
                }
                (_, None) => {
                    found.extend(edges::TEXTS.iter().map(|text| self.fitted(text)));
                    found.extend(edges::lengths(self.least, self.most));
                }
            }
            let mut distinct = std::collections::HashSet::new();
            found.retain(|text| self.fits(text) && distinct.insert(text.clone()));
            found
        })
    }

    fn of_pattern(&self, pattern: &Pattern) -> Vec<String> {
        // The edges of one pattern are always the same ones.
        let mut dice = Dice::of(&["the edges of a pattern"]);
        let firm = [
            (Length::Least, Letter::First),
            (Length::Least, Letter::Last),
            (Length::Most, Letter::Likely),
            (Length::Most, Letter::First),
            (Length::Most, Letter::Last),
        ];
        let loose = [(Length::Any, Letter::Any); 6];
        let made = firm.into_iter().chain(loose);
        made.filter_map(|(length, letter)| self.attempt(|| pattern.make(length, letter, &mut dice))).collect()
    }

    fn attempt(&self, mut make: impl FnMut() -> Option<String>) -> Option<String> {
        (0..TRIES).find_map(|_| make().filter(|text| self.fits(text)))
    }

    /// The text, repeated until it is long enough and cut where it is too long.
    fn fitted(&self, text: &str) -> String {
        let length = text.chars().count().max(self.least).min(self.most.unwrap_or(usize::MAX));
        let source = if text.is_empty() { "x" } else { text };
        source.chars().cycle().take(length).collect()
    }
}

#[cfg(test)]
mod tests;
