//! Customers over the store: lists within a record, and the end of an account.

use super::super::support::{Demo, violations};
use portico::demo::seed::seed;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_made_changed_and_removed_with_its_contacts() {
    let demo = Demo::start().await;
    let client = &demo.client;
    let contact = |name: &str, relation: Value| json!({ "name": name, "phone": "+1 555 0100 177", "relation": relation });
    let sent = json!({
        "givenName": "Zoë", "familyName": "O'Neil; DROP TABLE customers", "email": "zoe@example.org", "phone": null,
        "address": { "street": "1 A Street", "city": "Reno", "country": "US" },
        "emergencyContacts": [contact("B", json!("vet")), contact("A", Value::Null), contact("C", json!("friend"))],
        "preferences": { "language": "es" },
    });
    let made = client.json("POST", "/v1/customers", &sent).await.with(201);
    let body = made.json();
    let id = body["customerId"].as_str().unwrap().to_owned();
    let path = format!("/v1/customers/{id}");
    // The order of contacts is the sender's.
    assert_eq!(body["emergencyContacts"], sent["emergencyContacts"]);
    assert_eq!(body["preferences"], json!({ "language": "es", "channel": "email", "marketing": false }));
    assert_eq!((&body["familyName"], &body["status"]), (&sent["familyName"], &json!("active")));
    assert_eq!(
        body["address"],
        json!({ "street": "1 A Street", "city": "Reno", "region": null, "postalCode": null, "country": "US" })
    );
    assert_eq!(client.get(&path).await.text(), made.text());

    let patch = json!({ "emergencyContacts": [contact("C", json!("friend")), contact("D", json!("neighbor"))], "address": null });
    let patched = client.json("PATCH", &path, &patch).await.with(200).json();
    assert_eq!(patched["emergencyContacts"], patch["emergencyContacts"]);
    assert_eq!((&patched["address"], &patched["givenName"]), (&Value::Null, &json!("Zoë")));
    let xml = client.get(&format!("{path}.xml")).await.with(200);
    assert!(xml.text().contains("<emergencyContacts><emergencyContact><name>C</name>"), "{}", xml.text());
    client.xml("PUT", &path, xml.text()).await.with(200);
    assert_eq!(client.get(&path).await.json()["emergencyContacts"], patch["emergencyContacts"]);
    let none = client.json("PATCH", &path, &json!({ "emergencyContacts": [] })).await.with(200).json();
    assert_eq!(none["emergencyContacts"], json!([]));

    // A stale guard is seen; so is the right one.
    let tag = client.get(&path).await.header("etag").unwrap().to_owned();
    client.json("PATCH", &path, &json!({ "phone": "+1 555 0100 200" })).await.with(200);
    let guard = [("if-match", tag.as_str()), ("content-type", "application/json")];
    client.send("PATCH", &path, &guard, Some("{\"phone\":null}")).await.refused(400, "F461");
    client.send("DELETE", &path, &guard, None).await.refused(400, "F461");

    // A pet may be this customer's where the store keeps pets, and the legacy system does not know such owners.
    let (_beside, store) = demo.beside("sql").await;
    let pet = json!({ "ownerId": id, "name": "Rex", "species": "dog" });
    store.json("POST", "/v1/pets", &pet).await.with(201);
    let refused = client.json("POST", "/v1/pets", &pet).await;
    assert_eq!(violations(&refused.refused(400, "F516")), ["/ownerId F516"]);

    let last = client.get(&path).await.with(200);
    let removed = client.send("DELETE", &path, &[], None).await.with(200);
    assert_eq!(removed.text(), last.text());
    client.get(&path).await.refused(404, "F112");
    // No pet can be given to who is gone.
    let body = store.json("POST", "/v1/pets", &pet).await.refused(400, "F451");
    assert_eq!(violations(&body), ["/ownerId F451"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_what_the_seed_says() {
    let demo = Demo::start().await;
    let mut offset = 0;
    let mut all: Vec<Value> = Vec::new();
    while offset < 200 {
        let list = demo
            .client
            .get(&format!("/v1/customers?limit=100&offset={offset}&sort=createdAt"))
            .await
            .with(200)
            .json();
        assert_eq!(list["metadata"]["totalCount"], 200);
        all.extend(list["customers"].as_array().unwrap().iter().cloned());
        offset += 100;
    }
    assert_eq!(all.len(), 200);
    for customer in seed().customers {
        let shown = all.iter().find(|c| c["customerId"] == json!(customer.id)).unwrap();
        assert_eq!(shown["email"], json!(customer.email));
        let contacts: Vec<Value> = customer
            .emergency_contacts
            .iter()
            .map(|c| json!({ "name": c.name, "phone": c.phone, "relation": c.relation }))
            .collect();
        assert_eq!(shown["emergencyContacts"], json!(contacts));
        assert_eq!(shown["paymentOptions"].as_array().unwrap().len(), customer.payment_options.len());
    }
    let refused = demo.client.json("POST", "/v1/customers", &json!({ "givenName": "A", "familyName": "B", "email": "no mail", "paymentOptions": [], "emergencyContacts": [{ "name": "", "phone": "x" }, 5] })).await;
    assert_eq!(
        violations(&refused.refused(400, "F431")),
        [
            "/email F445",
            "/emergencyContacts/0/name F446",
            "/emergencyContacts/0/phone F445",
            "/emergencyContacts/1 F442",
            "/paymentOptions F447"
        ]
    );
}
