//! What was asked, a line for each request as it is answered: the last ten thousand in memory and, where told, all in
//! a file. Bodies and headers are never written.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;

const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Log {
    lines: VecDeque<String>,
    file: Option<File>,
}

impl Log {
    /// Appends to the file; without it, and with a warning, where it cannot be opened.
    pub(super) fn open(system: &str, path: Option<&Path>) -> Self {
        let file = path.and_then(|path| {
            let file = OpenOptions::new().create(true).append(true).open(path);
            file.inspect_err(
                |error| tracing::warn!(system, path = %path.display(), %error, "the log of calls cannot be opened"),
            )
            .ok()
        });
        Self { lines: VecDeque::new(), file }
    }

    pub(super) fn note(&mut self, line: String) {
        if let Some(file) = &mut self.file {
            // One write of one line, so that several systems may share a file; a full disk loses the line only.
            let _ = file.write_all(format!("{line}\n").as_bytes());
        }
        if self.lines.len() == MOST {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        self.lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{Log, MOST};

    #[test]
    fn the_oldest_line_makes_room() {
        let mut log = Log::default();
        for line in 0..=MOST {
            log.note(line.to_string());
        }
        let lines = log.lines();
        assert_eq!((lines.len(), lines.first().map(String::as_str)), (MOST, Some("1")));
        log.clear();
        assert!(log.lines().is_empty());
    }
}
