//! Statements as text and parameters. Nothing of a caller is ever in the text.

pub mod select;

use super::{Flavor, flavor::Term};
use crate::plan::sql::Column;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    Text(String),
    Integer(i64),
    Null,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub sql: String,
    pub parameters: Vec<Parameter>,
}

/// A statement while it is made.
#[derive(Debug)]
pub(super) struct Draft {
    pub flavor: Flavor,
    pub sql: String,
    pub parameters: Vec<Parameter>,
}

impl Draft {
    pub fn new(flavor: Flavor, sql: impl Into<String>) -> Self {
        let mut sql = sql.into();
        // Few statements are longer, and one that grows is copied each time.
        sql.reserve(1024);
        Self { flavor, sql, parameters: Vec::new() }
    }

    /// Adds a value for a column, and hands out its place in the text.
    pub fn bind(&mut self, column: &Column, text: Option<&str>) -> String {
        self.parameters.push(match text {
            Some(text) => Parameter::Text(self.flavor.value(column, text)),
            None => Parameter::Null,
        });
        self.flavor.parameter(self.parameters.len(), column)
    }

    /// The same for a value that is compared with a column's.
    pub fn bind_compared(&mut self, column: &Column, text: Option<&str>) -> String {
        let text = text.map(|text| self.flavor.compared(column, text));
        self.parameters.push(text.map_or(Parameter::Null, Parameter::Text));
        self.flavor.parameter(self.parameters.len(), column)
    }

    pub fn bind_integer(&mut self, number: i64) -> String {
        self.parameters.push(Parameter::Integer(number));
        self.flavor.placeholder(self.parameters.len())
    }

    pub fn push(&mut self, text: &str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    pub fn put(&mut self, term: Term<'_>) -> &mut Self {
        term.put(&mut self.sql);
        self
    }

    pub fn done(self) -> Statement {
        Statement { sql: self.sql, parameters: self.parameters }
    }
}
