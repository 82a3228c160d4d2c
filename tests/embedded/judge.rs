//! What a filter and an order mean, said once more and without the façade: the contract's words over plain JSON.

use serde_json::Value;
use std::cmp::Ordering;

/// A member by its dotted name; nothing where it is null or not there.
pub fn member<'v>(record: &'v Value, name: &str) -> Option<&'v Value> {
    let found = name.split('.').try_fold(record, |value, part| value.get(part));
    found.filter(|value| !value.is_null())
}

/// As it is written in a query.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Numbers by value, all else by code point; shorter first where keys are ordered as numbers.
pub fn compare(a: &Value, b: &Value, numeric: bool) -> Ordering {
    if let (Some(a), Some(b)) = (a.as_f64(), b.as_f64()) {
        return a.total_cmp(&b);
    }
    let (a, b) = (text(a), text(b));
    let length = if numeric { a.len().cmp(&b.len()) } else { Ordering::Equal };
    length.then_with(|| a.cmp(&b))
}

/// Whether a record meets one condition with these values.
pub fn keeps(record: &Value, name: &str, operator: &str, values: &[&Value]) -> bool {
    let found = member(record, name);
    let any = |accepts: fn(Ordering) -> bool| {
        found.is_some_and(|found| values.iter().any(|value| accepts(compare(found, value, false))))
    };
    match operator {
        "" => any(Ordering::is_eq),
        ".ne" => !any(Ordering::is_eq),
        ".lt" => any(Ordering::is_lt),
        ".gte" => any(Ordering::is_ge),
        other => panic!("{other}"),
    }
}

/// Brings records into an order: nothing last, ties by their key.
pub fn sort(records: &mut [Value], by: &str, descending: bool, key: &str, numeric: bool) {
    records.sort_by(|a, b| {
        let ordering = match (member(a, by), member(b, by)) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => {
                let ordering = compare(a, b, numeric && by == key);
                if descending { ordering.reverse() } else { ordering }
            }
        };
        ordering.then_with(|| compare(&a[key], &b[key], numeric))
    });
}
