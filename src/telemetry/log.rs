//! Log lines: one form for people at a terminal, one of JSON for machines. What libraries say below `info` is left out whatever
//! is asked for: it tells headers and statements as they are.

use crate::fault::quote::{is_quoting, masked};
use std::io::{self, IsTerminal, Write};
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
    let terminal = io::stderr().is_terminal();
    let writer = || Masking(io::stderr());
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(terminal);
    let layer = if terminal { layer.compact().boxed() } else { layer.json().flatten_event(true).boxed() };
    // A second beginning in one process (tests) changes nothing.
    _ = tracing_subscriber::registry().with(layer.with_filter(ours)).with(filter).try_init();
}

/// A stream to which nothing goes that a system behind said in its own words. A line comes in one piece.
struct Masking<W>(W);

impl<W: Write> Write for Masking<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if is_quoting(line) {
            self.0.write_all(masked(&String::from_utf8_lossy(line)).as_bytes())?;
        } else {
            self.0.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_on_without_what_stands_in_marks() {
        let mut out = Vec::new();
        Masking(&mut out).write_all("status 400: ‹ada@mail.example›\n".as_bytes()).unwrap();
        Masking(&mut out).write_all(b"plain\n").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "status 400: …\nplain\n");
    }
}
