//! One question over HTTP/1.1 on a connection of its own, for what is not measured: recording, comparing answers, waiting
//! until a program listens. It knows lengths and chunks, and nothing of redirects or TLS.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// A request without its host.
#[derive(Clone, Copy, Default)]
pub struct Question<'a> {
    pub method: &'a str,
    pub target: &'a str,
    pub headers: &'a [(String, String)],
    pub body: &'a str,
}

pub fn get(address: SocketAddr, target: &str) -> Result<(u16, String), String> {
    ask(address, Question { method: "GET", target, ..Question::default() })
}

pub fn ask(address: SocketAddr, question: Question<'_>) -> Result<(u16, String), String> {
    let told = |what: std::io::Error| format!("{address}{}: {what}", question.target);
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).map_err(told)?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(told)?;
    let mut text = format!(
        "{} {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n",
        question.method, question.target
    );
    for (name, value) in question.headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !question.body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", question.body.len()));
    }
    text.push_str("\r\n");
    text.push_str(question.body);
    stream.write_all(text.as_bytes()).map_err(told)?;
    let mut got = Vec::new();
    loop {
        if let Some(whole) = whole(&got) {
            return Ok(whole);
        }
        let mut piece = [0; 64 * 1024];
        let read = stream.read(&mut piece).map_err(told)?;
        if read == 0 {
            return Err(format!("{address}{}: the answer broke off", question.target));
        }
        got.extend_from_slice(&piece[..read]);
    }
}

/// Status and body, once all of them are there.
fn whole(got: &[u8]) -> Option<(u16, String)> {
    let end = got.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&got[..end]).ok()?;
    let status = head.get(9..12)?.parse().ok()?;
    let header = |wanted: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let body = &got[end..];
    let body = if header("transfer-encoding").is_some() {
        unchunk(body)?
    } else {
        let length: usize = header("content-length").unwrap_or("0").parse().ok()?;
        body.get(..length)?.to_vec()
    };
    Some((status, String::from_utf8_lossy(&body).into_owned()))
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..line]).ok()?.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        rest = rest.get(line + 2..)?;
        body.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size + 2..)?;
    }
}

/// Waits until something listens.
pub fn listens(address: SocketAddr, patience: Duration) -> Result<Duration, String> {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok() {
            return Ok(begun.elapsed());
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    Err(format!("nothing listens on {address}"))
}
