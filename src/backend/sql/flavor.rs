//! How the three databases differ, as far as it matters here.

use crate::{
    plan::sql::{Column, ColumnKind},
    value::time::Moment,
};
use std::fmt;

/// A column with what a database wants around it.
#[derive(Debug, Clone, Copy)]
pub struct Term<'a> {
    before: &'static str,
    column: &'a Column,
    behind: &'static str,
}

impl<'a> Term<'a> {
    /// The column as it is called in a statement: behind its table's alias, where it has one.
    pub fn bare(column: &'a Column) -> Self {
        Self { before: "", column, behind: "" }
    }

    fn words(&self) -> [&'a str; 5] {
        let alias = self.column.alias.as_str();
        [self.before, alias, if alias.is_empty() { "" } else { "." }, &self.column.name, self.behind]
    }

    /// Adds it to a statement.
    pub fn put(&self, sql: &mut String) {
        self.words().iter().for_each(|word| sql.push_str(word));
    }
}

impl fmt::Display for Term<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.words().iter().try_for_each(|word| f.write_str(word))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    Sqlite,
    Postgres,
    Mariadb,
}

impl Flavor {
    /// The folder of its migrations.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::Mariadb => "mariadb",
        }
    }

    /// A parameter, by its number from 1.
    pub fn placeholder(self, number: usize) -> String {
        match self {
            Self::Postgres => format!("${number}"),
            Self::Sqlite | Self::Mariadb => "?".into(),
        }
    }

    /// A parameter that is compared with a column, or stored in it: texts are brought to the column's type.
    pub fn parameter(self, number: usize, column: &Column) -> String {
        let placeholder = self.placeholder(number);
        match self {
            // The collation stands with the parameter: around a column it would keep the column's index from use.
            Self::Mariadb if column.is_text() => return format!("{placeholder} COLLATE utf8mb4_nopad_bin"),
            Self::Sqlite | Self::Mariadb => return placeholder,
            Self::Postgres => {}
        }
        let cast = match (&column.sql_type, column.kind) {
            (Some(own), _) => own.as_str(),
            (None, ColumnKind::Text) => return placeholder,
            (None, ColumnKind::Integer) => "bigint",
            (None, ColumnKind::Number) => "numeric",
            (None, ColumnKind::Boolean) => "boolean",
            (None, ColumnKind::Date) => "date",
            (None, ColumnKind::DateTime) => "timestamptz",
            (None, ColumnKind::Json) => "jsonb",
        };
        format!("{placeholder}::{cast}")
    }

    /// A column's value as text.
    pub fn as_text(self, column: &Column) -> Term<'_> {
        match self {
            Self::Sqlite => Term { before: "CAST(", column, behind: " AS TEXT)" },
            Self::Postgres => Term { before: "", column, behind: "::text" },
            Self::Mariadb => Term { before: "CAST(", column, behind: " AS CHAR CHARACTER SET utf8mb4)" },
        }
    }

    /// A column as it is ordered: texts by code point.
    pub fn ordered(self, column: &Column) -> Term<'_> {
        match self {
            // Tables of another age have other character sets, of which the collation is none.
            Self::Mariadb if column.is_text() => {
                Term { before: "CONVERT(", column, behind: " USING utf8mb4) COLLATE utf8mb4_nopad_bin" }
            }
            _ => self.ranged(column),
        }
    }

    /// A column as it stands beside `<` and `>`: texts by code point. For `=` its name does: `PostgreSQL`'s collations
    /// hold only equal texts for equal, and `MariaDB`'s stands with the parameter.
    pub fn ranged(self, column: &Column) -> Term<'_> {
        match self {
            Self::Postgres if column.is_text() => Term { before: "", column, behind: " COLLATE \"C\"" },
            _ => Term::bare(column),
        }
    }

    /// The number of characters of a column.
    pub fn length(self, column: &Column) -> Term<'_> {
        let before = if self == Self::Mariadb { "CHAR_LENGTH(" } else { "LENGTH(" };
        Term { before, column, behind: ")" }
    }

    /// A time as the database takes it in a text.
    pub fn moment(self, moment: Moment) -> String {
        let text = moment.to_string();
        match self {
            Self::Mariadb => text.replace('T', " ").trim_end_matches('Z').to_owned(),
            Self::Sqlite | Self::Postgres => text,
        }
    }

    /// A value for a column, from the form that converters give.
    pub fn value(self, column: &Column, text: &str) -> String {
        match (self, column.kind) {
            (Self::Mariadb, ColumnKind::DateTime) => {
                Moment::parse(text).map_or_else(|| text.to_owned(), |m| self.moment(m))
            }
            (_, ColumnKind::DateTime) => {
                Moment::parse(text).map_or_else(|| text.to_owned(), |m| m.to_string())
            }
            _ => text.to_owned(),
        }
    }

    /// A value that is compared with a column's. `SQLite` keeps times as texts of whole seconds: behind the `Z` a
    /// fraction orders between two of them, in front of it it would come before both.
    pub fn compared(self, column: &Column, text: &str) -> String {
        let value = self.value(column, text);
        match (self, column.kind, value.strip_suffix('Z').and_then(|v| v.split_once('.'))) {
            (Self::Sqlite, ColumnKind::DateTime, Some((whole, fraction))) => format!("{whole}Z.{fraction}"),
            _ => value,
        }
    }
}
