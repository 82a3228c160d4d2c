//! A start tag: its name, and the few attributes that mean something. Others are refused, as what is passed
//! over in silence would be lost. It keeps no tree.

use super::Refusal;
use crate::value::xml::{Element, INSTANCE, MEMBER, Mark, character};
use quick_xml::{XmlVersion, events::BytesStart};

/// The element that a start tag begins, and whether `xsi` is declared within it. `around` says whether it is
/// declared in what the tag stands in.
pub(super) fn element(tag: &BytesStart<'_>, at: usize, around: bool) -> Result<(Element, bool), Refusal> {
    let name = tag.name().as_ref().to_owned();
    if !character::is_name(&name) {
        return Err(Refusal::Name { name, at });
    }
    let malformed = |what| Refusal::Malformed { what, at };
    let mut element = Element { tag: name, at, ..Element::default() };
    let mut declared = around;
    let mut nil = None;
    for attribute in tag.attributes() {
        let attribute =
            attribute.map_err(|_| malformed("the attributes are not well formed in the element"))?;
        let key = attribute.key.as_ref();
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .ok()
            .filter(|value| !attribute.value.contains('<') && value.chars().all(character::is_allowed))
            .ok_or_else(|| malformed("an attribute's value is not well formed in the element"))?;
        let refused = || Refusal::Attribute { name: key.to_owned(), at };
        match key {
            "xsi:nil" => match &*value {
                "true" | "1" => nil = Some(true),
                "false" | "0" => nil = Some(false),
                _ => return Err(malformed("`xsi:nil` is neither `true` nor `false` in the element")),
            },
            "xmlns:xsi" if value == INSTANCE => declared = true,
            "xmlns:xsi" => return Err(refused()),
            "name" if element.tag == MEMBER => element.name = Some(value.into_owned()),
            "type" => element.mark = Some(Mark::of(&value).ok_or_else(refused)?),
            "xmlns" => {}
            _ if key.starts_with("xmlns:") => {}
            _ => return Err(refused()),
        }
    }
    if nil.is_some() && !declared {
        return Err(malformed("`xmlns:xsi` is not declared for `xsi:nil` in the element"));
    }
    element.nil = nil.unwrap_or(false);
    Ok((element, declared))
}
