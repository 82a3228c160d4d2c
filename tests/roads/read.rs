//! A specification's text taken apart: files, recorded exchanges, requests with their answers. It runs nothing,
//! and knows where each answer stands, so that it can be rewritten in place.

use crate::support::caller::described;
use portico::identity::Caller;
use std::{ops::Range, sync::Arc};

/// A specification, in the order of its text.
#[derive(Debug)]
pub struct Spec {
    /// The folder whose files are taken before its own: `demo` is the project's.
    pub uses: Option<String>,
    /// Whether time stands still but where something waits for it.
    pub paused: bool,
    pub files: Vec<(String, String)>,
    pub steps: Vec<Step>,
}

#[derive(Debug)]
pub enum Step {
    Exchange(Exchange),
    Request(Request),
}

/// What a backend is asked, and what it answers.
#[derive(Debug, Clone, Default)]
pub struct Exchange {
    /// The line of the specification, for people.
    pub line: usize,
    /// The source's name; any where it is not said.
    pub source: Option<String>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it may be asked again and again, by later requests too.
    pub always: bool,
    /// How long after the request the call has to come, in seconds; only where time is paused.
    pub at: Option<u64>,
    /// The method and the path with its query.
    pub ask: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    pub reply: Message,
}

/// A request and the answer that is expected.
#[derive(Debug)]
pub struct Request {
    pub line: usize,
    /// It is sent so many seconds after the next request, while that one is on its way.
    pub meanwhile: Option<u64>,
    /// So many seconds pass before it is sent.
    pub after: u64,
    pub caller: Arc<Caller>,
    pub ask: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
    pub answer: Message,
    /// The bytes of the answer's block, without its fences.
    pub place: Range<usize>,
}

/// A first line, headers and a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    pub first: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<String>,
}

struct Block<'t> {
    info: &'t str,
    line: usize,
    place: Range<usize>,
    text: &'t str,
}

/// Reads a specification; a message for its author where it is not well formed.
pub fn read(text: &str) -> Result<Spec, String> {
    if !text.starts_with("# ") {
        return Err("the first line is `# ` and a title".into());
    }
    let uses = text.lines().find_map(|line| line.strip_prefix("uses: ")).map(|name| name.trim().to_owned());
    let paused = text.lines().any(|line| line == "time: paused");
    let mut spec = Spec { uses, paused, files: Vec::new(), steps: Vec::new() };
    let mut asked: Option<(Block<'_>, Option<u64>)> = None;
    for block in blocks(text)? {
        let wrong = |what: &str| format!("line {}: {what}", block.line);
        let words: Vec<&str> = block.info.split_whitespace().collect();
        let option = |name: &str| words.iter().find_map(|w| w.strip_prefix(name)?.strip_prefix('='));
        let seconds = |text: &str| text.strip_suffix('s').and_then(|n| n.parse::<u64>().ok());
        let at = match option("at").map(seconds) {
            Some(None) => return Err(wrong("a time is said as `at=5s`")),
            Some(Some(_)) if !spec.paused => return Err(wrong("`at` needs the line `time: paused`")),
            at => at.flatten(),
        };
        match words.as_slice() {
            ["http", "backend", ..] => {
                let (ask, reply) = block
                    .text
                    .split_once("\n---\n")
                    .ok_or_else(|| wrong("`---` parts the question from the reply"))?;
                let ask = message(ask);
                spec.steps.push(Step::Exchange(Exchange {
                    line: block.line,
                    source: option("source").map(str::to_owned),
                    optional: words.contains(&"optional"),
                    always: words.contains(&"always"),
                    at,
                    ask: ask.first,
                    headers: ask.headers,
                    body: ask.body,
                    reply: message(reply),
                }));
            }
            ["http", "request" | "meanwhile", ..] => asked = Some((block, at)),
            ["http", "answer"] => {
                let (asked, at) =
                    asked.take().ok_or_else(|| wrong("there is no request before this answer"))?;
                let ask = message(asked.text);
                let (line, place, answer) = (asked.line, block.place, message(block.text));
                let meanwhile = asked.info.starts_with("http meanwhile").then(|| at.unwrap_or_default());
                let words = asked.info.split_whitespace();
                let said = |name: &str| words.clone().find_map(|w| w.strip_prefix(name)?.strip_prefix('='));
                let caller = described(
                    said("as").unwrap_or("operator"),
                    said("claims").unwrap_or_default(),
                    said("scopes"),
                );
                spec.steps.push(Step::Request(Request {
                    line,
                    meanwhile,
                    after: said("after").and_then(|text| text.strip_suffix('s')?.parse().ok()).unwrap_or(0),
                    caller,
                    ask: ask.first,
                    headers: ask.headers,
                    body: ask.body,
                    answer,
                    place,
                }));
            }
            ["yaml" | "json" | "xml", ..] => {
                let name = option("file").ok_or_else(|| wrong("a block of a file says `file=<name>`"))?;
                spec.files.push((name.to_owned(), block.text.to_owned()));
            }
            _ => return Err(wrong(&format!("`{}` is no kind of block", block.info))),
        }
    }
    match asked {
        Some((block, _)) => Err(format!("line {}: an `http answer` block has to follow", block.line)),
        None => Ok(spec),
    }
}

fn blocks(text: &str) -> Result<Vec<Block<'_>>, String> {
    let mut found = Vec::new();
    let mut open: Option<(&str, usize, usize)> = None;
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if let Some(info) = line.trim_end().strip_prefix("```") {
            match open.take() {
                None => open = Some((info, number + 1, at + line.len())),
                Some((info, line, start)) => {
                    found.push(Block { info, line, place: start..at, text: &text[start..at] });
                }
            }
        }
        at += line.len();
    }
    match open {
        Some((_, line, _)) => Err(format!("line {line}: the block is not closed")),
        None => Ok(found),
    }
}

/// A first line, `name: value` lines, an empty line, and a body that is taken as it stands.
fn message(text: &str) -> Message {
    let (head, body) = text.split_once("\n\n").map_or((text, None), |(head, body)| (head, Some(body)));
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default().trim().to_owned();
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers =
        headers.map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned())).collect();
    let body = body.map(|b| b.strip_suffix('\n').unwrap_or(b).to_owned());
    Message { first, headers, body }
}

impl std::fmt::Display for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.first)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {value}")?;
        }
        match &self.body {
            Some(body) if !body.is_empty() => writeln!(f, "\n{body}"),
            _ => Ok(()),
        }
    }
}
