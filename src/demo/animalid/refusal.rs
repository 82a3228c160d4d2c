//! What the registry refuses, with its status and its body: `{"error":{"code":"...","message":"...","details":[...]}}`.

use http::StatusCode;
use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 401, by its code: `SIGNATURE_MISSING`, `KEY_UNKNOWN`, `TIMESTAMP_OUT_OF_RANGE`, `SIGNATURE_INVALID`,
    /// `SIGNATURE_REUSED`.
    Signature(&'static str),
    KeyMissing,
    KeyMalformed,
    KeyReused,
    NotJson,
    Malformed,
    /// 422: every violation at once.
    Invalid(Vec<Violation>),
    /// 404, by its code: `CHIP_NOT_FOUND`, `JOB_NOT_FOUND`, `DICTIONARY_NOT_FOUND`, `NOT_FOUND`.
    Missing(&'static str),
    Method(&'static str),
    MatchMissing,
    MatchFailed,
    Full,
}

/// A place in the request and what is wrong with it, in the manner of Pydantic: `loc` is a path of names and indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Violation {
    pub(super) loc: Vec<Value>,
    pub(super) message: String,
    pub(super) kind: &'static str,
}

impl Violation {
    pub(super) fn new(loc: &[Value], message: impl Into<String>, kind: &'static str) -> Self {
        Self { loc: loc.to_vec(), message: message.into(), kind }
    }
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Signature(_) => StatusCode::UNAUTHORIZED,
            Self::KeyMissing | Self::KeyMalformed | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::KeyReused => StatusCode::CONFLICT,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Missing(_) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::MatchMissing => StatusCode::PRECONDITION_REQUIRED,
            Self::MatchFailed => StatusCode::PRECONDITION_FAILED,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    pub(super) fn body(&self) -> Value {
        let (code, message) = match self {
            Self::Signature(code) => (*code, "The request is not signed by a known key."),
            Self::KeyMissing => ("IDEMPOTENCY_KEY_MISSING", "A write needs the header Idempotency-Key."),
            Self::KeyMalformed => {
                ("IDEMPOTENCY_KEY_MALFORMED", "An idempotency key has 1 to 255 visible ASCII characters.")
            }
            Self::KeyReused => ("IDEMPOTENCY_KEY_REUSED", "The key was used for another request."),
            Self::NotJson => ("UNSUPPORTED_MEDIA_TYPE", "The body has to be application/json."),
            Self::Malformed => ("MALFORMED_JSON", "The body is not JSON."),
            Self::Invalid(_) => ("VALIDATION_FAILED", "The request has errors."),
            Self::Missing(code) => (*code, "There is nothing here by that name."),
            Self::Method(_) => ("METHOD_NOT_ALLOWED", "The method is not allowed here."),
            Self::MatchMissing => ("IF_MATCH_MISSING", "A change needs the header If-Match."),
            Self::MatchFailed => ("ETAG_MISMATCH", "The record has been changed since it was read."),
            Self::Full => ("REGISTRY_FULL", "The registry takes no more records."),
        };
        let details: Vec<Value> = match self {
            Self::Invalid(violations) => violations
                .iter()
                .map(|of| json!({"loc": of.loc, "msg": of.message, "type": of.kind}))
                .collect(),
            _ => Vec::new(),
        };
        json!({"error": {"code": code, "message": message, "details": details}})
    }
}
