//! Faults of YAML's syntax in plain words, each with its cure.
//!
//! It words one fault of the parser; it neither finds nor counts them. The parser says where it was stopped, which is
//! often behind the mistake; where the mistake can be told, that is where the diagnostic points.

use std::ops::Range;
use std::sync::Arc;

use granit_parser::{ErrorKind, ScanError};

use crate::fault::diagnostic::{Diagnostic, SourceFile, quoted};

/// What was known when the parser stopped.
#[derive(Debug, Default)]
pub(super) struct Circumstances {
    /// Bytes of the last thing that was read.
    pub last: Range<usize>,
    /// Lists and maps that are open, the outermost first.
    pub open: Vec<Open>,
    /// Lists and maps that were closed last, each with the byte at which it was.
    pub closed: Vec<(Open, usize)>,
}

/// A list or a map that has begun.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    /// Byte of its bracket, or of its first key or dash.
    pub at: usize,
    /// Whether it is in brackets.
    pub flow: bool,
    /// Whether it is a map.
    pub map: bool,
}

/// The diagnostic of a fault of syntax.
pub(super) fn of(file: &Arc<SourceFile>, error: &ScanError, now: &Circumstances) -> Diagnostic {
    let at = error.marker().byte_offset().unwrap_or(now.last.end).min(file.text.len());
    let scene = Scene { file, at, now };
    scene
        .tab(error.kind())
        .or_else(|| scene.bracket(error.kind()))
        .unwrap_or_else(|| scene.other(error.kind()))
}

/// The place at which the parser stopped, with what leads to it.
struct Scene<'a> {
    file: &'a Arc<SourceFile>,
    at: usize,
    now: &'a Circumstances,
}

impl Scene<'_> {
    /// A tab before the first word of the line is the mistake, whatever the parser made of it.
    fn tab(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        use ErrorKind as K;
        let (start, line) = self.line(self.at);
        let indentation = line.len() - line.trim_start().len();
        let leading = line.get(..indentation)?.find('\t').map(|at| start + at);
        let tab = match kind {
            K::TabInPlainScalar
            | K::TabNotAllowed
            | K::TabInBlockIndentation
            | K::TabInIndentation
            | K::TabAtBlockScalarStart => leading.unwrap_or(self.at),
            _ if self.now.open.iter().any(|open| open.flow) => return None,
            _ => leading?,
        };
        Some(
            self.fault(self.character(tab), "a tab cannot indent a line")
                .with_hint("indent with spaces, two for each level"),
        )
    }

    /// A bracket that is left open shows itself lines later; it is named where it stands.
    fn bracket(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        use ErrorKind as K;
        let open = self.now.open.iter().rev().find(|open| open.flow)?;
        let bracket = self.file.text.get(open.at..=open.at).filter(|text| matches!(*text, "[" | "{"));
        match kind {
            K::MismatchedFlowCollectionEnd { open: from, close } => {
                let closing = if *from == '[' { ']' } else { '}' };
                let fault = self
                    .here(format!("`{from}` is closed by `{close}`"))
                    .with_hint(format!("close it with `{closing}`"));
                Some(if open.at == self.at {
                    fault
                } else {
                    fault.with_related(open.at..open.at + 1, "opened here")
                })
            }
            K::ExpectedFlowMappingSeparator
            | K::ExpectedFlowSequenceSeparator
            | K::InvalidColonPlacement
            | K::UnexpectedEof
            | K::UnexpectedEofFlowMapping
            | K::UnexpectedEofFlowSequence
            | K::UnexpectedEofImplicitFlowMapping
            | K::UnclosedFlowCollection { .. }
            | K::SimpleKeyExpected
            | K::InvalidSimpleKey
            | K::BlockEntryInFlowCollection
            | K::InvalidFlowScalarIndent
            | K::ExpectedNodeContent
            | K::MappingValueNotAllowed => {
                let (line, text) = self.line(self.at);
                let (opener, opener_text) = self.line(open.at);
                let at_end = matches!(kind, K::UnclosedFlowCollection { .. })
                    || self.file.text.get(self.at..).is_none_or(|rest| rest.trim().is_empty());
                if at_end || (line > opener && indentation(text) <= indentation(opener_text)) {
                    let bracket = bracket.unwrap_or("[");
                    let closing = if bracket == "[" { "]" } else { "}" };
                    let fault = self
                        .fault(self.character(open.at), format!("`{bracket}` is not closed"))
                        .with_hint(format!("close it with `{closing}`"));
                    return Some(if at_end {
                        fault
                    } else {
                        fault.with_related(self.at..self.at, "still open here")
                    });
                }
                Some(
                    self.here("a comma is missing before here, or a word has to be in quotes")
                        .with_hint("within brackets entries are separated by `, `"),
                )
            }
            _ => None,
        }
    }

    fn other(&self, kind: &ErrorKind) -> Diagnostic {
        use ErrorKind as K;
        match kind {
            K::MappingValueNotAllowed => self.colon(),
            K::ExpectedBlockMappingKey
            | K::ExpectedBlockSequenceEntry
            | K::InvalidIndentation
            | K::BlockSequenceEntryNotAllowed
            | K::MappingKeyNotAllowed => self.indentation(),
            K::SimpleKeyExpected | K::InvalidSimpleKey => {
                let (start, line) = self.line(self.at);
                let word = line.trim();
                let begin = start + indentation(line);
                self.fault(begin..begin + word.len(), format!("a `:` is missing after {}", quoted(word)))
                    .with_hint("a line of a map is `key: value`, with a space behind the colon")
            }
            K::UnclosedQuotedScalar | K::InvalidQuotedScalarIndent | K::DocumentIndicatorInQuotedScalar => {
                let begin = self.quote();
                self.fault(self.character(begin), "this quote is not closed")
                    .with_hint("close it on the same line; a quote within single quotes is written twice")
            }
            K::InvalidTrailingSingleQuotedScalar => self
                .here("text goes on behind the closing quote")
                .with_hint("a quote within single quotes is written twice: `'it''s'`"),
            K::InvalidTrailingDoubleQuotedScalar => self
                .here("text goes on behind the closing quote")
                .with_hint("put the whole text in quotes; a quote within double quotes is written `\\\"`"),
            K::UnknownQuotedScalarEscape
            | K::InvalidQuotedScalarHexEscape
            | K::InvalidLowSurrogateHexEscape
            | K::InvalidLowSurrogate
            | K::MissingLowSurrogate
            | K::UnpairedLowSurrogate
            | K::InvalidUnicodeEscape => self
                .here("this escape is not known")
                .with_hint("in double quotes a backslash is written `\\\\`; in single quotes it is itself"),
            K::UnexpectedCharacter { character } => self
                .here(format!(
                    "a text cannot begin with {} unless it is in quotes",
                    quoted(&character.to_string())
                ))
                .with_hint("put the whole text in quotes"),
            K::MissingAnchorOrAliasName => self
                .here("a text cannot begin with `&` or `*` unless it is in quotes")
                .with_hint("put the whole text in quotes"),
            K::MisplacedFlowCollectionEnd => self
                .here("this bracket closes nothing")
                .with_hint("remove it, or put the text in quotes if it belongs to it"),
            K::CommentNotSeparated => {
                self.here("a space is missing before `#`").with_hint("a comment begins with ` #`")
            }
            K::CommentInterceptedScalar => self
                .here("a comment stands within a text of several lines")
                .with_hint("put the text in quotes, or the comment before it"),
            K::InvalidBlockScalarIndent => self
                .here("this line of a block of text is indented less than its first line")
                .with_hint("indent all lines of the text alike"),
            K::UndeclaredTagHandle
            | K::ExpectedTagBang
            | K::InvalidGlobalTagCharacter
            | K::InvalidTagTerminator
            | K::MissingTagUri
            | K::UnclosedVerbatimTag
            | K::InvalidTagEscape
            | K::InvalidTagUtf8
            | K::InvalidTagUtf8LeadingByte
            | K::InvalidTagUtf8TrailingByte => {
                Diagnostic { code: "M003", ..self.here("tags are not used here") }
                    .with_hint("remove it; a text that begins with `!` is written in quotes")
            }
            K::DirectiveDisallowed
            | K::MissingDocumentEndBeforeDirective
            | K::DuplicateVersionDirective
            | K::UnsupportedYamlMajorVersion
            | K::DuplicateTagDirective
            | K::ExpectedDocumentStart
            | K::MissingDirectiveName
            | K::InvalidDirectiveName
            | K::InvalidDirectiveTerminator => {
                Diagnostic { code: "M003", ..self.here("directives are not used here") }
                    .with_hint("remove the line; a text that begins with `%` is written in quotes")
            }
            K::RecursionLimitExceeded => {
                Diagnostic { code: "M004", ..self.here("this is nested more than 64 levels deep") }
                    .with_hint("is a bracket or an indentation repeated by mistake?")
            }
            other => self
                .here(format!("the text cannot be read from here on: {other}"))
                .with_hint("look at the indentation, brackets and quotes of this line and the one above it"),
        }
    }

    /// A `:` where no key can stand: an indentation too many, a colon forgotten above, or one that belongs to a text.
    fn colon(&self) -> Diagnostic {
        let last = self.file.text.get(self.now.last.clone()).unwrap_or_default();
        let Some(key_at) = last.rfind('\n').filter(|_| self.now.last.end == self.at) else {
            return self.here("a second `:` stands in this line").with_hint(
                "put the value in quotes if the `:` belongs to it, or the inner entry on a line of its own",
            );
        };
        let (key_line, line) = self.line(self.at);
        let (_, first_line) =
            self.line(self.now.last.start + last.find(|c: char| !c.is_whitespace()).unwrap_or(0));
        let begin = key_line + indentation(line);
        if indentation(line) > indentation(first_line) {
            let fault = self.fault(begin..self.at, "this line is indented deeper than the entry above it");
            return self.with_columns(fault, begin);
        }
        let above = last.get(..key_at).unwrap_or_default().trim_end();
        let start = self.now.last.start;
        self.fault(start..start + above.len(), format!("a `:` is missing after {}", quoted(above)))
            .with_hint("a line of a map is `key: value`, with a space behind the colon")
    }

    /// An entry that begins at a column at which nothing around it does.
    fn indentation(&self) -> Diagnostic {
        let (start, line) = self.line(self.at);
        let word = line.trim();
        let begin = start + indentation(line);
        let dash = word.starts_with("- ") && self.at <= begin + 2;
        if self.at > begin && !dash {
            return self
                .here("an entry cannot begin here")
                .with_hint("begin it on a line of its own, or put the text in quotes");
        }
        let columns = self.columns(begin);
        let (_, column) = self.file.line_column(begin);
        if columns.contains(&column) {
            let (message, cure) = if word.starts_with("- ") || word == "-" {
                (
                    "a list entry stands among the keys of a map",
                    "indent it below the key that it belongs to, or remove the `-`",
                )
            } else {
                (
                    "a key stands among the entries of a list",
                    "indent it below its entry, or begin it with `- `",
                )
            };
            return self.fault(begin..begin + word.len(), message).with_hint(cure);
        }
        self.with_columns(
            self.fault(begin..begin + word.len(), "this line is indented unlike the lines around it"),
            begin,
        )
    }

    fn with_columns(&self, fault: Diagnostic, begin: usize) -> Diagnostic {
        let (_, column) = self.file.line_column(begin);
        let columns: Vec<String> = self.columns(begin).iter().map(ToString::to_string).collect();
        if columns.is_empty() {
            return fault.with_hint("indent the entries of one list or map alike");
        }
        fault.with_hint(format!(
            "entries here begin at column {}, this one at column {column}",
            columns.join(" or ")
        ))
    }

    /// The columns at which an entry could continue something that is open here, or was until here.
    fn columns(&self, begin: usize) -> Vec<usize> {
        let open = self.now.open.iter().filter(|open| !open.flow);
        let closed = self.now.closed.iter().filter(|(open, at)| !open.flow && *at >= begin.min(self.at));
        let mut columns: Vec<usize> =
            open.chain(closed.map(|(open, _)| open)).map(|open| self.file.line_column(open.at).1).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    /// The quote that opens the text in which the parser stopped: the first one behind what was read before.
    fn quote(&self) -> usize {
        let from = self.now.last.end.min(self.at);
        let between = self.file.text.get(from..self.at).unwrap_or_default();
        between.find(['"', '\'']).map_or(self.at, |at| from + at)
    }

    /// The line that holds a byte, and the byte at which it begins.
    fn line(&self, byte: usize) -> (usize, &str) {
        let (before, after) = self.file.text.split_at_checked(byte).unwrap_or((&self.file.text, ""));
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let end = after.find('\n').map_or(self.file.text.len(), |at| before.len() + at);
        (start, self.file.text.get(start..end).unwrap_or_default())
    }

    fn here(&self, message: impl Into<String>) -> Diagnostic {
        self.fault(self.character(self.at), message)
    }

    /// The bytes of the character that begins at a byte; none at the end of the text.
    fn character(&self, byte: usize) -> Range<usize> {
        let width = self.file.text.get(byte..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        byte..byte + width
    }

    fn fault(&self, span: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error("M001", self.file, span, message)
    }
}

/// Bytes of the blanks before a line's first word.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
