//! What a WSDL says of an operation, compiled: its envelope's version and style, and the elements of its input,
//! output, headers and faults with their types. Immutable, with no I/O; built by `plan::compile::wsdl` alone.
//! It neither writes nor reads an envelope: `translate::soap` does.

mod find;
mod simple;

pub use find::{Found, Lost, What};
pub use simple::{Bound, Json, Kind, Misfit, Simple, decimal};

use std::{collections::HashMap, sync::Arc};

/// A complex type's number among the [`Types`] of its service.
pub type TypeId = u32;

/// The envelope's version, with its namespace and media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// SOAP 1.1 (W3C Note, 8 May 2000).
    V11,
    /// SOAP 1.2 (W3C Recommendation, 27 April 2007).
    V12,
}

/// How the body is laid out (WSDL 1.1, section 3.4 and 3.5); `use` is `literal` always.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    Document,
    Rpc,
}

/// One operation of a port, ready to be called.
#[derive(Debug, Clone)]
pub struct Operation {
    pub name: Box<str>,
    pub version: Version,
    pub style: Style,
    /// What `SOAPAction` says; empty where the WSDL has none.
    pub action: Box<str>,
    /// The path of the port's address, for information: where a source is reached is said by the configuration.
    pub address: Box<str>,
    /// The body's element. Its name is empty where the body is (see [`Element::is_nothing`]).
    pub input: Element,
    pub output: Element,
    /// Elements that the binding declares for the request's header.
    pub headers: Vec<Element>,
    /// What may stand in a fault's detail.
    pub faults: Vec<Element>,
    pub types: Arc<Types>,
}

/// All complex types that a service's operations reach. They refer to each other by number, so that a type may
/// hold itself.
#[derive(Debug, Clone, Default)]
pub struct Types {
    pub list: Vec<Complex>,
    /// Types by namespace and name, for `xsi:type`.
    pub named: HashMap<(Arc<str>, Box<str>), TypeId>,
}

/// An element where it stands: with how often, and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    pub name: Box<str>,
    /// `None` where it is unqualified.
    pub namespace: Option<Arc<str>>,
    pub min: u32,
    /// `None` is `unbounded`.
    pub max: Option<u32>,
    pub nillable: bool,
    /// What an empty element means (XML Schema part 1, section 3.3.1, value constraint).
    pub default: Option<Box<str>>,
    pub content: Content,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Simple(Arc<Simple>),
    Complex(TypeId),
    /// `xs:anyType`: read as it comes, written where the value is a scalar.
    Any,
}

/// A complex type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Complex {
    /// Namespace and name; an anonymous type has none.
    pub name: Option<(Arc<str>, Box<str>)>,
    /// The type that it extends or restricts, where that is complex.
    pub base: Option<TypeId>,
    /// Such a type stands only for those derived from it.
    pub is_abstract: bool,
    pub attributes: Vec<Attribute>,
    /// The text of a type with simple content.
    pub text: Option<Arc<Simple>>,
    /// Text may stand between the elements.
    pub mixed: bool,
    pub children: Vec<Particle>,
    /// Each element that can be a child, once, in the order in which it first stands.
    pub fields: Vec<Field>,
    /// `xs:any` stands somewhere: children that are not declared are expected.
    pub open: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    pub name: Box<str>,
    pub namespace: Option<Arc<str>>,
    pub required: bool,
    pub simple: Arc<Simple>,
    /// What its absence means.
    pub default: Option<Box<str>>,
}

/// A part of a complex type's content, as it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Particle {
    /// The field's number, and how often it stands at this place.
    Element {
        field: usize,
        min: u32,
        max: Option<u32>,
    },
    /// `xs:sequence` and `xs:all`.
    Sequence {
        min: u32,
        max: Option<u32>,
        parts: Vec<Particle>,
    },
    Choice {
        min: u32,
        max: Option<u32>,
        parts: Vec<Particle>,
    },
}

/// A child as a value sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its `min` and `max` are those of all places together.
    pub element: Element,
    /// It may stand more than once, so that it is a list always.
    pub many: bool,
    /// It stands in every value of the type.
    pub required: bool,
}

// === impl Version ===

impl Version {
    /// The envelope's namespace.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Self::V12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    pub fn of(namespace: &str) -> Option<Self> {
        [Self::V11, Self::V12].into_iter().find(|version| version.namespace() == namespace)
    }

    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::V11 => "1.1",
            Self::V12 => "1.2",
        }
    }
}

// === impl Operation ===

impl Operation {
    /// The place of the input that a dotted path names, counted from what is in the input's element.
    pub fn find_input(&self, path: &str) -> Result<Found<'_>, Lost> {
        self.input.find(&self.types, path)
    }

    /// As [`find_input`](Self::find_input), of the output.
    pub fn find_output(&self, path: &str) -> Result<Found<'_>, Lost> {
        self.output.find(&self.types, path)
    }

    /// The paths of all that every input has: elements with a text, attributes, and parts of which nothing within
    /// is required. What is within a list that must not be empty begins with the list: `Line[].Sku`.
    pub fn required(&self) -> Vec<String> {
        self.input.required(&self.types)
    }
}

// === impl Types ===

impl Types {
    pub fn get(&self, id: TypeId) -> Option<&Complex> {
        self.list.get(id as usize)
    }

    /// Whether `id` is `ancestor` or derived from it. A chain of bases is shorter than the list.
    pub fn derives(&self, id: TypeId, ancestor: TypeId) -> bool {
        let mut at = Some(id);
        for _ in 0..=self.list.len() {
            match at {
                Some(found) if found == ancestor => return true,
                Some(found) => at = self.get(found).and_then(|complex| complex.base),
                None => return false,
            }
        }
        false
    }

    /// The type itself and all that derive from it.
    pub fn family(&self, id: TypeId) -> impl Iterator<Item = (TypeId, &Complex)> {
        let derived = (0..self.list.len() as TypeId).filter(move |at| *at != id && self.derives(*at, id));
        std::iter::once(id).chain(derived).filter_map(|at| Some((at, self.get(at)?)))
    }
}

// === impl Element ===

impl Element {
    /// What stands for an empty body.
    pub fn nothing() -> Self {
        Self {
            name: "".into(),
            namespace: None,
            min: 0,
            max: Some(0),
            nillable: false,
            default: None,
            content: Content::Any,
        }
    }

    pub fn is_nothing(&self) -> bool {
        self.name.is_empty()
    }

    pub fn is_many(&self) -> bool {
        self.max.is_none_or(|max| max > 1)
    }
}

// === impl Complex ===

impl Complex {
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| &*field.element.name == name)
    }

    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name == name)
    }

    /// The names by which a value may have members: elements, `@attributes`, and `$` for the text.
    pub fn members(&self) -> Vec<String> {
        let elements = self.fields.iter().map(|field| field.element.name.to_string());
        let attributes = self.attributes.iter().map(|attribute| format!("@{}", attribute.name));
        elements.chain(attributes).chain(self.text.as_ref().map(|_| "$".to_owned())).collect()
    }
}
