//! The demo's store, filled: the rows of the seed, sealed as the mappings say before they become statements, so that
//! no plain value was ever in the file.

use crate::{
    backend::keys::Keys,
    demo::{
        seed::Seed,
        store::{self, Cell, Table, Times},
    },
    plan::{
        Means, Plan,
        sql::{Column, SqlMeans},
    },
    seal::{DataKey, Place, index::Normal, ring::Context},
};
use anyhow::Context as _;
use std::collections::{BTreeMap, BTreeSet};

/// The statements that fill a store of this plan.
pub(crate) async fn inserts(
    seed: &Seed,
    times: Times,
    plan: &Plan,
    keys: &Keys,
) -> anyhow::Result<Vec<String>> {
    let mut tables = store::tables(seed, times);
    let mut done = BTreeSet::new();
    for (_, binding) in &plan.bindings {
        if let Means::Sql(means) = &binding.means
            && means.sealed.is_some()
            && done.insert(means.table.clone())
        {
            seal(&mut tables, means, keys).await?;
        }
    }
    Ok(store::statements(&tables))
}

/// Seals what a table and its children hold.
async fn seal(tables: &mut [Table], means: &SqlMeans, keys: &Keys) -> anyhow::Result<()> {
    let Some(sealed) = &means.sealed else { return Ok(()) };
    let ring = keys.find().context("the configuration has no `sealing`")?;
    let key =
        means.columns.get(usize::from(means.key)).map(|column| column.name.as_str()).unwrap_or_default();
    let Some(table) = tables.iter_mut().find(|table| table.name == means.table) else { return Ok(()) };
    let records = table.texts(key);
    let contexts: Vec<Context> = records.iter().map(|record| Context::record(&means.table, record)).collect();
    let fresh = ring.fresh_ones(&contexts).await?;
    let wrapped = fresh.iter().map(|fresh| Cell::Text(fresh.wrapped.clone())).collect();
    let keys: BTreeMap<String, DataKey> =
        records.iter().cloned().zip(fresh.into_iter().map(|fresh| fresh.key)).collect();
    for column in means.columns.iter().filter(|column| column.sealed) {
        if let Some(index) = &column.index {
            let normal = if index.ignore_case { Normal::Folded } else { Normal::Exact };
            let entry = |value: &str| ring.entry(&means.table, &column.name, normal, value);
            let entries = table
                .cells(&column.name)
                .map(|cell| cell.text().and_then(entry).map_or(Cell::Null, Cell::Text));
            let entries: Vec<Cell> = entries.collect();
            table.push(&index.name, entries);
        }
        table.seal(column, &records, None, &keys)?;
    }
    table.push(&sealed.key, wrapped);
    for child in &means.children {
        let Some(table) = tables.iter_mut().find(|table| table.name == child.table) else { continue };
        let (records, places) = (table.texts(&child.parent_column), table.texts(&child.order));
        for column in child.columns.iter().filter(|column| column.sealed) {
            table.seal(column, &records, Some(&places), &keys)?;
        }
    }
    Ok(())
}

impl Table {
    fn at(&self, column: &str) -> usize {
        self.columns.iter().position(|name| name == column).unwrap_or(usize::MAX)
    }

    fn cells(&self, column: &str) -> impl Iterator<Item = &Cell> {
        let at = self.at(column);
        self.rows.iter().map(move |row| row.get(at).unwrap_or(&Cell::Null))
    }

    fn texts(&self, column: &str) -> Vec<String> {
        self.cells(column).map(|cell| cell.text().unwrap_or_default().to_owned()).collect()
    }

    fn push(&mut self, column: &str, cells: Vec<Cell>) {
        self.columns.push(column.to_owned());
        for (row, cell) in self.rows.iter_mut().zip(cells) {
            row.push(cell);
        }
    }

    fn seal(
        &mut self,
        column: &Column,
        records: &[String],
        places: Option<&[String]>,
        keys: &BTreeMap<String, DataKey>,
    ) -> anyhow::Result<()> {
        let at = self.at(&column.name);
        for (number, row) in self.rows.iter_mut().enumerate() {
            let (Some(cell), Some(record)) = (row.get_mut(at), records.get(number)) else { continue };
            let Some(plain) = cell.text() else { continue };
            let key = keys.get(record).context("a child's record is in the seed")?;
            let row = places.and_then(|places| places.get(number)?.parse().ok());
            let place = Place { table: self.name, column: &column.name, record, row };
            *cell = Cell::Text(key.seal(place, plain)?);
        }
        Ok(())
    }
}
