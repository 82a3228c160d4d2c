//! The audit trail as auditors see it: on the operators' listener, and by `portico audit` when the server was killed.

use super::support::{Client, Demo, Program, path};
use crate::support::port::free_port;
use std::sync::atomic::{AtomicU16, Ordering};

fn audit(demo: &Demo, words: &[&str]) -> (Option<i32>, String) {
    let config = demo.home.config();
    let (what, more) = words.split_first().unwrap();
    let args: Vec<&str> =
        ["audit", what, "-c", path(&config)].into_iter().chain(more.iter().copied()).collect();
    let output = Program::run(&args);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout) + &text(output.stderr))
}

async fn change(demo: &Demo, statements: &[&str]) {
    let file = demo.home.path("state/ledger.db");
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    for statement in statements {
        sqlx::query(sqlx::AssertSqlSafe((*statement).to_owned())).execute(&pool).await.unwrap();
    }
    pool.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn auditors_see_who_read_what_while_the_server_runs_and_after_it_was_killed() {
    let port = AtomicU16::new(0);
    let demo = Demo::start_with(|home| {
        port.store(free_port(), Ordering::Relaxed);
        let admin = format!("admin: {{ address: 127.0.0.1:{} }}\napis:\n", port.load(Ordering::Relaxed));
        home.edit("config/demo.yaml", "apis:\n", &admin);
    });
    let mut demo = demo.await;
    let admin = Client::new(format!("http://127.0.0.1:{}", port.load(Ordering::Relaxed)));
    // What an owner shows to all is shown to nobody in particular, and told of.
    demo.client.get("/v1/pets/109/publicProfile?fields=profile").await.with(200);
    let before = admin.get("/audit?resource=customers").await.with(200).json();
    assert_eq!(before["lines"], serde_json::json!([]));
    let profile = demo.client.get("/v1/pets/109/publicProfile").await.with(200).json();
    assert!(profile["emergencyContacts"].is_array(), "{profile:#}");
    let told = admin.get("/audit?resource=customers").await.with(200).json();
    let line = &told["lines"][0];
    assert_eq!(
        (&line["action"], &line["address"], &line["via"]["keys"][0], &line["members"][0]),
        (&"read".into(), &"127.0.0.1".into(), &"109".into(), &"emergencyContacts".into()),
        "{told:#}"
    );
    let looked = admin.get("/audit?action=audit.*&limit=1").await.with(200).json();
    assert_eq!(looked["lines"][0]["address"], "127.0.0.1", "who looks is told of, too: {looked:#}");
    for (wrong, status) in
        [("/audit?who=me", 400), ("/audit?limit=many", 400), ("/audit?from=soon", 400), ("/audits", 404)]
    {
        assert_eq!(admin.get(wrong).await.status, status, "{wrong}");
    }
    assert_eq!(admin.send("POST", "/audit", &[], None).await.status, 405);
    demo.client.get("/audit").await.with(404);

    demo.program.kill().await;
    let record = line["keys"][0].as_str().unwrap();
    let (status, text) = audit(&demo, &["search", "--resource", "customers", "--record", record]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains(&format!("customers {record} via publicProfile")), "{text}");
    let (status, text) = audit(&demo, &["verify"]);
    assert_eq!(status, Some(0), "{text}");
    let end = text.lines().find_map(|line| line.strip_prefix("the end: ")).unwrap().to_owned();
    assert_eq!(audit(&demo, &["verify", "--known", &end]).0, Some(0));

    let id = line["id"].to_string();
    let change_line = format!(
        "UPDATE trail_pages SET text = replace(text, '[\"emergencyContacts\"', '[\"emergencyContract\"') \
         WHERE {id} BETWEEN first_line AND last_line"
    );
    change(&demo, &["DROP TRIGGER trail_pages_changed", &change_line]).await;
    let (status, text) = audit(&demo, &["verify"]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains(&format!("line {id} was changed")), "{text}");
    let (status, text) = audit(&demo, &["verify", "--known", "7"]);
    assert_eq!(status, Some(2), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_let_in_and_what_operators_changed_is_told_and_a_disabled_client_is_out() {
    let demo = Demo::start().await;
    let people = std::fs::read_to_string(demo.home.path("state/people.json")).unwrap();
    let people: serde_json::Value = serde_json::from_str(&people).unwrap();
    let (owner, nobody) = (&people["owner"], Client::new(demo.home.url()));
    let log_in = async |password: &str| {
        let body = serde_json::json!({
            "clientId": "pethub-app", "email": owner["email"], "password": password
        });
        let headers = [("content-type", "application/json")];
        nobody.send("POST", "/v1/auth/login", &headers, Some(&body.to_string())).await
    };
    log_in("none of theirs").await.with(401);
    let tokens = log_in(owner["password"].as_str().unwrap()).await.with(200).json();
    let bearer = format!("Bearer {}", tokens["accessToken"].as_str().unwrap());
    let own = [("authorization", bearer.as_str())];
    nobody.send("GET", "/v1/pets/109", &own, None).await.with(200);
    let named = nobody.send("GET", "/oauth/userinfo", &own, None).await.with(200).json();
    assert_eq!(named["sub"], tokens["account"]["id"]);

    let search = |action: &str| {
        let (status, text) = audit(&demo, &["search", "--action", action, "--json"]);
        assert_eq!(status, Some(0), "{text}");
        let told: serde_json::Value = serde_json::from_str(&text).unwrap();
        let lines = told["lines"].as_array().unwrap().iter();
        lines
            .map(|line| (line["outcome"].clone(), line["subject"].clone(), line["keys"][0].clone()))
            .collect::<Vec<_>>()
    };
    let logins = search("login");
    let account = logins[0].1.clone();
    assert!(account.as_str().is_some_and(|id| id.starts_with("a_")), "{logins:?}");
    assert_eq!(logins[0], ("done".into(), account.clone(), account.clone()));
    assert_eq!(logins[1], ("F242".into(), serde_json::Value::Null, account), "whose password was guessed at");

    // A client that is disabled is out within a second, with what it holds.
    let vendor = Client::new(demo.home.url()).of(&demo.home, "vendor");
    vendor.get("/v1/pets/109").await.with(200);
    let config = demo.home.config();
    let done = Program::run(&["client", "disable", "demo-vendor-web", "-c", path(&config)]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let mut status = 200;
    for _ in 0..100 {
        status = vendor.get("/v1/pets/109").await.status;
        if status == 401 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(status, 401);
    let told = search("client.disabled");
    let line = |outcome: &str| {
        let operator = told.iter().find(|line| line.0 == outcome).map(|line| line.1.clone()).unwrap();
        (outcome.into(), operator, "demo-vendor-web".into())
    };
    assert_eq!(told, [line("done"), line("begun")]);
}
