//! spyne: SOAP 1.1 by a WSDL, a schema that is enforced, faults with a text alone.

use super::{parts, site::Site};
use serde_json::json;

const FOREIGN: &[&str] =
    &["PartNo", "OnHand", "Envelope", "soap", "urn:example", "SCHEMAV", "Vehicle", "NoSuchPart"];

#[test]
fn parts_of_spyne_are_the_public_ones() {
    let Some(site) = Site::start("spyne", FOREIGN) else { return };
    parts::pages_hold_all(&site);
    parts::filters_are_right(&site);
    parts::orders_are_right(&site);
    parts::fields_are_pruned(&site);
    parts::one_is_read(&site);
    parts::a_part_lives(&site);
    // Names are shorter there than outside; the fault's text names the element.
    let mut part = parts::another("P-0903");
    part["name"] = json!("x".repeat(70));
    assert_eq!(site.ask("POST", "/v1/parts", Some(&part)).refused(400, "F516"), ["/name"]);
    site.get("/v1/parts/P-0903").refused(404, "F112");
    let name = json!({ "name": "y".repeat(61) });
    assert_eq!(site.ask("PATCH", "/v1/parts/P-0001", Some(&name)).refused(400, "F516"), ["/name"]);
}
