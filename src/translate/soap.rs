//! Envelopes of SOAP 1.1 and 1.2, written from values and read into JSON by the types of an operation; and plain
//! XML over HTTP, where no types are known. It opens no socket, and neither retries nor judges a status.
//!
//! Writing: [`encode`], [`security`]; [`to_xml`]. Reading: [`decode`]; [`schemaless`].

mod charset;
mod decode;
mod encode;
mod fault;
mod plain;
mod security;
pub(super) mod stream;

pub use decode::decode;
pub use encode::encode;
pub use plain::{schemaless, to_xml};
pub use security::{Kind, Security, security};
pub use stream::{Limits, Malformed};

use crate::{
    plan::soap::{Operation, Version},
    value::Value,
};

/// What stands in the envelope's header.
#[derive(Debug, Default)]
pub struct Headers<'a> {
    pub security: Option<&'a Security>,
    /// An object: header elements that the operation declares, by their names. Null where there are none.
    pub declared: Value,
}

/// Why an answer has no body. The operation did not succeed, or nobody can say whether it did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Decoded {
    /// The service's own refusal, whatever status it came with.
    #[error("the service answered with the fault `{code}`")]
    Fault {
        /// Without its prefix: `Client`, `Server`, or a word of the service; `Sender`, `Receiver` in SOAP 1.2.
        code: String,
        /// SOAP 1.2's own; the innermost one.
        subcode: Option<String>,
        /// For the operator's log: it may hold values.
        reason: String,
        /// The detail's elements by their names, typed where the operation declares the fault.
        detail_json: Option<String>,
    },
    #[error("{what} (byte {at})")]
    Malformed {
        /// For the operator's log; it names elements, never values.
        what: String,
        /// The byte of the text, after it has been made UTF-8.
        at: usize,
    },
}

/// Why a value cannot be sent. Places are dotted paths from what is in the body's element, `$` is that element;
/// values are never named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("`{place}` is not declared{}", near.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Unknown { place: String, near: Option<String> },
    #[error("`{place}` is required and has no value")]
    Missing { place: String },
    #[error("`{place}` is {found}, not {expected}")]
    Misfit { place: String, found: &'static str, expected: String },
    #[error("`{place}` stands more often than it may ({max})")]
    TooMany { place: String, max: u32 },
    #[error("`{place}` and `{other}` exclude each other")]
    Both { place: String, other: String },
    #[error("`{place}` needs one of {names}")]
    None { place: String, names: String },
    #[error("`{place}` has an abstract type: say which is meant with `@xsi:type`")]
    Abstract { place: String },
    #[error("`{place}` holds a character that XML does not allow")]
    Character { place: String },
    #[error("`{place}` is no name of an element")]
    Name { place: String },
    #[error("the value is nested too deep at `{place}`")]
    TooDeep { place: String },
}

impl From<Malformed> for Decoded {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed { what: malformed.what, at: malformed.at }
    }
}

/// The media type of a request (SOAP 1.1, section 6; RFC 3902 for 1.2, which says the action there).
pub fn content_type(operation: &Operation) -> String {
    match operation.version {
        Version::V11 => "text/xml; charset=utf-8".to_owned(),
        Version::V12 if operation.action.is_empty() => "application/soap+xml; charset=utf-8".to_owned(),
        Version::V12 => {
            format!("application/soap+xml; charset=utf-8; action={}", quoted(&operation.action))
        }
    }
}

/// The value of the header `SOAPAction` with its quotes (SOAP 1.1, section 6.1.1); 1.2 has none.
pub fn soap_action(operation: &Operation) -> Option<String> {
    match operation.version {
        Version::V11 => Some(format!("\"{}\"", operation.action.replace(['"', '\r', '\n'], ""))),
        Version::V12 => None,
    }
}

/// A quoted string of a header's parameter (RFC 9110, section 5.6.4).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace(['\r', '\n'], "").replace('\\', "\\\\").replace('"', "\\\""))
}

/// Refuses an answer whose media type says that it is no envelope by itself.
pub fn refuse_multipart(content_type: &str) -> Result<(), Malformed> {
    let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media.starts_with("multipart/") || media == "application/xop+xml" {
        let what = "the answer has attachments (MTOM or MIME), which are not taken".to_owned();
        return Err(Malformed { what, at: 0 });
    }
    Ok(())
}

/// An answer's text in UTF-8, for its siblings.
pub(super) fn decoded<'a>(
    bytes: &'a [u8],
    content_type: Option<&str>,
) -> Result<std::borrow::Cow<'a, str>, Malformed> {
    charset::decode(bytes, content_type)
}

#[cfg(test)]
mod tests;
