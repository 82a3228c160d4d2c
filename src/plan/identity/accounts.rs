//! People who log in, compiled: whose apps may log them in, what registering makes, and how mail is sent.

use crate::plan::{MemberId, ResourceId, SecretRef};

/// People who log in here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Accounts {
    /// The ids of the company's own apps.
    pub apps: Vec<String>,
    pub register: Option<Register>,
    /// What people call resources, by their names.
    pub names: Vec<(String, Words)>,
}

/// Registering makes an account, and one record that is its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Register {
    pub resource: ResourceId,
    /// The resource's name, and the path of its collection: `/v1/customers`.
    pub name: String,
    pub path: String,
    pub role: String,
    pub claim: String,
    /// The member that holds the address.
    pub address: String,
    /// The members that are asked for besides.
    pub fields: Vec<Field>,
}

/// One member that is asked for when somebody registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub member: MemberId,
    pub required: bool,
    pub label: Words,
}

/// A text in the languages of pages and messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    pub en: String,
    pub es: String,
}

/// How messages are sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// A mailbox of RFC 5322.
    pub from: String,
    pub way: Way,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Way {
    Smtp(Smtp),
    /// To nobody; they are shown on a page.
    Catch,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub user: Option<SecretRef>,
    pub password: Option<SecretRef>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    Starttls,
    Tls,
    None,
}
