//! Where the keys are that stored values are sealed with, compiled. The keys themselves are had by `backend::keys`.

use super::{HttpSource, SecretRef};

#[derive(Debug, Clone, PartialEq)]
pub struct Sealing {
    /// Wraps the data keys of new records.
    pub current: KeySource,
    /// These open what they wrapped.
    pub previous: Vec<KeySource>,
    /// The first one makes new entries of blind indexes.
    pub index: Vec<SecretRef>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum KeySource {
    Here(SecretRef),
    Transit(Box<Transit>),
}

/// A key of Vault's transit engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Transit {
    pub source: HttpSource,
    pub token: SecretRef,
    pub mount: String,
    pub key: String,
    pub namespace: Option<String>,
}
