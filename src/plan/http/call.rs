//! One call: a request whose blanks are named, and what its answer has.

use super::rules::Condition;
use crate::{
    plan::soap::Operation,
    value::{
        Brief, Value,
        path::{Path, Step},
    },
};
use std::sync::Arc;

/// An operation of a described service.
#[derive(Debug, Clone)]
pub struct Described(pub Arc<Operation>);

/// Operations of one name and address are the same as far as a source is concerned.
impl PartialEq for Described {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.name == other.0.name
                && self.0.action == other.0.action
                && self.0.version == other.0.version)
    }
}

/// A request to be filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub name: String,
    pub method: Method,
    pub path: Template,
    pub query: Vec<(String, Template)>,
    pub headers: Vec<(String, Template)>,
    /// What every body carries: a place, and JSON whose texts may have blanks.
    pub carries: Vec<(Path, Json)>,
    /// Where in the body a record stands.
    pub inside: Path,
    /// What is sent stands only where blanks name it.
    pub apart: bool,
    /// The body is a form (`application/x-www-form-urlencoded`), not the dialect's format.
    pub form: bool,
    pub graphql: Option<Arc<GraphQl>>,
    /// The operation, for a source that speaks SOAP.
    pub soap: Option<Described>,
    pub rows: Rows,
    /// The names that an answer has; all where it is not said.
    pub gives: Option<Vec<String>>,
    /// What must hold of the answer for the call to have done what it was asked.
    pub expect: Vec<Condition>,
    /// Places of the answer whose elements are lists, for XML without a schema.
    pub lists: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Where in an answer the records stand.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    /// The list, or the one record.
    pub at: Path,
    /// The names that wrap each record, from outside in.
    pub within: Path,
    /// The list is an object, and its members are the records.
    pub keyed: bool,
    /// The node of the reading's tree that a row is read from: that of the wrapper, where there is one.
    pub entry: usize,
}

/// Text with blanks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template(pub Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    Literal(String),
    /// `{name}`: the key, a value that an earlier call gave, or a place of what is sent.
    Input(String),
    /// `{name+3600}`: the same, a whole number, with this much added to it.
    Sum(String, i64),
    /// `${name}`: one of the source's credentials.
    Credential(String),
    /// `{base64: ...}`: the rest, in Base64 (RFC 4648, section 4).
    Base64(Vec<Piece>),
}

/// JSON with blanks in its texts. A text that is one blank alone takes the value with its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Plain(Value),
    Text(Template),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Where a parameter goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Query(Brief),
    Header(Brief),
    Body(Path),
    /// A blank of the path.
    Path(Brief),
}

impl Target {
    /// The place in a body.
    pub fn body(&self) -> Option<&Path> {
        match self {
            Self::Body(path) => Some(path),
            _ => None,
        }
    }
}

/// The names of a path, without its places in lists.
pub fn names(path: &Path) -> impl Iterator<Item = &str> {
    path.0.iter().filter_map(|step| match step {
        Step::Key(name) => Some(&**name),
        Step::Index(_) => None,
    })
}

/// A GraphQL document, made for each call from what is read of its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphQl {
    pub mutation: bool,
    /// The arguments of each top field (dotted where it lies deeper): an argument and its variable.
    pub fields: Vec<(Path, Vec<String>)>,
    /// The variables and their types.
    pub variables: Vec<(String, String)>,
}

impl Template {
    pub fn literal(text: &str) -> Self {
        Self(vec![Piece::Literal(text.to_owned())])
    }

    /// The inputs that it names.
    pub fn inputs(&self) -> Vec<&str> {
        fn gather<'a>(pieces: &'a [Piece], found: &mut Vec<&'a str>) {
            for piece in pieces {
                match piece {
                    Piece::Input(name) | Piece::Sum(name, _) => found.push(name),
                    Piece::Base64(inner) => gather(inner, found),
                    Piece::Literal(_) | Piece::Credential(_) => {}
                }
            }
        }
        let mut found = Vec::new();
        gather(&self.0, &mut found);
        found
    }

    /// The credentials that it names.
    pub fn credentials(&self) -> Vec<&str> {
        fn gather<'a>(pieces: &'a [Piece], found: &mut Vec<&'a str>) {
            for piece in pieces {
                match piece {
                    Piece::Credential(name) => found.push(name),
                    Piece::Base64(inner) => gather(inner, found),
                    Piece::Literal(_) | Piece::Input(_) | Piece::Sum(..) => {}
                }
            }
        }
        let mut found = Vec::new();
        gather(&self.0, &mut found);
        found
    }

    /// Reads `{name}`, `${name}` and `{base64: ...}`; a message and the place where a brace is left open.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (pieces, rest) = pieces(text, false)?;
        debug_assert!(rest.is_empty());
        Ok(Self(pieces))
    }
}

/// Pieces up to the end, or up to the brace that closes them.
fn pieces(text: &str, nested: bool) -> Result<(Vec<Piece>, &str), String> {
    let mut found = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    loop {
        let Some(at) = rest.find(['{', '}', '$']) else {
            if nested {
                return Err("`}` is missing".into());
            }
            literal.push_str(rest);
            rest = "";
            break;
        };
        let (before, from) = rest.split_at(at);
        literal.push_str(before);
        if let Some(after) = from.strip_prefix('}') {
            rest = after;
            if nested {
                break;
            }
            literal.push('}');
            continue;
        }
        let (credential, inner) = match (from.strip_prefix("${"), from.strip_prefix('{')) {
            (Some(inner), _) => (true, inner),
            (None, Some(inner)) => (false, inner),
            (None, None) => {
                literal.push('$');
                rest = from.strip_prefix('$').unwrap_or_default();
                continue;
            }
        };
        if !literal.is_empty() {
            found.push(Piece::Literal(std::mem::take(&mut literal)));
        }
        if let Some(inside) = inner.strip_prefix("base64:") {
            let (parts, after) = pieces(inside.trim_start(), true)?;
            found.push(Piece::Base64(parts));
            rest = after;
            continue;
        }
        let Some((name, after)) = inner.split_once('}') else { return Err("`}` is missing".into()) };
        if name.is_empty() {
            return Err("a name is missing between `{` and `}`".into());
        }
        found.push(if credential { Piece::Credential(name.into()) } else { input(name) });
        rest = after;
    }
    if !literal.is_empty() {
        found.push(Piece::Literal(literal));
    }
    Ok((found, rest))
}

/// A name, or a name with a whole number to be added: `start`, `start+3600`.
fn input(name: &str) -> Piece {
    let sum = name.rsplit_once('+').and_then(|(name, more)| Some((name, more.parse::<u32>().ok()?)));
    match sum {
        Some((name, more)) if !name.is_empty() => Piece::Sum(name.into(), more.into()),
        _ => Piece::Input(name.into()),
    }
}

impl Json {
    /// The inputs that it names.
    pub fn inputs(&self) -> Vec<&str> {
        match self {
            Self::Plain(_) => Vec::new(),
            Self::Text(template) => template.inputs(),
            Self::List(items) => items.iter().flat_map(Self::inputs).collect(),
            Self::Object(members) => members.iter().flat_map(|(_, value)| value.inputs()).collect(),
        }
    }

    /// The credentials that it names.
    pub fn credentials(&self) -> Vec<&str> {
        match self {
            Self::Plain(_) => Vec::new(),
            Self::Text(template) => template.credentials(),
            Self::List(items) => items.iter().flat_map(Self::credentials).collect(),
            Self::Object(members) => members.iter().flat_map(|(_, value)| value.credentials()).collect(),
        }
    }
}

impl Call {
    /// The inputs that the call names, each with where it stands.
    pub fn inputs(&self) -> Vec<(&'static str, &str)> {
        let path = self.path.inputs().into_iter().map(|name| ("the path", name));
        let query = self.query.iter().flat_map(|(_, t)| t.inputs()).map(|name| ("the query", name));
        let headers = self.headers.iter().flat_map(|(_, t)| t.inputs()).map(|name| ("the headers", name));
        let body = self.carries.iter().flat_map(|(_, json)| json.inputs()).map(|name| ("the body", name));
        path.chain(query).chain(headers).chain(body).collect()
    }

    /// The credentials that the call names.
    pub fn credentials(&self) -> Vec<&str> {
        let texts = self.query.iter().chain(&self.headers).map(|(_, t)| t);
        let texts = texts.chain(std::iter::once(&self.path)).flat_map(Template::credentials);
        texts.chain(self.carries.iter().flat_map(|(_, json)| json.credentials())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_found_and_nest_in_base64() {
        let literal = |text: &str| Piece::Literal(text.into());
        let input = |text: &str| Piece::Input(text.into());
        let credential = |text: &str| Piece::Credential(text.into());
        for (text, expected) in [
            ("/pets/{id}.json", vec![literal("/pets/"), input("id"), literal(".json")]),
            ("Token ${key}", vec![literal("Token "), credential("key")]),
            ("a$b}c", vec![literal("a$b}c")]),
            (
                "Session {base64: ${user}:{result[0]}}!",
                vec![
                    literal("Session "),
                    Piece::Base64(vec![credential("user"), literal(":"), input("result[0]")]),
                    literal("!"),
                ],
            ),
        ] {
            assert_eq!(Template::parse(text), Ok(Template(expected)), "{text}");
        }
        for text in ["{id", "${", "{}", "{base64: x"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
