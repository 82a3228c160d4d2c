//! Pets over the legacy system and over the store: one scenario, and one transcript for both.

use super::super::support::{Client, Demo, Reply, violations};
use portico::demo::seed::seed;
use serde_json::{Value, json};

/// What a vendor sees of an answer, without what each system chooses by itself: ids and times.
fn masked(what: &str, reply: &Reply) -> String {
    let mut text = String::from_utf8_lossy(&reply.body).into_owned();
    for name in ["petId", "createdAt", "updatedAt"] {
        text = masked_between(&text, &format!("\"{name}\":\""), "\"");
        text = masked_between(&text, &format!("<{name}>"), "</");
    }
    text = masked_between(&text, "/errors/", "\"");
    let mut headers: Vec<&str> = reply.headers.keys().map(reqwest::header::HeaderName::as_str).collect();
    headers.sort_unstable();
    format!("{what}: {} {headers:?} {text}", reply.status)
}

fn masked_between(text: &str, from: &str, to: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(from) {
        let (_, tail) = after.split_once(to).unwrap_or(("", ""));
        out = out + before + from + "#" + to;
        rest = tail;
    }
    out + rest
}

fn pet() -> Value {
    json!({
        "ownerId": "66", "name": "Ärger <&\"'> 🐕", "species": "cat",
        "breed": { "primary": "Siamese", "mixed": false },
        "sex": "female", "altered": null, "birthDate": "2020-02-29",
        "weight": { "value": 4.20, "unit": "kg" },
        "colors": ["black", "white"], "microchip": "985141000999001",
        "behaviorNotes": "Line one.\nLine two.\tTab.",
        "visibility": { "profile": false, "medical": true },
    })
}

/// The whole life of a pet.
async fn life(client: &Client) -> Vec<String> {
    let mut seen = Vec::new();
    let made = client.json("POST", "/v1/pets", &pet()).await.with(201);
    seen.push(masked("create", &made));
    let body = made.json();
    let id = body["petId"].as_str().unwrap().to_owned();
    let path = format!("/v1/pets/{id}");
    assert!(made.header("location").unwrap().ends_with(&path), "{:?}", made.headers);
    for (name, value) in pet().as_object().unwrap() {
        match (name.as_str(), value) {
            // What was not said is filled by the contract's defaults.
            ("breed", _) => {
                assert_eq!(body[name], json!({ "primary": "Siamese", "secondary": null, "mixed": false }));
            }
            ("visibility", _) => assert_eq!(
                body[name],
                json!({ "profile": false, "contact": false, "emergencyContacts": true, "medical": true })
            ),
            _ => assert_eq!(body[name], *value, "{name}"),
        }
    }
    assert_eq!(body["status"], "active");
    assert_eq!(body["photos"], json!([]));

    // Read back: the same bytes and the tag of the write; unchanged, nothing is sent.
    let read = client.get(&path).await.with(200);
    assert_eq!((read.text(), read.header("etag")), (made.text(), made.header("etag")));
    let tag = made.header("etag").unwrap().to_owned();
    let unchanged = client.send("GET", &path, &[("if-none-match", &tag)], None).await.with(304);
    assert!(unchanged.body.is_empty());
    assert_eq!(unchanged.header("etag"), Some(tag.as_str()));
    seen.push(masked("unchanged", &unchanged));
    let full = client
        .send("GET", &format!("{path}?suppress_response_codes=true"), &[("if-none-match", &tag)], None)
        .await;
    assert_eq!(full.with(200).json()["response_code"], 200);
    let xml = client.get(&format!("{path}.xml")).await.with(200);
    seen.push(masked("xml", &xml));

    // What XML shows can be sent back as it is, and changes nothing.
    let back = client.xml("PUT", &path, xml.text()).await.with(200);
    seen.push(masked("xml back", &back));
    assert_eq!(client.get(&path).await.text(), read.text(), "XML sent back has changed the record");
    // So can JSON: read-only members that stand as they were are no violation.
    client.send("PUT", &path, &[("content-type", "application/json")], Some(read.text())).await.with(200);
    assert_eq!(client.get(&path).await.text(), read.text());

    // A guard that does not hold, one that does.
    let patch = json!({ "name": "Mia", "weight": { "value": 5 }, "microchip": null, "colors": [], "breed": { "secondary": "Persian" } });
    let guarded = |guard: &str| {
        let (guard, patch, path) = (guard.to_owned(), patch.to_string(), path.clone());
        async move {
            client
                .send(
                    "PATCH",
                    &path,
                    &[("if-match", &guard), ("content-type", "application/merge-patch+json")],
                    Some(&patch),
                )
                .await
        }
    };
    guarded("\"00000000000000000000000000000000\"").await.refused(400, "F461");
    guarded("no tag").await.refused(400, "F463");
    assert_eq!(client.get(&path).await.text(), read.text(), "a refused write has written");
    let patched = guarded(&tag).await.with(200);
    seen.push(masked("patch", &patched));
    let body = patched.json();
    assert_eq!((&body["name"], &body["weight"]), (&json!("Mia"), &json!({ "value": 5.0, "unit": "kg" })));
    assert_eq!((&body["microchip"], &body["colors"]), (&Value::Null, &json!([])));
    assert_eq!(body["breed"], json!({ "primary": "Siamese", "secondary": "Persian", "mixed": false }));
    assert_ne!(patched.header("etag"), Some(tag.as_str()));
    guarded(&tag).await.refused(400, "F461");
    guarded("*").await.with(200);

    // A replacement is the whole: what it does not say is gone.
    let replaced = client
        .json("PUT", &path, &json!({ "ownerId": "42", "name": "Mia", "species": "other" }))
        .await
        .with(200);
    seen.push(masked("replace", &replaced));
    let body = replaced.json();
    for gone in ["breed", "sex", "altered", "birthDate", "age", "weight", "microchip", "behaviorNotes"] {
        assert_eq!(body[gone], Value::Null, "{gone} in {body}");
    }
    assert_eq!((&body["ownerId"], &body["colors"]), (&json!("42"), &json!([])));
    // The list knows it at once, by its new owner.
    let owned = client.get("/v1/customers/42/pets?limit=100&fields=petId").await.with(200).json();
    assert!(owned["pets"].as_array().unwrap().contains(&json!({ "petId": id })), "{owned}");
    assert_eq!(client.get("/v1/pets?limit=1&fields=petId").await.json()["metadata"]["totalCount"], 401);

    // `method=` does what a client cannot; XML in, and a null in it.
    let nil = "<response xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><sex>male</sex><colors><color>red</color></colors><weight xsi:nil=\"true\"/></response>";
    let patched = client.xml("POST", &format!("{path}?method=patch"), nil).await.with(200);
    assert!(
        patched.text().contains("<sex>male</sex>")
            && patched.text().contains("<colors><color>red</color></colors>"),
        "{}",
        patched.text()
    );
    seen.push(masked("patch by POST", &patched));

    // Removed: the record as it was, and then nothing.
    let last = client.get(&path).await.with(200);
    let removed = client.send("DELETE", &path, &[], None).await.with(200);
    assert_eq!(removed.text(), last.text());
    seen.push(masked("delete", &removed));
    client.get(&path).await.refused(404, "F112");
    client.send("DELETE", &path, &[], None).await.refused(404, "F112");
    client.json("PATCH", &path, &json!({ "name": "X" })).await.refused(404, "F112");
    client.json("PUT", &path, &pet()).await.refused(404, "F112");
    assert_eq!(client.get("/v1/pets?limit=1&fields=petId").await.json()["metadata"]["totalCount"], 400);
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pet_lives_the_same_life_over_both_systems() {
    let demo = Demo::start().await;
    let (_beside, store) = demo.beside("sql").await;
    let (legacy, store) = (life(&demo.client).await, life(&store).await);
    for (one, other) in legacy.iter().zip(&store) {
        assert_eq!(one, other);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn xml_makes_a_pet_as_json_does() {
    let demo = Demo::start().await;
    let (_beside, store) = demo.beside("sql").await;
    let xml = "<response><ownerId>66</ownerId><name>Rex &amp; Co</name><species>dog</species><breed><primary>Chihuahua</primary><mixed>true</mixed></breed><altered>true</altered><weight><value>12.50</value><unit>lb</unit></weight><colors><color>tan</color></colors></response>";
    let json = json!({
        "ownerId": "66", "name": "Rex & Co", "species": "dog", "breed": { "primary": "Chihuahua", "mixed": true }, "altered": true,
        "weight": { "value": 12.5, "unit": "lb" }, "colors": ["tan"],
    });
    let mut all = Vec::new();
    for client in [&demo.client, &store] {
        let headers = [("content-type", "application/xml")];
        let one = client.send("POST", "/v1/pets", &headers, Some(xml)).await.with(201);
        let other = client.json("POST", "/v1/pets", &json).await.with(201);
        all.extend([masked("", &one), masked("", &other)]);
        // The path's owner is the record's.
        let below = client
            .json(
                "POST",
                "/v1/customers/42/pets",
                &json!({ "ownerId": "42", "name": "Rex", "species": "dog" }),
            )
            .await
            .with(201);
        assert_eq!(below.json()["ownerId"], "42");
        client.json("POST", "/v1/customers/nobody/pets", &json).await.refused(404, "F112");
    }
    assert!(all.iter().all(|one| *one == all[0]), "{all:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_told_at_once_and_alike_over_both_systems() {
    let demo = Demo::start().await;
    let (_beside, store) = demo.beside("sql").await;
    let wrong = json!({
        "petId": "1", "ownerId": 5, "name": "", "species": "dgo", "breed": { "mixed": "no" }, "birthDate": "2019-02-30",
        "weight": { "value": 0.001, "unit": "st" }, "microchip": "12", "colors": ["a", "b", "c", "d"], "naem": "x",
        "visibility": { "profile": 1 },
    });
    for client in [&demo.client, &store] {
        let body = client.json("POST", "/v1/pets", &wrong).await.refused(400, "F431");
        assert_eq!(
            violations(&body),
            [
                "/birthDate F445",
                "/breed/mixed F442",
                "/breed/primary F441",
                "/colors F446",
                "/microchip F445",
                "/naem F444",
                "/name F446",
                "/ownerId F442",
                "/petId F447",
                "/species F443",
                "/visibility/profile F442",
                "/weight/unit F443",
                "/weight/value F446",
            ]
        );
        assert!(body.to_string().contains("`dog`"), "the nearest value is not named: {body}");
        // One violation alone is its own code.
        for (owner, place) in
            [("nobody", "/ownerId F451"), ("9999", "/ownerId F451"), ("../66", "/ownerId F451")]
        {
            let sent = json!({ "ownerId": owner, "name": "Rex", "species": "dog" });
            let body = client.json("POST", "/v1/pets", &sent).await.refused(400, "F451");
            assert_eq!(violations(&body), [place], "{owner}");
        }
        let sent = json!({ "ownerId": "", "name": "Rex", "species": "dog" });
        client.json("POST", "/v1/pets", &sent).await.refused(400, "F446");
        let read_only = json!({ "petId": "1", "age": "P1Y", "createdAt": "2000-01-01T00:00:00Z", "photos": [{ "url": "https://img.example/x" }] });
        let body = client.json("PATCH", "/v1/pets/120", &read_only).await.refused(400, "F447");
        assert_eq!(violations(&body), ["/age F447", "/createdAt F447", "/petId F447", "/photos F447"]);
        let query = client
            .get("/v1/pets?limit=0&offset=x&sort=nme&colour=red&species=dgo&count=maybe")
            .await
            .refused(400, "F411");
        assert_eq!(
            violations(&query),
            ["colour F412", "count F422", "limit F414", "offset F415", "sort F421", "species F418"]
        );
        // A null in a patch takes the member away (RFC 7396), and these are required.
        client.json("PATCH", "/v1/pets/120", &json!({ "species": null })).await.refused(400, "F441");
        client.json("PATCH", "/v1/pets/120", &json!({ "name": null })).await.refused(400, "F441");
    }
    let xml = "<response><name></name><species>dgo</species></response>";
    for client in [&demo.client, &store] {
        let reply = client.xml("POST", "/v1/pets", xml).await.with(400);
        for part in [
            "<code>F431</code>",
            "<pointer>/ownerId</pointer>",
            "<pointer>/name</pointer>",
            "<pointer>/species</pointer>",
        ] {
            assert!(reply.text().contains(part), "{part} in {}", reply.text());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_of_one_half_keeps_the_other() {
    let demo = Demo::start().await;
    let (_beside, store) = demo.beside("sql").await;
    // Sex and altered share one code in the store; every combination is reached from every other by one patch each.
    for client in [&demo.client, &store] {
        for sex in [json!("male"), json!("female"), Value::Null] {
            client.json("PATCH", "/v1/pets/130", &json!({ "sex": sex })).await.with(200);
            for altered in [json!(true), json!(false), Value::Null] {
                let body = client
                    .json("PATCH", "/v1/pets/130", &json!({ "altered": altered }))
                    .await
                    .with(200)
                    .json();
                assert_eq!((&body["sex"], &body["altered"]), (&sex, &altered));
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_profile_shows_what_the_owner_shows() {
    let demo = Demo::start().await;
    let (_beside, store) = demo.beside("sql").await;
    let seed = seed();
    let mut met = std::collections::BTreeSet::new();
    for pet in &seed.pets {
        let v = pet.visibility;
        if !met.insert((v.profile, v.contact, v.emergency_contacts, v.medical)) {
            continue;
        }
        let owner = seed.customers.iter().find(|c| c.id == pet.owner_id).unwrap();
        let path = format!("/v1/pets/{}/publicProfile", pet.id);
        let reply = demo.client.get(&path).await.with(200);
        let body = reply.json();
        assert_eq!(body["profile"]["name"].as_str(), v.profile.then_some(pet.name.as_str()), "{body}");
        assert_eq!(body["owner"]["email"].as_str(), v.contact.then_some(owner.email.as_str()), "{body}");
        let contacts = body["emergencyContacts"].as_array().map(Vec::len);
        assert_eq!(contacts, v.emergency_contacts.then_some(owner.emergency_contacts.len()), "{body}");
        let records = demo.client.get(&format!("/v1/pets/{}/medical-records?limit=20", pet.id)).await.json();
        let records = records["medicalRecords"].as_array().map(Vec::len);
        assert_eq!(body["medical"].as_array().map(Vec::len), records.filter(|_| v.medical), "{body}");
        assert!(body.get("metadata").is_none(), "{body}");
        assert_eq!(reply.text(), store.get(&path).await.with(200).text());
        // What is not shown is not hinted at.
        assert_eq!(reply.text().contains(&owner.email), v.contact);
        // Only what is asked for is there.
        let part = demo.client.get(&format!("{path}?fields=owner/phone")).await.with(200).json();
        assert_eq!(
            part,
            json!({ "owner": if v.contact { json!({ "phone": owner.phone }) } else { Value::Null } })
        );
    }
    assert!(met.len() >= 12, "only {met:?} in the seed");
    // Nothing but what the first letter of the request needs is called: the owner's part is in the store alone.
    let before = demo.asked().len();
    demo.client.get("/v1/pets/109/publicProfile?fields=petId").await.with(200);
    assert_eq!(demo.asked().len(), before + 1, "{:?}", &demo.asked()[before..]);
    demo.client.get("/v1/pets/0/publicProfile").await.refused(404, "F112");
}
