//! The audit trail of requests over the demo's files: it accounts for every write and every read that is to be told of, one
//! for one, and an answer that cannot be told of does not leave.

mod account;
mod away;
#[cfg(debug_assertions)]
mod crash;
mod lookups;
mod rig;
