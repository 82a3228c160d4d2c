//! Filters and orders on public values, for sources that cannot do them: the same meaning as a source that can.

use super::{Problem, show::Shown};
use crate::{
    plan::{Kind, MemberId, resource::SortKey},
    value::decimal::Decimal,
};
use std::cmp::Ordering;

pub use crate::plan::resource::Operator;

/// A condition on one member. Several values are alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    pub member: MemberId,
    pub operator: Operator,
    /// In the public form, brought to the contract's own spelling.
    pub values: Vec<String>,
}

/// Compares two public values of one kind.
pub fn compare(kind: &Kind, numeric: bool, a: &str, b: &str) -> Ordering {
    match kind {
        Kind::Number(_) | Kind::Integer => match (Decimal::parse(a), Decimal::parse(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.cmp(b),
        },
        _ if numeric => a.chars().count().cmp(&b.chars().count()).then_with(|| a.cmp(b)),
        _ => a.cmp(b),
    }
}

/// Whether a row meets all filters.
pub fn keeps(shown: &Shown<'_>, row: u32, filters: &[Filter]) -> Result<bool, Problem> {
    for filter in filters {
        // A list is what one of its values is; nothing is none of them.
        let values = shown.values(row, filter.member)?;
        let kind = match shown.contract.get(filter.member).map(|m| &m.kind) {
            Some(Kind::List(Some(item))) => item,
            Some(kind) => kind,
            None => &Kind::Free,
        };
        let holds = if filter.operator == Operator::NotEqual {
            let is_none =
                |value: &String| filter.values.iter().all(|w| compare(kind, false, value, w).is_ne());
            values.iter().all(is_none)
        } else {
            let accepts = |value: &String, wanted: &String| {
                filter.operator.accepts(compare(kind, false, value, wanted))
            };
            values.iter().any(|value| filter.values.iter().any(|wanted| accepts(value, wanted)))
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Brings rows into an order. Nothing comes last, whatever the direction.
pub fn sort(
    shown: &Shown<'_>,
    rows: &mut [u32],
    order: &[SortKey],
    numeric_key: Option<MemberId>,
) -> Result<(), Problem> {
    let mut keyed = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        let keys: Result<Vec<_>, _> = order.iter().map(|key| shown.value(*row, key.member)).collect();
        keyed.push((keys?, *row));
    }
    keyed.sort_by(|(a, _), (b, _)| {
        for (at, key) in order.iter().enumerate() {
            let kind = shown.contract.get(key.member).map_or(&Kind::Free, |m| &m.kind);
            let numeric = numeric_key == Some(key.member);
            let ordering = match (a.get(at).and_then(Option::as_deref), b.get(at).and_then(Option::as_deref))
            {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(a), Some(b)) => {
                    let ascending = compare(kind, numeric, a, b);
                    if key.descending { ascending.reverse() } else { ascending }
                }
            };
            if ordering.is_ne() {
                return ordering;
            }
        }
        Ordering::Equal
    });
    for (place, (_, row)) in rows.iter_mut().zip(keyed) {
        *place = row;
    }
    Ok(())
}
