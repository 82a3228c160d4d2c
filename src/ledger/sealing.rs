//! The data keys of the ledger's own secrets, wrapped. Each purpose has one, which is made once and wrapped anew when
//! the configuration's key changes; what it seals is the business of who keeps a secret here.

use super::{Ledger, fault};
use crate::{
    backend::sql::{
        Parameter, Statement,
        pool::{Expect, Failed, Outcome},
    },
    fault::Fault,
    identity::sealer::Sealer,
    seal::store::Store,
};
use std::time::Duration;
use tokio::time::Instant;

/// Longer than any of these takes on a busy machine.
const LONG: Duration = Duration::from_secs(20);

impl Ledger {
    /// The wrapped data key of a purpose. Refuses with F913.
    pub async fn sealing_key(&self, purpose: &str) -> Result<Option<String>, Fault> {
        let sql =
            format!("SELECT wrapped FROM sealing_keys WHERE purpose = {}", self.pool.flavor().placeholder(1));
        let statement = Statement { sql, parameters: vec![text(purpose)] };
        let mut found = None;
        let fill = |_: usize, _: usize, value: Option<&str>| found = value.map(str::to_owned);
        self.pool.fetch(&statement, 1, Instant::now() + LONG, fill).await.map_err(|e| fault(&e))?;
        Ok(found)
    }

    /// Notes a purpose's data key; false where another program was first. Refuses with F913.
    pub async fn add_sealing_key(&self, purpose: &str, wrapped: &str) -> Result<bool, Fault> {
        let flavor = self.pool.flavor();
        let (first, second) = (flavor.placeholder(1), flavor.placeholder(2));
        let sql = format!("INSERT INTO sealing_keys (purpose, wrapped) VALUES ({first}, {second})");
        let statement = Statement { sql, parameters: vec![text(purpose), text(wrapped)] };
        match self.pool.transact(vec![(statement, Expect::Nothing)], Instant::now() + LONG).await {
            Ok(_) => Ok(true),
            Err(Failed::Refused(_)) => Ok(false),
            Err(failed) => Err(fault(&failed)),
        }
    }

    /// Puts a data key that was wrapped anew in the place of the old one; false where it has changed meanwhile.
    /// Refuses with F913.
    pub async fn renew_sealing_key(&self, purpose: &str, old: &str, new: &str) -> Result<bool, Fault> {
        let flavor = self.pool.flavor();
        let place = |at| flavor.placeholder(at);
        let sql = format!(
            "UPDATE sealing_keys SET wrapped = {} WHERE purpose = {} AND wrapped = {}",
            place(1),
            place(2),
            place(3)
        );
        let statement = Statement { sql, parameters: vec![text(new), text(purpose), text(old)] };
        let done = self.pool.transact(vec![(statement, Expect::OneRow)], Instant::now() + LONG).await;
        done.map(|outcome| outcome != Outcome::NoRow).map_err(|e| fault(&e))
    }
}

fn text(value: &str) -> Parameter {
    Parameter::Text(value.to_owned())
}

impl Sealer for Store {
    fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        Self::seal(self, context, plain)
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        Self::open(self, context, sealed)
    }
}
