//! What a schema lets a value be, in the form that samples are made from: `$ref` followed, `allOf` merged,
//! each bound in its place. It judges nothing; keywords that it does not know are left to the validator.

mod compile;
mod merge;

pub use compile::whole;

use super::{number::Number, text::Text};
use crate::value::{Value, decimal::Decimal};

/// What one place of a document may hold.
#[derive(Debug)]
pub struct Shape {
    /// What it is known by: mostly the property's name. An item has its list's, the whole has the title.
    pub name: String,
    pub nullable: bool,
    /// Perhaps with null among them.
    pub examples: Vec<Value>,
    pub default: Option<Value>,
    pub kind: Kind,
}

#[derive(Debug)]
pub enum Kind {
    /// Null and nothing else.
    Null,
    /// One of these, of which none is null.
    Choice(Vec<Value>),
    Text(Text),
    Number(Number),
    Boolean,
    Object(Vec<Field>),
    /// An object whose names nobody has said.
    Map(Map),
    List(List),
    /// One of several types, or of several schemas.
    Either(Vec<Shape>),
    /// Anything in JSON.
    Free,
}

/// A member of an object.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    pub required: bool,
    pub shape: Shape,
}

#[derive(Debug)]
pub struct Map {
    pub least: usize,
    pub most: Option<usize>,
    /// What each member holds; `None` where there can be no members.
    pub values: Option<Box<Shape>>,
}

#[derive(Debug)]
pub struct List {
    pub items: Box<Shape>,
    pub least: usize,
    pub most: Option<usize>,
    pub unique: bool,
}

// === impl Shape ===

impl Shape {
    /// A shape of which nothing but the kind is known.
    fn plain(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), nullable: false, examples: Vec::new(), default: None, kind }
    }

    /// The shape of a whole document.
    pub fn of(schema: &serde_json::Value) -> Self {
        compile::compile(schema)
    }

    /// Whether an example is at least of the right length; most wrong ones are too long.
    fn could_be(&self, example: &Value) -> bool {
        match (&self.kind, example) {
            (Kind::Text(text), Value::Text(example)) => text.has_length(example),
            _ => true,
        }
    }

    /// The value with its numbers in the form of the contract: `4.2` is `4.20` at a scale of two.
    pub fn settle(&self, value: Value) -> Value {
        match (&self.kind, value) {
            (Kind::Number(number), Value::Number(text)) => {
                let settled = Decimal::parse(&text).and_then(|d| d.to_text(number.scale));
                Value::Number(settled.map_or(text, Into::into))
            }
            (Kind::Object(fields), Value::Object(members)) => Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| match fields.iter().find(|field| field.name == name) {
                        Some(field) => (name, field.shape.settle(value)),
                        None => (name, value),
                    })
                    .collect(),
            ),
            (Kind::List(list), Value::List(items)) => {
                Value::List(items.into_iter().map(|item| list.items.settle(item)).collect())
            }
            (_, value) => value,
        }
    }
}

// === impl List ===

impl List {
    /// The most items that a sample has: a list without a bound, or with one beyond reason, ends somewhere.
    pub fn full(&self) -> usize {
        /// Enough to cross the sizes at which people batch by tens.
        const ENOUGH: usize = 25;
        self.most.unwrap_or(5).min(ENOUGH).max(self.least)
    }
}

#[cfg(test)]
mod tests;
