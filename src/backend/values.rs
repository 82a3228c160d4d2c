//! Lists of records that are there as public values: filtered, ordered and cut as a source would have done it.

use super::{Answer, Ask, Content};
use crate::{
    plan::{Kind, Resource},
    translate::compare::{Filter, Operator, compare},
    value::Value,
};
use std::cmp::Ordering;

/// The page of these records that is asked for.
pub fn page(resource: &Resource, mut records: Vec<Value>, ask: &Ask<'_>) -> Answer {
    records.retain(|record| ask.filters.iter().all(|filter| holds(resource, record, filter)));
    records.sort_by(|a, b| {
        for key in ask.order {
            let Some(member) = resource.contract.get(key.member) else { continue };
            let value = |v: &Value| v.at(&member.path).and_then(Value::scalar).map(str::to_owned);
            let ordering = match (value(a), value(b)) {
                (None, None) => Ordering::Equal,
                (None, _) => Ordering::Greater,
                (_, None) => Ordering::Less,
                (Some(a), Some(b)) => {
                    let numeric = resource.numeric_key && key.member == resource.key;
                    let ordering = compare(&member.kind, numeric, &a, &b);
                    if key.descending { ordering.reverse() } else { ordering }
                }
            };
            if ordering.is_ne() {
                return ordering;
            }
        }
        Ordering::Equal
    });
    let total = records.len() as u64;
    let offset = usize::try_from(ask.offset).unwrap_or(usize::MAX);
    let records = records.into_iter().skip(offset).take(ask.limit as usize).collect();
    Answer {
        content: Content::Values(records),
        total: ask.count.then_some(total),
        version: None,
        printed: None,
    }
}

fn holds(resource: &Resource, record: &Value, filter: &Filter) -> bool {
    let Some(member) = resource.contract.get(filter.member) else { return false };
    let mut found = Vec::new();
    gather(record, &member.path, &mut found);
    if found.is_empty() && !member.in_list {
        found.extend(member.default.as_ref().and_then(Value::scalar));
    }
    let kind = match &member.kind {
        Kind::List(Some(item)) => item,
        kind => kind,
    };
    let is = |operator: Operator, v: &str, w: &str| operator.accepts(compare(kind, false, v, w));
    if filter.operator == Operator::NotEqual {
        found.iter().all(|v| filter.values.iter().all(|w| is(Operator::NotEqual, v, w)))
    } else {
        found.iter().any(|v| filter.values.iter().any(|w| is(filter.operator, v, w)))
    }
}

/// The scalars at a dotted name, through lists.
fn gather<'v>(value: &'v Value, path: &str, found: &mut Vec<&'v str>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| gather(item, path, found)),
        _ if path.is_empty() => found.extend(value.scalar()),
        _ => {
            let (name, rest) = path.split_once('.').unwrap_or((path, ""));
            if let Some(inner) = value.get(name) {
                gather(inner, rest, found);
            }
        }
    }
}
