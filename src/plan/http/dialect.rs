//! How a family of systems speaks, whatever the resource.

use super::{
    call::{Call, Json, Target, Template},
    paging::Pages,
    rules::Errors,
};
use crate::{
    plan::{reading::Empties, resource::Operator},
    value::{Value, path::Path},
};
use std::{sync::Arc, time::Duration};

#[derive(Debug, Clone, PartialEq)]
pub struct Dialect {
    pub name: String,
    pub format: Format,
    pub pages: Pages,
    pub sorting: Sorting,
    pub filters: Filters,
    pub empty: Empties,
    /// What is sent to empty a member of several parts.
    pub empty_write: Value,
    /// What every call carries.
    pub always: Always,
    pub auth: Vec<Auth>,
    pub login: Option<Arc<Login>>,
    pub errors: Errors,
    pub limits: Option<Limits>,
    /// The header that says how much time is left for a call.
    pub time_left: Option<TimeLeft>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeLeft {
    /// In small letters.
    pub header: String,
    /// Whole seconds, and not milliseconds.
    pub seconds: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    Json,
    /// XML without a schema: the name of a body's root element and its namespace.
    Xml {
        root: String,
        namespace: Option<String>,
    },
    Soap,
    XmlRpc,
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Always {
    pub headers: Vec<(String, Template)>,
    pub query: Vec<(String, Template)>,
    pub body: Vec<(Path, Json)>,
}

/// What proves who calls, where it is more than a constant.
#[derive(Debug, Clone, PartialEq)]
pub enum Auth {
    /// RFC 7617.
    Basic { user: Template, password: Template },
    /// A keyed hash over the request.
    Hmac(Box<Hmac>),
    /// AWS Signature Version 4.
    Aws { service: String, region: Template, key: Template, secret: Template },
    /// WS-Security `UsernameToken`; whether the password goes as a digest.
    UsernameToken { user: Template, password: Template, digest: bool },
    /// A JSON Web Token of our own, signed with HS256 (RFC 7519): its claims, its life, and the header that it goes in.
    Jwt { secret: Template, claims: Vec<(String, Template)>, life: Duration, header: String, scheme: String },
}

/// A signature: `{method}`, `{path}` (with the query), `{body}`, `{bodyHash}`, `{time}` and `${credentials}`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hmac {
    pub sha512: bool,
    pub secret: Template,
    pub over: Template,
    /// Base64, where it is not lower-case hexadecimal.
    pub base64: bool,
    /// Headers, with `{signature}` and `{time}`.
    pub headers: Vec<(String, Template)>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    pub how: How,
    /// With `{name}` of the login's answer.
    pub cookie: Option<Template>,
    pub headers: Vec<(String, Template)>,
    /// Headers of writes alone.
    pub on_writes: Vec<(String, Template)>,
    pub query: Vec<(String, Template)>,
    pub expires: Expires,
    pub refused: Vec<u16>,
}

/// How a session is had.
#[derive(Debug, Clone, PartialEq)]
pub enum How {
    Call(Box<Call>),
    OAuth2(Box<OAuth2>),
}

/// A token by a standard flow.
#[derive(Debug, Clone, PartialEq)]
pub struct OAuth2 {
    /// A path below the source's address, or an https address.
    pub token: String,
    pub client: Template,
    pub proof: Proof,
    pub grant: Granted,
    pub scopes: Vec<String>,
    pub parameters: Vec<(String, Template)>,
    pub less: Duration,
    pub most: Duration,
}

/// How we prove who we are.
#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    /// The secret by HTTP Basic.
    Basic(Template),
    /// The secret in the form.
    Body(Template),
    /// A statement that our private key signed, and what the partner calls the key.
    Key { key: Template, kid: Option<String> },
}

/// What the token is asked with.
#[derive(Debug, Clone, PartialEq)]
pub enum Granted {
    ClientCredentials,
    RefreshToken(Template),
}

impl OAuth2 {
    fn credentials(&self) -> Vec<&str> {
        let proof = match &self.proof {
            Proof::Basic(secret) | Proof::Body(secret) => secret,
            Proof::Key { key, .. } => key,
        };
        let refresh = match &self.grant {
            Granted::ClientCredentials => None,
            Granted::RefreshToken(token) => Some(token),
        };
        let parameters = self.parameters.iter().map(|(_, text)| text);
        [&self.client, proof]
            .into_iter()
            .chain(refresh)
            .chain(parameters)
            .flat_map(Template::credentials)
            .collect()
    }
}

/// How long a session is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expires {
    After(Duration),
    /// Seconds at a path of the login's answer, made shorter by `less`, and never longer than `most`.
    Said {
        at: Path,
        less: Duration,
        most: Duration,
    },
    /// The `exp` of the JSON Web Token at this path (RFC 7519, section 4.1.4), made shorter by `less`.
    Token {
        at: Path,
        less: Duration,
    },
}

/// How an order is said.
#[derive(Debug, Clone, PartialEq)]
pub struct Sorting {
    pub ascending: String,
    pub descending: String,
    pub style: SortStyle,
    /// How many keys it takes.
    pub most: Option<u32>,
    /// Rows that are equal come by their key, ascending, without being told.
    pub ties: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum SortStyle {
    /// A parameter for each member; its value is the direction.
    Each,
    /// One parameter of joined terms: `{field}` and `{direction}` in each.
    Joined { target: Target, term: String, join: String },
    /// One parameter with the fields and one with the directions.
    Apart { fields: Target, directions: Target, join: String },
    /// A list of terms in the body.
    Listed { target: Target, term: Value },
}

/// How conditions are said.
#[derive(Debug, Clone, PartialEq)]
pub struct Filters {
    pub style: FilterStyle,
    /// What can be said, and how: the symbol in an expression, the parameter's name with `{field}`, or the name in
    /// an object of conditions.
    pub operators: Vec<(Operator, String)>,
    /// How many predicates one question may have.
    pub most: Option<u32>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FilterStyle {
    /// A parameter for each condition; several values repeat it, or are joined.
    Parameters { several: Several },
    /// One object for each field: `{"gt": "5"}`, as JSON in the query or as it is in a body.
    Objects { several: Option<String> },
    /// One text of joined predicates: `{field}`, `{operator}` and `{value}` in each.
    Expression {
        target: Target,
        term: String,
        and: String,
        or: Option<String>,
        /// What stands around alternatives; `{}` is them.
        group: String,
        /// What a quote within a value becomes; values with quotes are compared here where nothing is said.
        quote: Option<(String, String)>,
    },
    /// A list of terms in the body: `{field}`, `{operator}` and `{value}` in each.
    Terms { target: Target, term: Value, several: Option<String> },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Several {
    /// Not possible.
    No,
    Repeated,
    Joined(String),
}

/// What a system says of its own limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The header with the calls that are left.
    pub remaining: Option<String>,
    /// The header that says when they are new.
    pub reset: Option<String>,
    pub unit: ResetUnit,
    /// Statuses that mean "too many", beside 429 and 503.
    pub busy: Vec<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetUnit {
    /// Seconds from now.
    Seconds,
    /// Seconds since 1970.
    Epoch,
    /// Milliseconds since 1970.
    EpochMilliseconds,
}

impl Dialect {
    /// The credentials that it names.
    pub fn credentials(&self) -> Vec<&str> {
        let texts = self.always.headers.iter().chain(&self.always.query).map(|(_, text)| text);
        let mut found: Vec<&str> = texts.flat_map(Template::credentials).collect();
        found.extend(self.always.body.iter().flat_map(|(_, json)| json.credentials()));
        for auth in &self.auth {
            let texts: Vec<&Template> = match auth {
                Auth::Basic { user, password } | Auth::UsernameToken { user, password, .. } => {
                    vec![user, password]
                }
                Auth::Hmac(hmac) => {
                    let headers = hmac.headers.iter().map(|(_, text)| text);
                    headers.chain([&hmac.secret, &hmac.over]).collect()
                }
                Auth::Aws { region, key, secret, .. } => vec![region, key, secret],
                Auth::Jwt { secret, claims, .. } => {
                    claims.iter().map(|(_, text)| text).chain([secret]).collect()
                }
            };
            found.extend(texts.into_iter().flat_map(Template::credentials));
        }
        if let Some(login) = &self.login {
            match &login.how {
                How::Call(call) => found.extend(call.credentials()),
                How::OAuth2(flow) => found.extend(flow.credentials()),
            }
            let texts =
                login.headers.iter().chain(&login.on_writes).chain(&login.query).map(|(_, text)| text);
            found.extend(texts.chain(&login.cookie).flat_map(Template::credentials));
        }
        found
    }
}
