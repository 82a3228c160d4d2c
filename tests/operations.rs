//! Operations and what the program tells of itself, from outside.
