//! The demo's files over stores of our own, callers, and the lines of the trail in one form that a test can hold them to.

use crate::support::at;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use portico::{
    control::{self, Overrides},
    identity::{Caller, Peer},
    ledger::{
        Ledger,
        audit::{Search, Verdict},
    },
    pipeline::Facade,
    plan::{SecretRef, SqlSource},
    telemetry::clock::Fixed,
    value::time::Moment,
};
use serde_json::Value;
use std::{path::PathBuf, sync::Arc};
use tokio::time::{Duration, Instant};

pub const NOW: &str = "2026-11-21T12:00:00Z";

pub struct Rig {
    pub folder: PathBuf,
    pub facade: Arc<Facade>,
    pub ledger: Ledger,
}

/// Somebody of a role, tied to a record by a claim.
pub fn caller(role: &str, claim: Option<(&str, &str)>) -> Arc<Caller> {
    Arc::new(Caller {
        subject: Some(format!("a_{role}").into()),
        client: Some("app".into()),
        consent: Some("g_7".into()),
        roles: vec![role.into()],
        claims: claim.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
        ..Caller::default()
    })
}

impl Rig {
    pub async fn open(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("portico-audit-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let text = std::fs::read_to_string(at("config/demo.yaml"))
            .unwrap()
            .replace("../target/demo/", "")
            .replace("pets: drupal7", "pets: sql")
            .replace("../migrations", &at("migrations").display().to_string());
        for secret in text.split("file: ").skip(1).filter_map(|rest| rest.split([' ', '}']).next()) {
            std::fs::write(folder.join(secret), "x").unwrap();
        }
        let folders =
            format!("mappings: {}\nschemas: {}\n", at("mappings").display(), at("schemas").display());
        let config = folder.join("config.yaml");
        std::fs::write(&config, format!("{folders}{text}")).unwrap();
        let clock = Arc::new(Fixed(Moment::parse(NOW).unwrap()));
        let (facade, _) = control::facade_at(&config, &Overrides::default(), clock).await.unwrap();
        let source = SqlSource {
            url: SecretRef::Plain("sqlite:ledger.db".into()),
            root: folder.clone(),
            migrations: None,
            connections: 2,
            deadline: Duration::from_secs(10),
        };
        let ledger = Ledger::open(&source).await.unwrap();
        Self { folder, facade, ledger }
    }

    pub async fn ask(&self, who: &Arc<Caller>, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut request = http::Request::builder().method(method).uri(path);
        if method == "PATCH" {
            request = request.header("Content-Type", "application/merge-patch+json");
        }
        let mut request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        request.extensions_mut().insert(Peer { address: [192, 0, 2, 7].into(), certificate: None });
        let until = Instant::now() + Duration::from_secs(20);
        let answer = self.facade.answer_as(Arc::clone(who), request, until).await;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// All lines, the oldest first.
    pub async fn lines(&self) -> Vec<Value> {
        let mut lines = Vec::new();
        let mut search = Search { limit: 1000, ..Search::default() };
        loop {
            let page = self.ledger.trail(&search).await.unwrap();
            search.before = page.last().map(|line| line.id);
            lines.extend(page.iter().map(portico::ledger::audit::Line::shown));
            if page.len() < 1000 {
                break;
            }
        }
        lines.reverse();
        lines
    }

    /// The lines since so many in one form: who, action, outcome, resource, keys, members, and by what it was shown.
    pub async fn told(&self, after: usize) -> Vec<String> {
        self.lines().await.iter().skip(after).map(one).collect()
    }

    pub async fn verdict(&self) -> Verdict {
        self.ledger.verify_trail(&[], |_, _| {}).await.unwrap()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn one(line: &Value) -> String {
    let text = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
    let list = |value: &Value| {
        let items = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        items.collect::<Vec<_>>().join(",")
    };
    let mut all = vec![text("subject"), text("action"), text("outcome"), text("resource")];
    all.push(format!("[{}]", list(&line["keys"])));
    all.push(format!("({})", list(&line["members"])));
    if line["via"].is_object() {
        all.push(format!("via {} [{}]", line["via"]["name"].as_str().unwrap(), list(&line["via"]["keys"])));
    }
    if line["sealed"] == true {
        all.push("sealed".into());
    }
    all.join(" ")
}
