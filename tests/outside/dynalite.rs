//! dynalite, which speaks `DynamoDB`'s protocol: signed calls, typed values, a key to go on from, puts with conditions.

use super::{parts, site::Site};

const FOREIGN: &[&str] =
    &["PartId", "Items", "LastEvaluatedKey", "dynamo", "Dynamo", "__type", "x-amz", "BOOL"];

#[test]
fn parts_of_dynalite_are_the_public_ones() {
    let Some(site) = Site::start("dynalite", FOREIGN) else { return };
    parts::pages_hold_all(&site);
    parts::filters_are_right(&site);
    parts::orders_are_right(&site);
    parts::fields_are_pruned(&site);
    parts::one_is_read(&site);
    parts::a_part_lives(&site);
}
