//! What else the clinic keeps: services and providers, and, where the configuration says so, medical records and pets.

use super::super::support::{Demo, Home, violations};
use super::{clinic, filtered, walk};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn services_are_the_clinics_price_list() {
    let demo = Demo::start().await;
    let path = "/v1/services";
    let rows = walk(&demo, path, "services", "serviceId", "service").await;
    assert_eq!(rows.len(), 12);
    filtered(&demo, &format!("{path}?kind=grooming"), "services", &rows, |s| s["kind"] == "grooming").await;
    filtered(&demo, &format!("{path}?active=false"), "services", &rows, |s| s["active"] == false).await;
    assert_eq!(demo.client.get(&format!("{path}?kind=walking")).await.json()["services"], json!([]));

    let body = json!({
        "name": "Paw Care", "kind": "grooming", "price": { "amount": "21.50", "currency": "USD" }, "durationMinutes": 30,
        "prerequisites": ["leash"],
    });
    let made = demo.client.json("POST", path, &body).await.with(201).json();
    let one = format!("{path}/{}", made["serviceId"].as_str().unwrap());
    let theirs = format!("/v1/appointmenttype/{}", made["serviceId"].as_str().unwrap());
    let kept = async || clinic(&demo, "GET", &theirs, None).await["items"][0]["appointmenttype"].clone();
    assert_eq!((&kept().await["price"], &kept().await["category"]), (&json!("21.50"), &json!("Grooming")));
    let mut whole = made.clone();
    whole["price"]["amount"] = json!("23.00");
    whole["description"] = json!("With balm.");
    let replaced = demo.client.json("PUT", &one, &whole).await.with(200).json();
    assert_eq!(replaced, whole);
    assert_eq!((&kept().await["price"], &kept().await["active"]), (&json!("23.00"), &json!(1)));
    demo.client.send("DELETE", &one, &[], None).await.with(200);
    assert_eq!(kept().await["active"], 0);
    assert_eq!(demo.client.get(&one).await.with(200).json()["active"], false);

    whole.as_object_mut().unwrap().remove("serviceId");
    whole["kind"] = json!("walking");
    assert_eq!(
        violations(&demo.client.json("POST", path, &whole).await.refused(400, "F443")),
        ["/kind F443"]
    );
    whole["kind"] = json!("vet");
    whole["durationMinutes"] = json!(37);
    let refused = demo.client.json("POST", path, &whole).await.refused(400, "F516");
    assert_eq!(violations(&refused), ["/durationMinutes F516"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_are_the_clinics_people() {
    let demo = Demo::start().await;
    let path = "/v1/care-providers";
    let rows = walk(&demo, path, "careProviders", "providerId", "care-provider").await;
    assert_eq!(rows.len(), 14);
    filtered(&demo, &format!("{path}?kind=vet&active=true"), "careProviders", &rows, |p| {
        p["kind"] == "vet" && p["active"] == true
    })
    .await;
    let body = json!({
        "name": "Zoë Ämter", "kind": "training", "qualifications": ["CPDT-KA"], "workDays": ["monday", "friday"],
        "workStart": "12:00", "workEnd": "20:00",
    });
    let made = demo.client.json("POST", path, &body).await.with(201).json();
    assert_eq!((&made["timeZone"], &made["bookable"]), (&json!("America/Phoenix"), &json!(true)));
    let one = format!("{path}/{}", made["providerId"].as_str().unwrap());
    let mut whole = made.clone();
    whole["bookable"] = json!(false);
    whole["workDays"] = json!(["sunday"]);
    let replaced = demo.client.json("PUT", &one, &whole).await.with(200).json();
    assert_eq!((&replaced["bookable"], &replaced["workDays"]), (&json!(false), &json!(["sunday"])));
    let theirs = format!("/v1/resource/{}", made["providerId"].as_str().unwrap());
    let kept = clinic(&demo, "GET", &theirs, None).await["items"][0]["resource"].clone();
    assert_eq!((&kept["access"], &kept["work_days"]), (&json!("Hidden"), &json!(["7"])));
    let mut late = replaced;
    late["workEnd"] = json!("09:00");
    let refused = demo.client.json("PUT", &one, &late).await.refused(400, "F516");
    assert_eq!(violations(&refused), ["/workEnd F516"]);
    demo.client.send("DELETE", &one, &[], None).await.refused(400, "F113");
}

fn all_from_the_clinic(home: &Home) {
    let swap = |from: &str, to: &str| home.edit("config/demo.yaml", from, to);
    swap("pets: drupal7\n", "pets: ezyvet\n");
    swap("species: drupal7\n", "species: ezyvet\n");
    swap("breeds: drupal7\n", "breeds: ezyvet\n");
    swap("medical-records: sql\n", "medical-records: ezyvet\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn medical_records_are_consults() {
    let demo = Demo::start_with(all_from_the_clinic).await;
    let consults = clinic(&demo, "GET", "/v1/consult?limit=200&active=1", None).await;
    let busiest = consults["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["consult"]["animal_id"].as_str().unwrap());
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    busiest.for_each(|id| *counts.entry(id).or_default() += 1);
    let pets = demo.client.get("/v1/pets?limit=100&fields=petId").await.json();
    let alive = |id: &&&str| pets["pets"].as_array().unwrap().iter().any(|pet| pet["petId"] == ***id);
    let pet = counts.keys().filter(alive).max_by_key(|id| counts[**id]).unwrap();
    let path = format!("/v1/pets/{pet}/medical-records");
    let rows = walk(&demo, &path, "medicalRecords", "recordId", "medical-record").await;
    assert!(rows.len() >= 2 && rows.iter().all(|row| row["type"] == "visit" && row["petId"] == **pet));

    let body = json!({ "type": "visit", "description": "Limping", "recordedAt": "2026-11-01T10:00:00Z", "vetNotes": "Rest." });
    let made = demo.client.json("POST", &path, &body).await.with(201).json();
    let one = format!("{path}/{}", made["recordId"].as_str().unwrap());
    let theirs = format!("/v1/consult/{}", made["recordId"].as_str().unwrap());
    let kept = async || clinic(&demo, "GET", &theirs, None).await["items"][0]["consult"].clone();
    assert_eq!(
        (&kept().await["description"], &kept().await["date"]),
        (&json!("Limping"), &json!("1793527200"))
    );
    let mut whole = made.clone();
    whole["vetNotes"] = Value::Null;
    assert_eq!(demo.client.json("PUT", &one, &whole).await.with(200).json(), whole);
    assert_eq!(kept().await["notes"], "");
    // What a consult has no place for is refused, and not lost without a word.
    whole["type"] = json!("note");
    whole["allergies"] = json!(["penicillin"]);
    let refused = demo.client.json("PUT", &one, &whole).await;
    assert_eq!(violations(&refused.json()), ["/allergies F516", "/type F443"]);
    demo.client.send("DELETE", &one, &[], None).await.with(200);
    demo.client.get(&one).await.refused(404, "F112");
    assert_eq!(kept().await["active"], 0);
    assert_eq!(super::all(&demo.client, &path, "medicalRecords", 100).await, rows);
}

#[tokio::test(flavor = "multi_thread")]
async fn pets_are_patients() {
    let demo = Demo::start_with(all_from_the_clinic).await;
    let path = "/v1/pets";
    let rows = super::all(&demo.client, path, "pets", 100).await;
    assert_eq!(super::all(&demo.client, path, "pets", 7).await, rows);
    let patients = clinic(&demo, "GET", "/v1/animal?limit=1&active=1", None).await;
    assert_eq!(patients["meta"]["items_total"], rows.len());
    let seed = portico::demo::seed::seed();
    for row in &rows {
        let pet = seed.pets.iter().find(|pet| row["petId"] == pet.id).unwrap();
        assert_eq!((&row["species"], &row["name"]), (&json!(pet.species), &json!(pet.name)));
        assert_eq!(
            (&row["sex"], &row["altered"]),
            (&json!(pet.sex.map(|s| format!("{s:?}").to_lowercase())), &json!(pet.altered))
        );
        assert_eq!(row["birthDate"], json!(pet.birth_date.map(|d| d.to_string())));
        assert_eq!(row["breed"]["primary"], json!(pet.breed_primary));
    }
    filtered(&demo, "/v1/pets?species=dog&species=cat", "pets", &rows, |p| {
        p["species"] == "dog" || p["species"] == "cat"
    })
    .await;
    filtered(&demo, "/v1/pets?sex=male&status=deceased", "pets", &rows, |p| {
        p["sex"] == "male" && p["status"] == "deceased"
    })
    .await;
    filtered(&demo, "/v1/customers/66/pets", "pets", &rows, |p| p["ownerId"] == "66").await;

    let body = json!({
        "ownerId": "66", "name": "Nova", "species": "dog", "breed": { "primary": "Beagle" }, "sex": "female", "altered": true,
        "birthDate": "2024-02-29", "weight": { "value": 9.5, "unit": "kg" }, "microchip": "985000000000077",
    });
    let made = demo.client.json("POST", path, &body).await.with(201).json();
    let one = format!("{path}/{}", made["petId"].as_str().unwrap());
    let theirs = format!("/v1/animal/{}", made["petId"].as_str().unwrap());
    let kept = async || clinic(&demo, "GET", &theirs, None).await["items"][0]["animal"].clone();
    assert_eq!(
        (&kept().await["sex_id"], &kept().await["date_of_birth"]),
        (&json!("5"), &json!("1709164800"))
    );
    let changed = json!({ "weight": null, "altered": null, "status": "deceased" });
    let patched = demo.client.json("PATCH", &one, &changed).await.with(200).json();
    assert_eq!((&patched["weight"], &patched["altered"]), (&Value::Null, &Value::Null));
    assert_eq!((&kept().await["is_dead"], &kept().await["weight_unit"]), (&json!("1"), &json!("")));
    let unkept = json!({ "status": "lost", "colors": ["black"], "visibility": { "medical": true } });
    let refused = demo.client.json("PATCH", &one, &unkept).await;
    assert_eq!(violations(&refused.json()), ["/colors F516", "/status F443", "/visibility F516"]);
    demo.client.send("DELETE", &one, &[], None).await.with(200);
    demo.client.get(&one).await.refused(404, "F112");
    assert_eq!(kept().await["active"], "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_contacts() {
    let from_clinic = |home: &Home| home.edit("config/demo.yaml", "customers: sql\n", "customers: ezyvet\n");
    let demo = Demo::start_with(from_clinic).await;
    let path = "/v1/customers";
    let rows = walk(&demo, path, "customers", "customerId", "customer").await;
    assert_eq!(rows.len(), 200);
    let seed = portico::demo::seed::seed();
    for row in &rows {
        let known = seed.customers.iter().find(|one| row["customerId"] == one.id).unwrap();
        assert_eq!((&row["email"], &row["phone"]), (&json!(known.email), &json!(known.phone)));
        assert!(row["address"].is_null() || row["address"]["street"] == known.street, "{row}");
    }
    assert!(rows.iter().any(|row| row["address"].is_null()));
    let check = async |query: &str, keeps: &dyn Fn(&Value) -> bool| {
        filtered(&demo, &format!("{path}?{query}"), "customers", &rows, keeps).await;
    };
    check("status=inactive", &|c| c["status"] == "inactive").await;
    let email = seed.customers[0].email.clone();
    check(&format!("email={email}"), &|c| c["email"] == email).await;
    check("preferences.channel=sms&createdAt.gte=2018-01-01T00:00:00Z", &|c| {
        c["preferences"]["channel"] == "sms" && c["createdAt"].as_str().unwrap() >= "2018"
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_written_without_losing_what_the_contract_has_no_place_for() {
    let from_clinic = |home: &Home| home.edit("config/demo.yaml", "customers: sql\n", "customers: ezyvet\n");
    let demo = Demo::start_with(from_clinic).await;
    let path = "/v1/customers";
    let contacts = clinic(&demo, "GET", "/v1/contact?limit=200", None).await;
    let of = |contact: &Value, kind: &str| {
        let details = contact["contact_detail_list"].as_array().unwrap().iter();
        details.filter(|one| one["contact_detail_type_id"] == kind).cloned().collect::<Vec<_>>()
    };
    // Somebody with a second phone: it stays.
    let mut all = contacts["items"].as_array().unwrap().iter().map(|item| &item["contact"]);
    let before = all.find(|contact| !of(contact, "3").is_empty()).unwrap();
    let one = format!("{path}/{}", before["id"].as_str().unwrap());
    let theirs = format!("/v1/contact/{}", before["id"].as_str().unwrap());
    let kept = async || clinic(&demo, "GET", &theirs, None).await["items"][0]["contact"].clone();
    let change = json!({ "email": "new@example.org", "address": null });
    let changed = demo.client.json("PATCH", &one, &change).await.with(200).json();
    assert_eq!((&changed["email"], &changed["address"]), (&json!("new@example.org"), &Value::Null));
    let after = kept().await;
    assert_eq!((of(&after, "2"), of(&after, "3")), (of(before, "2"), of(before, "3")));
    assert_eq!(of(&after, "1")[0]["id"], of(before, "1")[0]["id"]);
    assert_eq!(after["address_physical"], json!([]));
    demo.client.json("PATCH", &one, &json!({ "phone": null })).await.with(200);
    let after = kept().await;
    assert_eq!((of(&after, "2"), of(&after, "3")), (Vec::new(), of(before, "3")));
    let change = json!({ "phone": "+1 555 0100 177" });
    assert_eq!(demo.client.json("PATCH", &one, &change).await.with(200).json()["phone"], change["phone"]);
    demo.client.send("DELETE", &one, &[], None).await.with(200);
    assert_eq!(demo.client.get(&one).await.with(200).json()["status"], "inactive");

    let body = json!({
        "givenName": "Ada", "familyName": "Wood", "email": "ada@example.org",
        "address": { "street": "1 Elm", "city": "Mesa", "country": "US" }, "preferences": { "channel": "push" },
    });
    let made = demo.client.json("POST", path, &body).await.with(201).json();
    assert_eq!((&made["phone"], &made["address"]["city"]), (&Value::Null, &json!("Mesa")));
    let unkept = json!({ "emergencyContacts": [{ "name": "Bo", "phone": "+1 555 0100" }] });
    let one = format!("{path}/{}", made["customerId"].as_str().unwrap());
    let refused = demo.client.json("PATCH", &one, &unkept).await.refused(400, "F516");
    assert_eq!(violations(&refused), ["/emergencyContacts F516"]);
}
