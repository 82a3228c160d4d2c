//! Who is calling: the caller that stands behind a request, and the seam by which the road learns of them.
//! It knows no route and no record: what a caller may do is the plan's, and is held by the road.

pub mod address;
pub mod apikey;
pub mod audit;
pub mod caller;
pub mod challenge;
mod claims;
mod credential;
pub mod fetch;
pub mod gate;
pub mod introspection;
pub mod issuer;
pub mod jws;
pub mod keys;
pub mod proof;
pub mod revoked;
pub mod sealer;
pub mod token;

#[cfg(test)]
#[path = "../tests/gate/forge.rs"]
mod forge;

pub use caller::{Caller, Peer};

use crate::fault::Fault;
use async_trait::async_trait;
use std::sync::Arc;

/// Tells who a request comes from. A request without credentials comes from [`Caller::anonymous`]; one with
/// credentials that are not sound is refused, whatever it asks for.
///
/// Refuses with codes F2: a token that is malformed, expired, revoked, of another audience or issuer, two
/// credentials at once, or a proof that does not fit.
#[async_trait]
pub trait Authenticate: Send + Sync + std::fmt::Debug {
    async fn caller(&self, head: &http::request::Parts) -> Result<Arc<Caller>, Fault>;
}

/// Takes no credentials: all that comes is anonymous. What a façade has until it is given something else.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

#[async_trait]
impl Authenticate for Nobody {
    async fn caller(&self, _: &http::request::Parts) -> Result<Arc<Caller>, Fault> {
        Ok(Caller::anonymous())
    }
}
