//! Rates, requests at once and quotas on the road, with paused time: what is allowed, what is refused and for how long, and
//! what the headers say.

use super::{Hands, Heard, Question, ask, client, get, received, shelter};
use async_trait::async_trait;
use portico::{
    backend::http::Outgoing,
    fault::Fault,
    idempotency::Memory,
    identity::Caller,
    limits::{Door, Limits, Meter, Use, Uses},
    pipeline::Facade,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

const CONFIG: &str = "config/base.yaml";
const API: &str = "mappings/rescue/v1/api.yaml";

async fn facade(config: &str, api: &str) -> Facade {
    let config = format!("+{config}\n");
    let api = format!("+{api}\n");
    let files = [(CONFIG, config.as_str()), (API, api.as_str())];
    let system = |_: Outgoing| async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok(received(200, "[]"))
    };
    shelter(&files, Hands::new(), Arc::new(Memory::default()), system).await
}

fn of(caller: &Arc<Caller>) -> Question {
    Question { caller: Some(Arc::clone(caller)), ..get("/v1/pets") }
}

fn told(heard: &Heard) -> (u16, String, Option<&str>, Option<&str>) {
    (heard.status, heard.code(), heard.header("ratelimit"), heard.header("retry-after"))
}

#[tokio::test(start_paused = true)]
async fn a_client_gets_what_it_may_and_then_is_told_to_wait() {
    let facade = facade("", "rate: { perClient: 60/m, perSubject: 1000/m }").await;
    let ada = client("ada");
    let first = ask(&facade, &of(&ada)).await;
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.header("ratelimit-policy"), Some("\"rescue/v1-client\";q=60;w=60"));
    assert_eq!(first.header("ratelimit"), Some("\"rescue/v1-client\";r=59;t=1"));
    // A minute's worth may come at once, and what becomes free meanwhile.
    let mut good = 1;
    let refused = loop {
        let heard = ask(&facade, &of(&ada)).await;
        if heard.status != 200 {
            break heard;
        }
        good += 1;
    };
    assert_eq!(good, 60);
    assert_eq!(told(&refused), (429, "F311".into(), Some("\"rescue/v1-client\";r=0;t=1"), Some("1")));
    // Another client is another count.
    assert_eq!(ask(&facade, &of(&client("bea"))).await.status, 200);
    // Who waits as long as it is told is let in.
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(ask(&facade, &of(&ada)).await.status, 200);
    assert_eq!(ask(&facade, &of(&ada)).await.status, 429);
    // The operator is held to nothing, and nobody is told of limits that do not apply.
    let operator = ask(&facade, &of(&Caller::operator())).await;
    assert_eq!((operator.status, operator.header("ratelimit")), (200, None));
}

#[tokio::test(start_paused = true)]
async fn an_address_is_counted_before_who_asks_is_known_and_of_ipv6_the_network() {
    let facade = facade("rates: { all: { perAddress: { rate: 60/m, burst: 2 } } }", "").await;
    let from = |address| Question { address: Some(address), ..get("/v1/pets") };
    for (address, status) in [
        ("2001:db8::1", 200),
        ("2001:db8::2", 200),
        ("2001:db8::3", 429),
        ("2001:db8:0:1::1", 200),
        ("192.0.2.1", 200),
        ("::ffff:192.0.2.1", 200),
        ("192.0.2.1", 429),
    ] {
        let heard = ask(&facade, &from(address)).await;
        assert_eq!(heard.status, status, "{address}");
        assert_eq!(heard.header("ratelimit-policy"), Some("\"all-address\";q=60;w=60"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_tier_takes_the_place_of_what_an_api_says() {
    let config = r#"ledger: { url: "sqlite::memory:" }
identity: { tiers: { gold: { scopes: ["*:read"], rate: { perClient: 5/m } }, basic: { scopes: ["*:read"] } } }"#;
    let facade = facade(config, "rate: { perClient: 2/m }").await;
    for (tier, most) in [(Some("gold"), 5), (Some("basic"), 2), (None, 2)] {
        let caller = Caller {
            tier: tier.map(Into::into),
            client: Some(format!("{tier:?}").into()),
            ..Caller::default()
        };
        let caller = Arc::new(caller);
        for number in 0..=most {
            assert_eq!(ask(&facade, &of(&caller)).await.status == 200, number < most, "{tier:?} {number}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn costs_and_operations_have_limits_of_their_own() {
    let facade = facade("", "rate: { perClient: 10/m, costs: { list: 4 }, operations: { read: 3/m } }").await;
    let ada = client("ada");
    assert_eq!(ask(&facade, &of(&ada)).await.header("ratelimit"), Some("\"rescue/v1-client\";r=6;t=24"));
    assert_eq!(ask(&facade, &of(&ada)).await.status, 200);
    assert_eq!(ask(&facade, &of(&ada)).await.status, 429, "three lists cost twelve");
    let read = Question { caller: Some(client("bea")), ..get("/v1/pets/1") };
    for number in 0..4 {
        let heard = ask(&facade, &read).await;
        assert_eq!(heard.status == 429, number == 3, "{heard:?}");
        assert!(heard.header("ratelimit").unwrap().contains("\"rescue/v1-read\""), "{heard:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_so_many_are_under_way_at_once_and_seats_are_left() {
    let facade = facade("", "rate: { atOnce: 3 }").await;
    let ada = client("ada");
    for _ in 0..3 {
        let all =
            futures_util::future::join_all((0..5).map(|_| async { ask(&facade, &of(&ada)).await })).await;
        let good = all.iter().filter(|heard| heard.status == 200).count();
        assert_eq!(good, 3);
        let refused = all.iter().find(|heard| heard.status != 200).unwrap();
        let at_once = "\"rescue/v1-at-once\";r=0";
        assert_eq!(told(refused), (429, "F312".into(), Some(at_once), Some("1")));
        let policy = "\"rescue/v1-at-once\";q=3;qu=\"concurrent-requests\"";
        assert_eq!(refused.header("ratelimit-policy"), Some(policy));
    }
    // Who is cut off leaves its seat, too.
    for _ in 0..5 {
        let question = of(&ada);
        let cut = tokio::time::timeout(Duration::from_millis(1), ask(&facade, &question)).await;
        assert!(cut.is_err());
    }
    assert_eq!(ask(&facade, &of(&ada)).await.status, 200);
}

/// What programs that share a ledger used.
#[derive(Debug, Default)]
struct Book(Mutex<BTreeMap<(String, String, String), u64>>);

#[async_trait]
impl Uses for Book {
    async fn used(&self, policy: &str, principal: &str, period: &str) -> Result<u64, Fault> {
        let key = (policy.to_owned(), principal.to_owned(), period.to_owned());
        Ok(self.0.lock().unwrap().get(&key).copied().unwrap_or_default())
    }

    async fn add(&self, uses: &[Use]) -> Result<(), Fault> {
        for one in uses {
            let key = (one.policy.clone(), one.principal.clone(), one.period.clone());
            *self.0.lock().unwrap().entry(key).or_default() += one.used;
        }
        Ok(())
    }

    async fn sweep_uses(&self, before: &str) -> Result<(), Fault> {
        self.0.lock().unwrap().retain(|(.., period), _| period.as_str() >= before);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_quota_outlasts_the_program_and_begins_anew_with_the_day() {
    let (book, hands) = (Arc::new(Book::default()), Hands::new());
    let limits = |book: &Arc<Book>| {
        let uses = Arc::clone(book) as Arc<dyn Uses>;
        Arc::new(Limits::new(Arc::clone(&hands) as _).with_quotas(Some(uses)))
    };
    let first = facade("", "rate: { quota: 5/day }").await.with_limits(limits(&book));
    let ada = client("ada");
    for left in [4, 3, 2] {
        let heard = ask(&first, &of(&ada)).await;
        assert_eq!(heard.header("ratelimit"), Some(format!("\"rescue/v1-quota\";r={left};t=43200").as_str()));
        assert_eq!(heard.header("ratelimit-policy"), Some("\"rescue/v1-quota\";q=5;w=86400"));
    }
    first.limits().quotas().flush().await;
    let second = facade("", "rate: { quota: 5/day }").await.with_limits(limits(&book));
    assert_eq!(ask(&second, &of(&ada)).await.status, 200);
    assert_eq!(ask(&second, &of(&ada)).await.status, 200);
    let refused = ask(&second, &of(&ada)).await;
    assert_eq!(
        (refused.status, refused.code(), refused.header("retry-after")),
        (429, "F313".into(), Some("43200"))
    );
    // The first learns of it when it adds its own.
    second.limits().quotas().flush().await;
    assert_eq!(ask(&first, &of(&ada)).await.status, 200);
    first.limits().quotas().flush().await;
    assert_eq!(ask(&first, &of(&ada)).await.status, 429);
    hands.forward(43_200);
    assert_eq!(ask(&first, &of(&ada)).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn entrances_are_narrow_without_a_word_and_by_name_from_anywhere() {
    let facade = facade("", "").await;
    let instance = facade.current();
    let rates = &instance.plan.rates;
    let limits = facade.limits();
    let mut good = 0;
    for number in 0..20 {
        let address = format!("192.0.2.{number}").parse().ok();
        let mut meter = Meter::default();
        let tried = limits.door(rates, Door::Login, address, Some("Ada@example.org"), &mut meter).await;
        good += usize::from(tried.is_ok());
        assert!(meter.headers().is_some());
    }
    assert_eq!(good, 10, "ten a minute for a name, from whatever address");
    let address = "192.0.2.77".parse().ok();
    let mut good = 0;
    for number in 0..50 {
        let name = format!("name{number}");
        let tried = limits.door(rates, Door::Login, address, Some(&name), &mut Meter::default()).await;
        good += usize::from(tried.is_ok());
    }
    assert_eq!(good, 30, "thirty a minute for an address, whatever is tried");
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_clients_does_not_make_the_memory_grow() {
    let facade = facade("rates: { keys: 1000, all: { perClient: 10/m } }", "").await;
    for number in 0..5_000 {
        assert_eq!(ask(&facade, &of(&client(&number.to_string()))).await.status, 200);
    }
    let kept: BTreeMap<String, usize> = facade.limits().kept().into_iter().collect();
    assert!(kept["all-client"] <= 1_024, "{kept:?}");
    tokio::time::advance(Duration::from_mins(2)).await;
    facade.limits().sweep();
    assert_eq!(facade.limits().kept().into_iter().map(|(_, kept)| kept).sum::<usize>(), 0);
}
