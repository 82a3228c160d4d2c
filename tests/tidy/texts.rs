//! What every file says of itself, how long it is, and what no file says.

use crate::support::{at, below, read};

/// Longer files are cut.
const LONGEST: usize = 450;

/// Everything that people read.
fn files() -> Vec<String> {
    let folders =
        ["src", "docs", "mappings", "config", "schemas", "migrations", "scripts", "tests", "benches"];
    let mut all: Vec<String> =
        folders.iter().filter(|f| at(f).is_dir()).flat_map(|folder| below(folder)).collect();
    all.extend(
        ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "Makefile", "Cargo.toml", "deny.toml"]
            .map(str::to_owned),
    );
    all
}

fn sources() -> Vec<String> {
    files().into_iter().filter(|name| name.ends_with(".rs")).collect()
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<String> = sources().into_iter().filter(|name| !read(name).starts_with("//! ")).collect();
    assert!(silent.is_empty(), "the first line of a file begins with `//! `: {silent:?}");
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = below("src")
        .into_iter()
        .filter(|name| name.ends_with(".rs"))
        .map(|name| (read(&name).lines().count(), name))
        // A file of tests is mostly tables of cases, which read better whole.
        .filter(|(lines, name)| *lines > if name.ends_with("/tests.rs") { 2 * LONGEST } else { LONGEST })
        .map(|(lines, name)| format!("{name} has {lines} lines"))
        .collect();
    assert!(long.is_empty(), "more than {LONGEST} lines: {long:?}");
}

#[test]
fn modules_stand_beside_their_folders() {
    let old: Vec<String> = sources().into_iter().filter(|name| name.ends_with("/mod.rs")).collect();
    assert!(old.is_empty(), "write `foo.rs` with `foo/`, and no `mod.rs`: {old:?}");
}

#[test]
fn nothing_is_unsafe() {
    for name in sources().into_iter().filter(|name| name != "tests/tidy/texts.rs") {
        let text = read(&name);
        let word = "unsafe";
        let found = text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).any(|w| w == word);
        assert!(!found, "{name} says `{word}`");
    }
    assert!(read("Cargo.toml").contains("unsafe_code = \"forbid\""), "the lint is gone");
}

#[test]
fn no_text_speaks_of_how_it_was_made() {
    // This file, which has to hold the words, is left out.
    let machine = ["/work/", "/tmp/", "/root/", "/home/"];
    let hosts = ["crates.io", "npmjs.org", "pypi.org", "docker.io", "proxy.golang.org"];
    let makers = ["claude", "anthropic", "openai", "chatgpt", "copilot"];
    let mut wrong = Vec::new();
    for name in files().into_iter().filter(|name| name != "tests/tidy/texts.rs") {
        let Ok(text) = std::fs::read_to_string(at(&name)) else { continue };
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_lowercase();
            let of_machine = machine.iter().chain(&hosts).chain(&makers).find(|word| lower.contains(**word));
            let of_work = refers_to_work(&lower);
            if let Some(word) = of_machine.copied().or(of_work) {
                wrong.push(format!("{name}:{}: `{word}`", number + 1));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "words that mean something to nobody but their writer:\n  {}",
        wrong.join("\n  ")
    );
}

/// A number of an issue, and words for who wrote it.
fn refers_to_work(line: &str) -> Option<&'static str> {
    let issue = line.match_indices('#').any(|(at, _)| {
        let before = line[..at].trim_end();
        let digits = line[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
        digits > 0
            && ["issue", "issues", "see", "fixes", "closes", "pr", "pull request"]
                .iter()
                .any(|w| before.ends_with(w))
    });
    // OneRoster calls a guardian so, in a member of this name.
    let line = &line.replace("\"agents\"", "");
    let words = line.split(|c: char| !c.is_alphanumeric());
    let agent = words.zip(line.split(|c: char| !c.is_alphanumeric()).skip(1)).any(|(a, b)| {
        (matches!(b, "agent" | "agents") && !matches!(a, "user" | "oauth")) || (a == "this" && b == "session")
    });
    if issue {
        Some("a number of an issue")
    } else if agent || line.contains("subagent") {
        Some("a word for who wrote it")
    } else {
        None
    }
}

#[test]
fn references_to_work_are_seen() {
    for line in ["see #12", "fixes #3", "issue #2 says"] {
        assert!(refers_to_work(line).is_some(), "{line}");
    }
    for line in
        ["color: #2a6f6b", "the user agent", "see [chart #3]", "a session of the source", "# 2 things"]
    {
        assert!(refers_to_work(line).is_none(), "{line}");
    }
}

#[test]
fn the_readme_names_what_exists() {
    let readme = read("README.md");
    let heads = ["layout", "where things are"];
    let layout = readme.split("\n## ").find(|section| {
        let head = section.lines().next().unwrap_or_default().to_lowercase();
        heads.iter().any(|known| head.contains(known))
    });
    let layout = layout
        .and_then(|section| section.split("```").nth(1))
        .expect("README.md shows the layout in a block");
    let mut named = Vec::new();
    let mut missing = Vec::new();
    for line in layout.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split(|c: char| c.is_whitespace() || ",;()".contains(c));
        let folder = words.next().unwrap_or_default();
        named.push(folder);
        // What follows a folder is told of it: names with a slash or an ending stand within.
        let within = words.filter(|w| w.ends_with('/') || w.ends_with(".rs") || w.ends_with(".md"));
        let within = within.map(|word| format!("{folder}{word}"));
        missing.extend(std::iter::once(folder.to_owned()).chain(within).filter(|path| !at(path).exists()));
    }
    assert!(missing.is_empty(), "README.md names what does not exist: {missing:?}");
    for folder in ["src/", "tests/", "docs/", "mappings/", "schemas/", "config/"] {
        assert!(named.contains(&folder), "README.md's layout does not name `{folder}`");
    }
}
