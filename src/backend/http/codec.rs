//! Formats: a document as the bytes that a source takes, and a source's bytes as JSON. Everything behind this knows JSON alone.

use super::request::{Inputs, text as fill};
use crate::{
    plan::{
        http::{Auth, Call, Dialect, Format},
        soap::Operation,
    },
    translate::{soap, xmlrpc},
    value::{
        Value,
        time::{Moment, Short},
    },
};
use std::collections::HashMap;

/// An answer as JSON.
#[derive(Debug)]
pub(super) enum Decoded {
    Document(String),
    /// A fault of the format's own: `{"fault": {"code": ..., "reason": ...}}`; whether it is the caller's.
    Fault(String, bool),
}

/// The content type and the bytes of a body; what cannot be said in the format.
pub(super) fn encode(
    dialect: &Dialect,
    call: &Call,
    body: &Value,
    secrets: &HashMap<String, String>,
    now: Moment,
) -> Result<(String, Vec<u8>), String> {
    match &dialect.format {
        Format::Json => {
            let mut out = Vec::new();
            body.write(&mut out);
            Ok(("application/json".into(), out))
        }
        Format::Xml { root, namespace } => {
            let mut body = body.clone();
            if let Some(namespace) = namespace {
                body.set("@xmlns", Value::Text(namespace.as_str().into()));
            }
            let bytes = soap::to_xml(&body, root, &[]).map_err(|problem| problem.to_string())?;
            Ok(("application/xml".into(), bytes))
        }
        Format::XmlRpc => {
            let method = body.get("method").and_then(Value::scalar).unwrap_or_default();
            let params = match body.get("params") {
                Some(Value::List(items)) => items.as_slice(),
                _ => &[],
            };
            let bytes = xmlrpc::call(method, params).map_err(|problem| problem.to_string())?;
            Ok(("text/xml".into(), bytes))
        }
        Format::Soap => {
            let operation = described(call)?;
            let security = security(dialect, secrets, now)?;
            let headers = soap::Headers { security: security.as_ref(), declared: Value::Null };
            let bytes = soap::encode(operation, body, &headers).map_err(|problem| problem.to_string())?;
            Ok((soap::content_type(operation), bytes))
        }
    }
}

/// The place of a value that the service's schema does not take, and why; `None` where the fault is another one.
pub(super) fn misfit(call: &Call, body: &Value) -> Option<(String, String)> {
    use soap::Problem::{Character, Misfit, TooMany};
    let headers = soap::Headers { security: None, declared: Value::Null };
    let problem = soap::encode(described(call).ok()?, body, &headers).err()?;
    match &problem {
        Misfit { place, .. } | TooMany { place, .. } | Character { place } => {
            Some((place.clone(), problem.to_string()))
        }
        _ => None,
    }
}

fn described(call: &Call) -> Result<&Operation, String> {
    let found = call.soap.as_ref().map(|soap| &*soap.0);
    found.ok_or_else(|| format!("the call `{}` names no operation", call.name))
}

/// The header that proves who calls (WS-Security `UsernameToken`), with a nonce of its own.
fn security(
    dialect: &Dialect,
    secrets: &HashMap<String, String>,
    now: Moment,
) -> Result<Option<soap::Security>, String> {
    let token = dialect.auth.iter().find_map(|auth| match auth {
        Auth::UsernameToken { user, password, digest } => Some((user, password, *digest)),
        _ => None,
    });
    let Some((user, password, digest)) = token else { return Ok(None) };
    let text = |template| {
        fill(template, &Inputs::default(), secrets).map_err(|name| format!("nothing supplies `{name}`"))
    };
    let mut nonce = [0; 16];
    aws_lc_rs::rand::fill(&mut nonce).map_err(|_| "no random numbers are to be had".to_owned())?;
    let mut created = Short::EMPTY;
    Moment { nanos: 0, ..now }.print(&mut created).ok_or("the clock is out of reach")?;
    let kind = if digest { soap::Kind::Digest } else { soap::Kind::Text };
    Ok(Some(soap::security(&text(user)?, &text(password)?, kind, nonce, created.as_str())))
}

/// An answer as JSON; why it is none.
pub(super) fn decode(
    dialect: &Dialect,
    call: &Call,
    content_type: &str,
    body: Vec<u8>,
) -> Result<Decoded, String> {
    let limits = soap::Limits { bytes: body.len().max(1), ..soap::Limits::default() };
    let kind = (!content_type.is_empty()).then_some(content_type);
    match &dialect.format {
        Format::Json => text(content_type, body).map(Decoded::Document),
        Format::Xml { .. } => {
            let lists: Vec<&str> = call.lists.iter().map(String::as_str).collect();
            let text = soap::schemaless(&body, kind, &lists, limits).map_err(|wrong| wrong.to_string())?;
            Ok(Decoded::Document(text))
        }
        Format::XmlRpc => match xmlrpc::answer(&body, kind, limits) {
            Ok(text) => Ok(Decoded::Document(text)),
            Err(xmlrpc::Refused::Fault { code, text }) => {
                Ok(Decoded::Fault(fault(&code, &text, None), false))
            }
            Err(xmlrpc::Refused::Malformed(wrong)) => Err(wrong.to_string()),
        },
        Format::Soap => match soap::decode(described(call)?, &body, kind, limits) {
            Ok(text) => Ok(Decoded::Document(text)),
            Err(soap::Decoded::Fault { code, subcode, reason, detail_json }) => {
                let ours = matches!(code.split('.').next(), Some("Client" | "Sender"));
                let code = subcode.unwrap_or(code);
                Ok(Decoded::Fault(fault(&code, &reason, detail_json.as_deref()), ours))
            }
            Err(soap::Decoded::Malformed { what, at }) => Err(format!("{what} (byte {at})")),
        },
    }
}

/// A format's own fault as a document, so that rules can look at it.
fn fault(code: &str, reason: &str, detail: Option<&str>) -> String {
    let text = |text: &str| Value::Text(text.into());
    let mut inner = vec![("code".into(), text(code)), ("reason".into(), text(reason))];
    if let Some(detail) = detail.and_then(|detail| crate::value::json::read::read(detail).ok()) {
        inner.push(("detail".into(), detail));
    }
    Value::Object(vec![("fault".into(), Value::Object(inner))]).to_json()
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
