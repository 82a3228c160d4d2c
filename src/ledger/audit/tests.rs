//! The trail over stores of its own: what is found, what is refused, and what a walk proves.

use super::*;
use crate::{
    backend::sql::{Statement, pool::Pool},
    identity::{Caller, audit::Via, sealer::Ephemeral},
    plan::{SecretRef, SqlSource},
    telemetry::clock::Fixed,
    value::{Value, time::Moment},
};
use uuid::Uuid;

const NOW: &str = "2026-11-21T12:00:00.123456Z";

fn at(text: &str) -> Arc<dyn Clock> {
    Arc::new(Fixed(Moment::parse(text).unwrap()))
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("portico-trail-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

async fn ledger(url: &str, root: &std::path::Path) -> Ledger {
    let source = SqlSource {
        url: SecretRef::Plain(url.to_owned()),
        root: root.to_owned(),
        migrations: None,
        connections: 4,
        deadline: Duration::from_secs(10),
    };
    Ledger::open(&source).await.unwrap()
}

struct Rig {
    folder: std::path::PathBuf,
    trail: Trail,
}

impl Rig {
    async fn new(name: &str) -> Self {
        let folder = folder(name);
        let ledger = ledger("sqlite:ledger.db", &folder).await;
        let trail = Trail::begin(ledger, Arc::new(Ephemeral::new()), at(NOW));
        Self { folder, trail }
    }

    async fn note(&self, events: Vec<Event>) {
        self.trail.note(events).await.unwrap();
    }

    async fn run(&self, statements: &[&str]) {
        let all: Vec<String> = statements.iter().map(|s| (*s).to_owned()).collect();
        self.trail.ledger.pool.run_all(&all).await.unwrap();
    }

    /// What is wrong with the chain.
    async fn broken(&self) -> Option<Break> {
        self.trail.ledger.verify_trail(&[], |_, _| {}).await.unwrap().broken
    }

    async fn found(&self, search: Search) -> Vec<i64> {
        self.trail.ledger.trail(&search).await.unwrap().iter().map(|line| line.id).collect()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Somebody who has the file can drop what holds him up.
const UNHELD: [&str; 7] = [
    "DROP TRIGGER trail_pending_changed",
    "DROP TRIGGER trail_pages_changed",
    "DROP TRIGGER trail_pages_removed",
    "DROP TRIGGER trail_terms_changed",
    "DROP TRIGGER trail_terms_removed",
    "DROP TRIGGER trail_head_back",
    "DROP TRIGGER trail_head_removed",
];

fn maria() -> Arc<Caller> {
    Arc::new(Caller {
        subject: Some("a_66".into()),
        client: Some("groomly".into()),
        consent: Some("g_1".into()),
        issuer: Some("https://staff.example".into()),
        roles: vec!["owner".into()],
        ..Caller::default()
    })
}

fn read(key: &str) -> Event {
    let mut event = Event::new("read", maria()).on("medical-records", [key]);
    event.address = Some([192, 0, 2, 7].into());
    event.request = Some(Uuid::from_u128(1));
    event.members = vec!["*".into()];
    event
}

fn secret() -> Value {
    Value::Object(vec![("email".into(), Value::Text("maria.ortega@example.org".into()))])
}

#[tokio::test]
async fn a_line_says_who_did_what_when_and_from_where() {
    let rig = Rig::new("line").await;
    let mut event = read("r9").fact("parent", "109").detail(secret());
    event.via = Some(Via { name: "publicProfile".into(), keys: vec!["109".into()] });
    rig.note(vec![event]).await;
    let line = rig.trail.ledger.trail_line(1).await.unwrap().unwrap();
    let mut shown = line.shown();
    assert_eq!(shown["hash"].as_str().map(str::len), Some(64));
    shown.as_object_mut().unwrap().remove("hash");
    let wanted = serde_json::json!({
        "id": 1, "at": NOW, "action": "read", "outcome": "done", "subject": "a_66", "issuer": "https://staff.example",
        "client": "groomly", "consent": "g_1", "roles": ["owner"], "address": "192.0.2.7", "request": "00000000-0000-0000-0000-000000000001",
        "resource": "medical-records", "keys": ["r9"], "members": ["*"],
        "via": { "name": "publicProfile", "keys": ["109"] }, "facts": { "parent": "109" }, "sealed": true
    });
    assert_eq!(shown, wanted);
    assert_eq!(rig.trail.opened(&line).unwrap(), r#"{"email":"maria.ortega@example.org"}"#);
    let other = Trail::begin(rig.trail.ledger.clone(), Arc::new(Ephemeral::new()), at(NOW));
    assert_eq!(other.opened(&line), None, "another key opens nothing");
}

#[tokio::test]
async fn what_is_sealed_is_nowhere_in_the_file() {
    let rig = Rig::new("sealed").await;
    for key in ["a", "b", "c"] {
        rig.note(vec![Event::new("patch", maria()).on("customers", [key]).detail(secret())]).await;
    }
    let mut files = 0;
    for entry in std::fs::read_dir(&rig.folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        files += 1;
        assert!(!bytes.windows(5).any(|window| window == b"maria"), "a personal value in plain");
        assert!(!bytes.windows(6).any(|window| window == b"bWFyaW"), "a personal value in Base64");
    }
    assert!(files >= 2, "the file and its journal");
}

#[tokio::test]
async fn lines_are_found_by_who_what_which_and_when() {
    let rig = Rig::new("search").await;
    let nobody = |action: &'static str| Event::new(action, Caller::anonymous());
    rig.note(vec![read("1"), read("2"), nobody("login.failed"), nobody("login"), nobody("logout")]).await;
    rig.note(vec![Event::new("list", maria()).on("customers", ["2", "3"]).outcome("F112")]).await;
    let some = |text: &str| Some(text.to_owned());
    let day = |text: &str| Moment::parse(&format!("{text}T00:00:00Z"));
    for (search, wanted) in [
        (Search::default(), vec![6, 5, 4, 3, 2, 1]),
        (Search { limit: 2, ..Search::default() }, vec![6, 5]),
        (Search { before: Some(5), limit: 2, ..Search::default() }, vec![4, 3]),
        (Search { subject: some("a_66"), ..Search::default() }, vec![6, 2, 1]),
        (Search { client: some("groomly"), resource: some("customers"), ..Search::default() }, vec![6]),
        (Search { record: some("2"), ..Search::default() }, vec![6, 2]),
        (Search { record: some("2"), resource: some("customers"), ..Search::default() }, vec![6]),
        (Search { record: some("9"), ..Search::default() }, vec![]),
        (Search { action: some("login.*"), ..Search::default() }, vec![3]),
        (Search { action: some("login*"), ..Search::default() }, vec![4, 3]),
        (Search { action: some("login"), ..Search::default() }, vec![4]),
        (Search { outcome: some("F112"), ..Search::default() }, vec![6]),
        (
            Search { from: day("2026-11-21"), until: day("2026-11-22"), ..Search::default() },
            vec![6, 5, 4, 3, 2, 1],
        ),
        (Search { until: day("2026-11-21"), ..Search::default() }, vec![]),
        (Search { from: day("2026-11-22"), ..Search::default() }, vec![]),
        (Search { record: some("2"), subject: some("a_66"), ..Search::default() }, vec![6, 2]),
        (Search { record: some("2"), client: some("other"), ..Search::default() }, vec![]),
        (Search { subject: some("' OR 1=1 --"), ..Search::default() }, vec![]),
    ] {
        assert_eq!(rig.found(search.clone()).await, wanted, "{search:?}");
    }
}

#[tokio::test]
async fn whoever_changes_removes_or_puts_in_is_found() {
    let copy = "INSERT INTO trail_pages SELECT 11, 11, earliest, latest, text FROM trail_pages WHERE first_line = 10";
    let swap = "UPDATE trail_pages SET text = (SELECT o.text FROM others o WHERE o.first_line = 7 - trail_pages.first_line) WHERE first_line IN (3, 4)";
    for (name, statements, wanted) in [
        ("nothing", vec![], None),
        (
            "text",
            vec!["UPDATE trail_pages SET text = replace(text, 'read', 'list') WHERE first_line = 4"],
            Some(Break::Changed(4)),
        ),
        (
            "space",
            vec!["UPDATE trail_pages SET text = text || ' ' WHERE first_line = 4"],
            Some(Break::Changed(4)),
        ),
        (
            "hash",
            vec!["UPDATE trail_pages SET text = 'x' || substr(text, 2) WHERE first_line = 4"],
            Some(Break::Changed(4)),
        ),
        (
            "subject",
            vec![
                "UPDATE trail_terms SET term = 'subject' || char(9) || 'a_1' WHERE first_line = 4 AND term LIKE 'subject%'",
            ],
            Some(Break::Beside(4)),
        ),
        (
            "nobody",
            vec!["DELETE FROM trail_terms WHERE first_line = 4 AND term LIKE 'subject%'"],
            Some(Break::Beside(4)),
        ),
        (
            "time",
            vec!["UPDATE trail_pages SET earliest = earliest - 1 WHERE first_line = 4"],
            Some(Break::Beside(4)),
        ),
        (
            "later",
            vec!["UPDATE trail_pages SET latest = latest + 1 WHERE first_line = 4"],
            Some(Break::Beside(4)),
        ),
        (
            "longer",
            vec!["UPDATE trail_pages SET last_line = last_line + 1 WHERE first_line = 10"],
            Some(Break::Removed(11)),
        ),
        ("record", vec!["DELETE FROM trail_terms WHERE first_line = 4"], Some(Break::Beside(4))),
        (
            "another",
            vec!["UPDATE trail_terms SET term = term || '9' WHERE first_line = 4 AND term LIKE 'record%'"],
            Some(Break::Beside(4)),
        ),
        ("added", vec!["INSERT INTO trail_terms VALUES ('client', 4)"], Some(Break::Beside(4))),
        ("removed", vec!["DELETE FROM trail_pages WHERE first_line = 4"], Some(Break::Removed(4))),
        ("first", vec!["DELETE FROM trail_pages WHERE first_line = 1"], Some(Break::Removed(1))),
        ("last", vec!["DELETE FROM trail_pages WHERE first_line = 10"], Some(Break::Removed(10))),
        ("all", vec!["DELETE FROM trail_pages"], Some(Break::Removed(1))),
        (
            "end",
            vec!["DELETE FROM trail_pages WHERE first_line = 10", "UPDATE trail_head SET number = 9"],
            Some(Break::Head(9)),
        ),
        ("behind", vec![copy], Some(Break::PutIn(11))),
        (
            "closed",
            vec![
                "DELETE FROM trail_pages WHERE first_line = 4",
                "UPDATE trail_pages SET first_line = first_line - 1, last_line = last_line - 1 WHERE first_line > 4",
                "UPDATE trail_head SET number = 9",
            ],
            Some(Break::Changed(4)),
        ),
        ("swapped", vec!["CREATE TABLE others AS SELECT * FROM trail_pages", swap], Some(Break::Changed(3))),
        (
            "swept",
            vec![
                "UPDATE trail_head SET swept_through = 3, swept_hash = (SELECT substr(text, 1, 64) FROM trail_pages WHERE first_line = 3)",
                "DELETE FROM trail_pages WHERE first_line <= 3",
                "DELETE FROM trail_terms WHERE first_line <= 3",
            ],
            Some(Break::NotSwept(3)),
        ),
    ] {
        let rig = Rig::new(&format!("broken-{name}")).await;
        for key in 0..10 {
            let mut event = read(&key.to_string());
            event.request = Some(Uuid::from_u128(key));
            rig.note(vec![event]).await;
        }
        assert_eq!(rig.broken().await, None);
        rig.run(&UNHELD).await;
        rig.run(&[append::FILED]).await;
        assert_eq!(rig.broken().await, None, "terms are filed, and are the same");
        rig.run(&statements).await;
        assert_eq!(rig.broken().await, wanted, "{name}");
    }
}

/// Records enough that their terms are filed, in some pages, and one page behind them whose terms wait.
async fn file(trail: &Trail) {
    let many = |call: i64| (0..200).map(move |key| format!("{call}-{key}"));
    for call in 0..6 {
        let event = Event::new("list", maria()).on("customers", many(call));
        trail.note(vec![event, read("r1")]).await.unwrap();
    }
}

/// Every way to look for them finds the same, and the walk holds.
async fn is_filed(trail: &Trail, pending: &[&str]) {
    let ledger = trail.ledger();
    let waiting = Statement { sql: "SELECT terms FROM trail_pending".into(), parameters: Vec::new() };
    let mut found = Vec::new();
    let fill = |_: usize, _: usize, value: Option<&str>| found.extend(value.map(str::to_owned));
    ledger.pool.fetch(&waiting, 1, Instant::now() + LONG, fill).await.unwrap();
    assert_eq!(found.len(), pending.len(), "{found:?}");
    for (found, wanted) in found.iter().zip(pending) {
        assert!(found.contains(wanted), "{found}");
    }
    for call in 0..6 {
        for resource in [None, Some("customers".to_owned())] {
            let search = Search { record: Some(format!("{call}-7")), resource, ..Search::default() };
            let lines = ledger.trail(&search).await.unwrap();
            assert!(
                lines.len() == 1 && lines[0].text.contains(&format!("\"{call}-7\"")),
                "{search:?}: {lines:?}"
            );
        }
    }
    let search = Search { record: Some("r1".into()), subject: Some("a_66".into()), ..Search::default() };
    let lines: Vec<i64> = ledger.trail(&search).await.unwrap().iter().map(|line| line.id).collect();
    assert!(lines.len() == 6 && lines.is_sorted_by(|a, b| a > b), "{lines:?}");
    let after = Search { before: Some(lines[2]), limit: 2, ..search };
    let page: Vec<i64> = ledger.trail(&after).await.unwrap().iter().map(|line| line.id).collect();
    assert_eq!(page, lines[3..5]);
    assert_eq!(ledger.verify_trail(&[], |_, _| {}).await.unwrap().broken, None);
}

#[tokio::test]
async fn terms_are_filed_many_at_once_and_found_before_and_after() {
    let rig = Rig::new("filed").await;
    file(&rig.trail).await;
    // Five pages have a thousand terms and more: the sixth one waits.
    is_filed(&rig.trail, &["5-199"]).await;
    rig.run(&UNHELD).await;
    rig.run(&["UPDATE trail_pending SET terms = replace(terms, '5-199', '5-198')"]).await;
    assert_eq!(rig.broken().await, Some(Break::Beside(11)));
    rig.run(&["DELETE FROM trail_pending"]).await;
    assert_eq!(rig.broken().await, Some(Break::Beside(11)));
}

#[tokio::test]
async fn a_page_without_terms_counts_and_a_sweep_files_too() {
    let rig = Rig::new("weight").await;
    let nobody = || Event::new("audit.searched", Caller::operator());
    rig.note(vec![nobody()]).await;
    rig.note(vec![read("1")]).await;
    rig.run(&["UPDATE trail_head SET pending = pending + 994"]).await;
    // Two days later: what is swept has a line of its own, and that is the thousandth.
    let ledger = rig.trail.ledger.clone();
    let later = Trail::begin(ledger, Arc::new(Ephemeral::new()), at("2026-11-23T00:00:00Z"));
    assert_eq!(later.sweep(Moment::parse("2026-11-22T00:00:00Z").unwrap()).await.unwrap(), 2);
    assert_eq!(rig.broken().await, None);
    let waiting = Statement { sql: "SELECT terms FROM trail_pending".into(), parameters: Vec::new() };
    let mut found = 0;
    rig.trail.ledger.pool.fetch(&waiting, 1, Instant::now() + LONG, |_, _, _| found += 1).await.unwrap();
    assert_eq!(found, 0, "they are filed");
}

#[tokio::test]
async fn a_search_of_a_span_of_time_reads_it_alone() {
    let rig = Rig::new("span").await;
    for day in 1..=5 {
        let trail = Trail::begin(
            rig.trail.ledger.clone(),
            Arc::new(Ephemeral::new()),
            at(&format!("2026-11-0{day}T12:00:00Z")),
        );
        trail.note(vec![read("1")]).await.unwrap();
    }
    rig.run(&[append::FILED]).await;
    rig.note(vec![read("1")]).await;
    let day = |day: u8| Moment::parse(&format!("2026-11-{day:02}T00:00:00Z"));
    for (from, until, wanted) in [
        (day(2), day(4), vec![3, 2]),
        (day(4), None, vec![6, 5, 4]),
        (None, day(3), vec![2, 1]),
        (day(6), day(20), vec![]),
        (day(20), None, vec![6]),
    ] {
        for record in [None, Some("1".to_owned())] {
            let search = Search { record, from, until, ..Search::default() };
            assert_eq!(rig.found(search.clone()).await, wanted, "{search:?}");
        }
    }
}

/// Within a page, where several lines were written together.
#[tokio::test]
async fn a_line_in_the_middle_of_a_page_is_found_by_its_own_number() {
    for (name, statement, wanted) in [
        (
            "text",
            "UPDATE trail_pages SET text = replace(text, '[\"2\"]', '[\"7\"]')",
            Some(Break::Changed(3)),
        ),
        (
            "line",
            "UPDATE trail_pages SET text = substr(text, instr(text, char(10)) + 1)",
            Some(Break::Changed(1)),
        ),
        (
            "short",
            "UPDATE trail_pages SET text = substr(text, 1, instr(text, char(10)) - 1)",
            Some(Break::Removed(2)),
        ),
        (
            "page",
            "INSERT INTO trail_pages SELECT 2, 2, earliest, latest, text FROM trail_pages",
            Some(Break::PutIn(2)),
        ),
    ] {
        let rig = Rig::new(&format!("within-{name}")).await;
        rig.note((0..5).map(|key| read(&key.to_string())).collect()).await;
        rig.note(vec![read("5")]).await;
        assert_eq!(rig.broken().await, None);
        assert_eq!(rig.found(Search { record: Some("2".into()), ..Search::default() }).await, [3]);
        rig.run(&UNHELD).await;
        rig.run(&[&format!("{statement} WHERE first_line = 1")]).await;
        assert_eq!(rig.broken().await, wanted, "{name}");
        // Whoever looks at all sees it as it is now.
        assert!(rig.found(Search::default()).await.contains(&1), "{name}");
    }
}

#[tokio::test]
async fn a_chain_that_was_made_anew_is_found_by_what_was_written_down() {
    let rig = Rig::new("known").await;
    for key in 0..5 {
        rig.note(vec![read(&key.to_string())]).await;
    }
    let head = rig.trail.ledger.trail_head().await.unwrap();
    assert_eq!(head.number, 5);
    // Everything from line 3 on, with hashes that follow.
    rig.run(&UNHELD).await;
    rig.run(&[
        "DELETE FROM trail_pages WHERE first_line > 2",
        "DELETE FROM trail_pending WHERE first_line > 2",
        "UPDATE trail_head SET number = 2, hash = (SELECT substr(text, 1, 64) FROM trail_pages WHERE first_line = 2)",
    ])
    .await;
    let ledger = &rig.trail.ledger;
    assert_eq!(rig.broken().await, None, "by itself it holds");
    let verdict = ledger.verify_trail(std::slice::from_ref(&head), |_, _| {}).await.unwrap();
    assert_eq!(verdict.broken, Some(Break::Removed(5)));
    rig.note((0..5).map(|key| read(&format!("other-{key}"))).collect()).await;
    let verdict = ledger.verify_trail(&[head], |_, _| {}).await.unwrap();
    assert_eq!(verdict.broken, Some(Break::NotKnown(5)));
}

#[tokio::test]
async fn the_database_itself_refuses_changes() {
    let rig = Rig::new("held").await;
    rig.note((0..3).map(|key| read(&key.to_string())).collect()).await;
    rig.run(&[append::FILED]).await;
    rig.note(vec![read("3")]).await;
    for statement in [
        "UPDATE trail_pages SET text = 'x'",
        "DELETE FROM trail_pages WHERE first_line = 1",
        "UPDATE trail_terms SET term = 'x'",
        "UPDATE trail_pending SET terms = '[]'",
        "DELETE FROM trail_terms",
        "UPDATE trail_head SET number = 1",
        "DELETE FROM trail_head",
    ] {
        assert!(rig.trail.ledger.pool.run_all(&[statement.to_owned()]).await.is_err(), "{statement}");
    }
    assert_eq!(rig.broken().await, None);
}

#[tokio::test]
async fn old_lines_go_and_leave_an_anchor() {
    let rig = Rig::new("sweep").await;
    let ledger = rig.trail.ledger.clone();
    let trail = |time: &str| Trail::begin(ledger.clone(), Arc::new(Ephemeral::new()), at(time));
    let moment = |time: &str| Moment::parse(time).unwrap();
    for day in 1..=6 {
        let trail = trail(&format!("2026-11-0{day}T12:00:00Z"));
        trail.note(vec![read(&format!("{day}a")), read(&format!("{day}b"))]).await.unwrap();
    }
    let now = trail("2026-11-06T13:00:00Z");
    assert_eq!(now.sweep(moment("2026-11-01T00:00:00Z")).await.unwrap(), 0, "nothing is that old");
    assert_eq!(now.sweep(moment("2026-11-03T00:00:00Z")).await.unwrap(), 4);
    let verdict = ledger.verify_trail(&[], |_, _| {}).await.unwrap();
    assert_eq!((verdict.first, verdict.lines, verdict.broken), (5, 9, None));
    let anchor = ledger.trail_line(13).await.unwrap().unwrap().shown();
    assert_eq!((&anchor["action"], &anchor["facts"]["through"]), (&"trail.swept".into(), &"4".into()));
    // Again, over what has been swept, and with the first anchor still there; then with all of it gone but the last.
    assert_eq!(now.sweep(moment("2026-11-05T00:00:00Z")).await.unwrap(), 4);
    assert_eq!(trail("2027-11-06T13:00:00Z").sweep(moment("2027-11-05T00:00:00Z")).await.unwrap(), 6);
    let verdict = ledger.verify_trail(&[], |_, _| {}).await.unwrap();
    assert_eq!((verdict.first, verdict.lines, verdict.broken), (15, 1, None));
    assert_eq!(rig.found(Search { record: Some("1a".into()), ..Search::default() }).await, [] as [i64; 0]);
    // What is left cannot be cut at its beginning by hand.
    rig.run(&UNHELD).await;
    rig.run(&["UPDATE trail_pages SET text = replace(text, 'through', 'thruogh')"]).await;
    assert_eq!(rig.broken().await, Some(Break::Changed(15)));
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn a_sweep_that_fails_leaves_a_chain_that_can_be_walked() {
    use crate::telemetry::failpoint::{Act, set};
    for (place, gone) in [("sql.within", 0), ("sql.behind", 4)] {
        let rig = Rig::new(&format!("sweep-{place}")).await;
        let ledger = rig.trail.ledger.clone();
        let trail = |time: &str| Trail::begin(ledger.clone(), Arc::new(Ephemeral::new()), at(time));
        for day in 1..=4 {
            let trail = trail(&format!("2026-11-0{day}T12:00:00Z"));
            trail.note(vec![read(&format!("{day}a")), read(&format!("{day}b"))]).await.unwrap();
        }
        let (now, limit) = (trail("2026-11-06T13:00:00Z"), Moment::parse("2026-11-03T00:00:00Z").unwrap());
        let point = set(place, "DELETE FROM trail", Act::Fail, 1);
        now.sweep(limit).await.unwrap_err();
        drop(point);
        let verdict = ledger.verify_trail(&[], |_, _| {}).await.unwrap();
        assert_eq!((verdict.first, verdict.broken), (gone + 1, None), "{place}");
        assert_eq!(now.sweep(limit).await.unwrap(), 4 - gone, "{place}");
        let verdict = ledger.verify_trail(&[], |_, _| {}).await.unwrap();
        assert_eq!((verdict.first, verdict.broken), (5, None), "{place}");
    }
}

#[tokio::test]
async fn what_the_database_does_not_take_harms_nobody_else() {
    let rig = Rig::new("odd").await;
    let long = "x".repeat(5000);
    let odd = ["\0", "a\u{1F408}\n", "' --", long.as_str(), ""];
    let mut caller = (*maria()).clone();
    caller.subject = Some(long.as_str().into());
    rig.note(vec![Event::new("read", Arc::new(caller)).on("pets", odd).fact("odd", "\0")]).await;
    rig.note(vec![Event::new("read", maria()).on("pets", ["1", "1", "1"])]).await;
    assert_eq!(rig.broken().await, None);
    assert_eq!(rig.found(Search { record: Some(long.clone()), ..Search::default() }).await, [1]);
}

/// Writes by several programs at once, each with calls that overlap.
async fn together(url: &str, root: &std::path::Path) {
    let mut before = 0;
    let mut programs = Vec::new();
    for _ in 0..2 {
        let ledger = ledger(url, root).await;
        before = ledger.trail_head().await.unwrap().number;
        programs.push(Trail::begin(ledger, Arc::new(Ephemeral::new()), at(NOW)));
    }
    // One behind the other: each finds the chain as it left it itself, and as the other one did.
    for turn in [0, 0, 0, 1, 1, 0, 1] {
        programs[turn].note(vec![read("turn")]).await.unwrap();
        before += 1;
        let verdict = programs[turn].ledger().verify_trail(&[], |_, _| {}).await.unwrap();
        assert_eq!((verdict.head.number, verdict.broken), (before, None));
    }
    let calls = (0..200).map(|number| {
        let trail = &programs[number % 2];
        async move { trail.note(vec![read(&format!("{number}-a")), read(&format!("{number}-b"))]).await }
    });
    for done in futures_util::future::join_all(calls).await {
        done.unwrap();
    }
    let ledger = programs[0].ledger();
    let verdict = ledger.verify_trail(&[], |_, _| {}).await.unwrap();
    assert_eq!((verdict.head.number, verdict.broken), (before + 400, None));
    // The two of one call stand together.
    let lines = ledger.trail(&Search { limit: 400, ..Search::default() }).await.unwrap();
    let keys: Vec<String> =
        lines.iter().map(|line| line.shown()["keys"][0].as_str().unwrap().to_owned()).collect();
    for pair in keys.chunks(2) {
        assert_eq!(pair[1].trim_end_matches('a'), pair[0].trim_end_matches('b'));
    }
    file(&programs[0]).await;
    let found = ledger.trail(&Search { record: Some("3-7".into()), ..Search::default() }).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(ledger.verify_trail(&[], |_, _| {}).await.unwrap().broken, None);
    let old = Moment::parse("2026-11-22T00:00:00Z").unwrap();
    let later = Trail::begin(ledger.clone(), Arc::new(Ephemeral::new()), at("2026-11-23T00:00:00Z"));
    assert!(later.sweep(old).await.unwrap() >= 400);
    assert_eq!(ledger.verify_trail(&[], |_, _| {}).await.unwrap().broken, None);
    for statement in
        ["UPDATE trail_pages SET text = 'x'", "DELETE FROM trail_pages", "UPDATE trail_head SET number = 1"]
    {
        assert!(ledger.pool.run_all(&[statement.to_owned()]).await.is_err(), "{statement}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_keep_one_chain() {
    let folder = folder("together");
    together("sqlite:ledger.db", &folder).await;
    let _ = std::fs::remove_dir_all(&folder);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_do_so_too_where_there_is_one() {
    for name in ["POSTGRES", "MARIADB"] {
        if let Ok(url) = std::env::var(format!("PORTICO_TEST_{name}")) {
            together(&url, &std::env::temp_dir()).await;
        }
    }
}

/// A trail of a program that kept each line in a row of its own, and what became of it. The database is new.
async fn brought_over(url: &str, root: &std::path::Path) {
    let before = Pool::open(url, root, 1, Duration::from_secs(10)).await.unwrap();
    before.migrated(&crate::ledger::migrator_up_to(before.flavor(), 8)).await.unwrap();
    let mut last = line::ZEROS;
    let mut statements = Vec::new();
    for number in 1..=3 {
        let event = read(&format!("{number}")).fact("odd", "it''s");
        let draft = Draft::of(event, Moment::parse(NOW).unwrap(), &Ephemeral::new()).unwrap();
        last = line::link(&last, number, &draft.text);
        let (at, text, hash) =
            (draft.beside().happened_at, draft.text.replace('\'', "''"), hex::encode(last));
        statements.push(format!(
            "INSERT INTO trail VALUES ({number}, {at}, 'a_66', 'groomly', 'read', 'done', 'medical-records', '{text}', '{hash}')"
        ));
        statements
            .push(format!("INSERT INTO trail_records VALUES ('medical-records', '{number}', {number})"));
        statements.push(format!("UPDATE trail_head SET number = {number}, hash = '{hash}'"));
    }
    before.run_all(&statements).await.unwrap();
    let written_down = Head { number: 3, hash: hex::encode(last) };

    let ledger = ledger(url, root).await;
    let verdict = ledger.verify_trail(std::slice::from_ref(&written_down), |_, _| {}).await.unwrap();
    assert_eq!((verdict.lines, verdict.head, verdict.broken), (3, written_down, None));
    let search = Search { record: Some("2".into()), client: Some("groomly".into()), ..Search::default() };
    let found = ledger.trail(&search).await.unwrap();
    assert_eq!(found.iter().map(|line| line.id).collect::<Vec<_>>(), [2]);
    assert_eq!(found[0].shown()["facts"]["odd"], "it''s");
    // It goes on where it was, and ends as ever.
    let trail = Trail::begin(ledger.clone(), Arc::new(Ephemeral::new()), at("2026-11-23T00:00:00Z"));
    trail.note(vec![read("4")]).await.unwrap();
    assert_eq!(trail.sweep(Moment::parse("2026-11-22T00:00:00Z").unwrap()).await.unwrap(), 3);
    let verdict = ledger.verify_trail(&[], |_, _| {}).await.unwrap();
    assert_eq!((verdict.first, verdict.lines, verdict.broken), (4, 2, None));
}

#[tokio::test]
async fn a_trail_of_lines_in_rows_becomes_one_of_pages() {
    let folder = folder("before");
    brought_over("sqlite:ledger.db", &folder).await;
    let _ = std::fs::remove_dir_all(&folder);
}

#[tokio::test]
async fn so_it_does_on_the_others_where_there_is_one() {
    use sqlx::Connection;
    for name in ["POSTGRES", "MARIADB"] {
        let Ok(url) = std::env::var(format!("PORTICO_TEST_{name}")) else { continue };
        let new = format!("portico_before_{}", std::process::id());
        let made = format!("CREATE DATABASE {new}");
        if name == "POSTGRES" {
            let mut connection = sqlx::PgConnection::connect(&url).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(made)).execute(&mut connection).await.unwrap();
        } else {
            let mut connection = sqlx::MySqlConnection::connect(&url).await.unwrap();
            sqlx::query(sqlx::AssertSqlSafe(made)).execute(&mut connection).await.unwrap();
        }
        let (address, options) = url.split_once('?').unwrap_or((&url, ""));
        let (server, _) = address.rsplit_once('/').unwrap();
        brought_over(&format!("{server}/{new}?{options}"), &std::env::temp_dir()).await;
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused() {
    let rig = Rig::new("away").await;
    rig.run(&["DROP TABLE trail_head"]).await;
    let fault = rig.trail.note(vec![read("1")]).await.unwrap_err();
    assert_eq!(fault.code.id, "F913");
    assert_eq!(rig.found(Search::default()).await, [] as [i64; 0], "nothing of it is there");
}

/// `cargo test --release --lib -- --ignored --nocapture what_a_line_costs`; docs/performance.md has the numbers.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, and no promise"]
async fn what_a_line_costs() {
    let mut stores = vec![("SQLITE".to_owned(), "sqlite:ledger.db".to_owned())];
    for name in ["POSTGRES", "MARIADB"] {
        stores.extend(std::env::var(format!("PORTICO_TEST_{name}")).map(|url| (name.to_owned(), url)));
    }
    for (name, url) in stores {
        let folder = folder("cost");
        let ledger = ledger(&url, &folder).await;
        let trail = Trail::begin(ledger, Arc::new(Ephemeral::new()), at(NOW));
        for at_once in [1, 8, 64, 512] {
            let calls = if at_once == 1 { 300 } else { 10_000 };
            let begun = Instant::now();
            let each = (0..at_once).map(|lane| {
                let trail = trail.clone();
                async move {
                    for number in 0..calls / at_once {
                        trail.note(vec![read(&format!("{lane}-{number}"))]).await.unwrap();
                    }
                }
            });
            futures_util::future::join_all(each).await;
            let took = begun.elapsed();
            let done = f64::from(calls / at_once * at_once);
            println!(
                "{name}: {at_once} at once: {:.0} lines a second, {:.2} ms each",
                done / took.as_secs_f64(),
                took.as_secs_f64() * 1000.0 * f64::from(at_once) / done
            );
        }
        let begun = Instant::now();
        let verdict = trail.ledger().verify_trail(&[], |_, _| {}).await.unwrap();
        println!("{name}: {} lines walked in {:?}", verdict.lines, begun.elapsed());
        let _ = std::fs::remove_dir_all(&folder);
    }
}
