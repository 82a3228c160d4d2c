//! The walk through a list: `limit` and `startCursor` in, `hasNextPage` and `endCursor` out (in the manner of the Relay
//! cursor connections specification, which calls them `first`, `after` and `pageInfo`). There are no totals and no way
//! back.
//!
//! A cursor means "behind this one", so that what is added in front while somebody walks moves nothing. It belongs to the
//! list that gave it out: on another one it is as unknown as an invented one.

use std::fmt::Write;

use serde_json::{Value, json};

use super::query::Query;
use super::refusal::{Problem, Refusal};

const DEFAULT_LIMIT: usize = 25;
const LARGEST_LIMIT: usize = 100;
/// Makes a cursor look like nothing; whoever reads the id in it relies on what nobody promised.
const VEIL: [u8; 16] = *b"\x9d\x41\xc7\x1e\x62\xfb\x08\xa5\x3c\xe0\x97\x54\xd2\x6b\x19\x8f";

/// One page of `rows`, which come in the order of the list. `list` names the list and whatever narrows it.
pub(super) fn page<'r, R>(
    name: &str,
    list: &str,
    rows: &[&'r R],
    query: &Query,
    id: fn(&'r R) -> &'r str,
    print: fn(&'r R) -> Value,
) -> Result<Value, Refusal> {
    let limit = limit(query.get("limit"));
    let first = first(query.get("startCursor"), list, rows, id);
    let (limit, first) = match (limit, first) {
        (Ok(limit), Ok(first)) => (limit, first),
        (limit, first) => {
            return Err(Refusal::Invalid(limit.err().into_iter().chain(first.err()).collect()));
        }
    };
    let behind = rows.get(first..).unwrap_or_default();
    let page = behind.get(..limit).unwrap_or(behind);
    Ok(json!({
        name: page.iter().map(|row| print(row)).collect::<Vec<_>>(),
        "hasNextPage": behind.len() > page.len(),
        // Also on the last page: whoever comes again later goes on from there.
        "endCursor": page.last().map(|row| cursor(list, id(row))),
    }))
}

fn limit(given: Option<&str>) -> Result<usize, Problem> {
    let Some(given) = given else { return Ok(DEFAULT_LIMIT) };
    given.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit)).ok_or_else(|| {
        Problem::of("limit", "invalid_limit", format!("limit must be a number from 1 to {LARGEST_LIMIT}."))
    })
}

/// The place of the first row of the page; an empty cursor is none.
fn first<'r, R>(
    given: Option<&str>,
    list: &str,
    rows: &[&'r R],
    id: fn(&'r R) -> &'r str,
) -> Result<usize, Problem> {
    let Some(given) = given.filter(|given| !given.is_empty()) else { return Ok(0) };
    let unknown =
        || Problem::of("startCursor", "invalid_cursor", "startCursor is not a cursor of this list.");
    let last = opened(list, given).ok_or_else(unknown)?;
    rows.iter().position(|row| id(row) == last).map(|at| at + 1).ok_or_else(unknown)
}

/// The twelve bytes of an id and four that seal them to the list, veiled, in hex.
fn cursor(list: &str, id: &str) -> String {
    veiled(&format!("{id}{:08x}", seal(list, id)))
}

/// The id in a cursor of this list.
fn opened(list: &str, cursor: &str) -> Option<String> {
    let sealed = veiled(cursor);
    let (id, _) = sealed.split_at_checked(24)?;
    // Made again and compared as text: only what was given out is taken, no other spelling of it.
    (self::cursor(list, id) == cursor).then(|| id.to_owned())
}

/// Sixteen bytes in hex under the veil, or, of such a text, without it.
fn veiled(hex: &str) -> String {
    bytes(hex).into_iter().zip(VEIL).fold(String::with_capacity(32), |mut text, (byte, veil)| {
        // Writing to a string does not fail.
        let _ = write!(text, "{:02x}", byte ^ veil);
        text
    })
}

/// The bytes of a hex text; what is no hex ends them.
fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks_exact(2)
        .map_while(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// FNV-1a, 32 bits (the Internet draft `draft-eastlake-fnv`): against mistakes, not against malice.
fn seal(list: &str, id: &str) -> u32 {
    list.bytes()
        .chain(id.bytes())
        .fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::{cursor, opened};

    const ID: &str = "5374749c5f3a9c71e2000007";

    #[test]
    fn a_cursor_opens_in_its_own_list_only() {
        let cursor = cursor("surveys", ID);
        assert_eq!(cursor.len(), 32);
        assert!(!cursor.contains("5374"));
        assert_eq!(opened("surveys", &cursor).as_deref(), Some(ID));
        assert_eq!(opened("responses", &cursor), None);
    }

    #[test]
    fn what_was_never_given_out_opens_nothing() {
        let cursor = cursor("surveys", ID);
        for wrong in [
            "",
            "1",
            ID,
            "zz",
            &cursor[..30],
            &cursor.to_uppercase(),
            &format!("{cursor}00"),
            "🐾🐾🐾🐾🐾🐾🐾🐾",
        ] {
            assert_eq!(opened("surveys", wrong), None, "{wrong}");
        }
    }
}
