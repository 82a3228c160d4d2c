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
