//! Writes through the public API: what is made, changed and removed is seen as it should be, over both systems
//! alike; what is wrong is told all at once; and a system that is gone is told in public words.

mod customers;
mod lost;
mod pets;
mod stubs;
