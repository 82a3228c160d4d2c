//! Tryton: JSON-RPC whose parameters have no names, a session, a domain of terms; and a write of four calls that is
//! whole or not at all.

use super::{parts, site::Site};
use serde_json::{Value, json};

const FOREIGN: &[&str] = &[
    "__class__",
    "template.",
    "list_price",
    "shipment",
    "UserError",
    "tryton",
    "Tryton",
    "moves",
    "assigned",
];

fn list(body: &Value, name: &str) -> Vec<Value> {
    body[name].as_array().unwrap_or_else(|| panic!("no list: {body}")).clone()
}

/// The parts as this system's products; how many of each can be had is another question.
fn products() -> Vec<Value> {
    let of = |part: Value| {
        json!({
            "productId": part["partId"], "name": part["name"], "category": part["category"], "price": part["price"],
            "active": part["active"], "note": part["note"]
        })
    };
    parts::parts().into_iter().map(of).collect()
}

const FIELDS: &str = "fields=productId,name,category,price,active,note";

fn products_are_right(site: &Site) {
    let products = products();
    let shown = |target: &str| -> (Vec<Value>, Value) {
        let body = site.get(target).with(200).body;
        (
            list(&body, "products").into_iter().map(parts::alike).collect(),
            body["metadata"]["totalCount"].clone(),
        )
    };
    for limit in [7, 100] {
        let mut found = Vec::new();
        for offset in (0..products.len() + limit).step_by(limit) {
            let (page, total) = shown(&format!("/depot/v1/products?limit={limit}&offset={offset}&{FIELDS}"));
            assert_eq!(total, products.len());
            found.extend(page);
        }
        assert_eq!(found, products, "in pages of {limit}");
    }
    let price = |p: &Value| p["price"].as_f64().unwrap();
    let text = |p: &Value, member: &str| p[member].as_str().unwrap().to_owned();
    let cases: &[(&str, Keeps<'_>)] = &[
        ("productId=P-0007&productId=P-0003", &|p| p["productId"] == "P-0007" || p["productId"] == "P-0003"),
        ("productId.gt=P-0050", &|p| text(p, "productId").as_str() > "P-0050"),
        ("name=Oil%20pump", &|p| p["name"] == "Oil pump"),
        ("name.ne=Oil%20pump&name.lt=P", &|p| p["name"] != "Oil pump" && text(p, "name").as_str() < "P"),
        ("price.gte=300&active=true", &|p| price(p) >= 300.0 && p["active"] == true),
        ("active=false", &|p| p["active"] == false),
    ];
    for (query, keeps) in cases {
        let right: Vec<Value> = products.iter().filter(|p| keeps(p)).cloned().collect();
        let (page, total) = shown(&format!("/depot/v1/products?limit=100&{query}&{FIELDS}"));
        assert_eq!((page, total), (right.clone(), json!(right.len())), "{query}");
    }
    for (query, member) in
        [("-name", "name"), ("name", "name"), ("-productId", "productId"), ("-price", "price")]
    {
        let mut right = products.clone();
        right.sort_by(|a, b| match member {
            "price" => price(a).total_cmp(&price(b)),
            _ => text(a, member).cmp(&text(b, member)),
        });
        if query.starts_with('-') {
            right.reverse();
        }
        let (page, _) = shown(&format!("/depot/v1/products?limit=5&offset=20&sort={query}&{FIELDS}"));
        let right: Vec<&Value> = right[20..25].iter().map(|p| &p[member]).collect();
        assert_eq!(page.iter().map(|p| &p[member]).collect::<Vec<_>>(), right, "sort={query}");
    }
    let one = site.get("/depot/v1/products/P-0002?fields=note,price").with(200).body;
    assert_eq!(parts::alike(one), json!({ "price": 1249.0, "note": products[1]["note"] }));
    site.get("/depot/v1/products/P-9999").refused(404, "F112");
}

fn available(site: &Site) -> Value {
    site.get("/depot/v1/products/P-0005?fields=available").with(200).body["available"].clone()
}

/// Which products a question keeps.
type Keeps<'k> = &'k dyn Fn(&Value) -> bool;

#[test]
fn a_transfer_is_reserved_whole_or_not_at_all() {
    let Some(site) = Site::start("tryton", FOREIGN) else { return };
    products_are_right(&site);
    // Five are on hand, and three of them are held by the transfer that is there.
    let held = json!([{ "transferId": "1", "reference": "HELD", "productId": "P-0005", "quantity": 3, "state": "reserved" }]);
    assert_eq!(site.get("/depot/v1/transfers").with(200).body["transfers"], held);
    assert_eq!(available(&site), 2);

    // Nine cannot be had. The system would reserve two and say nothing.
    let nine = json!({ "productId": "P-0005", "quantity": 9, "reference": "NINE" });
    site.ask("POST", "/depot/v1/transfers", Some(&nine)).refused(400, "F516");
    assert_eq!(site.get("/depot/v1/transfers").with(200).body["transfers"], held, "nothing is left of it");
    assert_eq!(available(&site), 2, "nothing is held by it");

    // Two can.
    let two = json!({ "productId": "P-0005", "quantity": 2, "reference": null });
    let made = site.ask("POST", "/depot/v1/transfers", Some(&two)).with(201).body;
    let id = made["transferId"].as_str().unwrap();
    let whole = json!({ "transferId": id, "reference": null, "productId": "P-0005", "quantity": 2, "state": "reserved" });
    assert_eq!(made, whole);
    let path = format!("/depot/v1/transfers/{id}");
    assert_eq!(site.get(&path).with(200).body, whole);
    assert_eq!(available(&site), 0);
    assert_eq!(site.get("/depot/v1/transfers").with(200).body["metadata"]["totalCount"], 2);

    // A product that there is not is refused before anything is called.
    let none = json!({ "productId": "P-9999", "quantity": 1 });
    assert_eq!(
        site.ask("POST", "/depot/v1/transfers", Some(&none)).with(400).body["violations"][0]["pointer"],
        "/productId"
    );

    site.ask("DELETE", &path, None).with(200);
    site.get(&path).refused(404, "F112");
    assert_eq!(available(&site), 2);
    assert_eq!(site.get("/depot/v1/transfers").with(200).body["transfers"], held);
}
