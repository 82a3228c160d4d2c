//! Futures that are made in the box that they live in.

use std::pin::Pin;

/// Puts a future in a box. `Box::pin(future)` has it first and asks for the memory then, and because that might fail with
/// the future still to be dropped, it is made beside the box and copied there as a whole: several kilobytes for a request's
/// road, of which a few words mean something before it is polled. Here the memory is there first.
pub fn boxed<F: Future>(make: impl FnOnce() -> F) -> Pin<Box<F>> {
    Box::into_pin(Box::write(Box::new_uninit(), make()))
}
