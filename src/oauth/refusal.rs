//! Errors in OAuth's own form (RFC 6749, section 5.2 and those that follow it): a code, a sentence for the client's
//! developer, and nothing of ours.

use crate::fault::Fault;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::Full;
use serde_json::json;
use std::borrow::Cow;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub error: &'static str,
    pub description: Cow<'static, str>,
    status: StatusCode,
    /// Seconds after which it may be tried again.
    retry_after: Option<u64>,
}

macro_rules! refusals {
    ($($name:ident $status:ident;)*) => {
        impl Refusal {
            $(
                pub fn $name(description: impl Into<Cow<'static, str>>) -> Self {
                    Self { error: stringify!($name), description: description.into(), status: StatusCode::$status, retry_after: None }
                }
            )*
        }
    };
}

refusals! {
    // RFC 6749, sections 4.1.2.1 and 5.2.
    invalid_request BAD_REQUEST;
    invalid_client UNAUTHORIZED;
    invalid_grant BAD_REQUEST;
    unauthorized_client BAD_REQUEST;
    unsupported_grant_type BAD_REQUEST;
    unsupported_response_type BAD_REQUEST;
    invalid_scope BAD_REQUEST;
    access_denied BAD_REQUEST;
    server_error INTERNAL_SERVER_ERROR;
    temporarily_unavailable SERVICE_UNAVAILABLE;
    // RFC 8707, section 2.
    invalid_target BAD_REQUEST;
    // RFC 9449, section 5.
    invalid_dpop_proof BAD_REQUEST;
    // RFC 8628, section 3.5.
    authorization_pending BAD_REQUEST;
    slow_down BAD_REQUEST;
    expired_token BAD_REQUEST;
    // RFC 7591, section 3.2.2.
    invalid_redirect_uri BAD_REQUEST;
    invalid_client_metadata BAD_REQUEST;
    // OpenID Connect Core 1.0, section 3.1.2.6.
    login_required BAD_REQUEST;
    consent_required BAD_REQUEST;
    request_not_supported BAD_REQUEST;
    invalid_request_uri BAD_REQUEST;
    registration_not_supported BAD_REQUEST;
    // RFC 6750, section 3.1.
    invalid_token UNAUTHORIZED;
    insufficient_scope FORBIDDEN;
}

impl Refusal {
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

/// What is ours to mend is told to our log alone.
impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        if fault.code.status == 429 {
            // OAuth has no error of its own for this; the status says it (RFC 6585, section 4).
            let words = "there were too many requests; wait as long as `Retry-After` says";
            return Self {
                status: StatusCode::TOO_MANY_REQUESTS,
                retry_after: Some(fault.retry_after.map_or(1, |wait| wait.as_secs().max(1))),
                ..Self::temporarily_unavailable(words)
            };
        }
        tracing::error!(
            code = fault.code.id,
            detail = fault.detail.as_deref(),
            "the authorization server could not answer"
        );
        Self::server_error("something of ours does not answer; nothing was granted")
    }
}

impl Refusal {
    /// The answer, in OAuth's form.
    pub fn answer(&self) -> Response<Full<Bytes>> {
        let body = json!({ "error": self.error, "error_description": self.description }).to_string();
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        if self.error == "invalid_client" {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"oauth\""));
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> axum::response::Response {
        self.answer().map(axum::body::Body::new)
    }
}
