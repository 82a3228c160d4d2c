//! Rows in memory, where a configuration names no ledger: they last as long as the program, and are not shared.

use super::{Begun, End, Id, Intent, KEPT, REMEMBERED, Row, State, Store, Unknown};
use crate::fault::Fault;
use async_trait::async_trait;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// More rows than this are not held: those that end first make room.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub struct Memory {
    rows: Mutex<HashMap<Id, (Row, String, i64)>>,
}

impl Memory {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Id, (Row, String, i64)>) -> T) -> T {
        work(&mut self.rows.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Store for Memory {
    async fn begin(&self, intent: &Intent) -> Result<Begun, Fault> {
        Ok(self.with(|rows| {
            if let Some((row, ..)) = rows.get(&intent.id).filter(|(row, ..)| row.ends > intent.now) {
                return Begun::Stands(row.clone());
            }
            if rows.len() >= MOST {
                rows.retain(|_, (row, ..)| row.ends > intent.now);
                let first = rows.iter().filter(|(_, (row, ..))| row.state != State::Running);
                let first = first.min_by_key(|(_, (row, ..))| row.ends).map(|(id, _)| id.clone());
                if let Some(first) = first.filter(|_| rows.len() >= MOST) {
                    rows.remove(&first);
                }
            }
            let row = Row {
                hash: intent.hash.clone(),
                state: State::Running,
                holder: intent.holder.clone(),
                held_until: intent.held_until,
                ends: intent.now.saturating_add(REMEMBERED),
                record: intent.record.clone(),
                answer: None,
            };
            rows.insert(intent.id.clone(), (row, intent.what.clone(), intent.now));
            Begun::Ours
        }))
    }

    async fn take(&self, id: &Id, was: &Row, holder: &str, held_until: i64) -> Result<bool, Fault> {
        Ok(self.with(|rows| match rows.get_mut(id) {
            Some((row, ..)) if row == was => {
                holder.clone_into(&mut row.holder);
                row.state = State::Running;
                row.held_until = held_until;
                true
            }
            _ => false,
        }))
    }

    async fn end(&self, id: &Id, holder: &str, end: &End, now: i64) -> Result<(), Fault> {
        self.with(|rows| {
            let Some((row, ..)) =
                rows.get_mut(id).filter(|(row, ..)| row.holder == holder && row.state == State::Running)
            else {
                return;
            };
            match end {
                End::Free => drop(rows.remove(id)),
                End::Done(answer) => {
                    row.state = State::Done;
                    row.answer = Some(answer.clone());
                    row.ends = now.saturating_add(KEPT);
                }
                End::Unknown(record) => {
                    row.state = State::Unknown;
                    row.held_until = now;
                    record.clone_into(&mut row.record);
                }
            }
        });
        Ok(())
    }

    async fn unknown(&self, now: i64, most: u32) -> Result<Vec<Unknown>, Fault> {
        Ok(self.with(|rows| {
            let lost = |row: &Row| match row.state {
                State::Unknown => true,
                State::Running => row.held_until <= now,
                State::Done => false,
            };
            let mut all: Vec<Unknown> = rows
                .iter()
                .filter(|(_, (row, ..))| lost(row))
                .map(|(id, (row, what, began))| Unknown {
                    caller: id.caller.clone(),
                    key: id.key.clone(),
                    what: what.clone(),
                    record: row.record.clone(),
                    began: *began,
                    crashed: row.state == State::Running,
                })
                .collect();
            all.sort_by(|a, b| (a.began, &a.key).cmp(&(b.began, &b.key)));
            all.truncate(most as usize);
            all
        }))
    }

    async fn settle(&self, id: &Id, now: i64) -> Result<bool, Fault> {
        Ok(self.with(|rows| {
            let lost = rows.get(id).is_some_and(|(row, ..)| match row.state {
                State::Unknown => true,
                State::Running => row.held_until <= now,
                State::Done => false,
            });
            lost && rows.remove(id).is_some()
        }))
    }

    async fn sweep(&self, now: i64) -> Result<(), Fault> {
        self.with(|rows| rows.retain(|_, (row, ..)| row.ends > now));
        Ok(())
    }
}
