//! Requests made of templates: every value goes through an encoder, and nothing else of a caller does.

use super::Outgoing;
use crate::{
    backend::{Ask, Subject},
    plan::{
        HttpSource, Selection,
        http::{Call, HttpMeans, Paging, Piece, Size},
        reading::Fill,
        resource::SortKey,
    },
    translate::{
        Surroundings,
        compare::{Filter, Operator},
        convert::uncook,
    },
    value::Value,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but RFC 3986's unreserved characters is encoded, in paths and queries alike.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(super) fn encode(text: &str) -> String {
    // A segment of dots alone would be a step up; its dots are encoded.
    if text.bytes().all(|b| b == b'.') {
        return text.replace('.', "%2E");
    }
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A call with its own parameters and these.
pub(super) fn with(source: &HttpSource, call: &Call, key: &str, parameters: &[(String, String)]) -> Outgoing {
    let mut url = source.address.clone();
    for piece in &call.path {
        match piece {
            Piece::Literal(text) => url.push_str(text),
            Piece::Slot(..) => url.push_str(&encode(key)),
        }
    }
    for (at, (name, value)) in call.query.iter().chain(parameters).enumerate() {
        url.push(if at == 0 { '?' } else { '&' });
        // Brackets are left as they are: systems that use them do not all decode names.
        url.push_str(&encode(name).replace("%5B", "[").replace("%5D", "]"));
        url.push('=');
        url.push_str(&encode(value));
    }
    let headers = vec![("accept".to_owned(), "application/json".to_owned())];
    Outgoing {
        method: call.method.as_str(),
        url,
        headers,
        body: None,
        deadline: tokio::time::Instant::now(),
        limit: 0,
    }
}

/// A call about one record.
pub(super) fn keyed(source: &HttpSource, call: &Call, key: &str) -> Outgoing {
    with(source, call, key, &[])
}

/// The request line, for people.
pub(super) fn line(source: &HttpSource, outgoing: &Outgoing) -> String {
    let path = outgoing.url.strip_prefix(&source.address).unwrap_or(&outgoing.url);
    format!("{} {path}", outgoing.method)
}

/// A public key in the source's form; `None` where it can have none.
pub(super) fn key_place(
    subject: Subject<'_>,
    means: &HttpMeans,
    key: &str,
    around: &Surroundings,
) -> Option<String> {
    let leaf = subject.binding.reading.leaf(subject.resource.key)?;
    let Fill::Slot(slot, chain) = &leaf.fill else { return None };
    debug_assert_eq!(*slot, means.key);
    uncook(&Value::Text(key.to_owned()), chain, around).ok()?.scalar().map(str::to_owned)
}

/// What a list's call carries: filters and order as far as the source does them, and what is left to do here.
pub(super) struct Pushed {
    pub parameters: Vec<(String, String)>,
    pub filters_left: Vec<Filter>,
    pub sort_left: bool,
}

pub(super) fn push(subject: Subject<'_>, means: &HttpMeans, ask: &Ask<'_>, around: &Surroundings) -> Pushed {
    let mut parameters = Vec::new();
    let mut filters_left = Vec::new();
    let Some(list) = &means.list else { return Pushed { parameters, filters_left, sort_left: false } };
    for filter in ask.filters {
        let known = list.filters.iter().find(|p| p.member == filter.member);
        let Some((pushed, values)) = known.and_then(|p| Some((p, values(subject, filter, around)?))) else {
            filters_left.push(filter.clone());
            continue;
        };
        let taken = parameters.iter().any(|(name, _)| *name == pushed.parameter);
        let any = pushed.any.as_deref();
        let clear = values.iter().all(|value| means_one(value, any));
        let value = match (values.as_slice(), any) {
            (_, _) if taken || !clear || filter.operator != Operator::Equal => None,
            ([one], _) => Some(one.clone()),
            (several, Some(any)) => Some(several.join(any)),
            _ => None,
        };
        match value {
            Some(value) => parameters.push((pushed.parameter.clone(), value)),
            None => filters_left.push(filter.clone()),
        }
    }
    let sorts = ask.order.iter().map(|key| sort_parameter(list, means, *key)).collect::<Option<Vec<_>>>();
    let sort_left = sorts.is_none();
    parameters.extend(sorts.unwrap_or_default());
    Pushed { parameters, filters_left, sort_left }
}

/// Whether a value can mean nothing but itself there: to a column of numbers `066`, `+66` and ` 66` are 66, and in a
/// parameter that takes several values a separator or a quote is no letter. Others are compared here instead.
fn means_one(value: &str, any: Option<&str>) -> bool {
    let another_number = value.starts_with(['+', '-'])
        || (value.len() > 1 && value.starts_with('0') && value.bytes().all(|b| b.is_ascii_digit()));
    let in_list = any.is_some_and(|any| value.contains(any) || value.contains(['"', '\'']));
    !(value.is_empty() || value.trim() != value || another_number || in_list)
}

fn sort_parameter(
    list: &crate::plan::http::List,
    means: &HttpMeans,
    key: SortKey,
) -> Option<(String, String)> {
    let (_, parameter) = list.sorts.iter().find(|(member, _)| *member == key.member)?;
    let direction = if key.descending { &means.dialect.descending } else { &means.dialect.ascending };
    Some((parameter.clone(), direction.clone()))
}

/// A filter's values in the source's form; `None` where one has none.
fn values(subject: Subject<'_>, filter: &Filter, around: &Surroundings) -> Option<Vec<String>> {
    let leaf = subject.binding.reading.leaf(filter.member)?;
    let Fill::Slot(_, chain) = &leaf.fill else { return None };
    let kind = &leaf.kind;
    let back = |text: &String| {
        let value = match kind {
            crate::plan::Kind::Boolean => Value::Bool(text == "true"),
            crate::plan::Kind::Number(_) | crate::plan::Kind::Integer => Value::Number(text.clone()),
            _ => Value::Text(text.clone()),
        };
        uncook(&value, chain, around).ok()?.scalar().map(str::to_owned)
    };
    filter.values.iter().map(back).collect()
}

/// A stretch of pages that holds the wanted rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pages {
    /// The first page, counted from 0.
    pub first: u64,
    pub count: u64,
    pub size: u32,
}

/// Among the sizes that the source takes, the one that touches the fewest pages, then the fewest rows.
pub(super) fn pages(paging: &Paging, offset: u64, limit: u32) -> Pages {
    let touched = |size: u32| {
        let first = offset / u64::from(size);
        let last = (offset + u64::from(limit.max(1)) - 1) / u64::from(size);
        Pages { first, count: last - first + 1, size }
    };
    match paging.size {
        Size::Fixed(size) => touched(size),
        Size::UpTo(most) => {
            let sizes = (1..=most).map(touched);
            let best = sizes.min_by_key(|p| (p.count, p.count * u64::from(p.size)));
            best.unwrap_or_else(|| touched(most.max(1)))
        }
    }
}

/// The parameters of one page.
pub(super) fn page(paging: &Paging, number: u64, size: u32) -> Vec<(String, String)> {
    let mut parameters = vec![(paging.page.clone(), (number + u64::from(paging.first)).to_string())];
    if let Some(name) = &paging.size_parameter {
        parameters.push((name.clone(), size.to_string()));
    }
    parameters
}

/// The places of a record that a selection needs, for people.
pub(super) fn places(subject: Subject<'_>, selection: &Selection) -> Vec<String> {
    let needed = subject.binding.reading.needed(selection);
    let level = subject.binding.reading.levels.first().zip(needed.first());
    level.map_or_else(Vec::new, |(level, needed)| {
        level.places.iter().zip(needed).filter(|(_, n)| **n).map(|(p, _)| p.to_string()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paging(size: Size) -> Paging {
        Paging { page: "page".into(), first: 0, size, size_parameter: None }
    }

    #[test]
    fn the_fewest_pages_then_the_fewest_rows() {
        for (size, offset, limit, expected) in [
            (Size::Fixed(20), 0, 10, (0, 1, 20)),
            (Size::Fixed(20), 15, 10, (0, 2, 20)),
            (Size::Fixed(20), 395, 10, (19, 2, 20)),
            (Size::Fixed(25), 113, 37, (4, 2, 25)),
            (Size::UpTo(100), 0, 10, (0, 1, 10)),
            (Size::UpTo(100), 113, 37, (1, 1, 75)),
            (Size::UpTo(10), 5, 10, (0, 2, 8)),
            (Size::UpTo(100), 7, 3, (2, 2, 3)),
        ] {
            let found = pages(&paging(size), offset, limit);
            assert!(found.first * u64::from(found.size) <= offset);
            assert!((found.first + found.count) * u64::from(found.size) >= offset + u64::from(limit));
            if matches!(size, Size::Fixed(_)) {
                assert_eq!((found.first, found.count, found.size), expected, "{size:?} {offset} {limit}");
            } else {
                assert!(found.count <= expected.1, "{size:?} {offset} {limit}: {found:?}");
            }
        }
    }

    #[test]
    fn a_key_cannot_leave_its_segment() {
        assert_eq!(encode("../../admin?x=1#y"), "..%2F..%2Fadmin%3Fx%3D1%23y");
        assert_eq!(encode(".."), "%2E%2E");
        assert_eq!(encode("São 1"), "S%C3%A3o%201");
    }
}
