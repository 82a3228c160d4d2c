//! How a resource is done in SQL: a table, its columns by slot, its children. Statements are made of these by
//! `backend::sql`, with one dialect for each kind of database.

use super::reading::{LevelId, SlotId};
use crate::value::Value;

#[derive(Debug, Clone)]
pub struct SqlMeans {
    pub table: String,
    pub alias: String,
    /// By slot of the record.
    pub columns: Vec<Column>,
    pub joins: Vec<Join>,
    pub children: Vec<Child>,
    /// Columns and the values without which a row is another resource's.
    pub fixed: Vec<(SlotId, Value)>,
    /// The column that is set when a record is removed.
    pub soft_delete: Option<String>,
    /// How long a removed record is kept.
    pub retention: std::time::Duration,
    /// The column that counts writes.
    pub version: Option<String>,
    /// Whether the database makes keys; a UUID of version 7 is made where it does not.
    pub database_key: bool,
    pub key: SlotId,
    /// Columns set when a record is made.
    pub created: Vec<SlotId>,
    /// Columns set whenever it is written.
    pub changed: Vec<SlotId>,
    /// How sealed columns are sealed; nothing where none is.
    pub sealed: Option<Sealed>,
}

/// How a table's sealed columns are sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The column that holds the record's wrapped data key, without an alias.
    pub key: String,
    /// Whether rows without a data key are read as they are.
    pub reads_plain: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub alias: String,
    pub name: String,
    pub kind: ColumnKind,
    /// The operator's own SQL type.
    pub sql_type: Option<String>,
    /// Whether shorter texts come first, as numbers do.
    pub numeric_order: bool,
    /// Whether its values are sealed; it is a column of texts then.
    pub sealed: bool,
    /// The column by which it is found, where it is sealed.
    pub index: Option<BlindIndex>,
}

/// The column beside a sealed one that holds a keyed hash of its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlindIndex {
    /// Without an alias.
    pub name: String,
    pub ignore_case: bool,
}

/// What a column holds, as the contract says it; each database has its own type for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    Text,
    Integer,
    Number,
    Boolean,
    Date,
    DateTime,
    Json,
}

#[derive(Debug, Clone)]
pub struct Join {
    pub alias: String,
    pub table: String,
    /// Column of the joined table, alias and column of ours.
    pub on: Vec<(String, String, String)>,
}

#[derive(Debug, Clone)]
pub struct Child {
    pub name: String,
    pub table: String,
    pub alias: String,
    /// The child's column that holds the parent's key.
    pub parent_column: String,
    pub order: String,
    /// The level of its rows, and the slot of the record that holds them.
    pub level: LevelId,
    pub slot: SlotId,
    /// By slot of the level.
    pub columns: Vec<Column>,
}

impl Column {
    /// A column of the table itself that no member is filled from.
    pub fn plain(alias: &str, name: &str, kind: ColumnKind) -> Self {
        Self {
            alias: alias.to_owned(),
            name: name.to_owned(),
            kind,
            sql_type: None,
            numeric_order: false,
            sealed: false,
            index: None,
        }
    }

    /// Whether a column can hold this text at all. Of a text that is no number `MariaDB` would compare the digits that
    /// it begins with, and `PostgreSQL` would refuse the statement; a number has one spelling here.
    pub fn can_hold(&self, text: &str) -> bool {
        let whole = self.sql_type.as_deref().is_some_and(|own| own.to_ascii_lowercase().contains("int"));
        self.kind != ColumnKind::Text
            || !whole
            || text.parse::<i64>().is_ok_and(|number| number.to_string() == text)
    }

    /// Whether the database has it as text, so that it has a length and a collation.
    pub fn is_text(&self) -> bool {
        let own = self.sql_type.as_deref().map(str::to_ascii_lowercase);
        let texts = ["text", "char", "varchar", "character", "tinytext", "mediumtext", "longtext"];
        self.kind == ColumnKind::Text
            && own.is_none_or(|own| texts.iter().any(|text| own.trim_start().starts_with(text)))
    }

    pub fn full(&self) -> String {
        if self.alias.is_empty() { self.name.clone() } else { format!("{}.{}", self.alias, self.name) }
    }
}
