//! Files that cannot be taken up: twenty of them, each refused with its place and its cure, while the old plan serves.

use super::shop::{Shop, plan_of};
use crate::{black_box::support::Client, support::at};
use portico::control::{Overrides, difference::Difference, plan};

/// A file, what stands in it, what breaks it there, the code that is told, and some words of what is told.
const BROKEN: [(&str, &str, &str, &str, &str); 20] = [
    ("config/shop.yaml", "publicUrl:", "publicURL:", "M011", "publicUrl"),
    ("config/shop.yaml", "publicUrl: https", "publicUrl: gopher", "M514", "no http or https address"),
    ("config/shop.yaml", "listen: [{", "listen: [{{", "M001", ""),
    (
        "config/shop.yaml",
        "listen: [{ address: 127.0.0.1",
        "listen: [{ address: 192.0.2.1",
        "M515",
        "loopback",
    ),
    (
        "config/shop.yaml",
        "admin: { address: 127.0.0.1",
        "admin: { behindProxy: true, address: 192.0.2.1",
        "M772",
        "credential",
    ),
    ("config/shop.yaml", "items: store", "items: stoer", "M511", "store"),
    ("config/shop.yaml", "  store:\n    sql:", "  store:\n    sqll:", "M011", "sql"),
    ("config/shop.yaml", "shop/v1:", "shop/v2:", "M216", "shop/v2"),
    ("config/shop.yaml", "grace: 15s", "grace: soon", "M015", ""),
    ("config/shop.yaml", "limits:", "telemetry: { requests: { format: jso } }\nlimits:", "M014", ""),
    (
        "config/shop.yaml",
        "limits:",
        "telemetry: { traces: { trust: [everybody] } }\nlimits:",
        "M771",
        "everybody",
    ),
    ("mappings/shop/v1/api.yaml", "maximum: 250", "maximum: many", "M012", ""),
    ("mappings/shop/v1/items.yaml", "key: itemId", "key: itemID", "M211", "itemId"),
    ("mappings/shop/v1/items.yaml", "operations: [list,", "operations: [lists,", "M014", "list"),
    ("mappings/shop/v1/items.yaml", "filter: [name]", "filter: [nmae]", "M211", "name"),
    (
        "mappings/shop/v1/items.yaml",
        "contract: shop/v1/item.json",
        "contract: shop/v1/itm.json",
        "M111",
        "item.json",
    ),
    ("mappings/shop/v1/items.store.yaml", "  name: i.name\n", "", "M311", "name"),
    ("mappings/shop/v1/items.store.yaml", "codes:", "code:", "M011", "codes"),
    ("mappings/shop/v1/items.store.yaml", "  name: i.name", "  naem: i.name", "M211", "name"),
    ("schemas/shop/v1/item.json", "\"title\": \"Item\",", "\"title\": \"Item\" ,,", "M001", ""),
];

#[tokio::test(flavor = "multi_thread")]
async fn twenty_files_that_cannot_be_taken_up_are_refused_with_place_and_cure_while_the_old_plan_serves() {
    let shop = Shop::new("");
    let mut program = shop.start(&[]);
    assert!(program.is_ready().await);
    let (callers, operators) = (
        Client::new(format!("http://127.0.0.1:{}", shop.port)),
        Client::new(format!("http://127.0.0.1:{}", shop.admin)),
    );
    let before = callers.get("/v1/items").await.with(200);
    for (file, stands, breaks, code, said) in BROKEN {
        shop.turn_with(1, &[(file, stands, breaks)]);
        let answer = operators.send("POST", "/reload", &[], None).await;
        let what = format!("{file} with `{breaks}`: {}", answer.text());
        assert_eq!(answer.status, 422, "{what}");
        let answer = answer.json();
        assert_eq!(answer["reloaded"], false, "{what}");
        let errors = answer["errors"].as_array().unwrap();
        let told = errors.iter().find(|one| {
            let name = file.rsplit('/').next().unwrap();
            one["file"].as_str().is_some_and(|file| file.ends_with(name))
                && one["code"].as_str().is_some_and(|found| found.starts_with(code))
                && one.to_string().contains(said)
        });
        let told = told.unwrap_or_else(|| panic!("no {code} in {file} that says `{said}`: {what}"));
        assert!(told["line"].as_u64() > Some(0) && told["column"].as_u64() > Some(0), "{what}");
        assert!(told["message"].as_str().is_some_and(|text| !text.is_empty()), "{what}");
        assert!(told["cure"].as_str().is_some_and(|text| !text.is_empty()), "no cure: {what}");
        let now = callers.get("/v1/items").await.with(200);
        assert_eq!(now.body, before.body, "{what}");
        assert_eq!(plan_of(now.header("link"), &now.body), Ok(1));
    }
    shop.turn_to(1);
    let answer = operators.send("POST", "/reload", &[], None).await.with(200).json();
    assert_eq!(answer["difference"]["changed"], serde_json::json!([]), "{answer}");
    let metrics = operators.get("/metrics").await.with(200);
    let refused =
        metrics.text().lines().find_map(|l| l.strip_prefix("portico_reloads_total{outcome=\"refused\"} "));
    assert!(refused.unwrap().parse::<usize>().unwrap() >= BROKEN.len(), "{}", metrics.text());
    assert!(metrics.text().contains("\nportico_reload_last_failed 0.0"), "{}", metrics.text());
    assert!(program.is_alive());
}

#[test]
fn the_same_files_do_not_differ_from_themselves() {
    let compiled = || {
        let (plan, _, out) = plan(&at("config/demo.yaml"), &Overrides::default());
        plan.unwrap_or_else(|| panic!("{}", out.render_plain()))
    };
    let (one, other) = (compiled(), compiled());
    assert_eq!(Difference::between(&one, &other), Difference::default());
    assert_eq!(one.made.digest, other.made.digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_told_by_name_and_never_by_value() {
    let shop = Shop::new("");
    let program = shop.start(&[]);
    assert!(program.is_ready().await);
    let operators = Client::new(format!("http://127.0.0.1:{}", shop.admin));
    shop.turn_with(
        1,
        &[
            ("mappings/shop/v1/items.yaml", "operations: [list, create, read]", "operations: [list, read]"),
            (
                "config/shop.yaml",
                "sources:\n",
                "sources:\n  spare:\n    http: { address: \"https://spare-7f3.example\" }\n",
            ),
            ("config/shop.yaml", "requestDeadline: 20s", "requestDeadline: 21s"),
            ("mappings/shop/v1/api.yaml", "title: Shop\n", "title: Shop\nroles: { clerk: {} }\n"),
        ],
    );
    let answer = operators.send("POST", "/reload", &[], None).await.with(200);
    let found = |what: &str, kind: &str, name: &str| -> serde_json::Value {
        let all = answer.json()["difference"][what].clone();
        let one =
            all.as_array().unwrap().iter().find(|one| one["kind"] == kind && one["name"] == name).cloned();
        one.unwrap_or_else(|| panic!("no {what} {kind} {name} in {}", answer.text()))
    };
    assert_eq!(found("changed", "resource", "shop/v1/items")["parts"], serde_json::json!(["operations"]));
    found("added", "source", "spare");
    found("added", "role", "shop/v1 clerk");
    found("changed", "setting", "limits");
    assert_eq!(answer.json()["difference"]["restart"], serde_json::json!(["limits"]));
    assert!(!answer.text().contains("spare-7f3"), "{}", answer.text());
    // The log tells the same.
    program.err.until("added source spare", 1).await;
    program.err.until("changed resource shop/v1/items (operations)", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_prove_who_they_are_where_a_token_is_said() {
    let token = "correct-horse-battery-staple";
    let shop = Shop::new("");
    std::fs::write(shop.path("state/token"), token).unwrap();
    let file = shop.path("state/token").display().to_string();
    let said = format!("adminToken: {{ file: \"{file}\" }}\nlimits:");
    shop.turn_with(1, &[("config/shop.yaml", "limits:", &said)]);
    let program = shop.start(&[]);
    assert!(program.is_ready().await, "{:?}", program.err.all());
    let operators = Client::new(format!("http://127.0.0.1:{}", shop.admin));
    for path in ["/metrics", "/drift", "/audit", "/cache", "/writes", "/reload", "/nothing"] {
        for value in ["", "Bearer wrong", "Basic correct-horse-battery-staple", "Bearer"] {
            let headers = [("authorization", value)];
            let headers = if value.is_empty() { &headers[..0] } else { &headers[..] };
            let refused = operators.send("POST", path, headers, None).await.with(401);
            assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        }
    }
    let proof = format!("Bearer {token}");
    operators.send("GET", "/metrics", &[("authorization", &proof)], None).await.with(200);
    operators.send("POST", "/reload", &[("authorization", &proof)], None).await.with(200);
    operators.send("GET", "/reload", &[("authorization", &proof)], None).await.with(405);
    let page = [("authorization", &*proof), ("origin", "https://elsewhere.example")];
    operators.send("POST", "/reload", &page, None).await.with(403);
    operators.get("/healthz").await.with(200);
    operators.get("/readyz").await.with(200);
}
