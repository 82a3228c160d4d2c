//! Texts that match a regular expression, made by walking it. It knows the expressions of the `regex`
//! crate; what is beyond them (look-around, back-references) makes nothing and matches everything, and is
//! left to the validator.

use super::edges;
use crate::translate::sample::dice::Dice;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::sync::OnceLock;

/// How often something repeats.
#[derive(Debug, Clone, Copy)]
pub enum Length {
    Likely,
    Least,
    Most,
    Any,
}

/// Which letter stands for a class.
#[derive(Debug, Clone, Copy)]
pub enum Letter {
    Likely,
    First,
    Last,
    Any,
}

#[derive(Debug)]
pub struct Pattern {
    source: String,
    tree: Option<Hir>,
    /// Compiled when first asked: most samples never match anything.
    regex: OnceLock<Option<regex::Regex>>,
}

/// More than this is never asked for by a bound that makes sense; nested repetitions end here.
const LONGEST: usize = 20_000;
/// What `*` and `+` add at most.
const OPEN: u32 = 30;

impl Pattern {
    pub fn new(source: &str) -> Self {
        Self { source: source.to_owned(), tree: regex_syntax::parse(source).ok(), regex: OnceLock::new() }
    }

    pub fn matches(&self, text: &str) -> bool {
        let regex = self.regex.get_or_init(|| regex::Regex::new(&self.source).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }

    /// A text that follows the expression. Anchors are passed over, so that it is for the caller to check.
    pub fn make(&self, length: Length, letter: Letter, dice: &mut Dice) -> Option<String> {
        let mut out = String::new();
        let mut walk = Walk { length, letter, dice, out: &mut out };
        walk.node(self.tree.as_ref()?)?;
        Some(out)
    }
}

struct Walk<'a> {
    length: Length,
    letter: Letter,
    dice: &'a mut Dice,
    out: &'a mut String,
}

impl Walk<'_> {
    /// `None` where the expression matches nothing at all, or only what is no text.
    fn node(&mut self, hir: &Hir) -> Option<()> {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => self.out.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(class) => {
                let letter = self.letter(&ranges(class))?;
                self.out.push(letter);
            }
            HirKind::Capture(capture) => self.node(&capture.sub)?,
            HirKind::Concat(parts) => {
                for part in parts {
                    self.node(part)?;
                }
            }
            HirKind::Alternation(branches) => {
                let branch = match self.letter {
                    Letter::First => branches.first(),
                    Letter::Last => branches.last(),
                    Letter::Likely | Letter::Any => self.dice.pick(branches),
                };
                self.node(branch?)?;
            }
            HirKind::Repetition(repetition) => {
                for _ in 0..self.times(repetition.min, repetition.max) {
                    if self.out.len() > LONGEST {
                        break;
                    }
                    self.node(&repetition.sub)?;
                }
            }
        }
        Some(())
    }

    fn times(&mut self, least: u32, most: Option<u32>) -> u32 {
        let most = most.unwrap_or(least.saturating_add(OPEN));
        let upto = match self.length {
            Length::Least => return least,
            Length::Most => return most,
            Length::Any => most,
            // Real texts are short even where long ones are allowed.
            Length::Likely => most.min(least.saturating_add(8)),
        };
        u32::try_from(self.dice.between(least.into(), upto.into())).unwrap_or(least)
    }

    fn letter(&mut self, ranges: &[(char, char)]) -> Option<char> {
        let has = |letter: char| ranges.iter().any(|(from, to)| (*from..=*to).contains(&letter));
        let among = |letters: &[char]| letters.iter().copied().filter(|l| has(*l)).collect::<Vec<char>>();
        match self.letter {
            Letter::First => ranges.first().map(|(from, _)| *from),
            Letter::Last => ranges.last().map(|(_, to)| *to),
            Letter::Any => {
                let strange = among(edges::LETTERS);
                if self.dice.one_in(3) && !strange.is_empty() {
                    return self.dice.pick(&strange).copied();
                }
                let (from, to) = *self.dice.pick(ranges)?;
                let code = self.dice.between(u32::from(from).into(), u32::from(to).into());
                // Between the two may lie the surrogates, which are no letters.
                Some(u32::try_from(code).ok().and_then(char::from_u32).unwrap_or(from))
            }
            Letter::Likely => {
                let usual: Vec<char> =
                    ('0'..='9').chain('A'..='Z').chain('a'..='z').filter(|l| has(*l)).collect();
                let usual = if usual.is_empty() { (' '..='~').filter(|l| has(*l)).collect() } else { usual };
                self.dice.pick(&usual).copied().or_else(|| ranges.first().map(|(from, _)| *from))
            }
        }
    }
}

/// The letters of a class, without U+0000.
fn ranges(class: &Class) -> Vec<(char, char)> {
    let all: Vec<(char, char)> = match class {
        Class::Unicode(class) => class.ranges().iter().map(|r| (r.start(), r.end())).collect(),
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .filter(|r| r.start().is_ascii())
            .map(|r| (char::from(r.start()), char::from(r.end().min(0x7f))))
            .collect(),
    };
    all.into_iter().map(|(from, to)| (from.max('\u{1}'), to)).filter(|(from, to)| from <= to).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_matches() {
        for source in [
            "^[+0-9 ()-]{5,24}$",
            "^[A-Z]{2}$",
            r"^[0-9]{1,6}\.[0-9]{2}$",
            r"^(dog|cat)-\d{3}(x|y)?$",
            r"^[^@\s]+@[^@\s]+$",
            "^.*$",
            "abc+",
            "^$",
        ] {
            let pattern = Pattern::new(source);
            let mut dice = Dice::of(&[source]);
            for length in [Length::Likely, Length::Least, Length::Most, Length::Any] {
                for letter in [Letter::Likely, Letter::First, Letter::Last, Letter::Any, Letter::Any] {
                    let text = pattern.make(length, letter, &mut dice).unwrap();
                    assert!(pattern.matches(&text), "{text:?} for {source}");
                    assert!(!text.contains('\0'));
                }
            }
        }
    }

    #[test]
    fn bounds_are_reached() {
        let pattern = Pattern::new("^[a-c]{2,5}$");
        let mut dice = Dice::of(&["bounds"]);
        assert_eq!(pattern.make(Length::Least, Letter::First, &mut dice).as_deref(), Some("aa"));
        assert_eq!(pattern.make(Length::Most, Letter::Last, &mut dice).as_deref(), Some("ccccc"));
    }

    #[test]
    fn what_cannot_be_read_is_left_alone() {
        let pattern = Pattern::new("^(?=x).*$");
        assert!(pattern.make(Length::Least, Letter::First, &mut Dice::of(&[""])).is_none());
        assert!(pattern.matches("anything"));
    }
}
