//! One line for each request, in JSON or logfmt. A thread of its own writes them, so that a request never waits for a disk or
//! a pipe; what the thread cannot keep up with is dropped and counted. Words of a caller stand in no line: a method of
//! HTTP, names of our files, numbers, and the client's id as the authorization server knows it.

use super::{
    meters::{Meters, RouteId},
    trace::TraceId,
};
use crate::value::time::Moment;
use std::{
    fmt::Write as _,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

/// Lines that wait for the writer.
const ROOM: usize = 8192;
/// No id that we gave is longer.
const LONGEST: usize = 200;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    Logfmt,
}

/// Where lines go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    Stdout,
    Stderr,
    /// A file that is added to, and opened anew where it was moved away.
    File(PathBuf),
}

/// What is told of one request.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    pub at: Moment,
    pub trace: Option<TraceId>,
    pub method: &'static str,
    pub route: &'a RouteId,
    pub status: u16,
    /// The code of the refusal.
    pub code: Option<&'static str>,
    pub took: Duration,
    /// The stages that were gone through, with their time.
    pub stages: &'a [(&'static str, Duration)],
    /// What the request said its body is, and what was answered, in bytes.
    pub received: Option<u64>,
    pub sent: usize,
    pub client: Option<&'a str>,
    /// The caller's roles.
    pub roles: &'a [Box<str>],
    /// `hit`, `stale`, `miss`, `bypass`, or nothing where nothing was asked.
    pub cache: Option<&'static str>,
    /// Calls to sources, and how long they took together.
    pub calls: Option<(u32, Duration)>,
    /// What all files say, as a number.
    pub plan: &'a str,
}

/// The writer of lines.
#[derive(Debug)]
pub struct Lines {
    form: Form,
    queue: SyncSender<String>,
}

impl Lines {
    /// Opens the place and begins to write. The thread ends with the last `Lines`.
    pub fn open(form: Form, to: &To) -> io::Result<Arc<Self>> {
        let mut place = Place::open(to)?;
        let (queue, lines) = sync_channel(ROOM);
        std::thread::Builder::new().name("lines".into()).spawn(move || write(&mut place, &lines))?;
        Ok(Arc::new(Self { form, queue }))
    }

    pub fn write(&self, line: &Line<'_>, meters: &Meters) {
        let mut text = String::with_capacity(512);
        match self.form {
            Form::Json => fields(line, &mut Json(&mut text)),
            Form::Logfmt => fields(line, &mut Logfmt(&mut text)),
        }
        if matches!(self.form, Form::Json) {
            text.push('}');
        }
        text.push('\n');
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.queue.try_send(text) {
            meters.dropped_lines.add(1);
        }
    }
}

enum Place {
    Out(io::Stdout),
    Err(io::Stderr),
    File(PathBuf, std::fs::File),
}

impl Place {
    fn open(to: &To) -> io::Result<Self> {
        Ok(match to {
            To::Stdout => Self::Out(io::stdout()),
            To::Stderr => Self::Err(io::stderr()),
            To::File(path) => Self::File(path.clone(), append(path)?),
        })
    }

    fn put(&mut self, text: &[u8]) -> io::Result<()> {
        match self {
            Self::Out(out) => out.write_all(text).and_then(|()| out.flush()),
            Self::Err(err) => err.write_all(text),
            Self::File(path, file) => {
                if is_gone(path, file) {
                    *file = append(path)?;
                }
                file.write_all(text)
            }
        }
    }
}

fn append(path: &Path) -> io::Result<std::fs::File> {
    std::fs::OpenOptions::new().create(true).append(true).open(path)
}

/// Whether the file was moved or removed, as programs that rotate files do.
fn is_gone(path: &Path, file: &std::fs::File) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |there: std::fs::Metadata, here: std::fs::Metadata| {
        (there.dev(), there.ino()) == (here.dev(), here.ino())
    };
    match (std::fs::metadata(path), file.metadata()) {
        (Ok(there), Ok(here)) => !same(there, here),
        _ => true,
    }
}

/// Writes what has come together, until nobody sends any more.
fn write(place: &mut Place, lines: &Receiver<String>) {
    while let Ok(mut text) = lines.recv() {
        while text.len() < 64 * 1024
            && let Ok(more) = lines.try_recv()
        {
            text.push_str(&more);
        }
        // A disk that is full must not end the program; what comes later may have room again.
        _ = place.put(text.as_bytes());
    }
}

/// A form of lines: it takes names of ours, and values.
trait Fields {
    fn text(&mut self, name: &str, value: &str);
    fn number(&mut self, name: &str, value: impl std::fmt::Display);
}

fn fields(line: &Line<'_>, out: &mut impl Fields) {
    // Milliseconds tell lines apart; the trace tells requests apart.
    let at = Moment { nanos: line.at.nanos / 1_000_000 * 1_000_000, ..line.at };
    out.text("time", &at.to_string());
    out.text("event", "request");
    if let Some(trace) = line.trace {
        out.text("trace", &trace.to_string());
    }
    out.text("method", line.method);
    if !line.route.api.is_empty() {
        out.text("api", &line.route.api);
    }
    out.text("route", &line.route.route);
    if !line.route.operation.is_empty() {
        out.text("operation", line.route.operation);
    }
    out.number("status", line.status);
    if let Some(code) = line.code {
        out.text("code", code);
    }
    let seconds = |took: Duration| format!("{:.6}", took.as_secs_f64());
    out.number("seconds", seconds(line.took));
    for (name, took) in line.stages {
        out.number(&format!("{name}_seconds"), seconds(*took));
    }
    if let Some(received) = line.received {
        out.number("received_bytes", received);
    }
    out.number("sent_bytes", line.sent);
    if let Some(client) = line.client {
        out.text("client", client);
    }
    if !line.roles.is_empty() {
        out.text("role", &line.roles.join(","));
    }
    if let Some(cache) = line.cache {
        out.text("cache", cache);
    }
    if let Some((calls, took)) = line.calls {
        out.number("source_calls", calls);
        out.number("source_seconds", seconds(took));
    }
    out.text("plan", line.plan);
}

struct Json<'a>(&'a mut String);

struct Logfmt<'a>(&'a mut String);

/// No more of a text than has a place in a line.
fn short(text: &str) -> impl Iterator<Item = char> {
    text.chars().take(LONGEST)
}

impl Json<'_> {
    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        _ = write!(self.0, "\"{name}\":");
    }
}

/// A value in quotes, as JSON escapes it; logfmt is read alike.
fn quoted(out: &mut String, value: &str) {
    out.push('"');
    for char in short(value) {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
}

impl Fields for Json<'_> {
    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        quoted(self.0, value);
    }

    fn number(&mut self, name: &str, value: impl std::fmt::Display) {
        self.name(name);
        _ = write!(self.0, "{value}");
    }
}

impl Logfmt<'_> {
    fn name(&mut self, name: &str) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        _ = write!(self.0, "{name}=");
    }
}

impl Fields for Logfmt<'_> {
    fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        let bare = !value.is_empty()
            && short(value).all(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '"' | '=' | '\\'));
        if bare {
            self.0.extend(short(value));
            return;
        }
        quoted(self.0, value);
    }

    fn number(&mut self, name: &str, value: impl std::fmt::Display) {
        self.name(name);
        _ = write!(self.0, "{value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(route: &'a RouteId, roles: &'a [Box<str>], client: &'a str) -> Line<'a> {
        Line {
            at: Moment { seconds: 1_795_219_200, nanos: 0 },
            trace: Some(TraceId(0xabc)),
            method: "GET",
            route,
            status: 404,
            code: Some("F112"),
            took: Duration::from_micros(1500),
            stages: const { &[("arrive", Duration::from_micros(4))] },
            received: None,
            sent: 120,
            client: Some(client),
            roles,
            cache: Some("hit"),
            calls: Some((2, Duration::from_millis(1))),
            plan: "1f",
        }
    }

    fn written(form: Form, client: &str) -> String {
        let folder = std::env::temp_dir().join(format!("portico-lines-{}-{form:?}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("requests.log");
        let lines = Lines::open(form, &To::File(file.clone())).unwrap();
        let route = RouteId { api: "shop/v1".into(), route: "items".into(), operation: "read" };
        let roles = ["vet".into()];
        lines.write(&line(&route, &roles, client), &Meters::default());
        drop(lines);
        let until = std::time::Instant::now() + Duration::from_secs(10);
        loop {
            let text = std::fs::read_to_string(&file).unwrap();
            if text.ends_with('\n') || std::time::Instant::now() > until {
                std::fs::remove_dir_all(&folder).unwrap();
                return text;
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_line_is_one_object_of_json_or_one_line_of_logfmt_whatever_a_client_is_called() {
        let odd = "a\"b\\c\nd=e";
        let text = written(Form::Json, odd);
        assert_eq!(text.lines().count(), 1);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["client"], odd);
        assert_eq!((&value["status"], &value["seconds"]), (&404.into(), &0.0015.into()));
        assert_eq!(value["trace"], "00000000000000000000000000000abc");
        assert_eq!((&value["source_calls"], &value["arrive_seconds"]), (&2.into(), &4e-6.into()));
        let text = written(Form::Logfmt, odd);
        assert_eq!(text.lines().count(), 1);
        assert!(text.contains(" client=\"a\\\"b\\\\c\\u000ad=e\" role=vet cache=hit "), "{text}");
        assert!(text.starts_with("time=2026-11-21T00:00:00Z event=request trace="), "{text}");
    }

    #[test]
    fn lines_go_on_in_a_new_file_where_the_old_one_was_moved_away() {
        let file = std::env::temp_dir().join(format!("portico-moved-{}.log", std::process::id()));
        let mut place = Place::open(&To::File(file.clone())).unwrap();
        place.put(b"one\n").unwrap();
        let moved = file.with_extension("1");
        std::fs::rename(&file, &moved).unwrap();
        place.put(b"two\n").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "two\n");
        assert_eq!(std::fs::read_to_string(&moved).unwrap(), "one\n");
        std::fs::remove_file(&file).unwrap();
        std::fs::remove_file(&moved).unwrap();
    }
}
