//! Panics: where they were is told, what they said is not, because it may hold what a caller sent.

use std::{
    panic::{self, PanicHookInfo},
    sync::{Mutex, PoisonError},
};

/// Where it panicked last. A request may be caught on another thread than it panicked on.
static LAST: Mutex<Option<String>> = Mutex::new(None);

/// From now on a panic leaves one line with its place. For the program, not for tests, which want to read what was said.
pub fn quiet() {
    panic::set_hook(Box::new(note));
}

fn note(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|at| format!("{}:{}", at.file(), at.line()));
    tracing::error!(place = place.as_deref(), "panicked; the request that caused it ends");
    *LAST.lock().unwrap_or_else(PoisonError::into_inner) = place;
}

/// Where it panicked last, told once.
pub fn last() -> Option<String> {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).take()
}
