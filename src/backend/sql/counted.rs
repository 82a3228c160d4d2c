//! A pool whose statements are counted as calls to their source.

use super::{
    Flavor, Statement,
    pool::{Expect, Failed, Outcome, Pool, Rows},
};
use crate::{backend::meter::statement, boxed::boxed, telemetry::meters::Source};
use std::sync::Arc;
use tokio::time::Instant;

#[derive(Debug)]
pub(super) struct Counted {
    pub(super) pool: Pool,
    pub(super) source: Arc<Source>,
}

impl Counted {
    pub(super) fn flavor(&self) -> Flavor {
        self.pool.flavor()
    }

    pub(super) async fn fetch(
        &self,
        one: &Statement,
        columns: usize,
        deadline: Instant,
        fill: impl FnMut(usize, usize, Option<&str>),
    ) -> Result<(), Failed> {
        let work = boxed(|| self.pool.fetch(one, columns, deadline, fill));
        statement(&self.source, self.flavor(), "SELECT", work).await
    }

    pub(super) async fn rows(&self, one: &Statement, deadline: Instant) -> Result<Rows, Failed> {
        statement(&self.source, self.flavor(), "SELECT", boxed(|| self.pool.rows(one, deadline))).await
    }

    pub(super) async fn transact(
        &self,
        statements: Vec<(Statement, Expect)>,
        deadline: Instant,
    ) -> Result<Outcome, Failed> {
        let work = boxed(|| self.pool.transact(statements, deadline));
        statement(&self.source, self.flavor(), "TRANSACTION", work).await
    }
}
