//! The envelope, in and out: media types, the text of a body, `Header` and `Body`. It never sees a DOCTYPE through, and
//! knows no operation.

use roxmltree::{Document, Node, NodeType, ParsingOptions};

use super::fault::Fault;
use super::reader::{children, same};
use super::security::WSSE;

/// More nodes than any request has that fits the schema.
const MOST_NODES: u32 = 20_000;

/// Which SOAP a message speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Soap11,
    Soap12,
}

impl Version {
    fn namespace(self) -> &'static str {
        match self {
            Self::Soap11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Self::Soap12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Soap11 => "text/xml; charset=utf-8",
            Self::Soap12 => "application/soap+xml; charset=utf-8",
        }
    }

    /// The code of a fault that is the sender's.
    pub(super) fn sender(self) -> &'static str {
        match self {
            Self::Soap11 => "soap:Client",
            Self::Soap12 => "soap:Sender",
        }
    }
}

/// The version that a content type means, and its parameter `action`. Nothing for other types, and for another charset
/// than UTF-8.
pub(super) fn media(content_type: &str) -> Option<(Version, Option<String>)> {
    let mut parts = content_type.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let version = if essence.eq_ignore_ascii_case("text/xml") {
        Version::Soap11
    } else if essence.eq_ignore_ascii_case("application/soap+xml") {
        Version::Soap12
    } else {
        return None;
    };
    let mut action = None;
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "charset" if !value.eq_ignore_ascii_case("utf-8") => return None,
            "action" => action = Some(value.to_owned()),
            _ => {}
        }
    }
    Some((version, action))
}

/// The body as text, without a byte order mark.
pub(super) fn decode(body: &[u8]) -> Result<&str, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::client("the message is not UTF-8"))?;
    Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
}

/// The document: no DOCTYPE, no processing instruction (SOAP 1.1, section 3), not too large.
pub(super) fn parse(text: &str) -> Result<Document<'_>, Fault> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options)
        .map_err(|error| Fault::client(format!("the message is not well-formed: {error}")))?;
    // The parser lets a DOCTYPE pass that declares nothing.
    let prolog = text.get(..document.root_element().range().start).unwrap_or_default();
    if prolog.contains("<!DOCTYPE") {
        return Err(Fault::client("a message must have no DOCTYPE"));
    }
    if document.root().descendants().any(|node| node.node_type() == NodeType::PI) {
        return Err(Fault::client("a message must have no processing instruction"));
    }
    Ok(document)
}

/// What an envelope holds.
#[derive(Debug)]
pub(super) struct Envelope<'a, 'input> {
    /// The header `wsse:Security`.
    pub(super) security: Option<Node<'a, 'input>>,
    /// The one element in `Body`.
    pub(super) operation: Node<'a, 'input>,
}

impl<'a, 'input> Envelope<'a, 'input> {
    pub(super) fn of(document: &'a Document<'input>, version: Version) -> Result<Self, Fault> {
        let root = document.root_element();
        if root.tag_name().name() != "Envelope" {
            return Err(Fault::client("the message is not an envelope"));
        }
        let namespace = version.namespace();
        if root.tag_name().namespace() != Some(namespace) {
            return Err(Fault::VersionMismatch);
        }
        let parts = children(root)?;
        let (header, body) = match parts.as_slice() {
            [body] if same(*body, namespace, "Body") => (None, *body),
            [header, body] if same(*header, namespace, "Header") && same(*body, namespace, "Body") => {
                (Some(*header), *body)
            }
            _ => return Err(Fault::client("an envelope has at most one Header and then one Body")),
        };
        let mut security = None;
        for entry in header.map(children).transpose()?.unwrap_or_default() {
            if same(entry, WSSE, "Security") {
                if security.replace(entry).is_some() {
                    return Err(Fault::InvalidSecurity("there is more than one"));
                }
            } else if matches!(
                entry.attribute((namespace, "mustUnderstand")).map(str::trim),
                Some("1" | "true")
            ) {
                return Err(Fault::MustUnderstand(entry.tag_name().name().to_owned()));
            }
        }
        match children(body)?.as_slice() {
            [operation] => Ok(Self { security, operation: *operation }),
            found => Err(Fault::client(format!("Body has {} elements and must have one", found.len()))),
        }
    }
}

/// An envelope around what belongs inside `Body`.
pub(super) fn wrap(version: Version, body: &str) -> String {
    let namespace = version.namespace();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope xmlns:soap=\"{namespace}\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}
