//! Reading: only the columns that were asked for, filtered, ordered and counted by the database.

use super::{Draft, Statement};
use crate::{
    backend::{
        Ask, Subject,
        sql::{Flavor, flavor::Term, sealed},
    },
    plan::{
        Kind, Selection,
        convert::{Chain, Op},
        reading::Fill,
        sql::{Child, Column, ColumnKind, Sealed, SqlMeans},
    },
    seal::Ring,
    translate::{
        Surroundings,
        compare::{Filter, Operator},
        convert::uncook,
    },
    value::{Value, decimal::Decimal},
};

/// A statement whose columns are these slots, and perhaps the row's version behind them.
#[derive(Debug)]
pub struct Select {
    pub statement: Statement,
    pub slots: Vec<u16>,
    pub versioned: bool,
    /// Whether the record's wrapped data key comes last.
    pub keyed: bool,
}

/// The rows of a list. `None` where a filter can match nothing.
pub fn list(
    flavor: Flavor,
    subject: Subject<'_>,
    means: &SqlMeans,
    ask: &Ask<'_>,
    around: &Surroundings,
    ring: Option<&Ring>,
) -> Option<Select> {
    let (mut draft, slots, keyed) = columns(flavor, subject, means, ask.selection, false);
    filters(&mut draft, subject, means, ask, around, ring)?;
    draft.push(" ORDER BY ");
    let mut comma = "";
    for key in ask.order {
        let Some(leaf) = subject.binding.reading.leaf(key.member) else { continue };
        let Fill::Slot(slot, _) = &leaf.fill else { continue };
        let Some(column) = means.columns.get(usize::from(*slot)) else { continue };
        let direction = if key.descending { " DESC" } else { "" };
        let nullable = subject.resource.contract.get(key.member).is_none_or(|m| m.nullable || !m.required);
        // A column that is never null needs no word on it, and its index serves the order.
        if nullable && !means.created.contains(slot) {
            draft.push(comma).put(Term::bare(column)).push(" IS NULL");
            comma = ", ";
        }
        // A column of numbers orders as numbers do by itself.
        if column.numeric_order && column.is_text() {
            draft.push(comma).put(flavor.length(column)).push(direction);
            comma = ", ";
        }
        draft.push(comma).put(flavor.ordered(column)).push(direction);
        comma = ", ";
    }
    // SQLite plans by the number behind LIMIT, so that it prepares a statement anew each time one is bound there
    // (`sqlite3ExprIsInteger` of 3.50 and its `expmask`): into a sum it does not look.
    let sum = if flavor == Flavor::Sqlite { " + 0" } else { "" };
    let limit = draft.bind_integer(i64::from(ask.limit));
    draft.push(" LIMIT ").push(&limit).push(sum);
    let offset = draft.bind_integer(i64::try_from(ask.offset).unwrap_or(i64::MAX));
    draft.push(" OFFSET ").push(&offset).push(sum);
    Some(Select { statement: draft.done(), slots, versioned: false, keyed })
}

/// How many rows a list has in all.
pub fn count(
    flavor: Flavor,
    subject: Subject<'_>,
    means: &SqlMeans,
    ask: &Ask<'_>,
    around: &Surroundings,
    ring: Option<&Ring>,
) -> Option<Statement> {
    let count = format!("CAST(COUNT(*) AS {})", text_type(flavor));
    let mut draft = Draft::new(flavor, format!("SELECT {count} FROM {} {}", means.table, means.alias));
    joins(&mut draft, means);
    filters(&mut draft, subject, means, ask, around, ring)?;
    Some(draft.done())
}

/// What a number is cast to, to be read as a text.
pub fn text_type(flavor: Flavor) -> &'static str {
    if flavor == Flavor::Mariadb { "CHAR" } else { "TEXT" }
}

/// The key of one record and its wrapped data key, as the database has them.
pub fn data_key(
    flavor: Flavor,
    subject: Subject<'_>,
    means: &SqlMeans,
    sealed: &Sealed,
    key: &str,
    around: &Surroundings,
) -> Option<Statement> {
    let column = means.columns.get(usize::from(means.key))?;
    let data = sealed.column(&means.alias);
    let (own, data) = (flavor.as_text(column), flavor.as_text(&data));
    let text = format!("SELECT {own}, {data} FROM {} {} WHERE ", means.table, means.alias);
    let mut draft = Draft::new(flavor, text);
    keyed(&mut draft, subject, means, key, around, true)?;
    Some(draft.done())
}

/// One record by its key.
pub fn one(
    flavor: Flavor,
    subject: Subject<'_>,
    means: &SqlMeans,
    key: &str,
    selection: &Selection,
    around: &Surroundings,
) -> Option<Select> {
    let (mut draft, slots, with_key) = columns(flavor, subject, means, selection, true);
    draft.push(" WHERE ");
    keyed(&mut draft, subject, means, key, around, true)?;
    Some(Select { statement: draft.done(), slots, versioned: means.version.is_some(), keyed: with_key })
}

/// The condition for one live record. `None` for a key that the source can have no row of.
pub fn keyed(
    draft: &mut Draft,
    subject: Subject<'_>,
    means: &SqlMeans,
    key: &str,
    around: &Surroundings,
    aliased: bool,
) -> Option<()> {
    let mut column = means.columns.get(usize::from(means.key))?.clone();
    let Fill::Slot(_, chain) = &subject.binding.reading.leaf(subject.resource.key)?.fill else { return None };
    let value = uncook(&Value::Text(key.into()), chain, around).ok()?;
    // A key that is no number matches nothing in a column of numbers, and is no fault.
    if !column.can_hold(value.scalar()?) {
        return None;
    }
    if !aliased {
        column.alias.clear();
    }
    let place = draft.bind(&column, value.scalar());
    draft.put(Term::bare(&column)).push(" = ").push(&place);
    live(draft, means, aliased);
    Some(())
}

/// Only rows of this resource, and none that was removed.
fn live(draft: &mut Draft, means: &SqlMeans, aliased: bool) {
    for (slot, value) in &means.fixed {
        let Some(mut column) = means.columns.get(usize::from(*slot)).cloned() else { continue };
        if !aliased {
            column.alias.clear();
        }
        let place = draft.bind(&column, value.scalar());
        draft.push(" AND ").put(Term::bare(&column)).push(" = ").push(&place);
    }
    if let Some(column) = &means.soft_delete {
        draft.push(" AND ");
        if aliased {
            draft.push(&means.alias).push(".");
        }
        draft.push(column).push(" IS NULL");
    }
}

fn columns(
    flavor: Flavor,
    subject: Subject<'_>,
    means: &SqlMeans,
    selection: &Selection,
    versioned: bool,
) -> (Draft, Vec<u16>, bool) {
    let needed = subject.binding.reading.needed(selection);
    let needed = needed.first().map(Vec::as_slice).unwrap_or_default();
    let is_child = |slot: u16| means.children.iter().any(|c| c.slot == slot);
    let wants_child =
        means.children.iter().any(|c| needed.get(usize::from(c.slot)).copied().unwrap_or(false));
    let needs = |slot: u16| needed.get(usize::from(slot)).copied().unwrap_or(false);
    // What is sealed opens with the record's own data key, for the record's own key.
    let sealed = means.sealed.as_ref().filter(|_| {
        let own = means.columns.iter().enumerate().any(|(at, column)| column.sealed && needs(at as u16));
        own || means.children.iter().any(|child| child.is_sealed() && needs(child.slot))
    });
    let mut slots = Vec::with_capacity(means.columns.len());
    let mut draft = Draft::new(flavor, "SELECT ");
    for (at, column) in means.columns.iter().enumerate() {
        let slot = at as u16;
        let wanted = needed.get(at).copied().unwrap_or(false)
            || (slot == means.key && (wants_child || sealed.is_some()));
        if wanted && !is_child(slot) {
            draft.push(if slots.is_empty() { "" } else { ", " }).put(flavor.as_text(column));
            slots.push(slot);
        }
    }
    // Something has to be selected, even where only a constant is asked for.
    if slots.is_empty()
        && let Some(key) = means.columns.get(usize::from(means.key))
    {
        slots.push(means.key);
        draft.put(flavor.as_text(key));
    }
    if let (true, Some(version)) = (versioned, &means.version) {
        let version = Column::plain(&means.alias, version, ColumnKind::Integer);
        draft.push(", ").put(flavor.as_text(&version));
    }
    if let Some(sealed) = sealed {
        draft.push(", ").put(flavor.as_text(&sealed.column(&means.alias)));
    }
    draft.push(" FROM ").push(&means.table).push(" ").push(&means.alias);
    joins(&mut draft, means);
    (draft, slots, sealed.is_some())
}

fn joins(draft: &mut Draft, means: &SqlMeans) {
    for join in &means.joins {
        draft.push(" LEFT JOIN ").push(&join.table).push(" ").push(&join.alias).push(" ON ");
        for (at, (theirs, alias, ours)) in join.on.iter().enumerate() {
            draft.push(if at == 0 { "" } else { " AND " });
            draft.push(&join.alias).push(".").push(theirs).push(" = ").push(alias).push(".").push(ours);
        }
    }
}

fn filters(
    draft: &mut Draft,
    subject: Subject<'_>,
    means: &SqlMeans,
    ask: &Ask<'_>,
    around: &Surroundings,
    ring: Option<&Ring>,
) -> Option<()> {
    draft.push(" WHERE 1 = 1");
    live(draft, means, true);
    for filter in ask.filters {
        let leaf = subject.binding.reading.leaf(filter.member)?;
        let Fill::Slot(slot, chain) = &leaf.fill else { return None };
        let column = means.columns.get(usize::from(*slot))?;
        let mut values = Vec::new();
        for text in &filter.values {
            let value = match &leaf.kind {
                Kind::Boolean => Value::Bool(text == "true"),
                Kind::Number(_) | Kind::Integer => Value::Number(text.as_str().into()),
                _ => Value::Text(text.as_str().into()),
            };
            match chain.read.last() {
                Some(Op::Part(table, part)) => {
                    values.extend(table.with(*part, &value).map(|c| Some(c.to_owned())));
                }
                _ => match uncook(&value, chain, around) {
                    Ok(value) => values.push(value.scalar().map(str::to_owned)),
                    Err(_) => values.extend(between(chain, filter.operator, text).map(Some)),
                },
            }
        }
        if column.sealed {
            // It is found by what stands beside it; by nothing else, whatever may be asked.
            let index = column.index.as_ref()?;
            let beside = Column::plain(&column.alias, &index.name, ColumnKind::Text);
            let entry = |value: String| sealed::entries(ring, &means.table, column, &value);
            let entries: Vec<Option<String>> =
                values.into_iter().flatten().flat_map(entry).map(Some).collect();
            if !matches!(filter.operator, Operator::Equal | Operator::NotEqual) {
                return None;
            }
            condition(draft, filter, &beside, &entries)?;
            continue;
        }
        values.retain(|v| v.as_deref().is_none_or(|v| column.can_hold(v)));
        condition(draft, filter, column, &values)?;
    }
    Some(())
}

/// A value that no record can have, and that orders all the same: `4.205` among hundredths.
fn between(chain: &Chain, operator: Operator, text: &str) -> Option<String> {
    match (chain.read.as_slice(), operator) {
        (_, Operator::Equal | Operator::NotEqual) => None,
        ([Op::Scaled(places)], _) => Decimal::parse(text)?.shifted(i64::from(*places)).to_text(None),
        _ => None,
    }
}

fn condition(draft: &mut Draft, filter: &Filter, column: &Column, values: &[Option<String>]) -> Option<()> {
    let whole = |v: &Option<String>| v.as_deref().is_none_or(|v| v.parse::<i64>().is_ok());
    // A value between or beyond the whole numbers is compared as a decimal.
    let decimal = Column { kind: ColumnKind::Number, ..column.clone() };
    let column =
        if column.kind == ColumnKind::Integer && !values.iter().all(whole) { &decimal } else { column };
    let name = column.full();
    let places: Vec<String> = values.iter().map(|v| draft.bind_compared(column, v.as_deref())).collect();
    match filter.operator {
        Operator::Equal => {
            if places.is_empty() {
                return None;
            }
            draft.push(&format!(" AND {name} IN ({})", places.join(", ")));
        }
        Operator::NotEqual if places.is_empty() => {}
        Operator::NotEqual => {
            draft.push(&format!(" AND ({} IS NULL OR {name} NOT IN ({}))", column.full(), places.join(", ")));
        }
        operator => {
            let sign = match operator {
                Operator::Less => "<",
                Operator::LessOrEqual => "<=",
                Operator::Greater => ">",
                _ => ">=",
            };
            let name = draft.flavor.ranged(column);
            let any: Vec<String> = places.iter().map(|place| format!("{name} {sign} {place}")).collect();
            if any.is_empty() {
                return None;
            }
            draft.push(&format!(" AND ({})", any.join(" OR ")));
        }
    }
    Some(())
}

/// The rows of a child table for these parents, in order; the first column is the parent's key.
pub fn children(flavor: Flavor, means: &SqlMeans, child: &Child, keys: &[&str]) -> Statement {
    let parent = Column {
        alias: child.alias.clone(),
        name: child.parent_column.clone(),
        ..means
            .columns
            .get(usize::from(means.key))
            .cloned()
            .unwrap_or_else(|| Column::plain("", "", ColumnKind::Text))
    };
    let place = Column::plain(&child.alias, &child.order, ColumnKind::Integer);
    let columns = std::iter::once(&parent).chain(&child.columns).chain(child.is_sealed().then_some(&place));
    let names: Vec<String> = columns.map(|c| flavor.as_text(c).to_string()).collect();
    let mut draft = Draft::new(
        flavor,
        format!("SELECT {} FROM {} {} WHERE ", names.join(", "), child.table, child.alias),
    );
    let places: Vec<String> = keys.iter().map(|key| draft.bind(&parent, Some(key))).collect();
    let alias = &child.alias;
    draft.push(&format!(
        "{} IN ({}) ORDER BY {}, {alias}.{}",
        parent.full(),
        places.join(", "),
        parent.full(),
        child.order
    ));
    draft.done()
}
