//! XML 1.0 as this program takes and gives it: a plain tree of elements, and the few facts about names and
//! characters that its reader and its writer share. It knows no contract, no schema and no namespace but `xsi`.

pub mod character;
pub mod read;
pub mod write;

pub use read::{Refusal, read};

use super::{Value, json::scan::Scanner};

/// The namespace of `xsi:nil`.
pub const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The element that stands for a member whose name is no XML name; its attribute `name` holds the name.
pub const MEMBER: &str = "member";

/// The element of an item where no contract names it.
pub const ITEM: &str = "item";

/// An element with what is in it: children, or a text, never both.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The tag.
    pub tag: String,
    /// The attribute `name` of a `<member>`.
    pub name: Option<String>,
    /// The attribute `type`: what the content is where its form would say otherwise.
    pub mark: Option<Mark>,
    /// Whether it is `xsi:nil`; then it is empty.
    pub nil: bool,
    pub children: Vec<Element>,
    /// Empty, or white space alone, where there are children.
    pub text: String,
    /// The byte at which its tag begins.
    pub at: usize,
}

/// What an element in a free-form part is, said by its attribute `type`. Only there, and only where the form
/// alone would be read otherwise: a text such as `12` or `true`, an empty list, an empty object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Text,
    List,
    Object,
}

// === impl Element ===

impl Element {
    /// The member's name: the attribute's for a `<member name="a b">`, and the tag's otherwise.
    pub fn key(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.tag)
    }

    /// Whether there is neither a child nor a text.
    pub fn is_empty(&self) -> bool {
        self.children.is_empty() && self.text.is_empty()
    }
}

// === impl Mark ===

impl Mark {
    /// The attribute's value.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::List => "list",
            Self::Object => "object",
        }
    }

    pub fn of(word: &str) -> Option<Self> {
        [Self::Text, Self::List, Self::Object].into_iter().find(|mark| mark.word() == word)
    }
}

/// What a text without quotes is by its form: a number in JSON's grammar, `true`, `false`, or else a text.
pub fn by_form(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.into()),
        _ => Value::Text(text.into()),
    }
}

/// Whether a text is a number in JSON's grammar, whole and without space.
pub fn is_number(text: &str) -> bool {
    // The scanner is asked for numbers only where one can begin.
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && Scanner::new(text).number().is_ok_and(|range| range == (0..text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_by_their_form() {
        for number in ["0", "-0", "1.50", "1e400", "9007199254740993"] {
            assert_eq!(by_form(number), Value::Number(number.into()));
        }
        for text in ["", " 1", "1 ", "01", "+1", ".5", "1.", "1e", "0x1", "TRUE", "NaN", "-"] {
            assert_eq!(by_form(text), Value::Text(text.into()));
        }
        assert_eq!(by_form("true"), Value::Bool(true));
    }
}
