//! Panics: where they were is told, what they said is not, because it may hold what a caller sent.

use std::{
    cell::RefCell,
    panic::{self, PanicHookInfo},
};

thread_local! {
    static LAST: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From now on a panic leaves one line with its place. For the program, not for tests, which want to read what was said.
pub fn quiet() {
    panic::set_hook(Box::new(note));
}

fn note(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
    tracing::error!(place = place.as_deref(), "panicked; the request that caused it ends");
    LAST.with(|last| *last.borrow_mut() = place);
}

/// Where this thread panicked last, told once.
pub fn last() -> Option<String> {
    LAST.with(|last| last.borrow_mut().take())
}
