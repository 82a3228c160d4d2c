//! json-server: plain records, operators as endings of parameters, the total in a header.

use super::{parts, site::Site};

/// What only it says; its members have the public names but for the key.
const FOREIGN: &[&str] = &["\"id\"", "json-server", "_start", "lodash", "x-total-count", "Insert failed"];

#[test]
fn parts_of_json_server_are_the_public_ones() {
    let Some(site) = Site::start("json-server", FOREIGN) else { return };
    parts::pages_hold_all(&site);
    parts::filters_are_right(&site);
    parts::orders_are_right(&site);
    parts::fields_are_pruned(&site);
    parts::one_is_read(&site);
    parts::a_part_lives(&site);
}
