//! Places in an operation's input or output, named by dotted paths as a mapping writes them:
//! `Part.Bins.Bin[].Quantity`, `Part.@id`, `Price.$`. It judges them by the types and reads no value.

use super::{Attribute, Content, Element, Simple, TypeId, Types};
use crate::fault::nearest::nearest;

/// What stands at a place.
#[derive(Debug, Clone, Copy)]
pub enum What<'a> {
    Element(&'a Element),
    Attribute(&'a Attribute),
    /// The text of an element that has attributes beside it.
    Text(&'a Simple),
    /// Somewhere within `xs:anyType`: no type says what.
    Anything,
}

/// A place that is there.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    pub what: What<'a>,
    /// The place is a list as a whole: its elements are behind `[]`.
    pub many: bool,
}

/// Why a path leads nowhere. `at` is the path up to the step that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Lost {
    #[error("`{at}` is not declared{}", near.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown { at: String, near: Option<String>, known: Vec<String> },
    #[error("`{at}` is a list: write `{at}[]` for each of its elements")]
    List { at: String },
    #[error("`{at}` stands at most once: write it without `[]`")]
    Single { at: String },
    #[error("`{at}` has no parts")]
    Scalar { at: String },
    #[error("the path `{at}` is not well formed")]
    Syntax { at: String },
}

/// A step of a path: a name, then whether an element of a list is meant.
fn step(text: &str) -> Option<(&str, bool)> {
    let (name, item) = match text.split_once('[') {
        Some((name, "]")) => (name, true),
        Some((name, index)) => (name, index.strip_suffix(']')?.parse::<usize>().is_ok().then_some(true)?),
        None => (text, false),
    };
    (!name.is_empty()).then_some((name, item))
}

impl<'a> Found<'a> {
    /// The simple type of a place that holds a text.
    pub fn simple(&self, types: &'a Types) -> Option<&'a Simple> {
        match self.what {
            What::Element(element) => match &element.content {
                Content::Simple(simple) => Some(simple),
                Content::Complex(id) => {
                    types.get(*id).filter(|complex| complex.attributes.is_empty())?.text.as_deref()
                }
                Content::Any => None,
            },
            What::Attribute(attribute) => Some(&attribute.simple),
            What::Text(simple) => Some(simple),
            What::Anything => None,
        }
    }
}

impl Element {
    /// The place that a dotted path names, counted from what is in this element. The empty path is the element.
    pub fn find<'a>(&'a self, types: &'a Types, path: &str) -> Result<Found<'a>, Lost> {
        let mut here = self;
        let mut found = Found { what: What::Element(self), many: false };
        if path.is_empty() || path == "$" && !matches!(&self.content, Content::Complex(_)) {
            return Ok(found);
        }
        let mut end = 0;
        // Behind an attribute or a text nothing can follow.
        let mut last = false;
        for text in path.split('.') {
            let before = path.get(..end).unwrap_or_default().trim_end_matches('.');
            end += text.len() + 1;
            let (name, item) = step(text).ok_or_else(|| Lost::Syntax { at: path.to_owned() })?;
            if found.many {
                return Err(Lost::List { at: before.to_owned() });
            }
            let at = join(before, name);
            let id = match &here.content {
                Content::Any => return Ok(Found { what: What::Anything, many: false }),
                _ if last => return Err(Lost::Scalar { at: before.to_owned() }),
                Content::Simple(_) => return Err(Lost::Scalar { at: before.to_owned() }),
                Content::Complex(id) => *id,
            };
            if let Some(attribute) = name.strip_prefix('@') {
                let what = types.family(id).find_map(|(_, complex)| complex.attribute(attribute));
                found.what = What::Attribute(what.ok_or_else(|| unknown(types, id, name, at.clone()))?);
                last = true;
            } else if name == "$" {
                let what = types.family(id).find_map(|(_, complex)| complex.text.as_deref());
                found.what = What::Text(what.ok_or_else(|| unknown(types, id, name, at.clone()))?);
                last = true;
            } else {
                let field = types.family(id).find_map(|(_, complex)| complex.field(name));
                let field = field.ok_or_else(|| unknown(types, id, name, at.clone()))?;
                here = &field.element;
                found = Found { what: What::Element(here), many: field.many && !item };
                if item && !field.many {
                    return Err(Lost::Single { at });
                }
                continue;
            }
            if item {
                return Err(Lost::Single { at });
            }
        }
        Ok(found)
    }

    /// See [`Operation::required`](super::Operation::required).
    pub fn required(&self, types: &Types) -> Vec<String> {
        let mut out = Vec::new();
        if let Content::Complex(id) = &self.content {
            required(types, *id, "", &mut Vec::new(), &mut out);
        }
        out
    }
}

fn join(before: &str, name: &str) -> String {
    if before.is_empty() { name.to_owned() } else { format!("{before}.{name}") }
}

fn unknown(types: &Types, id: TypeId, name: &str, at: String) -> Lost {
    let mut known: Vec<String> = types.family(id).flat_map(|(_, complex)| complex.members()).collect();
    known.dedup();
    Lost::Unknown { at, near: nearest(name, known.iter().map(String::as_str)).map(str::to_owned), known }
}

/// `open` holds the types that are being walked: one that requires itself has no value at all, and ends here.
fn required(types: &Types, id: TypeId, before: &str, open: &mut Vec<TypeId>, out: &mut Vec<String>) {
    let Some(complex) = types.get(id).filter(|_| !open.contains(&id)) else { return };
    open.push(id);
    let attributes = complex.attributes.iter().filter(|a| a.required && a.default.is_none());
    out.extend(attributes.map(|attribute| join(before, &format!("@{}", attribute.name))));
    if complex.text.is_some() && !before.is_empty() && !complex.attributes.is_empty() {
        out.push(join(before, "$"));
    }
    for field in complex.fields.iter().filter(|field| field.required) {
        let path = join(before, &field.element.name);
        let length = out.len();
        if let Content::Complex(id) = &field.element.content {
            let within = if field.many { format!("{path}[]") } else { path.clone() };
            required(types, *id, &within, open, out);
        }
        if out.len() == length {
            out.push(path);
        }
    }
    open.pop();
}
