//! What the running program tells of itself: log lines, numbers, spans, reports of its own faults, and the clock that
//! everything dated asks. Secrets and personal values never come here. Telemetry fails open: its queues are bounded, what
//! does not fit is dropped and counted, and no request waits for it. It sends nothing by itself: `control` brings what
//! is told here to those who take it.

pub mod clock;
pub mod failpoint;
pub mod journal;
pub mod lines;
pub mod log;
pub mod meters;
pub mod panics;
pub mod queue;
pub mod report;
pub mod trace;

use std::sync::Arc;

/// Where what is told of requests goes to. Nothing of it is there where the configuration does not say so.
#[derive(Debug, Clone, Default)]
pub struct Outlets {
    /// One line for each request.
    pub lines: Option<Arc<lines::Lines>>,
    /// Spans of requests that are sampled.
    pub spans: Option<queue::Sender<journal::Record>>,
    /// Faults of our own.
    pub reports: Option<queue::Sender<report::Report>>,
}
