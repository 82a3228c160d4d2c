//! A program of others as a process: installed once, started on a free port, and ended with its test. It knows
//! nothing of what the program says.
//!
//! A program that is not to be had on this machine (no Node.js, no network) fails its test, loudly, because a test
//! that did not run proves nothing. `PORTICO_WITHOUT_OUTSIDE=1` lets such tests pass unrun.

use crate::support::port::free_port;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

/// An installation fetches about 150 MB in its first run, and may wait for another test that does so.
const TO_INSTALL: Duration = Duration::from_mins(10);

/// Tryton reads all its modules before it listens, which takes a second on an idle machine.
const TO_ANSWER: Duration = Duration::from_mins(1);

/// What `scripts/outside` ends with where a program is not to be had (`EX_UNAVAILABLE` of `sysexits.h`).
const NOT_TO_BE_HAD: i32 = 69;

/// Between two attempts to connect.
const PAUSE: Duration = Duration::from_millis(50);

/// A running program; it ends when this is dropped.
pub struct Program {
    /// Where it listens, such as `127.0.0.1:43021`.
    pub address: String,
    running: Running,
}

/// A process with a group of its own, so that what it starts ends with it.
struct Running {
    child: Child,
    printed: Printed,
    streams: Receiver<()>,
}

/// The last lines of both streams.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<String>>>);

impl Program {
    /// Installs the program where it is missing, starts it, and waits until it answers.
    ///
    /// `None` where it is not to be had and `PORTICO_WITHOUT_OUTSIDE=1` says that this is known; the test ends then.
    pub fn start(name: &str) -> Option<Self> {
        let mut install = Running::start(&["install", name]);
        let end = install.end_within(TO_INSTALL);
        if end == Some(NOT_TO_BE_HAD) && std::env::var_os("PORTICO_WITHOUT_OUTSIDE").is_some_and(|v| v == "1")
        {
            eprintln!("NOT TESTED, as PORTICO_WITHOUT_OUTSIDE=1 allows: {}", install.printed.all());
            return None;
        }
        let why = "set PORTICO_WITHOUT_OUTSIDE=1 where it cannot be installed";
        assert!(end == Some(0), "`{name}` is not installed ({why}):\n{}", install.printed.all());
        // Another process may take a free port before the program does.
        for _ in 0..3 {
            let port = free_port();
            let mut running = Running::start(&["run", name, &port.to_string()]);
            if running.answers(port) {
                return Some(Self { address: format!("127.0.0.1:{port}"), running });
            }
            eprintln!("`{name}` ended at once on port {port}:\n{}", running.printed.all());
        }
        panic!("`{name}` did not start three times");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the program at {} printed:\n{}", self.address, self.running.printed.all());
        }
    }
}

// === impl Running ===

impl Running {
    fn start(args: &[&str]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/outside");
        let mut child = Command::new(&script)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|e| panic!("{}: {e}", script.display()));
        let printed = Printed::default();
        let (over, streams) = channel();
        printed.follow(child.stdout.take().unwrap(), over.clone());
        printed.follow(child.stderr.take().unwrap(), over);
        Self { child, printed, streams }
    }

    /// Waits for its end, and gives the code that it ended with.
    fn end_within(&mut self, limit: Duration) -> Option<i32> {
        let until = Instant::now() + limit;
        assert!(self.closes(until), "it does not end:\n{}", self.printed.all());
        self.child.wait().unwrap().code()
    }

    /// Whether both streams are closed before then, as they are when all processes of the group have ended.
    fn closes(&self, until: Instant) -> bool {
        loop {
            match self.streams.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(()) => {}
                Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
            }
        }
    }

    /// Waits until it speaks HTTP; `false` where it ended instead.
    fn answers(&mut self, port: u16) -> bool {
        let until = Instant::now() + TO_ANSWER;
        while Instant::now() < until {
            if self.child.try_wait().unwrap().is_some() {
                self.closes(Instant::now() + TO_ANSWER);
                return false;
            }
            if speaks_http(port) {
                return true;
            }
            if self.closes(Instant::now() + PAUSE) {
                return false;
            }
        }
        panic!("it neither answers nor ends:\n{}", self.printed.all());
    }

    /// Sends a signal to all processes of the group.
    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} -- -{} 2>/dev/null", self.child.id());
        let _ = Command::new("bash").args(["-c", &kill]).status();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first, so that it can remove what it wrote; then made to.
        self.signal("TERM");
        if !self.closes(Instant::now() + Duration::from_secs(5)) {
            self.signal("KILL");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether something on the port answers a request with a status line; which status is no matter.
fn speaks_http(port: u16) -> bool {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let attempt = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(
            format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes(),
        )?;
        let mut start = vec![0; 5];
        stream.read_exact(&mut start)?;
        Ok(start)
    };
    attempt().is_ok_and(|start| start == b"HTTP/")
}

// === impl Printed ===

impl Printed {
    /// No failure needs more of it; a program that logs each request would fill the memory.
    const LINES: usize = 200;

    fn follow(&self, stream: impl Read + Send + 'static, over: Sender<()>) {
        let printed = self.clone();
        thread::spawn(move || {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let mut lines = printed.0.lock().unwrap();
                if lines.len() == Self::LINES {
                    lines.remove(0);
                }
                lines.push(String::from_utf8_lossy(&line).into_owned());
            }
            // The other end learns of it by the channel's end.
            drop(over);
        });
    }

    fn all(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}
