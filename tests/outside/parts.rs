//! What every program has to give through the façade: the same parts, the same answers to the same questions. What is
//! right is found here, from `parts.json`, by other means than the façade's.

use super::site::Site;
use crate::support;
use serde_json::{Value, json};
use std::cmp::Ordering;

/// A part that no program starts with.
pub fn another(number: &str) -> Value {
    json!({
        "partId": number, "name": "Wiper \"Ö\" & blade <left>", "category": "body", "price": 12.5, "stock": 3,
        "active": true, "addedAt": "2026-01-31T08:09:10Z", "note": "Zwei Stück", "fits": ["VAN-03", "BUS-01"]
    })
}

/// All parts in the public form, in the order of their numbers.
pub fn parts() -> Vec<Value> {
    let all: Vec<Value> = serde_json::from_str(&support::read("tests/outside/parts.json")).unwrap();
    let mut all: Vec<Value> = all.into_iter().map(public).collect();
    all.sort_by_key(|part| part["partId"].as_str().unwrap().to_owned());
    all
}

/// Prices stand in texts in the file; outside they are numbers.
fn public(mut part: Value) -> Value {
    let price: f64 = part["price"].as_str().unwrap().parse().unwrap();
    part["price"] = json!(price);
    part
}

/// The same with `39.90` and `39.9` alike.
pub fn alike(mut part: Value) -> Value {
    if let Some(price) = part["price"].as_f64() {
        part["price"] = json!(price);
    }
    part
}

#[track_caller]
fn shown(body: &Value) -> Vec<Value> {
    let list = body["parts"].as_array().unwrap_or_else(|| panic!("no list: {body}"));
    list.iter().cloned().map(alike).collect()
}

/// Pages of 7 and of 100 are the whole list, in order, with the right total on each.
pub fn pages_hold_all(site: &Site) {
    let parts = parts();
    for limit in [7, 100] {
        let mut found = Vec::new();
        for offset in (0..parts.len() + limit).step_by(limit) {
            let body = site.get(&format!("/v1/parts?limit={limit}&offset={offset}")).with(200).body;
            assert_eq!(body["metadata"]["totalCount"], parts.len(), "{body}");
            found.extend(shown(&body));
        }
        assert_eq!(found, parts, "in pages of {limit}");
    }
    // Somewhere in the middle, and without a total.
    let body = site.get("/v1/parts?limit=9&offset=33&count=false").with(200).body;
    assert_eq!(shown(&body), parts[33..42]);
    assert_eq!(body["metadata"].get("totalCount"), None, "{body}");
}

type Keeps = fn(&Value) -> bool;

fn text<'a>(part: &'a Value, member: &str) -> &'a str {
    part[member].as_str().unwrap()
}

fn number(part: &Value, member: &str) -> f64 {
    part[member].as_f64().unwrap()
}

/// Every filter of the contract, alone and with others: what comes is what is right, and so is the total.
pub fn filters_are_right(site: &Site) {
    let cases: &[(&str, Keeps)] = &[
        ("category=brakes", |p| p["category"] == "brakes"),
        ("category=brakes&category=engine", |p| p["category"] == "brakes" || p["category"] == "engine"),
        ("category.ne=body", |p| p["category"] != "body"),
        ("category.ne=body&category.ne=brakes", |p| p["category"] != "body" && p["category"] != "brakes"),
        ("active=false", |p| p["active"] == false),
        ("active.ne=false", |p| p["active"] == true),
        ("price=39.9", |p| p["price"] == 39.9),
        ("price=39.90", |p| p["price"] == 39.9),
        ("price=39.9&price=12", |p| p["price"] == 39.9 || p["price"] == 12.0),
        ("price.ne=39.90", |p| p["price"] != 39.9),
        ("price.gte=100", |p| number(p, "price") >= 100.0),
        ("price.lt=12.00", |p| number(p, "price") < 12.0),
        ("price.lte=12.00", |p| number(p, "price") <= 12.0),
        ("price.gt=7.5&price.lte=40", |p| number(p, "price") > 7.5 && number(p, "price") <= 40.0),
        ("stock=0", |p| p["stock"] == 0),
        ("stock.gt=9", |p| number(p, "stock") > 9.0),
        ("stock.lte=4&active=true&category=body", |p| {
            number(p, "stock") <= 4.0 && p["active"] == true && p["category"] == "body"
        }),
        ("name=Oil%20pump", |p| p["name"] == "Oil pump"),
        ("name=Schl%C3%BCsselkappe", |p| p["name"] == "Schlüsselkappe"),
        ("name.gte=S", |p| text(p, "name") >= "S"),
        ("name.lt=Brake%20disc&category=brakes", |p| {
            text(p, "name") < "Brake disc" && p["category"] == "brakes"
        }),
        ("partId=P-0007&partId=P-0003", |p| p["partId"] == "P-0007" || p["partId"] == "P-0003"),
        ("partId.gt=P-0050", |p| text(p, "partId") > "P-0050"),
        ("addedAt.gte=2024-01-01T00:00:00Z", |p| text(p, "addedAt") >= "2024-01-01T00:00:00Z"),
        ("addedAt.lt=2020-01-01", |p| text(p, "addedAt") < "2020-01-01T00:00:00Z"),
        ("addedAt=2023-06-13T12:06:41Z", |p| p["addedAt"] == "2023-06-13T12:06:41Z"),
        ("name=Nothing", |_| false),
    ];
    let all = parts();
    for (query, keeps) in cases {
        let right: Vec<Value> = all.iter().filter(|p| keeps(p)).cloned().collect();
        let body = site.get(&format!("/v1/parts?limit=100&{query}")).with(200).body;
        assert_eq!(shown(&body), right, "{query}");
        assert_eq!(body["metadata"]["totalCount"], right.len(), "{query}");
        let body = site.get(&format!("/v1/parts?limit=3&offset=2&{query}")).with(200).body;
        let some: Vec<Value> = right.iter().skip(2).take(3).cloned().collect();
        assert_eq!(shown(&body), some, "{query}, from the third on");
        assert_eq!(body["metadata"]["totalCount"], right.len(), "{query}");
    }
}

/// Every order of the contract, up and down, alone, combined and with a filter; equals come by their number.
pub fn orders_are_right(site: &Site) {
    let by = |a: &Value, b: &Value, member: &str| match (&a[member], &b[member]) {
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (a, b) => a.as_f64().partial_cmp(&b.as_f64()).unwrap(),
    };
    for query in [
        "name",
        "-name",
        "price",
        "-price",
        "-stock",
        "stock,-price",
        "category,-name",
        "-addedAt",
        "-partId",
        "-category,stock,name",
    ] {
        let mut right = parts();
        right.sort_by(|a, b| {
            let keys = query.split(',').chain(["partId"]).map(|key| match key.strip_prefix('-') {
                Some(member) => by(b, a, member),
                None => by(a, b, key),
            });
            keys.fold(Ordering::Equal, Ordering::then)
        });
        let body = site.get(&format!("/v1/parts?limit=100&sort={query}")).with(200).body;
        assert_eq!(shown(&body), right, "sort={query}");
        let body = site.get(&format!("/v1/parts?limit=5&offset=26&sort={query}")).with(200).body;
        assert_eq!(shown(&body), right[26..31], "sort={query}, in the middle");
        right.retain(|part| part["category"] == "engine");
        let body =
            site.get(&format!("/v1/parts?limit=4&offset=1&category=engine&sort={query}")).with(200).body;
        assert_eq!(shown(&body), right[1..5], "sort={query} of one category");
        assert_eq!(body["metadata"]["totalCount"], right.len(), "sort={query} of one category");
    }
}

/// Fields that are not asked for do not come.
pub fn fields_are_pruned(site: &Site) {
    let parts = parts();
    let body = site.get("/v1/parts?fields=name,fits&limit=4&offset=1").with(200).body;
    let right: Vec<Value> =
        parts[1..5].iter().map(|p| json!({ "name": p["name"], "fits": p["fits"] })).collect();
    assert_eq!(body["parts"], json!(right));
    let body = site.get("/v1/parts?fields=price&limit=4&sort=-name").with(200).body;
    assert!(body["parts"].as_array().unwrap().iter().all(|p| p.as_object().unwrap().len() == 1), "{body}");
    let body = site.get("/v1/parts/P-0002?fields=note,active").with(200).body;
    assert_eq!(body, json!({ "active": true, "note": parts[1]["note"] }));
    let xml = site.get("/v1/parts/P-0003.xml?fields=partId,note,fits").with(200).text;
    assert!(xml.contains("<note>Order with bolts; see \"kit B\"</note>"), "{xml}");
    assert!(xml.contains("<vehicle>BUS-01</vehicle><vehicle>VAN-03</vehicle>"), "{xml}");
}

/// One part, and one that there is not.
pub fn one_is_read(site: &Site) {
    for part in parts().iter().step_by(9) {
        let reply = site.get(&format!("/v1/parts/{}", text(part, "partId"))).with(200);
        assert_eq!(alike(reply.body), *part);
    }
    site.get("/v1/parts/P-9999").refused(404, "F112");
    site.get("/v1/parts/p-0002").refused(404, "F112");
}

/// A part is made, read, patched, replaced and removed; each answer is what was written, and others stay as they are.
pub fn a_part_lives(site: &Site) {
    let path = "/v1/parts/P-0901";
    let mut part = another("P-0901");
    let made = site.ask("POST", "/v1/parts", Some(&part)).with(201);
    assert_eq!(alike(made.body), part);
    let place = made.headers.get("location").unwrap().to_str().unwrap();
    assert!(place.ends_with(path), "{place}");
    assert_eq!(alike(site.get(path).with(200).body), part);
    assert_eq!(site.get("/v1/parts?limit=1").with(200).body["metadata"]["totalCount"], parts().len() + 1);

    // A second one of that number is refused, and the first one is as it was.
    let again = json!({ "name": "Another", "note": null, "fits": [] });
    let mut second = part.clone();
    second.as_object_mut().unwrap().extend(again.as_object().unwrap().clone());
    assert_eq!(site.ask("POST", "/v1/parts", Some(&second)).refused(400, "F464"), ["/partId"]);
    assert_eq!(alike(site.get(path).with(200).body), part);

    // A patch changes what it names; `null` takes away.
    let patch = json!({ "stock": 0, "active": false, "note": null, "price": 0.3, "fits": ["TRK-12"] });
    part.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
    assert_eq!(alike(site.ask("PATCH", path, Some(&patch)).with(200).body), part);
    assert_eq!(alike(site.get(path).with(200).body), part);
    let patch = json!({ "note": "Again", "fits": [], "addedAt": "2026-02-28T23:59:59Z" });
    part.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
    assert_eq!(alike(site.ask("PATCH", path, Some(&patch)).with(200).body), part);

    // The number cannot become another one.
    let number = json!({ "partId": "P-0902" });
    assert_eq!(site.ask("PATCH", path, Some(&number)).refused(400, "F447"), ["/partId"]);
    site.get("/v1/parts/P-0902").refused(404, "F112");

    // What replaces leaves nothing of what was there.
    let mut whole = json!({
        "partId": "P-0901", "name": "Lamp", "category": "engine", "price": 1000, "stock": 7, "active": true,
        "addedAt": "2019-12-31T00:00:00Z"
    });
    let answer = site.ask("PUT", path, Some(&whole)).with(200).body;
    whole["note"] = Value::Null;
    whole["fits"] = json!([]);
    assert_eq!(alike(answer), alike(whole.clone()));
    assert_eq!(alike(site.get(path).with(200).body), alike(whole));

    // Values that the contract does not allow never leave.
    let broken = json!({ "price": 1.001, "category": "wheels" });
    let mut places = site.ask("PATCH", path, Some(&broken)).refused(400, "F431");
    places.sort();
    assert_eq!(places, ["/category", "/price"]);

    assert_eq!(site.ask("DELETE", path, None).with(200).body["partId"], "P-0901");
    site.get(path).refused(404, "F112");
    site.ask("DELETE", path, None).refused(404, "F112");
    site.ask("PATCH", path, Some(&json!({ "stock": 1 }))).refused(404, "F112");
    assert_eq!(shown(&site.get("/v1/parts?limit=100").with(200).body), parts());
}
