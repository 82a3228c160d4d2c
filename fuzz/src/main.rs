//! libFuzzer's loop around one target, which `PORTICO_FUZZ` names. What a target asserts stands in
//! `tests/fuzz/targets.rs`, which the tests run too.

#![no_main]

#[path = "../../tests/fuzz/targets.rs"]
mod targets;

use std::sync::OnceLock;

static CHECK: OnceLock<fn(&[u8])> = OnceLock::new();

fn chosen() -> fn(&[u8]) {
    let name = std::env::var("PORTICO_FUZZ").unwrap_or_default();
    let found = targets::ALL.iter().find(|(known, _)| *known == name);
    found.map_or_else(
        || {
            let names: Vec<&str> = targets::ALL.iter().map(|(known, _)| *known).collect();
            eprintln!("PORTICO_FUZZ names no target: it is one of {}", names.join(", "));
            std::process::exit(2)
        },
        |(_, check)| *check,
    )
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| CHECK.get_or_init(chosen)(input));
