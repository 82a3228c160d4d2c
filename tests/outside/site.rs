//! The façade over a program: in this process, without a socket in front, with real calls behind. It judges no
//! answer, but that no word of the program stands in it.

use super::support::Program;
use crate::support;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    backend::{self, Sources},
    edge,
    fault::Diagnostics,
    pipeline::{Facade, Instance},
    plan::{Plan, compile::compile},
    spec::load::{Tree, load},
    telemetry::clock::System,
};
use serde_json::Value;
use std::{path::Path, sync::Arc, time::Duration};
use tokio::{runtime::Runtime, time::Instant};

const CONFIG: &str = "config/outside.yaml";

/// Longer than any request here takes on a busy machine.
const LONG: Duration = Duration::from_mins(1);

/// A program with the façade in front of it; both end when this is dropped.
pub struct Site {
    _program: Program,
    facade: Facade,
    runtime: Runtime,
    /// Words that are the program's own.
    foreign: &'static [&'static str],
}

/// An answer, read.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub text: String,
    pub headers: http::HeaderMap,
}

impl Site {
    /// Starts the program and serves the parts from it; `None` where it is not to be had and that is known.
    pub fn start(name: &str, foreign: &'static [&'static str]) -> Option<Self> {
        let program = Program::start(name)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        edge::install_tls_provider();
        let plan = plan(name, &program.address);
        let instance = runtime.block_on(async {
            let sources = Sources::build(&plan, None, &backend::http::network).await;
            sources.unwrap_or_else(|fault| panic!("{fault:?}"))
        });
        let facade = Facade::new(Instance { plan, sources: instance }, Arc::new(System));
        Some(Self { _program: program, facade, runtime, foreign })
    }

    pub fn get(&self, target: &str) -> Reply {
        self.ask("GET", target, None)
    }

    /// Sends one request through the whole road.
    pub fn ask(&self, method: &str, target: &str, body: Option<&Value>) -> Reply {
        let mut request = http::Request::builder().method(method).uri(target);
        if body.is_some() {
            let kind = if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
            request = request.header("content-type", kind);
        }
        let bytes = body.map(ToString::to_string).unwrap_or_default();
        let request = request.body(Full::new(Bytes::from(bytes))).unwrap();
        let (head, text) = self.runtime.block_on(async {
            let (head, body) = self
                .facade
                .answer_as(portico::identity::Caller::operator(), request, Instant::now() + LONG)
                .await
                .into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            (head, String::from_utf8(bytes.to_vec()).unwrap())
        });
        let shown = format!("{text}{:?}", head.headers);
        for word in self.foreign {
            assert!(!shown.contains(word), "`{word}` shows in the answer to {method} {target}: {shown}");
        }
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply { status: head.status.as_u16(), body, text, headers: head.headers }
    }
}

impl Reply {
    /// The same, with a status that has to be this one.
    #[track_caller]
    pub fn with(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// A refusal of this status and code; the places of its violations.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Vec<String> {
        let reply = self.with(status);
        assert_eq!(reply.body["code"], code, "{}", reply.text);
        let places = reply.body["violations"].as_array().cloned().unwrap_or_default();
        places.iter().map(|one| one["pointer"].as_str().unwrap_or_default().to_owned()).collect()
    }
}

/// The plan with this program for the parts, where it listens.
fn plan(name: &str, address: &str) -> Plan {
    let mut files = support::tree("tests/outside/api/", &["mappings", "schemas", "config"]);
    let served = files.contains_key(Path::new(&format!("mappings/parts/v1/parts.{name}.yaml")));
    let config = files.get_mut(Path::new(CONFIG)).unwrap();
    let mut lines: Vec<String> = config.lines().map(str::to_owned).collect();
    if served {
        let serve = lines.iter_mut().find(|line| line.trim_start().starts_with("parts: ")).unwrap();
        *serve = format!("      parts: {name}");
    }
    let at = lines
        .iter()
        .position(|line| *line == format!("  {name}:"))
        .unwrap_or_else(|| panic!("no source `{name}`"));
    let line = &mut lines[at + 1];
    let start = line.find("127.0.0.1:").unwrap_or_else(|| panic!("`{line}` has no address"));
    let end = start + line[start..].find([',', '/', ' ']).unwrap();
    line.replace_range(start..end, address);
    *config = lines.join("\n") + "\n";
    let mut out = Diagnostics::new();
    let files = load(&Tree::Memory(files), Path::new(CONFIG), &mut out);
    let plan = compile(&files, &mut out);
    assert!(!out.has_errors(), "{}", out.render_plain());
    plan.unwrap_or_else(|| panic!("no plan came of the files"))
}
