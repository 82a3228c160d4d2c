//! Chips: registered once, changed against their version, and never listed.

use super::super::support::{Demo, violations};
use portico::demo::seed::seed;
use serde_json::{Value, json};

const PATH: &str = "/v1/chips";

fn rex(chip: &str) -> Value {
    json!({
        "chipId": chip,
        "pet": { "petId": "110", "name": "Rex", "species": "cat", "breed": "Maine Coon", "sex": "male", "altered": null },
        "owner": { "givenName": "Maria", "familyName": "Ortega", "email": "maria@example.org" },
        "consent": { "contact": true },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_chip_is_that_of_its_pet() {
    let demo = Demo::start().await;
    let mut read = 0;
    for pet in seed().pets.iter().filter(|pet| pet.microchip.is_some()).step_by(5) {
        let id = pet.microchip.as_deref().unwrap();
        let chip = demo.client.get(&format!("{PATH}/{id}")).await.with(200).json();
        let theirs = &chip["pet"];
        assert_eq!((&theirs["petId"], &theirs["name"]), (&json!(pet.id), &json!(pet.name)));
        assert_eq!((&theirs["species"], &theirs["breed"]), (&json!(pet.species), &json!(pet.breed_primary)));
        assert_eq!(theirs["altered"], json!(pet.altered));
        assert_eq!(theirs["birthDate"], json!(pet.birth_date.map(|d| d.to_string())));
        assert_eq!(
            chip["consent"],
            json!({ "contact": pet.visibility.contact, "medical": pet.visibility.medical })
        );
        read += 1;
    }
    assert!(read > 20, "{read}");
    // One URL by design.
    demo.client.get(PATH).await.refused(400, "F113");
    demo.client.get(&format!("{PATH}/985000000000000")).await.refused(404, "F112");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chip_is_registered_once_and_changed_against_its_version() {
    let demo = Demo::start().await;
    let id = "985000000000001";
    let made = demo.client.json("POST", PATH, &rex(id)).await.with(201);
    assert!(made.header("location").unwrap().ends_with(&format!("{PATH}/{id}")));
    let mut wanted = rex(id);
    wanted["pet"]["birthDate"] = Value::Null;
    for member in ["phone", "city", "country"] {
        wanted["owner"][member] = Value::Null;
    }
    wanted["consent"]["medical"] = json!(false);
    wanted["status"] = json!("registered");
    wanted["implanter"] = Value::Null;
    wanted["registeredAt"] = made.json()["registeredAt"].clone();
    assert_eq!(made.json(), wanted);
    // Another one with this number, in other words and the same.
    let again = demo.client.json("POST", PATH, &rex(id)).await.refused(400, "F464");
    assert_eq!(violations(&again), ["/chipId F464"]);

    let one = format!("{PATH}/{id}");
    let tag = made.header("etag").unwrap().to_owned();
    let patch = async |body: Value, tag: Option<&str>| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(tag.map(|tag| ("if-match", tag)));
        demo.client.send("PATCH", &one, &headers, Some(&body.to_string())).await
    };
    let changed = patch(json!({ "consent": { "medical": true } }), Some(&tag)).await.with(200);
    assert_eq!(changed.json()["consent"], json!({ "contact": true, "medical": true }));
    assert_eq!(changed.json()["owner"], wanted["owner"]);
    patch(json!({ "consent": { "medical": false } }), Some(&tag)).await.refused(400, "F461");
    let gone = patch(json!({ "owner": null }), None).await.with(200).json();
    assert_eq!(gone["owner"], Value::Null);
    // What was given when it was registered stays; the same again is no change.
    let same = json!({ "chipId": id, "pet": { "name": "Rex" } });
    assert_eq!(patch(same, None).await.with(200).json(), gone);
    let other = patch(json!({ "pet": { "name": "Max" } }), None).await.refused(400, "F447");
    assert_eq!(violations(&other), ["/pet F447"]);
    demo.client.send("DELETE", &one, &[], None).await.refused(400, "F113");
    let writes =
        |method: &str| demo.log_of("animalid").iter().filter(|line| line.starts_with(method)).count();
    assert_eq!((writes("POST"), writes("PATCH")), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_registry_refuses_is_told_in_public_names() {
    let demo = Demo::start().await;
    let mut body = rex("000000000000001");
    body["pet"]["breed"] = json!("Beagle");
    body["owner"] = json!({ "givenName": "Maria", "familyName": "Ortega" });
    let refused = demo.client.json("POST", PATH, &body).await.refused(400, "F516");
    assert_eq!(violations(&refused), ["/owner/email F516"]);
    body["owner"] = Value::Null;
    let refused = demo.client.json("POST", PATH, &body).await.refused(400, "F516");
    assert_eq!(violations(&refused), ["/chipId F516", "/pet/breed F516"]);
    body["pet"]["breed"] = json!("Unicorn");
    let refused = demo.client.json("POST", PATH, &body).await.refused(400, "F443");
    assert_eq!(violations(&refused), ["/pet/breed F443"]);
    body["pet"] = json!({ "petId": "99999", "name": "X", "species": "dog" });
    body["chipId"] = json!("985");
    let refused = demo.client.json("POST", PATH, &body).await;
    assert_eq!(violations(&refused.json()), ["/chipId F445"]);
}
