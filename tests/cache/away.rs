//! A source that is away for five minutes, by a time of our choosing.

use super::desk::{Desk, get, rename, role};
use std::time::Duration;

const TARGETS: [&str; 3] = ["/v1/pets/3", "/v1/pets?limit=4", "/v1/pets?ownerId=2&fields=name"];

#[tokio::test(start_paused = true)]
async fn what_is_old_is_answered_in_its_window_and_says_so() {
    let desk = Desk::new();
    let facade = desk
        .facade(
            "cache: { fresh: 30s, stale: 270s }
",
        )
        .await;
    let admin = role("admin", "");
    let mut first = Vec::new();
    for target in TARGETS {
        first.push(get(&facade, &admin, target).await.body);
    }
    *desk.away.lock().unwrap() = true;
    // A write finds the source away, and takes nothing from what is kept.
    assert_eq!(rename(&facade, &admin, 3, "Nobody").await.status, 500);
    for second in 1..=60 {
        tokio::time::sleep(Duration::from_secs(4)).await;
        for (target, body) in TARGETS.iter().zip(&first) {
            let came = get(&facade, &admin, target).await;
            assert_eq!((came.status, &came.body), (200, body), "{target} after {} s", second * 4);
            let stale = second * 4 >= 30;
            assert_eq!(came.cache.ends_with("detail=stale"), stale, "{} s: {came:?}", second * 4);
            assert!(came.cache.starts_with("portico; hit; ttl="), "{came:?}");
            assert!(came.control.contains("max-age"), "{came:?}");
        }
    }
    // Five minutes and a little: nothing is good any more.
    tokio::time::sleep(Duration::from_secs(61)).await;
    for target in TARGETS {
        assert_eq!(get(&facade, &admin, target).await.status, 500, "{target}");
    }
    *desk.away.lock().unwrap() = false;
    for (target, body) in TARGETS.iter().zip(&first) {
        assert_eq!(get(&facade, &admin, target).await.body, *body);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_old_is_asked_for_anew_once_behind_an_answer() {
    let desk = Desk::new();
    let facade = desk.facade("cache: { fresh: 30s, stale: 10m, negative: 5s }\n").await;
    let admin = role("admin", "");
    get(&facade, &admin, "/v1/pets/3").await;
    desk.pets.lock().unwrap().get_mut("3").unwrap()["name"] = "Elsewhere".into();
    tokio::time::sleep(Duration::from_secs(31)).await;
    for _ in 0..5 {
        let came = get(&facade, &admin, "/v1/pets/3").await;
        assert!(came.cache.ends_with("detail=stale"), "{came:?}");
        assert_eq!(came.json()["name"], "Pet 3");
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(desk.calls(), 2);
    let came = get(&facade, &admin, "/v1/pets/3").await;
    assert_eq!((came.json()["name"].as_str(), came.cache.contains("stale")), (Some("Elsewhere"), false));
    // That there is none is known for five seconds.
    for _ in 0..3 {
        assert_eq!(get(&facade, &admin, "/v1/pets/99").await.status, 404);
    }
    assert_eq!(desk.calls(), 3);
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(get(&facade, &admin, "/v1/pets/99").await.status, 404);
    assert_eq!(desk.calls(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_is_left_alone_leaves_what_is_old_too() {
    let desk = Desk::new();
    let bounds = "    resilience: { retry: never, breaker: { calls: 4, rest: 1m } }\n";
    let facade = desk.facade_in("cache: { fresh: 30s, stale: 10m }\n", bounds).await;
    let admin = role("admin", "");
    let first = get(&facade, &admin, "/v1/pets/3").await;
    *desk.away.lock().unwrap() = true;
    tokio::time::sleep(Duration::from_secs(31)).await;
    for id in 4..8 {
        assert_eq!(get(&facade, &admin, &format!("/v1/pets/{id}")).await.json()["code"], "F511");
    }
    let calls = desk.calls();
    let refused = get(&facade, &admin, "/v1/pets/9").await;
    assert_eq!((refused.status, refused.json()["code"].as_str()), (500, Some("F531")));
    // A write is refused as well, takes nothing from what is kept, and may be sent again.
    assert_eq!(rename(&facade, &admin, 3, "Nobody").await.json()["code"], "F531");
    for _ in 0..5 {
        let came = get(&facade, &admin, "/v1/pets/3").await;
        assert_eq!((came.status, &came.body), (200, &first.body));
        assert!(came.cache.ends_with("detail=stale"), "{came:?}");
    }
    assert_eq!(desk.calls(), calls, "nobody is called while it rests");
    let report = facade.current().sources.resilience().remove(0);
    assert!(report.refused_open > 0 && report.addresses[0].breaker.name() == "open", "{report:?}");
    *desk.away.lock().unwrap() = false;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(get(&facade, &admin, "/v1/pets/9").await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn reads_are_made_again_and_writes_are_not() {
    let desk = Desk::new();
    let facade = desk.facade("").await;
    let admin = role("admin", "");
    *desk.breaks.lock().unwrap() = 2;
    assert_eq!(get(&facade, &admin, "/v1/pets/3").await.status, 200);
    assert_eq!(desk.calls(), 3);
    // The write reads first; what is lost then is the write.
    *desk.breaks_writes.lock().unwrap() = true;
    assert_eq!(rename(&facade, &admin, 3, "Nobody").await.json()["code"], "F513");
    assert_eq!(desk.calls(), 5);
    let report = facade.current().sources.resilience().remove(0);
    assert_eq!((report.retries, report.under_way), (2, 0));
}
