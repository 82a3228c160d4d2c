//! A strict reader of elements: in the schema's order, each as often as it may be, in its namespace, without stray text
//! or attributes. What an element's text means is in `lexical.rs`.

use roxmltree::Node;

use super::fault::{Detail, Fault};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Walks the children of one element from first to last.
#[derive(Debug)]
pub(super) struct Reader<'a, 'input> {
    parent: Node<'a, 'input>,
    rest: std::vec::IntoIter<Node<'a, 'input>>,
    next: Option<Node<'a, 'input>>,
    /// Of the children; `None` where the schema is unqualified.
    namespace: Option<&'static str>,
}

impl<'a, 'input> Reader<'a, 'input> {
    pub(super) fn of(parent: Node<'a, 'input>, namespace: Option<&'static str>) -> Result<Self, Fault> {
        no_attributes(parent)?;
        if nil(parent)? {
            return Err(at(parent, "must not be nil"));
        }
        let mut rest = children(parent)?.into_iter();
        let next = rest.next();
        Ok(Self { parent, rest, next, namespace })
    }

    /// The next element, when it has this name.
    pub(super) fn optional(&mut self, name: &str) -> Option<Node<'a, 'input>> {
        let found =
            self.next.filter(|node| node.tag_name().name() == name && namespace(*node) == self.namespace)?;
        self.next = self.rest.next();
        Some(found)
    }

    /// The next element, which must have this name.
    pub(super) fn required(&mut self, name: &str) -> Result<Node<'a, 'input>, Fault> {
        self.optional(name).ok_or_else(|| self.unexpected(&format!("`{}`", self.qualified(name))))
    }

    /// The elements of this name that follow.
    pub(super) fn many(&mut self, name: &str) -> Vec<Node<'a, 'input>> {
        let mut found = Vec::new();
        while let Some(node) = self.optional(name) {
            found.push(node);
        }
        found
    }

    /// There must be nothing more.
    pub(super) fn end(&self) -> Result<(), Fault> {
        if self.next.is_some() { Err(self.unexpected("nothing more")) } else { Ok(()) }
    }

    /// What is there is not what should be.
    pub(super) fn unexpected(&self, expected: &str) -> Fault {
        match self.next {
            Some(node) if namespace(node) == self.namespace => {
                at(node, &format!("stands where {expected} is expected"))
            }
            Some(node) => {
                let found =
                    namespace(node).map_or_else(|| "no namespace".to_owned(), |name| format!("`{name}`"));
                at(node, &format!("stands, in {found}, where {expected} is expected"))
            }
            None => at(self.parent, &format!("ends where {expected} is expected")),
        }
    }

    fn qualified(&self, name: &str) -> String {
        self.namespace.map_or_else(|| name.to_owned(), |namespace| format!("{{{namespace}}}{name}"))
    }
}

/// The namespace of an element. `xmlns=""` is none; the parser calls it an empty one.
pub(super) fn namespace<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    node.tag_name().namespace().filter(|namespace| !namespace.is_empty())
}

/// Whether an element has this name.
pub(super) fn same(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    node.tag_name().name() == name && self::namespace(node) == Some(namespace)
}

/// The elements in an element, between which only white space and comments stand.
pub(super) fn children<'a, 'input>(node: Node<'a, 'input>) -> Result<Vec<Node<'a, 'input>>, Fault> {
    for child in node.children().filter(Node::is_text) {
        if child.text().is_some_and(|text| !text.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\n'))) {
            return Err(at(node, "has text between its elements"));
        }
    }
    Ok(node.children().filter(Node::is_element).collect())
}

/// The text of an element that is neither nil nor has elements of its own. CDATA counts as text, comments do not.
pub(super) fn text(node: Node<'_, '_>) -> Result<String, Fault> {
    match nillable(node)? {
        Some(text) => Ok(text),
        None => Err(at(node, "must not be nil")),
    }
}

/// As `text`, or nothing for nil.
pub(super) fn nillable(node: Node<'_, '_>) -> Result<Option<String>, Fault> {
    no_attributes(node)?;
    if node.children().any(|child| child.is_element()) {
        return Err(at(node, "has elements where text is expected"));
    }
    let text: String = node.children().filter(Node::is_text).filter_map(|child| child.text()).collect();
    match nil(node)? {
        true if text.is_empty() => Ok(None),
        true => Err(at(node, "is nil and has text")),
        false => Ok(Some(text)),
    }
}

/// A fault about one element.
pub(super) fn at(node: Node<'_, '_>, what: &str) -> Fault {
    let place = node.document().text_pos_at(node.range().start);
    let element = node.tag_name().name().to_owned();
    let detail = Detail { element: element.clone(), line: place.row, column: place.col };
    Fault::Client { reason: format!("the request cannot be read: `{element}` {what}"), detail: Some(detail) }
}

fn nil(node: Node<'_, '_>) -> Result<bool, Fault> {
    match node.attribute((XSI, "nil")).map(str::trim) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(at(node, "has an `xsi:nil` that is no boolean")),
    }
}

/// No element of a request has attributes in the schema; those of `xsi` may stand anywhere.
fn no_attributes(node: Node<'_, '_>) -> Result<(), Fault> {
    match node.attributes().find(|attribute| attribute.namespace() != Some(XSI)) {
        Some(attribute) => {
            Err(at(node, &format!("has an attribute `{}` that it must not have", attribute.name())))
        }
        None => Ok(()),
    }
}
