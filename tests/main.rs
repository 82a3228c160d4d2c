//! The one test binary: specifications that run (`roads`), lists over every way of paging (`paging`), faults of files
//! (`cases`), rules of the source (`tidy`), and the program from outside (`black_box`). Unit tests stand beside the
//! code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on ends, and says where"
)]
#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "texts are short here, and the repository's file names are ours"
)]

mod support;

mod again;
mod roads;

mod paging;

mod cache;

mod cases;

mod import;

mod gate;

mod forms;
mod law;

mod retention;

mod sealing;

mod damage;

mod guides;

mod drift;

mod fuzz;

mod audit;
mod limits;

mod tidy;

mod oauth;

mod resilience;

mod embedded;

mod mixing;

mod black_box;

mod hardening;
mod operations;

mod outside;
