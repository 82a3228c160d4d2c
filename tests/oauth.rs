//! The authorization server in process, without a socket: each flow as it should go, each way in which one is tried
//! that must not succeed, and what many do at once.

mod answer;
mod bindings;
#[cfg(debug_assertions)]
mod crash;
mod flows;
mod parallel;
mod refused;
mod rig;
