//! The strict reading of a body in XML into a tree of elements. Of XML it takes elements, texts, CDATA,
//! character references, the five predefined entities and comments, which it drops. It refuses DOCTYPE,
//! entities, processing instructions, encodings other than UTF-8, and attributes that mean nothing here.
//! It knows no contract.

mod start;

use super::{Element, character};
use crate::fault::diagnostic::quoted;
use quick_xml::{
    Error, Reader,
    errors::{IllFormedError, SyntaxError},
    escape::resolve_predefined_entity,
    events::{BytesDecl, BytesRef, BytesStart, Event},
};

/// Deeper elements than this are refused, as deeper JSON is.
const MAX_DEPTH: usize = 64;

/// More elements than this are refused: each costs far more memory than its four bytes of text.
const MAX_ELEMENTS: usize = 20_000;

/// Why a body is no XML document that we take. Every place is a byte of the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the text is not UTF-8 at byte {at}")]
    NotUtf8 { at: usize },
    #[error("the text begins with a byte order mark; leave it out")]
    ByteOrderMark,
    #[error("a character that XML does not allow stands at byte {at}")]
    Character { at: usize },
    #[error("DOCTYPE is not taken (byte {at})")]
    Doctype { at: usize },
    #[error("processing instructions are not taken (byte {at})")]
    Instruction { at: usize },
    #[error("the XML declaration says another version or encoding than 1.0 and UTF-8 (byte {at})")]
    Declaration { at: usize },
    #[error(
        "the entity {} is not known; only `lt`, `gt`, `amp`, `quot` and `apos` are (byte {at})",
        quoted(name)
    )]
    Entity { name: String, at: usize },
    #[error("the attribute {} is not taken here (byte {at})", quoted(name))]
    Attribute { name: String, at: usize },
    #[error("{} is no name of an element (byte {at})", quoted(name))]
    Name { name: String, at: usize },
    #[error("{} is expected, not {} (byte {at})", quoted(&format!("</{expected}>")), quoted(&format!("</{found}>")))]
    End { expected: String, found: String, at: usize },
    #[error("{what} at byte {at}")]
    Malformed { what: &'static str, at: usize },
    #[error("elements are nested deeper than {MAX_DEPTH} levels (byte {at})")]
    TooDeep { at: usize },
    #[error("there are more than {MAX_ELEMENTS} elements (byte {at})")]
    TooMany { at: usize },
}

/// Reads one document and hands out its root.
pub fn read(bytes: &[u8]) -> Result<Element, Refusal> {
    let text = std::str::from_utf8(bytes).map_err(|error| Refusal::NotUtf8 { at: error.valid_up_to() })?;
    if text.starts_with('\u{FEFF}') {
        return Err(Refusal::ByteOrderMark);
    }
    if let Some((at, _)) = text.char_indices().find(|(_, c)| !character::is_allowed(*c)) {
        return Err(Refusal::Character { at });
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree::default();
    loop {
        let at = reader.buffer_position() as usize;
        let event =
            reader.read_event().map_err(|error| malformed(&error, reader.error_position() as usize))?;
        match event {
            Event::Start(tag) => tree.open(&tag, at)?,
            Event::Empty(tag) => {
                tree.open(&tag, at)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => {
                if let Some(inner) = text.find("]]>") {
                    return Err(Refusal::Malformed { what: "`]]>` stands in a text", at: at + inner });
                }
                tree.text(&text.xml10_content(), at)?;
            }
            Event::CData(_) | Event::GeneralRef(_) if tree.open.is_empty() => return Err(outside(at)),
            Event::CData(text) => tree.text(&text.xml10_content(), at)?,
            Event::GeneralRef(reference) => tree.text(&resolve(&reference, at)?, at)?,
            Event::Comment(_) => {}
            Event::Decl(declaration) => declared(&declaration, at)?,
            Event::PI(_) => return Err(Refusal::Instruction { at }),
            Event::DocType(_) => return Err(Refusal::Doctype { at }),
            Event::Eof => return tree.end(at),
        }
    }
}

/// The elements that are open, and the root once it has ended.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    /// For each open element, whether `xsi` is declared in it.
    scopes: Vec<bool>,
    root: Option<Element>,
    count: usize,
}

// === impl Tree ===

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>, at: usize) -> Result<(), Refusal> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(Refusal::Malformed { what: "a second root stands", at });
        }
        if self.open.len() == MAX_DEPTH {
            return Err(Refusal::TooDeep { at });
        }
        self.count += 1;
        if self.count > MAX_ELEMENTS {
            return Err(Refusal::TooMany { at });
        }
        let around = self.scopes.last().copied().unwrap_or(false);
        let (element, declared) = start::element(tag, at, around)?;
        self.scopes.push(declared);
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), Refusal> {
        self.scopes.pop();
        let Some(element) = self.open.pop() else { return Ok(()) };
        let at = element.at;
        if !element.children.is_empty() && !element.text.trim_matches(character::is_white).is_empty() {
            return Err(Refusal::Malformed { what: "a text stands beside elements in the element", at });
        }
        if element.nil && !element.is_empty() {
            return Err(Refusal::Malformed { what: "something stands in the `xsi:nil` element", at });
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str, at: usize) -> Result<(), Refusal> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.chars().all(character::is_white) => {}
            None => return Err(outside(at)),
        }
        Ok(())
    }

    fn end(self, at: usize) -> Result<Element, Refusal> {
        match (self.open.last(), self.root) {
            (Some(_), _) => Err(Refusal::Malformed { what: "the text ends early", at }),
            (None, Some(root)) => Ok(root),
            (None, None) => Err(Refusal::Malformed { what: "an element is expected", at }),
        }
    }
}

fn outside(at: usize) -> Refusal {
    Refusal::Malformed { what: "something stands outside the root", at }
}

fn resolve(reference: &BytesRef<'_>, at: usize) -> Result<String, Refusal> {
    let bad = Refusal::Malformed { what: "a character reference means no character that XML allows", at };
    match reference.resolve_char_ref() {
        Ok(Some(character)) if character::is_allowed(character) => Ok(character.to_string()),
        Ok(None) => match resolve_predefined_entity(reference) {
            Some(text) => Ok(text.to_owned()),
            None => Err(Refusal::Entity { name: reference.to_string(), at }),
        },
        _ => Err(bad),
    }
}

/// A declaration is the first thing in the text, or there is none.
fn declared(declaration: &BytesDecl<'_>, at: usize) -> Result<(), Refusal> {
    if at > 0 {
        return Err(Refusal::Malformed {
            what: "the XML declaration does not stand at the beginning, but",
            at,
        });
    }
    let version = declaration.version().is_ok_and(|version| version == "1.0");
    let utf8 = match declaration.encoding() {
        None => true,
        Some(said) => said.is_ok_and(|name| name.eq_ignore_ascii_case("utf-8")),
    };
    if version && utf8 { Ok(()) } else { Err(Refusal::Declaration { at }) }
}

fn malformed(error: &Error, at: usize) -> Refusal {
    let what = match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            return Refusal::End { expected: expected.clone(), found: found.clone(), at };
        }
        Error::Syntax(SyntaxError::UnclosedDoctype)
        | Error::IllFormed(IllFormedError::MissingDoctypeName) => {
            return Refusal::Doctype { at };
        }
        Error::Syntax(SyntaxError::UnclosedPI) => return Refusal::Instruction { at },
        Error::Syntax(SyntaxError::UnclosedXmlDecl)
        | Error::IllFormed(IllFormedError::MissingDeclVersion(_) | IllFormedError::UnknownVersion) => {
            return Refusal::Declaration { at };
        }
        Error::IllFormed(IllFormedError::UnmatchedEndTag(_)) => "an element ends that has not begun",
        Error::IllFormed(IllFormedError::DoubleHyphenInComment) => "`--` stands in a comment",
        Error::IllFormed(IllFormedError::UnclosedReference) => "`&` begins no reference; write `&amp;`",
        Error::Syntax(SyntaxError::UnclosedComment) => "a comment does not end",
        Error::Syntax(SyntaxError::UnclosedCData) => "a CDATA section does not end",
        Error::Syntax(_) => "a tag does not end",
        _ => "the text is not well formed",
    };
    Refusal::Malformed { what, at }
}

#[cfg(test)]
mod tests;
