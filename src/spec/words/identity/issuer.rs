//! The configuration's part on tokens from elsewhere: issuers, and what their claims mean here.

use super::super::{OneOrMany, Span, config::Secret};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// An issuer whose tokens are taken: an identity provider that has OpenID Connect's discovery, or a set of keys.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Issuer {
    /// As its tokens name it in `iss`, to the letter.
    pub issuer: String,
    /// What its tokens have to say in `aud`: one or several, of which one has to stand there.
    #[serde(default)]
    pub audience: OneOrMany<String>,
    /// Where its keys are, where it has no discovery.
    #[serde(default)]
    pub keys: Option<String>,
    /// The media types (`typ`) of its access tokens, such as `at+jwt`; `at+jwt`, `jwt` and none where it is not said.
    #[serde(default)]
    pub types: OneOrMany<String>,
    #[serde(default)]
    pub roles: Option<IssuerRoles>,
    /// Claims that tie a caller to records: our name, and the issuer's claim.
    #[serde(default)]
    pub claims: IndexMap<String, String>,
    /// The claim that has the scopes. Where it is not said roles alone decide.
    #[serde(default)]
    pub scopes: Option<String>,
    /// The tier of all who come by it.
    #[serde(default)]
    pub tier: Option<String>,
    /// Says that this issuer is on this machine and spoken to without TLS.
    #[serde(default)]
    pub plain: bool,
    /// Says that this issuer may have an address of a private network.
    #[serde(default)]
    pub private: bool,
    /// How long its keys are used without being asked for again: an hour, or as long as it says if that is shorter.
    #[serde(default)]
    pub fresh: Option<Span>,
    /// How much longer they are used while it cannot be reached; an hour where it is not said.
    #[serde(default)]
    pub stale: Option<Span>,
    /// Tokens that say nothing themselves are asked about (RFC 7662).
    #[serde(default)]
    pub introspection: Option<Introspection>,
}

/// Where an issuer's groups stand, and which roles they are here.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IssuerRoles {
    /// The claim, such as `groups` or `realm_access.roles`.
    pub from: String,
    /// The issuer's name of a group, and the role. What does not stand here is no role.
    pub map: IndexMap<String, String>,
}

/// How tokens are asked about.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Introspection {
    /// Where; as its discovery says where it is not said.
    #[serde(default)]
    pub address: Option<String>,
    /// What this program is called there.
    pub client: Secret,
    pub secret: Secret,
    /// How its tokens begin. Where it is not said, all that are no JSON Web Tokens are asked about.
    #[serde(default)]
    pub prefix: Option<String>,
    /// How long an answer is believed: ten seconds where it is not said, a minute at most.
    #[serde(default)]
    pub keep: Option<Span>,
}
