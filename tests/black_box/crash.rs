//! The program ended in the middle of its work, at a step of its own choosing and by `kill -9` at any: requests with a key
//! have one effect each when it is back, and one answer.

use super::support::{Client, Demo, Home, Program, Reply, path};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// Longer than a request's deadline here and all that is waited for behind it.
const LONG: Duration = Duration::from_secs(90);

/// With a short deadline, behind which what was given up may be looked for.
fn hurried(home: &Home) {
    let text = home.read("config/demo.yaml");
    home.write("config/demo.yaml", &format!("{text}\nlimits: {{ requestDeadline: 2s }}\n"));
}

fn body(number: usize) -> String {
    json!({ "givenName": "Ada", "familyName": format!("Wood {number}"), "email": format!("ada{number}@example.org") })
        .to_string()
}

async fn post(client: &Client, key: &str, number: usize) -> Result<Reply, reqwest::Error> {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    client.attempt("POST", "/v1/customers", &headers, Some(&body(number))).await
}

/// As a client does that gives up on nothing: where nobody answers, or it is told to come again, it does.
async fn at_last(client: &Client, key: &str, number: usize) -> Reply {
    let end = Instant::now() + LONG;
    loop {
        let reply = post(client, key, number).await;
        let pause = match reply {
            Ok(reply) if reply.status == 201 => return reply,
            Ok(reply) => {
                let known =
                    ["F519", "F911", "F913", "F311"].contains(&reply.json()["code"].as_str().unwrap());
                assert!(known, "{key}: {}", reply.text());
                reply.header("retry-after").and_then(|text| text.parse().ok()).unwrap_or(1)
            }
            Err(_) => 1,
        };
        assert!(Instant::now() < end, "{key}: there is no answer in the end");
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
}

async fn total(client: &Client) -> u64 {
    let list = client.get("/v1/customers?limit=1").await.with(200);
    list.json()["metadata"]["totalCount"].as_u64().unwrap()
}

fn serve(home: &Home, points: &str) -> Program {
    Program::start_in(&["serve", "-c", path(&home.config())], &[("PORTICO_FAILPOINTS", points)])
}

#[cfg(debug_assertions)]
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_at_a_step_has_done_it_once_or_not_at_all() {
    let mut demo = Demo::start_with(hurried).await;
    // The systems behind it go on in another process' memory only as long as it does; the customers are in a file.
    let before = total(&demo.client).await;
    demo.program.kill().await;
    let steps = [
        ("sql.within INSERT INTO idempotency", 0),
        ("sql.behind INSERT INTO idempotency", 0),
        ("sql.within INSERT INTO customers", 0),
        ("sql.behind INSERT INTO customers", 1),
        ("sql.within UPDATE idempotency SET state = 'done'", 1),
        ("sql.behind UPDATE idempotency SET state = 'done'", 1),
    ];
    let (mut made, mut keys) = (0, Vec::new());
    for (number, (step, done)) in steps.into_iter().enumerate() {
        let mut program = serve(&demo.home, &format!("{step}=end"));
        assert!(program.is_ready().await);
        let key = format!("step-{number}");
        let lost = post(&demo.client, &key, number).await;
        assert!(lost.is_err(), "{step}: {lost:?}");
        program.end().await;
        made += done;
        keys.push((key, number));
    }
    let mut program = serve(&demo.home, "");
    assert!(program.is_ready().await);
    assert_eq!(total(&demo.client).await, before + made, "before anybody asks again");
    let mut waiting = tokio::task::JoinSet::new();
    for (key, number) in keys {
        let client = demo.client.clone();
        waiting.spawn(async move {
            let first = at_last(&client, &key, number).await;
            let again = at_last(&client, &key, number).await;
            assert_eq!(
                (first.text(), again.header("idempotency-replayed")),
                (again.text(), Some("true")),
                "{key}"
            );
        });
    }
    waiting.join_all().await;
    assert_eq!(total(&demo.client).await, before + 6, "one effect of each key");
    program.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_each_key_has_one_effect_and_one_answer() {
    let (keys, each) = if std::env::var_os("PORTICO_PROVE").is_some_and(|value| value == "1") {
        (1_000, 50)
    } else {
        (12, 8)
    };
    let mut demo = Demo::start_with(hurried).await;
    let before = total(&demo.client).await;
    demo.program.kill().await;
    let mut program = serve(&demo.home, "");
    assert!(program.is_ready().await);
    let (client, answered) = (demo.client.clone(), Arc::new(AtomicUsize::new(0)));
    let room = Arc::new(tokio::sync::Semaphore::new(64));
    let mut waiting = tokio::task::JoinSet::new();
    for number in (0..each).flat_map(|_| 0..keys) {
        let (client, answered, room) = (client.clone(), Arc::clone(&answered), Arc::clone(&room));
        waiting.spawn(async move {
            let _turn = room.acquire_owned().await.unwrap();
            let reply = at_last(&client, &format!("kill-{number}"), number).await;
            answered.fetch_add(1, Ordering::Relaxed);
            (number, reply.text().to_owned())
        });
    }
    // Ended three times while they ask, each time when some more have been answered.
    for round in 1..=3 {
        while answered.load(Ordering::Relaxed) < keys * each * round / 8 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        program.kill().await;
        program = serve(&demo.home, "");
        assert!(program.is_ready().await);
    }
    let mut bodies = vec![None; keys];
    while let Some(done) = waiting.join_next().await {
        let (number, text) = done.unwrap();
        let first = bodies[number].get_or_insert_with(|| text.clone());
        assert_eq!(*first, text, "key {number} has two answers");
    }
    assert_eq!(total(&client).await, before + keys as u64, "one effect of each key");
    program.kill().await;
}
