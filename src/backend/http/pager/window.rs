//! Windows: which pages hold a stretch of rows, and how a page is asked for.

use super::At;
use crate::{
    backend::http::request::Parameter,
    plan::http::{Pages, Paging, Size},
    value::Value,
};
use compact_str::ToCompactString as _;

/// A page that is to be fetched.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::backend::http) struct Window {
    pub at: At,
    /// The first row's number, from 0.
    pub start: u64,
    pub size: u32,
}

/// The pages that hold these rows: the fewest, then those with the fewest rows.
pub(in crate::backend::http) fn windows(pages: &Pages, offset: u64, limit: u32) -> Vec<Window> {
    let limit = u64::from(limit.max(1));
    if let Paging::Number { .. } = pages.style {
        let touched = |size: u32| {
            let first = offset / u64::from(size);
            let last = (offset + limit - 1) / u64::from(size);
            (first, last - first + 1, size)
        };
        let best = |sizes: &mut dyn Iterator<Item = u32>| {
            sizes.map(touched).min_by_key(|(_, count, size)| (*count, count * u64::from(*size)))
        };
        let chosen = match &pages.size {
            Size::Fixed(size) => Some(touched((*size).max(1))),
            // Where one page can hold the stretch, the smallest such size is found by its page's number.
            Size::UpTo(most) => best(&mut (1..=(*most).clamp(1, 10_000))),
            Size::OneOf(sizes) => best(&mut sizes.iter().copied()),
        };
        let (first, count, size) = chosen.unwrap_or_else(|| touched(1));
        let page = |number: u64| Window { at: At::Page(number), start: number * u64::from(size), size };
        return (first..first + count).map(page).collect();
    }
    let mut found = Vec::new();
    let mut at = offset;
    while at < offset + limit {
        let size = pages.size.holding(offset + limit - at);
        found.push(Window { at: At::Row(at), start: at, size });
        at += u64::from(size);
    }
    found
}

/// Adds the parameters of one page; the address instead, where the page before gave one.
pub(super) fn parameters(pages: &Pages, at: &At, size: u32, out: &mut Vec<Parameter>) -> Option<String> {
    let number = |value: u64| Value::Number(value.to_compact_string());
    let mut link = None;
    match (&pages.style, at) {
        (Paging::Number { page, first }, At::Page(at)) => {
            out.push(Parameter::new(page, number(at + u64::from(*first))));
        }
        (Paging::Offset { offset, from }, At::Row(row)) => {
            out.push(Parameter::new(offset, number(row + u64::from(*from))));
        }
        (Paging::Range { first, last, from }, At::Row(row)) => {
            let start = row + u64::from(*from);
            out.push(Parameter::new(first, number(start)));
            out.push(Parameter::new(last, number(start + u64::from(size) - 1)));
        }
        (Paging::Cursor { parameter, .. }, At::Cursor(Some(cursor))) => match parameter {
            Some(target) => out.push(Parameter::new(target, super::cursor_value(target, cursor))),
            None => link = cursor.scalar().map(str::to_owned),
        },
        _ => {}
    }
    if let Some(target) = &pages.size_parameter {
        out.push(Parameter::new(target, number(u64::from(size))));
    }
    link
}

/// The address of a next page, under the source's own authority and path. An address that leads elsewhere is none.
pub(super) fn linked(address: &str, current: &str, link: &str) -> Option<String> {
    let scheme = address.find("://")? + 3;
    let authority_end = address.get(scheme..)?.find('/').map_or(address.len(), |at| scheme + at);
    let authority = address.get(..authority_end)?;
    let base_path = address.get(authority_end..)?;
    let sound = |path: &str| {
        let inside = path.strip_prefix(base_path)?;
        let starts = inside.is_empty() || inside.starts_with(['/', '?']);
        let climbs = path.split(['/', '?']).any(|segment| segment == ".." || segment == ".");
        let plain = path.bytes().all(|b| b.is_ascii_graphic()) && !path.contains('#');
        (starts && !climbs && plain).then(|| format!("{authority}{path}"))
    };
    if let Some(path) = link.strip_prefix(authority) {
        return sound(path);
    }
    if link.starts_with('?') {
        let here = current.split('?').next()?;
        return sound(&format!("{}{link}", here.strip_prefix(authority)?));
    }
    if link.starts_with('/') && !link.starts_with("//") {
        return sound(link);
    }
    None
}

/// The address with `rel="next"` of a `Link` header (RFC 8288, section 3).
pub(super) fn next_link(header: &str) -> Option<String> {
    let mut rest = header;
    while let Some(start) = rest.find('<') {
        let after = rest.get(start + 1..)?;
        let end = after.find('>')?;
        let address = after.get(..end)?;
        let tail = after.get(end + 1..)?;
        let stop = tail.find('<').unwrap_or(tail.len());
        let parameters = tail.get(..stop)?.to_ascii_lowercase();
        let is_next = parameters.split([';', ',']).any(|part| {
            let part = part.trim().strip_prefix("rel").map(|p| p.trim_start().trim_start_matches('=').trim());
            part.is_some_and(|rel| rel.trim_matches('"').split_whitespace().any(|word| word == "next"))
        });
        if is_next {
            return Some(address.to_owned());
        }
        rest = tail;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::http::Target;

    fn pages(style: Paging, size: Size) -> Pages {
        Pages { style, size, size_parameter: None, more: None, repeats: false, short: false }
    }

    fn by_number(size: Size) -> Pages {
        pages(Paging::Number { page: Target::Query("page".into()), first: 0 }, size)
    }

    fn by_row(size: Size) -> Pages {
        pages(Paging::Offset { offset: Target::Query("offset".into()), from: 0 }, size)
    }

    #[test]
    fn the_fewest_pages_then_the_fewest_rows() {
        for (size, offset, limit, expected) in [
            (Size::Fixed(20), 0, 10, (0, 1, 20)),
            (Size::Fixed(20), 15, 10, (0, 2, 20)),
            (Size::Fixed(20), 395, 10, (19, 2, 20)),
            (Size::Fixed(25), 113, 37, (4, 2, 25)),
            (Size::UpTo(100), 0, 10, (0, 1, 10)),
            (Size::UpTo(100), 113, 37, (2, 1, 50)),
            (Size::UpTo(100), 7, 3, (1, 1, 5)),
            (Size::OneOf(vec![10, 25, 50]), 113, 37, (2, 1, 50)),
            (Size::OneOf(vec![10, 25]), 113, 37, (4, 2, 25)),
        ] {
            let found = windows(&by_number(size.clone()), offset, limit);
            let first = found.first().unwrap();
            let last = found.last().unwrap();
            assert!(first.start <= offset && last.start + u64::from(last.size) >= offset + u64::from(limit));
            let At::Page(number) = first.at else { panic!("a page") };
            assert_eq!((number, found.len(), first.size), expected, "{size:?} {offset} {limit}");
        }
    }

    #[test]
    fn rows_are_had_exactly() {
        let spans = |size: Size, offset, limit| -> Vec<(u64, u32)> {
            windows(&by_row(size), offset, limit).iter().map(|w| (w.start, w.size)).collect()
        };
        assert_eq!(spans(Size::UpTo(100), 113, 37), [(113, 37)]);
        assert_eq!(spans(Size::UpTo(25), 113, 37), [(113, 25), (138, 12)]);
        assert_eq!(spans(Size::Fixed(25), 113, 37), [(113, 25), (138, 25)]);
        assert_eq!(spans(Size::OneOf(vec![10, 50]), 0, 37), [(0, 50)]);
    }

    #[test]
    fn a_link_stays_under_the_sources_address() {
        let address = "https://api.example/v2";
        let current = "https://api.example/v2/items?limit=2";
        for (link, expected) in [
            ("https://api.example/v2/items?c=1", Some("https://api.example/v2/items?c=1")),
            ("/v2/items?c=1", Some("https://api.example/v2/items?c=1")),
            ("?c=1", Some("https://api.example/v2/items?c=1")),
            ("https://evil.example/v2/items", None),
            ("https://api.example.evil/v2/items", None),
            ("//evil.example/v2", None),
            ("/admin", None),
            ("/v2/../admin", None),
            ("/v2x", None),
            ("items?c=1", None),
        ] {
            assert_eq!(linked(address, current, link).as_deref(), expected, "{link}");
        }
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        let header =
            "<https://a/x?page=1>; rel=\"first\", <https://a/x?page=3>; rel=\"next\"; title=\"a, b\"";
        assert_eq!(next_link(header).as_deref(), Some("https://a/x?page=3"));
        assert_eq!(next_link("<https://a/x>; rel=prev"), None);
        assert_eq!(next_link("<https://a/y>; rel=\"last next\"").as_deref(), Some("https://a/y"));
    }
}
