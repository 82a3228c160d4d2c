//! Sealing at rest: values that lie in a database as nobody can read them who has the database alone. Each record has
//! a data key of its own; data keys are wrapped by a key that stands elsewhere. It reads no file and opens no
//! connection: where keys come from is the business of `backend::keys`, and what is sealed is said by mappings.
//!
//! Written forms, each with its version in front (docs/decisions/0010-sealing.md):
//! `s1.<value>` a value, `k1.<key id>.<wrapped>` a data key, `i1.<key id>.<mac>` an entry of a blind index.

pub mod envelope;
pub mod index;
pub mod key;
pub mod ring;
pub mod store;

pub use envelope::{DataKey, Place};
pub use index::IndexKey;
pub use key::{Kek, Material};
pub use ring::{Ring, Wrap};

/// Why something cannot be sealed or opened. The texts are for the operator's log; none holds a value or a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed {
    /// What was sealed has been changed, was sealed for another place, or is not sealed at all.
    #[error("what is sealed at {0} does not open: it was changed or moved")]
    Broken(String),
    /// A record that should be sealed is not.
    #[error(
        "{0} is not sealed: `portico keys reseal` seals what is plain, and `plain: read` reads it until then"
    )]
    Plain(String),
    /// A key of this id is needed and is not among those that are known.
    #[error("key `{0}` is needed and is not configured: add it to `sealing.previous`")]
    NoKey(String),
    /// The keys cannot be had just now.
    #[error("keys cannot be had: {0}")]
    Away(String),
    #[error("there is no randomness to be had")]
    NoRandomness,
}
