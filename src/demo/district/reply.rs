//! Answers as both families make them: a status, a content type, bytes. It knows no error and no document.

use axum::body::Bytes;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

/// A document as JSON.
pub(super) fn json(status: StatusCode, document: &Value) -> Response<Bytes> {
    // Never fails for a `Value`, whose keys are strings.
    let bytes = serde_json::to_vec(document).unwrap_or_default();
    of(status, "application/json", Bytes::from(bytes))
}

/// A line for whoever asks for what neither family has.
pub(super) fn text(status: StatusCode, line: &'static str) -> Response<Bytes> {
    of(status, "text/plain; charset=utf-8", Bytes::from_static(line.as_bytes()))
}

/// Adds a header; a value that no header can hold is left out.
pub(super) fn with(mut response: Response<Bytes>, name: HeaderName, value: &str) -> Response<Bytes> {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn of(status: StatusCode, content_type: &'static str, bytes: Bytes) -> Response<Bytes> {
    let mut response = Response::new(bytes);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
