//! What is asserted of any input, by target. The tests run these over the corpus and over changes of it; `fuzz/` runs
//! them in libFuzzer's loop. They see the library from outside, and keep no file and no socket.

#[path = "targets/mappings.rs"]
mod mappings;
#[path = "targets/paths.rs"]
mod paths;
#[path = "targets/queries.rs"]
mod queries;
#[path = "targets/rescue.rs"]
mod rescue;
#[path = "targets/soap.rs"]
mod soap;
#[path = "targets/tokens.rs"]
mod tokens;
#[path = "targets/xml.rs"]
mod xml;

/// A target: it panics where what it asserts does not hold of an input.
pub type Check = fn(&[u8]);

/// Each target by its name, which is also its folder's below `tests/fuzz/corpus`.
pub const ALL: &[(&str, Check)] = &[
    ("mappings", mappings::check),
    ("paths", paths::check),
    ("queries", queries::check),
    ("soap", soap::check),
    ("tokens", tokens::check),
    ("xml", xml::check),
];
