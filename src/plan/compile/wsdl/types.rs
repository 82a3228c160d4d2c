//! Elements and complex types of XML Schema, compiled into the arena of a service. Types that elements name are
//! put in a queue instead of being entered, so that a type may hold itself; only bases are compiled at once.

mod content;

use super::{
    Complaint, XSD,
    index::{Index, Placed, Sort},
    simple,
};
use crate::plan::soap::{Attribute, Complex, Content, Element, Field, Particle, Simple, TypeId, Types};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// No service that is known has half as many; the number of fields is bounded by the files' size.
const MAX_TYPES: usize = 50_000;
/// Of groups within groups, and of bases of bases.
const MAX_DEPTH: usize = 64;
/// Of one type. References to groups could multiply them otherwise.
const MAX_PARTICLES: usize = 5_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Open,
    Done,
}

pub(super) struct Compiler<'i, 'a> {
    pub index: &'i Index<'a>,
    pub types: Types,
    states: Vec<State>,
    /// Where each type is declared; a wrapper is nowhere.
    nodes: Vec<Option<Placed<'a>>>,
    /// By node and the namespace that its schema is read for.
    ids: HashMap<(usize, usize, usize), TypeId>,
    simples: HashMap<(usize, usize, usize), Arc<Simple>>,
    queue: Vec<TypeId>,
    /// What is wrong in each type; operations that do not reach it do not mind.
    pub broken: HashMap<TypeId, Vec<Complaint>>,
    particles: usize,
}

/// A schema's scope and where the node stands in it are what makes a node the same.
fn key(placed: Placed<'_>) -> (usize, usize, usize) {
    let range = placed.node.range();
    (placed.scope, range.start, range.end)
}

/// How often a particle stands at its place.
#[derive(Debug, Clone, Copy)]
struct Occurs {
    min: u32,
    max: Option<u32>,
}

impl Occurs {
    fn of(index: &Index<'_>, placed: Placed<'_>) -> Result<Self, Complaint> {
        let wrong = |text: &str| index.complain(placed, format!("`{text}` is no number of times"), "");
        let min = match placed.attribute("minOccurs") {
            None => 1,
            Some(text) => text.trim().parse().map_err(|_| wrong(text))?,
        };
        let max = match placed.attribute("maxOccurs").map(str::trim) {
            None => Some(1),
            Some("unbounded") => None,
            Some(text) => Some(text.parse().map_err(|_| wrong(text))?),
        };
        Ok(Self { min, max })
    }
}

impl<'i, 'a> Compiler<'i, 'a> {
    pub fn new(index: &'i Index<'a>) -> Self {
        Self {
            index,
            types: Types::default(),
            states: Vec::new(),
            nodes: Vec::new(),
            ids: HashMap::new(),
            simples: HashMap::new(),
            queue: Vec::new(),
            broken: HashMap::new(),
            particles: 0,
        }
    }

    /// Compiles all types that have been named so far, and what they name.
    pub fn drain(&mut self) {
        while let Some(id) = self.queue.pop() {
            self.build(id, 0);
        }
    }

    /// Compiles the types that derive from those that are known, for `xsi:type`, and gives all their names.
    pub fn derived(&mut self) {
        let all = self.index.all(Sort::Type);
        loop {
            let before = self.types.list.len();
            for (_, _, placed) in all.iter().filter(|(_, _, placed)| placed.tag() == "complexType") {
                let derivation = placed.part("complexContent").or_else(|| placed.part("simpleContent"));
                let derivation =
                    derivation.and_then(|c| c.part("extension").or_else(|| c.part("restriction")));
                let base = derivation.and_then(|node| {
                    let (namespace, name) = self.index.qname(node, node.attribute("base")?);
                    self.index.get(Sort::Type, &namespace, &name)
                });
                if base.is_some_and(|base| self.ids.contains_key(&key(base))) {
                    self.reserve(*placed);
                }
            }
            self.drain();
            if self.types.list.len() == before {
                break;
            }
        }
        for (namespace, name, placed) in all {
            if let Some(id) = self.ids.get(&key(placed))
                && !self.broken.contains_key(id)
            {
                self.types.named.insert((namespace, name.into()), *id);
            }
        }
    }

    /// A type made of parts that no schema writes: what an rpc operation's wrapper holds.
    pub fn wrapper(&mut self, elements: Vec<Element>) -> TypeId {
        let parts: Vec<Particle> =
            (0..elements.len()).map(|field| Particle::Element { field, min: 1, max: Some(1) }).collect();
        let fields =
            elements.into_iter().map(|element| Field { element, many: false, required: true }).collect();
        let children = vec![Particle::Sequence { min: 1, max: Some(1), parts }];
        self.types.list.push(Complex { children, fields, ..Complex::default() });
        self.states.push(State::Done);
        self.nodes.push(None);
        (self.types.list.len() - 1) as TypeId
    }

    fn reserve(&mut self, placed: Placed<'a>) -> TypeId {
        if let Some(id) = self.ids.get(&key(placed)) {
            return *id;
        }
        let id = self.types.list.len() as TypeId;
        self.types.list.push(Complex::default());
        self.states.push(State::Waiting);
        self.nodes.push(Some(placed));
        self.ids.insert(key(placed), id);
        if self.types.list.len() > MAX_TYPES {
            let complaint = self.index.complain(placed, format!("there are more than {MAX_TYPES} types"), "");
            self.broken.entry(id).or_default().push(complaint);
        } else {
            self.queue.push(id);
        }
        id
    }

    /// Compiles one type, unless that is done or under way.
    fn build(&mut self, id: TypeId, depth: usize) {
        let at = id as usize;
        let (Some(State::Waiting), Some(placed)) =
            (self.states.get(at).copied(), self.nodes.get(at).copied().flatten())
        else {
            return;
        };
        if let Some(state) = self.states.get_mut(at) {
            *state = State::Open;
        }
        let outer = std::mem::take(&mut self.particles);
        match self.complex(placed, depth) {
            Ok(complex) => {
                if let Some(place) = self.types.list.get_mut(at) {
                    *place = complex;
                }
            }
            Err(complaint) => self.broken.entry(id).or_default().push(complaint),
        }
        self.particles = outer;
        if let Some(state) = self.states.get_mut(at) {
            *state = State::Done;
        }
    }

    /// A global element, by a name that stands in `placed`.
    pub fn global(&mut self, placed: Placed<'a>, name: &str) -> Result<Element, Complaint> {
        let found = self.index.refer(Sort::Element, placed, name)?;
        self.element(found, true)
    }

    /// An element's declaration, global or local; how often it stands is said by its particle.
    fn element(&mut self, placed: Placed<'a>, global: bool) -> Result<Element, Complaint> {
        let index = self.index;
        let Some(name) = placed.attribute("name") else {
            return Err(index.complain(placed, "the element has no name", ""));
        };
        if placed.node.attributes().any(|a| a.namespace() == Some("http://www.w3.org/2005/05/xmlmime")) {
            let message = format!("the element `{name}` is sent as an attachment (MTOM), which is not taken");
            return Err(index.complain(placed, message, "an operation without attachments is needed"));
        }
        let content = if let Some(named) = placed.attribute("type") {
            self.content(placed, named)?
        } else if let Some(inner) = placed.part("complexType") {
            Content::Complex(self.reserve(inner))
        } else if let Some(inner) = placed.part("simpleType") {
            Content::Simple(self.simple(inner)?)
        } else if let Some(head) = placed.attribute("substitutionGroup") {
            // An element without a type has that of what it stands for. A chain of them is rare and short.
            let head = index.refer(Sort::Element, placed, head)?;
            match head.attribute("type") {
                Some(named) => self.content(head, named)?,
                None => Content::Any,
            }
        } else {
            Content::Any
        };
        let namespace = self.index.namespace(placed);
        let qualified = global || self.qualified(placed, "elementFormDefault");
        Ok(Element {
            name: name.into(),
            namespace: (qualified && !namespace.is_empty()).then_some(namespace),
            min: 1,
            max: Some(1),
            nillable: matches!(placed.attribute("nillable").map(str::trim), Some("true" | "1")),
            default: placed.attribute("default").or(placed.attribute("fixed")).map(Into::into),
            content,
        })
    }

    fn qualified(&self, placed: Placed<'a>, default: &str) -> bool {
        let said = placed.attribute("form");
        let root = self.index.scope(placed).map(|scope| scope.root);
        said.or_else(|| root.and_then(|root| root.attribute(default))) == Some("qualified")
    }

    /// The content that a type's name means.
    pub fn content(&mut self, placed: Placed<'a>, named: &str) -> Result<Content, Complaint> {
        let (namespace, name) = self.index.qname(placed, named);
        if &*namespace == XSD && &*name == "anyType" {
            return Ok(Content::Any);
        }
        let found = self.index.get(Sort::Type, &namespace, &name);
        match found {
            Some(found) if found.tag() == "complexType" => Ok(Content::Complex(self.reserve(found))),
            Some(found) => Ok(Content::Simple(self.simple(found)?)),
            None if &*namespace == "http://schemas.xmlsoap.org/soap/encoding/" && &*name == "Array" => {
                Err(encoded(self.index, placed))
            }
            None => Ok(Content::Simple(Arc::new(simple::named(self.index, placed, named, 0)?))),
        }
    }

    fn simple(&mut self, placed: Placed<'a>) -> Result<Arc<Simple>, Complaint> {
        if let Some(known) = self.simples.get(&key(placed)) {
            return Ok(known.clone());
        }
        let simple = Arc::new(simple::defined(self.index, placed, 0)?);
        self.simples.insert(key(placed), simple.clone());
        Ok(simple)
    }

    /// What is wrong in what these elements reach.
    pub fn faults<'e>(&self, elements: impl IntoIterator<Item = &'e Element>) -> Vec<Complaint> {
        let mut seen = HashSet::new();
        let mut stack: Vec<TypeId> = elements.into_iter().filter_map(id_of).collect();
        let mut out = Vec::new();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            out.extend(self.broken.get(&id).into_iter().flatten().cloned());
            let Some(complex) = self.types.get(id) else { continue };
            stack.extend(complex.fields.iter().filter_map(|field| id_of(&field.element)));
            stack.extend(complex.base);
        }
        out
    }
}

fn id_of(element: &Element) -> Option<TypeId> {
    match element.content {
        Content::Complex(id) => Some(id),
        _ => None,
    }
}

fn encoded(index: &Index<'_>, placed: Placed<'_>) -> Complaint {
    let message = "arrays of SOAP's own encoding (`soapenc:Array`) are not taken";
    index.complain(placed, message, "ask the service for a document/literal WSDL")
}

/// Attributes of a type, by namespace and name: a derived type's replace its base's.
fn replace(attributes: &mut Vec<Attribute>, attribute: Attribute) {
    match attributes.iter_mut().find(|a| a.name == attribute.name && a.namespace == attribute.namespace) {
        Some(place) => *place = attribute,
        None => attributes.push(attribute),
    }
}
