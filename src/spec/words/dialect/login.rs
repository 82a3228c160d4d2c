//! A dialect's words for logins: a call that says everything, or a standard flow of OAuth 2.0.

use super::super::{Span, call::Call};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// A login, and what is carried after it. Exactly one of `call`, which says everything, and `oauth2`, a standard flow that
/// needs nothing more. `{name}` is a member of the login's answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Login {
    /// The call. `${name}` is one of the source's credentials.
    #[serde(default)]
    pub call: Option<Call>,
    /// A token by a standard flow of OAuth 2.0, which every later call carries as `Authorization: Bearer`.
    #[serde(default)]
    pub oauth2: Option<OAuth2>,
    /// The cookie of every later call.
    #[serde(default)]
    pub cookie: Option<String>,
    /// Headers of every later call.
    #[serde(default)]
    pub headers: IndexMap<String, String>,
    /// Headers of every later call that writes.
    #[serde(default)]
    pub on_writes: IndexMap<String, String>,
    /// Query parameters of every later call.
    #[serde(default)]
    pub query: IndexMap<String, String>,
    /// How long a session is used before it is renewed. It has to be said of a `call`; a token says it itself.
    #[serde(default)]
    pub expires: Option<Expires>,
    /// Statuses that tell that the session has ended: one new login, and the call once more.
    #[serde(default = "refused")]
    pub refused: Vec<u16>,
}

/// A standard flow of OAuth 2.0 (RFC 6749): what is said here is sent as the standard says it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct OAuth2 {
    /// Where tokens are had: a path below the source's address, or an https address.
    pub token: String,
    /// What we are called there. `${name}` is one of the source's credentials.
    pub client: String,
    #[serde(default)]
    pub secret: Option<String>,
    /// How the secret is sent; `basic` where it is not said.
    #[serde(default)]
    pub secret_in: SecretIn,
    /// In the place of a secret: our private key (PKCS #8, PEM), by which we say who we are (RFC 7523).
    #[serde(default)]
    pub key: Option<String>,
    /// What the partner calls that key.
    #[serde(default)]
    pub kid: Option<String>,
    /// A refresh token that was had before, where the partner does not take our own credentials alone.
    #[serde(default)]
    pub refresh: Option<String>,
    #[serde(default)]
    pub scopes: Vec<String>,
    /// What this partner wants to have beside the standard, such as `audience` or `resource`.
    #[serde(default)]
    pub parameters: IndexMap<String, String>,
    /// How long before its end a token is no longer used; ten seconds where it is not said.
    #[serde(default)]
    pub less: Option<Span>,
    /// The longest that a token is used, whatever the partner says; a day where it is not said.
    #[serde(default)]
    pub most: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum SecretIn {
    /// HTTP Basic.
    #[default]
    Basic,
    /// Members of the form.
    Body,
}

fn refused() -> Vec<u16> {
    vec![401]
}

/// A time of our own, or what the login's answer says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Expires {
    After(Span),
    Said(Said),
}

/// What the login's answer says of a session's life. Exactly one of `at` and `token`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Said {
    /// The place of the seconds.
    pub at: Option<String>,
    /// The place of a JSON Web Token, whose `exp` counts.
    pub token: Option<String>,
    /// How long before that it is renewed.
    pub less: Option<Span>,
    /// The longest that it is believed.
    pub most: Option<Span>,
}
