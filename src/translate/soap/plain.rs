//! XML without a schema, both ways: elements as objects, every value a text. What repeats is named beforehand, so
//! that a list of one is a list; it is never found out from what comes. It knows no envelope.

use super::{
    Limits, Problem, charset,
    decode::Object,
    stream::{Event, Malformed, Start, Stream},
};
use crate::value::{
    Value,
    json::write,
    xml::{character, write as xml},
};

/// Deeper values than this are refused.
const MAX_DEPTH: usize = 128;

/// The elements that are lists, as a tree of names.
#[derive(Debug, Default)]
pub(super) struct Lists {
    children: Vec<(String, Lists)>,
    /// The element repeats.
    many: bool,
}

impl Lists {
    fn new(paths: &[&str]) -> Self {
        let mut root = Self::default();
        for path in paths {
            let mut at = &mut root;
            for name in path.split('.') {
                let found = at.children.iter().position(|(known, _)| known == name);
                let index = found.unwrap_or(at.children.len());
                if found.is_none() {
                    at.children.push((name.to_owned(), Self::default()));
                }
                let Some((_, next)) = at.children.get_mut(index) else { break };
                at = next;
            }
            at.many = true;
        }
        root
    }

    fn get(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|(known, _)| known == name).map(|(_, below)| below)
    }
}

/// A document's root as JSON. An element without attributes and elements is a text; others are objects with their
/// elements by name, attributes as `@name` and a text beside them as `$`. `xsi:nil` is null.
///
/// `lists` are dotted paths of the elements that repeat, from the root's child on: `pet`, `pet.tags.tag`. They are
/// arrays always, `[]` where there is none; another element that comes twice is refused.
pub fn schemaless(
    bytes: &[u8],
    content_type: Option<&str>,
    lists: &[&str],
    limits: Limits,
) -> Result<String, Malformed> {
    if bytes.len() > limits.bytes {
        return Err(Malformed { what: format!("the answer is longer than {} bytes", limits.bytes), at: 0 });
    }
    let text = charset::decode(bytes, content_type)?;
    let mut stream = Stream::new(&text, Limits { bytes: limits.bytes.saturating_mul(3), ..limits })?;
    let Event::Open(root) = stream.next(&mut String::new())? else {
        return stream.fail("an element is expected");
    };
    let mut out = Vec::new();
    free(&mut stream, &root, Some(&Lists::new(lists)), &mut out)?;
    stream.end()?;
    Ok(String::from_utf8(out).unwrap_or_default())
}

/// An element whose start has been read, to its end. Without `lists` nothing is known of what repeats: within
/// `xs:anyType` and undeclared details alone, what comes twice is an array.
pub(super) fn free(
    stream: &mut Stream<'_>,
    start: &Start,
    lists: Option<&Lists>,
    out: &mut Vec<u8>,
) -> Result<(), Malformed> {
    if start.is_nil() {
        out.extend_from_slice(b"null");
        return stream.skip();
    }
    let empty = Lists::default();
    let known = lists.unwrap_or(&empty);
    // Children in the order of their first, each with its values.
    let mut members: Vec<(String, Vec<Vec<u8>>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (name, below) in &known.children {
        if below.many {
            places.insert(name.clone(), members.len());
            members.push((name.clone(), Vec::new()));
        }
    }
    let mut text = String::new();
    loop {
        let child = match stream.next(&mut text)? {
            Event::Open(child) => child,
            Event::Close => break,
            Event::End => return stream.fail("the text ends early"),
        };
        let below = known.get(&child.name);
        let many = below.is_some_and(|below| below.many);
        let at = *places.entry(child.name.clone()).or_insert_with(|| {
            members.push((child.name.clone(), Vec::new()));
            members.len() - 1
        });
        let mut value = Vec::new();
        let inner = lists.map(|_| below.unwrap_or(&empty));
        let Some((name, values)) = members.get_mut(at) else { continue };
        if lists.is_some() && !many && !values.is_empty() {
            return stream
                .fail(format!("a second `{name}` stands there; name it among the lists if it repeats"));
        }
        free(stream, &child, inner, &mut value)?;
        values.push(value);
    }
    // A mark of the instance's namespace, such as `xsi:type`, is no value.
    let xsi = Some(crate::value::xml::INSTANCE);
    let attributes: Vec<_> = start.attributes.iter().filter(|a| a.namespace.as_deref() != xsi).collect();
    if attributes.is_empty() && members.is_empty() {
        write::text(out, &text);
        return Ok(());
    }
    let mut object = Object::new(out);
    let mut seen: Vec<&str> = Vec::new();
    for attribute in attributes {
        // Of two that differ by namespace alone the first is taken.
        if !seen.contains(&attribute.name.as_str()) {
            seen.push(&attribute.name);
            write::text(object.member(&format!("@{}", attribute.name)), &attribute.value);
        }
    }
    for (name, values) in &members {
        let many = known.get(name).is_some_and(|below| below.many);
        let out = object.member(name);
        match values.as_slice() {
            [value] if !many => out.extend_from_slice(value),
            values => {
                out.push(b'[');
                out.extend_from_slice(&values.join(&b','));
                out.push(b']');
            }
        }
    }
    if members.is_empty() || !text.chars().all(character::is_white) {
        let text = if members.is_empty() { &*text } else { text.trim() };
        write::text(object.member("$"), text);
    }
    object.end();
    Ok(())
}

/// A value as a document with this root: objects as elements, lists as repeated elements, `@name` as attributes,
/// `$` as the text; null is left out. `items` gives lists that stand within an element of their own, by name, with
/// the name of an item: `("tags", "tag")` writes `<tags><tag>…</tag></tags>`.
pub fn to_xml(value: &Value, root: &str, items: &[(&str, &str)]) -> Result<Vec<u8>, Problem> {
    let mut out = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>".to_vec();
    element(&mut out, value, root, "", items, 0)?;
    Ok(out)
}

fn join(place: &str, name: &str) -> String {
    if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") }
}

fn element(
    out: &mut Vec<u8>,
    value: &Value,
    name: &str,
    place: &str,
    items: &[(&str, &str)],
    depth: usize,
) -> Result<(), Problem> {
    let here = || if place.is_empty() { name.to_owned() } else { place.to_owned() };
    if depth > MAX_DEPTH {
        return Err(Problem::TooDeep { place: here() });
    }
    if !character::is_name(name) {
        return Err(Problem::Name { place: here() });
    }
    let forbidden = |_| Problem::Character { place: here() };
    out.push(b'<');
    out.extend_from_slice(name.as_bytes());
    match value {
        Value::List(_) => {
            return Err(Problem::Misfit {
                place: here(),
                found: "a list",
                expected: "a value of one element".into(),
            });
        }
        Value::Object(members) => {
            for (member, value) in members {
                let Some(attribute) = member.strip_prefix('@') else { continue };
                if value.is_null() {
                    continue;
                }
                let place = join(place, member);
                let Some(text) = value.scalar() else {
                    return Err(Problem::Misfit { place, found: "a part", expected: "a text".into() });
                };
                if !character::is_name(attribute) {
                    return Err(Problem::Name { place });
                }
                out.push(b' ');
                out.extend_from_slice(attribute.as_bytes());
                out.extend_from_slice(b"=\"");
                xml::attribute(out, text).map_err(|_| Problem::Character { place })?;
                out.push(b'"');
            }
        }
        _ => {}
    }
    out.push(b'>');
    if let Value::Object(members) = value {
        for (member, value) in members.iter().filter(|(member, _)| !member.starts_with('@')) {
            let place = join(place, member);
            match value {
                Value::Null => {}
                value if member == "$" => {
                    let text = value.scalar().ok_or_else(|| Problem::Misfit {
                        place: place.clone(),
                        found: "a part",
                        expected: "a text".into(),
                    })?;
                    xml::text(out, text).map_err(|_| Problem::Character { place })?;
                }
                Value::List(values) => {
                    let item = items.iter().find(|(list, _)| list == member).map(|(_, item)| *item);
                    if item.is_some() {
                        tag(out, member, &place, false)?;
                    }
                    for (at, value) in values.iter().enumerate() {
                        let place = format!("{place}[{at}]");
                        element(out, value, item.unwrap_or(member), &place, items, depth + 1)?;
                    }
                    if item.is_some() {
                        tag(out, member, &place, true)?;
                    }
                }
                value => element(out, value, member, &place, items, depth + 1)?,
            }
        }
    } else if let Some(text) = value.scalar() {
        xml::text(out, text).map_err(forbidden)?;
    }
    tag(out, name, place, true)
}

fn tag(out: &mut Vec<u8>, name: &str, place: &str, end: bool) -> Result<(), Problem> {
    if !character::is_name(name) {
        return Err(Problem::Name { place: place.to_owned() });
    }
    out.extend_from_slice(if end { b"</" } else { b"<" });
    out.extend_from_slice(name.as_bytes());
    out.push(b'>');
    Ok(())
}
