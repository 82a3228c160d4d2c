//! What every database has to keep of requests with a key, and of quotas.

use super::*;
use crate::{
    limits::{Use, Uses},
    plan::{SecretRef, SqlSource},
};

async fn check(url: &str, name: &str) {
    let source = SqlSource {
        url: SecretRef::Plain(url.to_owned()),
        root: std::env::temp_dir(),
        migrations: None,
        connections: 4,
        deadline: Duration::from_secs(10),
    };
    let ledger = Ledger::open(&source).await.unwrap();
    let id = Id { caller: format!("caller-{name}-{}", std::process::id()), key: "k'ey\u{2713}".into() };
    let intent = Intent {
        id: id.clone(),
        hash: "hash".into(),
        what: "Create x/v1/y".into(),
        holder: "one".into(),
        now: 1_000,
        held_until: 2_000,
        record: "r".into(),
    };
    // Of many at once one has it.
    let each: Vec<Intent> =
        (0..8).map(|number| Intent { record: format!("r{number}"), ..intent.clone() }).collect();
    let all = futures_util::future::join_all(each.iter().map(|intent| ledger.begin(intent))).await;
    let ours = all.iter().filter(|begun| matches!(begun, Ok(Begun::Ours))).count();
    assert_eq!(ours, 1, "{all:?}");
    let first = all.iter().position(|begun| matches!(begun, Ok(Begun::Ours))).unwrap();
    // Who was not told that it is theirs, and asks again, is told.
    assert!(matches!(ledger.begin(&each[first]).await.unwrap(), Begun::Ours));
    let Begun::Stands(row) = ledger.begin(&intent).await.unwrap() else { panic!("it is there") };
    assert_eq!(
        (row.state, row.hash.as_str(), row.record.as_str(), row.held_until),
        (State::Running, "hash", each[first].record.as_str(), 2_000)
    );
    // It is taken over once, and its first holder ends it no more.
    assert!(ledger.take(&id, &row, "two", 9_000).await.unwrap());
    assert!(!ledger.take(&id, &row, "three", 9_000).await.unwrap());
    ledger.end(&id, "one", &End::Free, 3_000).await.unwrap();
    assert!(ledger.unknown(8_999, 10).await.unwrap().iter().all(|one| one.caller != id.caller));
    ledger.end(&id, "two", &End::Unknown("made".into()), 3_000).await.unwrap();
    let unknown = ledger.unknown(3_000, 1_000).await.unwrap();
    let shown = unknown.iter().find(|one| one.caller == id.caller).unwrap();
    assert_eq!(
        (shown.key.as_str(), shown.record.as_str(), shown.began, shown.crashed),
        (id.key.as_str(), "made", 1_000, false)
    );
    assert!(ledger.settle(&id, 3_000).await.unwrap());
    assert!(!ledger.settle(&id, 3_000).await.unwrap());
    // An answer is what it was, and goes after its time.
    assert!(matches!(ledger.begin(&intent).await.unwrap(), Begun::Ours));
    let kept = Kept {
        status: 201,
        headers: vec![("location".into(), "https://x/1".into())],
        body: Some("{\"a\":\"\u{2713} ' \\\\ \u{1F436}\"}".as_bytes().to_vec()),
    };
    ledger.end(&id, "one", &End::Done(kept.clone()), 5_000).await.unwrap();
    let Begun::Stands(row) = ledger.begin(&intent).await.unwrap() else { panic!("it is there") };
    assert_eq!((row.state, row.answer, row.ends), (State::Done, Some(kept), 5_000 + KEPT));
    let later = Intent { now: 5_000 + KEPT, ..intent };
    assert!(matches!(ledger.begin(&later).await.unwrap(), Begun::Ours));
    ledger.end(&id, "one", &End::Free, 6_000).await.unwrap();

    let one = |used| Use {
        policy: "p".into(),
        principal: id.caller.chars().rev().take(32).collect(),
        period: "2026-11".into(),
        used,
    };
    ledger.add(&[one(3)]).await.unwrap();
    ledger.add(&[one(4)]).await.unwrap();
    assert_eq!(ledger.used("p", &one(0).principal, "2026-11").await.unwrap(), 7);
    ledger.sweep_uses("2026-12").await.unwrap();
    assert_eq!(ledger.used("p", &one(0).principal, "2026-11").await.unwrap(), 0);
    ledger.sweep(0).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_keeps_what_requests_came_to() {
    let file = std::env::temp_dir().join(format!("portico-ledger-{}-once.db", std::process::id()));
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    check(&format!("sqlite:{}", file.display()), "sqlite").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_do_so_too_where_there_is_one() {
    for name in ["POSTGRES", "MARIADB"] {
        if let Ok(url) = std::env::var(format!("PORTICO_TEST_{name}")) {
            check(&url, name).await;
        }
    }
}
