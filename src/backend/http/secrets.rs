//! A source's credentials: had by their references when the source is opened, and again when a login is refused, so
//! that a changed secret needs no restart.

use crate::{backend::secret, plan::SecretRef};
use arc_swap::ArcSwap;
use std::{collections::HashMap, sync::Arc};

/// Values by name. They are never printed.
pub(super) struct Secrets {
    references: Vec<(String, SecretRef)>,
    values: ArcSwap<HashMap<String, String>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(..)")
    }
}

impl Secrets {
    pub(super) fn open(references: &[(String, SecretRef)]) -> Result<Self, secret::Missing> {
        let values = resolve(references)?;
        Ok(Self { references: references.to_vec(), values: ArcSwap::from_pointee(values) })
    }

    pub(super) fn values(&self) -> Arc<HashMap<String, String>> {
        self.values.load_full()
    }

    /// The names with nothing behind them, for people.
    pub(super) fn hidden(&self) -> HashMap<String, String> {
        self.references.iter().map(|(name, _)| (name.clone(), "***".to_owned())).collect()
    }

    /// Has all values again; those that cannot be had now stay as they were.
    pub(super) fn renew(&self) {
        match resolve(&self.references) {
            Ok(values) => self.values.store(Arc::new(values)),
            Err(missing) => tracing::warn!(%missing, "a credential cannot be had; the old one stays"),
        }
    }
}

fn resolve(references: &[(String, SecretRef)]) -> Result<HashMap<String, String>, secret::Missing> {
    references.iter().map(|(name, reference)| Ok((name.clone(), secret::resolve(reference)?))).collect()
}
