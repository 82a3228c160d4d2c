//! What has to be done for accounts now and then, by a task that ends with them: messages that are due, accounts whose making
//! broke off, and what is over.

use super::Desk;
use crate::fault::Fault;
use std::{sync::Arc, time::Duration};

/// How often messages are looked for.
const OFTEN: Duration = Duration::from_secs(2);
/// Every so many times the rest is looked at, and once at the start.
const SELDOM: u32 = 30;

/// Begins to tend; it ends when nobody holds the desk any more.
pub(in crate::oauth) fn begin(desk: &Arc<Desk>) {
    let weak = Arc::downgrade(desk);
    #[expect(clippy::disallowed_methods, reason = "it ends when the desk is gone")]
    tokio::spawn(async move {
        let mut turns = 0_u32;
        loop {
            let Some(desk) = weak.upgrade() else { return };
            if turns.is_multiple_of(SELDOM) {
                told(desk.tend().await);
            }
            told(desk.deliver().await);
            drop(desk);
            turns = turns.wrapping_add(1);
            tokio::time::sleep(OFTEN).await;
        }
    });
}

fn told(done: Result<(), Fault>) {
    if let Err(fault) = done {
        let why = fault.detail.as_deref().unwrap_or(&fault.message);
        tracing::warn!(why, "accounts are not tended");
    }
}

impl Desk {
    /// Ends what broke off, one way or the other, and sweeps what is over.
    pub async fn tend(&self) -> Result<(), Fault> {
        self.resolve().await?;
        self.ledger().sweep_accounts(self.now()).await
    }
}
