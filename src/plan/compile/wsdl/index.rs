//! Everything that the files declare at their top, by kind, namespace and name; and how a prefixed name that
//! stands in one of them is resolved. It compiles nothing.

use super::{
    Complaint, WSDL, XSD,
    files::{self, File},
};
use crate::fault::nearest::nearest;
use roxmltree::{Document, Node};
use std::{collections::HashMap, sync::Arc};

/// What can be referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sort {
    Element,
    Attribute,
    /// Complex and simple types share their names.
    Type,
    Group,
    AttributeGroup,
    Message,
    PortType,
    Binding,
}

/// A node with the schema, or the definitions, that it stands in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed<'a> {
    pub node: Node<'a, 'a>,
    pub scope: usize,
}

/// A schema as it is read for one namespace. A schema without a namespace that is included by one with takes
/// that (XML Schema part 1, section 4.2.1), so that one text can be several scopes.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    pub file: &'a File,
    pub root: Node<'a, 'a>,
    pub namespace: Arc<str>,
    /// Names without a prefix, where no default namespace is declared, are of the scope's namespace.
    adopted: bool,
}

pub(super) struct Index<'a> {
    pub scopes: Vec<Scope<'a>>,
    components: HashMap<(Sort, Arc<str>, &'a str), Placed<'a>>,
    /// Elements that may stand for another, by what they stand for.
    pub substitutes: HashMap<(Arc<str>, Box<str>), Vec<Placed<'a>>>,
}

pub(super) fn is<'a>(node: Node<'a, 'a>, namespace: &str, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name && node.tag_name().namespace() == Some(namespace)
}

impl<'a> Index<'a> {
    pub fn new(files: &'a [File], documents: &'a [Document<'a>]) -> Result<Self, Vec<Complaint>> {
        let mut index = Self { scopes: Vec::new(), components: HashMap::new(), substitutes: HashMap::new() };
        for (file, document) in files.iter().zip(documents) {
            let root = document.root_element();
            let holders = root.children().filter(|node| is(*node, WSDL, "types")).flat_map(|t| t.children());
            let schemas = holders.filter(|node| is(*node, XSD, "schema"));
            for root in std::iter::once(root).chain(schemas) {
                let namespace = root.attribute("targetNamespace").unwrap_or_default().into();
                index.scopes.push(Scope { file, root, namespace, adopted: false });
            }
        }
        index.adopt();
        let mut complaints = Vec::new();
        for scope in 0..index.scopes.len() {
            index.declare(scope, &mut complaints);
        }
        index.substitutions();
        if complaints.is_empty() { Ok(index) } else { Err(complaints) }
    }

    /// Gives schemas without a namespace that of those which include them.
    fn adopt(&mut self) {
        let mut at = 0;
        while let Some(scope) = self.scopes.get(at).cloned() {
            at += 1;
            let included = scope.root.children().filter(|node| is(*node, XSD, "include"));
            for location in included.filter_map(|node| node.attribute("schemaLocation")) {
                let Ok(name) = files::resolve(&scope.file.name, location.trim()) else { continue };
                let bare = self.scopes.iter().find(|other| {
                    *other.file.name == *name
                        && other.root.tag_name().namespace() == Some(XSD)
                        && other.root.attribute("targetNamespace").is_none()
                });
                let Some(bare) = bare.cloned().filter(|_| !scope.namespace.is_empty()) else { continue };
                let taken = self.scopes.iter().any(|s| s.root == bare.root && s.namespace == scope.namespace);
                if !taken {
                    self.scopes.push(Scope { namespace: scope.namespace.clone(), adopted: true, ..bare });
                }
            }
        }
    }

    fn declare(&mut self, scope: usize, complaints: &mut Vec<Complaint>) {
        let Some(Scope { file, root, namespace, .. }) = self.scopes.get(scope).cloned() else { return };
        for node in root.children().filter(Node::is_element) {
            let Some(name) = node.attribute("name") else { continue };
            let sort = match (node.tag_name().namespace().unwrap_or_default(), node.tag_name().name()) {
                (XSD, "element") => Sort::Element,
                (XSD, "attribute") => Sort::Attribute,
                (XSD, "complexType" | "simpleType") => Sort::Type,
                (XSD, "group") => Sort::Group,
                (XSD, "attributeGroup") => Sort::AttributeGroup,
                (WSDL, "message") => Sort::Message,
                (WSDL, "portType") => Sort::PortType,
                (WSDL, "binding") => Sort::Binding,
                _ => continue,
            };
            let before = self.components.insert((sort, namespace.clone(), name), Placed { node, scope });
            // The same text under two names, as some services print their schemas for each importer, is no fault.
            let differs = before.is_some_and(|before| text_of(before.node) != text_of(node));
            if differs {
                let message = format!("`{name}` is declared twice in the namespace `{namespace}`");
                complaints.push(files::at(file, node, message, "remove one of them"));
            }
        }
    }

    fn substitutions(&mut self) {
        let heads: Vec<_> = self
            .components
            .iter()
            .filter(|((sort, ..), _)| *sort == Sort::Element)
            .filter_map(|(_, placed)| {
                Some((self.qname(*placed, placed.node.attribute("substitutionGroup")?), *placed))
            })
            .collect();
        for (head, placed) in heads {
            self.substitutes.entry(head).or_default().push(placed);
        }
        for list in self.substitutes.values_mut() {
            list.sort_by_key(|placed| (placed.scope, placed.node.range().start));
        }
    }

    pub fn scope(&self, placed: Placed<'a>) -> Option<&Scope<'a>> {
        self.scopes.get(placed.scope)
    }

    pub fn namespace(&self, placed: Placed<'a>) -> Arc<str> {
        self.scope(placed).map_or_else(|| "".into(), |scope| scope.namespace.clone())
    }

    pub fn complain(
        &self,
        placed: Placed<'a>,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) -> Complaint {
        match self.scope(placed) {
            Some(scope) => files::at(scope.file, placed.node, message, cure),
            // Each node is placed by this index.
            None => Complaint {
                file: "".into(),
                line: 1,
                column: 1,
                span: 0..0,
                message: message.into(),
                cure: cure.into(),
            },
        }
    }

    /// A prefixed name that stands in a node, as its namespace and local part.
    pub fn qname(&self, placed: Placed<'a>, text: &str) -> (Arc<str>, Box<str>) {
        let text = text.trim();
        let (prefix, local) = text.split_once(':').map_or((None, text), |(p, l)| (Some(p), l));
        let declared = placed.node.lookup_namespace_uri(prefix);
        let adopted = self.scope(placed).filter(|scope| scope.adopted && prefix.is_none());
        let namespace = match (declared, adopted) {
            (Some(namespace), _) => namespace.into(),
            (None, Some(scope)) => scope.namespace.clone(),
            (None, None) => "".into(),
        };
        (namespace, local.into())
    }

    pub fn get(&self, sort: Sort, namespace: &Arc<str>, name: &str) -> Option<Placed<'a>> {
        self.components.get(&(sort, namespace.clone(), name)).copied()
    }

    /// What a name that stands in `placed` refers to.
    pub fn refer(&self, sort: Sort, placed: Placed<'a>, text: &str) -> Result<Placed<'a>, Complaint> {
        let (namespace, name) = self.qname(placed, text);
        self.get(sort, &namespace, &name).ok_or_else(|| {
            let mut known: Vec<&str> =
                self.components.keys().filter(|(s, ns, _)| *s == sort && *ns == namespace).map(|k| k.2).collect();
            known.sort_unstable();
            let cure = match (nearest(&name, known.iter().copied()), known.is_empty()) {
                (Some(meant), _) => format!("did you mean `{meant}`?"),
                (None, true) => format!("no file declares the namespace `{namespace}`: save its schema beside the WSDL and import it"),
                (None, false) => String::new(),
            };
            self.complain(placed, format!("`{text}` is not declared"), cure)
        })
    }

    /// All that is declared of a sort, in the order of the files.
    pub fn all(&self, sort: Sort) -> Vec<(Arc<str>, &'a str, Placed<'a>)> {
        let mut all: Vec<_> = self
            .components
            .iter()
            .filter(|((s, ..), _)| *s == sort)
            .map(|((_, namespace, name), placed)| (namespace.clone(), *name, *placed))
            .collect();
        all.sort_by_key(|(_, _, placed)| (placed.scope, placed.node.range().start));
        all
    }
}

fn text_of<'a>(node: Node<'a, 'a>) -> &'a str {
    node.document().input_text().get(node.range()).unwrap_or_default()
}

impl<'a> Placed<'a> {
    pub fn here(self, node: Node<'a, 'a>) -> Self {
        Self { node, ..self }
    }

    /// Children that are elements of XML Schema.
    pub fn parts(self) -> impl Iterator<Item = Placed<'a>> {
        let children = self.node.children().filter(|node| node.tag_name().namespace() == Some(XSD));
        children.map(move |node| self.here(node))
    }

    pub fn part(self, name: &str) -> Option<Placed<'a>> {
        self.parts().find(|part| part.node.tag_name().name() == name)
    }

    /// Children that are elements of WSDL.
    pub fn wsdl(self, name: &'static str) -> impl Iterator<Item = Placed<'a>> {
        self.node.children().filter(move |node| is(*node, WSDL, name)).map(move |node| self.here(node))
    }

    pub fn attribute(self, name: &str) -> Option<&'a str> {
        self.node.attribute(name)
    }

    pub fn tag(self) -> &'a str {
        self.node.tag_name().name()
    }
}
