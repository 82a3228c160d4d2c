//! `OpenAPI` documents of several manners.

use super::{Folder, ask, document, recorded};
use crate::roads::{
    backend::{Recorded, Shared},
    read::{Exchange, Message},
};
use portico::plan::{Means, http::Paging};

fn exchange(ask: &str, status: &str, body: &str) -> Exchange {
    let reply = Message { first: status.into(), headers: Vec::new(), body: Some(body.into()) };
    Exchange { ask: ask.into(), reply, ..Exchange::default() }
}

#[tokio::test]
async fn a_shop_of_version_two_finds_its_list_beside_its_records() {
    let folder = Folder::new("petstore");
    let (project, _, out) = document("petstore.json", &folder);
    let names: Vec<&str> = project.resources.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["pets", "orders"]);
    assert_eq!(out.warnings(), 2, "an inventory and one more finder are left out\n{}", out.render_plain());
    let pet = folder.json("schemas/petstore/v1/pet.json");
    assert_eq!(pet["properties"]["id"]["type"], "string");
    assert_eq!(pet["properties"]["status"]["enum"][1], "pending");
    assert_eq!(pet["required"], serde_json::json!(["id", "name", "photoUrls"]));
    let binding = folder.text("mappings/petstore/v1/pets.petstore.yaml");
    assert!(binding.contains("id: { from: id, via: [number, text], order: numeric }"), "{binding}");
    assert!(binding.contains("put: /pet\n    with: { id: \"{key}\" }"), "{binding}");
    let config = folder.text("config/petstore.yaml");
    assert!(
        config.contains("https://shop.example/v2") && config.contains("{ env: PETSTORE_API_KEY }"),
        "{config}"
    );
}

#[tokio::test]
async fn a_bill_is_paged_by_a_cursor_and_its_client_logs_in() {
    let folder = Folder::new("billing");
    let (project, plan, _) = document("billing.yaml", &folder);
    let dialect = folder.text("mappings/dialects/billing.yaml");
    for words in [
        "cursor: { parameter: starting_after, lastKey: true }",
        "size: { parameter: limit, maximum: 100 }",
        "more: has_more",
        "post: /oauth/token",
        "expires: { at: expires_in }",
        "message: detail",
        "list: { at: errors, field: pointer }",
    ] {
        assert!(dialect.contains(words), "{words}\n{dialect}");
    }
    assert_eq!(project.variables(), ["BILLING_CLIENT_ID", "BILLING_CLIENT_SECRET"]);
    let binding = folder.text("mappings/billing/v1/customers.billing.yaml");
    for words in [
        "creditLimit: credit_limit",
        "customerLimit: limit",
        "address.postalCode: address.postal_code",
        "get: /api/2024-05/customers, gives: [name, email, customer_id], rows: data",
        "complete: one",
        "key: \"header:Location\"",
        "parent: parent",
    ] {
        assert!(binding.contains(words), "{words}\n{binding}");
    }
    let contract = folder.json("schemas/billing/v1/customer.json");
    assert_eq!(contract["properties"]["creditLimit"]["exclusiveMinimum"], 0);
    assert_eq!(
        contract["properties"]["contacts"]["items"]["properties"]["place"],
        serde_json::json!({ "type": "object" })
    );
    assert!(contract["properties"].get("password").is_none(), "what is only sent is no member");
    let resource = plan.resources.first().unwrap();
    assert_eq!(resource.max_offset, Some(10_000));
    let Means::Http(means) = &resource.binding.means else { panic!("a source of calls") };
    assert!(matches!(means.dialect.pages.style, Paging::Cursor { .. }));
}

#[tokio::test]
async fn a_library_of_version_three_one_serves_its_books() {
    let folder = Folder::new("library");
    let (_, _, out) = document("library.yaml", &folder);
    assert_eq!(out.warnings(), 1, "a report in plain text is left out");
    let contract = folder.json("schemas/library/v1/book.json");
    let of = |name: &str| contract["properties"][name].clone();
    assert_eq!(of("subtitle")["type"], serde_json::json!(["string", "null"]));
    assert_eq!(of("genre")["enum"], serde_json::json!(["novel", "poetry", null]));
    assert_eq!(of("kind")["enum"], serde_json::json!(["book"]));
    assert_eq!(of("price")["type"], serde_json::json!(["number", "null"]));
    assert_eq!(of("author")["type"], serde_json::json!(["object", "null"]));
    assert_eq!(of("matrix"), serde_json::json!({ "type": "object" }));
    let binding = folder.text("mappings/library/v1/books.library.yaml");
    for words in [
        "rows: \"books[].book\"",
        "genre: { as: \"filter[genre]\", any: \",\" }",
        "rank: \"@rank\"",
        "inside: book",
        "at: meta.total_count",
    ] {
        assert!(binding.contains(words), "{words}\n{binding}");
    }
    // One request through the whole road: the source counts pages from 0, and wraps each row.
    let config = folder
        .text("config/library.yaml")
        .replace("{ env: LIBRARY_USER }", "me")
        .replace("{ env: LIBRARY_PASSWORD }", "x");
    std::fs::write(folder.0.join("config/library.yaml"), config).unwrap();
    let (plan, ..) = portico::control::plan(
        &folder.0.join("config/library.yaml"),
        &portico::control::Overrides::default(),
    );
    let shared = Shared::default();
    let rows = r#"{"meta":{"total_count":1},"books":[{"book":{"isbn":"1","title":"The Castle","kind":"book","year":1926,"tags":["k"],"shelf":7}}]}"#;
    shared.lock().unwrap().add(exchange("GET /books?year=1926&page=0&per_page=2", "200", rows));
    let facade = recorded(plan.unwrap(), &shared).await;
    let (status, body) = ask(&facade, "GET", "/v1/books?limit=2&year=1926", "").await;
    assert_eq!(Recorded::end(&mut shared.lock().unwrap()), Vec::<String>::new());
    assert_eq!(status, 200, "{body}");
    assert_eq!(body["books"][0]["title"], "The Castle");
    assert_eq!(body["books"][0]["shelf"], "7");
    assert_eq!(body["books"][0]["available"], true);
    assert_eq!(body["metadata"]["totalCount"], 1);
}

#[tokio::test]
async fn a_fleet_has_two_manners_of_paging() {
    let folder = Folder::new("fleet");
    let (project, ..) = document("fleet.json", &folder);
    assert_eq!(project.dialects.len(), 2);
    let first = folder.text("mappings/dialects/fleet.yaml");
    assert!(
        first.contains("offset: offset") && first.contains("size: { parameter: pageSize, maximum: 200 }"),
        "{first}"
    );
    assert!(first.contains("errors: { message: error.message, fields: errors }"), "{first}");
    let binding = folder.text("mappings/fleet/v1/vehicles.fleet.yaml");
    assert!(
        binding.contains("get: \"/vehicles/{key}.json\"") && binding.contains("header: X-Total-Count"),
        "{binding}"
    );
    assert!(folder.text("mappings/fleet/v1/depots.fleet.yaml").contains("dialect: fleet-2"));
    assert!(folder.text("config/fleet.yaml").contains("plain: true"));
}
