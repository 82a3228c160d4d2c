//! Pets for adoption: nothing that the shelter marks as not to publish.

use super::super::support::Demo;
use super::{filtered, walk};
use serde_json::Value;
use std::collections::BTreeMap;

/// The shelter's animals as it holds them, by id.
async fn kept(demo: &Demo) -> BTreeMap<String, Value> {
    let key = demo.home.read("state/shelterluv.key");
    let client = demo.straight_to("shelterluv");
    let mut found = BTreeMap::new();
    for offset in [0, 100] {
        let path = format!("/v1/animals?limit=100&offset={offset}");
        let page = client.send("GET", &path, &[("x-api-key", &key)], None).await.with(200).json();
        for animal in page["animals"].as_array().unwrap() {
            found.insert(animal["Internal-ID"].as_str().unwrap().to_owned(), animal.clone());
        }
    }
    assert_eq!(found.len(), 123);
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_published_and_looks_for_a_home_is_shown() {
    let demo = Demo::start().await;
    let path = "/v1/adoptable-pets";
    let rows = walk(&demo, path, "adoptablePets", "adoptablePetId", "adoptable-pet").await;
    let kept = kept(&demo).await;
    let open = ["Available For Adoption", "Adoption Pending"];
    let shown =
        |animal: &Value| animal["Publish"] == "Yes" && open.iter().any(|status| animal["Status"] == *status);
    assert_eq!(rows.len(), kept.values().filter(|animal| shown(animal)).count());
    let (mut hidden, mut chips) = (0, 0);
    for row in &rows {
        let animal = &kept[row["adoptablePetId"].as_str().unwrap()];
        assert!(shown(animal), "{row}");
        let attributes: Vec<&Value> = animal["Attributes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["Publish"] == "Yes")
            .map(|one| &one["AttributeName"])
            .collect();
        assert_eq!(row["attributes"].as_array().unwrap().iter().collect::<Vec<_>>(), attributes);
        hidden += animal["Attributes"].as_array().unwrap().len() - attributes.len();
        chips += usize::from(row["microchip"].is_string());
        let text = row.to_string();
        for secret in ["Bite", "Violence", "FIV", "Kennel", "Isolation"] {
            assert!(!text.contains(secret), "`{secret}` shows in {text}");
        }
    }
    assert!(hidden > 10 && chips > 10, "{hidden} {chips}");
    // What is not listed cannot be read either.
    for id in kept.iter().filter(|(_, animal)| !shown(animal)).map(|(id, _)| id) {
        demo.client.get(&format!("{path}/{id}")).await.refused(404, "F112");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pet_of_the_examples_is_as_the_shelter_knows_it() {
    let demo = Demo::start().await;
    let found =
        demo.client.get("/v1/adoptable-pets?breed.primary=Chihuahua&limit=100").await.with(200).json();
    let pets = found["adoptablePets"].as_array().unwrap();
    let biscuit = pets.iter().find(|pet| pet["reference"] == "PH-A-1204").unwrap();
    let wanted = serde_json::json!({
        "name": "Biscuit", "species": "dog", "sex": "female", "altered": true, "birthDate": "2021-03-14",
        "breed": { "primary": "Chihuahua", "secondary": null, "mixed": true },
        "weight": { "value": 8.16, "unit": "lb" }, "size": "small", "microchip": "985112300815657",
        "attributes": ["House Trained", "Good With Cats"], "intakeDate": "2023-03-14", "status": "available",
        "adoptionFee": { "name": "Adult Dog", "amount": "150.00", "currency": "USD" },
    });
    for (member, value) in wanted.as_object().unwrap() {
        assert_eq!(biscuit[member], *value, "{member}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_sorts_are_the_public_ones() {
    let demo = Demo::start().await;
    let list = |query: &str| format!("/v1/adoptable-pets?{query}");
    let rows = super::all(&demo.client, "/v1/adoptable-pets", "adoptablePets", 100).await;
    let check = async |query: &str, keeps: &dyn Fn(&Value) -> bool| {
        filtered(&demo, &list(query), "adoptablePets", &rows, keeps).await;
    };
    check("species=dog&species=rabbit", &|p| p["species"] == "dog" || p["species"] == "rabbit").await;
    check("species.ne=dog&altered=true", &|p| p["species"] != "dog" && p["altered"] == true).await;
    check("sex=female&status=available", &|p| p["sex"] == "female" && p["status"] == "available").await;
    check("weight.value.gte=20", &|p| p["weight"]["value"].as_f64().is_some_and(|v| v >= 20.0)).await;
    check("birthDate.lt=2020-01-01", &|p| p["birthDate"].as_str().is_some_and(|d| d < "2020-01-01")).await;
    check("breed.mixed=true&size=large", &|p| p["breed"]["mixed"] == true && p["size"] == "large").await;
    let sorted = super::all(&demo.client, &list("sort=-weight.value,name"), "adoptablePets", 100).await;
    let mut wanted = rows;
    wanted.sort_by(|a, b| {
        let weight = |pet: &Value| pet["weight"]["value"].as_f64();
        let (one, other) = (weight(a), weight(b));
        // Nothing comes last, whichever way.
        one.is_none().cmp(&other.is_none()).then(other.partial_cmp(&one).unwrap()).then_with(|| {
            let name = |pet: &Value| pet["name"].as_str().unwrap().to_owned();
            let id = |pet: &Value| pet["adoptablePetId"].as_str().unwrap().parse::<u64>().unwrap();
            name(a).cmp(&name(b)).then(id(a).cmp(&id(b)))
        })
    });
    assert_eq!(sorted, wanted);
    demo.client.json("POST", "/v1/adoptable-pets", &serde_json::json!({})).await.refused(400, "F113");
}
