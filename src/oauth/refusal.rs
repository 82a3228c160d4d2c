//! Errors in OAuth's own form (RFC 6749, section 5.2 and those that follow it): a code, a sentence for the client's
//! developer, and nothing of ours.

use crate::fault::Fault;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use std::borrow::Cow;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub error: &'static str,
    pub description: Cow<'static, str>,
    status: StatusCode,
}

macro_rules! refusals {
    ($($name:ident $status:ident;)*) => {
        impl Refusal {
            $(
                pub fn $name(description: impl Into<Cow<'static, str>>) -> Self {
                    Self { error: stringify!($name), description: description.into(), status: StatusCode::$status }
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
        tracing::error!(
            code = fault.code.id,
            detail = fault.detail.as_deref(),
            "the authorization server could not answer"
        );
        Self::server_error("something of ours does not answer; nothing was granted")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.error == "invalid_client" {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"oauth\""));
        }
        response
    }
}
