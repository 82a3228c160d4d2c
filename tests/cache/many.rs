//! A thousand who ask the same at once are one question, also where the first of them goes away.

use super::desk::{Desk, get, role};
use portico::cache::count::Outcome;
use std::{sync::Arc, time::Duration};

#[tokio::test(start_paused = true)]
async fn a_thousand_misses_are_one_call() {
    let desk = Desk::new();
    *desk.takes.lock().unwrap() = (Duration::from_millis(100), Duration::ZERO);
    let facade = desk.facade("cache: { fresh: 30s }\n").await;
    let admin = role("admin", "");
    let ask = || {
        let (facade, admin) = (Arc::clone(&facade), Arc::clone(&admin));
        #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
        tokio::spawn(async move { get(&facade, &admin, "/v1/pets?limit=3").await })
    };
    let first = ask();
    tokio::time::sleep(Duration::from_millis(10)).await;
    let others: Vec<_> = (0..999).map(|_| ask()).collect();
    tokio::time::sleep(Duration::from_millis(10)).await;
    // Who began it goes away; those who wait for it get it all the same.
    first.abort();
    assert!(first.await.is_err());
    for other in others {
        let came = other.await.unwrap();
        assert_eq!((came.status, came.cache.as_str()), (200, "portico; fwd=miss; collapsed"));
        assert_eq!(came.json()["pets"].as_array().unwrap().len(), 3);
    }
    assert_eq!(desk.calls(), 1);
    assert_eq!(facade.cache().counts.of("rescue/v1/pets", Outcome::Joined), 999);
    assert_eq!(facade.cache().under_way(), 0);
    let came = get(&facade, &admin, "/v1/pets?limit=3").await;
    assert!(came.cache.starts_with("portico; hit; ttl="), "{came:?}");
    assert_eq!(desk.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_more_is_kept_than_is_allowed() {
    let desk = Desk::new();
    let facade = desk.facade_in("cache: { fresh: 1h }\n", "cache: { bytes: 1M }\n").await;
    let admin = role("admin", "");
    for offset in 0..40 {
        for limit in 1..40 {
            get(&facade, &admin, &format!("/v1/pets?limit={limit}&offset={offset}")).await;
        }
    }
    facade.cache().settle().await;
    assert!(facade.cache().used() <= facade.cache().bytes(), "{}", facade.cache().used());
    assert!(facade.cache().used() > 0);
    assert!(facade.cache().counts.of("rescue/v1/pets", Outcome::Evicted) > 0);
}
