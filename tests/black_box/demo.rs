//! The demo as the README shows it: the three pets, in both formats, what `explain` says of them, and what the
//! legacy system's own log says it was asked.

use super::support::{Demo, Program, path};
use portico::demo::seed::{Pet, seed};
use serde_json::json;

const REQUEST: &str = "/v1/pets?limit=3&offset=7&fields=name,species,weight(value)&sort=name";

/// The pets by name and, where names are the same, by number.
fn by_name() -> Vec<Pet> {
    let mut pets = seed().pets;
    pets.sort_by(|a, b| (a.name.as_str(), number(&a.id)).cmp(&(b.name.as_str(), number(&b.id))));
    pets
}

fn number(id: &str) -> u64 {
    id.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_pets_come_out_of_the_legacy_system_in_the_public_form() {
    let demo = Demo::start().await;
    let reply = demo.client.get(REQUEST).await.with(200);
    let wanted: Vec<serde_json::Value> = by_name()[7..10]
        .iter()
        .map(|pet| {
            let weight = pet.weight.map(|w| json!({ "value": f64::from(w.hundredths) / 100.0 }));
            json!({ "name": pet.name, "species": pet.species, "weight": weight })
        })
        .collect();
    let expected = json!({ "pets": wanted, "metadata": { "limit": 3, "offset": 7, "totalCount": 400 } });
    assert_eq!(reply.json(), expected);
    let link = reply.header("link").unwrap();
    let at = |offset: u32, relation: &str| {
        let rest = "fields=name,species,weight(value)&sort=name";
        format!("<{}/v1/pets?limit=3&offset={offset}&{rest}>; rel=\"{relation}\"", demo.home.url())
    };
    assert_eq!(link, [at(0, "first"), at(4, "prev"), at(10, "next"), at(399, "last")].join(", "));
    // The links lead on: the next page begins where this one ends.
    let next = link.split("; rel=\"next\"").next().unwrap().rsplit('<').next().unwrap();
    let next = next.trim_end_matches('>').strip_prefix(&demo.home.url()).unwrap().to_owned();
    assert_eq!(demo.client.get(&next).await.json()["pets"][0]["name"], by_name()[10].name);
    // Nothing of the other side shows.
    for foreign in ["nid", "title", "field_", "und", "drupal"] {
        assert!(!reply.text().contains(foreign), "`{foreign}` shows in {}", reply.text());
        assert!(!format!("{:?}", reply.headers).contains(foreign), "`{foreign}` shows in the headers");
    }

    let xml = demo.client.get(&REQUEST.replace("/pets?", "/pets.xml?")).await.with(200);
    assert_eq!(xml.header("content-type"), Some("application/xml; charset=utf-8"));
    let item = |pet: &Pet| {
        let weight = pet.weight.map_or_else(
            || "<weight xsi:nil=\"true\"/>".to_owned(),
            |w| format!("<weight><value>{}</value></weight>", w.decimal()),
        );
        format!("<pet><name>{}</name><species>{}</species>{weight}</pet>", pet.name, pet.species)
    };
    let items: String = by_name()[7..10].iter().map(item).collect();
    let text = xml.text();
    assert!(text.contains(&format!("<pets>{items}</pets>")), "{text} does not hold {items}");
    assert!(
        text.contains("<metadata><limit>3</limit><offset>7</offset><totalCount>400</totalCount></metadata>")
    );
    assert!(text.trim_end().ends_with("</response>"), "{text}");
}

/// The calls that `explain` names for a request, in the spelling of the system's log.
fn explained(demo: &Demo, request: &str) -> Vec<String> {
    let output = Program::run(&["explain", &format!("GET {request}"), "-c", path(&demo.home.config())]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let calls = text.lines().filter_map(|line| line.strip_prefix("  drupal7  "));
    calls.map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_legacy_systems_log_shows_the_calls_that_explain_names_and_no_others() {
    let demo = Demo::start().await;
    let named = explained(&demo, REQUEST);
    assert!(demo.asked().is_empty(), "explaining has called: {:?}", demo.asked());
    demo.client.get(REQUEST).await.with(200);
    let mut asked = demo.asked();
    asked.sort();
    // `page=N` stands for pages that are sought while the total is counted, and `{nid}` for each pet that is shown.
    let shown: Vec<String> =
        by_name()[7..10].iter().map(|pet| format!("/rest/node/{}.json", pet.id)).collect();
    let means = |template: &str, call: &str| match template.split_once("page=N") {
        Some((before, "")) => call.strip_prefix(before).is_some_and(|page| page.starts_with("page=")),
        _ => shown.iter().any(|node| call == template.replace("/rest/node/{nid}.json", node)),
    };
    let calls: Vec<&str> = asked
        .iter()
        .map(|line| line.strip_suffix(" 200").unwrap_or_else(|| panic!("a call was refused: {line}")))
        .collect();
    for call in &calls {
        assert!(
            named.iter().any(|template| means(template, call)),
            "`{call}` is not explained by {named:#?}"
        );
    }
    for template in &named {
        assert!(calls.iter().any(|call| means(template, call)), "`{template}` was not called: {calls:#?}");
    }
    // Each call was made once: one login, one fill of the look-up, each page and each node.
    let mut once = calls.clone();
    once.dedup();
    assert_eq!(once, calls);
    for (part, times) in [("/rest/user/login", 1), ("/rest/taxonomy_term", 1), ("/rest/node/", 3)] {
        assert_eq!(calls.iter().filter(|call| call.contains(part)).count(), times, "{part} in {calls:#?}");
    }
    // All is known now but the nodes: the same request calls for these alone.
    demo.client.get(REQUEST).await.with(200);
    assert_eq!(demo.asked().len(), calls.len() + 4, "one page and three nodes: {:#?}", demo.asked());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_asked_for_is_not_fetched() {
    let demo = Demo::start().await;
    let request = "/v1/pets?limit=3&offset=7&fields=name&sort=name";
    demo.client.get(request).await.with(200);
    let details = |calls: &[String]| calls.iter().filter(|call| call.contains("/rest/node/")).count();
    assert_eq!(details(&demo.asked()), 0, "{:?}", demo.asked());
    assert_eq!(details(&explained(&demo, request)), 0);
    // The same with a field of the node: one call for each pet that is shown.
    demo.client.get(REQUEST).await.with(200);
    assert_eq!(details(&demo.asked()), 3, "{:?}", demo.asked());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_pages_are_the_same_over_both_systems() {
    let demo = Demo::start().await;
    let (_sql, sql) = demo.beside("sql").await;
    let request = "/v1/pets?offset=395&limit=10";
    let legacy = demo.client.get(request).await.with(200);
    let body = legacy.json();
    assert_eq!(body["pets"].as_array().unwrap().len(), 5);
    assert_eq!(body["metadata"]["totalCount"], 400);
    let mut pets = seed().pets;
    pets.sort_by_key(|pet| (pet.created_at, number(&pet.id)));
    let ids: Vec<&str> =
        body["pets"].as_array().unwrap().iter().map(|p| p["petId"].as_str().unwrap()).collect();
    let wanted: Vec<&str> = pets[395..].iter().map(|pet| pet.id.as_str()).collect();
    assert_eq!(ids, wanted);
    let ours = sql.get(request).await.with(200);
    assert_eq!(legacy.text(), ours.text());
    assert_eq!(legacy.header("link"), ours.header("link"));
    assert_eq!(legacy.header("etag"), ours.header("etag"));
}
