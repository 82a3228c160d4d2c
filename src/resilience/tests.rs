//! The bounds together, by a time that stands still: what is made again, refused, asked twice and left alone.

use super::*;
use crate::plan::resilience::{Breaker as Rules, Bulkhead as Walls, Retry};
use std::sync::Mutex;

/// What a try says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Said(&'static str, Verdict);

impl Judged for Said {
    fn verdict(&self) -> Verdict {
        self.1
    }
}

const GOOD: Result<Said, Said> = Ok(Said("good", Verdict::GOOD));
const FAILED: Result<Said, Said> = Err(Said("failed", Verdict::FAILED));
const UNSENT: Result<Said, Said> = Err(Said("unsent", Verdict::UNSENT));
const SLOW: Result<Said, Said> = Err(Said("slow", Verdict::SLOW));

fn rules() -> Resilience {
    let second = Duration::from_secs(1);
    Resilience {
        retry: Some(Retry { times: 2, after: Duration::from_millis(50), budget: 20 }),
        breaker: Some(Rules {
            failures: 50,
            calls: 10,
            window: second * 10,
            rest: second * 5,
            trials: 1,
            in_a_row: 1000,
        }),
        bulkhead: Walls { calls: 4, queue: 4, wait: second, adaptive: None },
        hedge: None,
        health: None,
    }
}

fn guard(rules: Resilience, addresses: usize) -> Guard {
    Guard::new("desk".into(), rules, addresses)
}

fn wanted(safe: bool) -> Wanted {
    Wanted { safe, deadline: Instant::now() + Duration::from_secs(10), hedge: None }
}

/// Calls with answers in this order, the last one for good; how often it was called.
async fn called(
    guard: &Guard,
    wanted: Wanted,
    answers: &[Result<Said, Said>],
) -> (Result<&'static str, String>, usize) {
    let calls = Mutex::new(0);
    let came = guard
        .call(wanted, |_| {
            let mut calls = calls.lock().unwrap();
            *calls += 1;
            let answer = answers[(*calls - 1).min(answers.len() - 1)];
            async move { answer }
        })
        .await;
    let said = match came {
        Ok(said) => Ok(said.0),
        Err(Failed::Call(said)) => Err(said.0.to_owned()),
        Err(Failed::Refused(refused)) => Err(refused.to_string()),
    };
    (said, calls.into_inner().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_read_is_made_again_and_a_write_only_where_no_byte_has_left() {
    let guard = guard(rules(), 1);
    assert_eq!(called(&guard, wanted(true), &[FAILED, GOOD]).await, (Ok("good"), 2));
    assert_eq!(called(&guard, wanted(true), &[FAILED]).await, (Err("failed".into()), 3));
    assert_eq!(called(&guard, wanted(false), &[FAILED, GOOD]).await, (Err("failed".into()), 1));
    assert_eq!(called(&guard, wanted(false), &[UNSENT, GOOD]).await, (Ok("good"), 2));
    // What has taken all the time is not begun anew.
    assert_eq!(called(&guard, wanted(true), &[SLOW, GOOD]).await, (Err("slow".into()), 1));
    assert_eq!(guard.report().retries, 4);
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_the_source_asks_for_is_kept_within_the_deadline() {
    let guard = guard(rules(), 1);
    let behind = |seconds| {
        let again = Again::Behind(Duration::from_secs(seconds));
        Ok(Said("busy", Verdict { overloaded: true, again, ..Verdict::NOTHING }))
    };
    let begun = Instant::now();
    assert_eq!(called(&guard, wanted(true), &[behind(3), GOOD]).await, (Ok("good"), 2));
    assert!(begun.elapsed() >= Duration::from_secs(3));
    let begun = Instant::now();
    assert_eq!(called(&guard, wanted(true), &[behind(30), GOOD]).await, (Ok("busy"), 1));
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn the_budget_ends_retries_where_everything_fails() {
    let free = Resilience { breaker: None, ..rules() };
    let guard = guard(free, 1);
    let mut calls = 0;
    for _ in 0..100 {
        calls += called(&guard, wanted(true), &[FAILED]).await.1;
    }
    // A fifth of a hundred, and the spare ones of ten seconds; what is counted in parts may be one part more.
    assert!((120..=140).contains(&calls), "{calls}");
    assert!(guard.report().unaffordable > 50);
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_refuses_at_once_and_lets_a_trial_through_later() {
    let guard = guard(Resilience { retry: None, ..rules() }, 1);
    for _ in 0..10 {
        let _ = called(&guard, wanted(true), &[FAILED]).await;
    }
    let (said, calls) = called(&guard, wanted(true), &[GOOD]).await;
    assert_eq!((said, calls), (Err("its circuit breaker is open".into()), 0));
    assert_eq!(guard.admits().unwrap_err().pause(), Duration::from_secs(5));
    assert_eq!(guard.report().refused_open, 2);
    tokio::time::advance(Duration::from_secs(5)).await;
    assert!(guard.admits().is_ok());
    assert_eq!(called(&guard, wanted(true), &[GOOD]).await, (Ok("good"), 1));
    assert_eq!(guard.report().addresses[0].breaker, Phase::Closed);
}

#[tokio::test(start_paused = true)]
async fn a_request_without_time_says_nothing_of_the_source() {
    let guard = guard(Resilience { retry: None, ..rules() }, 1);
    for _ in 0..20 {
        let _ = called(&guard, wanted(true), &[SLOW]).await;
    }
    assert_eq!(guard.report().addresses[0].breaker, Phase::Closed);
}

#[tokio::test(start_paused = true)]
async fn another_address_is_tried_and_the_sick_one_left_out() {
    let mut rules = rules();
    rules.breaker = rules.breaker.map(|breaker| Rules { in_a_row: 3, ..breaker });
    let guard = guard(rules, 2);
    let asked = Mutex::new([0, 0]);
    for _ in 0..40 {
        let came = guard
            .call(wanted(false), |one| {
                asked.lock().unwrap()[one.address] += 1;
                async move { if one.address == 0 { UNSENT } else { GOOD } }
            })
            .await;
        assert!(came.is_ok());
    }
    assert_eq!(*asked.lock().unwrap(), [3, 40]);
    let report = guard.report();
    assert_eq!([report.addresses[0].breaker, report.addresses[1].breaker], [Phase::Open, Phase::Closed]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_read_is_asked_a_second_time_and_the_loser_is_dropped() {
    struct Dropped<'a>(&'a Mutex<u32>);
    impl Drop for Dropped<'_> {
        fn drop(&mut self) {
            *self.0.lock().unwrap() += 1;
        }
    }
    let guard = guard(rules(), 1);
    let (calls, unfinished) = (Mutex::new(0), Mutex::new(0));
    let hedge = Some(Hedge::After(Duration::from_millis(200)));
    let ask = async |safe| {
        let begun = Instant::now();
        let came = guard
            .call(Wanted { hedge, ..wanted(safe) }, |_| {
                let mut calls = calls.lock().unwrap();
                *calls += 1;
                let takes = if *calls % 2 == 1 { 3000 } else { 10 };
                let end = Dropped(&unfinished);
                async move {
                    tokio::time::sleep(Duration::from_millis(takes)).await;
                    std::mem::forget(end);
                    GOOD
                }
            })
            .await;
        assert!(came.is_ok());
        begun.elapsed()
    };
    assert_eq!(ask(true).await, Duration::from_millis(210));
    assert_eq!((*calls.lock().unwrap(), *unfinished.lock().unwrap()), (2, 1));
    let report = guard.report();
    assert_eq!((report.hedges, report.hedges_won, report.under_way), (1, 1, 0));
    // A write never is.
    assert_eq!(ask(false).await, Duration::from_secs(3));
    assert_eq!(guard.report().hedges, 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_source_takes_its_own_places_and_no_more() {
    let guard = guard(rules(), 1);
    let one = || {
        guard.call(wanted(true), |_| async {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            GOOD
        })
    };
    let all = futures_util::future::join_all((0..20).map(|_| one())).await;
    let count = |wanted: fn(&Refused) -> bool| {
        all.iter().filter(|came| matches!(came, Err(Failed::Refused(why)) if wanted(why))).count()
    };
    assert_eq!(all.iter().filter(|came| came.is_ok()).count(), 4);
    assert_eq!(count(|why| matches!(why, Refused::Full(_))), 12);
    assert_eq!(count(|why| matches!(why, Refused::Waited(_))), 4);
    let report = guard.report();
    assert_eq!((report.refused_full, report.under_way, report.waiting), (16, 0, 0));
}
