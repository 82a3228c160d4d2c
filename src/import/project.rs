//! What an importer has found, before it is written: a source with its dialects, and resources with their contract
//! and binding. It holds the operator's words as JSON, for they are printed and then read like any others.

use super::{member::Member, names};
use serde_json::{Map, Value, json};

/// What the command line says beside the description.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// `name/version` of the API.
    pub api: Option<String>,
    /// The source's name.
    pub source: Option<String>,
    /// The resources to make; all where there are none.
    pub only: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Project {
    /// What was read, as people know it: a file's name, or a database's.
    pub origin: String,
    /// `openapi`, `wsdl` or `sql`.
    pub kind: &'static str,
    /// The API's name and version.
    pub api: (String, String),
    pub title: String,
    pub source: String,
    pub address: Address,
    /// The names of the source's credentials.
    pub credentials: Vec<String>,
    /// The first is named like the source.
    pub dialects: Vec<Dialect>,
    pub resources: Vec<Resource>,
    /// Further files below `mappings`, taken over as they are.
    pub copies: Vec<(String, String)>,
    /// What stands at the head of the configuration.
    pub notes: Vec<String>,
}

/// Where the source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    Http(String),
    /// A database's URL without a secret; a file of `SQLite` by its full path.
    Sql(String),
    /// A database's URL in this variable of the environment.
    SqlIn(String),
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Dialect {
    /// Without its name.
    pub words: Map<String, Value>,
    pub notes: Vec<String>,
}

#[derive(Debug, Clone)]
pub struct Resource {
    /// Plural, in kebab-case.
    pub name: String,
    /// The type's name.
    pub title: String,
    /// The public member that identifies a record.
    pub key: String,
    /// Keys are ordered as numbers are.
    pub numeric: bool,
    pub members: Vec<Member>,
    pub operations: Vec<&'static str>,
    pub filter: Vec<String>,
    pub sort: Vec<String>,
    /// Every list says how many there are.
    pub total: bool,
    pub max_offset: Option<u64>,
    /// Members that hold another resource's key.
    pub references: Vec<(String, String)>,
    /// The dialect's number; a table has none.
    pub dialect: Option<usize>,
    /// The binding's words, without `binds`, `dialect` and `fields`.
    pub binding: Map<String, Value>,
    /// What was guessed, by the file that it stands in.
    pub of_contract: Vec<String>,
    pub of_resource: Vec<String>,
    pub of_binding: Vec<String>,
}

impl Wish {
    /// The source's name, made of what was read where it is not said.
    pub fn source(&self, found: &str) -> String {
        self.source.clone().unwrap_or_else(|| names::kebab(found))
    }

    /// The API's name and version.
    pub fn api(&self, source: &str) -> (String, String) {
        let said = self.api.as_deref().and_then(|api| api.split_once('/'));
        said.map_or_else(
            || (source.to_owned(), "v1".to_owned()),
            |(api, version)| (api.into(), version.into()),
        )
    }

    /// Whether a resource is wanted.
    pub fn wants(&self, resource: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|name| name == resource)
    }
}

impl Project {
    /// The variables of the environment that the configuration refers to.
    pub fn variables(&self) -> Vec<String> {
        let address = match &self.address {
            Address::SqlIn(variable) => Some(variable.clone()),
            Address::Http(_) | Address::Sql(_) => None,
        };
        let of = |name: &String| names::variable(&self.source, name);
        address.into_iter().chain(self.credentials.iter().map(of)).collect()
    }
}

impl Resource {
    pub fn new(name: String, title: String) -> Self {
        Self {
            name,
            title,
            key: String::new(),
            numeric: false,
            members: Vec::new(),
            operations: Vec::new(),
            filter: Vec::new(),
            sort: Vec::new(),
            total: false,
            max_offset: None,
            references: Vec::new(),
            dialect: None,
            binding: Map::new(),
            of_contract: Vec::new(),
            of_resource: Vec::new(),
            of_binding: Vec::new(),
        }
    }

    pub fn has(&self, operation: &str) -> bool {
        self.operations.contains(&operation)
    }

    /// Whether anything can be changed.
    pub fn writes(&self) -> bool {
        self.operations.iter().any(|operation| !["list", "read"].contains(operation))
    }
}

/// Makes the member the key of a resource of calls; its place in the source is handed out.
pub fn keep_key(members: &mut [Member], at: usize, made: &mut Resource) -> String {
    let Some(member) = members.get_mut(at) else { return String::new() };
    made.key.clone_from(&member.name);
    made.numeric = member.make_key();
    if made.numeric {
        member.rule.insert("via".into(), json!(["number", "text"]));
        member.rule.insert("order".into(), "numeric".into());
        made.of_contract.push(format!(
            "`{}` is a text here, though the source has a number: ids are texts.",
            member.name
        ));
    }
    member.place.clone()
}
