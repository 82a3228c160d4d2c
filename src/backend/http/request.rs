//! Requests made of templates: every value goes through an encoder, and nothing else of a caller does.

use super::{Outgoing, graphql};
use crate::{
    backend::Subject,
    fault::{Fault, code},
    plan::{
        HttpSource,
        convert::Op,
        http::{Call, Dialect, Format, HttpMeans, Method, Piece, Target, Template, call::Json},
        reading::Fill,
    },
    translate::soap::soap_action,
    value::{Brief, Value, path::Path, time::Moment},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{borrow::Cow, collections::HashMap, ops::Deref};

/// What an address mostly takes behind its source's own.
const ROOM: usize = 128;
/// As many headers as a call mostly has, with those that are added on its way.
const HEADERS: usize = 4;
/// Everything but RFC 3986's unreserved characters is encoded, in paths and queries alike.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Brackets and `$` are left as they are in names: systems that use them do not all decode names.
const NAMES: &AsciiSet = &UNRESERVED.remove(b'[').remove(b']').remove(b'$');

pub(super) fn encode(text: &str) -> String {
    let mut out = String::new();
    push(&mut out, text, UNRESERVED);
    out
}

fn push(out: &mut String, text: &str, encoded: &'static AsciiSet) {
    // A segment of dots alone would be a step up; its dots are encoded.
    if text.bytes().all(|b| b == b'.') {
        out.extend(text.chars().map(|_| "%2E"));
    } else {
        out.extend(utf8_percent_encode(text, encoded));
    }
}

/// A parameter, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameter {
    pub target: Target,
    pub value: Value,
}

impl Parameter {
    pub(super) fn new(target: &Target, value: Value) -> Self {
        Self { target: target.clone(), value }
    }
}

/// A record's key in the source's form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key<'a> {
    /// The name of its place.
    pub place: &'a str,
    pub text: &'a str,
    /// The source has a number there.
    pub number: bool,
}

/// The name of the key's place, and whether the source has a number there.
pub(super) fn named_key(subject: Subject<'_>, means: &HttpMeans) -> (String, bool) {
    let leaf = subject.binding.reading.leaf(subject.resource.key);
    let number = matches!(leaf.map(|l| &l.fill), Some(Fill::Slot(_, c)) if c.write.contains(&Op::Number));
    (super::key_path(subject, means).to_string(), number)
}

/// The record in the source's form. A write that prints it makes it a tree only where somebody looks into it.
pub(super) type Sent<'a> = dyn Deref<Target = Value> + Send + Sync + 'a;

/// What a call's blanks are filled with.
#[derive(Clone, Copy, Default)]
pub(super) struct Inputs<'a> {
    pub key: Option<Key<'a>>,
    /// Values that earlier calls gave.
    pub kept: &'a [(String, Value)],
    /// What is sent, as a document in the source's form.
    pub sent: Option<&'a Sent<'a>>,
    /// The answer of a login.
    pub answer: Option<&'a Value>,
    /// What the call is asked with: a filter's value may be a blank anywhere in it.
    pub asked: &'a [Parameter],
}

impl Inputs<'_> {
    fn find(&self, name: &str) -> Option<Value> {
        let is_it = |p: &&Parameter| matches!(&p.target, Target::Path(blank) if blank == name);
        if let Some(own) = self.asked.iter().find(is_it) {
            return Some(own.value.clone());
        }
        if let Some((_, value)) = self.kept.iter().find(|(known, _)| known == name) {
            return Some(value.clone());
        }
        if let Some(key) = self.key
            && (name == "key" || name == key.place)
        {
            let text = key.text.into();
            return Some(if key.number { Value::Number(text) } else { Value::Text(text) });
        }
        let path = Path::parse(name).ok()?;
        self.sent.and_then(|sent| sent.follow(&path)).or_else(|| self.answer?.follow(&path)).cloned()
    }
}

/// What a call sends.
pub(super) enum Body<'a> {
    None,
    Tree(&'a Value),
    /// Of JSON, printed.
    Text(Bytes),
}

/// A call that is being made.
pub(super) struct Draft<'a> {
    pub source: &'a HttpSource,
    pub dialect: &'a Dialect,
    pub secrets: &'a HashMap<String, String>,
    pub now: Moment,
    pub call: &'a Call,
    pub inputs: Inputs<'a>,
    pub parameters: &'a [Parameter],
    /// The record that is sent.
    pub record: Option<&'a Sent<'a>>,
    /// The places of the answer that are read, for a document that names them.
    pub wanted: &'a [Path],
}

impl Draft<'_> {
    /// The request, without what proves who calls.
    pub(super) fn outgoing(&self) -> Result<Outgoing, Fault> {
        match self.body()? {
            Some(body) => self.sending(Body::Tree(&body)),
            None => self.sending(Body::None),
        }
    }

    /// The same, with the document that [`Self::body`] has made, or its text.
    pub(super) fn sending(&self, sent: Body<'_>) -> Result<Outgoing, Fault> {
        let mut url = String::with_capacity(self.source.address.len() + ROOM);
        url.push_str(&self.source.address);
        self.path(&self.call.path, &mut url)?;
        let mut first = true;
        let fixed = self.dialect.always.query.iter().chain(&self.call.query);
        for (name, template) in fixed {
            append(&mut url, &mut first, name, &self.said(template)?);
        }
        for parameter in self.parameters {
            if let Target::Query(name) = &parameter.target {
                append(&mut url, &mut first, name, &plain(&parameter.value));
            }
        }
        let mut headers: Vec<(Brief, Brief)> = Vec::with_capacity(HEADERS);
        headers.push((Brief::const_new("accept"), accept(&self.dialect.format).into()));
        for (name, template) in self.dialect.always.headers.iter().chain(&self.call.headers) {
            headers.retain(|(known, _)| known != name);
            headers.push((Brief::new(name), header_value(&self.said(template)?)?));
        }
        for parameter in self.parameters {
            if let Target::Header(name) = &parameter.target {
                headers.push((Brief::new(name), header_value(&plain(&parameter.value))?));
            }
        }
        let encoded = match sent {
            Body::None => None,
            Body::Tree(body) => Some(self.encoded(body).map(|(kind, bytes)| (kind.into(), bytes.into()))?),
            Body::Text(text) => Some((Brief::const_new("application/json"), text)),
        };
        let body = match encoded {
            None => None,
            Some((content_type, bytes)) => {
                if !headers.iter().any(|(name, _)| name == "content-type") {
                    headers.push((Brief::const_new("content-type"), content_type));
                }
                if let Some(action) = self.call.soap.as_ref().and_then(|soap| soap_action(&soap.0)) {
                    headers.push(("soapaction".into(), action.into()));
                }
                Some(bytes)
            }
        };
        Ok(Outgoing {
            method: self.call.method.as_str(),
            url,
            headers,
            body,
            deadline: tokio::time::Instant::now(),
            limit: 0,
        })
    }

    /// The document that is sent; `None` where a call has none.
    pub(super) fn body(&self) -> Result<Option<Cow<'_, Value>>, Fault> {
        let record: Option<&Value> = self.record.filter(|_| !self.call.apart).map(|record| &**record);
        let mut there = record.is_some() || !self.call.carries.is_empty() || self.call.graphql.is_some();
        there |= self.call.soap.is_some() || self.dialect.format == Format::XmlRpc;
        there |= self.parameters.iter().any(|p| matches!(p.target, Target::Body(_)));
        there |= self.call.method != Method::Get && !self.dialect.always.body.is_empty();
        if !there {
            return Ok(None);
        }
        let mut carried = self.dialect.always.body.iter().chain(&self.call.carries).peekable();
        let beside = self.parameters.iter().any(|p| matches!(p.target, Target::Body(_)));
        if let Some(record @ Value::Object(_)) = record
            && self.call.inside.0.is_empty()
            && carried.peek().is_none()
            && !beside
            && self.call.graphql.is_none()
        {
            return Ok(Some(Cow::Borrowed(record)));
        }
        let mut body = Value::Object(Vec::new());
        for (path, json) in carried {
            body.put(&path.0, self.json(json)?);
        }
        if let Some(record) = record {
            // The record's members stand beside what every body carries, also within the same object.
            if self.call.inside.0.is_empty() {
                body.overlay(record.clone());
            } else if let Some(place) = body.follow(&self.call.inside).cloned() {
                let mut place = place;
                place.overlay(record.clone());
                body.put(&self.call.inside.0, place);
            } else {
                body.put(&self.call.inside.0, record.clone());
            }
        }
        for parameter in self.parameters {
            if let Target::Body(path) = &parameter.target {
                add(&mut body, path, parameter.value.clone());
            }
        }
        if let Some(graphql) = &self.call.graphql {
            let text = graphql::document(graphql, self.wanted, body.get("variables"));
            body.set("query", Value::Text(text.into()));
        }
        Ok(Some(Cow::Owned(body)))
    }

    fn encoded(&self, body: &Value) -> Result<(String, Vec<u8>), Fault> {
        if self.call.form {
            return Ok(("application/x-www-form-urlencoded".into(), form(body).into_bytes()));
        }
        super::codec::encode(self.dialect, self.call, body, self.secrets, self.now).map_err(|what| {
            Fault::plain(&code::INTERNAL).detail(format!("call `{}`: {what}", self.call.name))
        })
    }

    fn missing(&self, name: &str) -> Fault {
        Fault::plain(&code::INTERNAL).detail(format!("call `{}`: nothing supplies `{name}`", self.call.name))
    }

    /// A path: each blank is one segment, or a part of one.
    fn path(&self, template: &Template, out: &mut String) -> Result<(), Fault> {
        for piece in &template.0 {
            match piece {
                Piece::Literal(text) => out.push_str(text),
                Piece::Input(name) => {
                    let value = self.inputs().find(name);
                    push(out, &plain(&value.ok_or_else(|| self.missing(name))?), UNRESERVED);
                }
                other => push(out, &self.piece(other)?, UNRESERVED),
            }
        }
        Ok(())
    }

    fn inputs(&self) -> Inputs<'_> {
        Inputs { asked: self.parameters, ..self.inputs }
    }

    /// A template's text; most have no blank.
    fn said<'t>(&self, template: &'t Template) -> Result<Cow<'t, str>, Fault> {
        if let [Piece::Literal(text)] = template.0.as_slice() {
            return Ok(Cow::Borrowed(text));
        }
        let text = text(template, &self.inputs(), self.secrets);
        text.map(Cow::Owned).map_err(|name| self.missing(&name))
    }

    fn piece(&self, piece: &Piece) -> Result<String, Fault> {
        piece_text(piece, &self.inputs(), self.secrets).map_err(|name| self.missing(&name))
    }

    fn json(&self, json: &Json) -> Result<Value, Fault> {
        Ok(match json {
            Json::Plain(value) => value.clone(),
            Json::Text(Template(pieces)) => match pieces.as_slice() {
                // One blank alone takes the value with its type.
                [Piece::Input(name)] => self.inputs().find(name).ok_or_else(|| self.missing(name))?,
                pieces => {
                    let mut all = String::new();
                    for piece in pieces {
                        all.push_str(&self.piece(piece)?);
                    }
                    Value::Text(all.into())
                }
            },
            Json::List(items) => Value::List(items.iter().map(|i| self.json(i)).collect::<Result<_, _>>()?),
            Json::Object(members) => {
                let members = members.iter().map(|(n, v)| Ok((n.as_str().into(), self.json(v)?)));
                Value::Object(members.collect::<Result<_, Fault>>()?)
            }
        })
    }
}

/// A template's text; the name that nothing supplies where one is missing.
pub(super) fn text(
    template: &Template,
    inputs: &Inputs<'_>,
    secrets: &HashMap<String, String>,
) -> Result<String, String> {
    template.0.iter().map(|piece| piece_text(piece, inputs, secrets)).collect()
}

fn piece_text(
    piece: &Piece,
    inputs: &Inputs<'_>,
    secrets: &HashMap<String, String>,
) -> Result<String, String> {
    match piece {
        Piece::Literal(text) => Ok(text.clone()),
        Piece::Input(name) => {
            inputs.find(name).map(|value| plain(&value).into_owned()).ok_or_else(|| name.clone())
        }
        Piece::Sum(name, more) => {
            let found = inputs.find(name).ok_or_else(|| name.clone())?;
            let sum = plain(&found).parse::<i64>().ok().and_then(|number| number.checked_add(*more));
            sum.map(|sum| sum.to_string()).ok_or_else(|| name.clone())
        }
        Piece::Credential(name) => secrets.get(name).cloned().ok_or_else(|| name.clone()),
        Piece::Base64(inner) => {
            let inner: Result<String, String> =
                inner.iter().map(|piece| piece_text(piece, inputs, secrets)).collect();
            inner.map(|text| STANDARD.encode(text))
        }
    }
}

/// A value as text: scalars as they are, all else as JSON.
pub(super) fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        value => value.scalar().map_or_else(|| Cow::Owned(value.to_json()), Cow::Borrowed),
    }
}

/// What a header cannot hold is refused, and does not split it.
pub(super) fn header_value(text: &str) -> Result<Brief, Fault> {
    if text.bytes().all(|b| b == b'\t' || (0x20..0x7f).contains(&b)) {
        return Ok(text.into());
    }
    Err(Fault::plain(&code::REFUSED_BEHIND).detail("a value cannot stand in a header"))
}

/// Puts a parameter into a body: objects of conditions are joined, lists grow.
fn add(body: &mut Value, path: &Path, value: Value) {
    match (body.follow(path).cloned(), value) {
        (Some(mut there @ Value::Object(_)), value @ Value::Object(_)) => {
            there.overlay(value);
            body.put(&path.0, there);
        }
        (Some(Value::List(mut items)), Value::List(more)) => {
            items.extend(more);
            body.put(&path.0, Value::List(items));
        }
        (_, value) => body.put(&path.0, value),
    }
}

fn append(url: &mut String, first: &mut bool, name: &str, value: &str) {
    url.push(if *first { '?' } else { '&' });
    *first = false;
    push(url, name, NAMES);
    url.push('=');
    push(url, value, UNRESERVED);
}

fn form(body: &Value) -> String {
    let Value::Object(members) = body else { return String::new() };
    let pairs = members.iter().filter(|(_, value)| !value.is_null());
    pairs
        .map(|(name, value)| format!("{}={}", encode(name), encode(&plain(value))))
        .collect::<Vec<_>>()
        .join("&")
}

fn accept(format: &Format) -> &'static str {
    match format {
        Format::Json => "application/json",
        Format::Xml { .. } | Format::XmlRpc => "application/xml, text/xml",
        Format::Soap => "application/soap+xml, text/xml",
    }
}

/// The request line, for people.
pub(super) fn line(source: &HttpSource, call: &Call, outgoing: &Outgoing) -> String {
    let path = outgoing.url.strip_prefix(&source.address).unwrap_or(&outgoing.url);
    said(source, call, outgoing.method, path)
}

/// Method and path below the source's address. Operations of a described service have one path, that of the service:
/// which one is meant its name says.
pub(super) fn said(source: &HttpSource, call: &Call, method: &str, path: &str) -> String {
    match &call.soap {
        None => format!("{method} {path}"),
        Some(described) => {
            let address = source.address.split_once("://").map_or("", |(_, rest)| rest);
            let base = address.find('/').and_then(|at| address.get(at..)).unwrap_or("/");
            format!("{method} {base}{path} {}", described.0.name)
        }
    }
}

/// A path that leads into what stands at another one.
pub(super) fn joined(outer: &Path, inner: &Path) -> Path {
    Path(outer.0.iter().chain(&inner.0).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_cannot_leave_its_segment() {
        assert_eq!(encode("../../admin?x=1#y"), "..%2F..%2Fadmin%3Fx%3D1%23y");
        assert_eq!(encode(".."), "%2E%2E");
        assert_eq!(encode("São 1"), "S%C3%A3o%201");
    }

    #[test]
    fn a_header_cannot_be_split() {
        assert!(header_value("abc\r\nX-Admin: 1").is_err());
        assert!(header_value("v 1.0").is_ok());
    }
}
