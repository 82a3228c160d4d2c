//! Specifications in Markdown that run: files of an API, what its backends were recorded to answer, requests and
//! the answers to them. The whole road is travelled, without a socket. `tests/roads/README.md` tells the form.

pub mod backend;
pub mod read;
mod run;

use crate::support::each_file;

each_file! { "tests/roads", "md", run::check;
    a01_none
    a02_key_in_a_header
    a03_raw_key
    a04_key_in_the_query
    a05_basic
    a06_key_and_basic
    a07_client_credentials
    a07_client_credentials_by_json
    a08_short_token
    a08_token_that_says_its_end
    a09_session_header
    a10_cookie_and_token
    a11_keyed_hash
    a12_credentials_in_bodies
    a13_username_token
    a14_scheme_of_its_own
    a15_tenant
    a16_aws_signature
    a_key_that_is_chosen
    access
    adoptable_pets
    appointments
    availability
    b01_many_in_one_post
    b02_batch_document
    b02_keys_in_a_parameter
    b03_fan_out
    backend_errors
    below_a_parent
    bodies_of_another_shape
    chips
    conditional
    converters
    converters_of_amounts
    converters_of_json
    converters_of_times
    e01_problem_json
    e02_json_api_errors
    e03_status_in_a_200
    e04_two_shapes_by_rpc
    e05_error_in_a_200
    e06_soap_fault
    e07_graphql_errors
    e08_array_of_texts
    e09_messages_with_levels
    e10_lists_by_field
    e11_ims_codes
    e12_operation_outcome
    e13_pages_and_traces
    e14_empty_bodies
    e15_code_and_text
    e16_wrong_status
    e17_multi_status
    e18_detail_loc
    e19_less_than_asked
    fields_pruned
    filters
    filters_in_lists
    formats
    graphql_documents
    ids
    items_that_are_shown
    l01_fail
    l01_other_statuses
    l01_slow
    l01_wait
    key_of_a_caller
    login_renewed
    looked_through
    lookups_both_ways
    members_in_one_text
    merge_patch
    method_parameter
    n10_map_by_id
    n10_wrappers
    n11_forms_of_nothing
    n11_nothing_unsaid
    n12_one_or_many
    n13_two_ids
    n15_unknown_fields
    n17_typed_values
    name_in_a_text
    one_item_of_a_list
    pages_of_one_size
    pages_stitched
    pushed_as_expression
    pushed_as_terms
    pushed_by_objects
    pushed_by_parameters
    register
    roster
    shortcut_partial
    single_record
    soap
    sorting
    suppressed_statuses
    surveys
    tags
    total_stated
    total_walked
    vaccinations
    violations
    visibility
    w01_key_in_the_address
    w01_what_a_create_answers
    w02_put_of_all
    w02_put_patches
    w02_put_replaces
    w03_idempotency_key
    w04_tags
    w05_upsert
    w06_soft_delete
    w07_later
    w08_webhook
    w09_workflow
    w10_read_only
    w11_dry_run
    what_has_no_place
    xml
    xml_over_http
    xml_rpc
}

/// The guide's example runs as it is printed: its files are sound, and its specification holds.
#[test]
fn the_guides_example() {
    run::check("docs/guides/map-a-system/stays.md");
}
