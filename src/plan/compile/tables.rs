//! Bindings of tables: columns, joins and children by alias, and what is kept of a record's history.

use super::{
    Compiler,
    converters::{Ground, constant},
    fields::Places,
    seals::{Said, Table, sealing},
};
use crate::{
    fault::{mapping as m, nearest::nearest},
    plan::{
        Kind, Means,
        contract::Format,
        reading::{Empties, Fill, Item, Leaf, LevelId, Node, Reading, SlotId},
        sql::{Child, Column, ColumnKind, Join, SqlMeans},
        writing::Writing,
    },
    spec::{
        Bound, Doc,
        words::{
            self,
            binding::{Field, NewKey, Rule, Stamp},
        },
    },
    value::{path::Path, time::lapse::Lapse},
};
use std::collections::BTreeMap;

/// How long removed records are kept where nothing is said.
const RETENTION: std::time::Duration = std::time::Duration::from_hours(30 * 24);

/// Places are columns with their alias.
struct Columns {
    main: String,
    joins: Vec<String>,
    /// Children by name, with their alias.
    children: BTreeMap<String, String>,
}

impl Places for Columns {
    fn path(&self, text: &str, within: Option<&str>) -> Result<Path, String> {
        let Some((alias, column)) = text.split_once('.') else {
            return Err(format!(
                "`{text}` is no column with its table's alias, such as `{}.name`",
                self.main
            ));
        };
        if !is_word(alias) || !is_word(column) {
            return Err(format!("`{text}` is no column; letters, digits and `_` make a name"));
        }
        let wanted = match within {
            Some(child) => self.children.get(child).into_iter().cloned().collect::<Vec<_>>(),
            None => std::iter::once(self.main.clone()).chain(self.joins.iter().cloned()).collect(),
        };
        if !wanted.iter().any(|known| known == alias) {
            return Err(format!(
                "`{alias}` is not the alias of a table that can be used here ({})",
                wanted.join(", ")
            ));
        }
        Ok(Path::name(text))
    }

    fn list(&self, text: &str) -> Result<Path, String> {
        if self.children.contains_key(text) {
            return Ok(Path::name(text));
        }
        let near = nearest(text, self.children.keys().map(String::as_str));
        let hint = near.map_or_else(String::new, |n| format!("; did you mean `{n}`?"));
        Err(format!("there is no child table `{text}`{hint}"))
    }

    fn can_write(&self, text: &str) -> bool {
        !text.split_once('.').is_some_and(|(alias, _)| self.joins.iter().any(|j| j == alias))
    }

    fn form(&self) -> &'static str {
        "a column is written with the alias of its table, for example `p.name`"
    }
}

pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.len() < 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && !text.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

impl Compiler<'_> {
    pub(super) fn sql_binding(
        &mut self,
        at: usize,
        bound: &Bound,
        resource: usize,
        source: usize,
    ) -> Option<(Reading, Writing, Means)> {
        let doc = &bound.doc;
        let before = self.out.errors();
        let (table, alias) = self.aliased(doc, &["table"], doc.words.table.as_deref().unwrap_or_default())?;
        let mut joins = Vec::new();
        for (name, join) in &doc.words.joins {
            let on = join.on.iter().filter_map(|(theirs, ours)| {
                let (alias, column) = ours.split_once('.')?;
                Some((theirs.clone(), alias.to_owned(), column.to_owned()))
            });
            joins.push(Join { alias: name.clone(), table: join.table.clone(), on: on.collect() });
        }
        let mut children: BTreeMap<String, (String, String, &words::binding::Child)> = BTreeMap::new();
        for (name, child) in &doc.words.children {
            if let Some((table, alias)) = self.aliased(doc, &["children", name, "table"], &child.table) {
                children.insert(name.clone(), (table, alias, child));
            }
        }
        let places = Columns {
            main: alias.clone(),
            joins: joins.iter().map(|j| j.alias.clone()).collect(),
            children: children.iter().map(|(name, (_, alias, _))| (name.clone(), alias.clone())).collect(),
        };
        let ground = Ground { doc, at, api_id: &bound.api, source, sql: true };
        let (mut reading, writing) = self.fields(ground, resource, Empties::default(), &places)?;
        let draft = self.drafts.get(resource)?;
        let (contract, key_member, numeric) =
            (draft.contract.clone(), draft.public.key, draft.public.numeric_key);
        let Some(Fill::Slot(key, _)) = reading.leaf(key_member).map(|leaf| leaf.fill.clone()) else {
            doc.error_at_key(
                self.out,
                m::BAD_PLACE,
                &["fields"],
                "the key comes from one column",
                Some("say it as `<key>: <alias>.<column>`".into()),
            );
            return None;
        };
        let mut fixed = Vec::new();
        for name in doc.words.picked.keys() {
            let hint = Some("write it as `fixed`: the statement picks the rows".into());
            let message = "`where` is for sources that cannot pick rows by themselves";
            doc.error_at_key(self.out, m::BAD_PLACE, &["where", name], message, hint);
        }
        for (name, values) in &doc.words.fixed {
            let Some(value) = values.iter().next().filter(|_| values.iter().count() == 1) else {
                let hint = Some("write one value, for example `kind: pet`".into());
                doc.error_at_key(
                    self.out,
                    m::BAD_PLACE,
                    &["fixed", name],
                    "a column is fixed to one value",
                    hint,
                );
                continue;
            };
            match places.path(name, None) {
                Ok(path) => fixed.push((reading.slot(0, 0, &path), constant(value))),
                Err(message) => doc.error_at_key(self.out, m::BAD_PLACE, &["fixed", name], message, None),
            }
        }
        let mut columns = columns(&reading, 0, &doc.words.fields);
        if let Some(column) = columns.get_mut(usize::from(key)) {
            column.numeric_order = numeric;
        }
        let mut kids = Vec::new();
        for (name, (table, alias, child)) in &children {
            let path = Path::name(name);
            let Some(slot) = reading.levels.first().and_then(|l| l.places.iter().position(|p| *p == path))
            else {
                continue;
            };
            let Some(level) = reading.inner(0, slot as SlotId) else { continue };
            let pair = child.on.iter().next().map(|(theirs, ours)| (theirs.clone(), ours.clone()));
            let key_column = columns.get(usize::from(key)).map(Column::full).unwrap_or_default();
            let parent_column = match pair {
                Some((theirs, ours)) if child.on.len() == 1 && ours == key_column && is_word(&theirs) => {
                    theirs
                }
                _ => {
                    let hint = Some(format!("write `on: {{ <column>: {key_column} }}`"));
                    doc.error_at_key(
                        self.out,
                        m::BAD_PLACE,
                        &["children", name, "on"],
                        "a child table is joined to the key by one column",
                        hint,
                    );
                    continue;
                }
            };
            if !is_word(&child.order) {
                doc.error(
                    self.out,
                    m::BAD_PLACE,
                    &["children", name, "order"],
                    "this is no column's name",
                    Some("letters, digits and `_` make a name".into()),
                );
            }
            kids.push(Child {
                name: name.clone(),
                table: table.clone(),
                alias: alias.clone(),
                parent_column,
                order: child.order.clone(),
                level,
                slot: slot as SlotId,
                columns: self::columns(&reading, level, &doc.words.fields),
            });
        }
        let own = |column: &Option<String>| {
            column.as_ref().map(|c| c.split_once('.').map_or(c.as_str(), |(_, n)| n).to_owned())
        };
        let stamped = |wanted: Stamp| -> Vec<SlotId> {
            let fields = doc.words.fields.iter().filter_map(|(_, field)| match field {
                Field::Rule(rule) if rule.stamp == Some(wanted) => rule.from.as_deref(),
                _ => None,
            });
            fields
                .filter_map(|from| columns.iter().position(|c| c.full() == from).map(|at| at as SlotId))
                .collect()
        };
        if let Some(Stamp::Changed) =
            contract.get(key_member).map(|_| Stamp::Changed).filter(|_| doc.words.version.is_none())
        {
            // Without a version two writers at once cannot be told apart; it is no fault, and worth a word.
            if draft_writes(self, resource) {
                let hint = Some("add a whole-number column and name it: `version: p.version`".into());
                doc.warning(
                    self.out,
                    m::PROMISE_BROKEN,
                    &["table"],
                    "`If-Match` is not atomic here without a `version`",
                    hint,
                );
            }
        }
        let key_column = columns.get(usize::from(key)).map(Column::full).unwrap_or_default();
        let judged = Table {
            alias: &places.main,
            children: places.children.values().map(String::as_str).collect(),
            key: key_column,
        };
        let sealed = self.seals(bound, &judged);
        let (created, changed) = (stamped(Stamp::Created), stamped(Stamp::Changed));
        let means = SqlMeans {
            table,
            alias,
            columns,
            joins,
            children: kids,
            fixed,
            retention: doc.words.retention.map_or(RETENTION, |span| span.0),
            soft_delete: own(&doc.words.soft_delete),
            version: own(&doc.words.version),
            database_key: doc.words.new_key == Some(NewKey::Database),
            key,
            created,
            changed,
            sealed,
        };
        self.sql_promises(doc, resource, &reading, &means);
        (self.out.errors() == before).then(|| (reading, writing, Means::Sql(Box::new(means))))
    }

    /// A table and its alias.
    fn aliased(&mut self, doc: &Doc<words::Binding>, place: &[&str], text: &str) -> Option<(String, String)> {
        match text.split_whitespace().collect::<Vec<_>>().as_slice() {
            [table, alias] if table.split('.').all(is_word) && is_word(alias) => {
                Some(((*table).to_owned(), (*alias).to_owned()))
            }
            _ => {
                let hint = Some("write for example `pets p`".into());
                doc.error(self.out, m::NO_ALIAS, place, format!("`{text}` is no table with an alias"), hint);
                None
            }
        }
    }
}

fn draft_writes(compiler: &Compiler<'_>, resource: usize) -> bool {
    compiler.drafts.get(resource).is_some_and(|d| d.doc.words.operations.iter().any(|o| o.is_write()))
}

/// The columns of a level, by slot, with the type that their leaf's contract says.
fn columns(reading: &Reading, level: LevelId, fields: &indexmap::IndexMap<String, Field>) -> Vec<Column> {
    let places = reading.levels.get(usize::from(level)).map(|l| l.places.as_slice()).unwrap_or_default();
    let kinds = kinds(reading, level);
    places
        .iter()
        .enumerate()
        .map(|(slot, path)| {
            let text = path.head().unwrap_or_default();
            let (alias, name) = text.split_once('.').unwrap_or(("", text));
            let kind = kinds.get(&(slot as SlotId)).copied().unwrap_or(ColumnKind::Text);
            let sql_type = own_type(fields, text);
            match sealing(fields, text) {
                // Whatever it is, it lies there as a text.
                Some(Said { index }) => {
                    Column { sealed: true, index, sql_type, ..Column::plain(alias, name, ColumnKind::Text) }
                }
                None => Column { sql_type, ..Column::plain(alias, name, kind) },
            }
        })
        .collect()
}

/// The SQL type that a rule says for its place.
fn own_type(fields: &indexmap::IndexMap<String, Field>, place: &str) -> Option<String> {
    fields.values().find_map(|field| match field {
        Field::Rule(rule) => {
            let Rule { from, sql_type, fields, .. } = &**rule;
            let own = sql_type.clone().filter(|_| from.as_deref() == Some(place));
            own.filter(|t| t.bytes().all(|b| b.is_ascii_alphanumeric() || b" (),_".contains(&b)))
                .or_else(|| own_type(fields, place))
        }
        Field::Place(_) => None,
    })
}

fn kinds(reading: &Reading, level: LevelId) -> BTreeMap<SlotId, ColumnKind> {
    fn leaf(leaf: &Leaf, found: &mut BTreeMap<SlotId, ColumnKind>) {
        use crate::plan::convert::Op;
        let (Fill::Slot(slot, chain) | Fill::Whole(slot, chain)) = &leaf.fill else { return };
        let numeric = matches!(chain.read.first(), Some(Op::Number));
        let kind = match (chain.read.get(usize::from(numeric)), &leaf.kind) {
            (Some(Op::Scaled(_) | Op::EpochSeconds | Op::EpochMillis), _) => ColumnKind::Integer,
            _ if numeric => ColumnKind::Number,
            (Some(Op::Truth), _) => ColumnKind::Boolean,
            (Some(Op::Fixed(_) | Op::Scale(_)), _) => ColumnKind::Number,
            (Some(Op::Lapse(lapse)), _) if *lapse != Lapse::Words => ColumnKind::Integer,
            (
                Some(
                    Op::Codes(_)
                    | Op::Part(..)
                    | Op::Piece(..)
                    | Op::Lookup(_)
                    | Op::Date(_)
                    | Op::DateTime(_)
                    | Op::Affix(..)
                    | Op::Grouped(_)
                    | Op::Html(_)
                    | Op::Lapse(_),
                ),
                _,
            ) => ColumnKind::Text,
            (_, Kind::Text(Format::Date)) => ColumnKind::Date,
            (_, Kind::Text(Format::DateTime)) => ColumnKind::DateTime,
            (_, Kind::Text(_) | Kind::Enum(_)) => ColumnKind::Text,
            (_, Kind::Number(_)) => ColumnKind::Number,
            (_, Kind::Integer) => ColumnKind::Integer,
            (_, Kind::Boolean) => ColumnKind::Boolean,
            (_, Kind::Object | Kind::List(_) | Kind::Free) => ColumnKind::Json,
        };
        // A derived member shares the column of the one that it comes from, which is the first.
        found.entry(*slot).or_insert(kind);
    }
    fn walk(
        nodes: &[Node],
        level: LevelId,
        at: LevelId,
        reading: &Reading,
        found: &mut BTreeMap<SlotId, ColumnKind>,
    ) {
        for node in nodes {
            match node {
                Node::Leaf(l) if at == level && !ends_in_age(l) => leaf(l, found),
                Node::Leaf(_) => {}
                Node::Object(object) => walk(&object.children, level, at, reading, found),
                Node::List(list) => {
                    let Some(inner) = reading.inner(at, list.slot) else { continue };
                    match &list.item {
                        Item::Object(nodes) => walk(nodes, level, inner, reading, found),
                        Item::Scalar(l) if inner == level => leaf(l, found),
                        Item::Scalar(_) => {}
                    }
                }
            }
        }
    }
    fn ends_in_age(leaf: &Leaf) -> bool {
        matches!(&leaf.fill, Fill::Slot(_, chain) if matches!(chain.read.last(), Some(crate::plan::convert::Op::Age)))
    }
    let mut found = BTreeMap::new();
    walk(&reading.top, level, 0, reading, &mut found);
    found
}
