//! The one test binary: specifications that run (`roads`), faults of files (`cases`), rules of the source
//! (`tidy`), and the program from outside (`black_box`). Unit tests stand beside the code.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

mod roads;

mod cases;

mod tidy;

mod black_box;
