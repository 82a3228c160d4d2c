//! JSON text. `scan` walks it without building anything, `write` makes it, `read` builds a strict tree.
//! Numbers keep their digits everywhere: nothing here turns one into a float.

pub mod read;
pub mod scan;
pub mod write;
