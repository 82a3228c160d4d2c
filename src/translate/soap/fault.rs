//! A service's fault (SOAP 1.1, section 4.4; SOAP 1.2 part 1, section 5.4), whatever status it came with.

use super::{
    Decoded,
    decode::{Decoder, Object},
    plain,
    stream::{Event, Malformed, Start},
};
use crate::{
    plan::soap::{Operation, Version},
    value::{json::write, xml::character},
};

/// The fault whose start has been read. Names are taken without their namespaces: some services qualify what
/// SOAP 1.1 leaves unqualified.
pub(super) fn read(
    decoder: &mut Decoder<'_>,
    operation: &Operation,
    version: Version,
) -> Result<Decoded, Malformed> {
    let (mut code, mut subcode, mut reason, mut detail_json) = (String::new(), None, None, None);
    let mut text = String::new();
    loop {
        match decoder.stream.next(&mut text)? {
            Event::Open(part) => match (version, part.name.as_str()) {
                (Version::V11, "faultcode") => code = local(&words(decoder)?),
                (Version::V11, "faultstring") => reason = Some(words(decoder)?),
                (Version::V12, "Code") => (code, subcode) = codes(decoder)?,
                (Version::V12, "Reason") => reason = Some(first(decoder)?),
                (Version::V11, "detail") | (Version::V12, "Detail") => {
                    // The detail stands last. One that is not as declared does not hide the fault itself.
                    match detail(decoder, operation) {
                        Ok(json) => detail_json = json,
                        Err(_) => break,
                    }
                }
                _ => decoder.stream.skip()?,
            },
            Event::Close => break,
            Event::End => return decoder.stream.fail("the text ends early"),
        }
    }
    Ok(Decoded::Fault { code, subcode, reason: reason.unwrap_or_default(), detail_json })
}

/// A code without its prefix and the white space around it.
fn local(code: &str) -> String {
    code.rsplit(':').next().unwrap_or_default().trim().to_owned()
}

/// All the text in the element that is open, to its end.
fn words(decoder: &mut Decoder<'_>) -> Result<String, Malformed> {
    let mut text = String::new();
    let mut open = 0usize;
    loop {
        match decoder.stream.next(&mut text)? {
            Event::Open(_) => open += 1,
            Event::Close if open == 0 => return Ok(text.trim().to_owned()),
            Event::Close => open -= 1,
            Event::End => return decoder.stream.fail("the text ends early"),
        }
    }
}

/// SOAP 1.2's `Reason` has a `Text` for each language; the first is taken.
fn first(decoder: &mut Decoder<'_>) -> Result<String, Malformed> {
    let mut found = None;
    let mut text = String::new();
    loop {
        match decoder.stream.next(&mut text)? {
            Event::Open(_) => {
                let words = words(decoder)?;
                found.get_or_insert(words);
            }
            Event::Close => return Ok(found.unwrap_or_else(|| text.trim().to_owned())),
            Event::End => return decoder.stream.fail("the text ends early"),
        }
    }
}

/// SOAP 1.2's `Code`: its value, and the innermost subcode's. The stream bounds the depth.
fn codes(decoder: &mut Decoder<'_>) -> Result<(String, Option<String>), Malformed> {
    let (mut code, mut inner) = (String::new(), None);
    let mut text = String::new();
    loop {
        match decoder.stream.next(&mut text)? {
            Event::Open(part) if part.name == "Value" => code = local(&words(decoder)?),
            Event::Open(part) if part.name == "Subcode" => {
                let (value, below) = codes(decoder)?;
                inner = Some(below.unwrap_or(value));
            }
            Event::Open(_) => decoder.stream.skip()?,
            Event::Close => return Ok((code, inner)),
            Event::End => return decoder.stream.fail("the text ends early"),
        }
    }
}

/// The detail's elements by their names; of several with one name the first. A detail that is a text is one.
fn detail(decoder: &mut Decoder<'_>, operation: &Operation) -> Result<Option<String>, Malformed> {
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    let mut text = String::new();
    loop {
        match decoder.stream.next(&mut text)? {
            Event::Open(start) => {
                decoder.out.clear();
                one(decoder, operation, &start)?;
                if !members.iter().any(|(name, _)| *name == start.name) {
                    members.push((start.name, std::mem::take(&mut decoder.out)));
                }
            }
            Event::Close => break,
            Event::End => return decoder.stream.fail("the text ends early"),
        }
    }
    let mut out = Vec::new();
    if !members.is_empty() {
        let mut object = Object::new(&mut out);
        for (name, json) in &members {
            object.member(name).extend_from_slice(json);
        }
        object.end();
    } else if !text.chars().all(character::is_white) {
        write::text(&mut out, text.trim());
    }
    Ok(String::from_utf8(out).ok().filter(|json| !json.is_empty()))
}

fn one(decoder: &mut Decoder<'_>, operation: &Operation, start: &Start) -> Result<(), Malformed> {
    let known = operation.faults.iter().find(|fault| start.is(fault.namespace.as_deref(), &fault.name));
    match known {
        Some(element) => decoder.element(start, element),
        None => plain::free(&mut decoder.stream, start, None, &mut decoder.out),
    }
}
