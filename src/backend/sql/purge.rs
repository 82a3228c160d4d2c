//! Purging: what was removed softly goes for good when its time of keeping is over. A record that others still
//! point to stays, and is tried again the next time.

use super::{
    Sql,
    pool::{Expect, Failed},
    statement::{Draft, Statement},
    write::{emptied, own},
};
use crate::{
    backend::Subject,
    fault::Fault,
    plan::sql::{Column, ColumnKind},
    value::time::Moment,
};
use std::time::Duration;
use tokio::time::Instant;

/// How many records one round takes, so that it never holds a table for long.
const ROUND: i64 = 1000;

impl Sql {
    pub(super) async fn purge_removed(&self, subject: Subject<'_>, before: Moment) -> Result<u64, Fault> {
        let means = Self::means(subject)?;
        let (Some(removed), Some(key)) = (&means.soft_delete, means.columns.get(usize::from(means.key)))
        else {
            return Ok(0);
        };
        let flavor = self.pool.flavor();
        let key = Column { alias: String::new(), ..key.clone() };
        let mut draft = Draft::new(
            flavor,
            format!("SELECT {} FROM {} WHERE {removed} < ", flavor.as_text(&key), means.table),
        );
        let moment = Moment { nanos: 0, ..before }.to_string();
        let place = draft.bind(&own(removed, ColumnKind::DateTime), Some(&moment));
        draft.push(&place);
        let most = draft.bind_integer(ROUND);
        draft.push(&format!(" ORDER BY {removed} LIMIT {most}"));
        let mut keys = Vec::new();
        let fill = |_: usize, _: usize, value: Option<&str>| keys.extend(value.map(str::to_owned));
        let deadline = Instant::now() + Duration::from_secs(30);
        self.asked(&draft.done(), 1, deadline, fill).await?;
        let mut purged = 0;
        for text in keys {
            let mut statements: Vec<(Statement, Expect)> = means
                .children
                .iter()
                .map(|child| (emptied(flavor, means, child, &text), Expect::Nothing))
                .collect();
            let mut draft = Draft::new(flavor, format!("DELETE FROM {} WHERE {} = ", means.table, key.name));
            let place = draft.bind(&key, Some(&text));
            draft.push(&format!("{place} AND {removed} IS NOT NULL"));
            statements.push((draft.done(), Expect::OneRow));
            match self.pool.transact(statements, Instant::now() + self.deadline).await {
                Ok(_) => purged += 1,
                Err(Failed::Refused(why)) => {
                    tracing::info!(source = %self.name, %why, "a removed record is still pointed to, and kept");
                }
                Err(failed) => return Err(self.fault(&failed)),
            }
        }
        Ok(purged)
    }
}
