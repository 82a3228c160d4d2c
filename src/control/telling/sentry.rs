//! Faults of our own to Sentry, or to what speaks its protocol: one envelope for each
//! (<https://develop.sentry.dev/sdk/data-model/envelopes/>). In it are a code, the route's name in our files, how far the request
//! had come, the trace's id, and of a panic its file and line. Nothing of the request itself is.

use crate::{
    backend::http::{Outgoing, Transport},
    telemetry::{
        clock::Clock,
        meters::Meters,
        queue::Receiver,
        report::{Kind, Report},
        trace::{SpanId, number},
    },
    value::time::Moment,
};
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Reports of one minute; what goes beyond tells nothing new.
const MINUTE: u32 = 60;
/// How long a receiver is left alone that says it has too much, and does not say for how long.
const PAUSE: Duration = Duration::from_mins(1);

/// Where a project takes reports.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Dsn {
    key: String,
    /// Scheme, host, port and path.
    pub address: String,
    project: String,
}

impl std::fmt::Debug for Dsn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dsn({}/{})", self.address, self.project)
    }
}

impl Dsn {
    /// Reads `https://KEY@host/path/PROJECT`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (key, rest) = rest.split_once('@')?;
        // An old form has a secret behind the key, which is not used any more.
        let key = key.split(':').next()?;
        let (place, project) = rest.trim_end_matches('/').rsplit_once('/')?;
        let sound = matches!(scheme, "http" | "https")
            && !place.is_empty()
            && !key.is_empty()
            && key.bytes().all(|b| b.is_ascii_alphanumeric())
            && !project.is_empty()
            && project.bytes().all(|b| b.is_ascii_alphanumeric());
        let address = format!("{scheme}://{place}");
        sound.then(|| Self { key: key.to_owned(), address, project: project.to_owned() })
    }
}

pub(super) struct Desk {
    pub way: Transport,
    pub dsn: Dsn,
    pub environment: Option<String>,
    pub clock: Arc<dyn Clock>,
    pub meters: Arc<Meters>,
}

impl Desk {
    /// Sends reports until no request is left that makes some.
    pub(super) async fn carry(self, mut reports: Receiver<Report>) {
        let (mut minute, mut sent) = (Instant::now(), 0);
        let mut closed: Option<Instant> = None;
        loop {
            let taken = reports.some(1).await;
            let Some(report) = taken.into_iter().next() else { return };
            let now = Instant::now();
            if now - minute > Duration::from_mins(1) {
                (minute, sent) = (now, 0);
            }
            if sent >= MINUTE || closed.is_some_and(|until| now < until) {
                self.meters.dropped_reports.add(1);
                continue;
            }
            sent += 1;
            closed = self.send(&report).await.map(|pause| now + pause);
        }
    }

    /// Sends one; how long the receiver is to be left alone.
    async fn send(&self, report: &Report) -> Option<Duration> {
        let Dsn { key, address, project } = &self.dsn;
        let client = concat!("portico/", env!("CARGO_PKG_VERSION"));
        let auth = format!("Sentry sentry_version=7, sentry_client={client}, sentry_key={key}");
        let outgoing = Outgoing {
            method: "POST",
            url: format!("{address}/api/{project}/envelope/"),
            headers: vec![
                ("content-type".into(), "application/x-sentry-envelope".into()),
                ("x-sentry-auth".into(), auth.into()),
            ],
            body: Some(envelope(report, self.environment.as_deref(), self.clock.now()).into()),
            deadline: tokio::time::Instant::now() + super::DEADLINE,
            limit: 64 * 1024,
        };
        match self.way.send(outgoing).await {
            Ok(received) if received.status == 429 => {
                self.meters.dropped_reports.add(1);
                Some(received.retry_after.unwrap_or(PAUSE))
            }
            Ok(received) if received.status < 300 => None,
            Ok(received) => {
                self.meters.dropped_reports.add(1);
                tracing::debug!(status = received.status, "a report was not taken");
                None
            }
            Err(why) => {
                self.meters.dropped_reports.add(1);
                tracing::debug!(%why, "a report was not taken");
                None
            }
        }
    }
}

fn envelope(report: &Report, environment: Option<&str>, now: Moment) -> String {
    let id = format!("{:016x}{:016x}", number(), number());
    let (name, text, level) = match &report.kind {
        Kind::Fault { code, title } => (*code, (*title).to_owned(), "error"),
        Kind::Panic { place } => ("panic", place.clone().unwrap_or_else(|| "somewhere".into()), "fatal"),
    };
    let mut event = json!({
        "event_id": id,
        "timestamp": now.to_string(),
        "platform": "other",
        "level": level,
        "logger": "portico",
        "release": concat!("portico@", env!("CARGO_PKG_VERSION")),
        "transaction": report.route,
        "exception": { "values": [{ "type": name, "value": text }] },
        "tags": { "code": name, "stage": report.stage },
        "fingerprint": [name, text, report.route],
    });
    if let Some(members) = event.as_object_mut() {
        if let Some(environment) = environment {
            members.insert("environment".into(), environment.into());
        }
        if let Some(trace) = report.trace {
            let span = SpanId::new().to_string();
            let trace = json!({ "trace": { "trace_id": trace.to_string(), "span_id": span } });
            members.insert("contexts".into(), trace);
        }
    }
    let event = event.to_string();
    let head = json!({ "event_id": id, "sent_at": now.to_string() });
    format!("{head}\n{{\"type\":\"event\",\"length\":{}}}\n{event}\n", event.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_or_refused() {
        let dsn = Dsn::read("https://abc@sentry.example/7").unwrap();
        assert_eq!((&*dsn.address, &*dsn.project, &*dsn.key), ("https://sentry.example", "7", "abc"));
        let dsn = Dsn::read("http://abc:old@127.0.0.1:9000/below/it/7/").unwrap();
        assert_eq!((&*dsn.address, &*dsn.project, &*dsn.key), ("http://127.0.0.1:9000/below/it", "7", "abc"));
        assert!(!format!("{dsn:?}").contains("abc"));
        for wrong in [
            "",
            "https://sentry.example/7",
            "ftp://a@b/7",
            "https://a@b/",
            "https://a@/7",
            "https://a\r\nb@c/7",
        ] {
            assert_eq!(Dsn::read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn an_envelope_has_three_lines_and_says_its_length() {
        let report = Report {
            kind: Kind::Fault { code: "F912", title: "Internal error" },
            route: "shop/v1/items list".into(),
            trace: None,
            stage: "execute",
        };
        let text = envelope(&report, Some("test"), Moment { seconds: 1_795_219_200, nanos: 0 });
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        let item: serde_json::Value = serde_json::from_str(lines[1]).unwrap();
        assert_eq!(item["length"], lines[2].len());
        let event: serde_json::Value = serde_json::from_str(lines[2]).unwrap();
        assert_eq!(event["exception"]["values"][0]["type"], "F912");
        assert_eq!(
            (&event["environment"], &event["transaction"]),
            (&"test".into(), &"shop/v1/items list".into())
        );
        assert_eq!(event["timestamp"], "2026-11-21T00:00:00Z");
    }
}
