//! Lists: `limit` and `page`, filters, and one order, answered as `meta` and `items`. It writes nothing.
//!
//! `limit` is 10 unless given and 200 at most, `page` counts from 1, as clients of the vendor's API use
//! them. Its guides name no way to sort; this practice's release takes `sort=field:asc` or `:desc`, several
//! with commas, and lists by id otherwise.

use serde_json::{Value, json};

use super::filter::{Key, filters, key};
use super::query::Query;
use super::refusal::{Message, Refusal};
use super::schema::{Field, Kind, Thing};
use super::store::{Row, Store};

const DEFAULT_LIMIT: usize = 10;
const LARGEST_LIMIT: usize = 200;
/// Fields in one order.
const MOST_ORDERS: usize = 5;

/// One page; past the last one an empty page with the same totals.
pub(super) fn list(store: &Store, thing: Thing, query: &Query, now: i64) -> Result<Value, Refusal> {
    let mut wrong = Vec::new();
    let limit = count(query, "limit", DEFAULT_LIMIT, LARGEST_LIMIT, &mut wrong);
    let page = count(query, "page", 1, usize::MAX, &mut wrong);
    let order = order(thing, query, &mut wrong);
    let filters = filters(thing, query).unwrap_or_else(|faults| {
        wrong.extend(faults);
        Vec::new()
    });
    if !wrong.is_empty() {
        return Err(Refusal::invalid(wrong));
    }
    let mut rows: Vec<(u64, &Row)> =
        store.rows(thing).filter(|(_, row)| filters.iter().all(|filter| filter.holds(row))).collect();
    if !order.is_empty() {
        let mut keyed: Vec<(Vec<Key<'_>>, (u64, &Row))> = rows
            .iter()
            .map(|&(id, row)| (order.iter().map(|(field, _)| key(field, row)).collect(), (id, row)))
            .collect();
        // Stable, so that equal rows keep the order of their ids.
        keyed.sort_by(|(one, _), (other, _)| {
            let by_field = one.iter().zip(other).zip(&order);
            by_field
                .map(
                    |((one, other), (_, descending))| {
                        if *descending { other.cmp(one) } else { one.cmp(other) }
                    },
                )
                .find(|ordering| ordering.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        rows = keyed.into_iter().map(|(_, row)| row).collect();
    }
    let total = rows.len();
    let shown = rows.into_iter().skip((page - 1).saturating_mul(limit)).take(limit);
    let items: Vec<Value> = shown.map(|(id, row)| store.item(thing, id, row)).collect();
    Ok(json!({
        "meta": {
            "timestamp": now,
            "items_page": page,
            "items_page_total": total.div_ceil(limit),
            "items_page_size": limit,
            "items_total": total,
        },
        "items": items,
    }))
}

/// A number from 1 to `most`; 1 besides a message where it is wrong.
fn count(query: &Query, name: &str, default: usize, most: usize, wrong: &mut Vec<Message>) -> usize {
    let Some(word) = query.get(name) else { return default };
    if let Some(number) = word.parse::<usize>().ok().filter(|number| (1..=most).contains(number)) {
        return number;
    }
    let bounds = if most == usize::MAX { "from 1 up".to_owned() } else { format!("from 1 to {most}") };
    wrong.push(Message::field(name, format!("The {name} must be a whole number {bounds}.")));
    1
}

/// Fields and whether they descend.
fn order(thing: Thing, query: &Query, wrong: &mut Vec<Message>) -> Vec<(&'static Field, bool)> {
    let mut order = Vec::new();
    if query.get("sort").is_some_and(|sort| sort.split(',').count() > MOST_ORDERS) {
        wrong.push(Message::field("sort", format!("The sort must not name more than {MOST_ORDERS} fields.")));
        return order;
    }
    for part in query.get("sort").into_iter().flat_map(|sort| sort.split(',')) {
        let (name, way) = part.split_once(':').unwrap_or((part, "asc"));
        let field = thing.field(name).filter(|field| {
            !matches!(
                field.kind,
                Kind::Address | Kind::Details | Kind::Refs(_) | Kind::Texts(_) | Kind::Words(_)
            )
        });
        match (field, way) {
            (Some(field), "asc") => order.push((field, false)),
            (Some(field), "desc") => order.push((field, true)),
            (Some(_), _) => {
                wrong.push(Message::field("sort", format!("The order {way} is not asc or desc.")));
            }
            (None, _) => {
                wrong.push(Message::field("sort", format!("{} cannot be sorted by {name}.", thing.name())));
            }
        }
    }
    order
}
