//! Answers that are given again without the road: only where nobody in particular asked for one kept thing that all may
//! see, and not longer than the road would give them.

use super::desk::Desk;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request};
use http_body_util::Full;
use portico::{
    cache::Purge,
    pipeline::{
        Facade,
        standing::{Standing, VARYING},
    },
};
use std::{borrow::Cow, net::IpAddr, sync::Arc, time::Duration};
use tokio::time::Instant;

const KEPT: &str = "cache: { fresh: 1m, stale: 1h, negative: 5s }\n";

/// What the road answers, and whether it stands.
async fn asked(facade: &Facade, request: http::request::Builder) -> (HeaderMap, Option<Standing>) {
    let request = request.body(Full::new(Bytes::new())).unwrap();
    let (mut head, _) = facade.answer(request, Instant::now() + Duration::from_mins(1)).await.into_parts();
    let standing = head.extensions.remove::<Standing>();
    (head.headers, standing)
}

async fn get(facade: &Facade, target: &str) -> (HeaderMap, Option<Standing>) {
    asked(facade, Request::get(target)).await
}

/// The second answer, which stands.
async fn standing(facade: &Facade, target: &str) -> Standing {
    assert!(get(facade, target).await.1.is_none(), "what was just asked is not kept yet");
    get(facade, target).await.1.expect("it stands")
}

fn varying(headers: &HeaderMap) -> Vec<(&HeaderName, &str)> {
    let known = VARYING.iter().filter_map(|name| Some((name, headers.get(name)?.to_str().unwrap())));
    known.collect()
}

fn said<'a>(lines: &'a [(HeaderName, Cow<'static, str>)]) -> Vec<(&'a HeaderName, &'a str)> {
    let mut said: Vec<_> = lines.iter().map(|(name, value)| (name, &**value)).collect();
    said.sort_by_key(|(name, _)| VARYING.iter().position(|known| known == *name));
    said
}

#[tokio::test(start_paused = true)]
async fn what_is_given_again_is_what_the_road_gives() {
    let desk = Desk::new();
    let facade = desk.public(KEPT, "rates: { all: { perAddress: 1000/m } }\n").await;
    let address: IpAddr = [203, 0, 113, 7].into();
    for target in ["/v1/pets?limit=3", "/v1/pets/7", "/v1/pets?name=Pet%205&fields=name"] {
        let standing = standing(&facade, target).await;
        for pause in [0, 1, 20, 38] {
            tokio::time::advance(Duration::from_secs(pause)).await;
            let again = standing.again(&facade, None).expect("it stands");
            assert_eq!(said(&again), varying(&get(&facade, target).await.0), "{target}");
        }
        // An address is counted, and told so.
        let again = standing.again(&facade, Some(address)).expect("it stands");
        let limit = again.iter().find(|(name, _)| name == "ratelimit").expect("a limit");
        assert!(limit.1.contains(";r=99"), "{limit:?}");
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(standing.again(&facade, None).is_none(), "{target} is old");
    }
    assert_eq!(desk.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn it_ends_with_a_write_a_purge_and_another_plan() {
    let desk = Desk::new();
    let facade = desk.public(KEPT, "").await;
    let tag: Arc<str> = facade.current().plan.resources[0].caching.tag.clone();
    let one = standing(&facade, "/v1/pets/7").await;
    facade.cache().written(&tag, true);
    assert!(one.again(&facade, None).is_none(), "written");
    assert!(get(&facade, "/v1/pets/7").await.1.is_none());
    let one = get(&facade, "/v1/pets/7").await.1.expect("it stands");
    facade.cache().purge(&Purge::Record(tag.to_string(), "7".into())).await;
    assert!(one.again(&facade, None).is_none(), "purged");
    assert!(get(&facade, "/v1/pets/7").await.1.is_none());
    let one = get(&facade, "/v1/pets/7").await.1.expect("it stands");
    // What was purged and asked anew is another answer, though it looks the same.
    facade.cache().purge(&Purge::All).await;
    assert!(get(&facade, "/v1/pets/7").await.1.is_none());
    assert!(one.again(&facade, None).is_none(), "asked anew");
    let one = get(&facade, "/v1/pets/7").await.1.expect("it stands");
    facade.exchange(desk.instance("cache: { fresh: 1m, stale: 1h }\n", "").await);
    assert!(one.again(&facade, None).is_none(), "another plan");
}

#[tokio::test(start_paused = true)]
async fn limits_hold_for_it() {
    let desk = Desk::new();
    let facade = desk.public(KEPT, "rates: { all: { perAddress: { rate: 1/m, burst: 5 } } }\n").await;
    let standing = standing(&facade, "/v1/pets").await;
    let address: IpAddr = [203, 0, 113, 7].into();
    let given = (0..20).filter(|_| standing.again(&facade, Some(address)).is_some()).count();
    assert_eq!(given, 5);
    assert!(standing.again(&facade, Some([203, 0, 113, 8].into())).is_some(), "another address");
    assert_eq!(facade.gate().under_way(), 0);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_somebody_or_asks_for_more_has_nothing_that_stands() {
    let desk = Desk::new();
    let facade = desk.public(KEPT, "").await;
    standing(&facade, "/v1/pets").await;
    let tag = get(&facade, "/v1/pets").await.0["etag"].to_str().unwrap().to_owned();
    for request in [
        Request::head("/v1/pets"),
        Request::get("/v1/pets").header("if-none-match", &tag),
        Request::get("/v1/pets/99"),
        Request::get("/v1/pets/99"),
        Request::get("/v1/nothing"),
        // A refusal that is shown as a success, of a record that is known not to be there.
        Request::get("/v1/pets/99?suppress_response_codes=true"),
        Request::get("/v1/pets/99?suppress_response_codes=true"),
    ] {
        let shown = format!("{request:?}");
        assert!(asked(&facade, request).await.1.is_none(), "{shown}");
    }
    // Rights of its own: the same bytes need not be the same answer.
    let facade = desk.facade(KEPT).await;
    for caller in [super::desk::role("admin", ""), super::desk::role("owner", "owner:3")] {
        for _ in 0..3 {
            let request = Request::get("/v1/pets/3").body(Full::new(Bytes::new())).unwrap();
            let until = Instant::now() + Duration::from_mins(1);
            let answer = facade.answer_as(Arc::clone(&caller), request, until).await;
            assert!(answer.status().is_success() && answer.extensions().get::<Standing>().is_none());
        }
    }
    // Somebody, though all may see it.
    let facade = desk.public(KEPT, "").await;
    for _ in 0..3 {
        let request = Request::get("/v1/pets/3").body(Full::new(Bytes::new())).unwrap();
        let until = Instant::now() + Duration::from_mins(1);
        let answer = facade.answer_as(super::desk::role("admin", ""), request, until).await;
        assert!(answer.status().is_success() && answer.extensions().get::<Standing>().is_none());
    }
    // Nothing is kept, or requests are followed.
    for (cache, more) in [("", ""), (KEPT, "telemetry: { traces: { share: 1 } }\n")] {
        let facade = desk.public(cache, more).await;
        for _ in 0..3 {
            assert!(get(&facade, "/v1/pets").await.1.is_none(), "{cache} {more}");
        }
    }
}
