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
        if self != Self::Postgres {
            return placeholder;
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

    /// A column as it is compared and ordered: texts by code point.
    pub fn comparable(self, column: &Column) -> String {
        let name = column.full();
        match (self, column.kind) {
            (Self::Postgres, ColumnKind::Text) => format!("{name} COLLATE \"C\""),
            (Self::Mariadb, ColumnKind::Text) => format!("{name} COLLATE utf8mb4_nopad_bin"),
            _ => name,
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
}
