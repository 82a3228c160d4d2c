//! Tests over the binary itself: each starts the program as its user would, on ports and in a folder of its own,
//! and knows of it what a vendor or an operator sees. Nothing of the library's inside is looked at; only the
//! demo's seed is read, to know independently what the right answer is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what a test does not expect is to end it"
)]

pub mod support;

mod audit;
mod browser;
mod clients;
mod crash;
mod demo;
mod drift;
mod exchange;
mod live;
mod malformed;
mod people;
mod reload;
mod stop;
mod systems;
mod writes;
