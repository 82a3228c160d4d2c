//! A system that marks every answer with what was asked: over REST and SOAP, in a process of its own, so that it can be
//! frozen. It is this test binary, or the bench, started once more.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Says that this process is to be a backend: a port, and how many milliseconds it takes.
pub const BE: &str = "PORTICO_TEST_BACKEND";
/// How much every answer is filled up: half of it is far from its header and from its end.
const FILLER: usize = 6000;

/// The process; it does not outlive its owner.
pub struct Backend {
    child: Child,
    pub port: u16,
}

impl Backend {
    /// Starts this program once more, with the arguments that lead it to [`serve`].
    pub fn start(port: u16, takes: u64, args: &[&str]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(args).env(BE, format!("{port} {takes}")).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_mins(1), "the backend does not come");
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, port }
    }

    pub fn freeze(&self) {
        self.signal("STOP");
    }

    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same for one that is asked whether it lives: the answer of `GET /health` comes at once.
pub fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let asked = stream.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let mut text = String::new();
    asked.is_ok() && stream.read_to_string(&mut text).is_ok() && text.contains("200")
}

/// Is the backend where the environment says so, and does not come back then.
pub fn serve() {
    let Ok(said) = std::env::var(BE) else { return };
    let (port, takes) = said.split_once(' ').unwrap();
    let (port, takes) = (port.parse::<u16>().unwrap(), Duration::from_millis(takes.parse().unwrap()));
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let _ = stream.set_nodelay(true);
            #[expect(clippy::disallowed_methods, reason = "it ends with the process")]
            tokio::spawn(connection(stream, takes));
        }
    });
}

async fn connection(mut stream: tokio::net::TcpStream, takes: Duration) {
    let mut held: Vec<u8> = Vec::new();
    loop {
        let Some((length, answer)) = asked(&held) else {
            let mut piece = [0; 16 * 1024];
            match stream.read(&mut piece).await {
                Ok(0) | Err(_) => return,
                Ok(count) => held.extend_from_slice(&piece[..count]),
            }
            continue;
        };
        held.drain(..length);
        if answer.contains("mark") {
            tokio::time::sleep(takes).await;
        }
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A whole request at the beginning: how long it is, and its answer.
fn asked(held: &[u8]) -> Option<(usize, String)> {
    let text = std::str::from_utf8(held).ok()?;
    let head = text.find("\r\n\r\n")? + 4;
    let lower = text[..head].to_lowercase();
    let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let length: usize = length.map_or(0, |digits| digits.trim().parse().unwrap());
    let body = text.get(head..head + length)?;
    let target = text.split(' ').nth(1)?;
    let (kind, body) = if target.starts_with("/soap") {
        ("text/xml", envelope(between(body, "Id>", "<")))
    } else if let Some(id) = target.strip_prefix("/items/") {
        ("application/json", item(id))
    } else {
        ("application/json", "{}".to_owned())
    };
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    Some((head + length, answer))
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    text.split(from).nth(1).and_then(|rest| rest.split(to).next()).unwrap_or_default()
}

fn item(id: &str) -> String {
    format!(r#"{{"id":"{id}","note":"{}","name":"mark-{id}"}}"#, filler(id))
}

/// A long text that no other record has.
pub fn filler(id: &str) -> String {
    format!("{id} ").repeat(FILLER / (id.len() + 1))
}

fn envelope(id: &str) -> String {
    format!(
        r#"<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><Got xmlns="urn:items"><Item><Id>{id}</Id><Note>{}</Note><Name>mark-{id}</Name></Item></Got></e:Body></e:Envelope>"#,
        filler(id).trim_end()
    )
}
