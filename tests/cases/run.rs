//! One case: the base's files with its changes are loaded and compiled, and what is found is held against what
//! is written down. Every error has to have a cure.

use super::read::read;
use crate::support::{self, diff::diff};
use portico::{
    fault::{Diagnostic, Diagnostics, Severity, mapping},
    plan::compile::compile,
    spec::load::{Tree, load},
};
use std::path::Path;

/// Their sentence names the words or the bounds that can stand there: that is the cure.
const SELF_CURED: &[&str] = &[mapping::NOT_ONE_OF, mapping::OUT_OF_BOUNDS];

/// Runs the case in this file.
pub fn check(name: &str) {
    let text = support::read(name);
    let case = read(&text).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
    let mut files = support::tree("tests/mappings/base/", &["mappings", "schemas", "config"]);
    for change in &case.changes {
        change.apply(&mut files).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
    }
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), Path::new("config/base.yaml"), &mut out);
    let plan = compile(&files, &mut out);
    out.sort();
    // What `control::plan` does too: a plan is used only where there is no error.
    assert!(plan.is_some() || out.has_errors(), "{name}: no plan, and nobody says why");
    let came = if out.is_empty() { "no faults\n".to_owned() } else { out.iter().map(shown).collect() };
    if support::blesses() {
        let new = format!("{}{came}", &text[..case.place.start]);
        if new != text {
            std::fs::write(support::at(name), new).unwrap();
        }
    } else {
        assert!(
            came == case.expected,
            "{name}:\n{}(BLESS=1 rewrites the diagnostics)",
            diff(&case.expected, &came)
        );
    }
    for one in out.iter().filter(|d| d.severity == Severity::Error && !SELF_CURED.contains(&d.code)) {
        assert!(one.hint.is_some(), "{name}: no cure is told:\n{}", one.one_line());
    }
}

/// The place and the message, the line with a mark below the place, and the cure.
fn shown(diagnostic: &Diagnostic) -> String {
    let (line, column) = diagnostic.line_column();
    let text = diagnostic.file.text.lines().nth(line - 1).unwrap_or_default();
    let mut out = format!("{}\n", diagnostic.one_line());
    if !text.trim().is_empty() {
        out.push_str(&format!("  | {text}\n  | {}^\n", " ".repeat(column - 1)));
    }
    if let Some(hint) = &diagnostic.hint {
        out.push_str(&format!("  = {hint}\n"));
    }
    out
}
