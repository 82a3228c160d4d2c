//! What the student information system refuses with: a status and an `imsx_` body (`OneRoster` 1.1, the
//! chapter on error handling). The token endpoint speaks OAuth's errors instead, in `tokens`.

use axum::body::Bytes;
use axum::http::{Response, StatusCode, header};
use serde_json::json;

use crate::demo::district::reply;

/// Why a request was not answered.
#[derive(Debug, PartialEq)]
pub(super) enum Failure {
    /// No token, one that is not known, or one that is over.
    Unauthorised,
    /// A token for something else.
    Forbidden,
    ReadOnly,
    NoEndpoint,
    /// No such record, or not one of this kind.
    Unknown(String),
    /// A filter that cannot be read, with what is wrong.
    Filter(String),
    /// A blank member in `fields`.
    Selection,
    /// Any other parameter that makes no sense.
    Data(String),
}

impl Failure {
    pub(super) fn response(self) -> Response<Bytes> {
        let (status, minor, description) = match self {
            Self::Unauthorised => (
                StatusCode::UNAUTHORIZED,
                "unauthorisedrequest",
                "The request was not correctly authorised.".to_owned(),
            ),
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "forbidden", "The token does not have the scope for this.".to_owned())
            }
            Self::ReadOnly => {
                (StatusCode::METHOD_NOT_ALLOWED, "invaliddata", "This service can only be read.".to_owned())
            }
            Self::NoEndpoint => {
                (StatusCode::NOT_FOUND, "unknownobject", "There is no such endpoint.".to_owned())
            }
            Self::Unknown(id) => (
                StatusCode::NOT_FOUND,
                "unknownobject",
                format!("There is no object with the sourcedId '{id}' here."),
            ),
            Self::Filter(text) => (StatusCode::BAD_REQUEST, "invalid_filter_field", text),
            Self::Selection => (
                StatusCode::BAD_REQUEST,
                "invalid_selection_field",
                "A blank field cannot be selected.".to_owned(),
            ),
            Self::Data(text) => (StatusCode::BAD_REQUEST, "invaliddata", text),
        };
        let document = json!({
            "imsx_codeMajor": "failure",
            "imsx_severity": "error",
            "imsx_description": description,
            "imsx_CodeMinor": {
                "imsx_codeMinorField": [
                    {"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": minor},
                ],
            },
        });
        let response = reply::json(status, &document);
        match status {
            StatusCode::UNAUTHORIZED => reply::with(response, header::WWW_AUTHENTICATE, "Bearer"),
            StatusCode::METHOD_NOT_ALLOWED => reply::with(response, header::ALLOW, "GET"),
            _ => response,
        }
    }
}
