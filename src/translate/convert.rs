//! Converters at work. Reading takes a slot to a cooked value without allocating where nothing must be made;
//! writing takes a public value back to the source's form.

mod digits;
mod html;
mod pieces;
mod read;
mod write;

pub use pieces::{joined, piece};
pub use write::{NoWay, leading, uncook};

use super::{Batch, Slot, Surroundings};
use crate::{
    plan::{convert::Chain, reading::Empties},
    value::{Value, json::write::unescape, time::Short},
};

/// A value on its way from a slot to the public form.
#[derive(Debug, Clone)]
pub enum Cooked<'a> {
    Nothing,
    Bool(bool),
    Number(&'a str),
    /// A text that may hold what a format must escape.
    Text(&'a str),
    /// A text that came out of a JSON string without escapes.
    Clean(&'a str),
    Owned(String),
    /// A short text of digits and signs.
    Short(Short),
    ShortNumber(Short),
    Json(&'a str),
    Made(&'a Value),
    Rows,
}

/// Why a value does not fit; the caller knows the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Misfit {
    Expected(&'static str),
    UnknownCode,
}

impl Cooked<'_> {
    /// The value as text, for comparing and for keys.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Cooked::Bool(true) => Some("true"),
            Cooked::Bool(false) => Some("false"),
            Cooked::Number(text) | Cooked::Text(text) | Cooked::Clean(text) => Some(text),
            Cooked::Owned(text) => Some(text),
            Cooked::Short(short) | Cooked::ShortNumber(short) => Some(short.as_str()),
            Cooked::Made(value) => value.scalar(),
            Cooked::Nothing | Cooked::Json(_) | Cooked::Rows => None,
        }
    }

    /// Becomes a short text, for whoever prints one into it.
    #[inline]
    fn blank(&mut self) -> Option<&mut Short> {
        *self = Cooked::Short(Short::EMPTY);
        if let Cooked::Short(short) = self { Some(short) } else { None }
    }

    /// What it is, for the operator's log. Never the value itself: it may be personal.
    pub fn noun(&self) -> &'static str {
        match self {
            Cooked::Nothing => "nothing",
            Cooked::Bool(_) => "a truth",
            Cooked::Number(_) | Cooked::ShortNumber(_) => "a number",
            Cooked::Text(_) | Cooked::Clean(_) | Cooked::Owned(_) | Cooked::Short(_) => "a text",
            Cooked::Json(_) => "an object or list",
            Cooked::Made(_) => "a constant",
            Cooked::Rows => "a list",
        }
    }
}

/// Whether a slot means nothing, before any converter.
#[inline]
pub fn is_nothing(batch: &Batch, slot: Slot, empty: Empties, chain: &Chain) -> bool {
    match slot {
        Slot::Absent => true,
        Slot::Null => empty.null,
        Slot::EmptyList => empty.list,
        Slot::EmptyObject => empty.object,
        Slot::Text(span) if span.start == span.end && empty.text => true,
        _ if chain.blank.is_empty() => false,
        slot => is_blank(batch, slot, &chain.blank),
    }
}

/// Whether a slot holds one of the scalars that mean nothing. A number is the same with zeros behind its point.
fn is_blank(batch: &Batch, slot: Slot, blank: &[Value]) -> bool {
    let is = |text: &str| {
        blank.iter().any(|blank| match blank {
            Value::Number(digits) => digits::same(digits, text),
            other => other.scalar() == Some(text),
        })
    };
    match slot {
        Slot::Text(span) | Slot::Number(span) => is(batch.text(span)),
        Slot::Escaped(span) => is(&unescape(batch.text(span))),
        Slot::True => is("true"),
        Slot::False => is("false"),
        _ => false,
    }
}

/// Takes a slot through the reading steps of a chain. Each step changes the value where it stands: it is wider than what a
/// processor moves at once, and one that has just been written in parts and is moved as a whole waits for all of them.
#[inline]
pub fn cook<'a>(
    cooked: &mut Cooked<'a>,
    batch: &'a Batch,
    slot: Slot,
    empty: Empties,
    chain: &'a Chain,
    around: &'a Surroundings,
) -> Result<(), Misfit> {
    if is_nothing(batch, slot, empty, chain) {
        *cooked = Cooked::Nothing;
        return Ok(());
    }
    match slot {
        Slot::Absent | Slot::Null => *cooked = Cooked::Nothing,
        Slot::True => *cooked = Cooked::Bool(true),
        Slot::False => *cooked = Cooked::Bool(false),
        Slot::Number(span) => *cooked = Cooked::Number(batch.text(span)),
        Slot::Text(span) => *cooked = Cooked::Clean(batch.text(span)),
        Slot::Escaped(span) => *cooked = Cooked::Owned(unescape(batch.text(span))),
        Slot::Json(span) => *cooked = Cooked::Json(batch.text(span)),
        Slot::EmptyList => *cooked = Cooked::Json("[]"),
        Slot::EmptyObject => *cooked = Cooked::Json("{}"),
        Slot::Rows { .. } => *cooked = Cooked::Rows,
        Slot::Misshapen(_) => return Err(Misfit::Expected("of the shape that the mapping says")),
    }
    for op in &chain.read {
        if matches!(cooked, Cooked::Nothing) {
            break;
        }
        read::step(op, cooked, around)?;
    }
    Ok(())
}
