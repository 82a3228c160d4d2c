//! What a request leaves behind: one line in the log. No path, parameter or value of a caller stands in it but
//! the method, and the operator's side of a fault.

use super::envelope::Answer;
use crate::fault::{Fault, code::Whose};
use tokio::time::Instant;

/// The trail of one request.
#[derive(Debug)]
pub struct Trail {
    method: http::Method,
    begun: Instant,
    stage: &'static str,
    fault: Option<(&'static str, Whose, Option<String>)>,
}

impl Trail {
    pub fn begin(head: &http::request::Parts) -> Self {
        Self { method: head.method.clone(), begun: Instant::now(), stage: "arrive", fault: None }
    }

    /// Notes how far the request has come.
    pub fn stage<T>(&mut self, name: &'static str, outcome: Result<T, Fault>) -> Result<T, Fault> {
        self.stage = name;
        outcome
    }

    pub fn fault(&mut self, fault: &Fault) {
        self.fault = Some((fault.code.id, fault.code.whose, fault.detail.clone()));
    }

    pub fn end(&self, answer: &Answer) {
        let took = self.begun.elapsed().as_micros();
        let (method, status, stage) = (&self.method, answer.status, self.stage);
        match &self.fault {
            None => tracing::debug!(%method, status, took, "answered"),
            Some((code, Whose::Caller, detail)) => {
                tracing::debug!(%method, status, code, stage, detail = detail.as_deref(), took, "refused");
            }
            Some((code, Whose::Backend, detail)) => {
                tracing::warn!(%method, status, code, stage, detail = detail.as_deref(), took, "a system behind failed");
            }
            Some((code, Whose::Ours, detail)) => {
                tracing::error!(%method, status, code, stage, detail = detail.as_deref(), took, "failed");
            }
        }
    }
}
