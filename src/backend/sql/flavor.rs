//! How the three databases differ, as far as it matters here.

use crate::{
    plan::sql::{Column, ColumnKind},
    value::time::Moment,
};

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
    pub fn as_text(self, column: &Column) -> String {
        let name = column.full();
        match self {
            Self::Sqlite => format!("CAST({name} AS TEXT)"),
            Self::Postgres => format!("{name}::text"),
            Self::Mariadb => format!("CAST({name} AS CHAR CHARACTER SET utf8mb4)"),
        }
    }

    /// A column as it is ordered: texts by code point.
    pub fn ordered(self, column: &Column) -> String {
        match self {
            // Tables of another age have other character sets, of which the collation is none.
            Self::Mariadb if column.is_text() => {
                format!("CONVERT({} USING utf8mb4) COLLATE utf8mb4_nopad_bin", column.full())
            }
            _ => self.ranged(column),
        }
    }

    /// A column as it stands beside `<` and `>`: texts by code point. For `=` its name does: `PostgreSQL`'s collations
    /// hold only equal texts for equal, and `MariaDB`'s stands with the parameter.
    pub fn ranged(self, column: &Column) -> String {
        match self {
            Self::Postgres if column.is_text() => format!("{} COLLATE \"C\"", column.full()),
            _ => column.full(),
        }
    }

    /// The number of characters of a column.
    pub fn length(self, column: &Column) -> String {
        let function = if self == Self::Mariadb { "CHAR_LENGTH" } else { "LENGTH" };
        format!("{function}({})", column.full())
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
