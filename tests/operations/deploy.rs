//! What stands in `deploy/`: each number that the dashboard and the alerts use is one that the program has.

use super::shop::Shop;
use crate::{
    black_box::support::Client,
    support::{at, read},
};
use std::{collections::BTreeSet, process::Command};

/// The names of metrics in an expression of Prometheus.
fn names(text: &str, found: &mut BTreeSet<String>) {
    for start in ["portico_", "process_"] {
        for (at, _) in text.match_indices(start) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/')) {
                continue;
            }
            let name: String = text[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.insert(name);
        }
    }
}

fn expressions(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member.as_str()) {
                    ("expr" | "query" | "definition", Some(text)) => found.push(text.to_owned()),
                    _ => expressions(member, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| expressions(item, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_number_of_the_dashboard_the_alerts_and_the_guide_is_there() {
    let shop = Shop::new("");
    let program = shop.start(&[]);
    assert!(program.is_ready().await);
    let callers = Client::new(format!("http://127.0.0.1:{}", shop.port));
    let operators = Client::new(format!("http://127.0.0.1:{}", shop.admin));
    callers.get("/v1/items").await.with(200);
    callers.get("/v1/nothing").await.with(404);
    operators.send("POST", "/reload", &[], None).await.with(200);
    let metrics = operators.get("/metrics").await.with(200).text().to_owned();
    // A family is named where it is described; its samples have the endings of its kind.
    let mut known = BTreeSet::new();
    for line in metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let (name, kind) = line.split_once(' ').unwrap();
        let endings: &[&str] = match kind {
            "counter" => &["_total"],
            "histogram" => &["_bucket", "_sum", "_count"],
            _ => &[""],
        };
        known.extend(endings.iter().map(|ending| format!("{name}{ending}")));
    }
    let dashboard: serde_json::Value = serde_json::from_str(&read("deploy/grafana/portico.json")).unwrap();
    let mut all = Vec::new();
    expressions(&dashboard, &mut all);
    assert!(all.len() > 12, "{all:?}");
    let mut used = BTreeSet::new();
    for text in &all {
        names(text, &mut used);
    }
    let rules = read("deploy/prometheus/alerts.yaml");
    let rules: String =
        rules.lines().filter(|line| !line.trim_start().starts_with('#')).collect::<Vec<_>>().join("\n");
    names(&rules, &mut used);
    assert!(used.len() > 12, "{used:?}");
    // A family that has no sample yet is described where it is registered.
    let registered = read("src/control/admin/metrics.rs");
    let is_known = |name: &&String| known.contains(*name) || registered.contains(&format!("\"{name}\""));
    let missing: Vec<&String> = used.iter().filter(|name| !is_known(name)).collect();
    assert!(missing.is_empty(), "not in /metrics: {missing:?}\n{metrics}");
    // The guide tells of each.
    let guide = read("docs/guides/operations.md");
    let untold: Vec<&String> = known
        .iter()
        .filter(|name| !name.ends_with("_sum") && !name.ends_with("_count"))
        .filter(|name| !guide.contains(name.trim_end_matches("_bucket")))
        .collect();
    assert!(untold.is_empty(), "not in docs/guides/operations.md: {untold:?}");
}

#[test]
fn the_alerts_are_what_prometheus_reads() {
    let file = at("deploy/prometheus/alerts.yaml");
    match Command::new("promtool").args(["check", "rules"]).arg(&file).output() {
        Ok(output) => assert!(
            output.status.success(),
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(_) => println!("promtool is not installed: only the names of metrics were compared"),
    }
}
