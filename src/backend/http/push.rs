//! What a list's call carries: filters and order as far as the source does them, and what is left to do here.

use super::request::Parameter;
use crate::{
    backend::{Ask, Subject},
    plan::{
        Kind, MemberId, Resource,
        convert::Op,
        http::{
            HttpMeans, List, Pushed as Way, Target,
            dialect::{FilterStyle, Several, SortStyle},
        },
        reading::{Fill, Nothing},
        resource::{Required, SortKey},
    },
    translate::{
        Surroundings,
        compare::{Filter, Operator},
        convert::uncook,
    },
    value::Value,
};

#[derive(Debug, Default)]
pub(super) struct Pushed {
    pub filters: Vec<Parameter>,
    pub sorts: Vec<Parameter>,
    pub filters_left: Vec<Filter>,
    pub sort_left: bool,
}

impl Pushed {
    pub(super) fn parameters(&self) -> Vec<Parameter> {
        self.filters.iter().chain(&self.sorts).cloned().collect()
    }
}

pub(super) fn push(
    subject: Subject<'_>,
    means: &HttpMeans,
    list: &List,
    ask: &Ask<'_>,
    around: &Surroundings,
) -> Pushed {
    let mut pushed = Pushed::default();
    let mut predicates: Vec<Predicate<'_>> = Vec::new();
    let most = means.dialect.filters.most.map_or(usize::MAX, |most| most as usize);
    let expression =
        matches!(means.dialect.filters.style, FilterStyle::Expression { .. } | FilterStyle::Terms { .. });
    // What makes a record this resource's is said in the same expression.
    if expression {
        for fixed in means.fixed.iter().filter(|fixed| fixed.by_source) {
            let symbol = symbol(means, Operator::Equal);
            let values = fixed.values.clone();
            predicates.push(Predicate {
                field: fixed.path.to_string(),
                counts: values.len(),
                operator: Operator::Equal,
                symbol,
                values,
            });
        }
    }
    for filter in ask.filters {
        let known = list.filters.iter().find(|p| p.member == filter.member);
        // What finds too much as equal leaves out too much as unequal; and what a source means by an order or by a
        // difference in a list nobody says.
        let alone = subject.binding.reading.leaf(filter.member).is_some();
        let known = known.filter(|way| (alone && !way.wide) || filter.operator == Operator::Equal);
        let said = known.and_then(|way| Some((way, values(subject, way, filter, around)?)));
        let Some((way, values)) = said else {
            pushed.filters_left.push(filter.clone());
            continue;
        };
        let alone = if let [value] = values.as_slice() { Some(value.clone()) } else { None };
        let done = if way.target.is_some() || !expression {
            parameters(means, way, filter, &values, &pushed.filters)
                .map(|more| extend(&mut pushed.filters, more))
                .is_some()
        } else {
            predicate(means, way, filter, values, counted(&predicates), most)
                .map(|predicate| predicates.push(predicate))
                .is_some()
        };
        if !done || way.wide {
            pushed.filters_left.push(filter.clone());
        }
        // A value that might mean something else to the source is looked at here. A call that cannot be made without it
        // carries it all the same.
        if !done
            && let (Some(target), Some(value)) = (&way.target, alone)
            && is_needed(subject.resource, filter.member)
        {
            pushed.filters.push(Parameter::new(target, value));
        }
    }
    pushed.filters.extend(said(means, &predicates));
    match sorts(subject, means, list, ask.order) {
        Some(sorts) => pushed.sorts = sorts,
        None => pushed.sort_left = true,
    }
    pushed
}

/// Whether lists are not asked without a condition on this member: it is required, or a parent's key.
fn is_needed(resource: &Resource, member: MemberId) -> bool {
    let required = resource.required.iter().any(|required| match required {
        Required::Member(known) => *known == member,
        Required::Through(at) => resource.through.get(*at).is_some_and(|through| through.member == member),
    });
    required || resource.paths.iter().any(|path| path.parent.is_some_and(|(_, known)| known == member))
}

/// One predicate of an expression, or several of one field.
struct Predicate<'a> {
    field: String,
    /// How many the source counts it as.
    counts: usize,
    operator: Operator,
    symbol: &'a str,
    values: Vec<Value>,
}

fn counted(predicates: &[Predicate<'_>]) -> usize {
    predicates.iter().map(|predicate| predicate.counts).sum()
}

fn symbol(means: &HttpMeans, operator: Operator) -> &str {
    let found = means.dialect.filters.operators.iter().find(|(known, _)| *known == operator);
    found.map_or("=", |(_, symbol)| symbol)
}

fn predicate<'a>(
    means: &'a HttpMeans,
    way: &'a Way,
    filter: &Filter,
    values: Vec<Value>,
    taken: usize,
    most: usize,
) -> Option<Predicate<'a>> {
    let (operator, _, symbol) = way.ways.iter().find(|(operator, ..)| *operator == filter.operator)?;
    let several = values.len() > 1;
    let (fits, counts) = match &means.dialect.filters.style {
        FilterStyle::Expression { or, quote, .. } => {
            let quotes = |value: &Value| value.scalar().is_some_and(|text| text.contains(['\'', '"', '\\']));
            let clear = quote.is_some() || !values.iter().any(quotes);
            // None of several values is a condition for each of them.
            let together = !several || or.is_some() || *operator == Operator::NotEqual;
            (clear && together, values.len())
        }
        FilterStyle::Terms { several: list, .. } => (
            !several || (list.is_some() && *operator == Operator::Equal) || *operator == Operator::NotEqual,
            if several && *operator == Operator::NotEqual { values.len() } else { 1 },
        ),
        _ => (false, 1),
    };
    if !fits || taken + counts > most {
        return None;
    }
    Some(Predicate { field: way.field.clone(), counts, operator: *operator, symbol, values })
}

/// The parameters of predicates in one expression.
fn said(means: &HttpMeans, predicates: &[Predicate<'_>]) -> Vec<Parameter> {
    if predicates.is_empty() {
        return Vec::new();
    }
    match &means.dialect.filters.style {
        FilterStyle::Expression { target, term, and, or, group, quote } => {
            let one = |predicate: &Predicate<'_>, value: &Value| {
                let text = super::request::plain(value);
                let text = match quote {
                    Some((from, to)) => text.replace(from.as_str(), to).into(),
                    None => text,
                };
                fill(term, &predicate.field, predicate.symbol, &text)
            };
            let texts: Vec<String> = predicates
                .iter()
                .map(|predicate| {
                    let all: Vec<String> = predicate.values.iter().map(|v| one(predicate, v)).collect();
                    match all.as_slice() {
                        [only] => only.clone(),
                        all if predicate.operator == Operator::NotEqual => all.join(and),
                        all => group.replace("{}", &all.join(or.as_deref().unwrap_or(" OR "))),
                    }
                })
                .collect();
            vec![Parameter::new(target, Value::Text(texts.join(and).into()))]
        }
        FilterStyle::Terms { target, term, several } => {
            let mut terms = Vec::new();
            for predicate in predicates {
                match (predicate.values.as_slice(), several) {
                    ([one], _) => terms.push(filled(term, &predicate.field, predicate.symbol, one)),
                    (all, Some(list)) if predicate.operator == Operator::Equal => {
                        terms.push(filled(term, &predicate.field, list, &Value::List(all.to_vec())));
                    }
                    (all, _) => {
                        terms.extend(all.iter().map(|v| filled(term, &predicate.field, predicate.symbol, v)));
                    }
                }
            }
            vec![Parameter::new(target, Value::List(terms))]
        }
        _ => Vec::new(),
    }
}

fn fill(term: &str, field: &str, operator: &str, value: &str) -> String {
    // The value comes last: what it holds is no blank.
    let (head, tail) = term.split_once("{value}").unwrap_or((term, ""));
    let name = |text: &str| text.replace("{field}", field).replace("{operator}", operator);
    let has_value = term.contains("{value}");
    format!("{}{}{}", name(head), if has_value { value } else { "" }, name(tail))
}

/// JSON with `{field}`, `{operator}` and `{value}` in its texts; a value alone keeps its type.
fn filled(term: &Value, field: &str, operator: &str, value: &Value) -> Value {
    match term {
        Value::Text(text) if text == "{value}" => value.clone(),
        Value::Text(text) => Value::Text(fill(text, field, operator, &super::request::plain(value)).into()),
        Value::List(items) => Value::List(items.iter().map(|i| filled(i, field, operator, value)).collect()),
        Value::Object(members) => {
            let members = members.iter();
            Value::Object(
                members
                    .map(|(n, v)| (fill(n, field, operator, "").into(), filled(v, field, operator, value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

/// A filter as parameters of its own.
fn parameters(
    means: &HttpMeans,
    way: &Way,
    filter: &Filter,
    values: &[Value],
    taken: &[Parameter],
) -> Option<Vec<Parameter>> {
    let (_, target, name) = way.ways.iter().find(|(operator, ..)| *operator == filter.operator)?;
    let target = target.as_ref()?;
    let own = way.target.is_some();
    let style = &means.dialect.filters.style;
    if let (FilterStyle::Objects { several }, false) = (style, own) {
        let (name, value) = match (values, several) {
            ([one], _) => (name, one.clone()),
            (all, Some(list)) if filter.operator == Operator::Equal => (list, Value::List(all.to_vec())),
            _ => return None,
        };
        let object = Value::Object(vec![(name.as_str().into(), value)]);
        // Two conditions on one field stand in one object, which has each of its names once.
        let mut said = taken.iter().filter(|p| p.target == *target);
        if said.any(|p| p.value.get(name).is_some()) {
            return None;
        }
        return Some(vec![Parameter::new(target, object)]);
    }
    if taken.iter().any(|p| p.target == *target) {
        return None;
    }
    let joined = way.any.as_deref().or(match style {
        FilterStyle::Parameters { several: Several::Joined(join) } if !own => Some(join),
        _ => None,
    });
    let repeated = matches!(style, FilterStyle::Parameters { several: Several::Repeated }) && !own;
    if !values.iter().all(|value| means_one(value, joined)) {
        return None;
    }
    match (values, joined) {
        ([one], _) => Some(vec![Parameter::new(target, one.clone())]),
        // None of several values is not the same as not one of them.
        (_, _)
            if filter.operator != Operator::Equal && !(repeated && filter.operator == Operator::NotEqual) =>
        {
            None
        }
        (several, Some(join)) => {
            let texts: Vec<String> =
                several.iter().map(|one| super::request::plain(one).into_owned()).collect();
            Some(vec![Parameter::new(target, Value::Text(texts.join(join).into()))])
        }
        (several, None) if repeated => {
            Some(several.iter().map(|v| Parameter::new(target, v.clone())).collect())
        }
        _ => None,
    }
}

/// Adds parameters. Conditions on one field are one object, also in a query, where it is one text.
fn extend(filters: &mut Vec<Parameter>, more: Vec<Parameter>) {
    for parameter in more {
        let known = filters.iter_mut().find(|known| known.target == parameter.target);
        match (known, parameter.value) {
            (Some(Parameter { value: known @ Value::Object(_), .. }), more @ Value::Object(_)) => {
                known.overlay(more);
            }
            (_, value) => filters.push(Parameter { target: parameter.target, value }),
        }
    }
}

/// Whether a value can mean nothing but itself there: to a column of numbers `066`, `+66` and ` 66` are 66, and in a
/// parameter that takes several values a separator or a quote is no letter. Others are compared here instead.
fn means_one(value: &Value, any: Option<&str>) -> bool {
    let Value::Text(value) = value else { return !value.is_null() };
    let another_number = value.starts_with(['+', '-'])
        || (value.len() > 1 && value.starts_with('0') && value.bytes().all(|b| b.is_ascii_digit()));
    let in_list = any.is_some_and(|any| value.contains(any) || value.contains(['"', '\'']));
    !(value.is_empty() || value.trim() != value || another_number || in_list)
}

/// A filter's values in the source's form; `None` where one has none.
fn values(subject: Subject<'_>, way: &Way, filter: &Filter, around: &Surroundings) -> Option<Vec<Value>> {
    let vouched = way.only.as_ref().is_some_and(|only| only.contains(&filter.operator));
    let leaf = subject.binding.reading.compared(filter.member)?;
    let Fill::Slot(_, chain) = &leaf.fill else { return None };
    // Only what keeps order can be compared by order over there.
    let equality = matches!(filter.operator, Operator::Equal | Operator::NotEqual);
    if !(equality || chain.keeps_order() || chain.read.is_empty()) {
        return None;
    }
    if chain.read.iter().any(|op| matches!(op, Op::Part(..))) {
        return None;
    }
    // Outside, nothing is none of the values. A source that thinks otherwise is asked only where its mapping vouches.
    if filter.operator == Operator::NotEqual && leaf.nothing != Nothing::Fault && !vouched {
        return None;
    }
    // Nor does it know that nothing is shown as a value: it would not find those.
    if let Nothing::Default(value) = &leaf.nothing
        && !vouched
        && !(equality && filter.values.iter().all(|wanted| value.scalar() != Some(wanted)))
    {
        return None;
    }
    let back = |text: &String| {
        let value = match &leaf.kind {
            Kind::Boolean => Value::Bool(text == "true"),
            Kind::Number(_) | Kind::Integer => Value::Number(text.as_str().into()),
            _ => Value::Text(text.as_str().into()),
        };
        uncook(&value, chain, around).ok().filter(|value| value.scalar().is_some())
    };
    filter.values.iter().map(back).collect()
}

/// The parameters of an order; `None` where the source cannot do it.
fn sorts(subject: Subject<'_>, means: &HttpMeans, list: &List, order: &[SortKey]) -> Option<Vec<Parameter>> {
    if !list.order.is_empty() && list.order == order {
        return Some(Vec::new());
    }
    let sorting = &means.dialect.sorting;
    let mut keys = order;
    // What is equal comes by its key by itself.
    if sorting.ties
        && let Some((last, before)) = order.split_last()
        && last.member == subject.resource.key
        && !last.descending
        && !before.is_empty()
    {
        keys = before;
    }
    if sorting.most.is_some_and(|most| keys.len() > most as usize) {
        return None;
    }
    let mut terms: Vec<(&str, &str)> = Vec::new();
    for key in keys {
        let (_, field) = list.sorts.iter().find(|(member, _)| *member == key.member)?;
        terms.push((field, if key.descending { &sorting.descending } else { &sorting.ascending }));
    }
    let fill = |term: &str, (field, direction): &(&str, &str)| {
        term.replace("{field}", field).replace("{direction}", direction)
    };
    Some(match &sorting.style {
        SortStyle::Each => terms
            .iter()
            .map(|(field, direction)| {
                Parameter::new(&Target::Query((*field).into()), Value::Text((*direction).into()))
            })
            .collect(),
        SortStyle::Joined { target, term, join } => {
            let text = terms.iter().map(|one| fill(term, one)).collect::<Vec<_>>().join(join);
            vec![Parameter::new(target, Value::Text(text.into()))]
        }
        SortStyle::Apart { fields, directions, join } => {
            let names = terms.iter().map(|(field, _)| *field).collect::<Vec<_>>().join(join);
            let ways = terms.iter().map(|(_, direction)| *direction).collect::<Vec<_>>().join(join);
            vec![
                Parameter::new(fields, Value::Text(names.into())),
                Parameter::new(directions, Value::Text(ways.into())),
            ]
        }
        SortStyle::Listed { target, term } => {
            fn put(term: &Value, fill: &dyn Fn(&str) -> String) -> Value {
                match term {
                    Value::Text(text) => Value::Text(fill(text).into()),
                    Value::List(items) => Value::List(items.iter().map(|item| put(item, fill)).collect()),
                    Value::Object(members) => {
                        Value::Object(members.iter().map(|(n, v)| (fill(n).into(), put(v, fill))).collect())
                    }
                    other => other.clone(),
                }
            }
            let terms = terms.iter().map(|one| put(term, &|text| fill(text, one))).collect();
            vec![Parameter::new(target, Value::List(terms))]
        }
    })
}
