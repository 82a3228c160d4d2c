//! `Link` and `Location`: addresses under the configured public one, with the parameters as they were asked.

use crate::{
    backend::{self, Subject},
    pipeline::{select::Selected, validate::Asked},
    plan::{Plan, Resource},
};
use http::{HeaderName, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

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
) -> Option<(HeaderName, String)> {
    let Asked::List { limit, offset, .. } = &selected.validated.asked else { return None };
    let (limit, offset) = (u64::from(*limit), *offset);
    let arrived = &selected.validated.routed.arrived;
    let kept: Vec<String> = arrived
        .query
        .iter()
        .filter(|(name, _)| name != "limit" && name != "offset")
        .map(|(name, value)| {
            format!("&{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
        })
        .collect();
    let kept = kept.concat();
    let path = path(selected);
    let link = |offset: u64, relation: &str| {
        format!(
            "<{}{path}?limit={limit}&offset={offset}{kept}>; rel=\"{relation}\"",
            plan.settings.public_url
        )
    };
    let shown = answer.content.len() as u64;
    let mut all = vec![link(0, "first")];
    if offset > 0 {
        all.push(link(offset.saturating_sub(limit), "prev"));
    }
    match answer.total {
        Some(total) => {
            if offset + limit < total {
                all.push(link(offset + limit, "next"));
            }
            // The last page of those that begin at whole multiples of the limit.
            all.push(link(total.saturating_sub(1) / limit * limit, "last"));
        }
        None if shown == limit => all.push(link(offset + limit, "next")),
        None => {}
    }
    Some((header::LINK, all.join(", ")))
}

/// The path as it was asked, the suffix of the format included.
fn path(selected: &Selected<'_>) -> String {
    let arrived = &selected.validated.routed.arrived;
    let mut path: String = arrived.segments.iter().fold(String::new(), |all, s| all + "/" + s);
    if let Some(format) = arrived.suffix {
        path.push_str(match format {
            crate::pipeline::arrive::Format::Json => ".json",
            crate::pipeline::arrive::Format::Xml => ".xml",
        });
    }
    path
}

/// Where a new record stands: its own address, whatever path it was made by.
pub(super) fn location(
    plan: &Plan,
    selected: &Selected<'_>,
    resource: &Resource,
    answer: &backend::Answer,
) -> Option<(HeaderName, String)> {
    let subject = Subject { resource, binding: &resource.binding };
    let key = answer.member(subject, 0, resource.key).ok()??;
    let own = resource.paths.first()?;
    let mut path = own.path.clone();
    if let Some((_, member)) = own.parent {
        // Of several parents it is the one that the record was made below.
        let named = || selected.validated.routed.parameters.first().cloned();
        let value = answer.member(subject, 0, member).ok()?.or_else(named)?;
        let (before, rest) = path.split_once('{')?;
        let (_, after) = rest.split_once('}')?;
        path = format!("{before}{}{after}", utf8_percent_encode(&value, SEGMENT));
    }
    let base = &selected.validated.routed.api.base;
    Some((
        header::LOCATION,
        format!("{}{base}{path}/{}", plan.settings.public_url, utf8_percent_encode(&key, SEGMENT)),
    ))
}
