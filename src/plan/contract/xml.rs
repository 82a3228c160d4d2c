//! A tree of elements to a body, by the contract's names and types: what `translate::sink::xml` writes comes
//! back as it was. It does not judge: a text that is no number stays a text, an unknown element stays under its
//! own name, and the validator says so. It refuses only what a body in JSON could not hold: the root's name
//! (F433), a member twice (F449), an item or a member under another name than the contract's (F444).

use super::{Contract, Format, Kind, Member};
use crate::{
    fault::{Violation, code, diagnostic::quoted},
    value::{
        Brief, Value, pointer,
        xml::{Element, ITEM, Mark, by_form, character},
    },
};

/// The root's name that every contract takes; an answer's root has it.
const ROOT: &str = "response";

/// The body that a document says, or all for which it says none.
pub fn read(contract: &Contract, root: &Element) -> Result<Value, Vec<Violation>> {
    let own = lower_camel(&contract.title);
    if root.tag != ROOT && root.tag != own {
        let message =
            format!("The root is {}; write `<{ROOT}>` or `<{own}>`.", quoted(&format!("<{}>", root.tag)));
        return Err(vec![Violation::pointer("", &code::BAD_XML, message)]);
    }
    let mut reading = Reading { contract, pointer: String::new(), violations: Vec::new() };
    let value = reading.object(&contract.top().collect::<Vec<_>>(), root);
    if reading.violations.is_empty() { Ok(value) } else { Err(reading.violations) }
}

/// `MedicalRecord` is `medicalRecord`.
fn lower_camel(title: &str) -> String {
    let mut rest = title.chars();
    rest.next().map(|first| first.to_lowercase().chain(rest).collect()).unwrap_or_default()
}

struct Reading<'a> {
    contract: &'a Contract,
    /// Where the reading stands, as a JSON Pointer.
    pointer: String,
    violations: Vec<Violation>,
}

// === impl Reading ===
// Recursion is bounded by the depth that the reader of XML allows.

impl Reading<'_> {
    fn refuse(&mut self, code: &'static code::Code, message: String) {
        self.violations.push(Violation::pointer(self.pointer.clone(), code, message));
    }

    /// A text with its place in mind; what has children where the contract knows a scalar is kept as an object.
    fn scalar(&mut self, kind: &Kind, element: &Element) -> Value {
        if !element.children.is_empty() {
            return self.free(element, false);
        }
        let trimmed = element.text.trim_matches(character::is_white);
        let read = match kind {
            Kind::Number(_) | Kind::Integer | Kind::Boolean => by_form(trimmed),
            Kind::Enum(_) | Kind::Text(Format::Date | Format::DateTime) => Value::Text(trimmed.into()),
            _ => Value::Text(element.text.as_str().into()),
        };
        // `1` is no boolean and `true` no number; as texts they are refused with the type that was meant.
        match (kind, read) {
            (Kind::Number(_) | Kind::Integer, Value::Bool(_)) | (Kind::Boolean, Value::Number(_)) => {
                Value::Text(trimmed.into())
            }
            (_, read) => read,
        }
    }

    fn member(&mut self, member: &Member, element: &Element) -> Value {
        if element.mark.is_some() && member.kind != Kind::Free {
            let message = "The attribute `type` belongs into free-form parts only; leave it out.";
            self.refuse(&code::BAD_XML, message.into());
        }
        if element.nil {
            return Value::Null;
        }
        match &member.kind {
            Kind::Object => {
                let contract = self.contract;
                self.object(&contract.children(member).collect::<Vec<_>>(), element)
            }
            Kind::List(kind) => self.list(member, kind.as_deref(), element),
            // A free-form member is an object by its contract.
            Kind::Free => self.free(element, true),
            kind => self.scalar(kind, element),
        }
    }

    fn object(&mut self, known: &[&Member], element: &Element) -> Value {
        if element.nil {
            return Value::Null;
        }
        if element.children.is_empty() && !element.text.trim_matches(character::is_white).is_empty() {
            return Value::Text(element.text.as_str().into());
        }
        let mut members: Vec<(Brief, Value)> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let length = self.pointer.len();
        for child in &element.children {
            let key = child.key();
            let member = known.iter().find(|member| *member.label.xml == *key);
            let name = member.map_or(key, |member| &*member.name);
            pointer::push(&mut self.pointer, name);
            let hidden = known.iter().find(|other| member.is_none() && *other.name == *key);
            if let Some(other) = hidden {
                let message = format!("`{}` is written `<{}>` in XML.", other.name, other.label.xml);
                self.refuse(&code::UNKNOWN_MEMBER, message);
            } else if !seen.insert(name) {
                let message = match member.map(|member| &member.kind) {
                    Some(Kind::List(_)) => format!(
                        "{} stands twice; write one `<{name}>` around all of its items.",
                        quoted(name)
                    ),
                    _ => format!("{} stands twice; write it once.", quoted(name)),
                };
                self.refuse(&code::DUPLICATE_MEMBER, message);
            } else {
                let value = match member {
                    Some(member) => self.member(member, child),
                    None => self.free(child, false),
                };
                members.push((name.into(), value));
            }
            self.pointer.truncate(length);
        }
        Value::Object(members)
    }

    fn list(&mut self, list: &Member, kind: Option<&Kind>, element: &Element) -> Value {
        if element.children.is_empty() && !element.text.trim_matches(character::is_white).is_empty() {
            return Value::Text(element.text.as_str().into());
        }
        let length = self.pointer.len();
        let mut items = Vec::new();
        let children: Vec<&Member> = self.contract.children(list).collect();
        for (index, child) in element.children.iter().enumerate() {
            pointer::push_index(&mut self.pointer, index);
            if child.key() != &*list.label.item {
                let message = format!(
                    "{} is no item of `{}`; its items are written `<{}>`.",
                    quoted(&format!("<{}>", child.key())),
                    list.name,
                    list.label.item
                );
                self.refuse(&code::UNKNOWN_MEMBER, message);
            }
            items.push(match kind {
                None => self.object(&children, child),
                Some(_) if child.nil => Value::Null,
                Some(kind) => self.scalar(kind, child),
            });
            self.pointer.truncate(length);
        }
        Value::List(items)
    }

    /// What no contract describes, by its mark or else by its form: only `<item>` within is a list, other
    /// elements are an object, and a text is what it looks like. `object` says that it cannot be but an object.
    fn free(&mut self, element: &Element, object: bool) -> Value {
        if element.nil {
            return Value::Null;
        }
        let children = &element.children;
        let blank = element.text.trim_matches(character::is_white).is_empty();
        let items = !children.is_empty() && children.iter().all(|c| c.tag == ITEM && c.name.is_none());
        match element.mark {
            Some(Mark::Object) => self.free_object(element),
            Some(Mark::List) => self.free_list(element),
            Some(Mark::Text) if children.is_empty() => Value::Text(element.text.as_str().into()),
            _ if object && (blank || !children.is_empty()) => self.free_object(element),
            _ if items => self.free_list(element),
            _ if children.is_empty() => by_form(&element.text),
            _ => self.free_object(element),
        }
    }

    fn free_list(&mut self, element: &Element) -> Value {
        let length = self.pointer.len();
        let mut items = Vec::new();
        for (index, child) in element.children.iter().enumerate() {
            pointer::push_index(&mut self.pointer, index);
            items.push(self.free(child, false));
            self.pointer.truncate(length);
        }
        Value::List(items)
    }

    fn free_object(&mut self, element: &Element) -> Value {
        self.object(&[], element)
    }
}

#[cfg(test)]
mod tests;
