//! Ten thousand malformed requests, the same ones in every run: whatever is sent, no answer is a fault of ours, each
//! is in the error's form or legitimate, and the program lives on. Only what is no request at all may be answered
//! barely, and then the connection closes.

mod dice;
mod generate;
mod judge;

use super::support::{Client, Demo, Raw};
use dice::Dice;
use generate::{Sent, sent};
use std::collections::BTreeMap;
use tokio::task::JoinSet;

const REQUESTS: u64 = 10_000;
/// Both bindings get the same kinds of requests, over as many connections each.
const CONNECTIONS: u64 = 4;

/// How often each outcome came, and what must not have come.
#[derive(Default)]
struct Tally {
    outcomes: BTreeMap<String, u64>,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, serial: u64, sent: &Sent, judged: Result<String, String>) {
        match judged {
            Ok(outcome) => *self.outcomes.entry(outcome).or_default() += 1,
            Err(what) => self.wrong.push(format!("request {serial}: {what}\n  {}", sent.shown())),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_malformed_requests_are_refused_in_good_form() {
    let mut demo = Demo::start().await;
    let (mut beside, store) = demo.beside("sql").await;
    let ports = [demo.home.port, store.port()];
    let clients = [demo.client.clone(), store];
    let mut tasks = JoinSet::new();
    for lane in 0..CONNECTIONS {
        let at = usize::try_from(lane % 2).unwrap();
        tasks.spawn_blocking({
            let (port, token) = (ports[at], clients[at].token().unwrap());
            move || by_hand(port, &token, lane)
        });
        tasks.spawn(through_a_client(clients[at].clone(), lane));
    }
    let mut all = Tally::default();
    for tally in tasks.join_all().await {
        for (outcome, times) in tally.outcomes {
            *all.outcomes.entry(outcome).or_default() += times;
        }
        all.wrong.extend(tally.wrong);
    }
    let shown: Vec<&str> = all.wrong.iter().take(40).map(String::as_str).collect();
    assert!(all.wrong.is_empty(), "{} of {REQUESTS}:\n{}", all.wrong.len(), shown.join("\n"));
    assert_eq!(all.outcomes.values().sum::<u64>(), REQUESTS);
    // The generator is worth something as long as it meets most of the table.
    let codes = all.outcomes.keys().filter(|outcome| outcome.starts_with('F')).count();
    assert!(codes >= 30, "only {codes} codes were met: {:?}", all.outcomes);
    for client in &clients {
        client.get("/v1/pets/110").await.with(200);
    }
    for program in [&mut demo.program, &mut beside] {
        assert!(program.is_alive());
        for line in program.err.all() {
            assert!(!line.contains("panicked"), "{line}");
        }
    }
}

/// Four fifths go out byte by byte as they were made.
fn by_hand(port: u16, token: &str, lane: u64) -> Tally {
    let mut raw = Raw::new(port);
    let mut tally = Tally::default();
    let mut before = String::new();
    for serial in (lane..REQUESTS).step_by(CONNECTIONS as usize).filter(|s| !for_client(*s)) {
        let sent = sent(&mut Dice::of(serial));
        let shape = raw.exchange(&authorised(sent.bytes(), token), sent.method == "HEAD");
        let judged = match shape {
            Some(shape) => judge::shape(&sent, &shape),
            None => Err(format!("the connection was closed without an answer; before it: {before}")),
        };
        before = sent.shown();
        if sent.broken {
            // Where one request ends and the next begins is nobody's to say now.
            raw.forget();
        }
        tally.add(serial, &sent, judged);
    }
    tally
}

/// The same request of somebody who may do everything: it stands behind the first line, where there is one.
fn authorised(mut bytes: Vec<u8>, token: &str) -> Vec<u8> {
    if let Some(end) = bytes.windows(2).position(|pair| pair == b"\r\n") {
        bytes.splice(end + 2..end + 2, format!("Authorization: Bearer {token}\r\n").into_bytes());
    }
    bytes
}

/// A fifth goes through a client, as most of what vendors send.
async fn through_a_client(client: Client, lane: u64) -> Tally {
    let mut tally = Tally::default();
    let mut before = String::new();
    for serial in (lane..REQUESTS).step_by(CONNECTIONS as usize).filter(|s| for_client(*s)) {
        let sent = generate::polite(&mut Dice::of(serial));
        let headers: Vec<(&str, &str)> = sent
            .headers
            .iter()
            .filter_map(|(n, v)| Some((n.as_str(), std::str::from_utf8(v).ok()?)))
            .collect();
        let body = sent.body.as_deref().and_then(|body| std::str::from_utf8(body).ok());
        let judged = match client.attempt(&sent.method, &sent.target, &headers, body).await {
            Ok(reply) => judge::reply(&sent, &reply),
            Err(error) => Err(format!("no answer: {error:?}; before it: {before}")),
        };
        before = sent.shown();
        tally.add(serial, &sent, judged);
    }
    tally
}

fn for_client(serial: u64) -> bool {
    serial % 20 >= 16
}
