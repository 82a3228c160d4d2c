//! Rules of the source that no compiler holds: imports point one way, every code has its page, generated files
//! are up to date, the text of the files is fit to be read by anybody, and every trait of a system that is known has its
//! specification. It runs nothing of the program.

mod imports;
mod pages;
mod texts;
mod traits;
