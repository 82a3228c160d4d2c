//! Sealing anew, while others read and write: data keys are wrapped by the newest key, entries of indexes are made by
//! the newest one, and rows that are plain are sealed. What is done can be seen in each row, so that it may be broken
//! off and begun again at any time.

use super::{
    Sql,
    pool::{Expect, Outcome},
    sealed::Seal,
    statement::{Draft, Statement, select},
    write::own,
};
use crate::{
    backend::{InUse, Resealed, Subject},
    fault::{Fault, code},
    plan::sql::{Child, Column, ColumnKind, Sealed, SqlMeans},
    seal::{Failed, Ring, ring::Context},
    value::Value,
};
use std::sync::Arc;
use tokio::time::Instant;

/// How many rows one round takes.
const ROUND: i64 = 200;
/// The id of a key stands in the first eleven characters: `k1.` and eight digits.
const ID: usize = 11;

/// Columns and what is in them.
type Values = Vec<(Column, Option<String>)>;

/// A row whose seal is not the newest.
struct Old {
    record: String,
    wrapped: Option<String>,
    /// The sealed columns that have an index: what is kept, and its entry.
    indexed: Vec<(Option<String>, Option<String>)>,
}

impl Sql {
    /// One round: the rows behind this key whose seals are not the newest.
    pub(super) async fn reseal_round(
        &self,
        subject: Subject<'_>,
        after: Option<&str>,
    ) -> Result<Resealed, Fault> {
        let means = Self::means(subject)?;
        let Some(sealed) = &means.sealed else { return Ok(Resealed::default()) };
        let ring = self.keys.ring()?;
        let mark = ring.mark().await.map_err(|e| self.unsealed(&e))?;
        let indexed: Vec<&Column> = means.columns.iter().filter(|column| column.index.is_some()).collect();
        let old = self.old(means, sealed, &indexed, &mark, ring.index_mark(), after).await?;
        let mut done = Resealed { next: old.last().map(|row| row.record.clone()), ..Resealed::default() };
        // Nothing more behind a round that is not full.
        if old.len() < usize::try_from(ROUND).unwrap_or_default() {
            done.next = None;
        }
        let sealed_rows: Vec<&Old> = old.iter().filter(|row| row.wrapped.is_some()).collect();
        let renewed = self.renewed(means, &ring, &mark, &sealed_rows).await?;
        for (row, renewed) in sealed_rows.iter().zip(renewed) {
            match renewed {
                Some(renewed) => {
                    let written = self.rewrite(means, sealed, &ring, &indexed, row, &renewed).await;
                    done.count(written, &self.name)?;
                }
                None => done.broken += 1,
            }
        }
        for row in old.iter().filter(|row| row.wrapped.is_none()) {
            let written = self.seal_plain(means, sealed, &row.record, Instant::now() + self.deadline).await;
            done.count(written, &self.name)?;
        }
        Ok(done)
    }

    /// The rows whose seals are not the newest.
    async fn old(
        &self,
        means: &SqlMeans,
        sealed: &Sealed,
        indexed: &[&Column],
        mark: &str,
        index_mark: Option<String>,
        after: Option<&str>,
    ) -> Result<Vec<Old>, Fault> {
        let flavor = self.pool.flavor();
        let (key, data) = (key_column(means), sealed.column(""));
        let text = Column::plain("", "", ColumnKind::Text);
        let mut names = vec![flavor.as_text(&key).to_string(), flavor.as_text(&data).to_string()];
        for column in indexed {
            let Some(index) = &column.index else { continue };
            names.push(flavor.as_text(&bare(column)).to_string());
            names.push(flavor.as_text(&own(&index.name, ColumnKind::Text)).to_string());
        }
        let mut draft =
            Draft::new(flavor, format!("SELECT {} FROM {} WHERE ", names.join(", "), means.table));
        let place = draft.bind(&text, Some(mark));
        draft.push(&format!("({0} IS NULL OR SUBSTR({0}, 1, {1}) <> {place}", sealed.key, mark.len()));
        if let Some(index_mark) = &index_mark {
            for column in indexed {
                let Some(index) = &column.index else { continue };
                let place = draft.bind(&text, Some(index_mark));
                draft.push(&format!(
                    " OR ({0} IS NOT NULL AND ({1} IS NULL OR SUBSTR({1}, 1, {2}) <> {place}))",
                    column.name,
                    index.name,
                    index_mark.len()
                ));
            }
        }
        draft.push(")");
        for (slot, value) in &means.fixed {
            let Some(column) = means.columns.get(usize::from(*slot)).map(bare) else { continue };
            let place = draft.bind(&column, value.scalar());
            draft.push(&format!(" AND {} = {place}", column.name));
        }
        if let Some(after) = after {
            let place = draft.bind_compared(&key, Some(after));
            draft.push(&format!(" AND {} > {place}", flavor.ranged(&key)));
        }
        let most = draft.bind_integer(ROUND);
        draft.push(&format!(" ORDER BY {} LIMIT {most}", flavor.ordered(&key)));
        let mut rows: Vec<Old> = Vec::new();
        let fill = |_: usize, at: usize, value: Option<&str>| {
            let value = value.map(str::to_owned);
            if at == 0 {
                rows.push(Old { record: value.unwrap_or_default(), wrapped: None, indexed: Vec::new() });
                return;
            }
            let Some(row) = rows.last_mut() else { return };
            match (at, at % 2) {
                (1, _) => row.wrapped = value,
                (_, 0) => row.indexed.push((value, None)),
                _ => {
                    if let Some(last) = row.indexed.last_mut() {
                        last.1 = value;
                    }
                }
            }
        };
        let deadline = Instant::now() + self.deadline;
        self.asked(&draft.done(), names.len(), deadline, fill).await?;
        Ok(rows)
    }

    /// Data keys wrapped by the newest key. Nothing for one that does not open: it is told, and left as it is.
    async fn renewed(
        &self,
        means: &SqlMeans,
        ring: &Ring,
        mark: &str,
        rows: &[&Old],
    ) -> Result<Vec<Option<String>>, Fault> {
        fn asked<'r>(means: &SqlMeans, row: &'r Old) -> (&'r str, Context) {
            (row.wrapped.as_deref().unwrap_or_default(), Context::record(&means.table, &row.record))
        }
        let is_new = |row: &Old| row.wrapped.as_deref().is_some_and(|text| text.starts_with(mark));
        let stale: Vec<&Old> = rows.iter().copied().filter(|row| !is_new(row)).collect();
        let pairs: Vec<_> = stale.iter().map(|row| asked(means, row)).collect();
        let all = if pairs.is_empty() { Ok(Vec::new()) } else { ring.renew(&means.table, &pairs).await };
        let fresh = match all {
            Ok(all) => all.into_iter().map(Some).collect(),
            Err(Failed::Broken(_)) => {
                // One of them is broken: each is tried alone.
                let mut each = Vec::with_capacity(stale.len());
                for pair in pairs {
                    match ring.renew(&means.table, &[pair]).await {
                        Ok(mut one) => each.push(one.pop()),
                        Err(Failed::Broken(what)) => {
                            tracing::warn!(source = %self.name, what, "a data key does not open");
                            each.push(None);
                        }
                        Err(other) => return Err(self.unsealed(&other)),
                    }
                }
                each
            }
            Err(other) => return Err(self.unsealed(&other)),
        };
        let mut fresh = fresh.into_iter();
        Ok(rows
            .iter()
            .map(|row| if is_new(row) { row.wrapped.clone() } else { fresh.next().flatten() })
            .collect())
    }

    /// Writes a data key that was wrapped anew, and entries of indexes that are not the newest.
    async fn rewrite(
        &self,
        means: &SqlMeans,
        sealed: &Sealed,
        ring: &Arc<Ring>,
        indexed: &[&Column],
        row: &Old,
        renewed: &str,
    ) -> Result<bool, Fault> {
        let wrapped = row.wrapped.as_deref().unwrap_or_default();
        let mut sets = vec![(sealed.column(""), Some(renewed.to_owned()))];
        // Nothing may have come between: what is not as it was read is left for the next time.
        let mut guards = vec![(sealed.column(""), Some(wrapped.to_owned()))];
        let mark = ring.index_mark();
        let mut seal: Option<Seal> = None;
        for (column, (kept, entry)) in indexed.iter().zip(&row.indexed) {
            let (Some(kept), Some(mark), Some(index)) = (kept, &mark, &column.index) else { continue };
            if entry.as_deref().is_some_and(|entry| entry.starts_with(mark)) {
                continue;
            }
            if seal.is_none() {
                let asked = [(wrapped, Context::record(&means.table, &row.record))];
                let opened = ring.open(&means.table, &asked).await.map_err(|e| self.unsealed(&e))?;
                let record = row.record.clone();
                seal = opened.into_iter().next().map(|key| Seal { ring: Arc::clone(ring), key, record });
            }
            let Some(seal) = &seal else { continue };
            let plain = seal.key.open(seal.place(&means.table, column, None), kept);
            let plain = plain.map_err(|e| self.unsealed(&e))?;
            let entry = seal.entry(&means.table, column, &plain).map_err(|e| self.unsealed(&e))?;
            sets.push((own(&index.name, ColumnKind::Text), Some(entry)));
            guards.push((bare(column), Some(kept.clone())));
        }
        let statement = self.guarded(&means.table, &[(key_column(means), row.record.clone())], &sets, guards);
        self.changed(vec![(statement, Expect::OneRow)], Instant::now() + self.deadline).await
    }

    /// Seals a row that is plain, with its children, all or none; whether it was still as it was read.
    pub(super) async fn seal_plain(
        &self,
        means: &SqlMeans,
        sealed: &Sealed,
        record: &str,
        deadline: Instant,
    ) -> Result<bool, Fault> {
        let (seal, wrapped) = self.new_seal(means, record).await?;
        let key = key_column(means);
        let columns: Vec<Column> = means.columns.iter().filter(|c| c.sealed).map(bare).collect();
        let keys = [(key.clone(), record.to_owned())];
        let rows = self.plain_rows(&means.table, &keys, None, &columns, deadline).await?;
        let Some((_, row)) = rows.into_iter().next() else { return Ok(false) };
        let mut guards = vec![(sealed.column(""), None)];
        guards.extend(row.iter().cloned());
        let mut sets = vec![(sealed.column(""), Some(wrapped))];
        sets.extend(seal.columns(&means.table, None, row).map_err(|e| self.unsealed(&e))?);
        let mut statements = vec![(self.guarded(&means.table, &keys, &sets, guards), Expect::OneRow)];
        for child in means.children.iter().filter(|child| child.is_sealed()) {
            statements.extend(self.plain_children(means, child, &seal, deadline).await?);
        }
        self.changed(statements, deadline).await
    }

    async fn plain_children(
        &self,
        means: &SqlMeans,
        child: &Child,
        seal: &Seal,
        deadline: Instant,
    ) -> Result<Vec<(Statement, Expect)>, Fault> {
        let parent = Column { name: child.parent_column.clone(), ..key_column(means) };
        let order = own(&child.order, ColumnKind::Integer);
        let columns: Vec<Column> = child.columns.iter().filter(|c| c.sealed).map(bare).collect();
        let keys = [(parent.clone(), seal.record.clone())];
        let rows = self.plain_rows(&child.table, &keys, Some(&order), &columns, deadline).await?;
        let mut statements = Vec::new();
        for (place, row) in rows {
            let guards = row.clone();
            let sets = seal.columns(&child.table, Some(place), row).map_err(|e| self.unsealed(&e))?;
            let keys = [(parent.clone(), seal.record.clone()), (order.clone(), place.to_string())];
            statements.push((self.guarded(&child.table, &keys, &sets, guards), Expect::OneRow));
        }
        Ok(statements)
    }

    /// The values of these columns in the rows of a key; behind the place of each where there is an order.
    async fn plain_rows(
        &self,
        table: &str,
        keys: &[(Column, String)],
        order: Option<&Column>,
        columns: &[Column],
        deadline: Instant,
    ) -> Result<Vec<(u64, Values)>, Fault> {
        let flavor = self.pool.flavor();
        let first = order.or_else(|| keys.first().map(|(column, _)| column));
        let names: Vec<String> =
            first.into_iter().chain(columns).map(|c| flavor.as_text(c).to_string()).collect();
        let mut draft = Draft::new(flavor, format!("SELECT {} FROM {table} WHERE 1 = 1", names.join(", ")));
        for (column, value) in keys {
            let place = draft.bind(column, Some(value));
            draft.push(&format!(" AND {} = {place}", column.name));
        }
        let mut rows: Vec<(u64, Values)> = Vec::new();
        let fill = |_: usize, at: usize, value: Option<&str>| match (at, rows.last_mut()) {
            (0, _) => {
                rows.push((value.and_then(|v| v.parse().ok()).unwrap_or_default(), Vec::new()));
            }
            (at, Some((_, row))) => {
                row.extend(columns.get(at - 1).map(|column| (column.clone(), value.map(str::to_owned))));
            }
            _ => {}
        };
        self.asked(&draft.done(), names.len(), deadline, fill).await?;
        Ok(rows)
    }

    /// An update of the row of these keys, which is as the guards say.
    fn guarded(
        &self,
        table: &str,
        keys: &[(Column, String)],
        sets: &[(Column, Option<String>)],
        guards: Values,
    ) -> Statement {
        let mut draft = Draft::new(self.pool.flavor(), format!("UPDATE {table} SET "));
        let sets: Vec<String> = sets
            .iter()
            .map(|(column, value)| format!("{} = {}", column.name, draft.bind(column, value.as_deref())))
            .collect();
        draft.push(&format!("{} WHERE 1 = 1", sets.join(", ")));
        let keys = keys.iter().map(|(column, value)| (column.clone(), Some(value.clone())));
        for (column, value) in keys.chain(guards) {
            match value {
                Some(value) => {
                    let place = draft.bind(&column, Some(&value));
                    draft.push(&format!(" AND {} = {place}", column.name));
                }
                None => {
                    draft.push(&format!(" AND {} IS NULL", column.name));
                }
            }
        }
        draft.done()
    }

    async fn changed(&self, statements: Vec<(Statement, Expect)>, deadline: Instant) -> Result<bool, Fault> {
        match self.pool.transact(statements, deadline).await {
            Ok(Outcome::Done(_)) => Ok(true),
            Ok(Outcome::NoRow) => Ok(false),
            Err(failed) => Err(self.fault(&failed)),
        }
    }

    /// How many records each key seals.
    pub(super) async fn keys_in_use(&self, subject: Subject<'_>) -> Result<Vec<InUse>, Fault> {
        let means = Self::means(subject)?;
        let Some(sealed) = &means.sealed else { return Ok(Vec::new()) };
        let flavor = self.pool.flavor();
        let data = sealed.column("");
        let data = flavor.as_text(&data);
        let text = select::text_type(flavor);
        let mut draft = Draft::new(
            flavor,
            format!(
                "SELECT SUBSTR({data}, 1, {ID}), CAST(COUNT(*) AS {text}) FROM {} WHERE 1 = 1",
                means.table
            ),
        );
        for (slot, value) in &means.fixed {
            let Some(column) = means.columns.get(usize::from(*slot)).map(bare) else { continue };
            let place = draft.bind(&column, Value::scalar(value));
            draft.push(&format!(" AND {} = {place}", column.name));
        }
        draft.push(&format!(" GROUP BY SUBSTR({data}, 1, {ID})"));
        let mut found: Vec<InUse> = Vec::new();
        let fill = |_: usize, at: usize, value: Option<&str>| match (at, found.last_mut()) {
            (0, _) => {
                let id = value.map(|text| text.trim_start_matches(crate::seal::ring::MARK).to_owned());
                found.push(InUse { id, records: 0 });
            }
            (_, Some(last)) => last.records = value.and_then(|v| v.parse().ok()).unwrap_or_default(),
            _ => {}
        };
        let deadline = Instant::now() + self.deadline;
        self.asked(&draft.done(), 2, deadline, fill).await?;
        Ok(found)
    }
}

impl Resealed {
    /// A row that could not be opened is told and left; whatever else fails ends the round.
    fn count(&mut self, written: Result<bool, Fault>, source: &str) -> Result<(), Fault> {
        match written {
            Ok(true) => self.done += 1,
            Ok(false) => self.raced += 1,
            Err(fault) if fault.code == &code::SEAL_BROKEN => {
                tracing::warn!(source, detail = fault.detail.as_deref(), "a record is left as it is");
                self.broken += 1;
            }
            Err(fault) => return Err(fault),
        }
        Ok(())
    }
}

/// The same column in a statement without aliases.
fn bare(column: &Column) -> Column {
    Column { alias: String::new(), ..column.clone() }
}

fn key_column(means: &SqlMeans) -> Column {
    means.columns.get(usize::from(means.key)).map_or_else(|| own("", ColumnKind::Text), bare)
}
