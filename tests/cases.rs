//! Faults of the operator's files: small changes to a sound API, a line, and the diagnostics that have to come,
//! each at its place and with a cure. `tests/mappings/README.md` tells the form.

mod read;
mod run;

use crate::support::each_file;

each_file! { "tests/mappings", "case", run::check;
    access_conditions
    access_grants
    access_nobody
    access_role
    admin_public
    api_elsewhere
    asked_nowhere
    bad_address
    bad_audit
    bad_bounds
    bad_cache
    bad_column
    bad_constant
    bad_contact
    bad_cors
    bad_derived
    bad_hedge
    bad_identity
    bad_indentation
    bad_name
    bad_order
    bad_path
    bad_pattern
    bad_pattern_letter
    bad_place
    bad_rate
    bad_schema
    bad_schema_required
    bad_service
    bad_zone
    blank_nothing
    broken_json
    broken_yaml
    child_join
    code_missing
    contract_missing
    codes_unlike
    converter_alone
    converter_first
    converter_misfit
    converter_numbers
    default_above_maximum
    dialect_size
    duplicate_key
    filled_twice
    found_and_written
    hook_unknown
    input_missing
    input_missing_list
    lookup_cycle
    lookup_give
    lookup_source
    lookup_target
    missing_key
    no_alias
    no_filler
    no_filler_required
    no_operation
    no_part
    no_way_back
    not_camel
    not_comparable
    not_in_schema
    not_one_of
    not_served
    operation_missing
    out_of_bounds
    own_path
    order_unlike
    parents_elsewhere
    part_cycle
    part_filter
    part_input
    part_unclear
    partial_written
    path_taken
    plain_transport
    promise_filter
    promise_sql
    promise_total
    required_unused
    reserved_filter
    reserved_word
    said_twice
    scale_lost
    sent_elsewhere
    several_at_once
    several_without
    single_unclear
    shape_misfit
    shortcut_member
    sound
    span_of_time
    split
    table
    too_deep
    unclear_kind
    unclear_source
    unknown_api
    unknown_binding
    unknown_call
    unknown_code
    unknown_dialect
    unknown_file
    unknown_key
    unknown_key_deep
    unknown_member
    unknown_parent
    unknown_resource
    unknown_source
    unreadable
    unsupported_schema
    values_one_by_one
    where_nothing
    where_written
    wide_filter
    without_effect
    wrong_type
    yaml_feature
    bad_seal
    seal_without_key
    sealed_promise
    sealed_order
    no_sealing
    no_sealing_index
    bad_sealing
    no_sealing_key
    exact_unfiltered
}

/// Codes that no case shows, each with the place that does.
const ELSEWHERE: &[(&str, &str)] = &[
    ("M331", "the law needs generated records: `translate::law`, and `check` over the binary"),
    ("M332", "indexes are read from migrations: `control::indexes`"),
    ("M333", "combinations are found by the law: `translate::law`, and `check` over the binary"),
    ("M611", "an import, not a check, finds it: `tests/import/mistakes.rs`"),
    ("M612", "an import, not a check, finds it: `tests/import/mistakes.rs`"),
    ("M613", "an import, not a check, finds it: `tests/import/mistakes.rs`"),
    ("M614", "an import, not a check, finds it: `tests/import/databases.rs`"),
];

#[test]
fn every_code_of_the_files_has_a_case() {
    if crate::support::blesses() {
        return; // The cases are being rewritten by their own tests.
    }
    let cases: String = crate::support::below("tests/mappings")
        .iter()
        .filter(|name| name.ends_with(".case"))
        .map(|name| crate::support::read(name))
        .collect();
    let shown = |code: &str| cases.contains(&format!("[{code}]"));
    let wrong: Vec<String> = portico::fault::mapping::ALL
        .iter()
        .filter(|(code, _)| shown(code) == ELSEWHERE.iter().any(|(known, _)| known == code))
        .map(|(code, title)| format!("{code} ({title})"))
        .collect();
    assert!(
        wrong.is_empty(),
        "a case shows it, or `ELSEWHERE` says why none does; one of the two: {wrong:?}"
    );
}
