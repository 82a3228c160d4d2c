//! The configuration's part on people: whose apps may log them in, what registering makes, and how mail is sent.

use crate::spec::words::config::Secret;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// People who log in here: owners by the company's own apps, staff by pages.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Accounts {
    /// The ids of the company's own apps, which alone may use `/auth/...`; what their users may do is said by roles.
    #[serde(default)]
    pub apps: Vec<String>,
    /// What people may make an account for by themselves; nothing where it is not said.
    #[serde(default)]
    pub register: Option<Register>,
    /// What people call resources, on the page that asks for their consent.
    #[serde(default)]
    pub names: IndexMap<String, Words>,
}

/// Registering makes an account, and one record that is its own.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Register {
    /// The API of the resource, as `name/version`.
    pub api: String,
    /// The resource whose record is made.
    pub resource: String,
    /// The account's role.
    pub role: String,
    /// The claim that holds the record's key.
    pub claim: String,
    /// The member that holds the e-mail address. Records are found by it: it has to be a filter of the resource.
    pub address: String,
    /// The members that are asked for besides, each with what people call it.
    #[serde(default)]
    pub fields: IndexMap<String, Words>,
}

/// A text in the languages of pages and messages.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Spanish.
    pub es: String,
}

/// How messages are sent. Exactly one of `smtp` and `catch` says it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Mail {
    /// Who they come from: `PetHub <no-reply@pethub.example>`.
    pub from: String,
    /// They are handed to a mail server.
    #[serde(default)]
    pub smtp: Option<Smtp>,
    /// They are sent to nobody, and shown to everybody at `/account/mail`: for a demo.
    #[serde(default)]
    pub catch: bool,
}

/// A mail server that takes messages (RFC 6409).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Smtp {
    /// Its host, and its port where that is not the usual one: `smtp.example.com:587`.
    pub address: String,
    /// How the connection is sealed; `starttls` where it is not said.
    #[serde(default)]
    pub security: Security,
    #[serde(default)]
    pub user: Option<Secret>,
    #[serde(default)]
    pub password: Option<Secret>,
}

/// How a connection to a mail server is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Security {
    /// It begins plain and goes on with TLS, or not at all (port 587).
    #[default]
    Starttls,
    /// TLS from the first byte (port 465).
    Tls,
    /// Not at all: for a server on this machine alone.
    None,
}
