//! Writing: a record with its children in one transaction, guarded by its version where the table has one.

use super::{
    Sql,
    bounds::Undone,
    flavor::Flavor,
    pool::{Expect, Failed, Outcome},
    sealed::Seal,
    statement::{Draft, Parameter, Statement, select},
};
use crate::{
    backend::{Journey, Subject, Written},
    fault::{Fault, code},
    idempotency::Effect,
    plan::{
        Selection,
        sql::{Child, Column, ColumnKind, SqlMeans},
    },
    translate::store::{self, Content, Placed},
    value::Value,
};

impl Sql {
    /// Runs the statements of one write, and notes its effect.
    async fn transacted(
        &self,
        statements: Vec<(Statement, Expect)>,
        journey: &Journey,
    ) -> Result<Outcome, Undone> {
        journey.leave();
        let done = self.done(statements, self.deadline(journey)).await;
        journey.note(match &done {
            Ok(Outcome::Done(_)) => Effect::Certain,
            Ok(Outcome::NoRow)
            | Err(
                Undone::Held(_)
                | Undone::Failed(
                    Failed::NoConnection(_) | Failed::Refused(_) | Failed::LostRace | Failed::Locked,
                ),
            ) => Effect::None,
            // The connection may have been lost behind the commit.
            Err(_) => Effect::Possible,
        });
        done
    }

    pub(super) async fn insert(
        &self,
        subject: Subject<'_>,
        body: &Value,
        journey: &Journey,
    ) -> Result<String, Fault> {
        let means = Self::means(subject)?;
        let flavor = self.pool.flavor();
        let placed = placed(subject, body, None, journey)?;
        let mut columns: Vec<(Column, Option<String>)> = Vec::new();
        let chosen = journey.mark.as_ref().map(|mark| mark.chosen.clone());
        let key = (!means.database_key).then(|| chosen.unwrap_or_else(|| uuid::Uuid::now_v7().to_string()));
        if let (Some(key), Some(column)) = (&key, means.columns.get(usize::from(means.key))) {
            columns.push((column.clone(), Some(key.clone())));
        }
        let seal = match (&means.sealed, &key) {
            (Some(sealed), Some(key)) => {
                let (seal, wrapped) = self.new_seal(means, key).await?;
                columns.push((sealed.column(""), Some(wrapped)));
                Some(seal)
            }
            _ => None,
        };
        columns.extend(self.sealed(means, seal.as_ref(), scalars(means, &placed))?);
        let now = second(journey);
        for slot in means.created.iter().chain(&means.changed) {
            if let Some(column) = means.columns.get(usize::from(*slot)) {
                columns.push((column.clone(), Some(now.clone())));
            }
        }
        for (slot, value) in &means.fixed {
            if let Some(column) = means.columns.get(usize::from(*slot)) {
                columns.push((column.clone(), value.scalar().map(str::to_owned)));
            }
        }
        let mut draft = Draft::new(flavor, "");
        let names: Vec<&str> = columns.iter().map(|(c, _)| c.name.as_str()).collect();
        let mut names = names.join(", ");
        let places: Vec<String> = columns.iter().map(|(c, v)| draft.bind(c, v.as_deref())).collect();
        let mut places = places.join(", ");
        if let Some(version) = &means.version {
            names = format!("{names}, {version}");
            places = format!("{places}, 1");
        }
        let returned =
            means.columns.get(usize::from(means.key)).map(|c| Column { alias: String::new(), ..c.clone() });
        let returned = returned.map(|c| flavor.as_text(&c).to_string()).unwrap_or_default();
        draft.push(&format!("INSERT INTO {} ({names}) VALUES ({places}) RETURNING {returned}", means.table));
        let mut statements = vec![(draft.done(), Expect::Key)];
        // Children of a record whose key the database makes take it from the first statement.
        statements.extend(self.inserts(means, &placed, key.as_deref(), seal.as_ref())?);
        match self.transacted(statements, journey).await {
            Ok(Outcome::Done(Some(key))) => Ok(key),
            Ok(_) => {
                Err(Fault::plain(&code::BACKEND_FAILED)
                    .detail(format!("{}: the insert gave no key", self.name)))
            }
            Err(undone) => Err(self.undone(undone)),
        }
    }

    pub(super) async fn update(
        &self,
        subject: Subject<'_>,
        key: &str,
        body: &Value,
        changed: &Selection,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        let means = Self::means(subject)?;
        let flavor = self.pool.flavor();
        let placed = placed(subject, body, Some(changed), journey)?;
        let mut draft = Draft::new(flavor, format!("UPDATE {} SET ", means.table));
        let seal = match &means.sealed {
            Some(sealed) if reaches_sealed(means, &placed) => {
                match self.seal_of(subject, means, sealed, key, journey).await? {
                    Some(seal) => Some(seal),
                    None => return Ok(Written::Absent),
                }
            }
            _ => None,
        };
        let mut columns = self.sealed(means, seal.as_ref(), scalars(means, &placed))?;
        let now = second(journey);
        for slot in &means.changed {
            if let Some(column) = means.columns.get(usize::from(*slot)) {
                columns.push((column.clone(), Some(now.clone())));
            }
        }
        let mut sets: Vec<String> = Vec::new();
        for (column, value) in &columns {
            let place = draft.bind(column, value.as_deref());
            sets.push(format!("{} = {place}", column.name));
        }
        if let Some(name) = &means.version {
            sets.push(format!("{name} = {name} + 1"));
        }
        if sets.is_empty() {
            // Only children change, in a table that keeps neither a version nor a time: the row is touched all the same.
            let name = means.columns.get(usize::from(means.key)).map(|c| c.name.clone()).unwrap_or_default();
            sets.push(format!("{name} = {name}"));
        }
        draft.push(&format!("{} WHERE ", sets.join(", ")));
        if select::keyed(&mut draft, subject, means, key, &journey.around, false).is_none() {
            return Ok(Written::Absent);
        }
        guard(&mut draft, means, version);
        let mut statements = vec![(draft.done(), Expect::OneRow)];
        for child in touched(means, &placed) {
            statements.push((emptied(flavor, means, child, key), Expect::Nothing));
        }
        statements.extend(self.inserts(means, &placed, Some(key), seal.as_ref())?);
        self.outcome(subject, key, statements, version, journey).await
    }

    pub(super) async fn remove(
        &self,
        subject: Subject<'_>,
        key: &str,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        let means = Self::means(subject)?;
        let flavor = self.pool.flavor();
        let mut statements = Vec::new();
        let mut draft = if let Some(column) = &means.soft_delete {
            let mut draft = Draft::new(flavor, format!("UPDATE {} SET {column} = ", means.table));
            let place = draft.bind(&own(column, ColumnKind::DateTime), Some(&second(journey)));
            draft.push(&place);
            if let Some(version) = &means.version {
                draft.push(&format!(", {version} = {version} + 1"));
            }
            draft
        } else {
            for child in &means.children {
                statements.push((emptied(flavor, means, child, key), Expect::Nothing));
            }
            Draft::new(flavor, format!("DELETE FROM {}", means.table))
        };
        draft.push(" WHERE ");
        if select::keyed(&mut draft, subject, means, key, &journey.around, false).is_none() {
            return Ok(Written::Absent);
        }
        guard(&mut draft, means, version);
        statements.push((draft.done(), Expect::OneRow));
        self.outcome(subject, key, statements, version, journey).await
    }

    /// The columns of a record as they are written.
    fn sealed(
        &self,
        means: &SqlMeans,
        seal: Option<&Seal>,
        columns: Vec<(Column, Option<String>)>,
    ) -> Result<Vec<(Column, Option<String>)>, Fault> {
        match seal {
            Some(seal) => seal.columns(&means.table, None, columns).map_err(|e| self.unsealed(&e)),
            // A value that should be sealed is never written as it is.
            None if columns.iter().any(|(column, _)| column.sealed) => {
                Err(Fault::plain(&code::INTERNAL).detail(format!("{}: there is no data key", self.name)))
            }
            None => Ok(columns),
        }
    }

    /// Runs a guarded write. Where no row was met, it is asked whether the record is gone or has changed.
    async fn outcome(
        &self,
        subject: Subject<'_>,
        key: &str,
        statements: Vec<(Statement, Expect)>,
        version: Option<&str>,
        journey: &Journey,
    ) -> Result<Written, Fault> {
        match self.transacted(statements, journey).await {
            Ok(Outcome::Done(_)) => Ok(Written::Done),
            Ok(Outcome::NoRow) if version.is_none() => Ok(Written::Absent),
            Ok(Outcome::NoRow) => {
                let selection = Selection::none(&subject.resource.contract);
                let there = crate::backend::Backend::read(self, subject, key, &selection, journey).await?;
                Ok(if there.is_some() { Written::LostRace } else { Written::Absent })
            }
            Err(Undone::Failed(Failed::LostRace)) => Ok(Written::LostRace),
            Err(undone) => Err(self.undone(undone)),
        }
    }
}

/// Now, in whole seconds: the precision that every database keeps.
fn second(journey: &Journey) -> String {
    crate::value::time::Moment { nanos: 0, ..journey.now }.to_string()
}

pub(super) fn own(name: &str, kind: ColumnKind) -> Column {
    Column::plain("", name, kind)
}

fn placed<'p>(
    subject: Subject<'p>,
    body: &Value,
    only: Option<&Selection>,
    journey: &Journey,
) -> Result<Vec<Placed<'p>>, Fault> {
    store::place(&subject.resource.contract, &subject.binding.writing, body, only, &journey.around).map_err(
        |violations| Fault::of_violations(violations).unwrap_or_else(|| Fault::plain(&code::BAD_BODY)),
    )
}

fn text(content: &Content<'_>) -> Option<String> {
    match content {
        Content::Scalar(value) => value.scalar().map(str::to_owned),
        Content::Whole(value) if value.is_null() => None,
        Content::Whole(value) => Some(value.to_json()),
        Content::Rows(_) => None,
    }
}

/// Columns of the record and their values.
fn scalars(means: &SqlMeans, placed: &[Placed<'_>]) -> Vec<(Column, Option<String>)> {
    let is_child = |slot: u16| means.children.iter().any(|c| c.slot == slot);
    let own = placed.iter().filter(|p| !is_child(p.slot));
    own.filter_map(|p| Some((means.columns.get(usize::from(p.slot))?.clone(), text(&p.content)))).collect()
}

/// The children that a write reaches.
fn touched<'m>(means: &'m SqlMeans, placed: &[Placed<'_>]) -> Vec<&'m Child> {
    means.children.iter().filter(|c| placed.iter().any(|p| p.slot == c.slot)).collect()
}

pub(super) fn emptied(flavor: Flavor, means: &SqlMeans, child: &Child, key: &str) -> Statement {
    let column = Column { alias: String::new(), name: child.parent_column.clone(), ..key_column(means) };
    let mut draft =
        Draft::new(flavor, format!("DELETE FROM {} WHERE {} = ", child.table, child.parent_column));
    let place = draft.bind(&column, Some(key));
    draft.push(&place);
    draft.done()
}

fn key_column(means: &SqlMeans) -> Column {
    means.columns.get(usize::from(means.key)).cloned().unwrap_or_else(|| own("", ColumnKind::Text))
}

/// Whether a write reaches a column that is sealed.
fn reaches_sealed(means: &SqlMeans, placed: &[Placed<'_>]) -> bool {
    let own = |place: &Placed<'_>| means.columns.get(usize::from(place.slot)).is_some_and(|c| c.sealed);
    placed.iter().any(own) || touched(means, placed).iter().any(|child| child.is_sealed())
}

impl Sql {
    /// The rows of all children; `None` for the key stands for the one that the database makes.
    fn inserts(
        &self,
        means: &SqlMeans,
        placed: &[Placed<'_>],
        key: Option<&str>,
        seal: Option<&Seal>,
    ) -> Result<Vec<(Statement, Expect)>, Fault> {
        let flavor = self.pool.flavor();
        let mut statements = Vec::new();
        for child in &means.children {
            let Some(Content::Rows(rows)) = placed.iter().find(|p| p.slot == child.slot).map(|p| &p.content)
            else {
                continue;
            };
            for (at, row) in rows.iter().enumerate() {
                let mut draft = Draft::new(flavor, "");
                let parent =
                    Column { alias: String::new(), name: child.parent_column.clone(), ..key_column(means) };
                let mut names = vec![child.parent_column.clone(), child.order.clone()];
                let mut places =
                    vec![draft.bind(&parent, key), draft.bind_integer(i64::try_from(at).unwrap_or(i64::MAX))];
                let cells = row.iter().filter_map(|cell| {
                    Some((child.columns.get(usize::from(cell.slot))?.clone(), text(&cell.content)))
                });
                let mut cells: Vec<(Column, Option<String>)> = cells.collect();
                if child.is_sealed() {
                    let seal = seal.ok_or_else(|| {
                        Fault::plain(&code::INTERNAL).detail(format!("{}: there is no data key", self.name))
                    })?;
                    let sealed = seal.columns(&child.table, Some(at as u64), cells);
                    cells = sealed.map_err(|e| self.unsealed(&e))?;
                }
                for (column, value) in cells {
                    places.push(draft.bind(&column, value.as_deref()));
                    names.push(column.name);
                }
                draft.push(&format!(
                    "INSERT INTO {} ({}) VALUES ({})",
                    child.table,
                    names.join(", "),
                    places.join(", ")
                ));
                let expect = if key.is_some() { Expect::Nothing } else { Expect::TakesKey };
                statements.push((draft.done(), expect));
            }
        }
        Ok(statements)
    }
}

fn guard(draft: &mut Draft, means: &SqlMeans, version: Option<&str>) {
    if let (Some(column), Some(version)) = (&means.version, version.and_then(|v| v.parse().ok())) {
        let place = draft.bind_integer(version);
        draft.push(&format!(" AND {column} = {place}"));
    }
}

impl Statement {
    /// Puts the key that was made into the place that was left for it.
    pub(super) fn with_key(mut self, key: &str) -> Self {
        if let Some(first) = self.parameters.first_mut() {
            *first = Parameter::Text(key.to_owned());
        }
        self
    }
}
