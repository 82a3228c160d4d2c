//! A record's members as an importer finds them, whatever it read: each with its public name, its place in the source,
//! and what it holds. It knows neither JSON Schema's form nor a mapping's.

use super::names::plain;
use serde_json::{Map, Value, json};

/// One member.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub name: String,
    /// The source's own name: a step of a path, or a column with its alias.
    pub place: String,
    pub required: bool,
    pub nullable: bool,
    pub read_only: bool,
    pub description: Option<String>,
    pub shape: Shape,
    /// What stands beside the place in the mapping: `via`, `order`, `type`, `stamp`.
    pub rule: Map<String, Value>,
    /// An object that is taken over with all that is in it.
    pub whole: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A single value: its keywords of JSON Schema, without `null`.
    Scalar(Map<String, Value>),
    Object(Vec<Member>),
    List(Box<Shape>),
    /// Rows of another table, by the name of the child.
    Rows(String, Vec<Member>),
    /// Any JSON.
    Free,
}

impl Member {
    pub fn new(name: String, place: impl Into<String>, shape: Shape) -> Self {
        Self {
            name,
            place: place.into(),
            required: false,
            nullable: false,
            read_only: false,
            description: None,
            shape,
            rule: Map::new(),
            whole: false,
        }
    }

    /// Whether it can be compared, and so be filtered by.
    pub fn is_scalar(&self) -> bool {
        matches!(self.shape, Shape::Scalar(_))
    }

    /// The contract's type; an enumeration has none.
    pub fn kind(&self) -> &str {
        match &self.shape {
            Shape::Scalar(words) => words.get("type").and_then(Value::as_str).unwrap_or_default(),
            _ => "",
        }
    }

    /// Makes it the record's key: required, given by the source. A number is shown as a text, as ids are in every
    /// contract. Returns whether keys are ordered as numbers.
    pub fn make_key(&mut self) -> bool {
        self.required = true;
        self.nullable = false;
        self.read_only = true;
        self.digits_as_text()
    }

    /// Shows a whole number as a text; `false` where it is none.
    pub fn digits_as_text(&mut self) -> bool {
        if self.kind() != "integer" {
            return false;
        }
        let mut words = Map::new();
        words.insert("type".into(), "string".into());
        words.insert("pattern".into(), "^-?(0|[1-9][0-9]{0,17})$".into());
        self.shape = Shape::Scalar(words);
        true
    }
}

/// The member that identifies a record: what a call names it by, or what is usual.
pub fn key(members: &[Member], parameter: Option<&str>, title: &str) -> Option<usize> {
    let can = |member: &Member| ["string", "integer"].contains(&member.kind());
    let own = plain(title);
    let mut wanted: Vec<String> = parameter.map(plain).into_iter().collect();
    wanted.extend(["id".to_owned(), format!("{own}id"), "uuid".into(), "guid".into(), format!("{own}no")]);
    wanted.extend([format!("{own}number"), format!("{own}code")]);
    wanted.extend(["key", "code", "number", "slug", "sku", "name"].map(str::to_owned));
    wanted.iter().find_map(|name| members.iter().position(|m| can(m) && plain(&m.place) == *name))
}

/// The smallest step of a number with this many digits behind the point. Of more than four the number is left as it
/// is: JSON would write its step with an exponent.
pub fn step_of(digits: u32) -> Option<Value> {
    Some(match digits {
        0 => json!(1),
        1 => json!(0.1),
        2 => json!(0.01),
        3 => json!(0.001),
        4 => json!(0.0001),
        _ => return None,
    })
}

/// A scalar of this type alone.
pub fn scalar(kind: &str) -> Map<String, Value> {
    std::iter::once(("type".to_owned(), Value::from(kind))).collect()
}

/// Makes members fit for a mapping. An object that is written is one whose presence shows: it has a member that is
/// always there, or it is taken over whole, which it can be where the source's names are public ones already. Any other
/// becomes free JSON, and so does one within the items of a list whose names are not public ones. Returns the names of those.
pub fn settle(members: &mut [Member], writes: bool) -> Vec<String> {
    let mut loosened = Vec::new();
    for member in members {
        let written = writes && !member.read_only;
        let shows = member.required && !member.nullable || !written;
        let name = member.name.clone();
        // A list is empty where there is nothing, and never null.
        if let Shape::List(items) = &member.shape
            && !matches!(**items, Shape::Free | Shape::List(_))
        {
            member.nullable = false;
        }
        match &mut member.shape {
            Shape::Object(inner) => {
                if !shows && !is_solid(inner) {
                    if inner.iter().all(is_itself) {
                        strip_defaults(inner);
                        member.whole = true;
                    } else {
                        member.shape = Shape::Free;
                        loosened.push(name);
                    }
                    continue;
                }
                if !shows {
                    strip_defaults(inner);
                }
                loosened.extend(settle(inner, written).into_iter().map(|l| format!("{name}.{l}")));
            }
            Shape::List(items) => match &mut **items {
                Shape::Object(inner) => {
                    loosened.extend(settle_items(inner).into_iter().map(|l| format!("{name}.{l}")));
                }
                Shape::List(_) | Shape::Rows(..) => {
                    member.shape = Shape::Free;
                    loosened.push(name);
                }
                Shape::Scalar(_) | Shape::Free => {}
            },
            Shape::Scalar(_) | Shape::Rows(..) | Shape::Free => {}
        }
    }
    loosened
}

/// The members of a list's items.
fn settle_items(members: &mut [Member]) -> Vec<String> {
    let mut loosened = Vec::new();
    for member in members {
        if let Shape::List(items) = &member.shape
            && !matches!(**items, Shape::Free | Shape::List(_))
        {
            member.nullable = false;
        }
        match &mut member.shape {
            Shape::Object(inner) if inner.iter().all(is_itself) => {
                strip_defaults(inner);
                member.whole = true;
            }
            Shape::List(items) => match &mut **items {
                Shape::Object(inner) => {
                    let name = member.name.clone();
                    loosened.extend(settle_items(inner).into_iter().map(|l| format!("{name}.{l}")));
                }
                Shape::List(_) | Shape::Rows(..) => {
                    loosened.push(member.name.clone());
                    member.shape = Shape::Free;
                }
                Shape::Scalar(_) | Shape::Free => {}
            },
            Shape::Object(_) => {
                loosened.push(member.name.clone());
                member.shape = Shape::Free;
            }
            Shape::Scalar(_) | Shape::Rows(..) | Shape::Free => {}
        }
    }
    loosened
}

/// Whether an object with these members is there if and only if they are.
fn is_solid(members: &[Member]) -> bool {
    let mut required = members.iter().filter(|member| member.required).peekable();
    let sure = |member: &Member| {
        !member.nullable
            && match &member.shape {
                Shape::Scalar(_) | Shape::Free => true,
                Shape::Object(inner) => is_solid(inner),
                Shape::List(_) | Shape::Rows(..) => false,
            }
    };
    required.peek().is_some() && required.all(sure)
}

/// A default would make an object be there that is not.
fn strip_defaults(members: &mut [Member]) {
    for member in members {
        match &mut member.shape {
            Shape::Scalar(words) => drop(words.shift_remove("default")),
            Shape::Object(inner) => strip_defaults(inner),
            Shape::List(items) => {
                if let Shape::Object(inner) = &mut **items {
                    strip_defaults(inner);
                }
            }
            Shape::Rows(..) | Shape::Free => {}
        }
    }
}

/// Whether a member can be taken over with the object that it stands in.
fn is_itself(member: &Member) -> bool {
    let inner = match &member.shape {
        Shape::Object(inner) => inner.iter().all(is_itself),
        Shape::List(items) => match &**items {
            Shape::Object(inner) => inner.iter().all(is_itself),
            Shape::Scalar(_) | Shape::Free => true,
            Shape::List(_) | Shape::Rows(..) => false,
        },
        Shape::Scalar(_) | Shape::Free => true,
        Shape::Rows(..) => false,
    };
    inner && member.rule.is_empty() && member.name == member.place
}
