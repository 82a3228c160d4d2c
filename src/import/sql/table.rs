//! One table to a resource, with the tables that hold its lists.

use super::{
    column::{kind, member},
    spelling::sayable,
};
use crate::{
    backend::sql::{
        Flavor,
        catalogue::{Column, Foreign, Table},
    },
    import::{
        member::{Member, Shape},
        names,
        project::{Resource, Wish},
    },
};
use serde_json::{Map, Value, json};

/// Columns that hold a row's place among its siblings.
const PLACES: &[&str] = &[
    "position",
    "pos",
    "place",
    "ordinal",
    "sort_order",
    "seq",
    "sequence",
    "idx",
    "line_no",
    "line_number",
    "item_no",
    "rank",
];
const CREATED: &[&str] = &["created_at", "createdat", "created", "created_on", "date_created", "inserted_at"];
const CHANGED: &[&str] =
    &["updated_at", "updatedat", "updated", "changed_at", "modified_at", "last_modified", "date_modified"];
const REMOVED: &[&str] = &["deleted_at", "deletedat", "removed_at"];
const VERSION: &[&str] = &["version", "row_version", "lock_version", "revision"];

/// The table whose list another one holds: it refers to that one alone, says each row's place, is referred to by
/// nobody, and has no key that must be made.
pub fn parent<'t>(table: &Table, tables: &'t [Table], flavor: Flavor) -> Option<&'t Table> {
    let [foreign] = table.foreign.as_slice() else { return None };
    let place = place(table)?;
    let referred = tables.iter().any(|other| other.foreign.iter().any(|f| f.table == table.name));
    let keyed = match table.key.as_slice() {
        [] => true,
        [one] => column(table, one).is_some_and(|column| column.counted),
        several => several.iter().all(|name| *name == foreign.column || name == place),
    };
    let parent = tables.iter().find(|other| other.name == foreign.table && other.name != table.name)?;
    let of_key = matches!(parent.key.as_slice(), [key] if foreign.to.as_ref().is_none_or(|to| to == key));
    // What it cannot do without has to be a member.
    let whole = table.columns.iter().all(|c| {
        !c.not_null
            || c.default.is_some()
            || c.counted
            || kind(c, flavor).is_some() && sayable(&c.name, flavor)
    });
    let whole = whole && sayable(&table.name, flavor) && sayable(place, flavor);
    (!referred && keyed && of_key && whole).then_some(parent)
}

fn place(table: &Table) -> Option<&str> {
    let is_place = |column: &&Column| {
        PLACES.contains(&column.name.to_ascii_lowercase().as_str()) && column.kind.contains("int")
    };
    table.columns.iter().find(is_place).map(|column| column.name.as_str())
}

fn column<'t>(table: &'t Table, name: &str) -> Option<&'t Column> {
    table.columns.iter().find(|column| column.name == name)
}

fn is(column: &Column, names: &[&str]) -> bool {
    names.contains(&column.name.to_ascii_lowercase().as_str())
}

fn is_time(column: &Column) -> bool {
    column.kind.starts_with("timestamp") || column.kind.starts_with("datetime")
}

/// The resource of a table with a key of one column; else why there is none.
pub fn resource(table: &Table, tables: &[Table], flavor: Flavor, wish: &Wish) -> Result<Resource, String> {
    let key =
        table.key.first().and_then(|name| column(table, name)).ok_or("its key is not among its columns")?;
    if !sayable(&key.name, flavor) {
        return Err(format!("the name of its key `{}` cannot be said in a mapping", key.name));
    }
    let mut made = Resource::new(names::resource(&table.name), names::title(&table.name));
    let mut taken = names::Members::of(&made.title);
    let mut lost = Vec::new();
    for column in &table.columns {
        if is_time(column) && is(column, REMOVED) && !column.not_null {
            made.binding.insert("softDelete".into(), format!("t.{}", column.name).into());
            made.of_binding.push(format!(
                "Guessed: `{}` is set when a record is removed, and such records are not seen.",
                column.name
            ));
            continue;
        }
        if is(column, VERSION) && column.kind.contains("int") && column.not_null {
            made.binding.insert("version".into(), format!("t.{}", column.name).into());
            made.of_binding.push(format!("Guessed: `{}` counts the writes of a row.", column.name));
            continue;
        }
        let Some(found) = kind(column, flavor).filter(|_| sayable(&column.name, flavor)) else {
            let why = if sayable(&column.name, flavor) {
                format!("`{}` has no public form", column.kind)
            } else {
                "its name means something else in SQL".into()
            };
            made.of_contract.push(format!("The column `{}` is left out: {why}.", column.name));
            lost.extend(
                (column.not_null && column.default.is_none() && !column.computed)
                    .then(|| column.name.clone()),
            );
            continue;
        };
        let mut member = member(column, taken.name(&column.name), "t", found);
        let of = table
            .foreign
            .iter()
            .find(|f| f.column == column.name)
            .and_then(|f| Some((f, target(f, tables, flavor)?)));
        if column.name == key.name {
            made.key.clone_from(&member.name);
            made.numeric = member.make_key();
            if made.numeric {
                member.rule.insert("type".into(), "bigint".into());
            }
        } else if let Some((_, other)) = of.filter(|(_, other)| wish.wants(&names::resource(&other.name))) {
            if member.digits_as_text() {
                member.rule.insert("type".into(), "bigint".into());
            }
            made.references.push((member.name.clone(), names::resource(&other.name)));
        }
        if is_time(column) {
            let stamp = if is(column, CREATED) {
                Some("created")
            } else if is(column, CHANGED) {
                Some("changed")
            } else {
                None
            };
            if let Some(stamp) = stamp {
                member.read_only = true;
                member.rule.insert("stamp".into(), stamp.into());
                made.of_binding.push(format!(
                    "Guessed: `{}` is set when a record is {}.",
                    column.name,
                    if stamp == "created" { "made" } else { "written" }
                ));
            }
        }
        made.members.push(member);
    }
    if made.key.is_empty() {
        return Err(format!("its key `{}` is of the type `{}`", key.name, key.kind));
    }
    let new_key = new_key(key, made.numeric);
    let children: Vec<&Table> = tables
        .iter()
        .filter(|other| parent(other, tables, flavor).is_some_and(|p| p.name == table.name))
        .collect();
    let mut words = Map::new();
    words.insert("table".into(), format!("{} t", table.name).into());
    lists(&mut made, &children, key, flavor, &mut taken, &mut words);
    words.extend(std::mem::take(&mut made.binding));
    made.operations = vec!["list", "read"];
    if lost.is_empty() {
        if let Some(word) = new_key {
            words.insert("newKey".into(), word.into());
            made.operations.insert(1, "create");
        } else {
            made.of_binding.push(format!(
                "Decide: nothing says how a new `{}` is made, so that no record can be; see `newKey`.",
                key.name
            ));
        }
        made.operations.extend(["replace", "patch", "delete"]);
        made.of_binding.push("Decide: who may write; until then everybody may.".into());
    } else {
        made.of_binding.push(format!(
            "Decide: nothing can be written, for `{}` must be there and cannot be a member.",
            lost.join("`, `")
        ));
    }
    made.binding = words;
    filters(&mut made, table);
    made.total = true;
    made.of_contract
        .push("Decide: which members the public sees, their names, and which of them must be there.".into());
    Ok(made)
}

fn target<'t>(foreign: &Foreign, tables: &'t [Table], flavor: Flavor) -> Option<&'t Table> {
    let other = tables.iter().find(|table| table.name == foreign.table)?;
    let of_key = matches!(other.key.as_slice(), [key] if foreign.to.as_ref().is_none_or(|to| to == key));
    (of_key && parent(other, tables, flavor).is_none()).then_some(other)
}

/// How a new record's key is made: by the database where it counts or makes one, else by us where it is a text that
/// has room for it.
fn new_key(key: &Column, numeric: bool) -> Option<&'static str> {
    let made = key.counted || key.default.as_deref().is_some_and(|default| default.contains('('));
    let room = key.kind.split_once('(').and_then(|(_, rest)| rest.trim_end_matches(')').parse::<u32>().ok());
    match () {
        () if made => Some("database"),
        () if numeric => None,
        () => room.is_none_or(|room| room >= 36).then_some("uuid"),
    }
}

/// The tables that hold its lists.
fn lists(
    made: &mut Resource,
    children: &[&Table],
    key: &Column,
    flavor: Flavor,
    taken: &mut names::Members,
    words: &mut Map<String, Value>,
) {
    let mut said = Map::new();
    for (number, child) in children.iter().enumerate() {
        let (Some(foreign), Some(order)) = (child.foreign.first(), place(child)) else { continue };
        // The parent's name in front says nothing here: `order_lines` of `orders` are its `lines`.
        let mut own = names::words(&child.name);
        let owner = names::words(&made.name);
        let shared =
            own.iter().zip(&owner).take_while(|(a, b)| names::singular(a) == names::singular(b)).count();
        own.drain(..shared.min(own.len().saturating_sub(1)));
        let name = taken.name(&names::resource(&own.join("_")));
        let alias = format!("c{}", number + 1);
        let mut inner = names::Members::of(&names::title(&name));
        let mut members: Vec<Member> = Vec::new();
        for column in &child.columns {
            let counted = column.counted && child.key.contains(&column.name);
            if column.name == foreign.column
                || column.name == order
                || counted
                || !sayable(&column.name, flavor)
            {
                continue;
            }
            match kind(column, flavor) {
                Some(found) => members.push(member(column, inner.name(&column.name), &alias, found)),
                None => made.of_contract.push(format!(
                    "The column `{}.{}` is left out: `{}` has no public form.",
                    child.name, column.name, column.kind
                )),
            }
        }
        if members.is_empty() {
            continue;
        }
        let on = json!({ foreign.column.as_str(): format!("t.{}", key.name) });
        said.insert(
            name.clone(),
            json!({ "table": format!("{} {alias}", child.name), "on": on, "order": order }),
        );
        made.of_binding.push(format!(
            "Guessed: `{}` holds a list of each record, in the order of `{order}`, and nothing else.",
            child.name
        ));
        made.members.push(Member::new(name.clone(), name.clone(), Shape::Rows(name, members)));
    }
    if !said.is_empty() {
        words.insert("children".into(), Value::Object(said));
    }
}

/// What an index serves can be filtered and sorted by.
fn filters(made: &mut Resource, table: &Table) {
    for member in made.members.iter().filter(|member| member.is_scalar()) {
        let column = member.place.trim_start_matches("t.");
        if !table.leading.iter().any(|leading| leading == column) || member.name == made.key {
            continue;
        }
        made.filter.push(member.name.clone());
        let reference = made.references.iter().any(|(name, _)| *name == member.name);
        let ordered = !reference && member.kind() != "boolean" && !member.kind().is_empty();
        made.sort.extend(ordered.then(|| member.name.clone()));
    }
    if made.filter.is_empty() {
        made.of_resource.push("Decide: what lists are filtered by; no index but the key's says it.".into());
    }
}
