//! What the partner refuses with: `{"errors":[{"code","message","field"}]}`, one entry for each thing that is wrong.
//! `field` is the path of a member of the body, the name of a parameter, or `null`.

use http::StatusCode;
use serde_json::{Value, json};

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) message: String,
    /// `questions[0].text`, `limit`.
    pub(super) field: Option<String>,
}

impl Problem {
    pub(super) fn of(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Some(field.into()) }
    }
}

/// Why a call was not answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    NoKey,
    Key,
    NoResource,
    /// With what the resource takes.
    Method(&'static str),
    NoSurvey(&'static str),
    ContentType,
    Full,
    /// At least one.
    Invalid(Vec<Problem>),
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NoKey | Self::Key => StatusCode::UNAUTHORIZED,
            Self::NoResource | Self::NoSurvey(_) => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Full => StatusCode::FORBIDDEN,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
        }
    }

    pub(super) fn body(&self) -> Value {
        let plain = |code, message: &str| vec![Problem { code, message: message.to_owned(), field: None }];
        let problems = match self {
            Self::NoKey => plain("unauthorized", "Send your API key as the Authorization header."),
            Self::Key => plain("unauthorized", "Invalid API key."),
            Self::NoResource => plain("not_found", "There is nothing at this address."),
            Self::Method(_) => plain("method_not_allowed", "This resource does not take this method."),
            Self::NoSurvey(field) => vec![Problem::of(*field, "not_found", "Survey not found.")],
            Self::ContentType => plain("unsupported_media_type", "Send the body as application/json."),
            Self::Full => plain("plan_limit", "Your plan does not allow more surveys."),
            Self::Invalid(problems) => problems.clone(),
        };
        let error = |problem: &Problem| json!({ "code": problem.code, "message": problem.message, "field": problem.field });
        json!({ "errors": problems.iter().map(error).collect::<Vec<_>>() })
    }

    /// For the header `Allow`.
    pub(super) fn allow(&self) -> Option<&'static str> {
        match self {
            Self::Method(allow) => Some(allow),
            _ => None,
        }
    }
}
