//! Appointments: asked for, booked, moved, cancelled, and nobody twice at once.

use super::super::support::{Demo, violations};
use super::{clinic, filtered, walk};
use serde_json::{Value, json};

const PATH: &str = "/v1/appointments";

/// The beginnings of two free slots of the first vet, the second one behind the first; both are far ahead.
async fn free(demo: &Demo) -> [String; 2] {
    let days = 86_400;
    let now = portico::demo::clock::real();
    let (from, to) = (now + 120 * days, now + 140 * days);
    let path =
        format!("/v1/ezycab/availability?appointment_type_id=1&resource_id=1&date_from={from}&date_to={to}");
    let found = clinic(demo, "GET", &path, None).await;
    [0, 2].map(|at| {
        let start = found["items"][at]["availability"]["start_at"].as_i64().unwrap();
        jiff::Timestamp::from_second(start).unwrap().to_string()
    })
}

fn booking(start: &str) -> Value {
    json!({ "customerId": "66", "petId": "109", "serviceId": "1", "providerId": "1", "startAt": start, "note": "Shy." })
}

#[tokio::test(flavor = "multi_thread")]
async fn appointments_are_listed_read_and_filtered() {
    let demo = Demo::start().await;
    let rows = walk(&demo, PATH, "appointments", "appointmentId", "appointment").await;
    assert_eq!(rows.len(), 240);
    let check = async |query: &str, keeps: &dyn Fn(&Value) -> bool| {
        filtered(&demo, &format!("{PATH}?{query}"), "appointments", &rows, keeps).await;
    };
    check("petId=109", &|a| a["petId"] == "109").await;
    check("customerId=66&customerId=34", &|a| a["customerId"] == "66" || a["customerId"] == "34").await;
    check("providerId=3&cancelled=false", &|a| a["providerId"] == "3" && a["cancelled"] == false).await;
    check("serviceId=8&status=completed", &|a| a["serviceId"] == "8" && a["status"] == "completed").await;
    check("status.ne=completed", &|a| a["status"] != "completed").await;
    let (from, to) = ("2026-11-10T00:00:00Z", "2026-11-20T00:00:00Z");
    let within = |a: &Value| a["startAt"].as_str().is_some_and(|at| (from..to).contains(&at));
    check(&format!("startAt.gte={from}&startAt.lt={to}"), &within).await;
    // Both bounds went to the clinic in one condition, and one call was enough for a page.
    let asked = demo.log_of("ezyvet");
    assert!(asked.last().unwrap().contains("start_at=%7B%22gte%22"), "{:?}", asked.last());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_appointment_is_booked_moved_and_cancelled() {
    let demo = Demo::start().await;
    let [first, second] = free(&demo).await;
    let made = demo.client.json("POST", PATH, &booking(&first)).await.with(201).json();
    assert_eq!((&made["status"], &made["durationMinutes"]), (&json!("unconfirmed"), &json!(20)));
    let asked = demo.log_of("ezyvet");
    let steps: Vec<&str> = asked
        .iter()
        .map(|line| line.split(['?', ' ']).nth(1).unwrap())
        .filter(|p| p.contains("ezycab"))
        .collect();
    assert_eq!(steps[steps.len() - 2..], ["/v1/ezycab/availability", "/v1/ezycab/booking"]);
    let one = format!("{PATH}/{}", made["appointmentId"].as_str().unwrap());
    let theirs = format!("/v1/appointment/{}", made["appointmentId"].as_str().unwrap());
    let kept = clinic(&demo, "GET", &theirs, None).await["items"][0]["appointment"].clone();
    assert_eq!((&kept["animal_id"], &kept["resource_list"]), (&json!("109"), &json!(["1"])));
    assert_eq!(kept["description"], "Shy.");

    let moved = demo.client.json("PATCH", &one, &json!({ "startAt": second })).await.with(200).json();
    assert_eq!(moved["startAt"], json!(second));
    let mut whole = moved.clone();
    whole["note"] = Value::Null;
    let replaced = demo.client.json("PUT", &one, &whole).await.with(200).json();
    assert_eq!((&replaced["note"], &replaced["startAt"]), (&Value::Null, &json!(second)));
    // The first slot is free again, and the second one is not.
    let other = demo.client.json("POST", PATH, &booking(&first)).await.with(201).json();
    let back = demo.client.json("PATCH", &one, &json!({ "startAt": first })).await.refused(400, "F516");
    assert_eq!(violations(&back), ["/startAt F516"]);

    let cancelled = demo.client.send("DELETE", &one, &[], None).await.with(200).json();
    assert_eq!(cancelled["cancelled"], false);
    assert_eq!(demo.client.get(&one).await.with(200).json()["cancelled"], true);
    let kept = clinic(&demo, "GET", &theirs, None).await["items"][0]["appointment"].clone();
    assert_eq!((&kept["cancelled"], &kept["active"]), (&json!(1), &json!(1)));
    // Its time is free for another one.
    let other = format!("{PATH}/{}", other["appointmentId"].as_str().unwrap());
    demo.client.json("PATCH", &other, &json!({ "startAt": second })).await.with(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_booked_twice_at_once() {
    let demo = Demo::start().await;
    let [first, _] = free(&demo).await;
    let body = booking(&first);
    let tries = (0..12).map(|_| demo.client.json("POST", PATH, &body));
    let mut made = 0;
    for answer in futures_util::future::join_all(tries).await {
        if answer.status == 201 {
            made += 1;
        } else {
            assert_eq!(violations(&answer.refused(400, "F516")), ["/startAt F516"]);
        }
    }
    assert_eq!(made, 1);
    let start = first.parse::<jiff::Timestamp>().unwrap().as_second();
    let kept = clinic(&demo, "GET", &format!("/v1/appointment?start_at={start}"), None).await;
    assert_eq!(kept["meta"]["items_total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_booked_is_refused_in_public_names() {
    let demo = Demo::start().await;
    let [first, _] = free(&demo).await;
    let refused = async |member: &str, value: Value| {
        let mut body = booking(&first);
        body[member] = value;
        let answer = demo.client.json("POST", PATH, &body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        for foreign in ["start_at", "resource", "animal", "ezy"] {
            assert!(!answer.text().contains(foreign), "{}", answer.text());
        }
        violations(&answer.json())
    };
    assert_eq!(refused("petId", json!("99999")).await, ["/petId F451"]);
    assert_eq!(refused("serviceId", json!("99")).await, ["/serviceId F451"]);
    // In the night, in the past, and beside the grid.
    assert_eq!(refused("startAt", json!("2027-06-01T08:00:00Z")).await, ["/startAt F516"]);
    assert_eq!(refused("startAt", json!("2026-01-05T17:00:00Z")).await, ["/startAt F516"]);
    // A groomer examines nobody.
    assert_eq!(refused("providerId", json!("7")).await, ["/startAt F516"]);
    let kept = clinic(&demo, "GET", "/v1/appointment", None).await;
    assert_eq!(kept["meta"]["items_total"], 240);
}
