//! What is wrong in the operator's files: each fault with its code, its place, and its cure.
//!
//! It finds no fault itself, reads no file and writes to no terminal; it keeps, orders and words.

mod render;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// A file as it was read, kept for as long as anything points into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The name that people are shown: a relative path.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// Whether a fault keeps the files from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The files are not used.
    Error,
    /// The files are used; somebody should look.
    Warning,
}

/// One fault at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code, for example `M101`; it has a page of its own.
    pub code: &'static str,
    /// Whether the files can be used all the same.
    pub severity: Severity,
    /// The file.
    pub file: Arc<SourceFile>,
    /// The place: bytes of the file's text. Empty where something is missing.
    pub span: Range<usize>,
    /// What is wrong: one sentence, lower case, without a full stop.
    pub message: String,
    /// What would cure it.
    pub hint: Option<String>,
    /// Further places of the same file that explain it, each with a few words.
    pub related: Vec<(Range<usize>, String)>,
}

/// All faults of all files, in the order in which they were found until they are sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

// === impl SourceFile ===

impl SourceFile {
    /// A file of this name and text, ready to be pointed into.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }

    /// The line and the column of a byte, both counted from 1; the column counts characters.
    ///
    /// A byte behind the end is the end; a byte within a character is that character's beginning.
    pub fn line_column(&self, byte: usize) -> (usize, usize) {
        let before = self.text.get(..self.floor(byte)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// The nearest byte at or before this one at which a character begins.
    fn floor(&self, byte: usize) -> usize {
        self.text.floor_char_boundary(byte)
    }

    /// The bytes of the line that holds this byte, without its line break.
    fn line_around(&self, byte: usize) -> Range<usize> {
        let byte = self.floor(byte);
        let (before, after) = self.text.split_at(byte);
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let end = after.find('\n').map_or(self.text.len(), |at| byte + at);
        let end =
            if self.text.get(start..end).is_some_and(|line| line.ends_with('\r')) { end - 1 } else { end };
        start..end.max(start)
    }
}

// === impl Diagnostic ===

impl Diagnostic {
    /// A fault that keeps the files from being used.
    pub fn error(
        code: &'static str,
        file: &Arc<SourceFile>,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            file: Arc::clone(file),
            span,
            message: message.into(),
            hint: None,
            related: Vec::new(),
        }
    }

    /// A fault that somebody should look at.
    pub fn warning(
        code: &'static str,
        file: &Arc<SourceFile>,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, file, span, message) }
    }

    /// The same with a cure.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with a further place.
    #[must_use]
    pub fn with_related(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// The line and the column, both counted from 1; the column counts characters.
    pub fn line_column(&self) -> (usize, usize) {
        self.file.line_column(self.span.start)
    }

    /// The form for logs and editors: `file:line:column: error[M101]: message`.
    pub fn one_line(&self) -> String {
        let (line, column) = self.line_column();
        format!(
            "{}:{line}:{column}: {}[{}]: {}",
            self.file.name,
            self.severity.word(),
            self.code,
            self.message
        )
    }
}

// === impl Severity ===

impl Severity {
    /// The word that people are shown.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

// === impl Diagnostics ===

impl Diagnostics {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// How many of them are errors.
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many of them are warnings.
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    /// Whether the files cannot be used.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|one| one.severity == Severity::Error)
    }

    /// Whether nothing at all was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are, of whatever severity.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All of them, in their present order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Orders them as a reader goes through the files: by name, then by place. Equals keep their order.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| (&a.file.name, a.span.start).cmp(&(&b.file.name, b.span.start)));
    }

    /// Keeps the first of those that say the same of the same place.
    pub fn dedupe(&mut self) {
        let mut seen = HashSet::new();
        self.list.retain(|one| {
            seen.insert((one.code, one.file.name.clone(), one.span.clone(), one.message.clone()))
        });
    }

    fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|one| one.severity == severity).count()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, more: I) {
        self.list.extend(more);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A word of a file as a message can hold it: in back-ticks, on one line, not endless.
pub fn quoted(text: &str) -> String {
    /// Enough to recognise a word by; a message stays on one line of a terminal.
    const LONGEST: usize = 48;
    let mut shown: String =
        text.chars().take(LONGEST).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

#[cfg(test)]
mod tests;
