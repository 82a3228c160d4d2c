//! Sources that speak SQL: `SQLite`, `PostgreSQL` and `MariaDB`. Statements are made in `statement`, in the words of a
//! `flavor`; they run in `pool`. Every value is a parameter; every name is a word that the plan has checked.

mod bounds;
pub mod catalogue;
mod counted;
mod failed;
mod flavor;
pub mod pool;
mod purge;
mod reseal;
mod sealed;
mod statement;
mod write;

use super::{
    Answer, Ask, Backend, Content, InUse, Journey, Resealed, Subject, Written, explain, keys::Keys, secret,
    stub::impossible,
};
use crate::{
    fault::{Fault, code},
    plan::{Means, Selection, SqlSource, resilience::Resilience, sql::SqlMeans},
    resilience::{Guard, Report},
    telemetry::meters::Source,
    translate::{Batch, Slot, Surroundings},
    value::{Value, time::Moment},
};
use async_trait::async_trait;
use counted::Counted;
pub use flavor::Flavor;
use pool::{Failed, Pool};
use statement::select;
pub use statement::{Parameter, Statement};
use std::{collections::HashMap, sync::Arc, time::Duration};

#[derive(Debug)]
pub struct Sql {
    name: String,
    pool: Counted,
    deadline: Duration,
    keys: Arc<Keys>,
    guard: Guard,
}

impl Sql {
    /// Opens the pool and brings the database to the newest migration.
    pub async fn open(
        name: String,
        source: &SqlSource,
        rules: Resilience,
        keys: Arc<Keys>,
        counted: Arc<Source>,
    ) -> Result<Self, Fault> {
        let url = secret::resolve(&source.url)
            .map_err(|e| Fault::plain(&code::STORE_FAILED).detail(format!("{name}: {e}")))?;
        let failed = |e: Failed| Fault::plain(&code::UNREACHABLE).detail(format!("{name}: {e}"));
        let pool =
            Pool::open(&url, &source.root, source.connections, source.deadline).await.map_err(failed)?;
        if let Some(folder) = &source.migrations {
            pool.migrate(&folder.join(pool.flavor().folder())).await.map_err(failed)?;
        }
        let guard = Guard::new(name.clone(), rules, 1);
        let pool = Counted { pool, source: counted };
        Ok(Self { name, pool, deadline: source.deadline, keys, guard })
    }

    fn means(subject: Subject<'_>) -> Result<&SqlMeans, Fault> {
        match &subject.binding.means {
            Means::Sql(means) => Ok(means),
            _ => Err(impossible("table")),
        }
    }

    fn fault(&self, failed: &Failed) -> Fault {
        let code = match failed {
            Failed::TimedOut | Failed::Locked => &code::TIMED_OUT,
            Failed::Unreachable(_) | Failed::NoConnection(_) => &code::UNREACHABLE,
            Failed::Refused(_) => &code::REFUSED_BEHIND,
            Failed::Lost(_) | Failed::Other(_) | Failed::LostRace => &code::BACKEND_FAILED,
        };
        Fault::plain(code).detail(format!("{}: {failed}", self.name))
    }

    fn deadline(&self, journey: &Journey) -> tokio::time::Instant {
        journey.deadline.min(tokio::time::Instant::now() + self.deadline)
    }

    /// Runs a selection of records, and the children that it needs.
    async fn fetch(
        &self,
        subject: Subject<'_>,
        means: &SqlMeans,
        selection: &Selection,
        statement: &select::Select,
        journey: &Journey,
    ) -> Result<(Batch, Vec<u32>, Option<String>), Fault> {
        let deadline = self.deadline(journey);
        let mut batch = Batch::new(&subject.binding.reading);
        let mut rows = Vec::new();
        let mut version = None;
        let (mut wrapped, mut cells) = (Vec::new(), Vec::new());
        let width = statement.slots.len();
        let key_at = width + usize::from(statement.versioned);
        let is_sealed = |slot: u16| means.columns.get(usize::from(slot)).is_some_and(|c| c.sealed);
        let fill = |at: usize, column: usize, value: Option<&str>| {
            if column == 0 || rows.len() <= at {
                rows.push(batch.row(0));
            }
            let Some(row) = rows.get(at).copied() else { return };
            match (statement.slots.get(column), value) {
                (Some(slot), Some(text)) if is_sealed(*slot) => cells.push(sealed::Cell {
                    level: 0,
                    row,
                    slot: *slot,
                    record: row,
                    place: None,
                    text: text.to_owned(),
                }),
                (Some(slot), Some(text)) => batch.set_text(0, row, *slot, text),
                (Some(slot), None) => batch.set(0, row, *slot, Slot::Null),
                (None, value) if column == key_at => wrapped.push(value.map(str::to_owned)),
                (None, value) => version = value.map(str::to_owned),
            }
        };
        let columns = key_at + usize::from(statement.keyed);
        self.asked(&statement.statement, columns, deadline, fill).await?;
        self.children(subject, means, selection, (&mut batch, &mut cells), &rows, deadline).await?;
        self.unseal(means, &mut batch, &rows, &wrapped, cells).await?;
        Ok((batch, rows, version))
    }

    /// One batched statement for each child table that the selection needs.
    async fn children(
        &self,
        subject: Subject<'_>,
        means: &SqlMeans,
        selection: &Selection,
        (batch, cells): (&mut Batch, &mut Vec<sealed::Cell>),
        rows: &[u32],
        deadline: tokio::time::Instant,
    ) -> Result<(), Fault> {
        if means.children.is_empty() {
            return Ok(());
        }
        let needed = subject.binding.reading.needed(selection);
        let wants =
            |slot: u16| needed.first().and_then(|l| l.get(usize::from(slot))).copied().unwrap_or(false);
        let mut parents: HashMap<String, u32> = HashMap::with_capacity(rows.len());
        for row in rows {
            if let Slot::Text(span) = batch.get(0, *row, means.key) {
                parents.insert(batch.text(span).to_owned(), *row);
            }
        }
        for child in means.children.iter().filter(|c| wants(c.slot)) {
            for row in rows {
                batch.set(0, *row, child.slot, Slot::Rows { first: 0, count: 0 });
            }
            if parents.is_empty() {
                continue;
            }
            let keys: Vec<&str> = parents.keys().map(String::as_str).collect();
            let statement = select::children(self.pool.flavor(), means, child, &keys);
            let mut parent = None;
            let mut item = 0;
            let begun = cells.len();
            let fill = |_: usize, column: usize, value: Option<&str>| {
                if column == 0 {
                    item = batch.row(child.level);
                    let row = value.and_then(|key| parents.get(key)).copied();
                    if let Some(row) = row {
                        let (first, count) = match batch.get(0, row, child.slot) {
                            Slot::Rows { first, count } if parent == Some(row) => (first, count),
                            _ => (item, 0),
                        };
                        batch.set(0, row, child.slot, Slot::Rows { first, count: count + 1 });
                    }
                    parent = row;
                    return;
                }
                let slot = (column - 1) as u16;
                let Some(known) = child.columns.get(column - 1) else {
                    // The place among its siblings comes behind the values that are sealed for it.
                    let place = value.and_then(|value| value.parse().ok());
                    let of_row = |cell: &&mut sealed::Cell| cell.level == child.level && cell.row == item;
                    let own = cells.get_mut(begun..).unwrap_or_default().iter_mut().rev();
                    own.take_while(of_row).for_each(|cell| cell.place = place);
                    return;
                };
                match value {
                    Some(text) if known.sealed => cells.push(sealed::Cell {
                        level: child.level,
                        row: item,
                        slot,
                        record: parent.unwrap_or(u32::MAX),
                        place: None,
                        text: text.to_owned(),
                    }),
                    Some(text) => batch.set_text(child.level, item, slot, text),
                    None => batch.set(child.level, item, slot, Slot::Null),
                }
            };
            let columns = child.columns.len() + 1 + usize::from(child.is_sealed());
            self.asked(&statement, columns, deadline, fill).await?;
        }
        Ok(())
    }

    async fn count(&self, statement: &Statement, deadline: tokio::time::Instant) -> Result<u64, Fault> {
        let mut total = 0;
        let fill =
            |_: usize, _: usize, value: Option<&str>| total = value.and_then(|v| v.parse().ok()).unwrap_or(0);
        self.asked(statement, 1, deadline, fill).await?;
        Ok(total)
    }
}

#[async_trait]
impl Backend for Sql {
    async fn list(&self, subject: Subject<'_>, ask: &Ask<'_>, journey: &Journey) -> Result<Answer, Fault> {
        let means = Self::means(subject)?;
        let around = Arc::clone(&journey.around);
        let empty = |total| {
            let content = Content::Slots {
                batch: Arc::default(),
                rows: Vec::new(),
                around: Arc::clone(&around),
                clean: false,
            };
            Answer { content, total, version: None, printed: None }
        };
        let ring = self.keys.find();
        let ring = ring.as_deref();
        let Some(statement) = select::list(self.pool.flavor(), subject, means, ask, &around, ring) else {
            // A filter's value that the source has no code for: nothing can match it.
            return Ok(empty(ask.count.then_some(0)));
        };
        let (batch, rows, _) = self.fetch(subject, means, ask.selection, &statement, journey).await?;
        let seen = ask.offset + rows.len() as u64;
        let at_end = rows.len() < ask.limit as usize && (!rows.is_empty() || ask.offset == 0);
        let total = match (ask.count, at_end) {
            (false, _) => None,
            (true, true) => Some(seen),
            (true, false) => match select::count(self.pool.flavor(), subject, means, ask, &around, ring) {
                Some(statement) => Some(self.count(&statement, self.deadline(journey)).await?),
                None => Some(0),
            },
        };
        Ok(Answer {
            content: Content::Slots { batch: Arc::new(batch), rows, around, clean: false },
            total,
            version: None,
            printed: None,
        })
    }

    async fn read(
        &self,
        subject: Subject<'_>,
        key: &str,
        selection: &Selection,
        journey: &Journey,
    ) -> Result<Option<Answer>, Fault> {
        let means = Self::means(subject)?;
        let Some(statement) =
            select::one(self.pool.flavor(), subject, means, key, selection, &journey.around)
        else {
            return Ok(None);
        };
        let (batch, rows, version) = self.fetch(subject, means, selection, &statement, journey).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let around = Arc::clone(&journey.around);
        Ok(Some(Answer {
            content: Content::Slots { batch: Arc::new(batch), rows, around, clean: false },
            total: None,
            version,
            printed: None,
        }))
    }

    async fn create(&self, subject: Subject<'_>, body: &Value, journey: &Journey) -> Result<String, Fault> {
        self.insert(subject, body, journey).await
    }

    async fn replace(
        &self,
        subject: Subject<'_>,
        key: &str,
        body: &Value,
        changed: &Selection,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        self.update(subject, key, body, changed, version, journey).await
    }

    async fn delete(
        &self,
        subject: Subject<'_>,
        key: &str,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        self.remove(subject, key, version, journey).await
    }

    async fn purge(&self, subject: Subject<'_>, before: Moment) -> Result<u64, Fault> {
        self.purge_removed(subject, before).await
    }

    async fn reseal(&self, subject: Subject<'_>, after: Option<&str>) -> Result<Resealed, Fault> {
        self.reseal_round(subject, after).await
    }

    async fn in_use(&self, subject: Subject<'_>) -> Result<Vec<InUse>, Fault> {
        self.keys_in_use(subject).await
    }

    fn explain_list(&self, subject: Subject<'_>, ask: &Ask<'_>, around: &Surroundings) -> Vec<explain::Step> {
        let Ok(means) = Self::means(subject) else { return Vec::new() };
        let flavor = self.pool.flavor();
        let ring = self.keys.find();
        let ring = ring.as_deref();
        let Some(statement) = select::list(flavor, subject, means, ask, around, ring) else {
            return Vec::new();
        };
        let mut steps = vec![
            self.step(&statement.statement, "the rows that are wanted, filtered and sorted by the database"),
        ];
        steps.extend(self.explain_children(subject, means, ask.selection));
        if ask.count
            && let Some(count) = select::count(flavor, subject, means, ask, around, ring)
        {
            steps.push(self.step(&count, "the total: only where the rows do not show the end of the list"));
        }
        steps
    }

    fn explain_read(&self, subject: Subject<'_>, key: &str, selection: &Selection) -> Vec<explain::Step> {
        let Ok(means) = Self::means(subject) else { return Vec::new() };
        let around = Surroundings {
            today: crate::value::time::Date { year: 1970, month: 1, day: 1 },
            lookups: Vec::new(),
        };
        let statement = select::one(self.pool.flavor(), subject, means, key, selection, &around);
        let mut steps: Vec<_> =
            statement.iter().map(|s| self.step(&s.statement, "the record itself")).collect();
        steps.extend(self.explain_children(subject, means, selection));
        steps
    }

    fn explain_write(
        &self,
        subject: Subject<'_>,
        _: Option<&str>,
        write: explain::Write,
    ) -> Vec<explain::Step> {
        let Ok(means) = Self::means(subject) else { return Vec::new() };
        let (call, why) = match write {
            explain::Write::Create => (
                format!("INSERT INTO {} …", means.table),
                "makes the record, with its children, in one transaction",
            ),
            explain::Write::Replace => {
                (format!("UPDATE {} …", means.table), "writes the members that changed, in one transaction")
            }
            explain::Write::Delete if means.soft_delete.is_some() => {
                (format!("UPDATE {} …", means.table), "marks the record as removed")
            }
            explain::Write::Delete => {
                (format!("DELETE FROM {} …", means.table), "removes the record and its children")
            }
        };
        vec![explain::Step {
            source: self.name.clone(),
            call,
            detail: None,
            why: why.into(),
            takes: Vec::new(),
            login: false,
        }]
    }

    fn resilience(&self) -> Option<Report> {
        Some(self.guard.report())
    }

    async fn ready(&self) -> Result<(), Fault> {
        let statement = Statement { sql: "SELECT 1".into(), parameters: Vec::new() };
        let deadline = tokio::time::Instant::now() + Duration::from_secs(2);
        self.pool.fetch(&statement, 0, deadline, |_, _, _| {}).await.map_err(|e| self.fault(&e))
    }
}

impl Sql {
    fn step(&self, statement: &Statement, why: &str) -> explain::Step {
        let shown: Vec<String> = statement.parameters.iter().map(|p| format!("{p:?}")).collect();
        explain::Step {
            source: self.name.clone(),
            call: statement.sql.clone(),
            detail: (!shown.is_empty()).then(|| format!("with {}", shown.join(", "))),
            why: why.into(),
            takes: Vec::new(),
            login: false,
        }
    }

    fn explain_children(
        &self,
        subject: Subject<'_>,
        means: &SqlMeans,
        selection: &Selection,
    ) -> Vec<explain::Step> {
        let needed = subject.binding.reading.needed(selection);
        let wants =
            |slot: u16| needed.first().and_then(|l| l.get(usize::from(slot))).copied().unwrap_or(false);
        let children = means.children.iter().filter(|c| wants(c.slot));
        let why = "one statement for the children of all rows";
        children.map(|c| self.step(&select::children(self.pool.flavor(), means, c, &["…"]), why)).collect()
    }
}

#[cfg(test)]
mod tests;
