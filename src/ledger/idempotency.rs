//! The table of requests with a key of their own. A row is written before the first call and ended by whoever holds it;
//! any number of programs may share a ledger.

use super::{Ledger, fault};
use crate::{
    backend::sql::{
        Flavor, Parameter, Statement,
        pool::{Expect, Failed, Outcome},
    },
    fault::Fault,
    idempotency::{Begun, End, Id, Intent, KEPT, Kept, REMEMBERED, Row, State, Store, Unknown},
    value::time::Moment,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Longer than any of these takes on a busy machine; the request's own deadline is shorter.
const LONG: Duration = Duration::from_secs(20);
/// A deadlock of the database ends one of two; it may try again.
const TRIES: u32 = 5;

/// A statement while it is put together.
struct Draft {
    flavor: Flavor,
    sql: String,
    parameters: Vec<Parameter>,
}

impl Draft {
    fn new(flavor: Flavor, sql: &str) -> Self {
        Self { flavor, sql: sql.to_owned(), parameters: Vec::new() }
    }

    fn say(mut self, sql: &str) -> Self {
        self.sql.push_str(sql);
        self
    }

    fn text(mut self, text: &str) -> Self {
        self.parameters.push(Parameter::Text(text.to_owned()));
        self.sql.push_str(&self.flavor.placeholder(self.parameters.len()));
        self
    }

    fn number(mut self, number: i64) -> Self {
        self.parameters.push(Parameter::Integer(number));
        self.sql.push_str(&self.flavor.placeholder(self.parameters.len()));
        self
    }

    /// Milliseconds since 1970 as the column's own type.
    fn moment(mut self, millis: i64) -> Self {
        let moment = Moment { seconds: millis.div_euclid(1_000), nanos: 0 };
        let text = self.flavor.moment(moment);
        self.parameters.push(Parameter::Text(text));
        let place = self.flavor.placeholder(self.parameters.len());
        if self.flavor == Flavor::Postgres {
            self.sql.push_str("CAST(");
            self.sql.push_str(&place);
            self.sql.push_str(" AS timestamptz)");
        } else {
            self.sql.push_str(&place);
        }
        self
    }

    fn done(self) -> Statement {
        Statement { sql: self.sql, parameters: self.parameters }
    }
}

impl Ledger {
    async fn one(&self, statement: Statement) -> Result<Outcome, Failed> {
        let mut tries = 0;
        loop {
            tries += 1;
            let done =
                self.pool.transact(vec![(statement.clone(), Expect::OneRow)], Instant::now() + LONG).await;
            match done {
                Err(Failed::LostRace) if tries < TRIES => {}
                // A file whose writers stand in line says that it is busy when they have stood long enough.
                Err(Failed::TimedOut | Failed::Locked) if tries < 2 => {}
                done => return done,
            }
        }
    }

    async fn stands(&self, id: &Id) -> Result<Option<Row>, Fault> {
        let flavor = self.pool.flavor();
        let text = if flavor == Flavor::Mariadb { "CHAR" } else { "TEXT" };
        let sql = format!(
            "SELECT request_hash, state, holder, CAST(held_until AS {text}), CAST(ends AS {text}), record, answer \
             FROM idempotency WHERE caller = "
        );
        let statement =
            Draft::new(flavor, &sql).text(&id.caller).say(" AND request_key = ").text(&id.key).done();
        let mut found: Vec<Option<String>> = Vec::new();
        let fill = |_: usize, _: usize, value: Option<&str>| found.push(value.map(str::to_owned));
        self.pool.fetch(&statement, 7, Instant::now() + LONG, fill).await.map_err(|e| fault(&e))?;
        let mut values = found.into_iter();
        let mut next = || values.next().flatten();
        let Some(hash) = next() else { return Ok(None) };
        let state = match next().as_deref() {
            Some("done") => State::Done,
            Some("unknown") => State::Unknown,
            _ => State::Running,
        };
        let (holder, held_until, ends) = (next(), next(), next());
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok()).unwrap_or_default();
        let record = next().unwrap_or_default();
        let answer =
            next().map(|text| kept(&text).ok_or_else(|| fault(&"an answer is damaged"))).transpose()?;
        Ok(Some(Row {
            hash,
            state,
            holder: holder.unwrap_or_default(),
            held_until: number(held_until),
            ends: number(ends),
            record,
            answer,
        }))
    }
}

#[async_trait]
impl Store for Ledger {
    async fn begin(&self, intent: &Intent) -> Result<Begun, Fault> {
        let flavor = self.pool.flavor();
        let ends = intent.now.saturating_add(REMEMBERED);
        let insert = Draft::new(
            flavor,
            "INSERT INTO idempotency (caller, request_key, request_hash, created_at, expires_at, state, holder, \
             held_until, began, ends, what, record) VALUES (",
        )
        .text(&intent.id.caller)
        .say(", ")
        .text(&intent.id.key)
        .say(", ")
        .text(&intent.hash)
        .say(", ")
        .moment(intent.now)
        .say(", ")
        .moment(ends)
        .say(", 'running', ")
        .text(&intent.holder)
        .say(", ")
        .number(intent.held_until)
        .say(", ")
        .number(intent.now)
        .say(", ")
        .number(ends)
        .say(", ")
        .text(intent.what.get(..300).unwrap_or(&intent.what))
        .say(", ")
        .text(&intent.record)
        .say(")")
        .done();
        loop {
            match self.one(insert.clone()).await {
                Ok(_) => return Ok(Begun::Ours),
                // The key is there.
                Err(Failed::Refused(_)) => {}
                Err(failed) => return Err(fault(&failed)),
            }
            match self.stands(&intent.id).await? {
                // It went between the two.
                None => {}
                // Ours, though the database did not come to say so: the record's name is of this request alone.
                Some(row)
                    if row.state == State::Running
                        && row.holder == intent.holder
                        && row.record == intent.record =>
                {
                    return Ok(Begun::Ours);
                }
                Some(row) if row.ends > intent.now => return Ok(Begun::Stands(row)),
                Some(row) => {
                    let delete = Draft::new(flavor, "DELETE FROM idempotency WHERE caller = ")
                        .text(&intent.id.caller)
                        .say(" AND request_key = ")
                        .text(&intent.id.key)
                        .say(" AND ends = ")
                        .number(row.ends)
                        .done();
                    self.one(delete).await.map_err(|e| fault(&e))?;
                }
            }
        }
    }

    async fn take(&self, id: &Id, was: &Row, holder: &str, held_until: i64) -> Result<bool, Fault> {
        let state = match was.state {
            State::Running => "running",
            State::Done => "done",
            State::Unknown => "unknown",
        };
        let update = Draft::new(self.pool.flavor(), "UPDATE idempotency SET state = 'running', holder = ")
            .text(holder)
            .say(", held_until = ")
            .number(held_until)
            .say(" WHERE caller = ")
            .text(&id.caller)
            .say(" AND request_key = ")
            .text(&id.key)
            .say(" AND state = ")
            .text(state)
            .say(" AND holder = ")
            .text(&was.holder)
            .say(" AND held_until = ")
            .number(was.held_until)
            .done();
        let done = self.one(update).await.map_err(|e| fault(&e))?;
        Ok(matches!(done, Outcome::Done(_)))
    }

    async fn end(&self, id: &Id, holder: &str, end: &End, now: i64) -> Result<(), Fault> {
        let flavor = self.pool.flavor();
        let draft = match end {
            End::Free => Draft::new(flavor, "DELETE FROM idempotency"),
            End::Done(answer) => {
                let ends = now.saturating_add(KEPT);
                Draft::new(flavor, "UPDATE idempotency SET state = 'done', status = ")
                    .number(i64::from(answer.status))
                    .say(", answer = ")
                    .text(&said(answer))
                    .say(", ends = ")
                    .number(ends)
                    .say(", expires_at = ")
                    .moment(ends)
            }
            End::Unknown(record) => Draft::new(flavor, "UPDATE idempotency SET state = 'unknown', record = ")
                .text(record)
                .say(", held_until = ")
                .number(now),
        };
        let statement = draft
            .say(" WHERE caller = ")
            .text(&id.caller)
            .say(" AND request_key = ")
            .text(&id.key)
            .say(" AND state = 'running' AND holder = ")
            .text(holder)
            .done();
        // No row is a holder whose time was over: another one has it.
        self.one(statement).await.map(drop).map_err(|e| fault(&e))
    }

    async fn unknown(&self, now: i64, most: u32) -> Result<Vec<Unknown>, Fault> {
        let flavor = self.pool.flavor();
        let text = if flavor == Flavor::Mariadb { "CHAR" } else { "TEXT" };
        let sql = format!(
            "SELECT caller, request_key, what, record, CAST(began AS {text}), state FROM idempotency \
             WHERE state = 'unknown' OR (state = 'running' AND held_until <= "
        );
        let statement = Draft::new(flavor, &sql)
            .number(now)
            .say(&format!(") ORDER BY began, request_key LIMIT {most}"))
            .done();
        let mut rows: Vec<Unknown> = Vec::new();
        let fill = |at: usize, column: usize, value: Option<&str>| {
            if rows.len() <= at {
                rows.push(Unknown {
                    caller: String::new(),
                    key: String::new(),
                    what: String::new(),
                    record: String::new(),
                    began: 0,
                    crashed: false,
                });
            }
            let (Some(row), Some(value)) = (rows.get_mut(at), value) else { return };
            match column {
                0 => value.clone_into(&mut row.caller),
                1 => value.clone_into(&mut row.key),
                2 => value.clone_into(&mut row.what),
                3 => value.clone_into(&mut row.record),
                4 => row.began = value.parse().unwrap_or_default(),
                _ => row.crashed = value == "running",
            }
        };
        self.pool.fetch(&statement, 6, Instant::now() + LONG, fill).await.map_err(|e| fault(&e))?;
        Ok(rows)
    }

    async fn settle(&self, id: &Id, now: i64) -> Result<bool, Fault> {
        let delete = Draft::new(self.pool.flavor(), "DELETE FROM idempotency WHERE caller = ")
            .text(&id.caller)
            .say(" AND request_key = ")
            .text(&id.key)
            .say(" AND (state = 'unknown' OR (state = 'running' AND held_until <= ")
            .number(now)
            .say("))")
            .done();
        let done = self.one(delete).await.map_err(|e| fault(&e))?;
        Ok(matches!(done, Outcome::Done(_)))
    }

    async fn sweep(&self, now: i64) -> Result<(), Fault> {
        let delete =
            Draft::new(self.pool.flavor(), "DELETE FROM idempotency WHERE ends <= ").number(now).done();
        let done = self.pool.transact(vec![(delete, Expect::Nothing)], Instant::now() + LONG).await;
        done.map(drop).map_err(|e| fault(&e))
    }
}

/// Bodies are texts: what is none is not kept.
fn said(answer: &Kept) -> String {
    let body = answer.body.as_ref().and_then(|body| std::str::from_utf8(body).ok());
    json!({ "status": answer.status, "headers": answer.headers, "body": body }).to_string()
}

fn kept(text: &str) -> Option<Kept> {
    let value: Value = serde_json::from_str(text).ok()?;
    let headers = value
        .get("headers")?
        .as_array()?
        .iter()
        .map(|pair| Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1)?.as_str()?.to_owned())));
    Some(Kept {
        status: u16::try_from(value.get("status")?.as_u64()?).ok()?,
        headers: headers.collect::<Option<_>>()?,
        body: value.get("body")?.as_str().map(|body| body.as_bytes().to_vec()),
    })
}

#[cfg(test)]
mod tests;
