//! Fifty callers with different rights over the same URLs, with headers that mean to mislead and odd spellings, at once,
//! and writes between: what a façade that keeps everything answers is what one answers that keeps nothing and is told
//! of the request only what may count.
//!
//! The short run is in every `cargo test`; `PORTICO_PROVE=1` sends 100,000 requests.

mod dice;
mod people;
mod poison;
mod prove;
mod targets;
