//! Log lines: one form for people at a terminal, one of JSON for machines.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Begins logging to standard error. `RUST_LOG` chooses what is told; `warn` where it is not set.
pub fn begin(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let terminal = std::io::stderr().is_terminal();
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(terminal);
    // A second beginning in one process (tests) changes nothing.
    let _ =
        if terminal { builder.compact().try_init() } else { builder.json().flatten_event(true).try_init() };
}
