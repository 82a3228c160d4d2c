//! Public bodies: records, lists, shortcuts and refusals, with their tags and links. Nothing else makes one.
//! Code F6 where a record cannot be shown.

mod compose;
mod links;
mod refusal;

use super::{
    Body,
    arrive::{Format, Manner},
    execute::Found,
    select::Selected,
    validate::Asked,
};
use crate::{
    backend::{self, Content, Form, Subject, fault_in},
    fault::{Fault, code},
    plan::{Plan, Resource, Selection, contract::Label},
    translate::{
        Problem,
        show::Shown,
        sink::{Place, Sink, json::Json, xml::Xml},
        whole,
    },
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use http_body_util::Full;
use std::{borrow::Cow, sync::LazyLock};

/// An answer before it is HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(HeaderName, Cow<'static, str>)>,
    pub body: Bytes,
}

static RESPONSE_CODE: LazyLock<Label> = LazyLock::new(|| Label::new("response_code"));
static ITEM: LazyLock<Label> = LazyLock::new(|| Label::new("item"));
static METADATA: LazyLock<Label> = LazyLock::new(|| Label::new("metadata"));
static LIMIT: LazyLock<Label> = LazyLock::new(|| Label::new("limit"));
static OFFSET: LazyLock<Label> = LazyLock::new(|| Label::new("offset"));
static TOTAL: LazyLock<Label> = LazyLock::new(|| Label::new("totalCount"));

/// Room for a list's usual page; it grows where that is not enough.
const ROOM: usize = 8 * 1024;
/// As many headers as a usual answer has.
const HEADERS: usize = 8;

pub fn answer(plan: &Plan, selected: &Selected<'_>, found: &Found<'_>) -> Result<Answer, Fault> {
    let routed = &selected.validated.routed;
    let manner = routed.arrived.manner;
    let status = if matches!(found, Found::Record { created: true, .. }) { 201 } else { 200 };
    let mut headers = Vec::with_capacity(HEADERS);
    headers.push((header::CONTENT_TYPE, manner.format.media_type().into()));
    let read = matches!(routed.arrived.method, Method::GET | Method::HEAD);
    let body;
    if read {
        let tag;
        (body, tag) = printed(selected, found, status)?;
        let known = routed.arrived.if_none_match.as_deref().and_then(tags);
        let unchanged = known.is_some_and(|k| k.any || k.strong.contains(&tag) || k.weak.contains(&tag));
        headers.push((header::ETAG, tag.into()));
        headers.push((header::VARY, "Accept".into()));
        if let Found::List { answer, .. } = found {
            headers.extend(links::links(plan, selected, answer));
        }
        if unchanged && !manner.suppress {
            // Nothing follows whose type could be told.
            headers.retain(|(name, _)| *name != header::CONTENT_TYPE);
            return Ok(Answer { status: 304, headers, body: Bytes::new() });
        }
    } else {
        body = print(selected, found, status)?.into();
    }
    if !read && let Found::Record { resource, answer, created } = found {
        // The tag that guards the next write is that of the whole record in JSON, whatever form this answer has.
        if routed.operation != crate::plan::resource::Operation::Delete {
            let plain = manner.format == Format::Json && !manner.suppress;
            let same = plain && selected.selection == *routed.permit.view;
            let tag = if same { quoted(&body) } else { tag(resource, answer, &routed.permit.view)? };
            headers.push((header::ETAG, tag.into()));
        }
        if *created {
            headers.extend(links::location(plan, selected, resource, answer));
        }
    }
    Ok(Answer { status: shown_status(status, manner), headers, body })
}

/// The body and its tag: those that were printed before, where they would be the same.
fn printed(selected: &Selected<'_>, found: &Found<'_>, status: u16) -> Result<(Bytes, String), Fault> {
    let kept = match found {
        Found::List { answer, .. } | Found::Record { answer, .. } if answer.printed.is_some() => answer,
        _ => {
            let body = print(selected, found, status)?;
            let tag = quoted(&body);
            return Ok((body.into(), tag));
        }
    };
    let manner = selected.validated.routed.arrived.manner;
    let form = Form {
        members: selected.selection.words().to_vec(),
        xml: manner.format == Format::Xml,
        suppress: manner.suppress,
        stretch: match &selected.validated.asked {
            Asked::List { limit, offset, .. } => Some((*limit, *offset)),
            _ => None,
        },
    };
    if let Some(known) = kept.print(&form) {
        return Ok((known.body.clone(), known.tag.clone()));
    }
    let body = Bytes::from(print(selected, found, status)?);
    let tag = quoted(&body);
    kept.remember(form, &body, &tag);
    Ok((body, tag))
}

fn print(selected: &Selected<'_>, found: &Found<'_>, status: u16) -> Result<Vec<u8>, Fault> {
    match selected.validated.routed.arrived.manner.format {
        Format::Json => write(Json::with_capacity(ROOM), selected, found, status),
        Format::Xml => write(Xml::default(), selected, found, status),
    }
}

fn shown_status(status: u16, manner: Manner) -> u16 {
    if manner.suppress { 200 } else { status }
}

fn write<S: Sink>(
    mut sink: S,
    selected: &Selected<'_>,
    found: &Found<'_>,
    status: u16,
) -> Result<Vec<u8>, Fault> {
    let manner = selected.validated.routed.arrived.manner;
    sink.begin_object(Place::Root);
    if manner.suppress {
        sink.number(Place::Member(&RESPONSE_CODE), &status.to_string());
    }
    match found {
        Found::List { resource, answer } => list(&mut sink, selected, resource, answer)?,
        Found::Record { resource, answer, .. } => {
            members(&mut sink, subject(resource), answer, 0, &selected.selection)?;
        }
        Found::Shortcut(composed) => compose::members(&mut sink, composed, &selected.selection)?,
    }
    sink.end_object(Place::Root);
    Ok(sink.into_bytes())
}

fn subject(resource: &Resource) -> Subject<'_> {
    Subject { resource, binding: &resource.binding }
}

fn list<S: Sink>(
    sink: &mut S,
    selected: &Selected<'_>,
    resource: &Resource,
    answer: &backend::Answer,
) -> Result<(), Fault> {
    let place = Place::Member(&resource.plural_label);
    let item = Place::Item(&resource.plural_label);
    sink.begin_list(place);
    for at in 0..answer.content.len() {
        sink.begin_object(item);
        members(sink, subject(resource), answer, at, &selected.selection)?;
        sink.end_object(item);
    }
    sink.end_list(place);
    sink.begin_object(Place::Member(&METADATA));
    if let Asked::List { limit, offset, .. } = &selected.validated.asked {
        sink.number(Place::Member(&LIMIT), &limit.to_string());
        sink.number(Place::Member(&OFFSET), &offset.to_string());
    }
    if let Some(total) = answer.total {
        sink.number(Place::Member(&TOTAL), &total.to_string());
    }
    sink.end_object(Place::Member(&METADATA));
    Ok(())
}

/// The members of one record of an answer; the caller has begun the object.
fn members<S: Sink>(
    sink: &mut S,
    subject: Subject<'_>,
    answer: &backend::Answer,
    at: usize,
    selection: &Selection,
) -> Result<(), Fault> {
    match &answer.content {
        Content::Slots { rows, .. } => {
            let (Some(shown), Some(row)) = (answer.shown(subject), rows.get(at)) else { return Ok(()) };
            identified(subject, &shown, *row, selection)?;
            shown.members(*row, selection, sink).map_err(|problem| fault_in(subject, &problem))
        }
        Content::Values(values) => {
            let Some(value) = values.get(at) else { return Ok(()) };
            let contract = &subject.resource.contract;
            whole::members(contract, contract.top(), value, selection, sink)
                .map_err(|what| Fault::plain(&code::CANNOT_TRANSLATE).detail(what))
        }
    }
}

/// An id that could not be asked for again is not shown: it is a fault of that answer (PUBLIC-API, "ids").
fn identified(subject: Subject<'_>, shown: &Shown<'_>, row: u32, selection: &Selection) -> Result<(), Fault> {
    let resource = subject.resource;
    if !resource.keyed || !selection.has(resource.key) {
        return Ok(());
    }
    let key = shown.value(row, resource.key).map_err(|problem| fault_in(subject, &problem))?;
    if key.as_deref().is_none_or(super::route::is_id) {
        return Ok(());
    }
    let place = resource.contract.get(resource.key).map_or_else(String::new, |key| key.path.to_string());
    let found = "a text with a character that no id has".to_owned();
    let expected = "letters, digits, `_`, `~` and `-`";
    Err(fault_in(subject, &Problem::Misfit { place, found, expected }))
}

/// A record in JSON, as far as it is selected.
pub fn part(subject: Subject<'_>, answer: &backend::Answer, selection: &Selection) -> Result<Vec<u8>, Fault> {
    let mut sink = Json::with_capacity(ROOM);
    sink.begin_object(Place::Root);
    members(&mut sink, subject, answer, 0, selection)?;
    sink.end_object(Place::Root);
    Ok(sink.into_bytes())
}

/// All records of an answer as a list in JSON, as far as they are selected.
pub fn parts(resource: &Resource, answer: &backend::Answer, selection: &Selection) -> Result<Vec<u8>, Fault> {
    let mut sink = Json::with_capacity(ROOM);
    sink.begin_list(Place::Root);
    for at in 0..answer.content.len() {
        sink.begin_object(Place::Item(&ITEM));
        members(&mut sink, subject(resource), answer, at, selection)?;
        sink.end_object(Place::Item(&ITEM));
    }
    sink.end_list(Place::Root);
    Ok(sink.into_bytes())
}

/// The whole record in JSON.
pub fn whole(resource: &Resource, answer: &backend::Answer) -> Result<Vec<u8>, Fault> {
    part(subject(resource), answer, &resource.all)
}

/// The tag of all that exists of a record for the caller, in JSON: what `If-Match` is about.
pub fn tag(resource: &Resource, answer: &backend::Answer, view: &Selection) -> Result<String, Fault> {
    part(subject(resource), answer, view).map(|bytes| quoted(&bytes))
}

/// A strong entity tag (RFC 9110, section 8.8.3) of a body: its XXH3 of 128 bits, the same on every machine.
fn quoted(body: &[u8]) -> String {
    format!("\"{:032x}\"", xxhash_rust::xxh3::xxh3_128(body))
}

/// The tags of a precondition.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// `*`.
    pub any: bool,
    /// With their quotes.
    pub strong: Vec<String>,
    /// With their quotes, without `W/`.
    pub weak: Vec<String>,
}

/// Reads `If-Match` or `If-None-Match`; `None` where it is malformed.
pub fn tags(text: &str) -> Option<Tags> {
    let mut tags = Tags::default();
    if text.trim() == "*" {
        tags.any = true;
        return Some(tags);
    }
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (weak, inner) = rest.strip_prefix("W/").map_or((false, rest), |r| (true, r));
        let body = inner.strip_prefix('"')?;
        let end = body.find('"')?;
        let tag = inner.get(..end + 2)?.to_owned();
        if weak {
            tags.weak.push(tag);
        } else {
            tags.strong.push(tag);
        }
        rest = body.get(end + 1..)?.trim_start();
        if !rest.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start();
            if rest.is_empty() {
                return None;
            }
        }
    }
    (!tags.strong.is_empty() || !tags.weak.is_empty()).then_some(tags)
}

impl Answer {
    pub fn into_response(self, method: &Method) -> Response<Body> {
        let length = self.body.len();
        let body = if *method == Method::HEAD { Bytes::new() } else { self.body };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // With those that the edge adds to every answer.
        response.headers_mut().reserve(self.headers.len() + HEADERS);
        for (name, value) in self.headers {
            let value = match value {
                Cow::Borrowed(word) => HeaderValue::from_maybe_shared(Bytes::from_static(word.as_bytes())),
                Cow::Owned(text) => HeaderValue::try_from(text),
            };
            if let Ok(value) = value {
                response.headers_mut().append(name, value);
            }
        }
        if *method == Method::HEAD {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        let nosniff = HeaderValue::from_static("nosniff");
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preconditions_are_read() {
        assert!(tags("*").unwrap().any);
        let read = tags("\"a\", W/\"b\" ,\"c,d\"").unwrap();
        assert_eq!(read.strong, ["\"a\"", "\"c,d\""]);
        assert_eq!(read.weak, ["\"b\""]);
        for text in ["", "a", "\"a", "\"a\",", "\"a\" \"b\"", "W/a"] {
            assert_eq!(tags(text), None, "{text}");
        }
    }
}
