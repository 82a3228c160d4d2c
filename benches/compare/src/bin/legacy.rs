//! The system behind, as fast as one can be: it answers Drupal's URLs from memory with whole answers made beforehand, so
//! that it is never what is measured. It deliberately understands no more of HTTP than its callers send.

use std::{cell::RefCell, collections::HashMap, net::SocketAddr, rc::Rc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A body, by the path and query that it is asked with.
type Known = HashMap<String, String>;

struct Memory {
    /// Documents of single records, in the order of their keys.
    nodes: Vec<Box<serde_json::value::RawValue>>,
    known: Known,
    /// Whole answers, by method and target.
    answers: RefCell<HashMap<Vec<u8>, Rc<[u8]>>>,
}

fn main() {
    let mut words = std::env::args().skip(1);
    let address: SocketAddr = words.next().and_then(|w| w.parse().ok()).expect("an address");
    let folder = words.next().expect("the folder of what is answered");
    let text = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).expect("a recorded file");
    let memory = Memory {
        nodes: serde_json::from_str(&text("nodes.json")).expect("a list of nodes"),
        known: serde_json::from_str(&text("known.json")).expect("a map of bodies"),
        answers: RefCell::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async move {
        let memory = Rc::new(memory);
        let listener = TcpListener::bind(address).await.expect("a free port");
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            let _ = stream.set_nodelay(true);
            tokio::task::spawn_local(talk(stream, Rc::clone(&memory)));
        }
    });
}

async fn talk(mut stream: TcpStream, memory: Rc<Memory>) {
    let mut held = Vec::with_capacity(16 * 1024);
    loop {
        let Some(end) = held.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) else {
            match stream.read_buf(&mut held).await {
                Ok(0) | Err(_) => return,
                Ok(_) => continue,
            }
        };
        let length = body_length(&held[..end]);
        while held.len() < end + length {
            match stream.read_buf(&mut held).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
        let line = held.iter().position(|b| *b == b'\r').unwrap_or(0);
        // Without the version.
        let asked = &held[..line.saturating_sub(9)];
        let known = memory.answers.borrow().get(asked).cloned();
        let answer = known.unwrap_or_else(|| memory.answer(asked, &held[end..end + length]));
        if stream.write_all(&answer).await.is_err() {
            return;
        }
        held.drain(..end + length);
    }
}

/// What `Content-Length` says; only its usual spellings are known.
fn body_length(head: &[u8]) -> usize {
    let text = std::str::from_utf8(head).unwrap_or_default();
    if text.starts_with("GET ") {
        return 0;
    }
    let line =
        text.lines().find(|line| line.len() > 15 && line[..15].eq_ignore_ascii_case("content-length:"));
    line.and_then(|line| line[15..].trim().parse().ok()).unwrap_or(0)
}

impl Memory {
    fn answer(&self, asked: &[u8], body: &[u8]) -> Rc<[u8]> {
        let line = String::from_utf8_lossy(asked).into_owned();
        let found = self.body(&line, body);
        let keep = found.is_some() && body.is_empty();
        let (status, media) = match &found {
            Some(text) if text.starts_with('<') => ("200 OK", "text/xml; charset=utf-8"),
            Some(_) => ("200 OK", "application/json"),
            None => ("404 Not Found", "application/json"),
        };
        let text = found.unwrap_or_else(|| "[\"not found\"]".to_owned());
        let whole = format!(
            "HTTP/1.1 {status}\r\nServer: legacy\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n{text}",
            text.len()
        );
        let whole: Rc<[u8]> = whole.into_bytes().into();
        if keep {
            self.answers.borrow_mut().insert(asked.to_vec(), Rc::clone(&whole));
        }
        whole
    }

    fn body(&self, line: &str, sent: &[u8]) -> Option<String> {
        if let Some(known) = self.known.get(line) {
            return Some(known.clone());
        }
        // An operation of SOAP is told by what is sent.
        if line.starts_with("POST ") && sent.first() == Some(&b'<') {
            return self.known.get("SOAP").cloned();
        }
        if line == "POST /rest/node.json" {
            return Some("{\"nid\":\"101\",\"uri\":\"http://legacy/rest/node/101\"}".to_owned());
        }
        let target = line.strip_prefix("GET ")?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        if let Some(nid) = path.strip_prefix("/rest/node/").and_then(|rest| rest.strip_suffix(".json")) {
            return self.node(nid.parse().ok()?);
        }
        let said = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.into_iter().find(|(key, _)| *key == name).and_then(|(_, value)| value.parse::<usize>().ok())
        };
        // A record of so many members, and lists of them.
        if let Some(rest) = path.strip_prefix("/rest/wide/").and_then(|rest| rest.strip_suffix(".json")) {
            let (members, key) =
                rest.split_once('/').map_or((rest, None), |(members, key)| (members, Some(key)));
            let members = members.parse().ok()?;
            return Some(match key {
                Some(key) => wide(members, key),
                None => {
                    let from = said("offset").unwrap_or(0);
                    let rows = from..from + said("limit").unwrap_or(10);
                    let rows: Vec<String> = rows.map(|at| wide(members, &(at + 1).to_string())).collect();
                    format!("[{}]", rows.join(","))
                }
            });
        }
        let pet = || query.split('&').find_map(|pair| pair.strip_prefix("pet="));
        match path {
            "/rest/views/visits.json" | "/rest/views/notes.json" => {
                self.known.get(&format!("GET {path}?pet={}", pet()?)).cloned()
            }
            // A view: any stretch.
            "/rest/views/pets.json" => Some(self.stretch(said("offset").unwrap_or(0), said("limit")?)),
            // Another: pages of 25, counted from 0.
            "/rest/views/paged.json" => Some(self.stretch(said("page").unwrap_or(0) * 25, 25)),
            _ => None,
        }
    }

    fn node(&self, nid: usize) -> Option<String> {
        let at = nid.checked_sub(101).filter(|at| *at < self.many())?;
        Some(self.numbered(at))
    }

    /// So many rows there are, over and over the same ones with keys of their own.
    fn many(&self) -> usize {
        10_000
    }

    fn numbered(&self, at: usize) -> String {
        let text = self.nodes[at % self.nodes.len()].get();
        let own = format!("\"nid\":\"{}\"", 101 + at % self.nodes.len());
        text.replacen(&own, &format!("\"nid\":\"{}\"", 101 + at), 1)
    }

    fn stretch(&self, offset: usize, limit: usize) -> String {
        let until = self.many().min(offset.saturating_add(limit));
        let rows: Vec<String> = (offset..until).map(|at| self.numbered(at)).collect();
        format!("[{}]", rows.join(","))
    }
}

fn wide(members: usize, key: &str) -> String {
    let rest: String = (1..members).map(|at| format!(",\"f{at}\":\"what stands at {at}\"")).collect();
    format!("{{\"id\":\"{key}\"{rest}}}")
}
