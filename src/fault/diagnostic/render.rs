//! Diagnostics as people see them: the line itself, carets below it, and the cure, as rustc shows its own.
//!
//! It does not decide between colours and none: whoever owns the terminal does.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Severity, SourceFile};

/// Columns of a terminal; longer lines are cut around the place.
const WIDTH: usize = 120;

/// Bytes shown on each side of a place. Lines of a machine's making can be megabytes long, and the renderer's
/// cost grows with the line.
const AROUND: usize = 400;

/// Places further apart than this are shown as snippets of their own: what lies between them is not read.
const TOGETHER: usize = 4096;

impl Diagnostic {
    /// As text without colours, several lines, without a line break at its end.
    pub fn render_plain(&self) -> String {
        self.render(&Renderer::plain())
    }

    /// The same with the colours of a terminal.
    pub fn render_coloured(&self) -> String {
        self.render(&Renderer::styled())
    }

    fn render(&self, renderer: &Renderer) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = level.primary_title(self.message.as_str()).id(self.code).elements(self.snippets());
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        renderer.clone().term_width(WIDTH).render(&[group])
    }

    /// The places as snippets: near ones in one, far ones each in its own.
    fn snippets(&self) -> Vec<Snippet<'_, annotate_snippets::Annotation<'_>>> {
        let mut near = vec![Mark { span: self.clip(&self.span), label: None }];
        let mut far = Vec::new();
        for (span, label) in &self.related {
            let mark = Mark { span: self.clip(span), label: Some(label) };
            let group =
                if mark.span.start.abs_diff(self.span.start) <= TOGETHER { &mut near } else { &mut far };
            group.push(mark);
        }
        std::iter::once(near.as_slice())
            .chain(far.chunks(1))
            .map(|marks| snippet(&self.file, marks))
            .collect()
    }

    /// The part of a span on its first line, on the bounds of characters. A fault in a long block is shown where
    /// it begins.
    fn clip(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.file.floor(span.start);
        let line = self.file.line_around(start);
        let end = self.file.floor(span.end.min(line.end).min(start.saturating_add(AROUND)));
        start..end.max(start)
    }
}

impl Diagnostics {
    /// All of them as text without colours, an empty line between two.
    pub fn render_plain(&self) -> String {
        joined(self.iter().map(Diagnostic::render_plain))
    }

    /// The same with the colours of a terminal.
    pub fn render_coloured(&self) -> String {
        joined(self.iter().map(Diagnostic::render_coloured))
    }
}

fn joined(each: impl Iterator<Item = String>) -> String {
    let mut all = String::new();
    for one in each {
        if !all.is_empty() {
            all.push('\n');
        }
        all.push_str(&one);
        all.push('\n');
    }
    all
}

/// A place to be underlined; the one without a label is what the diagnostic is about.
struct Mark<'a> {
    span: Range<usize>,
    label: Option<&'a str>,
}

/// The lines from the first to the last place, with carets.
fn snippet<'a>(file: &'a SourceFile, marks: &[Mark<'a>]) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let first = marks.iter().map(|mark| mark.span.start).min().unwrap_or_default();
    let last = marks.iter().map(|mark| mark.span.end).max().unwrap_or_default();
    let start = file.line_around(first).start;
    let end = file.line_around(last).end;
    let text = file.text.get(start..end.max(start)).unwrap_or_default();
    let (line, _) = file.line_column(start);
    Snippet::source(text).path(file.name.as_str()).line_start(line).annotations(marks.iter().map(|mark| {
        let span = mark.span.start.saturating_sub(start)..mark.span.end.saturating_sub(start);
        match mark.label {
            None => AnnotationKind::Primary.span(span),
            Some(label) => AnnotationKind::Context.span(span).label(label),
        }
    }))
}
