//! Registrations of several records, which the registry does later: jobs to ask about, and the signed webhook that
//! tells when one is done. It keeps at most [`MOST`] jobs and messages; the oldest make room.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::accept::Record;
use super::chip;
use super::register::{self, Outcome};
use super::signature;
use crate::demo::clock::rfc3339;
use crate::demo::station::Outgoing;

const MOST: usize = 1_000;
/// A job is done after as many seconds, or after as many answers of `pending`.
const SECONDS: i64 = 2;
const POLLS: u32 = 2;

#[derive(Debug, Default)]
pub(super) struct Jobs {
    kept: VecDeque<Job>,
    outbox: VecDeque<Outgoing>,
    /// How many there ever were.
    count: u64,
}

#[derive(Debug)]
struct Job {
    id: String,
    /// Unix seconds.
    created: i64,
    polls: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    Pending(Vec<Record>),
    Done { results: Vec<Value>, finished: i64 },
}

/// Where webhooks go and what signs them.
#[derive(Debug, Clone, Default)]
pub(super) struct Webhook {
    pub(super) url: Option<String>,
    pub(super) secret: String,
}

impl Jobs {
    /// Takes records in; the id of their job.
    pub(super) fn open(&mut self, records: Vec<Record>, now: i64) -> String {
        self.count += 1;
        let id = format!("job_{:08}", self.count);
        if self.kept.len() >= MOST {
            self.kept.pop_front();
        }
        let state = State::Pending(records);
        self.kept.push_back(Job { id: id.clone(), created: now, polls: 0, state });
        id
    }

    /// Does what is due, oldest first; `register` registers one record.
    pub(super) fn settle(&mut self, now: i64, hook: &Webhook, mut register: impl FnMut(Record) -> Outcome) {
        for job in &mut self.kept {
            let due = job.polls >= POLLS || now >= job.created.saturating_add(SECONDS);
            let State::Pending(records) = &mut job.state else { continue };
            if !due {
                continue;
            }
            let outcomes: Vec<Outcome> = std::mem::take(records).into_iter().map(&mut register).collect();
            job.state = State::Done { results: register::results(&outcomes), finished: now };
            if let Some(message) = message(job, hook, now) {
                if self.outbox.len() >= MOST {
                    self.outbox.pop_front();
                }
                self.outbox.push_back(message);
            }
        }
    }

    /// The job, and whether it is still to be done; such an answer counts as one of its polls.
    pub(super) fn poll(&mut self, id: &str) -> Option<(Value, bool)> {
        let job = self.kept.iter_mut().find(|job| job.id == id)?;
        let pending = matches!(job.state, State::Pending(_));
        if pending {
            job.polls += 1;
        }
        Some((job.print(), pending))
    }

    /// The messages so far, each once.
    pub(super) fn outgoing(&mut self) -> Vec<Outgoing> {
        self.outbox.drain(..).collect()
    }
}

impl Job {
    fn print(&self) -> Value {
        let created = chip::time(self.created);
        match &self.state {
            State::Pending(_) => json!({"job": self.id, "status": "pending", "created_at": created}),
            State::Done { results, finished } => json!({
                "job": self.id,
                "status": "done",
                "created_at": created,
                "finished_at": chip::time(*finished),
                "results": results,
            }),
        }
    }
}

/// The webhook of a job that is done, by the Standard Webhooks specification; `None` where nobody wants one.
fn message(job: &Job, hook: &Webhook, now: i64) -> Option<Outgoing> {
    let url = hook.url.clone()?;
    let id = format!("msg_{}", job.id);
    let data = job.print();
    let body = json!({"type": "registration.done", "timestamp": rfc3339(now), "data": data}).to_string();
    let signature = signature::sign_webhook(&hook.secret, &id, now, &body);
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", now.to_string()),
        ("webhook-signature", signature),
    ];
    let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Some(Outgoing { url, headers, body })
}
