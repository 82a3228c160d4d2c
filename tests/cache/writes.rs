//! A write, then a read by anyone who may: never the old value, whatever was under way.

use super::desk::{Desk, ask, get, rename, role};
use std::{sync::Arc, time::Duration};

/// Numbers without a pattern, the same each time (xorshift).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_written_is_read_by_all_who_ask_afterwards() {
    let desk = Desk::new();
    let facade = desk.facade("cache: { fresh: 1h, stale: 1h, negative: 5s }\n").await;
    let callers = [role("admin", ""), role("vet", ""), role("owner", "owner:3")];
    let readers: Vec<_> = (0..6u64)
        .map(|number| {
            let (facade, caller) = (Arc::clone(&facade), Arc::clone(&callers[number as usize % 3]));
            #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
            tokio::spawn(async move {
                let mut dice = Dice::new(77 + number);
                loop {
                    let target = if dice.below(2) == 0 { "/v1/pets/3" } else { "/v1/pets?limit=100" };
                    assert_eq!(get(&facade, &caller, target).await.status, 200);
                    tokio::time::sleep(Duration::from_millis(dice.below(12))).await;
                }
            })
        })
        .collect();
    let mut dice = Dice::new(5);
    for round in 0..400 {
        let (before, behind) = (dice.below(15), dice.below(15));
        *desk.takes.lock().unwrap() = (Duration::from_millis(before), Duration::from_millis(behind));
        let name = format!("Name {round}");
        assert_eq!(rename(&facade, &callers[0], 3, &name).await.status, 200);
        for caller in &callers {
            let one = get(&facade, caller, "/v1/pets/3").await;
            assert_eq!(one.json()["name"], name.as_str(), "round {round}: {}", one.cache);
            let all = get(&facade, caller, "/v1/pets?limit=100").await;
            let all = all.json();
            let found = all["pets"].as_array().unwrap().iter().find(|pet| pet["petId"] == "3").unwrap();
            assert_eq!(found["name"], name.as_str(), "round {round}");
        }
    }
    assert!(readers.iter().all(|reader| !reader.is_finished()), "a reader failed");
    readers.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn a_tag_is_answered_without_the_source_and_no_cache_is_for_operators() {
    let desk = Desk::new();
    let facade = desk.facade("cache: { fresh: 30s }\n").await;
    let admin = role("admin", "");
    let first = get(&facade, &admin, "/v1/pets/3").await;
    assert_eq!(first.cache, "portico; fwd=miss; stored");
    // Ten milliseconds of it are over.
    assert_eq!(first.control, "private, max-age=29");
    let again = http::Request::get("/v1/pets/3").header("if-none-match", &first.tag);
    let again = ask(&facade, &admin, again, "").await;
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert!(again.cache.starts_with("portico; hit"));
    assert_eq!(desk.calls(), 1);
    let anew = || http::Request::get("/v1/pets/3").header("cache-control", "max-age=0, No-Cache");
    assert!(ask(&facade, &admin, anew(), "").await.cache.starts_with("portico; hit"), "callers may not");
    assert_eq!(desk.calls(), 1);
    let operator = portico::identity::Caller::operator();
    assert_eq!(ask(&facade, &operator, anew(), "").await.cache, "portico; fwd=request; stored");
    assert_eq!(desk.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_given_up_keeps_nothing_old() {
    let desk = Desk::new();
    let facade = desk.facade("cache: { fresh: 1h }\n").await;
    let admin = role("admin", "");
    get(&facade, &admin, "/v1/pets/3").await;
    *desk.takes.lock().unwrap() = (Duration::from_millis(50), Duration::from_millis(50));
    let write = {
        let (facade, admin) = (Arc::clone(&facade), Arc::clone(&admin));
        #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
        tokio::spawn(async move { rename(&facade, &admin, 3, "Late").await })
    };
    // The record as it stands has been read, and the write is on its way.
    tokio::time::sleep(Duration::from_millis(160)).await;
    write.abort();
    _ = write.await;
    let came = get(&facade, &admin, "/v1/pets/3").await;
    assert_eq!(came.json()["name"], "Late");
    // Nobody knows yet what comes of it: nothing is kept.
    let came = get(&facade, &admin, "/v1/pets/3").await;
    assert!(came.cache.starts_with("portico; fwd=miss"), "{came:?}");
}
