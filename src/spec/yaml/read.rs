//! Events of the YAML parser, made into a tree.
//!
//! It follows the events and refuses what is not used here. What a fault of syntax means is worded by `complaint`,
//! what a plain word is by `scalar`.

use std::collections::HashMap;
use std::collections::hash_map;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, StructureStyle};

use super::complaint::{self, Circumstances, Open};
use super::{Entry, Node, Value, scalar};
use crate::fault::diagnostic::{Diagnostic, Diagnostics, SourceFile, quoted};

/// Bytes of a file. The largest contracts that we know are a tenth of it.
const LARGEST: usize = 4 * 1024 * 1024;

/// Levels of nesting. People write five; a schema validator walks them on the stack.
const DEEPEST: usize = 64;

/// Reads the one document of a file.
pub(super) fn document(file: &Arc<SourceFile>, out: &mut Diagnostics) -> Option<Node> {
    if file.text.len() > LARGEST {
        out.push(
            Diagnostic::error("M004", file, 0..0, "this file is larger than 4 MiB")
                .with_hint("divide it into several files"),
        );
        return None;
    }
    let options = granit_parser::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        disallow_directives: true,
    };
    let mut reader = Reader {
        file,
        out,
        parser: Parser::new_from_str_with_options(&file.text, options),
        usable: true,
        now: Circumstances::default(),
    };
    let root = reader.document();
    root.filter(|_| reader.usable)
}

/// The way through one file's events.
struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    out: &'a mut Diagnostics,
    parser: Parser<'a, StrInput<'a>>,
    /// Whether the tree still is what the file says.
    usable: bool,
    now: Circumstances,
}

/// A map's key as it was read.
enum Key {
    Text(String),
    /// It cannot be held, which has been told; its value is read and left out.
    Refused,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Option<Node> {
        let mut root = None;
        let mut documents = 0_usize;
        while let Some((event, span)) = self.next() {
            match event {
                Event::DocumentStart(..) => {
                    documents += 1;
                    if documents > 1 {
                        self.refuse(
                            span,
                            "a file holds one document, and a second one begins here",
                            "move what follows into a file of its own",
                        );
                        break;
                    }
                }
                Event::StreamStart | Event::DocumentEnd | Event::StreamEnd => {}
                event => root = self.node(event, span, 1),
            }
        }
        let empty = root.as_ref().is_none_or(|node| node.value == Value::Null && node.span.is_empty());
        if empty && self.usable {
            self.out.push(
                Diagnostic::error("M001", self.file, 0..0, "this file is empty")
                    .with_hint("write its content, or remove the file"),
            );
            return None;
        }
        root
    }

    /// The next event that is part of the tree, with its bytes. None at the end and after a fault of syntax, which
    /// is told here.
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        loop {
            match self.parser.next_event()? {
                Ok((Event::Anchor(_, name), span)) => self.refuse(
                    span,
                    format!("anchors are not used here: {}", quoted(&format!("&{name}"))),
                    "remove it, and write the value again where it is needed",
                ),
                Ok((event, span)) => {
                    self.now.last = range(&span);
                    return Some((event, span));
                }
                Err(error) => {
                    self.usable = false;
                    self.out.push(complaint::of(self.file, &error, &self.now));
                    return None;
                }
            }
        }
    }

    /// The node that begins with this event. None where it cannot be held, which has been told.
    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Option<Node> {
        if depth > DEEPEST {
            self.too_deep(&span);
            return None;
        }
        match event {
            Event::Scalar(text, style, _, tag) => {
                let as_text = tag.is_some_and(|tag| tag.core_suffix() == Some("str"));
                self.tag(&span);
                let span = range(&span);
                let value = if style == ScalarStyle::Plain && !as_text {
                    self.plain(&text, &span)
                } else {
                    Value::Text(text.into_owned())
                };
                let span = if style == ScalarStyle::Literal || style == ScalarStyle::Folded {
                    span.start..trimmed_end(&self.file.text, &span)
                } else {
                    span
                };
                Some(Node { span, value })
            }
            Event::SequenceStart(style, ..) => {
                self.tag(&span);
                self.list(style, &span, depth)
            }
            Event::MappingStart(style, ..) => {
                self.tag(&span);
                self.map(style, &span, depth)
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.usable = false;
                let name = span.slice(&self.file.text).unwrap_or("*").to_owned();
                self.refuse(
                    span,
                    format!("aliases are not used here: {}", quoted(&name)),
                    "write the value itself; if it is a text that begins with `*`, put it in quotes",
                );
                Some(Node { span: range(&span), value: Value::Null })
            }
            _ => None,
        }
    }

    fn list(&mut self, style: StructureStyle, start: &Span, depth: usize) -> Option<Node> {
        let mut begin = range(start);
        if style == StructureStyle::Block && self.now.open.last().is_some_and(|around| around.map) {
            begin.start = self.dash(begin.start);
        }
        self.now.open.push(Open { at: begin.start, flow: style == StructureStyle::Flow, map: false });
        let mut nodes: Vec<Node> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                self.close(&span);
                let inner = nodes.last().map_or(begin.end, |node| node.span.end);
                let end = if style == StructureStyle::Flow { range(&span).end } else { inner };
                return Some(Node { span: begin.start..end.max(begin.start), value: Value::List(nodes) });
            }
            let node = self.node(event, span, depth + 1)?;
            nodes.push(node);
        }
    }

    fn map(&mut self, style: StructureStyle, start: &Span, depth: usize) -> Option<Node> {
        let begin = range(start);
        self.now.open.push(Open { at: begin.start, flow: style == StructureStyle::Flow, map: true });
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: HashMap<String, Range<usize>> = HashMap::new();
        let mut inner = begin.end;
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                self.close(&span);
                let end = if style == StructureStyle::Flow { range(&span).end } else { inner };
                return Some(Node { span: begin.start..end.max(begin.start), value: Value::Map(entries) });
            }
            let key_span = range(&span);
            let key = self.key(event, span, depth)?;
            let (event, span) = self.next()?;
            let mut node = self.node(event, span, depth + 1)?;
            if node.span.is_empty() && node.value == Value::Null {
                node.span = key_span.end..key_span.end;
            }
            inner = key_span.end.max(node.span.end);
            let Key::Text(key) = key else { continue };
            match seen.entry(key.clone()) {
                hash_map::Entry::Occupied(first) => {
                    let fault = Diagnostic::error(
                        "M002",
                        self.file,
                        key_span,
                        format!("the key {} stands twice in this map", quoted(&key)),
                    )
                    .with_hint("join the two, or remove one of them")
                    .with_related(first.get().clone(), "first here");
                    self.out.push(fault);
                }
                hash_map::Entry::Vacant(place) => {
                    place.insert(key_span.clone());
                    entries.push(Entry { key, key_span, node });
                }
            }
        }
    }

    /// A key's text. None ends the reading.
    fn key(&mut self, event: Event<'a>, span: Span, depth: usize) -> Option<Key> {
        match event {
            Event::Scalar(text, style, _, tag) => {
                if tag.is_some() {
                    self.tag(&span);
                }
                if style == ScalarStyle::Plain && span.is_empty() {
                    self.refuse(
                        span,
                        "a key is missing before this `:`",
                        "write the key, or `\"\"` for an empty one",
                    );
                    return Some(Key::Refused);
                }
                if style == ScalarStyle::Plain && text == "<<" {
                    self.usable = false;
                    self.refuse(
                        span,
                        "merge keys are not used here: `<<`",
                        "write the merged entries themselves",
                    );
                    return Some(Key::Refused);
                }
                Some(Key::Text(text.into_owned()))
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.node(event, span, depth)?;
                Some(Key::Refused)
            }
            event => {
                self.refuse(
                    span,
                    "a key is one word or a quoted text, and this one is a list or a map",
                    "if the brackets are meant as text, put them in quotes",
                );
                self.node(event, span, depth + 1)?;
                Some(Key::Refused)
            }
        }
    }

    fn plain(&mut self, word: &str, span: &Range<usize>) -> Value {
        if span.is_empty() {
            return Value::Null;
        }
        if let Some(dash) = dash_of_a_later_line(&self.file.text, span) {
            self.usable = false;
            self.out.push(
                Diagnostic::error("M001", self.file, dash..dash + 1, "a list entry cannot follow a value")
                    .with_hint("a key has a value or a list; remove the value, or put the text in quotes")
                    .with_related(span.start..span.start, "the value begins here"),
            );
        }
        if scalar::loses_zeros(word) {
            self.out.push(
                Diagnostic::warning(
                    "M003",
                    self.file,
                    span.clone(),
                    format!("{} is read as a number, and its first zeros are lost", quoted(word)),
                )
                .with_hint(format!("write \"{word}\" in quotes to keep them, or the number without them")),
            );
        }
        scalar::value(word)
    }

    fn tag(&mut self, span: &Span) {
        if let Some(tag) = span.tag_span() {
            let written = tag.slice(&self.file.text).unwrap_or("!").to_owned();
            self.refuse(
                tag,
                format!("tags are not used here: {}", quoted(&written)),
                "remove it; quotes make a text of a number, and a text that begins with `!` needs them too",
            );
        }
    }

    fn too_deep(&mut self, span: &Span) {
        self.usable = false;
        let start = range(span).start;
        self.out.push(
            Diagnostic::error("M004", self.file, start..start, "this is nested more than 64 levels deep")
                .with_hint("is a bracket or an indentation repeated by mistake?"),
        );
    }

    fn refuse(&mut self, span: Span, message: impl Into<String>, cure: &str) {
        self.out.push(Diagnostic::error("M003", self.file, range(&span), message).with_hint(cure));
    }

    /// The dash with which a list below a key begins. Of a list that is not indented the parser tells the first
    /// entry's place instead.
    fn dash(&self, first: usize) -> usize {
        let line = self.file.text.get(..first).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let before = self.file.text.get(line..first).unwrap_or_default();
        if before.trim_start().starts_with('-') {
            line + before.len() - before.trim_start().len()
        } else {
            first
        }
    }

    fn close(&mut self, end: &Span) {
        if let Some(open) = self.now.open.pop() {
            let at = range(end).end;
            self.now.closed.retain(|(_, closed)| *closed == at);
            self.now.closed.push((open, at));
        }
    }
}

/// The bytes of a parser's span. The parser of a text always knows them.
fn range(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or_default()
}

/// The end of a block of text without the line breaks and blanks that follow it.
fn trimmed_end(text: &str, span: &Range<usize>) -> usize {
    span.start + text.get(span.clone()).map_or(0, |block| block.trim_end().len())
}

/// A `- ` at the beginning of a later line of a plain text. YAML makes it part of the text; nobody means that.
fn dash_of_a_later_line(text: &str, span: &Range<usize>) -> Option<usize> {
    let mut at = span.start;
    for (number, line) in text.get(span.clone())?.split_inclusive('\n').enumerate() {
        let word = line.trim_start();
        if number > 0 && word.starts_with("- ") {
            return Some(at + line.len() - word.len());
        }
        at += line.len();
    }
    None
}
