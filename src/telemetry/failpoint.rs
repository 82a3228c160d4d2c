//! Points of durable steps at which a test lets the program fail, or end as by `kill -9`. They are there in builds with
//! `debug_assertions` alone; a release has neither the points nor the variable that sets them.
//!
//! A point is named by its place and what is done there: `sql.behind UPDATE grant_tokens`. It is set for the whole
//! program by `PORTICO_FAILPOINTS`, or by a test for its own thread ([`set`]). `docs/guides/fuzzing.md` lists them.

/// What happens at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The step fails there.
    Fail,
    /// The program ends there, with nothing written, answered or tidied up.
    End,
}

/// A point was reached that is to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a failpoint was reached")]
pub struct Reached;

/// Whether this build has points at all.
pub const BUILT_IN: bool = cfg!(debug_assertions);

/// Nothing, in a build without points.
///
/// # Errors
/// Never.
#[cfg(not(debug_assertions))]
#[inline]
pub fn reach(_place: &str, _step: &str) -> Result<(), Reached> {
    Ok(())
}

#[cfg(debug_assertions)]
pub use built_in::{Set, reach, set};

#[cfg(debug_assertions)]
mod built_in {
    use super::{Act, Reached};
    use std::{
        cell::RefCell,
        sync::{
            LazyLock,
            atomic::{AtomicU32, Ordering},
        },
    };

    /// One point that is set.
    struct Point {
        place: String,
        step: String,
        act: Act,
        /// How many times it is still passed.
        passes: AtomicU32,
    }

    thread_local! {
        static HERE: RefCell<Vec<(u64, Point)>> = const { RefCell::new(Vec::new()) };
    }

    static EVERYWHERE: LazyLock<Vec<Point>> = LazyLock::new(|| {
        let said = std::env::var("PORTICO_FAILPOINTS").unwrap_or_default();
        said.split(';').filter(|one| !one.trim().is_empty()).filter_map(parse).collect()
    });

    /// `PLACE STEP=ACT`, `PLACE STEP=ACT@3` for the third time. What cannot be read is told, and sets nothing.
    fn parse(text: &str) -> Option<Point> {
        let read = || {
            let (name, act) = text.trim().rsplit_once('=')?;
            let (place, step) = name.split_once(' ')?;
            let (act, time) = act.split_once('@').unwrap_or((act, "1"));
            let act = match act {
                "fail" => Act::Fail,
                "end" => Act::End,
                _ => return None,
            };
            let passes = AtomicU32::new(time.parse::<u32>().ok()?.checked_sub(1)?);
            Some(Point { place: place.to_owned(), step: step.to_owned(), act, passes })
        };
        let point = read();
        if point.is_none() {
            tracing::error!(text, "no failpoint: write `PLACE STEP=fail` or `PLACE STEP=end@TIME`");
        }
        point
    }

    impl Point {
        /// Whether it is this one's turn.
        fn is_due(&self, place: &str, step: &str) -> bool {
            // A step may be said by its beginning, as statements are long.
            self.place == place
                && step.starts_with(&*self.step)
                && self
                    .passes
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                    .is_err()
        }
    }

    /// A point of this thread, until it is dropped.
    #[derive(Debug)]
    #[must_use = "the point is set until this is dropped"]
    pub struct Set(u64);

    /// Sets a point for what runs on this thread, from the `time`-th time on, counted from 1.
    pub fn set(place: &str, step: &str, act: Act, time: u32) -> Set {
        let point = Point {
            place: place.to_owned(),
            step: step.to_owned(),
            act,
            passes: AtomicU32::new(time.saturating_sub(1)),
        };
        HERE.with_borrow_mut(|all| {
            let number = all.last().map_or(0, |(number, _)| number + 1);
            all.push((number, point));
            Set(number)
        })
    }

    impl Drop for Set {
        fn drop(&mut self) {
            let _ = HERE.try_with(|all| all.borrow_mut().retain(|(number, _)| *number != self.0));
        }
    }

    /// Comes to a point. Refuses where it is set to fail; does not come back where it is set to end.
    pub fn reach(place: &str, step: &str) -> Result<(), Reached> {
        let due = |point: &Point| point.is_due(place, step).then_some(point.act);
        let here = HERE.with_borrow(|all| all.iter().find_map(|(_, point)| due(point)));
        match here.or_else(|| EVERYWHERE.iter().find_map(due)) {
            None => Ok(()),
            Some(Act::Fail) => Err(Reached),
            Some(Act::End) => std::process::abort(),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_point_is_this_threads_and_counts_its_times() {
            let set = set("sql.behind", "UPDATE grants", Act::Fail, 2);
            assert_eq!(reach("sql.behind", "UPDATE grants SET a = 1"), Ok(()));
            assert_eq!(reach("sql.before", "UPDATE grants SET a = 1"), Ok(()), "another place");
            let elsewhere = std::thread::spawn(|| reach("sql.behind", "UPDATE grants SET a = 1"));
            assert_eq!(elsewhere.join().unwrap(), Ok(()), "another thread");
            assert_eq!(reach("sql.behind", "UPDATE grants SET a = 1"), Err(Reached));
            assert_eq!(reach("sql.behind", "UPDATE grants SET a = 1"), Err(Reached), "and from then on");
            drop(set);
            assert_eq!(reach("sql.behind", "UPDATE grants SET a = 1"), Ok(()));
        }

        #[test]
        fn points_are_read_from_a_line() {
            let point = parse("sql.within INSERT INTO trail=end@3").unwrap();
            assert_eq!(
                (&*point.place, &*point.step, point.act),
                ("sql.within", "INSERT INTO trail", Act::End)
            );
            assert_eq!(point.passes.into_inner(), 2);
            assert_eq!(parse("sql.behind UPDATE a SET b = 1=fail").unwrap().step, "UPDATE a SET b = 1");
            for wrong in ["", "sql.within", "sql.within=fail", "a b=c", "a b=fail@0", "a b=fail@x"] {
                assert!(parse(wrong).is_none(), "{wrong}");
            }
        }
    }
}
