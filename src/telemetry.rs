//! What the running program tells of itself: log lines, and the clock that everything dated asks.
//! Secrets and personal values never come here.

pub mod clock;
pub mod failpoint;
pub mod log;
