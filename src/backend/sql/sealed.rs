//! Sealed columns: opened behind a fetch, sealed in front of a write. A record's values open with its own data key
//! alone, and each at its own place; what does not is a fault and never an answer.

use super::{Sql, statement::select};
use crate::{
    backend::{Journey, Subject, keys},
    fault::Fault,
    plan::{
        reading::{LevelId, SlotId},
        sql::{Child, Column, ColumnKind, Sealed, SqlMeans},
    },
    seal::{DataKey, Failed, Place, Ring, envelope, index::Normal, ring::Context},
    translate::{Batch, Slot},
};
use std::{collections::HashMap, sync::Arc};

/// A sealed value as it was fetched.
#[derive(Debug)]
pub(super) struct Cell {
    pub level: LevelId,
    pub row: u32,
    pub slot: SlotId,
    /// The record that it belongs to.
    pub record: u32,
    /// The place among its siblings, in a table of children.
    pub place: Option<u64>,
    pub text: String,
}

/// What a write needs to seal one record's values.
#[derive(Debug)]
pub(super) struct Seal {
    pub ring: Arc<Ring>,
    pub key: Arc<DataKey>,
    /// The record's key, as the database has it.
    pub record: String,
}

impl Child {
    pub(super) fn is_sealed(&self) -> bool {
        self.columns.iter().any(|column| column.sealed)
    }
}

impl Sealed {
    /// The column of the wrapped data keys.
    pub(super) fn column(&self, alias: &str) -> Column {
        Column::plain(alias, &self.key, ColumnKind::Text)
    }
}

fn normal(ignore_case: bool) -> Normal {
    if ignore_case { Normal::Folded } else { Normal::Exact }
}

/// The entries that a value may have in a sealed column's index; without keys what is shown to the operator.
pub(super) fn entries(ring: Option<&Ring>, table: &str, column: &Column, value: &str) -> Vec<String> {
    let ignore_case = column.index.as_ref().is_some_and(|index| index.ignore_case);
    let found = ring.map(|ring| ring.entries(table, &column.name, normal(ignore_case), value));
    found.unwrap_or_else(|| vec!["(entry of the blind index)".into()])
}

impl Seal {
    /// The columns of a row as they are written, with those of their indexes.
    pub(super) fn columns(
        &self,
        table: &str,
        place: Option<u64>,
        columns: Vec<(Column, Option<String>)>,
    ) -> Result<Vec<(Column, Option<String>)>, Failed> {
        let mut all = Vec::with_capacity(columns.len());
        for (column, value) in columns {
            if !column.sealed {
                all.push((column, value));
                continue;
            }
            if let Some(index) = &column.index {
                let entry = value.as_deref().map(|value| self.entry(table, &column, value)).transpose()?;
                all.push((Column::plain("", &index.name, ColumnKind::Text), entry));
            }
            let value = value.map(|value| self.key.seal(self.place(table, &column, place), &value));
            let value = value.transpose()?;
            all.push((column, value));
        }
        Ok(all)
    }

    pub(super) fn place<'s>(&'s self, table: &'s str, column: &'s Column, row: Option<u64>) -> Place<'s> {
        Place { table, column: &column.name, record: &self.record, row }
    }

    /// The entry of a value in a column's index.
    pub(super) fn entry(&self, table: &str, column: &Column, value: &str) -> Result<String, Failed> {
        let ignore_case = column.index.as_ref().is_some_and(|index| index.ignore_case);
        let entry = self.ring.entry(table, &column.name, normal(ignore_case), value);
        entry.ok_or_else(|| Failed::Away("the configuration has no `sealing.index`".into()))
    }
}

impl Sql {
    /// A seal for a record that is made.
    pub(super) async fn new_seal(&self, means: &SqlMeans, record: &str) -> Result<(Seal, String), Fault> {
        let ring = self.keys.ring()?;
        let fresh = ring.fresh(&Context::record(&means.table, record)).await;
        let fresh = fresh.map_err(|e| self.unsealed(&e))?;
        Ok((Seal { ring, key: Arc::new(fresh.key), record: record.to_owned() }, fresh.wrapped))
    }

    /// The seal of a record that is there; a row that is plain until now is sealed first. Nothing where it is gone.
    pub(super) async fn seal_of(
        &self,
        subject: Subject<'_>,
        means: &SqlMeans,
        sealed: &Sealed,
        key: &str,
        journey: &Journey,
    ) -> Result<Option<Seal>, Fault> {
        // Twice at most: between a look and the sealing somebody else may have sealed it.
        for _ in 0..3 {
            let Some(statement) =
                select::data_key(self.pool.flavor(), subject, means, sealed, key, &journey.around)
            else {
                return Ok(None);
            };
            let mut found: Option<(String, Option<String>)> = None;
            let fill = |_: usize, column: usize, value: Option<&str>| match (column, &mut found) {
                (0, _) => found = Some((value.unwrap_or_default().to_owned(), None)),
                (_, Some(found)) => found.1 = value.map(str::to_owned),
                _ => {}
            };
            let deadline = self.deadline(journey);
            self.asked(&statement, 2, deadline, fill).await?;
            match found {
                None => return Ok(None),
                Some((record, Some(wrapped))) => {
                    let ring = self.keys.ring()?;
                    let asked = [(wrapped.as_str(), Context::record(&means.table, &record))];
                    let opened = ring.open(&means.table, &asked).await.map_err(|e| self.unsealed(&e))?;
                    return Ok(opened.into_iter().next().map(|key| Seal { ring, key, record }));
                }
                Some((record, None)) => _ = self.seal_plain(means, sealed, &record, deadline).await?,
            }
        }
        Err(self.fault(&super::pool::Failed::LostRace))
    }

    /// Opens what was fetched and puts it into its slots. `wrapped` has the data key of each row, in order.
    pub(super) async fn unseal(
        &self,
        means: &SqlMeans,
        batch: &mut Batch,
        rows: &[u32],
        wrapped: &[Option<String>],
        cells: Vec<Cell>,
    ) -> Result<(), Fault> {
        let Some(sealed) = means.sealed.as_ref().filter(|_| !cells.is_empty()) else { return Ok(()) };
        let mut records: HashMap<u32, String> = HashMap::with_capacity(rows.len());
        for row in rows {
            if let Slot::Text(span) = batch.get(0, *row, means.key) {
                records.insert(*row, batch.text(span).to_owned());
            }
        }
        let mut asked = Vec::with_capacity(rows.len());
        let mut asking = Vec::with_capacity(rows.len());
        for (row, wrapped) in rows.iter().zip(wrapped) {
            if let (Some(wrapped), Some(record)) = (wrapped, records.get(row)) {
                asked.push((wrapped.as_str(), Context::record(&means.table, record)));
                asking.push(*row);
            }
        }
        let opened = if asked.is_empty() {
            Vec::new()
        } else {
            let ring = self.keys.ring()?;
            ring.open(&means.table, &asked).await.map_err(|e| self.unsealed(&e))?
        };
        let opened: HashMap<u32, Arc<DataKey>> = asking.into_iter().zip(opened).collect();
        for cell in cells {
            let found = match cell.level {
                0 => means.columns.get(usize::from(cell.slot)).map(|column| (&means.table, column)),
                level => means.children.iter().find(|child| child.level == level).and_then(|child| {
                    child.columns.get(usize::from(cell.slot)).map(|column| (&child.table, column))
                }),
            };
            let (Some((table, column)), Some(record)) = (found, records.get(&cell.record)) else { continue };
            let place = Place { table, column: &column.name, record, row: cell.place };
            let plain = opened_cell(opened.get(&cell.record), sealed, place, cell.text);
            let plain = plain.map_err(|e| self.unsealed(&e))?;
            batch.set_text(cell.level, cell.row, cell.slot, &plain);
        }
        Ok(())
    }

    /// What failed, with the source's name.
    pub(super) fn unsealed(&self, failed: &Failed) -> Fault {
        let fault = keys::fault(failed);
        let detail = format!("{}: {failed}", self.name);
        fault.detail(detail)
    }
}

/// A value as it was before it was sealed. A row without a data key has plain values, where that is allowed.
fn opened_cell(
    key: Option<&Arc<DataKey>>,
    sealed: &Sealed,
    place: Place<'_>,
    text: String,
) -> Result<String, Failed> {
    match key {
        Some(key) => key.open(place, &text),
        None if text.starts_with(envelope::MARK) => Err(Failed::Broken(place.to_string())),
        None if sealed.reads_plain => Ok(text),
        None => Err(Failed::Plain(place.to_string())),
    }
}
