//! What clients have used of their quotas. Rows are added to, so that several programs may share a ledger.

use super::{Ledger, fault};
use crate::{
    backend::sql::{
        Flavor, Parameter, Statement,
        pool::{Expect, Failed},
    },
    fault::Fault,
    limits::{Use, Uses},
};
use async_trait::async_trait;
use std::time::Duration;
use tokio::time::Instant;

const LONG: Duration = Duration::from_secs(20);

#[async_trait]
impl Uses for Ledger {
    async fn used(&self, policy: &str, principal: &str, period: &str) -> Result<u64, Fault> {
        let flavor = self.pool.flavor();
        let text = if flavor == Flavor::Mariadb { "CHAR" } else { "TEXT" };
        let places: Vec<String> = (1..=3).map(|number| flavor.placeholder(number)).collect();
        let sql = match places.as_slice() {
            [policy, principal, period] => format!(
                "SELECT CAST(used AS {text}) FROM quotas WHERE policy = {policy} AND principal = {principal} AND period = {period}"
            ),
            _ => String::new(),
        };
        let parameters = [policy, principal, period].map(|text| Parameter::Text(text.to_owned())).to_vec();
        let mut used = 0;
        let fill = |_: usize, _: usize, value: Option<&str>| {
            used = value.and_then(|value| value.parse().ok()).unwrap_or_default();
        };
        let statement = Statement { sql, parameters };
        self.pool.fetch(&statement, 1, Instant::now() + LONG, fill).await.map_err(|e| fault(&e))?;
        Ok(used)
    }

    async fn add(&self, uses: &[Use]) -> Result<(), Fault> {
        if uses.is_empty() {
            return Ok(());
        }
        let flavor = self.pool.flavor();
        let mut parameters = Vec::with_capacity(uses.len() * 4);
        let mut values = Vec::with_capacity(uses.len());
        // In one order, so that two programs do not wait for each other in a circle.
        let mut sorted: Vec<&Use> = uses.iter().collect();
        sorted
            .sort_by(|a, b| (&a.policy, &a.principal, &a.period).cmp(&(&b.policy, &b.principal, &b.period)));
        for one in sorted {
            let from = parameters.len();
            for text in [&one.policy, &one.principal, &one.period] {
                parameters.push(Parameter::Text(text.clone()));
            }
            parameters.push(Parameter::Integer(i64::try_from(one.used).unwrap_or(i64::MAX)));
            let places: Vec<String> =
                (from + 1..=from + 4).map(|number| flavor.placeholder(number)).collect();
            values.push(format!("({})", places.join(", ")));
        }
        let conflict = match flavor {
            Flavor::Mariadb => "ON DUPLICATE KEY UPDATE used = quotas.used + VALUES(used)",
            _ => "ON CONFLICT (policy, principal, period) DO UPDATE SET used = quotas.used + excluded.used",
        };
        let sql = format!(
            "INSERT INTO quotas (policy, principal, period, used) VALUES {} {conflict}",
            values.join(", ")
        );
        self.quota_done(Statement { sql, parameters }).await
    }

    async fn sweep_uses(&self, before: &str) -> Result<(), Fault> {
        let sql = format!("DELETE FROM quotas WHERE period < {}", self.pool.flavor().placeholder(1));
        self.quota_done(Statement { sql, parameters: vec![Parameter::Text(before.to_owned())] }).await
    }
}

impl Ledger {
    async fn quota_done(&self, statement: Statement) -> Result<(), Fault> {
        let mut tries = 0;
        loop {
            let statements = vec![(statement.clone(), Expect::Nothing)];
            match self.pool.transact(statements, Instant::now() + LONG).await {
                Err(Failed::LostRace) if tries < 3 => tries += 1,
                done => return done.map(drop).map_err(|e| fault(&e)),
            }
        }
    }
}
