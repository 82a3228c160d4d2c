//! `Link` and `Location`: addresses under the configured public one, with the parameters as they were asked.

use crate::{
    backend::{self, Subject},
    pipeline::{
        arrive::{Arrived, Format},
        select::Selected,
        validate::Asked,
    },
    plan::{Plan, Resource},
    value::Brief,
};
use http::{HeaderName, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::{borrow::Cow, fmt::Write};

/// Room for the links of a usual list.
const ROOM: usize = 256;

/// What stands as it is in a query's value, so that links stay readable.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b',')
    .remove(b'(')
    .remove(b')')
    .remove(b'/')
    .remove(b'*');

/// What stands as it is in a path's segment: RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `first`, `prev`, `next` and `last`, as far as they are known (RFC 8288).
pub(super) fn links(
    plan: &Plan,
    selected: &Selected<'_>,
    answer: &backend::Answer,
) -> Option<(HeaderName, Cow<'static, str>)> {
    let Asked::List { limit, offset, .. } = &selected.validated.asked else { return None };
    let (limit, offset) = (u64::from(*limit), *offset);
    let arrived = &selected.validated.routed.arrived;
    let mut text = String::with_capacity(ROOM);
    let mut link = |offset: u64, relation: &str| {
        text.push_str(if text.is_empty() { "<" } else { ", <" });
        text.push_str(&plan.settings.public_url);
        path(&mut text, arrived);
        // Writing to a text does not fail.
        _ = write!(text, "?limit={limit}&offset={offset}");
        for (name, value) in arrived.query.iter().filter(|(name, _)| name != "limit" && name != "offset") {
            _ = write!(text, "&{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY));
        }
        _ = write!(text, ">; rel=\"{relation}\"");
    };
    let shown = answer.content.len() as u64;
    link(0, "first");
    if offset > 0 {
        link(offset.saturating_sub(limit), "prev");
    }
    match answer.total {
        Some(total) => {
            if offset + limit < total {
                link(offset + limit, "next");
            }
            // The last page of those that begin at whole multiples of the limit.
            link(total.saturating_sub(1) / limit * limit, "last");
        }
        None if shown == limit => link(offset + limit, "next"),
        None => {}
    }
    Some((header::LINK, text.into()))
}

/// The path as it was asked, the suffix of the format included.
fn path(text: &mut String, arrived: &Arrived) {
    for segment in &arrived.segments {
        text.push('/');
        text.push_str(segment);
    }
    if let Some(format) = arrived.suffix {
        text.push_str(match format {
            Format::Json => ".json",
            Format::Xml => ".xml",
        });
    }
}

/// Where a new record stands: its own address, whatever path it was made by.
pub(super) fn location(
    plan: &Plan,
    selected: &Selected<'_>,
    resource: &Resource,
    answer: &backend::Answer,
) -> Option<(HeaderName, Cow<'static, str>)> {
    let subject = Subject { resource, binding: &resource.binding };
    let key = answer.member(subject, 0, resource.key).ok()??;
    let own = resource.paths.first()?;
    let mut path = own.path.clone();
    if let Some((_, member)) = own.parent {
        // Of several parents it is the one that the record was made below.
        let named = || selected.validated.routed.parameters.first().map(Brief::new);
        let value = answer.member(subject, 0, member).ok()?.or_else(named)?;
        let (before, rest) = path.split_once('{')?;
        let (_, after) = rest.split_once('}')?;
        path = format!("{before}{}{after}", utf8_percent_encode(&value, SEGMENT));
    }
    let base = &selected.validated.routed.api.base;
    Some((
        header::LOCATION,
        format!("{}{base}{path}/{}", plan.settings.public_url, utf8_percent_encode(&key, SEGMENT)).into(),
    ))
}
