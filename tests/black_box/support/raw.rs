//! HTTP/1.1 by hand, for what no client would send. It reads answers strictly: a length or chunks, nothing else.

use super::PATIENCE;
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

/// One connection, made anew when the other side has closed it.
pub struct Raw {
    port: u16,
    stream: Option<BufReader<TcpStream>>,
}

/// What came back.
#[derive(Debug)]
pub struct Shape {
    pub status: u16,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Shape {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl Raw {
    pub fn new(port: u16) -> Self {
        Self { port, stream: None }
    }

    pub fn connect(port: u16) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    /// Sends bytes and reads one answer. `None`: the connection was closed without one.
    pub fn exchange(&mut self, bytes: &[u8], head_only: bool) -> Option<Shape> {
        if self.stream.is_none() {
            let stream = Self::connect(self.port).expect("the program takes no connection any more");
            self.stream = Some(BufReader::new(stream));
        }
        let stream = self.stream.as_mut()?;
        // A refusal may come, and the connection close, before all is sent.
        let _ = stream.get_mut().write_all(bytes);
        let shape = answer(stream, head_only);
        // A connection whose end was not announced is counted on for the next request.
        let ends =
            |shape: &Shape| shape.header("connection").is_some_and(|c| c.eq_ignore_ascii_case("close"));
        if shape.as_ref().is_none_or(ends) {
            self.stream = None;
        }
        shape
    }

    /// The next request goes out on a new connection.
    pub fn forget(&mut self) {
        self.stream = None;
    }
}

/// Reads one answer.
pub fn answer(stream: &mut BufReader<TcpStream>, head_only: bool) -> Option<Shape> {
    let mut first = line(stream)?;
    while first.starts_with("HTTP/1.1 100") {
        // Only a word in between (RFC 9110 section 15.2.1): it has no headers and the answer follows.
        line(stream)?;
        first = line(stream)?;
    }
    let status: u16 = first.strip_prefix("HTTP/1.")?.get(2..5)?.parse().ok()?;
    let mut headers = Vec::new();
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut shape = Shape { status, headers, body: Vec::new() };
    if head_only || status == 304 || status == 204 {
        return Some(shape);
    }
    if shape.header("transfer-encoding").is_some() {
        loop {
            let size = usize::from_str_radix(&line(stream)?, 16).ok()?;
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk).ok()?;
            shape.body.extend_from_slice(&chunk[..size]);
            if size == 0 {
                return Some(shape);
            }
        }
    }
    let length = shape.header("content-length")?.parse().ok()?;
    shape.body = vec![0; length];
    stream.read_exact(&mut shape.body).ok()?;
    Some(shape)
}

/// A line without its end.
pub fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut bytes = Vec::new();
    stream.read_until(b'\n', &mut bytes).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    Some(text.strip_suffix("\r\n")?.to_owned())
}
