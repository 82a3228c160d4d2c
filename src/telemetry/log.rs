//! Log lines: one form for people at a terminal, one of JSON for machines. What libraries say below `info` is left out whatever
//! is asked for: it tells headers and statements as they are.

use crate::fault::quote::{is_quoting, masked};
use std::io::{self, IsTerminal, Write};
use tracing_subscriber::{
    EnvFilter, Layer, filter::filter_fn, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Who reads the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// Whoever it is kept for and sent on to: nothing that a system behind said in its own words.
    Anybody,
    /// The operator who asks one question and reads the answer.
    Asker,
}

/// Begins logging to standard error. `RUST_LOG` chooses what is told; `warn` where it is not set.
pub fn begin(default: &str) {
    begin_for(Reader::Anybody, default);
}

/// The same for one question at the command line: what systems behind say to it is shown as it is.
pub fn begin_for_asker(default: &str) {
    begin_for(Reader::Asker, default);
}

fn begin_for(reader: Reader, default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let ours = filter_fn(|meta| {
        let target = meta.target();
        target == "portico" || target.starts_with("portico::") || *meta.level() <= tracing::Level::INFO
    });
    let terminal = io::stderr().is_terminal();
    let writer = move || Masking { to: io::stderr(), masks: reader == Reader::Anybody };
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(terminal);
    let layer = if terminal { layer.compact().boxed() } else { layer.json().flatten_event(true).boxed() };
    // A second beginning in one process (tests) changes nothing.
    _ = tracing_subscriber::registry().with(layer.with_filter(ours)).with(filter).try_init();
}

/// A stream to which nothing goes that a system behind said in its own words. A line comes in one piece.
struct Masking<W> {
    to: W,
    masks: bool,
}

impl<W: Write> Write for Masking<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.masks && is_quoting(line) {
            self.to.write_all(masked(&String::from_utf8_lossy(line)).as_bytes())?;
        } else {
            self.to.write_all(line)?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_on_without_what_stands_in_marks() {
        let mut out = Vec::new();
        Masking { to: &mut out, masks: true }
            .write_all("status 400: ‹ada@mail.example›\n".as_bytes())
            .unwrap();
        Masking { to: &mut out, masks: true }.write_all(b"plain\n").unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "status 400: …\nplain\n");
    }
}
