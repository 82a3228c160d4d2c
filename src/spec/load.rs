//! Files to words: finds the mapping files and contracts of a configuration, reads each with all its faults
//! of form, and sorts them by what they say they are. It compares no file with another.

mod known;

use super::{Bound, Doc, Files, conform, words, yaml};
use crate::{
    fault::{Diagnostic, Diagnostics, SourceFile, mapping as m, nearest::nearest},
    pace::breathe,
};
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

/// Where files come from: the disk, or a test's memory.
#[derive(Debug, Clone)]
pub enum Tree {
    Disk,
    Memory(BTreeMap<PathBuf, String>),
}

impl Tree {
    fn read(&self, path: &Path) -> Result<String, String> {
        match self {
            Tree::Disk => std::fs::read(path)
                .map_err(|e| e.to_string())
                .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())),
            Tree::Memory(files) => files.get(path).cloned().ok_or_else(|| "there is no such file".to_owned()),
        }
    }

    /// All files below a folder, sorted.
    fn list(&self, folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), String> {
        match self {
            Tree::Memory(files) => found.extend(files.keys().filter(|p| p.starts_with(folder)).cloned()),
            Tree::Disk => {
                let told = |error: std::io::Error| error.to_string();
                let entries: Result<Vec<_>, _> = std::fs::read_dir(folder).map_err(told)?.collect();
                let mut entries = entries.map_err(told)?;
                entries.sort_by_cached_key(std::fs::DirEntry::file_name);
                for entry in entries {
                    breathe();
                    // Where a link leads says the system; of all else the folder knows what it is.
                    let kind = entry.file_type().map_err(told)?;
                    let path = entry.path();
                    if kind.is_dir() || (kind.is_symlink() && path.is_dir()) {
                        self.list(&path, found)?;
                    } else {
                        found.push(path);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The kinds of files, with the JSON Schema of each.
pub fn schemas() -> &'static [(&'static str, serde_json::Value)] {
    static ALL: OnceLock<Vec<(&'static str, serde_json::Value)>> = OnceLock::new();
    ALL.get_or_init(|| {
        vec![
            ("api", schema_of::<words::Api>()),
            ("resource", schema_of::<words::Resource>()),
            ("binding", schema_of::<words::Binding>()),
            ("dialect", schema_of::<words::Dialect>()),
            ("shortcut", schema_of::<words::Shortcut>()),
            ("config", schema_of::<words::Config>()),
        ]
    })
}

fn schema_of<T: JsonSchema>() -> serde_json::Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

fn validator(kind: &str) -> Option<&'static conform::Validator> {
    static ALL: OnceLock<BTreeMap<&'static str, conform::Validator>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let compiled =
            schemas().iter().map(|(name, schema)| (*name, conform::Validator::new(schema.clone())));
        compiled.filter_map(|(name, v)| v.ok().map(|v| (name, v))).collect()
    });
    all.get(kind)
}

/// The key that tells what a file is, and the kind that it tells.
const KINDS: &[(&str, &str)] = &[
    ("api", "api"),
    ("resource", "resource"),
    ("binds", "binding"),
    ("shortcut", "shortcut"),
    ("dialect", "dialect"),
];

/// Reads a configuration and all that it names. Whatever could be read is handed out; the rest is in `out`.
pub fn load(tree: &Tree, config: &Path, out: &mut Diagnostics) -> Files {
    again(tree, config, &Files::default(), out)
}

/// The same, where most files are as they were: what is written in them is not read again.
pub fn again(tree: &Tree, config: &Path, before: &Files, out: &mut Diagnostics) -> Files {
    let root = config.parent().map(Path::to_path_buf).unwrap_or_default();
    let known = known::Known::of(before);
    let mut reader =
        Reader { tree, root: root.clone(), files: Files { root, ..Files::default() }, known, out };
    let Ok(text) = reader.text(config) else { return reader.files };
    if let Some(known::Words::Config(doc)) = reader.known.find(&shown(config), &text) {
        reader.files.config = Some(doc.clone());
        let (mappings, schemas) = (doc.words.mappings.clone(), doc.words.schemas.clone());
        reader.contracts(&schemas);
        reader.mappings(&mappings);
        return reader.files;
    }
    let read = reader.parsed(config, text);
    // The folders are known even where the configuration has faults: those of the other files are told as well.
    let folder = |key: &str, usual: &str| {
        let said = read.as_ref().and_then(|(_, node)| node.get(key)).map(yaml::Node::to_json);
        said.as_ref().and_then(serde_json::Value::as_str).unwrap_or(usual).to_owned()
    };
    let (mappings, schemas) = (folder("mappings", "../mappings"), folder("schemas", "../schemas"));
    reader.files.config = read.and_then(|(file, node)| reader.decode("config", file, node));
    reader.contracts(&schemas);
    reader.mappings(&mappings);
    reader.files
}

struct Reader<'a> {
    tree: &'a Tree,
    root: PathBuf,
    files: Files,
    /// What was read the last time.
    known: known::Known<'a>,
    out: &'a mut Diagnostics,
}

impl Reader<'_> {
    /// Reads one file; what cannot be read is told at the configuration's place.
    fn text(&mut self, path: &Path) -> Result<String, ()> {
        breathe();
        self.tree.read(path).map_err(|reason| {
            let name = shown(path);
            let file = SourceFile::new(name.clone(), "");
            let message = format!("`{name}` cannot be read: {reason}");
            let fault = Diagnostic::error(m::UNREADABLE, &file, 0..0, message);
            self.out.push(fault.with_hint("paths start from the folder that the command is called in"));
        })
    }

    fn parsed(&mut self, path: &Path, text: String) -> Option<(Arc<SourceFile>, yaml::Node)> {
        let file = SourceFile::new(shown(path), text);
        let before = self.out.warnings();
        let node = yaml::parse(&file, self.out);
        if self.out.warnings() > before {
            self.files.noted.insert(file.name.clone());
        }
        Some((file, node?))
    }

    /// Checks the form and reads the words; all faults of form at once.
    fn decode<T: DeserializeOwned>(
        &mut self,
        kind: &str,
        file: Arc<SourceFile>,
        node: yaml::Node,
    ) -> Option<Doc<T>> {
        breathe();
        let before = self.out.errors();
        if let Some(validator) = validator(kind) {
            conform::conform(&file, &node, validator, self.out);
        }
        if self.out.errors() > before {
            return None;
        }
        match serde_json::from_value(node.to_json()) {
            Ok(words) => Some(Doc { file, node: Arc::new(node), words: Arc::new(words) }),
            Err(error) => {
                self.out.push(Diagnostic::error(m::WRONG_TYPE, &file, 0..0, error.to_string()));
                None
            }
        }
    }

    fn below(&mut self, folder: &str) -> (PathBuf, Vec<PathBuf>) {
        let folder = normal(&self.root.join(folder));
        let mut paths = Vec::new();
        if let Err(reason) = self.tree.list(&folder, &mut paths) {
            let file = SourceFile::new(shown(&folder), "");
            let message = format!("the folder `{}` cannot be read: {reason}", shown(&folder));
            self.out.push(Diagnostic::error(m::UNREADABLE, &file, 0..0, message));
        }
        (folder, paths)
    }

    fn contracts(&mut self, folder: &str) {
        let (folder, paths) = self.below(folder);
        let own = folder.join("portico");
        for path in
            paths.iter().filter(|p| p.extension().is_some_and(|e| e == "json") && !p.starts_with(&own))
        {
            let name = shown(path.strip_prefix(&folder).unwrap_or(path));
            let text = self.text(path);
            if let Ok(text) = &text
                && let Some(known::Words::Contract(doc)) = self.known.find(&shown(path), text)
            {
                self.files.contracts.push((name, doc.clone()));
                continue;
            }
            match text.ok().and_then(|text| self.parsed(path, text)) {
                Some((file, node)) => {
                    let words = Arc::new(node.to_json());
                    self.files.contracts.push((name, Doc { file, node: Arc::new(node), words }));
                }
                None => drop(self.files.broken.insert(name)),
            }
        }
    }

    fn mappings(&mut self, folder: &str) {
        let (folder, paths) = self.below(folder);
        for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "wsdl" || e == "xsd")) {
            // One that cannot be read is told by those who need it.
            if let Ok(text) = self.tree.read(path) {
                self.files.services.insert(shown(path), SourceFile::new(shown(path), text));
            }
        }
        for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "yaml" || e == "yml")) {
            let inner = path.strip_prefix(&folder).unwrap_or(path);
            let api = inner.parent().map(shown).unwrap_or_default();
            let stem = inner.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            let before = self.out.errors();
            let (first, name) = stem.split_once('.').unwrap_or((&stem, &stem));
            let text = self.text(path);
            if let Ok(text) = &text
                && let Some(words) = self.known.find(&shown(path), text)
            {
                words.join(&mut self.files, &api, name);
                continue;
            }
            let read = text.ok().and_then(|text| self.parsed(path, text));
            let said = read.as_ref().map(|(_, node)| {
                KINDS.iter().find_map(|(key, kind)| node.get(key).map(|value| (*kind, value.to_json())))
            });
            match (read, said.flatten()) {
                (Some((file, node)), Some((kind, _))) => self.sort(kind, file, node, &api, name),
                (Some((file, node)), None) => self.unknown(&file, &node),
                (None, _) => {}
            }
            if self.out.errors() > before {
                self.files.broken.extend([first.to_owned(), stem.clone()]);
            }
        }
    }

    fn sort(&mut self, kind: &str, file: Arc<SourceFile>, node: yaml::Node, api: &str, name: &str) {
        let api = api.to_owned();
        match kind {
            "api" => {
                if let Some(doc) = self.decode(kind, file, node) {
                    self.files.apis.push((api, doc));
                }
            }
            "resource" => {
                if let Some(doc) = self.decode(kind, file, node) {
                    self.files.resources.push((api, doc));
                }
            }
            "binding" => {
                if let Some(doc) = self.decode(kind, file, node) {
                    self.files.bindings.push(Bound { api, name: name.to_owned(), doc });
                }
            }
            "shortcut" => {
                if let Some(doc) = self.decode(kind, file, node) {
                    self.files.shortcuts.push((api, doc));
                }
            }
            _ => {
                if let Some(doc) = self.decode(kind, file, node) {
                    self.files.dialects.push(doc);
                }
            }
        }
    }

    fn unknown(&mut self, file: &Arc<SourceFile>, node: &yaml::Node) {
        let words = KINDS.iter().map(|(key, _)| *key);
        let first = node.entries().first();
        let meant = node.entries().iter().find_map(|e| nearest(&e.key, words.clone()).map(|word| (e, word)));
        let span = meant.map(|(e, _)| e).or(first).map_or(0..0, |e| e.key_span.clone());
        let message = "this file does not say what it is";
        let hint = match meant {
            Some((_, word)) => format!("did you mean `{word}`?"),
            None => {
                "a mapping file has one of the keys `api`, `resource`, `binds`, `shortcut`, `dialect`".into()
            }
        };
        self.out.push(Diagnostic::error(m::UNKNOWN_FILE, file, span, message).with_hint(hint));
    }
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The path without `.` and `..`, so that diagnostics show what people type.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir if out.file_name().is_some() => drop(out.pop()),
            std::path::Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}
