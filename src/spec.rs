//! What the operator wrote, exactly, with positions. It reads files and checks their form against the
//! schemas of `words`; what the words mean, and whether they fit together, is `plan::compile`'s business.

pub mod conform;
pub mod load;
pub mod words;
pub mod yaml;

use crate::fault::{Diagnostic, Diagnostics, SourceFile};
use std::{ops::Range, sync::Arc};

/// A file that has been read: its words, and the tree that knows where each of them stands. A copy is the same file.
#[derive(Debug)]
pub struct Doc<T> {
    pub file: Arc<SourceFile>,
    pub node: Arc<yaml::Node>,
    pub words: Arc<T>,
}

impl<T> Clone for Doc<T> {
    fn clone(&self) -> Self {
        let Self { file, node, words } = self;
        Self { file: Arc::clone(file), node: Arc::clone(node), words: Arc::clone(words) }
    }
}

/// Whether a diagnostic points at a key or at its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    Key,
    Value,
}

impl<T> Doc<T> {
    fn span(&self, path: &[&str], aim: Aim) -> Range<usize> {
        let found = self.node.find(path);
        if path.is_empty() || found.steps == 0 {
            // The file as a whole: its first line says what it is.
            return self.node.entries().first().map_or(0..0, |e| e.key_span.clone());
        }
        if aim == Aim::Key { found.key_span() } else { found.span(&self.file.text) }
    }

    /// A fault at the value that stands at this path.
    pub fn error(
        &self,
        out: &mut Diagnostics,
        code: &'static str,
        path: &[&str],
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.push(out, Diagnostic::error(code, &self.file, self.span(path, Aim::Value), message), hint);
    }

    /// A fault at the key at the end of this path.
    pub fn error_at_key(
        &self,
        out: &mut Diagnostics,
        code: &'static str,
        path: &[&str],
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.push(out, Diagnostic::error(code, &self.file, self.span(path, Aim::Key), message), hint);
    }

    pub fn warning(
        &self,
        out: &mut Diagnostics,
        code: &'static str,
        path: &[&str],
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.push(out, Diagnostic::warning(code, &self.file, self.span(path, Aim::Value), message), hint);
    }

    #[expect(clippy::unused_self, reason = "reads as one with its siblings")]
    fn push(&self, out: &mut Diagnostics, diagnostic: Diagnostic, hint: Option<String>) {
        out.push(match hint {
            Some(hint) => diagnostic.with_hint(hint),
            None => diagnostic,
        });
    }
}

/// All files of one configuration, those that could be read in full.
#[derive(Debug, Default)]
pub struct Files {
    pub config: Option<Doc<words::Config>>,
    /// By folder, for example `pethub/v1`.
    pub apis: Vec<(String, Doc<words::Api>)>,
    pub resources: Vec<(String, Doc<words::Resource>)>,
    pub bindings: Vec<Bound>,
    pub shortcuts: Vec<(String, Doc<words::Shortcut>)>,
    pub dialects: Vec<Doc<words::Dialect>>,
    /// By name below `schemas/`.
    pub contracts: Vec<(String, Doc<serde_json::Value>)>,
    /// Descriptions of services (WSDL and XSD) below the mappings' folder, by their path.
    pub services: std::collections::BTreeMap<String, Arc<SourceFile>>,
    /// Names that stand in files with faults of form: what refers to them is not blamed.
    pub broken: std::collections::HashSet<String>,
    /// Files of which something was told that stands in the way of nothing: they are read anew each time, so that it is told again.
    pub noted: std::collections::HashSet<String>,
    /// The folder that relative paths of the configuration start from.
    pub root: std::path::PathBuf,
}

/// A binding with its folder and its own name, the middle part of its file's.
#[derive(Debug, Clone)]
pub struct Bound {
    pub api: String,
    pub name: String,
    pub doc: Doc<words::Binding>,
}
