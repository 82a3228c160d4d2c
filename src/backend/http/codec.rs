//! Formats: a document as the bytes that a source takes, and a source's bytes as JSON. Everything behind this knows JSON alone.

use crate::{
    plan::http::{Call, Dialect, Format},
    value::Value,
};

/// The content type and the bytes of a body; what cannot be said in the format.
pub(super) fn encode(dialect: &Dialect, _: &Call, body: &Value) -> Result<(String, Vec<u8>), String> {
    match &dialect.format {
        Format::Json => {
            let mut out = Vec::new();
            body.write(&mut out);
            Ok(("application/json".into(), out))
        }
        Format::Xml { .. } | Format::Soap | Format::XmlRpc => Err("not yet".into()),
    }
}

/// An answer as JSON; why it is none.
pub(super) fn decode(
    dialect: &Dialect,
    _: &Call,
    content_type: &str,
    body: Vec<u8>,
) -> Result<String, String> {
    match &dialect.format {
        Format::Json => text(content_type, body),
        Format::Xml { .. } | Format::Soap | Format::XmlRpc => Err("not yet".into()),
    }
}

/// The text of a body: UTF-8, and Latin-1 where the answer says so.
fn text(content_type: &str, body: Vec<u8>) -> Result<String, String> {
    let charset = content_type.split(';').skip(1).find_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.eq_ignore_ascii_case("charset").then(|| value.trim_matches('"').to_ascii_lowercase())
    });
    match charset.as_deref() {
        None | Some("utf-8" | "utf8" | "us-ascii" | "ascii") => {
            let text = String::from_utf8(body).map_err(|_| "the answer is not UTF-8".to_owned())?;
            Ok(match text.strip_prefix('\u{feff}') {
                Some(rest) => rest.to_owned(),
                None => text,
            })
        }
        // ISO 8859-1 is Unicode's first 256 characters.
        Some("iso-8859-1" | "latin1" | "iso8859-1") => Ok(body.iter().map(|b| char::from(*b)).collect()),
        Some(other) => {
            let other: String = other.chars().take(40).collect();
            Err(format!("the answer is written in `{other}`, which is not read here"))
        }
    }
}
