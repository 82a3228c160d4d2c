//! Counts in the ledger: on `SQLite` always, on the other databases where there is one.

use super::*;
use crate::plan::{SecretRef, SqlSource};

fn source(url: &str) -> SqlSource {
    SqlSource {
        url: SecretRef::Plain(url.to_owned()),
        root: std::env::temp_dir(),
        migrations: None,
        connections: 4,
        deadline: Duration::from_secs(10),
    }
}

fn row(kind: &str, name: &str, seen: u64, latest: i64) -> Row {
    Row {
        binding: "mappings/pethub/v1/pets.drupal7.yaml".into(),
        revision: format!("test-{}", std::process::id()),
        place: "field_colors.und[*].value".into(),
        kind: kind.into(),
        name: name.into(),
        seen,
        base: seen / 2,
        recent: seen,
        first: 1_795_262_400,
        latest,
    }
}

/// What is added stands there as a sum, whoever adds it.
async fn check(url: &str) {
    let now = 1_795_262_400;
    let ledger = Ledger::open(&source(url)).await.unwrap();
    // Odd names are kept as they came.
    let rows = [row("text", "", 10, now), row("unknownField", "näme'; DROP \u{1F408}", 1, now)];
    ledger.add_drift(&rows).await.unwrap();
    let second = ledger.clone();
    let more = [row("text", "", 7, now + 5)];
    let (a, b) = tokio::join!(ledger.add_drift(&more), second.add_drift(&more));
    a.and(b).unwrap();
    let ours = |rows: Vec<Row>| rows.into_iter().filter(|r| r.revision == rows_of()).collect::<Vec<_>>();
    let mut kept = ours(ledger.drift().await.unwrap());
    kept.sort_by(|a, b| a.kind.cmp(&b.kind));
    let sum = Row { seen: 24, base: 11, recent: 7, latest: now + 5, ..row("text", "", 0, 0) };
    assert_eq!(kept, [sum, rows[1].clone()]);
    // Many at once, and a year later none.
    let many: Vec<Row> = (0..450).map(|n| row("unknownCode", &format!("c{n}"), 1, now)).collect();
    ledger.add_drift(&many).await.unwrap();
    assert_eq!(ours(ledger.drift().await.unwrap()).len(), 452);
    ledger.sweep_drift(now + KEPT + 10).await.unwrap();
    assert!(ours(ledger.drift().await.unwrap()).is_empty());
}

fn rows_of() -> String {
    format!("test-{}", std::process::id())
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_added_to_what_is_kept() {
    let file = std::env::temp_dir().join(format!("portico-ledger-drift-{}.db", std::process::id()));
    let _ = std::fs::remove_file(&file);
    check(&format!("sqlite:{}", file.display())).await;
    let _ = std::fs::remove_file(&file);
    for name in ["POSTGRES", "MARIADB"] {
        if let Ok(url) = std::env::var(format!("PORTICO_TEST_{name}")) {
            check(&url).await;
        }
    }
}
