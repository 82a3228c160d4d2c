//! Lists of the register: which rows, in which order, which page. What a row looks like is `print`'s
//! business.
//!
//! Parameters: `limit` (50; a larger one than 500 is 500), `offset`, `search` (parts of texts, alternatives
//! parted by ` OR `), `sort` and `order` (the newest first unless told), the filters of the resource,
//! `status` for hardware (`Deleted`, `Archived`, `Pending`, `Undeployable`, `RTD`, `Deployed`), and `filter`,
//! a JSON object of columns and parts of their values. A `limit` or `offset` that is no number counts as
//! none.

use serde_json::{Map, Value, json};

use super::resource::{Resource, column, label};
use super::{Register, Row, trashed};
use crate::demo::district::query::Query;

const USUAL: usize = 50;
const MOST: usize = 500;

pub(super) fn list(register: &Register, resource: &Resource, query: &Query) -> Value {
    let mut rows = resource.rows(register);
    rows.retain(|row| kept(register, resource, row, query));
    let asked = query.filled("sort").map(|sort| sort.trim_start_matches("custom_fields."));
    let sort = asked.filter(|sort| resource.sorted.contains(sort));
    // Only an `asc` in so many letters turns the list around, whatever it is sorted by.
    let ascending = query.get("order") == Some("asc");
    // Tables that never change have no dates; they keep their order.
    let sort = sort.unwrap_or("created_at");
    let mut rows: Vec<(Key, Row)> =
        rows.into_iter().map(|row| (Key::of(sort, &column(register, &row, sort)), row)).collect();
    rows.sort_by(|(a, _), (b, _)| if ascending { a.cmp(b) } else { b.cmp(a) });
    let number = |name| query.get(name).and_then(|text| text.parse::<usize>().ok());
    let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(USUAL).min(MOST);
    let offset = number("offset").unwrap_or_default();
    let page: Vec<Value> =
        rows.iter().skip(offset).take(limit).map(|(_, row)| resource.print(register, row)).collect();
    json!({"total": rows.len(), "rows": page})
}

fn kept(register: &Register, resource: &Resource, row: &Row, query: &Query) -> bool {
    let status = query.filled("status").filter(|_| resource.path == "hardware");
    if trashed(row) != (status == Some("Deleted")) {
        return false;
    }
    let equal = |name: &&str| {
        let wanted = query.filled(name);
        wanted.is_none_or(|wanted| folded(&column(register, row, name)) == wanted.to_lowercase())
    };
    let search = query.filled("search");
    resource.filtered.iter().all(equal)
        && status.is_none_or(|status| stands(row, status))
        && search.is_none_or(|search| found(register, resource, row, search))
        && matches(register, resource, row, query.filled("filter"))
}

/// Whether an asset has the status that a word of the list's menu means; an unknown word means all.
fn stands(row: &Row, status: &str) -> bool {
    let kind = label(row).map(|(.., kind)| *kind).unwrap_or_default();
    let assigned = row.get("assigned_to").is_some_and(|to| !to.is_null());
    match status {
        "Archived" => kind == "archived",
        "Pending" => kind == "pending",
        "Undeployable" => kind == "undeployable",
        "RTD" => kind == "deployable" && !assigned,
        "Deployed" => assigned,
        _ => true,
    }
}

fn found(register: &Register, resource: &Resource, row: &Row, search: &str) -> bool {
    let terms: Vec<String> = search.split(" OR ").map(|term| term.trim().to_lowercase()).collect();
    resource.searched.iter().any(|name| {
        let text = folded(&column(register, row, name));
        terms.iter().any(|term| !term.is_empty() && text.contains(term.as_str()))
    })
}

/// The parameter `filter`. What is no object of JSON filters nothing, and neither does a column that nobody
/// knows.
fn matches(register: &Register, resource: &Resource, row: &Row, filter: Option<&str>) -> bool {
    let filter: Map<String, Value> =
        filter.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let known = |name: &str| {
        let lists = [resource.sorted, resource.searched, resource.filtered];
        row.contains_key(name) || lists.iter().any(|list| list.contains(&name))
    };
    filter
        .iter()
        .filter(|(name, _)| known(name))
        .all(|(name, wanted)| folded(&column(register, row, name)).contains(&folded(wanted)))
}

/// As the database compares: letters without their case, numbers by their digits.
fn folded(value: &Value) -> String {
    match value {
        Value::String(text) => text.to_lowercase(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What rows are sorted by: nothing before numbers before texts.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Nothing,
    Number(u64),
    /// Whole dollars and cents.
    Money(u64, String),
    Text(String),
}

impl Key {
    fn of(name: &str, value: &Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::String(text) if name.ends_with("cost") => {
                let (whole, cents) = text.split_once('.').unwrap_or((text, ""));
                Self::Money(whole.parse().unwrap_or_default(), cents.to_owned())
            }
            Value::String(text) => Self::Text(text.to_lowercase()),
            other => Self::Number(other.as_u64().unwrap_or_default()),
        }
    }
}
