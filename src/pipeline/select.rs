//! What of a record is wanted: `fields` as a selection of the contract's members. Code F4.
//! What is not selected is not fetched; that is the backends' part.

use super::{
    route::To,
    validate::{Asked, Validated},
};
use crate::{
    fault::{Fault, Violation, code, nearest::nearest},
    plan::{Contract, MemberId, Plan, Selection},
};

/// A request that is understood in full.
#[derive(Debug)]
pub struct Selected<'p> {
    pub validated: Validated<'p>,
    pub selection: Selection,
}

pub fn select<'p>(_: &'p Plan, validated: Validated<'p>) -> Result<Selected<'p>, Fault> {
    let contract = match validated.routed.to {
        To::Resource(resource, _) => &resource.contract,
        To::Shortcut(shortcut) => &shortcut.contract,
    };
    let view = &*validated.routed.permit.view;
    let fields = match &validated.asked {
        Asked::List { fields, .. } | Asked::Record { fields } | Asked::Body { fields, .. } => {
            fields.as_deref()
        }
    };
    let selection = match fields {
        None => view.clone(),
        Some(text) => parse(contract, view, text).map_err(|violation| {
            Fault::of_violations(vec![violation]).unwrap_or_else(|| Fault::plain(&code::BAD_FIELDS))
        })?,
    };
    Ok(Selected { validated, selection })
}

/// Reads `name,weight(value,unit),vaccinations/code`. Parentheses and slashes nest; `*` is all. What is outside of the
/// view does not exist.
pub fn parse(contract: &Contract, view: &Selection, text: &str) -> Result<Selection, Violation> {
    let mut parser = Parser { contract, view, text, at: 0, selection: Selection::none(contract) };
    parser.list(None, 0)?;
    if parser.at < text.len() {
        return Err(parser.malformed("a comma is expected"));
    }
    if parser.selection == Selection::none(contract) {
        return Err(parser.malformed("a name is expected"));
    }
    let whole = contract.members().iter().all(|m| !view.has(m.id) || parser.selection.has(m.id));
    Ok(if whole { view.clone() } else { parser.selection.within(view) })
}

struct Parser<'a> {
    contract: &'a Contract,
    view: &'a Selection,
    text: &'a str,
    at: usize,
    selection: Selection,
}

/// No contract nests half as deep.
const MAX_DEPTH: usize = 32;

impl Parser<'_> {
    fn malformed(&self, what: &str) -> Violation {
        let message = format!(
            "`fields` is malformed at character {}: {what}. Write for example `name,weight(value,unit),photos/url`.",
            self.at + 1
        );
        Violation::parameter("fields", &code::BAD_FIELDS, message)
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn list(&mut self, parent: Option<MemberId>, depth: usize) -> Result<(), Violation> {
        if depth > MAX_DEPTH {
            return Err(self.malformed("it is nested too deep"));
        }
        loop {
            self.item(parent, depth)?;
            if self.peek() != Some(b',') {
                return Ok(());
            }
            self.at += 1;
        }
    }

    fn item(&mut self, parent: Option<MemberId>, depth: usize) -> Result<(), Violation> {
        let start = self.at;
        while self.peek().is_some_and(|b| !matches!(b, b',' | b'(' | b')' | b'/')) {
            self.at += 1;
        }
        let name = self.text.get(start..self.at).unwrap_or_default().trim();
        if name.is_empty() {
            return Err(self.malformed("a name is expected"));
        }
        if name == "*" {
            match parent {
                Some(parent) => self.selection.add(self.contract, parent),
                None => self.selection = Selection::all(self.contract),
            }
            return Ok(());
        }
        let children: Vec<&crate::plan::contract::Member> = match parent.and_then(|p| self.contract.get(p)) {
            Some(parent) => self.contract.children(parent).collect(),
            None => self.contract.top().collect(),
        };
        let children: Vec<_> = children.into_iter().filter(|member| self.view.has(member.id)).collect();
        let Some(member) = children.iter().find(|m| *m.name == *name) else {
            return Err(unknown(name, &children));
        };
        let id = member.id;
        match self.peek() {
            Some(b'(') => {
                self.at += 1;
                self.list(Some(id), depth + 1)?;
                if self.peek() != Some(b')') {
                    return Err(self.malformed("`)` is missing"));
                }
                self.at += 1;
            }
            Some(b'/') => {
                self.at += 1;
                if depth > MAX_DEPTH {
                    return Err(self.malformed("it is nested too deep"));
                }
                self.item(Some(id), depth + 1)?;
            }
            _ => self.selection.add(self.contract, id),
        }
        Ok(())
    }
}

fn unknown(name: &str, children: &[&crate::plan::contract::Member]) -> Violation {
    let shown: String = name.chars().take(60).collect();
    let near = nearest(name, children.iter().map(|m| &*m.name));
    let cure = match near {
        Some(near) => format!("Did you mean `{near}`?"),
        None if children.is_empty() => "There is nothing below this member.".to_owned(),
        None => format!(
            "The members here are: {}.",
            children.iter().map(|m| &*m.name).collect::<Vec<_>>().join(", ")
        ),
    };
    Violation::parameter("fields", &code::UNKNOWN_FIELD, format!("There is no member `{shown}`. {cure}"))
}
