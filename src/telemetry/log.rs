//! Log lines: one form for people at a terminal, one of JSON for machines. What libraries say below `info` is left out whatever
//! is asked for: it tells headers and statements as they are.

use std::io::IsTerminal;
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Begins logging to standard error. `RUST_LOG` chooses what is told; `warn` where it is not set.
pub fn begin(default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let ours = filter_fn(|meta| {
        let target = meta.target();
        target == "portico" || target.starts_with("portico::") || *meta.level() <= tracing::Level::INFO
    });
    let terminal = std::io::stderr().is_terminal();
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(terminal);
    let layer = if terminal { layer.compact().boxed() } else { layer.json().flatten_event(true).boxed() };
    // A second beginning in one process (tests) changes nothing.
    _ = tracing_subscriber::registry().with(layer.with_filter(ours)).with(filter).try_init();
}
