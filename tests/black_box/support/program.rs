//! The binary as a process: what it prints is kept, it takes signals, and it does not outlive its test.

use super::PATIENCE;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
};
use tokio::{sync::watch, time::timeout};

pub struct Program {
    child: Child,
    pub out: Lines,
    pub err: Lines,
    ended: watch::Receiver<u8>,
}

/// The lines of one stream, as they come.
pub struct Lines(watch::Receiver<Vec<String>>);

/// The binary to test: that of this build, or another one, such as the one for release.
fn binary() -> String {
    std::env::var("PORTICO_TEST_BINARY").unwrap_or_else(|_| env!("CARGO_BIN_EXE_portico").to_owned())
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // What the shell around the tests says must not reach the program.
    for name in ["PORT", "PORTICO_CONFIG", "PORTICO_DRUPAL7_PASSWORD", "PORTICO_FAILPOINTS", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}

impl Program {
    pub fn start(args: &[&str]) -> Self {
        Self::start_in(args, &[])
    }

    /// The same with more in its environment.
    pub fn start_in(args: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut child = command(args).envs(environment.iter().copied()).spawn().unwrap();
        let (over, ended) = watch::channel(0);
        let out = Lines::of(child.stdout.take().unwrap(), over.clone());
        let err = Lines::of(child.stderr.take().unwrap(), over);
        Self { child, out, err, ended }
    }

    /// Runs it to its end.
    pub fn run(args: &[&str]) -> Output {
        command(args).output().unwrap()
    }

    /// Waits for the line that says so; `false` where the program ended instead.
    pub async fn is_ready(&self) -> bool {
        let mut lines = self.out.0.clone();
        let mut ended = self.ended.clone();
        let wait = async {
            tokio::select! {
                biased;
                found = lines.wait_for(|lines| lines.iter().any(|l| l.starts_with("ready http://"))) => found.is_ok(),
                _ = ended.wait_for(|streams| *streams == 2) => false,
            }
        };
        let ready = timeout(PATIENCE, wait).await.expect("the program neither gets ready nor ends");
        if !ready {
            eprintln!("the program ended: {}", self.err.all().join("\n"));
        }
        ready
    }

    /// Sends a signal by its name, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status();
        assert!(sent.unwrap().success(), "the signal {name} cannot be sent");
    }

    /// The memory that it has, in bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub async fn end(&mut self) -> ExitStatus {
        let streams = self.ended.wait_for(|streams| *streams == 2);
        timeout(PATIENCE, streams).await.expect("the program does not end").unwrap();
        self.child.wait().unwrap()
    }

    /// Ends it at once, as a lost machine would.
    pub async fn kill(&mut self) {
        self.child.kill().unwrap();
        self.end().await;
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("the program's errors:\n{}", self.err.all().join("\n"));
        }
    }
}

// === impl Lines ===

impl Lines {
    fn of(stream: impl Read + Send + 'static, over: watch::Sender<u8>) -> Self {
        let (sender, lines) = watch::channel(Vec::new());
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                sender.send_modify(|lines: &mut Vec<String>| lines.push(line));
            }
            over.send_modify(|streams| *streams += 1);
        });
        Self(lines)
    }

    pub fn all(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    pub fn count(&self, text: &str) -> usize {
        self.0.borrow().iter().filter(|line| line.contains(text)).count()
    }

    /// Waits until so many lines hold the text.
    pub async fn until(&self, text: &str, times: usize) {
        let mut lines = self.0.clone();
        let enough = |lines: &Vec<String>| lines.iter().filter(|line| line.contains(text)).count() >= times;
        let waited = timeout(PATIENCE, lines.wait_for(enough)).await.map(|found| found.is_ok());
        assert!(waited == Ok(true), "no {times} lines with `{text}` in:\n{}", self.all().join("\n"));
    }
}
