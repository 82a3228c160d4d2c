//! The project's own APIs over the embedded systems, in one process and without a socket: what vendors get is held
//! against what the systems have, through the whole road and the systems' own protocols.

pub mod ask;
mod inventory;
mod judge;
mod matrix;
mod school;
mod school_writes;
