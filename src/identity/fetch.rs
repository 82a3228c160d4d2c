//! The seam through which issuers are asked: one question, one answer, bounded in size and time. Who has a network
//! implements it and is handed in; redirects are not followed, and no other address is asked than is said.

use crate::plan::identity::Reach;
use async_trait::async_trait;
use std::time::Duration;

/// A question.
#[derive(Clone)]
pub struct Ask {
    pub address: String,
    /// Sent as a form by POST; without it a GET.
    pub form: Option<Vec<(String, String)>>,
    /// HTTP Basic: what we are called there, and the secret.
    pub basic: Option<(String, String)>,
    pub reach: Reach,
    /// More bytes than this are not read.
    pub limit: u64,
    pub deadline: Duration,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ask").field("address", &self.address).finish_non_exhaustive()
    }
}

/// An answer, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Got {
    pub status: u16,
    /// How long it may be kept (`max-age`, RFC 9111, section 5.2.2.1).
    pub max_age: Option<Duration>,
    pub body: Vec<u8>,
}

/// There is no answer. The text is for the operator's log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unanswered(pub String);

/// Asks.
#[async_trait]
pub trait Fetch: Send + Sync + std::fmt::Debug {
    async fn fetch(&self, ask: Ask) -> Result<Got, Unanswered>;
}
