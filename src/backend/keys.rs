//! The keys that stored values are sealed with: had by reference, or at Vault, and exchanged as a whole by a reload.
//! What is done with them is the business of `seal`; here is where they come from.

mod transit;

use super::{secret, sources::Connect};
use crate::{
    fault::{Fault, code},
    plan::{
        SecretRef,
        sealing::{KeySource, Sealing},
    },
    seal::{Failed, IndexKey, Kek, Material, Ring, Wrap},
};
use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// The keys of a running program; none until some are configured.
#[derive(Debug, Default)]
pub struct Keys(ArcSwapOption<Ring>);

// === impl Keys ===

impl Keys {
    pub fn of(ring: Ring) -> Self {
        Self(ArcSwapOption::from_pointee(ring))
    }

    pub fn exchange(&self, ring: Ring) {
        self.0.store(Some(Arc::new(ring)));
    }

    /// The keys of now. Refuses with F914 where there are none.
    pub fn ring(&self) -> Result<Arc<Ring>, Fault> {
        self.find().ok_or_else(|| away("the configuration has no `sealing`"))
    }

    pub fn find(&self) -> Option<Arc<Ring>> {
        self.0.load_full()
    }
}

/// Has all keys of a configuration. Refuses with F914: one that cannot be had, or is none, with its cure.
pub fn open(sealing: &Sealing, connect: &Connect) -> Result<Ring, Fault> {
    let wrap = |place: &str, source: &KeySource| -> Result<Arc<dyn Wrap>, Fault> {
        Ok(match source {
            KeySource::Here(reference) => {
                Arc::new(Kek::new(&material(place, reference)?).map_err(|e| fault(&e))?)
            }
            KeySource::Transit(transit) => {
                Arc::new(transit::Vault::new(transit.as_ref().clone(), connect(&transit.source)?)?)
            }
        })
    };
    let current = wrap("sealing.key", &sealing.current)?;
    let previous = sealing.previous.iter().map(|source| wrap("sealing.previous", source));
    let previous = previous.collect::<Result<_, _>>()?;
    let index = sealing
        .index
        .iter()
        .map(|reference| IndexKey::new(&material("sealing.index", reference)?).map_err(|e| fault(&e)));
    Ok(Ring::new(current, previous, index.collect::<Result<_, _>>()?))
}

/// A key behind a reference, with what cures it where it cannot be had.
fn material(place: &str, reference: &SecretRef) -> Result<Material, Fault> {
    let cure = match reference {
        SecretRef::File(path) => format!("`portico keys new > {}` makes one", path.display()),
        SecretRef::Env(name) => format!("`export {name}=$(portico keys new)` makes one"),
        SecretRef::Command(_) | SecretRef::Plain(_) => "`portico keys new` makes one".to_owned(),
    };
    let cure =
        format!("{cure}; where values are sealed already, bring back the key that they were sealed with");
    let text = secret::resolve(reference).map_err(|e| away(&format!("{place}: {e}: {cure}")))?;
    let text = zeroize::Zeroizing::new(text);
    Material::parse(&text).map_err(|e| away(&format!("{place}: {reference:?}: {e}")))
}

fn away(why: &str) -> Fault {
    Fault::plain(&code::KEYS_AWAY).detail(why)
}

/// What failed as the fault of a request: F614 for what was changed or moved, F914 for keys that are not there.
pub fn fault(failed: &Failed) -> Fault {
    let code = match failed {
        Failed::Broken(_) | Failed::Plain(_) => &code::SEAL_BROKEN,
        Failed::NoKey(_) | Failed::Away(_) | Failed::NoRandomness => &code::KEYS_AWAY,
    };
    Fault::plain(code).detail(failed.to_string())
}
