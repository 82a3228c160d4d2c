//! Bytes to a value, strictly: UTF-8 without a byte order mark, one document, no member twice, an object at
//! the top. It does not ask whether the members are right.

use super::Media;
use crate::{
    fault::{Code, Fault, Violation, code, diagnostic::quoted},
    plan::{Contract, contract},
    value::{Value, json, xml},
};

/// Reads a body. Refuses with F432 or F433 (malformed, with the byte), F436 (none), F442 (no object), F449 (a
/// member twice), F444 (an XML element under another name than the contract's).
pub fn parse(media: Media, bytes: &[u8], contract: &Contract) -> Result<Value, Fault> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::plain(&code::NO_BODY));
    }
    let value = match media {
        Media::Json => json(bytes)?,
        Media::Xml => {
            let root =
                xml::read(bytes).map_err(|refusal| malformed(&code::BAD_XML, "XML", &refusal.to_string()))?;
            contract::xml::read(contract, &root).map_err(refused)?
        }
    };
    match &value {
        Value::Object(_) => Ok(value),
        other => {
            let message = format!("The body is {}; send an object.", super::sentence::noun_of(other));
            Err(refused(vec![Violation::pointer("", &code::WRONG_TYPE, message)]))
        }
    }
}

fn json(bytes: &[u8]) -> Result<Value, Fault> {
    let bad = |what: &str| malformed(&code::BAD_JSON, "JSON", what);
    let text = std::str::from_utf8(bytes)
        .map_err(|error| bad(&format!("the text is not UTF-8 at byte {}", error.valid_up_to())))?;
    if text.starts_with('\u{FEFF}') {
        return Err(bad("the text begins with a byte order mark; leave it out"));
    }
    json::read::read(text).map_err(|refusal| match refusal {
        json::read::Refusal::Duplicate { pointer, name } => {
            let message = format!("{} stands twice in one object; send it once.", quoted(&name));
            refused(vec![Violation::pointer(pointer, &code::DUPLICATE_MEMBER, message)])
        }
        other => bad(&other.to_string()),
    })
}

fn malformed(code: &'static Code, format: &str, what: &str) -> Fault {
    Fault::new(code, format!("The body is not {format} that this API takes: {what}."))
}

fn refused(violations: Vec<Violation>) -> Fault {
    Fault::of_violations(violations).unwrap_or_else(|| Fault::plain(&code::BAD_BODY))
}
