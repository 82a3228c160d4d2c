//! Long work beside requests: whoever does it gives its core back again and again, so that those who share the core wait for
//! moments and not for a scheduler's slice. Outside of [`gently`] nothing is waited for.

use std::{
    cell::RefCell,
    thread::sleep,
    time::{Duration, Instant},
};

/// So long is worked at a time.
const STRETCH: Duration = Duration::from_micros(200);
/// A rest is as long as so many times the stretch before it: the work takes a fifth of its core.
const REST: u32 = 4;
/// After so many stretches in which nobody asked, nobody is waited for until somebody asks again.
const CALM: u32 = 100;

struct Pace {
    since: Instant,
    calm: u32,
    is_asked: Box<dyn Fn() -> bool>,
}

thread_local! {
    static PACE: RefCell<Option<Pace>> = const { RefCell::new(None) };
}

/// Does something on this thread, which has to be one that may block, with rests while others ask: `is_asked` says whether
/// somebody does just now.
pub fn gently<T>(is_asked: impl Fn() -> bool + 'static, work: impl FnOnce() -> T) -> T {
    struct End;
    impl Drop for End {
        fn drop(&mut self) {
            PACE.set(None);
        }
    }
    PACE.set(Some(Pace { since: Instant::now(), calm: CALM, is_asked: Box::new(is_asked) }));
    let _end = End;
    work()
}

/// A place in long work where it may rest, less than a tenth of a millisecond from the next one where that can be had.
pub fn breathe() {
    PACE.with_borrow_mut(|pace| {
        let Some(pace) = pace else { return };
        let passed = pace.since.elapsed();
        if passed < STRETCH {
            return;
        }
        // Of what takes longer nobody can tell work from having lost the core to others: the rest is bounded.
        let worked = passed.min(STRETCH * 2);
        pace.calm = if (pace.is_asked)() { 0 } else { pace.calm.saturating_add(1) };
        if pace.calm < CALM {
            sleep(worked * REST);
        }
        pace.since = Instant::now();
    });
}

/// Drops one after the other, with rests.
pub fn let_go<T>(all: impl IntoIterator<Item = T>) {
    for one in all {
        drop(one);
        breathe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::Cell, rc::Rc};

    /// How often somebody was looked for while something was done in `stretches`.
    fn looked(stretches: u32, gently: impl FnOnce(Rc<Cell<u32>>, &dyn Fn())) -> u32 {
        let count = Rc::new(Cell::new(0));
        gently(Rc::clone(&count), &|| {
            for _ in 0..stretches {
                sleep(STRETCH);
                breathe();
            }
        });
        count.get()
    }

    #[test]
    fn work_rests_after_each_stretch_and_nowhere_else() {
        let counted = |count: Rc<Cell<u32>>, work: &dyn Fn()| {
            gently(
                move || {
                    count.set(count.get() + 1);
                    true
                },
                work,
            );
        };
        assert_eq!(looked(3, counted), 3);
        assert_eq!(looked(3, |_, work| work()), 0, "nobody is looked for outside");
    }

    #[test]
    fn a_rest_is_over_when_the_work_ends_or_panics() {
        let _ = std::panic::catch_unwind(|| gently(|| true, || panic!("on purpose")));
        assert!(PACE.with_borrow(Option::is_none));
    }
}
