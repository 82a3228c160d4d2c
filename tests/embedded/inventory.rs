//! The inventory's half of `school-parts`, whatever serves it: lists, records, filters, and what is wrong with a part.

use super::{
    ask::Desk,
    judge::{self, keeps},
};
use serde_json::{Value, json};

const LISTS: [(&str, &str); 4] = [
    ("auto-parts", "partId"),
    ("suppliers", "supplierId"),
    ("orders", "orderId"),
    ("shipments", "shipmentId"),
];

#[tokio::test]
async fn lists_are_the_same_in_pages_of_any_size_and_records_in_both() {
    let desk = Desk::open().await;
    for (name, key) in LISTS {
        let path = format!("/api/v1/{name}");
        let all = desk.walk(&path, 100).await;
        assert!(all.len() > 7, "{path}");
        assert_eq!(desk.walk(&path, 7).await, all, "{path}");
        for record in all.iter().take(12) {
            let one = format!("{path}/{}", record[key].as_str().unwrap());
            assert_eq!(desk.get(&one).await, *record, "{one}");
        }
        assert_eq!(desk.ask("GET", &format!("{path}/none"), None).await.status, 404);
    }
}

#[tokio::test]
async fn parts_are_found_by_what_they_are_and_what_they_fit() {
    let desk = Desk::open().await;
    let all = desk.walk("/api/v1/auto-parts", 100).await;
    for name in ["category", "sku", "supplierId"] {
        let value = judge::member(&all[0], name).unwrap();
        let kept: Vec<Value> = all.iter().filter(|part| keeps(part, name, "", &[value])).cloned().collect();
        let target = format!("/api/v1/auto-parts?{name}={}", judge::text(value));
        assert_eq!(desk.walk(&target, 9).await, kept, "{target}");
    }
    let least: Vec<Value> =
        all.iter().filter(|part| part["quantity"]["available"].as_i64() >= Some(5)).cloned().collect();
    assert_eq!(desk.walk("/api/v1/auto-parts?quantity.available.gte=5", 100).await, least);
    let makes = |part: &Value| -> Vec<String> {
        let vehicles = part["fits"].as_array().into_iter().flatten();
        vehicles.filter_map(|vehicle| vehicle["make"].as_str().map(str::to_owned)).collect()
    };
    let make = all.iter().flat_map(&makes).next().unwrap();
    let fitting: Vec<Value> = all.iter().filter(|part| makes(part).contains(&make)).cloned().collect();
    let target = format!("/api/v1/auto-parts?fits.make={}", make.replace(' ', "%20"));
    assert_eq!(desk.walk(&target, 100).await, fitting, "{target}");
}

#[tokio::test]
async fn stock_is_that_of_the_part() {
    let desk = Desk::open().await;
    for part in desk.walk("/api/v1/auto-parts?fields=partId,sku,quantity,bins", 100).await.iter().take(10) {
        let stock = desk.get(&format!("/api/v1/auto-parts/{}/stock", part["partId"].as_str().unwrap())).await;
        for name in ["onHand", "reserved", "available"] {
            assert_eq!(stock[name], part["quantity"][name]);
        }
        assert_eq!((&stock["sku"], &stock["partId"]), (&part["sku"], &part["partId"]));
    }
    assert_eq!(desk.ask("GET", "/api/v1/auto-parts/none/stock", None).await.status, 404);
}

#[tokio::test]
async fn stock_is_adjusted_by_bins_and_never_below_what_is_free() {
    let desk = Desk::open().await;
    let parts = desk.walk("/api/v1/auto-parts?fields=partId", 100).await;
    let path = format!("/api/v1/auto-parts/{}/stock", parts[0]["partId"].as_str().unwrap());
    let before = desk.get(&path).await;
    let adjust = |change: i64, reason: &str| {
        Some(json!({ "adjustment": { "location": "Z-99-9", "change": change, "reason": reason } }))
    };
    let answer = desk.ask("PATCH", &path, adjust(4, "receipt")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body, desk.get(&path).await, "what was answered is what stands");
    assert_eq!(answer.body["onHand"].as_i64(), before["onHand"].as_i64().map(|known| known + 4));
    assert!(answer.body.get("adjustment").is_none(), "{}", answer.body);
    for (change, reason, place) in [
        (-5, "sale", "/adjustment/change"),
        (3, "sale", "/adjustment/change"),
        (1, "gift", "/adjustment/reason"),
    ] {
        let refused = desk.ask("PATCH", &path, adjust(change, reason)).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert_eq!(refused.body["violations"][0]["pointer"], place, "{}", refused.body);
    }
    assert_eq!(desk.ask("PATCH", &path, adjust(-4, "damage")).await.status, 200);
    assert_eq!(desk.get(&path).await["onHand"], before["onHand"]);
    assert_eq!(desk.ask("PATCH", &path, Some(json!({ "onHand": 1 }))).await.status, 400);
    assert_eq!(desk.ask("PATCH", "/api/v1/auto-parts/none/stock", adjust(1, "count")).await.status, 404);
}

#[tokio::test]
async fn what_is_wrong_with_a_part_is_told_at_once() {
    let desk = Desk::open().await;
    let body = json!({
        "sku": "brk", "description": " Pads", "category": "brake", "supplierId": "none",
        "listPrice": {"amount": 84.5, "currency": "EUR"}, "quantity": {"onHand": 5},
    });
    let answer = desk.ask("POST", "/api/v1/auto-parts", Some(body)).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    let violations = answer.body["violations"].as_array().unwrap();
    let mut places: Vec<&str> = violations.iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    places.sort_unstable();
    let wanted =
        ["/category", "/description", "/listPrice/amount", "/listPrice/currency", "/quantity", "/sku"];
    assert_eq!(places, wanted);
}

#[tokio::test]
async fn a_part_is_made_changed_and_removed() {
    let desk = Desk::open().await;
    let supplier = desk.walk("/api/v1/suppliers", 100).await[0]["supplierId"].clone();
    let body = json!({
        "sku": "ZZ-1", "description": "Pads & <b>", "category": "brakes", "supplierId": supplier,
        "listPrice": {"amount": "84.50", "currency": "USD"},
        "fits": [{"make": "Blue Bird", "model": "Vision", "yearFrom": 2014}],
    });
    let made = desk.ask("POST", "/api/v1/auto-parts", Some(body.clone())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!((&made.body["sku"], &made.body["active"]), (&json!("ZZ-1"), &json!(true)));
    assert_eq!(made.body["fits"][0]["yearTo"], json!(null));
    let one = format!("/api/v1/auto-parts/{}", made.body["partId"].as_str().unwrap());
    let patch = json!({"listPrice": {"amount": "85.00", "currency": "USD"}, "notes": "Sold in pairs."});
    let changed = desk.ask("PATCH", &one, Some(patch)).await;
    assert_eq!((changed.status, &changed.body["listPrice"]["amount"]), (200, &json!("85.00")));
    assert_eq!(changed.body["description"], made.body["description"]);
    for (patch, place) in
        [(json!({"sku": "ZZ-2"}), "/sku"), (json!({"supersededBy": "NONE-1"}), "/supersededBy")]
    {
        let refused = desk.ask("PATCH", &one, Some(patch)).await;
        assert_eq!((refused.status, &refused.body["violations"][0]["pointer"]), (400, &json!(place)));
    }
    let mut stray = body;
    stray["supplierId"] = json!("none");
    let refused = desk.ask("POST", "/api/v1/auto-parts", Some(stray)).await;
    assert_eq!((refused.status, &refused.body["violations"][0]["pointer"]), (400, &json!("/supplierId")));
    assert_eq!(desk.ask("DELETE", &one, None).await.body, changed.body);
    assert_eq!(desk.ask("GET", &one, None).await.status, 404);
}
