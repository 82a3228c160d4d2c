//! The resources that partners' systems keep, over the systems themselves: lists are the same by any page, each record is
//! the one of its list, filters are what they say, and what is written is what the system then holds.

mod adoptable_pets;
mod appointments;
mod chips;
mod clinic;
mod surveys;

use super::support::{Client, Demo};
use serde_json::Value;
use std::collections::BTreeSet;

/// All records of a list by pages of this size. Where the list tells its total it is the number of them.
async fn all(client: &Client, path: &str, plural: &str, limit: usize) -> Vec<Value> {
    let (mut found, mut offset) = (Vec::new(), 0);
    let joint = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = client.get(&format!("{path}{joint}limit={limit}&offset={offset}")).await.with(200).json();
        let items = page[plural].as_array().unwrap();
        found.extend(items.iter().cloned());
        if items.len() < limit {
            if let Some(total) = page["metadata"].get("totalCount") {
                assert_eq!(*total, found.len(), "{path}");
            }
            return found;
        }
        offset += limit;
    }
}

/// Walks a list by small and large pages, and reads each of its records, which are valid against the contract.
async fn walk(demo: &Demo, path: &str, plural: &str, key: &str, contract: &str) -> Vec<Value> {
    let schema: Value =
        serde_json::from_str(&demo.home.read(&format!("schemas/pethub/v1/{contract}.json"))).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let rows = all(&demo.client, path, plural, 100).await;
    assert_eq!(all(&demo.client, path, plural, 7).await, rows, "{path}");
    let keys: BTreeSet<&str> = rows.iter().map(|row| row[key].as_str().unwrap()).collect();
    assert_eq!(keys.len(), rows.len(), "{path} shows a record twice");
    for row in &rows {
        let faults: Vec<String> = validator.iter_errors(row).map(|e| e.to_string()).collect();
        assert!(faults.is_empty(), "{row}: {faults:?}");
        let one = demo.client.get(&format!("{path}/{}", row[key].as_str().unwrap())).await.with(200);
        assert_eq!(one.json(), *row);
    }
    demo.client.get(&format!("{path}/nothing-here")).await.refused(404, "F112");
    rows
}

/// A filter finds what it says, in the list's order.
async fn filtered(demo: &Demo, path: &str, plural: &str, rows: &[Value], keeps: impl Fn(&Value) -> bool) {
    let found = all(&demo.client, path, plural, 50).await;
    let collection = path.split('?').next().unwrap();
    let wanted: Vec<Value> = rows.iter().filter(|row| keeps(row)).cloned().collect();
    assert!(!wanted.is_empty() && wanted.len() < rows.len(), "{path} tells nothing of {collection}");
    assert_eq!(found, wanted, "{path}");
}

/// The clinic itself, with a token of its own.
async fn clinic(demo: &Demo, method: &str, path: &str, body: Option<&Value>) -> Value {
    let client = demo.straight_to("ezyvet");
    let word = |name: &str| demo.home.read(&format!("state/ezyvet.{name}"));
    let login = serde_json::json!({
        "partner_id": "portico", "client_id": word("client"), "client_secret": word("secret"),
        "grant_type": "client_credentials",
    });
    let token = client.json("POST", "/v1/oauth/access_token", &login).await.with(200).json();
    let token = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    client.send(method, path, &headers, body.map(Value::to_string).as_deref()).await.json()
}
