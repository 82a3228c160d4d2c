//! Calls that are held in bounds, with the real program: over wires that break in sixteen ways, over several addresses, and
//! with more requests than there is room for. What takes how long is measured by `benches/resilience.rs`; nothing is timed
//! here.

mod addresses;
mod backend;
mod faults;
mod house;
mod inside;
#[allow(dead_code, reason = "the bench measures what the tests do not look at")]
mod load;
mod overload;
mod proxy;

use crate::support::port;
