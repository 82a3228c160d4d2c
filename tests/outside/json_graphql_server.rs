//! json-graphql-server: documents made of what is asked for, conditions in an object, faults with status 200, and a
//! number of the server's own beside the one that people know.

use super::{parts, site::Site};
use serde_json::json;

const FOREIGN: &[&str] =
    &["partNo", "\"title\"", "allParts", "variables", "GraphQL", "PartFilter", "BRAKES", "Int cannot"];

#[test]
fn parts_of_json_graphql_server_are_the_public_ones() {
    let Some(site) = Site::start("json-graphql-server", FOREIGN) else { return };
    parts::pages_hold_all(&site);
    parts::filters_are_right(&site);
    parts::orders_are_right(&site);
    parts::fields_are_pruned(&site);
    parts::one_is_read(&site);
    parts::a_part_lives(&site);
    // Its whole numbers have 32 bits. It says so in a text, which names a variable.
    let mut part = parts::another("P-0902");
    part["stock"] = json!(9_999_999_999_u64);
    assert_eq!(site.ask("POST", "/v1/parts", Some(&part)).refused(400, "F516"), ["/stock"]);
    site.get("/v1/parts/P-0902").refused(404, "F112");
    let stock = json!({ "stock": 9_999_999_999_u64 });
    assert_eq!(site.ask("PATCH", "/v1/parts/P-0001", Some(&stock)).refused(400, "F516"), ["/stock"]);
}
