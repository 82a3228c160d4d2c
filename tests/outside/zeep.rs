//! zeep, an independent client of SOAP, against the embedded `opentrack`: what our own reader takes for right another one takes, too.

use super::support::Program;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// The embedded system in a process of its own; it ends with the test.
struct System(Child);

impl Drop for System {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn zeep_reads_and_writes_opentrack() {
    // zeep comes with the environment of spyne.
    let Some(_spyne) = Program::start("spyne") else { return };
    let mut system = System(
        Command::new(env!("CARGO_BIN_EXE_portico"))
            .args(["system", "opentrack", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    let mut line = String::new();
    BufReader::new(system.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("ready ").unwrap_or_else(|| panic!("it is not ready: {line}"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tried = Command::new(root.join("target/outside/python/bin/python"))
        .arg(root.join("tests/outside/zeep_opentrack.py"))
        .args([&format!("{address}/Parts.asmx"), "portico", "portico"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&tried.stdout);
    let why = String::from_utf8_lossy(&tried.stderr);
    assert!(tried.status.success(), "{said}\n{why}");
    assert!(said.lines().filter(|line| line.starts_with("OK")).count() > 90, "{said}");
}
