//! Card numbers are refused before anything is called: in a query and in a body, at any depth, in values and in names.
//! What is found is never repeated, not even by another violation: a request with a card number is refused with that
//! alone (F452). A resource names the members whose numbers are of another kind.

use crate::{
    fault::{Fault, Violation, code},
    plan::Resource,
    value::{Value, card, pointer},
};
use std::borrow::Cow;

/// The card numbers of a query, by the names of their parameters.
pub fn query(parameters: &[(String, String)], resource: Option<&Resource>) -> Result<(), Fault> {
    let spared = |name: &str| resource.is_some_and(|resource| is_spared(resource, name));
    let found = parameters.iter().filter_map(|(name, value)| {
        if card::stands_in(name) {
            return Some(Violation::parameter("", &code::CARD_NUMBER, code::CARD_NUMBER.sentence));
        }
        (!spared(name) && card::stands_in(value))
            .then(|| Violation::parameter(name, &code::CARD_NUMBER, code::CARD_NUMBER.sentence))
    });
    refuse(found.collect())
}

/// The card numbers of a body that could be read.
pub fn body(value: &Value, resource: &Resource) -> Result<(), Fault> {
    let mut found = Vec::new();
    walk(value, &mut Vec::new(), resource, &mut found);
    refuse(found)
}

/// A card number in the markup of XML: in comments and names, which no value is made of.
pub fn markup(bytes: &[u8]) -> Result<(), Fault> {
    let whole = String::from_utf8_lossy(bytes);
    let tags = whole.split('<').skip(1).filter(|part| !part.starts_with("![CDATA["));
    for tag in tags {
        text(tag.split('>').next().unwrap_or_default().as_bytes())?;
    }
    Ok(())
}

/// A card number anywhere in the text of a body, for one that could not be read: what is wrong with it would be told
/// in its own words.
pub fn text(bytes: &[u8]) -> Result<(), Fault> {
    if card::stands_in(&String::from_utf8_lossy(bytes)) {
        return refuse(vec![Violation::pointer("", &code::CARD_NUMBER, code::CARD_NUMBER.sentence)]);
    }
    Ok(())
}

fn refuse(found: Vec<Violation>) -> Result<(), Fault> {
    Fault::of_violations(found).map_or(Ok(()), Err)
}

/// Walks a value; `path` holds the names and places that lead to it.
fn walk<'v>(value: &'v Value, path: &mut Vec<Cow<'v, str>>, resource: &Resource, found: &mut Vec<Violation>) {
    let told = |path: &[Cow<'_, str>]| {
        let mut pointer = String::new();
        for step in path {
            pointer::push(&mut pointer, step);
        }
        Violation::pointer(pointer, &code::CARD_NUMBER, code::CARD_NUMBER.sentence)
    };
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(digits) => {
            if card::is_digits(digits) && !is_spared(resource, &dotted(path)) {
                found.push(told(path));
            }
        }
        Value::Text(text) => {
            if card::stands_in(text) && !is_spared(resource, &dotted(path)) {
                found.push(told(path));
            }
        }
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                path.push(at.to_string().into());
                walk(item, path, resource, found);
                path.pop();
            }
        }
        Value::Object(members) => {
            for (name, inner) in members {
                // The object is named: its member's name would repeat the number.
                if card::stands_in(name) {
                    found.push(told(path));
                    continue;
                }
                path.push(name.as_str().into());
                walk(inner, path, resource, found);
                path.pop();
            }
        }
    }
}

/// The contract's name of a place: without the places in lists.
fn dotted(path: &[Cow<'_, str>]) -> String {
    let names = path.iter().filter(|step| !step.bytes().all(|byte| byte.is_ascii_digit()));
    names.map(|name| &**name).collect::<Vec<_>>().join(".")
}

fn is_spared(resource: &Resource, name: &str) -> bool {
    let is = |member: &u16| {
        resource.contract.get(*member).is_some_and(|member| {
            *member.path == *name || name.strip_suffix(".ne").is_some_and(|name| *member.path == *name)
        })
    };
    resource.no_cards.iter().any(is)
}
