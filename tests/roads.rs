//! Specifications in Markdown that run: files of an API, what its backends were recorded to answer, requests and
//! the answers to them. The whole road is travelled, without a socket. `tests/roads/README.md` tells the form.

mod backend;
mod read;
mod run;

use crate::support::each_file;

each_file! { "tests/roads", "md", run::check;
    backend_errors
    below_a_parent
    conditional
    converters
    converters_of_amounts
    converters_of_json
    converters_of_times
    fields_pruned
    filters
    filters_in_lists
    formats
    items_that_are_shown
    login_renewed
    lookups_both_ways
    members_in_one_text
    merge_patch
    method_parameter
    pages_of_one_size
    pages_stitched
    register
    roster
    shortcut_partial
    sorting
    suppressed_statuses
    total_stated
    total_walked
    violations
    visibility
    xml
}
