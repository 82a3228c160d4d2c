//! What the clinic refuses with: a status and `{"messages":[{level, type, text, fields}]}`, one message for
//! each thing that is wrong. It decides nothing; each part of the clinic says what it refuses.
//!
//! The form, and that a bad token is answered with 401 and `InvalidRequestException`, are the vendor's
//! ("Authenticating" on developers.ezyvet.com). The sentences and the other types are this server's own.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// A refused request; never without a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) messages: Vec<Message>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// The class of the exception, `InvalidRequestException`.
    kind: &'static str,
    text: String,
    /// The fields or parameters at fault; often none.
    fields: Vec<String>,
}

impl Message {
    /// A field or parameter that cannot be taken.
    pub(super) fn field(name: &str, text: impl Into<String>) -> Self {
        Self { kind: "InvalidRequestException", text: text.into(), fields: vec![name.to_owned()] }
    }

    /// A time that somebody else has, or at which nobody works.
    pub(super) fn slot(text: impl Into<String>) -> Self {
        Self { kind: "SlotUnavailableException", text: text.into(), fields: vec!["start_at".to_owned()] }
    }
}

impl Refusal {
    fn one(status: StatusCode, kind: &'static str, text: impl Into<String>) -> Self {
        Self { status, messages: vec![Message { kind, text: text.into(), fields: Vec::new() }] }
    }

    /// 400 with all that is wrong at once.
    pub(super) fn invalid(messages: Vec<Message>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, messages }
    }

    /// 400 for a request that is wrong as a whole.
    pub(super) fn request(text: impl Into<String>) -> Self {
        Self::one(StatusCode::BAD_REQUEST, "InvalidRequestException", text)
    }

    /// 401: no token, an unknown one or one that has ended; the caller cannot tell which.
    pub(super) fn token() -> Self {
        Self::one(
            StatusCode::UNAUTHORIZED,
            "InvalidRequestException",
            "The access token is missing, malformed or no longer valid.",
        )
    }

    /// 401: the partner, the client or its secret is not known.
    pub(super) fn client() -> Self {
        Self::one(StatusCode::UNAUTHORIZED, "InvalidClientException", "Client authentication failed.")
    }

    /// 403: the token was not given this scope.
    pub(super) fn scope(scope: &str) -> Self {
        let text = format!("The access token does not have the scope {scope}.");
        Self::one(StatusCode::FORBIDDEN, "InsufficientScopeException", text)
    }

    /// 404: no such address.
    pub(super) fn endpoint() -> Self {
        Self::one(StatusCode::NOT_FOUND, "NotFoundException", "The requested endpoint does not exist.")
    }

    /// 404: no such record.
    pub(super) fn record(thing: &str, id: &str) -> Self {
        let text = format!("The {thing} with the ID {id} could not be found.");
        Self::one(StatusCode::NOT_FOUND, "NotFoundException", text)
    }

    /// 405: the address exists and does not do this.
    pub(super) fn method(method: &str) -> Self {
        let text = format!("The method {method} is not allowed for this endpoint.");
        Self::one(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowedException", text)
    }

    /// 429: more calls in this minute than the agreement has.
    pub(super) fn too_many() -> Self {
        let text = "The rate limit for this database has been exceeded.";
        Self::one(StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", text)
    }

    pub(super) fn body(&self) -> Value {
        let messages: Vec<Value> = self
            .messages
            .iter()
            .map(|m| json!({ "level": "error", "type": m.kind, "text": m.text, "fields": m.fields }))
            .collect();
        json!({ "messages": messages })
    }
}
