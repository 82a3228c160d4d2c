//! What is kept of reads, tried from outside the road: many who ask at once, writes between reads, callers with different
//! rights, a source that goes away, and replicas over a real Redis.

mod away;
pub mod desk;
mod many;
mod replicas;
mod rights;
mod standing;
mod writes;
