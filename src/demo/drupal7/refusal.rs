//! What the site refuses with: a status and a body that is a bare array with one sentence, or, from a form, a map of
//! fields. The sentences are those of Services 3 and Drupal 7 themselves, capitals and full stops included; no
//! stage of the façade speaks like this.

use http::StatusCode;
use serde_json::{Map, Value, json};

/// Why a call was not answered; `Display` is the sentence that the caller reads.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("Wrong username or password.")]
    Credentials,
    #[error("Access denied for user {0}")]
    Denied(String),
    #[error("CSRF validation failed")]
    Csrf,
    /// Services itself lowers a large size without a word; this site's own hook refuses every other one.
    #[error("You do not have permission to set the page size.")]
    PageSize,
    #[error(
        "Invalid query provided, double check that the fields and parameters you defined are correct and exist."
    )]
    Query,
    #[error("Node {0} could not be found")]
    NoNode(String),
    #[error("There is no user with ID {0}.")]
    NoUser(String),
    #[error("There is no term with ID {0}.")]
    NoTerm(String),
    #[error("There is no vocabulary with ID {0}.")]
    NoVocabulary(String),
    /// Also for a vocabulary without terms: Services cannot tell the two apart.
    #[error("No vocabulary with id {0} found.")]
    NoTree(String),
    #[error("Could not find the controller.")]
    NoController,
    #[error("Missing required argument {0}")]
    Missing(&'static str),
    #[error("Missing node type")]
    NoType,
    #[error("Node type {0} does not exist.")]
    UnknownType(String),
    #[error("Unsupported request content type {0}")]
    ContentType(String),
    #[error("Unable to decode the request body.")]
    Undecodable,
    #[error("The site cannot store more content.")]
    Full,
    /// Field to message; a body of its own shape.
    #[error("the form has errors")]
    Form(Map<String, Value>),
}

impl Refusal {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Credentials | Self::Csrf | Self::Missing(_) => StatusCode::UNAUTHORIZED,
            Self::Denied(_) | Self::PageSize => StatusCode::FORBIDDEN,
            Self::NoNode(_)
            | Self::NoUser(_)
            | Self::NoTerm(_)
            | Self::NoVocabulary(_)
            | Self::NoTree(_)
            | Self::NoController => StatusCode::NOT_FOUND,
            Self::Query
            | Self::NoType
            | Self::UnknownType(_)
            | Self::ContentType(_)
            | Self::Undecodable
            | Self::Full
            | Self::Form(_) => StatusCode::NOT_ACCEPTABLE,
        }
    }

    pub(super) fn body(&self) -> Value {
        match self {
            Self::Form(errors) => json!({ "form_errors": errors }),
            other => json!([other.to_string()]),
        }
    }
}
