//! A case's text taken apart: a title, changes to files, and the diagnostics that are expected.

use std::{collections::BTreeMap, ops::Range, path::PathBuf};

#[derive(Debug)]
pub struct Case {
    pub changes: Vec<Change>,
    pub expected: String,
    /// The bytes of the expected diagnostics.
    pub place: Range<usize>,
}

/// What is done to one file.
#[derive(Debug)]
pub struct Change {
    pub file: String,
    pub what: What,
}

#[derive(Debug)]
pub enum What {
    /// The file is not there.
    Gone,
    /// The file is this.
    Whole(String),
    /// These lines stand in the place of those.
    Hunks(Vec<(String, String)>),
}

/// The line between the changes and the diagnostics.
const LINE: &str = "====\n";

pub fn read(text: &str) -> Result<Case, String> {
    let at =
        text.find(&format!("\n{LINE}")).ok_or("a line `====` parts the changes from the diagnostics")? + 1;
    let (source, expected) = (&text[..at], &text[at + LINE.len()..]);
    if !source.starts_with("# ") {
        return Err("the first line is `# ` and a title".into());
    }
    let mut changes = Vec::new();
    for part in source.split("\n@ ").skip(1) {
        let (head, body) = part.split_once('\n').unwrap_or((part, ""));
        let (file, what) = match head.trim().rsplit_once(' ') {
            Some((file, "gone")) => (file, What::Gone),
            Some((file, "whole")) => (file, What::Whole(marked(body, &['+']))),
            _ => (head.trim(), What::Hunks(hunks(body))),
        };
        changes.push(Change { file: file.to_owned(), what });
    }
    Ok(Case { changes, expected: expected.to_owned(), place: at + LINE.len()..text.len() })
}

/// The lines that bear one of these marks, without it.
fn marked(text: &str, marks: &[char]) -> String {
    let lines = text.lines().filter_map(|line| line.strip_prefix(marks));
    lines.map(|line| format!("{line}\n")).collect()
}

fn hunks(body: &str) -> Vec<(String, String)> {
    let hunks = body.split("\n\n").filter(|hunk| !hunk.trim().is_empty());
    hunks.map(|hunk| (marked(hunk, &['-', ' ']), marked(hunk, &['+', ' ']))).collect()
}

impl Change {
    /// Makes the change; a message where the lines do not stand there exactly once.
    pub fn apply(&self, files: &mut BTreeMap<PathBuf, String>) -> Result<(), String> {
        let path = PathBuf::from(&self.file);
        let missing = || format!("the base has no `{}`", self.file);
        match &self.what {
            What::Gone => drop(files.remove(&path).ok_or_else(missing)?),
            What::Whole(text) => drop(files.insert(path, text.clone())),
            What::Hunks(hunks) => {
                let text = files.get_mut(&path).ok_or_else(missing)?;
                for (old, new) in hunks {
                    if old.is_empty() || text.matches(old.as_str()).count() != 1 {
                        return Err(format!(
                            "`{}` does not have these lines exactly once:\n{old}",
                            self.file
                        ));
                    }
                    *text = text.replacen(old.as_str(), new, 1);
                }
            }
        }
        Ok(())
    }
}
