//! The documents that travel: JSON text as spans, trees of what a client sent, decimals, times, XML.
//! It knows no contract and no backend.

pub mod bytes;
pub mod card;
pub mod decimal;
pub mod json;
pub mod path;
pub mod pointer;
pub mod time;
pub mod tree;
pub mod xml;

pub use tree::{Brief, Value};
