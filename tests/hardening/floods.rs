//! Floods of HTTP/2 by a client of others (`h2` from `PyPI`), without TLS and with it: each ends with its connection, the
//! systems behind hear little of it, and others are served.

use super::{certificate, proving};
use crate::black_box::support::{Demo, Home, path};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const KINDS: [&str; 12] = [
    "rapid-reset",
    "continuation",
    "empty-continuation",
    "settings",
    "ping",
    "empty-data",
    "padded-data",
    "window-update",
    "priority",
    "header-bomb",
    "made-you-reset",
    "unknown",
];

/// What a flood may cost the systems behind.
const CALLS: usize = 100;

/// A Python with h2, below `target/hardening`; nothing where the tests may do without.
fn python() -> Option<PathBuf> {
    if std::env::var_os("PORTICO_WITHOUT_OUTSIDE").is_some_and(|value| value == "1") {
        eprintln!("NOT TESTED, as PORTICO_WITHOUT_OUTSIDE=1 allows: floods of HTTP/2");
        return None;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (made, wanted) = (root.join("target/hardening"), root.join("tests/hardening/requirements.txt"));
    let stamp = made.join("python/.made-of");
    let text = std::fs::read(&wanted).unwrap();
    if std::fs::read(&stamp).ok().as_ref() != Some(&text) {
        std::fs::create_dir_all(&made).unwrap();
        let run = |program: &Path, args: &[&str]| {
            let output = Command::new(program).args(args).current_dir(&made).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        run(Path::new("python3"), &["-m", "venv", "python"]);
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", path(&wanted)];
        run(&made.join("python/bin/python"), &install);
        std::fs::write(stamp, text).unwrap();
    }
    Some(made.join("python/bin/python"))
}

fn flood(python: &Path, kind: &str, port: u16, tls: bool, token: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hardening/floods.py");
    let tls = if tls { "tls" } else { "plain" };
    let output =
        Command::new(python).args(["-B", path(&script), kind, &port.to_string(), tls, token]).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{kind}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn all(demo: &Demo, python: &Path, tls: bool) {
    let token = demo.client.token().unwrap();
    let mut table = Vec::new();
    for kind in KINDS {
        let before = demo.asked().len();
        let (python, token) = (python.to_owned(), token.clone());
        let port = demo.home.port;
        let told =
            tokio::task::spawn_blocking(move || flood(&python, kind, port, tls, &token)).await.unwrap();
        let calls = demo.asked().len() - before;
        table.push(format!("{kind} {told} calls={calls}"));
        assert!(told["closed"].as_bool().unwrap(), "{kind} goes on: {told}");
        assert!(calls <= CALLS, "{kind}: {calls} calls behind");
        // Without a release build and a machine of its own, a second is not a bound that says anything.
        if proving() {
            assert!(told["after"].as_f64().unwrap() <= 1.0, "{kind}: {told}");
        }
    }
    eprintln!("{}", table.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flood_ends_with_its_connection() {
    let Some(python) = python() else { return };
    let demo = Demo::start().await;
    all(&demo, &python, false).await;
    demo.client.get("/v1/pets/110").await.with(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_flood_ends_with_its_connection_within_tls() {
    let Some(python) = python() else { return };
    let demo = Demo::start_with(secured).await;
    all(&demo, &python, true).await;
}

/// Puts TLS in front of the demo.
pub(super) fn secured(home: &Home) {
    let (certificate, key) = certificate(&home.path("config"), "server", &["localhost"]);
    let address = format!("address: 127.0.0.1:{}", home.port);
    let tls = format!("tls: {{ certificate: {}, key: {} }}", path(&certificate), path(&key));
    home.edit("config/demo.yaml", &address, &format!("{address}, {tls}"));
}
