//! What has no system yet answers from its contract: the same for one id, and valid.

use super::super::support::{Demo, Home};
use serde_json::{Value, json};

fn services_from_a_stub(home: &Home) {
    home.edit("config/demo.yaml", "services: ezyvet", "services: stub");
    home.edit("config/demo.yaml", "medical-records: sql", "medical-records: stub");
}

fn validator(demo: &Demo, name: &str) -> jsonschema::Validator {
    let schema: Value =
        serde_json::from_str(&demo.home.read(&format!("schemas/pethub/v1/{name}.json"))).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn stubs_are_stable_and_valid() {
    let demo = Demo::start_with(services_from_a_stub).await;
    let (_again, other) = demo.beside("sql").await;
    for (list, plural, key, contract) in [
        ("/v1/services", "services", "serviceId", "service"),
        ("/v1/pets/109/medical-records", "medicalRecords", "recordId", "medical-record"),
        ("/v1/pets/110/medical-records", "medicalRecords", "recordId", "medical-record"),
    ] {
        let validator = validator(&demo, contract);
        let all = demo.client.get(&format!("{list}?limit=100")).await.with(200);
        // Another process makes the same.
        let same = other.get(&format!("{list}?limit=100")).await.with(200);
        assert_eq!((all.text(), all.header("etag")), (same.text(), same.header("etag")));
        let all = all.json();
        let items = all[plural].as_array().unwrap();
        assert_eq!(json!(items.len()), all["metadata"]["totalCount"]);
        assert!(items.len() >= 3);
        for item in items {
            let faults: Vec<String> = validator.iter_errors(item).map(|e| e.to_string()).collect();
            assert!(faults.is_empty(), "{item}: {faults:?}");
            let id = item[key].as_str().unwrap();
            let one = demo.client.get(&format!("{list}/{id}")).await.with(200);
            assert_eq!(one.json(), *item);
            demo.client.get(&format!("{list}/{id}.xml")).await.with(200);
        }
        demo.client.get(&format!("{list}/nothing-here")).await.refused(404, "F112");
    }
    demo.client.get("/v1/pets/9999/medical-records").await.refused(404, "F112");
    demo.client.get("/v1/pets/110/medical-records/109-1").await.refused(404, "F112");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stub_is_sent_is_judged_and_shown_and_not_kept() {
    let demo = Demo::start_with(services_from_a_stub).await;
    let record = json!({ "type": "visit", "description": "Well.", "recordedAt": "2024-03-14T17:30:00Z" });
    let made = demo.client.json("POST", "/v1/pets/109/medical-records", &record).await.with(201);
    assert_eq!((&made.json()["description"], &made.json()["petId"]), (&json!("Well."), &json!("109")));
    assert!(made.header("location").unwrap().contains("/v1/pets/109/medical-records/"));
    let kept = demo.client.get("/v1/pets/109/medical-records").await.json();
    assert_eq!(kept["metadata"]["totalCount"], 3);
    let wrong = json!({ "type": "visit" });
    demo.client.json("POST", "/v1/pets/109/medical-records", &wrong).await.refused(400, "F441");
    demo.client.json("POST", "/v1/pets/9999/medical-records", &record).await.refused(404, "F112");
    demo.client.json("PATCH", "/v1/services/1", &json!({ "name": "X" })).await.refused(400, "F113");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_pet_is_valid_against_its_contract() {
    let demo = Demo::start().await;
    let validator = validator(&demo, "pet");
    for offset in (0..400).step_by(100) {
        let list = demo.client.get(&format!("/v1/pets?limit=100&offset={offset}")).await.with(200).json();
        assert_eq!(list["pets"].as_array().unwrap().len(), 100);
        for pet in list["pets"].as_array().unwrap() {
            let faults: Vec<String> = validator.iter_errors(pet).map(|e| e.to_string()).collect();
            assert!(faults.is_empty(), "{pet}: {faults:?}");
        }
    }
}
