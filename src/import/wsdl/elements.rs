//! What is in an operation's input and output: the rows of a list, the record, single values, and types as members.

use crate::{
    import::{
        member::{Member, Shape, scalar, step_of},
        names::{self, plain},
    },
    plan::soap::{Complex, Content, Element, Field, Kind, Operation, Simple, TypeId, Types},
};
use serde_json::{Map, Value, json};

/// No answer wraps its rows in more elements.
const DEEPEST: usize = 5;

/// A record's type, and its place from within the body's element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub path: String,
    pub id: TypeId,
}

fn complex<'a>(types: &'a Types, element: &Element) -> Option<(TypeId, &'a Complex)> {
    match element.content {
        Content::Complex(id) => Some((id, types.get(id)?)),
        Content::Simple(_) | Content::Any => None,
    }
}

fn joined(outer: &str, name: &str) -> String {
    if outer.is_empty() { name.to_owned() } else { format!("{outer}.{name}") }
}

/// The rows of an operation's output: the first list of elements that have parts, nearest to the top.
pub fn rows(operation: &Operation, resource: &str) -> Option<Place> {
    let (top, _) = complex(&operation.types, &operation.output)?;
    let mut open = vec![(String::new(), top)];
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        let mut found: Vec<(Place, bool)> = Vec::new();
        for (path, id) in open {
            for field in operation.types.get(id).map(|c| c.fields.as_slice()).unwrap_or_default() {
                let Some((inner, _)) = complex(&operation.types, &field.element) else { continue };
                let path = joined(&path, &field.element.name);
                if field.many {
                    let named = names::resource(&field.element.name) == resource;
                    found.push((Place { path, id: inner }, named));
                } else {
                    below.push((path, inner));
                }
            }
        }
        let record = below.iter().any(|(_, id)| operation.types.get(*id).is_some_and(|c| singles(c) > 2));
        let named = found.iter().position(|(_, named)| *named);
        // A list within a record is a part of it.
        if let Some(at) = named.or_else(|| (!found.is_empty() && !record).then_some(0)) {
            return found.into_iter().nth(at).map(|(place, _)| place);
        }
        open = below
            .into_iter()
            .filter(|(_, id)| operation.types.get(*id).is_some_and(|c| singles(c) <= 2))
            .collect();
    }
    None
}

/// How many parts of a type are single values.
fn singles(complex: &Complex) -> usize {
    let single = |field: &&Field| matches!(field.element.content, Content::Simple(_));
    complex.attributes.len() + complex.fields.iter().filter(single).count()
}

/// The record of a body: the element of the resource's name, else what is behind elements that hold one other alone.
pub fn record(types: &Types, element: &Element, resource: &str) -> Option<Place> {
    let (top, _) = complex(types, element)?;
    let mut open = vec![(String::new(), top)];
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        for (path, id) in open {
            for field in
                types.get(id).map(|c| c.fields.as_slice()).unwrap_or_default().iter().filter(|f| !f.many)
            {
                let Some((inner, found)) = complex(types, &field.element) else { continue };
                let path = joined(&path, &field.element.name);
                if names::resource(&field.element.name) == resource && singles(found) > 0 {
                    return Some(Place { path, id: inner });
                }
                below.push((path, inner));
            }
        }
        open = below;
    }
    innermost(types, element)
}

fn innermost(types: &Types, element: &Element) -> Option<Place> {
    let (mut id, mut here) = complex(types, element)?;
    let mut path = String::new();
    for _ in 0..DEEPEST {
        let inner = match here.fields.as_slice() {
            [field] if !field.many && here.attributes.is_empty() => {
                complex(types, &field.element).map(|found| (field, found))
            }
            _ => None,
        };
        let Some((field, (next, found))) = inner else { break };
        path = joined(&path, &field.element.name);
        (id, here) = (next, found);
    }
    (singles(here) > 0).then_some(Place { path: if path.is_empty() { "$".into() } else { path }, id })
}

/// A single value of a body, where nothing above it is a list.
pub struct Parameter<'a> {
    pub path: String,
    pub field: &'a Field,
    /// It is in every body.
    pub required: bool,
}

impl Parameter<'_> {
    pub fn name(&self) -> &str {
        &self.field.element.name
    }
}

/// The single values of a body, those nearest to the top first.
pub fn parameters<'a>(types: &'a Types, element: &Element) -> Vec<Parameter<'a>> {
    let mut found = Vec::new();
    let mut open: Vec<(String, TypeId, bool)> =
        complex(types, element).map(|(id, _)| (String::new(), id, true)).into_iter().collect();
    for _ in 0..3 {
        let mut below = Vec::new();
        for (path, id, sure) in open {
            for field in types
                .get(id)
                .map(|c| c.fields.as_slice())
                .unwrap_or_default()
                .iter()
                .filter(|field| !field.many)
            {
                let path = joined(&path, &field.element.name);
                let required = sure && field.required;
                match field.element.content {
                    Content::Simple(_) => found.push(Parameter { path, field, required }),
                    Content::Complex(inner) => below.push((path, inner, required)),
                    Content::Any => {}
                }
            }
        }
        open = below;
    }
    found
}

/// Where one of these names stands, nearest to the top.
pub fn find(types: &Types, element: &Element, wanted: &[&str]) -> Option<String> {
    let mut open = vec![(String::new(), complex(types, element)?.0)];
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        for (path, id) in open {
            for field in types
                .get(id)
                .map(|c| c.fields.as_slice())
                .unwrap_or_default()
                .iter()
                .filter(|field| !field.many)
            {
                let path = joined(&path, &field.element.name);
                match field.element.content {
                    Content::Simple(_) if wanted.contains(&plain(&field.element.name).as_str()) => {
                        return Some(path);
                    }
                    Content::Complex(inner) => below.push((path, inner)),
                    _ => {}
                }
            }
        }
        open = below;
    }
    None
}

/// Makes members of types, and keeps what has to be said of it.
pub struct Elements<'a> {
    types: &'a Types,
    open: Vec<TypeId>,
    pub notes: Vec<String>,
}

impl<'a> Elements<'a> {
    pub fn new(types: &'a Types) -> Self {
        Self { types, open: Vec::new(), notes: Vec::new() }
    }

    /// The members of a complex type: its attributes, its elements, its text.
    pub fn members(&mut self, id: TypeId, owner: &str, place: &str) -> Vec<Member> {
        let Some(complex) = self.types.get(id) else { return Vec::new() };
        self.open.push(id);
        let mut taken = names::Members::of(owner);
        let mut members = Vec::new();
        for attribute in &complex.attributes {
            let mut member = Member::new(
                taken.name(&attribute.name),
                format!("@{}", attribute.name),
                single(&attribute.simple),
            );
            member.required = attribute.required;
            members.push(member);
        }
        if let Some(text) = &complex.text {
            members.push(Member::new(taken.name("value"), "[\"$\"]", single(text)));
        }
        for field in &complex.fields {
            let full = joined(place, &field.element.name);
            let Some((step, shape)) = self.shape(field, &full) else {
                self.notes.push(format!("`{full}` is left out: the WSDL does not say what it is."));
                continue;
            };
            let mut member = Member::new(taken.name(&field.element.name), step, shape);
            member.nullable = field.element.nillable && !field.many;
            member.required = field.required && !field.many && !field.element.nillable;
            members.push(member);
        }
        if complex.open {
            self.notes.push(format!(
                "Elements of `{}` that the WSDL does not name are not shown.",
                if place.is_empty() { owner } else { place }
            ));
        }
        self.open.pop();
        members
    }

    /// What a field holds, and its place; a list is often wrapped in an element of its own.
    fn shape(&mut self, field: &'a Field, full: &str) -> Option<(String, Shape)> {
        let name = field.element.name.to_string();
        let (id, complex) = match &field.element.content {
            Content::Any => return None,
            Content::Simple(simple) if field.many => {
                return Some((name, Shape::List(Box::new(single(simple)))));
            }
            Content::Simple(simple) => return Some((name, single(simple))),
            Content::Complex(id) => (*id, self.types.get(*id)?),
        };
        if self.open.contains(&id) || self.open.len() > DEEPEST {
            self.notes.push(format!("`{full}` leads back to what it stands in: it is free JSON."));
            return Some((name, Shape::Free));
        }
        if let ([only], true, None, false) =
            (complex.fields.as_slice(), complex.attributes.is_empty(), &complex.text, field.many)
            && only.many
        {
            self.open.push(id);
            let inner = self.shape(only, &joined(full, &only.element.name));
            self.open.pop();
            return inner.map(|(step, shape)| (format!("{name}.{step}"), shape));
        }
        let members = self.members(id, &field.element.name, full);
        let shape = if members.is_empty() { Shape::Free } else { Shape::Object(members) };
        Some((name, if field.many { Shape::List(Box::new(shape)) } else { shape }))
    }
}

/// A simple type's keywords. Patterns of XML Schema have a grammar of their own, and are left to the source.
fn single(simple: &Simple) -> Shape {
    let formatted = |format: &str| {
        let mut words = scalar("string");
        words.insert("format".into(), format.into());
        words
    };
    let words: Map<String, Value> = match simple.kind {
        Kind::Boolean => scalar("boolean"),
        Kind::Integer => scalar("integer"),
        Kind::Decimal => {
            let mut words = scalar("number");
            if let Some(digits) = simple.fraction_digits.filter(|digits| (1..=9).contains(digits)) {
                words.extend(step_of(digits).map(|step| ("multipleOf".to_owned(), step)));
            }
            words
        }
        Kind::Float => scalar("number"),
        Kind::Date => formatted("date"),
        Kind::DateTime => formatted("date-time"),
        Kind::Text if !simple.enumeration.is_empty() => {
            Map::from_iter([("enum".to_owned(), json!(simple.enumeration))])
        }
        Kind::Text | Kind::Time | Kind::Base64 | Kind::Hex => {
            let mut words = scalar("string");
            let lengths = [("minLength", simple.min_length), ("maxLength", simple.max_length)];
            for (key, length) in lengths.into_iter().filter(|_| simple.kind == Kind::Text) {
                words.extend(length.map(|length| (key.to_owned(), length.into())));
            }
            words
        }
    };
    Shape::Scalar(words)
}
