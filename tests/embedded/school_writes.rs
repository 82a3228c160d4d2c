//! `school-parts` over the asset register: what is written arrives, and what is wrong comes back in public names.

use super::ask::{Answer, Desk, rows};
use serde_json::{Value, json};

const REQUESTS: &str = "/api/v1/schools/S-4101/maintenance-requests";
const PARTS: &str = "/api/v1/schools/S-4101/parts-requests";

/// The places that an answer says are wrong.
fn wrong(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 400, "{}", answer.body);
    let violations = answer.body["violations"].as_array().map(Vec::as_slice).unwrap_or_default();
    let places = violations.iter().map(|one| one["pointer"].as_str().or(one["parameter"].as_str()).unwrap());
    places.collect()
}

fn request() -> Value {
    json!({
        "assetId": "1", "title": "Stop arm <b> & \"x\" doesn't extend", "type": "repair",
        "startDate": "2026-11-23", "requestedBy": "U-100001", "notes": "a\nb &amp; c", "priority": "high",
    })
}

#[tokio::test]
async fn a_maintenance_request_is_made_changed_and_read() {
    let desk = Desk::open().await;
    let before = desk.walk(REQUESTS, 100).await.len();
    let made = desk.ask("POST", REQUESTS, Some(request())).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let mut wanted = request();
    for (name, value) in [
        ("requestId", json!("121")),
        ("schoolId", json!("S-4101")),
        ("assetTag", json!("BUS-0001")),
        ("status", json!("open")),
        ("completedOn", json!(null)),
        ("underWarranty", json!(false)),
        ("cost", json!(null)),
        ("createdAt", json!("2026-11-21T12:00:00Z")),
        ("updatedAt", json!("2026-11-21T12:00:00Z")),
    ] {
        wanted[name] = value;
    }
    assert_eq!(made.body, wanted);
    assert_eq!(desk.walk(REQUESTS, 7).await.len(), before + 1);
    let one = format!("{REQUESTS}/121");
    let patch =
        json!({"status": "completed", "completedOn": "2026-11-25", "underWarranty": true, "notes": null});
    let changed = desk.ask("PATCH", &one, Some(patch)).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    wanted["status"] = json!("completed");
    wanted["completedOn"] = json!("2026-11-25");
    wanted["underWarranty"] = json!(true);
    wanted["notes"] = json!(null);
    assert_eq!(changed.body, wanted);
    assert_eq!(desk.get(&one).await, wanted);
    // Only what changed is sent.
    desk.calls("district");
    assert_eq!(desk.ask("PATCH", &one, Some(json!({"status": "completed"}))).await.body, wanted);
    let calls = desk.calls("district");
    assert!(!calls.iter().any(|call| call.starts_with("PATCH")), "{calls:#?}");
    assert_eq!(
        desk.ask("PATCH", "/api/v1/schools/S-4102/maintenance-requests/121", Some(json!({}))).await.status,
        404
    );
    assert_eq!(desk.ask("DELETE", &one, None).await.status, 400, "requests are not deleted");
}

#[tokio::test]
async fn what_a_request_names_belongs_to_its_school() {
    let desk = Desk::open().await;
    for (name, value) in [
        ("assetId", "2"),
        ("assetId", "31"),
        ("assetId", "x"),
        ("requestedBy", "U-100002"),
        ("requestedBy", "U-200002"),
    ] {
        let mut body = request();
        body[name] = json!(value);
        let answer = desk.ask("POST", REQUESTS, Some(body)).await;
        assert_eq!(wrong(&answer), [format!("/{name}")], "{value}");
    }
    for (body, place) in [
        (json!({"vehicleId": "63", "partNumber": "BRK-2210", "quantity": 1}), "/vehicleId"),
        (json!({"vehicleId": "2", "partNumber": "BRK-2210", "quantity": 1}), "/vehicleId"),
    ] {
        assert_eq!(wrong(&desk.ask("POST", PARTS, Some(body)).await), [place]);
    }
    let closed = "/api/v1/schools/S-4113/parts-requests";
    let body = json!({"partNumber": "BRK-2210", "quantity": 1});
    assert_eq!(desk.ask("POST", closed, Some(body)).await.status, 404);
}

#[tokio::test]
async fn what_the_register_refuses_is_told_in_public_names() {
    let desk = Desk::open().await;
    let mut body = request();
    body["completedOn"] = json!("2026-11-20");
    let answer = desk.ask("POST", REQUESTS, Some(body)).await;
    assert_eq!(wrong(&answer), ["/completedOn"]);
    assert_eq!(answer.body["code"], "F516");
    let told = answer.body.to_string();
    assert!(!told.contains("completion") && !told.contains("snipe"), "{told}");
    let answer = desk
        .ask("POST", REQUESTS, Some(json!({"assetId": "1", "title": " x", "type": "paint", "startDate": "23.11.2026", "cost": null, "colour": "red"})))
        .await;
    let mut places = wrong(&answer);
    places.sort_unstable();
    assert_eq!(places, ["/colour", "/cost", "/startDate", "/title", "/type"]);
    let answer = desk.ask("POST", PARTS, Some(json!({"quantity": 0}))).await;
    assert_eq!(wrong(&answer), ["/partNumber", "/quantity"]);
    assert_eq!(
        wrong(&desk.ask("GET", &format!("{PARTS}?limit=101&colour=red"), None).await),
        ["limit", "colour"]
    );
}

#[tokio::test]
async fn deleting_a_parts_request_cancels_it() {
    let desk = Desk::open().await;
    let body = json!({"vehicleId": "1", "partNumber": "BRK-2210", "quantity": 2, "requestedBy": "U-100001", "notes": "It's \"urgent\" & <so>"});
    let made = desk.ask("POST", PARTS, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!((&made.body["status"], &made.body["reservation"]), (&json!("pending"), &json!(null)));
    assert_eq!(made.body["notes"], "It's \"urgent\" & <so>");
    let one = format!("{PARTS}/{}", made.body["requestId"].as_str().unwrap());
    let removed = desk.ask("DELETE", &one, None).await;
    assert_eq!((removed.status, &removed.body), (200, &made.body), "the record as it was");
    let now = desk.get(&one).await;
    assert_eq!((&now["status"], &now["cancelledAt"]), (&json!("cancelled"), &json!("2026-11-21T12:00:00Z")));
    assert!(
        rows(&desk.get(&format!("{PARTS}?status=cancelled")).await).contains(&now),
        "it stays in the list"
    );
    let again = desk.ask("DELETE", &one, None).await;
    assert_eq!((again.status, again.body["code"].as_str()), (400, Some("F516")));
}
