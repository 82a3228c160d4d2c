//! An answer's envelope as JSON text. The operation's types decide what each element is and whether it is a list;
//! what happens to come never does. Elements that no type declares are passed over.

use super::{
    Decoded, Limits, charset, fault, plain, refuse_multipart,
    stream::{Event, Malformed, Start, Stream},
};
use crate::{
    plan::soap::{Complex, Content, Element, Json, Operation, Simple, TypeId, Types, Version},
    value::{json::write, xml::character},
};
use std::ops::Range;

/// The body's element as JSON: an object for a complex type. `{}` where the operation declares an empty body.
/// `content_type` is the answer's header, where it has one.
pub fn decode(
    operation: &Operation,
    bytes: &[u8],
    content_type: Option<&str>,
    limits: Limits,
) -> Result<String, Decoded> {
    refuse_multipart(content_type.unwrap_or_default())?;
    if bytes.len() > limits.bytes {
        return Err(
            Malformed { what: format!("the answer is longer than {} bytes", limits.bytes), at: 0 }.into()
        );
    }
    let text = charset::decode(bytes, content_type)?;
    // UTF-16 and one-byte encodings grow, at most threefold.
    let limits = Limits { bytes: limits.bytes.saturating_mul(3), ..limits };
    let mut decoder =
        Decoder { stream: Stream::new(&text, limits)?, types: &operation.types, out: Vec::new() };
    decoder.envelope(operation)?;
    Ok(String::from_utf8(decoder.out).unwrap_or_default())
}

pub(super) struct Decoder<'a> {
    pub stream: Stream<'a>,
    types: &'a Types,
    pub out: Vec<u8>,
}

impl Decoder<'_> {
    fn envelope(&mut self, operation: &Operation) -> Result<(), Decoded> {
        let mut text = String::new();
        let Event::Open(root) = self.stream.next(&mut text)? else {
            return Ok(self.stream.fail("an envelope is expected")?);
        };
        let version = root.namespace.as_deref().and_then(Version::of).filter(|_| root.name == "Envelope");
        let Some(version) = version else {
            return Ok(self.stream.fail(format!("an envelope is expected, not `{}`", root.name))?);
        };
        let mut answered = false;
        loop {
            match self.stream.next(&mut text)? {
                Event::Open(part) if part.is(Some(version.namespace()), "Body") && !answered => {
                    answered = true;
                    self.body(operation, version)?;
                }
                Event::Open(part) if part.is(Some(version.namespace()), "Header") && !answered => {
                    self.stream.skip()?;
                }
                Event::Open(part) => {
                    return Ok(self.stream.fail(format!("`{}` stands in the envelope", part.name))?);
                }
                Event::Close if answered => break,
                Event::Close | Event::End => return Ok(self.stream.fail("the envelope has no body")?),
            }
        }
        Ok(self.stream.end()?)
    }

    fn body(&mut self, operation: &Operation, version: Version) -> Result<(), Decoded> {
        let expected = &operation.output;
        let mut text = String::new();
        let mut answered = false;
        loop {
            match self.stream.next(&mut text)? {
                Event::Open(start) if start.is(Some(version.namespace()), "Fault") => {
                    return Err(fault::read(self, operation, version)?);
                }
                _ if version != operation.version => {
                    let what = format!(
                        "the envelope is one of SOAP {}, not {}",
                        version.word(),
                        operation.version.word()
                    );
                    return Ok(self.stream.fail(what)?);
                }
                Event::Open(_) if expected.is_nothing() => self.stream.skip()?,
                Event::Open(start) if answered => {
                    return Ok(self
                        .stream
                        .fail(format!("a second element, `{}`, stands in the body", start.name))?);
                }
                Event::Open(start) => {
                    self.root(&start, expected)?;
                    answered = true;
                }
                Event::Close if expected.is_nothing() => {
                    self.out.extend_from_slice(b"{}");
                    return Ok(());
                }
                Event::Close if answered => return Ok(()),
                Event::Close | Event::End => {
                    return Ok(self
                        .stream
                        .fail(format!("the body is empty; `{}` is expected", expected.name))?);
                }
            }
        }
    }

    fn root(&mut self, start: &Start, expected: &Element) -> Result<(), Malformed> {
        if start.name != *expected.name {
            let what = format!("`{}` stands in the body, where `{}` is expected", start.name, expected.name);
            return self.stream.fail(what);
        }
        if start.namespace != expected.namespace {
            return self.misplaced(start, expected);
        }
        self.element(start, expected)
    }

    fn misplaced<T>(&self, start: &Start, expected: &Element) -> Result<T, Malformed> {
        let shown =
            |namespace: Option<&str>| namespace.map_or("no namespace".to_owned(), |n| format!("`{n}`"));
        self.stream.fail(format!(
            "`{}` is of {}, where {} is expected",
            start.name,
            shown(start.namespace.as_deref()),
            shown(expected.namespace.as_deref())
        ))
    }

    /// An element whose start has been read, to its end.
    pub fn element(&mut self, start: &Start, element: &Element) -> Result<(), Malformed> {
        if start.is_nil() {
            self.out.extend_from_slice(b"null");
            return self.stream.skip();
        }
        match &element.content {
            Content::Simple(simple) => {
                let text = self.stream.text(&element.name)?;
                let text = element.default.as_deref().filter(|_| text.is_empty()).unwrap_or(&text);
                scalar(&mut self.out, simple, text);
                Ok(())
            }
            Content::Complex(declared) => {
                let id = self.said(start, *declared)?;
                self.complex(start, element, id, id != *declared)
            }
            Content::Any => match start.instance("type").and_then(|text| self.known(text)) {
                Some(id) => self.complex(start, element, id, true),
                None => plain::free(&mut self.stream, start, None, &mut self.out),
            },
        }
    }

    fn known(&self, text: &str) -> Option<TypeId> {
        let (namespace, name) = self.stream.qname(text)?;
        self.types.named.get(&(namespace?, name.into())).copied()
    }

    /// The type of an element: the declared one, or that which `xsi:type` says where it derives from it.
    fn said(&self, start: &Start, declared: TypeId) -> Result<TypeId, Malformed> {
        let said = start.instance("type").and_then(|text| self.known(text));
        match said.filter(|id| self.types.derives(*id, declared)) {
            Some(id) => Ok(id),
            None if self.types.get(declared).is_some_and(|complex| complex.is_abstract) => self
                .stream
                .fail(format!("`{}` has an abstract type, and does not say which is meant", start.name)),
            None => Ok(declared),
        }
    }

    fn complex(&mut self, start: &Start, element: &Element, id: TypeId, tell: bool) -> Result<(), Malformed> {
        let types = self.types;
        let Some(complex) = types.get(id) else { return self.stream.fail("a type is not known") };
        if let Some(simple) = &complex.text {
            let text = self.stream.text(&element.name)?;
            let text = element.default.as_deref().filter(|_| text.is_empty()).unwrap_or(&text);
            if complex.attributes.is_empty() && !tell {
                scalar(&mut self.out, simple, text);
                return Ok(());
            }
            let mut object = Object::new(&mut self.out);
            attributes(&mut object, start, complex, tell);
            scalar(object.member("$"), simple, text);
            object.end();
            return Ok(());
        }
        let from = self.out.len();
        let mut items: Vec<(usize, Range<usize>)> = Vec::new();
        let mut seen = vec![false; complex.fields.len()];
        let mut text = String::new();
        loop {
            let child = match self.stream.next(&mut text)? {
                Event::Open(child) => child,
                Event::Close => break,
                Event::End => return self.stream.fail("the text ends early"),
            };
            let Some(at) = complex.fields.iter().position(|field| *field.element.name == child.name) else {
                self.stream.skip()?;
                continue;
            };
            let Some(field) = complex.fields.get(at) else { continue };
            if field.element.namespace != child.namespace {
                // The same name of another namespace is another element, which a wildcard allows. Elsewhere
                // passing over it would lose a value in silence.
                if complex.open {
                    self.stream.skip()?;
                    continue;
                }
                return self.misplaced(&child, &field.element);
            }
            if !field.many && seen.get(at).copied().unwrap_or(false) {
                return self.stream.fail(format!("a second `{}` stands where one is declared", child.name));
            }
            if let Some(place) = seen.get_mut(at) {
                *place = true;
            }
            let begin = self.out.len();
            self.element(&child, &field.element)?;
            items.push((at, begin..self.out.len()));
        }
        let wordless = text.chars().all(character::is_white);
        if !wordless && !complex.mixed {
            return self.stream.fail(format!("a text stands in `{}`, which has elements only", element.name));
        }
        // In the order of the type, whatever the order in which they came.
        items.sort_by_key(|(at, _)| *at);
        let mut whole = Vec::with_capacity(self.out.len() - from + 64);
        let mut object = Object::new(&mut whole);
        attributes(&mut object, start, complex, tell);
        let mut items = items.into_iter().peekable();
        for (at, field) in complex.fields.iter().enumerate() {
            let first = items.next_if(|(item, _)| *item == at);
            if field.many {
                let out = object.member(&field.element.name);
                out.push(b'[');
                let mut next = first;
                while let Some((_, range)) = next {
                    out.extend_from_slice(self.out.get(range).unwrap_or_default());
                    next = items.next_if(|(item, _)| *item == at);
                    if next.is_some() {
                        out.push(b',');
                    }
                }
                out.push(b']');
            } else if let Some((_, range)) = first {
                let value = self.out.get(range).unwrap_or_default();
                object.member(&field.element.name).extend_from_slice(value);
            }
        }
        if !wordless {
            write::text(object.member("$"), text.trim());
        }
        object.end();
        self.out.truncate(from);
        self.out.extend_from_slice(&whole);
        Ok(())
    }
}

/// A text as what its type says.
pub(super) fn scalar(out: &mut Vec<u8>, simple: &Simple, text: &str) {
    match simple.json(text) {
        Json::Number(digits) => out.extend_from_slice(digits.as_bytes()),
        Json::Boolean(true) => out.extend_from_slice(b"true"),
        Json::Boolean(false) => out.extend_from_slice(b"false"),
        Json::Text(text) => write::text(out, &text),
    }
}

/// The declared attributes that are there, or have a default. `tell` says the type's name, too.
fn attributes(object: &mut Object<'_>, start: &Start, complex: &Complex, tell: bool) {
    if let (true, Some((_, name))) = (tell, &complex.name) {
        write::text(object.member("@xsi:type"), name);
    }
    for declared in &complex.attributes {
        let found =
            start.attributes.iter().find(|a| a.name == *declared.name && a.namespace == declared.namespace);
        if let Some(text) = found.map(|a| &*a.value).or(declared.default.as_deref()) {
            scalar(object.member(&format!("@{}", declared.name)), &declared.simple, text);
        }
    }
}

/// A JSON object that is being written.
pub(in crate::translate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl<'o> Object<'o> {
    pub fn new(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    /// Where the value of a member is to be written.
    pub fn member(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        write::text(self.out, name);
        self.out.push(b':');
        self.out
    }

    pub fn end(self) {
        self.out.push(b'}');
    }
}
