//! Statements within their source's bounds (`resilience`). A transaction is made again only where it found no connection: of
//! all others something may have come. Reads are not asked twice at once; what runs in a database is not ended by our going.

use super::{
    Sql,
    pool::{Expect, Failed, Outcome, Rows},
    statement::Statement,
};
use crate::{
    fault::{Fault, code},
    resilience::{self, Judged, Refused, Verdict, Wanted},
};
use tokio::time::Instant;

impl Judged for Rows {
    fn verdict(&self) -> Verdict {
        Verdict::GOOD
    }
}

impl Judged for Outcome {
    fn verdict(&self) -> Verdict {
        Verdict::GOOD
    }
}

impl Judged for Failed {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Unreachable(_) | Self::NoConnection(_) => Verdict::UNSENT,
            Self::Lost(_) => Verdict::FAILED,
            Self::TimedOut | Self::Locked => Verdict::SLOW,
            // Whoever says so is there.
            Self::Refused(_) | Self::LostRace | Self::Other(_) => Verdict::GOOD,
        }
    }
}

/// Why statements did not run.
pub(super) enum Undone {
    Failed(Failed),
    /// No place was free, or the database is left alone.
    Held(Refused),
}

impl From<resilience::Failed<Failed>> for Undone {
    fn from(failed: resilience::Failed<Failed>) -> Self {
        match failed {
            resilience::Failed::Call(failed) => Self::Failed(failed),
            resilience::Failed::Refused(refused) => Self::Held(refused),
        }
    }
}

impl Sql {
    /// Runs a reading statement; `fill` takes each value with the numbers of its row and column.
    pub(super) async fn asked(
        &self,
        statement: &Statement,
        columns: usize,
        deadline: Instant,
        fill: impl FnMut(usize, usize, Option<&str>),
    ) -> Result<(), Fault> {
        let wanted = Wanted { safe: true, deadline, hedge: None };
        let rows = self.guard.call(wanted, |one| self.pool.rows(statement, one.deadline)).await;
        let rows = rows.map_err(|undone| self.undone(undone.into()))?;
        rows.fill(columns, fill).map_err(|e| self.fault(&e))
    }

    /// Runs statements in one transaction: all of them, or none.
    pub(super) async fn done(
        &self,
        statements: Vec<(Statement, Expect)>,
        deadline: Instant,
    ) -> Result<Outcome, Undone> {
        let wanted = Wanted { safe: false, deadline, hedge: None };
        let done = self.guard.call(wanted, |one| self.pool.transact(statements.clone(), one.deadline)).await;
        done.map_err(Undone::from)
    }

    pub(super) fn undone(&self, undone: Undone) -> Fault {
        let refused = match undone {
            Undone::Failed(failed) => return self.fault(&failed),
            Undone::Held(refused) => refused,
        };
        let code = match refused {
            Refused::Open(_) => &code::CIRCUIT_OPEN,
            Refused::Full(_) | Refused::Waited(_) => &code::NO_PLACE,
        };
        let pause = Some(resilience::whole(refused.pause()));
        Fault::plain(code).detail(format!("{}: {refused}", self.name)).retry_after(pause)
    }
}
