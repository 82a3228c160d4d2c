//! XML that was taken is written and read again as the same tree, within the bounds of depth and number; no entity
//! grows; and a body in XML is answered by the whole road, never with a fault of ours.

use super::rescue;
use http::{Request, header};
use portico::value::xml::{self, Element, INSTANCE, Mark, write};

/// As deep and as many as the reader states.
const MAX_DEPTH: usize = 64;
const MAX_ELEMENTS: usize = 20_000;

/// The elements within, their texts' length, and how deep they go.
fn measure(
    element: &Element,
    end: usize,
    depth: usize,
    (count, bytes, deepest): (&mut usize, &mut usize, &mut usize),
) {
    assert!(element.at < end, "an element begins behind the end");
    assert!(!element.nil || element.is_empty(), "something stands in nil");
    *count += 1;
    *bytes += element.tag.len() + element.text.len() + element.name.as_ref().map_or(0, String::len);
    *deepest = (*deepest).max(depth);
    for child in &element.children {
        assert!(child.at > element.at, "a child begins before its parent");
        measure(child, end, depth + 1, (count, bytes, deepest));
    }
}

fn put(out: &mut Vec<u8>, element: &Element, root: bool) {
    out.push(b'<');
    out.extend_from_slice(element.tag.as_bytes());
    let mut attribute = |name: &str, value: &str| {
        out.extend_from_slice(format!(" {name}=\"").as_bytes());
        write::attribute(out, value).expect("what was read can be written");
        out.push(b'"');
    };
    if root {
        attribute("xmlns:xsi", INSTANCE);
    }
    if let Some(name) = &element.name {
        attribute("name", name);
    }
    if let Some(mark) = element.mark {
        attribute("type", Mark::word(mark));
    }
    if element.nil {
        attribute("xsi:nil", "true");
    }
    out.push(b'>');
    write::text(out, &element.text).expect("what was read can be written");
    element.children.iter().for_each(|child| put(out, child, false));
    out.extend_from_slice(b"</");
    out.extend_from_slice(element.tag.as_bytes());
    out.push(b'>');
}

/// The same without places.
fn bare(element: &Element) -> Element {
    Element { at: 0, children: element.children.iter().map(bare).collect(), ..element.clone() }
}

pub fn check(input: &[u8]) {
    if let Ok(root) = xml::read(input) {
        let (mut count, mut bytes, mut deepest) = (0, 0, 0);
        measure(&root, input.len(), 1, (&mut count, &mut bytes, &mut deepest));
        assert!(deepest <= MAX_DEPTH && count <= MAX_ELEMENTS, "{deepest} deep, {count} elements");
        assert!(bytes <= input.len(), "{bytes} bytes came of {}", input.len());
        let mut out = Vec::new();
        put(&mut out, &root, true);
        let again = xml::read(&out).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out)));
        assert_eq!(bare(&root), bare(&again));
    }
    let post = Request::post("/v1/pets").header(header::CONTENT_TYPE, "application/xml");
    let answer = rescue::ask(post, input).expect("a request");
    assert!(matches!(answer.status, 200 | 201 | 400), "{}", String::from_utf8_lossy(&answer.body));
}
