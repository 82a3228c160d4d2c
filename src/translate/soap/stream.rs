//! XML of a backend as a stream of elements with their namespaces resolved. It refuses DOCTYPE, entities other
//! than the five, processing instructions and `XInclude`, and holds depth, count and size within limits. It builds
//! no tree and knows no type.

use crate::value::xml::{INSTANCE, character};
use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event as Raw},
};
use std::sync::Arc;

/// No element that is known has half as many.
const MAX_ATTRIBUTES: usize = 256;
/// Of prefixes in scope: each name is looked for among all of them.
const MAX_PREFIXES: usize = 512;
/// Recursion follows depth, whatever the operator says.
const MAX_DEPTH: usize = 128;

const XINCLUDE: &str = "http://www.w3.org/2001/XInclude";

/// What an answer may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub bytes: usize,
    /// Elements within elements; at most 128.
    pub depth: usize,
    /// Elements and attributes together.
    pub nodes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 16 * 1024 * 1024, depth: 64, nodes: 500_000 }
    }
}

/// Why a text is not what was expected: elements are named, values never.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} (byte {at})")]
pub struct Malformed {
    pub what: String,
    pub at: usize,
}

/// What comes next. Texts are gathered in a buffer of the caller's.
#[derive(Debug)]
pub(in crate::translate) enum Event {
    Open(Start),
    Close,
    End,
}

/// A start tag. Declarations of prefixes are no attributes of it.
#[derive(Debug)]
pub(in crate::translate) struct Start {
    pub namespace: Option<Arc<str>>,
    pub name: String,
    pub attributes: Vec<Attribute>,
}

#[derive(Debug)]
pub(in crate::translate) struct Attribute {
    pub namespace: Option<Arc<str>>,
    pub name: String,
    pub value: String,
}

pub(in crate::translate) struct Stream<'a> {
    reader: Reader<&'a [u8]>,
    limits: Limits,
    /// Prefix, what it stands for, and the depth at which it was declared. An empty prefix is the default.
    prefixes: Vec<(String, Option<Arc<str>>, usize)>,
    depth: usize,
    nodes: usize,
    /// An empty-element tag has been handed out as opening, and closes next.
    closing: bool,
    rooted: bool,
    at: usize,
}

// === impl Start ===

impl Start {
    pub fn is(&self, namespace: Option<&str>, name: &str) -> bool {
        self.namespace.as_deref() == namespace && self.name == name
    }

    /// An attribute of the instance's namespace: `nil`, `type`.
    pub fn instance(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|a| a.name == name && a.namespace.as_deref() == Some(INSTANCE)).map(|a| a.value.trim())
    }

    pub fn is_nil(&self) -> bool {
        matches!(self.instance("nil"), Some("true" | "1"))
    }
}

// === impl Stream ===

impl<'a> Stream<'a> {
    /// A stream over a text whose characters are checked here, once for all.
    pub fn new(text: &'a str, limits: Limits) -> Result<Self, Malformed> {
        if text.len() > limits.bytes {
            return Err(Malformed { what: format!("the text is longer than {} bytes", limits.bytes), at: 0 });
        }
        if let Some((at, _)) = text.char_indices().find(|(_, c)| !character::is_allowed(*c)) {
            return Err(Malformed {
                what: "a character that XML does not allow stands there".to_owned(),
                at,
            });
        }
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_comments = true;
        let xml = "http://www.w3.org/XML/1998/namespace".into();
        let prefixes = vec![("xml".to_owned(), Some(xml), 0)];
        let limits = Limits { depth: limits.depth.min(MAX_DEPTH), ..limits };
        Ok(Self { reader, limits, prefixes, depth: 0, nodes: 0, closing: false, rooted: false, at: 0 })
    }

    /// The byte at which the last event began.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn fail<T>(&self, what: impl Into<String>) -> Result<T, Malformed> {
        Err(Malformed { what: what.into(), at: self.at })
    }

    /// The next start or end of an element; the text before it is put at the end of `text`.
    pub fn next(&mut self, text: &mut String) -> Result<Event, Malformed> {
        if self.closing {
            self.closing = false;
            return Ok(self.close());
        }
        loop {
            self.at = self.reader.buffer_position() as usize;
            let event = match self.reader.read_event() {
                Ok(event) => event,
                Err(error) => {
                    let at = self.reader.error_position() as usize;
                    return Err(Malformed { what: format!("the text is not well formed: {error}"), at });
                }
            };
            match event {
                Raw::Start(tag) => return self.open(&tag),
                Raw::Empty(tag) => {
                    self.closing = true;
                    return self.open(&tag);
                }
                Raw::End(_) => return Ok(self.close()),
                Raw::Text(raw) => {
                    if raw.contains("]]>") {
                        return self.fail("`]]>` stands in a text");
                    }
                    let content = raw.xml10_content();
                    if self.depth > 0 {
                        text.push_str(&content);
                    } else if !content.chars().all(character::is_white) {
                        return self.fail("a text stands outside the root");
                    }
                }
                Raw::CData(_) | Raw::GeneralRef(_) if self.depth == 0 => {
                    return self.fail("a text stands outside the root");
                }
                Raw::CData(raw) => text.push_str(&raw.xml10_content()),
                Raw::GeneralRef(reference) => self.resolve(&reference, text)?,
                Raw::Comment(_) => {}
                Raw::Decl(_) if self.at == 0 => {}
                Raw::Decl(_) => return self.fail("the XML declaration does not stand at the beginning"),
                Raw::PI(_) => return self.fail("a processing instruction stands there, which is not taken"),
                Raw::DocType(_) => return self.fail("a DOCTYPE stands there, which is not taken"),
                Raw::Eof if self.depth > 0 => return self.fail("the text ends early"),
                Raw::Eof if !self.rooted => return self.fail("an element is expected"),
                Raw::Eof => return Ok(Event::End),
            }
        }
    }

    /// Passes over what is left of the element that is open.
    pub fn skip(&mut self) -> Result<(), Malformed> {
        let mut open = 0usize;
        let mut text = String::new();
        loop {
            match self.next(&mut text)? {
                Event::Open(_) => open += 1,
                Event::Close if open == 0 => return Ok(()),
                Event::Close => open -= 1,
                Event::End => return self.fail("the text ends early"),
            }
            text.clear();
        }
    }

    /// The text of the element that is open, to its end. `name` is for the complaint about an element in it.
    pub fn text(&mut self, name: &str) -> Result<String, Malformed> {
        let mut text = String::new();
        match self.next(&mut text)? {
            Event::Close => Ok(text),
            Event::Open(inner) => self.fail(format!("`{name}` is a text, and `{}` stands in it", inner.name)),
            Event::End => self.fail("the text ends early"),
        }
    }

    /// Only white space and comments may follow the root.
    pub fn end(&mut self) -> Result<(), Malformed> {
        match self.next(&mut String::new())? {
            Event::End => Ok(()),
            Event::Open(_) | Event::Close => self.fail("something stands behind the root"),
        }
    }

    /// A prefixed name in a value, such as that of `xsi:type`.
    pub fn qname<'t>(&self, text: &'t str) -> Option<(Option<Arc<str>>, &'t str)> {
        let (prefix, local) = text.trim().split_once(':').unwrap_or(("", text.trim()));
        Some((self.namespace(prefix)?, local))
    }

    /// `None` where the prefix is not declared; the empty one need not be, and may stand for no namespace.
    #[expect(clippy::option_option, reason = "no namespace and no declaration are different things")]
    fn namespace(&self, prefix: &str) -> Option<Option<Arc<str>>> {
        let found = self.prefixes.iter().rev().find(|(known, ..)| known == prefix);
        match found {
            Some((_, namespace, _)) => Some(namespace.clone()),
            None => prefix.is_empty().then_some(None),
        }
    }

    fn close(&mut self) -> Event {
        while self.prefixes.last().is_some_and(|(_, _, depth)| *depth == self.depth && self.depth > 0) {
            self.prefixes.pop();
        }
        self.depth = self.depth.saturating_sub(1);
        Event::Close
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<Event, Malformed> {
        if self.depth == 0 && self.rooted {
            return self.fail("a second root stands there");
        }
        self.rooted = true;
        self.depth += 1;
        if self.depth > self.limits.depth {
            return self.fail(format!("elements are nested deeper than {} levels", self.limits.depth));
        }
        let mut raw: Vec<(String, String)> = Vec::new();
        for attribute in tag.attributes() {
            let Ok(attribute) = attribute else { return self.fail("attributes are not well formed") };
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok();
            let value =
                value.filter(|v| !attribute.value.contains('<') && v.chars().all(character::is_allowed));
            let Some(value) = value else { return self.fail("an attribute's value is not well formed") };
            let key = attribute.key.as_ref();
            let prefix = if key == "xmlns" { Some("") } else { key.strip_prefix("xmlns:") };
            if let Some(prefix) = prefix {
                let namespace = (!value.is_empty()).then(|| Arc::from(&*value));
                self.prefixes.push((prefix.to_owned(), namespace, self.depth));
            } else {
                raw.push((key.to_owned(), value.into_owned()));
            }
            if raw.len() > MAX_ATTRIBUTES || self.prefixes.len() > MAX_PREFIXES {
                return self.fail("there are too many attributes or prefixes");
            }
        }
        self.nodes += 1 + raw.len();
        if self.nodes > self.limits.nodes {
            return self.fail(format!("there are more than {} elements", self.limits.nodes));
        }
        let mut attributes: Vec<Attribute> = Vec::with_capacity(raw.len());
        for (key, value) in raw {
            let (namespace, name) = match key.split_once(':') {
                // A default namespace is not one of attributes.
                None => (None, self.checked(&key)?.to_owned()),
                Some(_) => self.split(&key)?,
            };
            if attributes.iter().any(|a| a.name == name && a.namespace == namespace) {
                return self.fail(format!("the attribute `{name}` stands twice"));
            }
            attributes.push(Attribute { namespace, name, value });
        }
        let (namespace, name) = self.split(tag.name().as_ref())?;
        if namespace.as_deref() == Some(XINCLUDE) {
            return self.fail("XInclude stands there, which is not taken");
        }
        Ok(Event::Open(Start { namespace, name, attributes }))
    }

    fn checked<'t>(&self, name: &'t str) -> Result<&'t str, Malformed> {
        if character::is_name(name) { Ok(name) } else { self.fail("a name is not well formed") }
    }

    fn split(&self, name: &str) -> Result<(Option<Arc<str>>, String), Malformed> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let local = self.checked(local)?;
        match self.namespace(prefix) {
            Some(namespace) => Ok((namespace, local.to_owned())),
            None => self.fail(format!("the prefix of `{local}` is not declared")),
        }
    }

    fn resolve(&self, reference: &BytesRef<'_>, text: &mut String) -> Result<(), Malformed> {
        match reference.resolve_char_ref() {
            Ok(Some(character)) if character::is_allowed(character) => text.push(character),
            Ok(None) => match resolve_predefined_entity(reference) {
                Some(known) => text.push_str(known),
                None => return self.fail("an entity stands there that is not one of the five"),
            },
            _ => return self.fail("a character reference means no character that XML allows"),
        }
        Ok(())
    }
}
