//! Plans and programs are exchanged under load, and no caller sees it: no request fails, and each answer is of one plan.
//! A short run always, all of it under `PORTICO_PROVE=1`.

use super::{load::Load, shop::Shop};
use crate::black_box::support::{Client, Program};
use std::{sync::atomic::Ordering, time::Duration};

fn proves() -> bool {
    std::env::var_os("PORTICO_PROVE").is_some_and(|value| value == "1")
}

async fn ready(program: &Program) {
    assert!(program.is_ready().await, "it does not start: {:?}", program.err.all());
}

/// Has the new plan taken up, by an operator or by a signal, and waits until it is.
async fn reload(shop: &Shop, program: &Program, operators: &Client, plan: usize) {
    shop.turn_to(plan);
    if plan.is_multiple_of(2) {
        let answer = operators.send("POST", "/reload", &[], None).await.with(200).json();
        assert_eq!(answer["reloaded"], true, "{answer}");
        let changed = answer["difference"]["changed"].as_array().unwrap();
        for (kind, name) in
            [("setting", "publicUrl"), ("api", "shop/v1"), ("binding", "mappings/shop/v1/items.store.yaml")]
        {
            let found = changed.iter().any(|one| {
                one["kind"] == kind && one["name"].as_str().is_some_and(|found| found.ends_with(name))
            });
            assert!(found, "{kind} {name} is not among {answer}");
        }
    } else {
        let before = program.err.count("reloaded by signal");
        program.signal("HUP");
        program.err.until("reloaded by signal", before + 1).await;
    }
}

/// Puts a new program in the place of the old one, as docs/guides/operations.md says.
async fn upgrade(shop: &Shop, old: &mut Program) {
    let socket = shop.socket();
    _ = std::fs::remove_file(&socket);
    let new = shop.start(&["--upgrade"]);
    let until = std::time::Instant::now() + Duration::from_secs(30);
    while !socket.exists() {
        assert!(std::time::Instant::now() < until, "the new one does not wait: {:?}", new.err.all());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    old.signal("QUIT");
    ready(&new).await;
    let status = old.end().await;
    assert_eq!(status.code(), Some(0), "{:?}", old.err.all());
    *old = new;
}

#[tokio::test(flavor = "multi_thread")]
async fn plans_and_programs_are_exchanged_under_load_and_no_caller_sees_it() {
    let (reloads, upgrades): (usize, usize) = if proves() { (100, 10) } else { (10, 2) };
    let shop = Shop::new("");
    let mut program = shop.start(&[]);
    ready(&program).await;
    let operators = Client::new(format!("http://127.0.0.1:{}", shop.admin));
    let load = Load::begin(shop.port, 2);
    load.answered(20);
    let between = reloads / upgrades;
    for plan in 2..reloads + 2 {
        // The operators' address follows the hand-over.
        if plan.is_multiple_of(2) {
            waited(&operators).await;
        }
        reload(&shop, &program, &operators, plan).await;
        load.seen.floor.store(plan, Ordering::Release);
        load.answered(5);
        if plan % between == 1 {
            upgrade(&shop, &mut program).await;
            load.answered(5);
        }
    }
    let seen = load.end();
    let failures = seen.failures.lock().unwrap().clone();
    let counted = [&seen.kept, &seen.new, &seen.http2, &seen.uploads, &seen.obeyed]
        .map(|count| count.load(Ordering::Acquire));
    println!(
        "{reloads} reloads, {upgrades} upgrades: {} answers on kept connections, {} on new ones, {} by HTTP/2, {} slow uploads; \
         {} connections ended as announced; {} plans were seen; {} failures",
        counted[0],
        counted[1],
        counted[2],
        counted[3],
        counted[4],
        seen.plans.lock().unwrap().len(),
        failures.len()
    );
    let shown: Vec<&String> = failures.iter().take(10).collect();
    assert!(failures.is_empty(), "{} failures: {shown:#?}", failures.len());
    assert!(counted[3] > upgrades && counted[4] >= upgrades, "{counted:?}");
    assert!(seen.plans.lock().unwrap().len() > reloads / 2);
    program.signal("TERM");
    assert_eq!(program.end().await.code(), Some(0), "{:?}", program.err.all());
}

/// Waits until the operators' listener answers.
async fn waited(operators: &Client) {
    let until = std::time::Instant::now() + Duration::from_secs(30);
    while operators.attempt("GET", "/readyz", &[], None).await.is_err() {
        assert!(std::time::Instant::now() < until, "operators are not served");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_drains_is_not_ready_and_still_lives() {
    use std::io::Write;
    let shop = Shop::new("");
    let mut program = shop.start(&[]);
    ready(&program).await;
    let (callers, operators) = (
        Client::new(format!("http://127.0.0.1:{}", shop.port)),
        Client::new(format!("http://127.0.0.1:{}", shop.admin)),
    );
    for client in [&callers, &operators] {
        assert_eq!(client.get("/readyz").await.with(200).text(), "ready\n");
        assert_eq!(client.get("/healthz").await.with(200).text(), "ok\n");
    }
    // Something is under way, so that the drain takes a moment.
    let mut slow = crate::black_box::support::Raw::connect(shop.port).unwrap();
    slow.write_all(b"POST /v1/items HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{").unwrap();
    callers.get("/v1/items").await.with(200);
    program.signal("TERM");
    let until = std::time::Instant::now() + Duration::from_secs(10);
    while operators.get("/readyz").await.status != 503 {
        assert!(std::time::Instant::now() < until, "it does not say that it drains");
    }
    assert_eq!(operators.get("/healthz").await.with(200).text(), "ok\n");
    assert!(operators.get("/metrics").await.with(200).text().contains("\nportico_draining 1.0"));
    slow.write_all(b"\"name\":\"ab\"}").unwrap();
    let answer = crate::black_box::support::answer(&mut std::io::BufReader::new(slow), false).unwrap();
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(program.end().await.code(), Some(0));
}
