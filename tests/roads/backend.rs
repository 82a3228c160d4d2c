//! Backends that answer as they were recorded. A question that nobody recorded is a complaint, and so is a
//! recorded one that nobody asks.

use super::read::Exchange;
use portico::{
    backend::http::{Lost, Outgoing, Received, Transport, transport},
    fault::Fault,
    plan::{HttpSource, Plan, SourceKind},
};
use std::sync::{Arc, Mutex};

/// What may be asked now, and what went wrong until now.
#[derive(Debug, Default)]
pub struct Recorded {
    open: Vec<Exchange>,
    complaints: Vec<String>,
    /// When the request began.
    began: Option<tokio::time::Instant>,
}

pub type Shared = Arc<Mutex<Recorded>>;

impl Recorded {
    pub fn add(&mut self, exchange: Exchange) {
        self.open.push(exchange);
    }

    pub fn begin(&mut self) {
        self.began = Some(tokio::time::Instant::now());
    }

    /// Ends a request: what was recorded for it has to have been asked.
    pub fn end(&mut self) -> Vec<String> {
        let left = self.open.iter().filter(|e| !e.optional && !e.always);
        let left: Vec<String> = left.map(|e| format!("line {}: nobody asked `{}`", e.line, e.ask)).collect();
        self.open.retain(|e| e.always);
        let mut complaints = std::mem::take(&mut self.complaints);
        complaints.extend(left);
        complaints
    }

    fn answer(&mut self, source: &str, address: &str, outgoing: &Outgoing) -> Result<Received, Lost> {
        let path = outgoing.url.strip_prefix(address).unwrap_or(&outgoing.url);
        let asked = format!("{} {path}", outgoing.method);
        let body = outgoing.body.as_ref().map(|b| String::from_utf8_lossy(b).into_owned());
        let found = self.open.iter().position(|e| {
            e.ask == asked.trim_end()
                && e.source.as_deref().is_none_or(|s| s == source)
                && is_body(e.body.as_deref(), body.as_deref())
                && e.headers.iter().all(|wanted| carries(outgoing, wanted))
        });
        let Some(at) = found else {
            let headers: Vec<String> =
                outgoing.headers.iter().map(|(n, v)| format!("      {n}: {v}")).collect();
            let body = body.map_or_else(String::new, |b| format!("\n      {b}"));
            let told = format!(
                "nothing is recorded for this call to `{source}`:\n      {asked}\n{}{body}",
                headers.join("\n")
            );
            self.complaints.push(told);
            return Err(Lost::Unreachable("nothing is recorded".into()));
        };
        let since = self.began.map_or(0, |began| began.elapsed().as_secs());
        if let Some(wanted) = self.open[at].at.filter(|wanted| *wanted != since) {
            self.complaints.push(format!("`{asked}` came after {since} s, and not after {wanted} s"));
        }
        let exchange = if self.open[at].always { self.open[at].clone() } else { self.open.remove(at) };
        let reply = exchange.reply;
        match reply.first.as_str() {
            "unreachable" => Err(Lost::Unreachable("as recorded".into())),
            "timed out" => Err(Lost::TimedOut),
            "broken" => Err(Lost::Broken("as recorded".into())),
            status => Ok(Received {
                status: status
                    .parse()
                    .unwrap_or_else(|_| panic!("line {}: `{status}` is no status", exchange.line)),
                retry_after: transport::retry_after(&headers_of(&reply.headers)),
                headers: headers_of(&reply.headers),
                body: reply.body.unwrap_or_default().into_bytes(),
            }),
        }
    }
}

/// Whether a body is the one that was recorded. `{any}` stands for a value that nobody can know, such as a nonce.
fn is_body(wanted: Option<&str>, body: Option<&str>) -> bool {
    match (wanted.and_then(|wanted| wanted.split_once("{any}")), body) {
        (Some((head, tail)), Some(body)) => {
            body.len() > head.len() + tail.len() && body.starts_with(head) && body.ends_with(tail)
        }
        _ => wanted == body,
    }
}

fn headers_of(all: &[(String, String)]) -> http::HeaderMap {
    all.iter()
        .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
        .collect()
}

/// Whether a call carries a header; `(none)` wants that it does not, `(any)` that it has one that is not empty.
fn carries(outgoing: &Outgoing, (name, wanted): &(String, String)) -> bool {
    let found = outgoing.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
    match wanted.as_str() {
        "(none)" => found.is_none(),
        "(any)" => found.is_some_and(|value| !value.is_empty()),
        wanted => found == Some(wanted),
    }
}

/// The way to a source of this plan, which ends at what was recorded.
pub fn connect(
    plan: &Plan,
    recorded: &Shared,
) -> impl Fn(&HttpSource) -> Result<Transport, Fault> + Send + Sync + use<> {
    let named = plan.sources.iter().filter_map(|source| match &source.kind {
        SourceKind::Http(http) => Some((http.clone(), source.name.clone())),
        _ => None,
    });
    // Two sources may have one address, and never one account.
    let named: Vec<(HttpSource, String)> = named.collect();
    let recorded = Arc::clone(recorded);
    move |source| {
        let address = source.address.clone();
        let name =
            named.iter().find(|(known, _)| known == source).map_or_else(String::new, |(_, n)| n.clone());
        let recorded = Arc::clone(&recorded);
        Ok(Transport::new(tower::service_fn(move |outgoing: Outgoing| {
            let answer = recorded.lock().unwrap().answer(&name, &address, &outgoing);
            std::future::ready(answer)
        })))
    }
}
