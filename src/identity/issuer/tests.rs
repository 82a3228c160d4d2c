use super::*;
use crate::{
    identity::{
        fetch::{Got, Unanswered},
        forge::Key,
    },
    value::time::Moment,
};
use serde_json::json;
use std::sync::{Mutex as Lock, atomic::AtomicUsize};

const START: i64 = 1_795_219_200;

#[derive(Debug)]
struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Moment {
        Moment { seconds: self.0.load(Ordering::Relaxed), nanos: 0 }
    }
}

/// An issuer that answers from memory.
#[derive(Debug)]
struct Fake {
    keys: Lock<Option<Value>>,
    discovery: Lock<Value>,
    asked: AtomicUsize,
    max_age: Lock<Option<Duration>>,
}

#[async_trait::async_trait]
impl Fetch for Fake {
    async fn fetch(&self, ask: Ask) -> Result<Got, Unanswered> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let document = if ask.address.ends_with("/openid-configuration") {
            Some(self.discovery.lock().unwrap().clone())
        } else {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.keys.lock().unwrap().clone()
        };
        let Some(document) = document else { return Err(Unanswered("away".into())) };
        let max_age = *self.max_age.lock().unwrap();
        Ok(Got { status: 200, max_age, body: document.to_string().into_bytes() })
    }
}

fn set(keys: &[&Key]) -> Option<Value> {
    Some(json!({ "keys": keys.iter().map(|key| key.published()).collect::<Vec<_>>() }))
}

fn plan() -> plan::Issuer {
    plan::Issuer {
        name: "company".into(),
        issuer: "https://login.example".into(),
        keys: None,
        audience: vec!["pethub".into()],
        types: vec!["".into()],
        roles: None,
        claims: Vec::new(),
        scopes: None,
        tier: None,
        reach: plan::Reach::Public,
        fresh: Duration::from_secs(400),
        stale: Duration::from_secs(600),
        introspection: None,
    }
}

fn rig(keys: &[&Key]) -> (Arc<Issuer>, Arc<Fake>) {
    let discovery = json!({ "issuer": "https://login.example", "jwks_uri": "https://login.example/keys" });
    let fake = Arc::new(Fake {
        keys: Lock::new(set(keys)),
        discovery: Lock::new(discovery),
        asked: AtomicUsize::new(0),
        max_age: Lock::new(None),
    });
    let clock = Arc::new(Hands(AtomicI64::new(START)));
    let fetch: Arc<dyn Fetch> = fake.clone();
    (Arc::new(Issuer::new(plan(), fetch, clock)), fake)
}

fn asked(fake: &Fake) -> usize {
    fake.asked.load(Ordering::Relaxed)
}

async fn has(issuer: &Arc<Issuer>, key: &Key, now: i64) -> Result<bool, u64> {
    match issuer.keys(Some(&key.kid), Algorithm::named(key.alg()).unwrap(), now).await {
        Ok(_) => Ok(true),
        Err(NoKey::Unknown) => Ok(false),
        Err(NoKey::Away(fault)) => {
            assert_eq!(fault.code.id, "F231");
            Err(fault.retry_after.unwrap().as_secs())
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_fetch_serves_all_who_wait() {
    let key = Key::es256();
    let (issuer, fake) = rig(&[&key]);
    let all = (0..500).map(|_| has(&issuer, &key, START));
    assert!(futures_util::future::join_all(all).await.iter().all(|found| *found == Ok(true)));
    assert_eq!(asked(&fake), 1);
}

#[tokio::test(start_paused = true)]
async fn names_that_nobody_has_heard_of_cause_no_storm() {
    let key = Key::es256();
    let (issuer, fake) = rig(&[&key]);
    let unknown: Vec<Key> = (0..1000).map(|n| Key::ed25519().named(&format!("k{n}"))).collect();
    let all = unknown.iter().map(|other| has(&issuer, other, START));
    assert!(futures_util::future::join_all(all).await.iter().all(|found| *found == Ok(false)));
    assert_eq!(asked(&fake), 1);
    // A key that is new since is found after the pause.
    let new = Key::es256();
    *fake.keys.lock().unwrap() = set(&[&key, &new]);
    assert_eq!(has(&issuer, &new, START + PAUSE - 1).await, Ok(false));
    let all = unknown.iter().map(|other| has(&issuer, other, START + PAUSE));
    futures_util::future::join_all(all).await;
    assert_eq!(asked(&fake), 2);
    assert_eq!(has(&issuer, &new, START + PAUSE).await, Ok(true));
    assert_eq!(asked(&fake), 2);
}

#[tokio::test(start_paused = true)]
async fn a_set_is_renewed_beside_the_requests_and_a_withdrawn_key_goes() {
    let (old, new) = (Key::es256(), Key::ed25519());
    let (issuer, fake) = rig(&[&old]);
    assert_eq!(has(&issuer, &old, START).await, Ok(true));
    assert!(issuer.holds(&old.thumbprint(), START + 299));
    *fake.keys.lock().unwrap() = set(&[&new]);
    assert_eq!(asked(&fake), 1);
    // From three quarters of its life on it is renewed, and nobody waits for that.
    let before = tokio::time::Instant::now();
    assert!(issuer.holds(&old.thumbprint(), START + 300));
    assert_eq!(before.elapsed(), Duration::ZERO);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(asked(&fake), 2);
    assert!(!issuer.holds(&old.thumbprint(), START + 301));
    assert!(issuer.holds(&new.thumbprint(), START + 301));
    assert_eq!(has(&issuer, &old, START + 301).await, Ok(false));
}

#[tokio::test(start_paused = true)]
async fn old_keys_are_used_within_a_bound_while_the_issuer_is_away() {
    let key = Key::es256();
    let (issuer, fake) = rig(&[&key]);
    assert_eq!(has(&issuer, &key, START).await, Ok(true));
    *fake.keys.lock().unwrap() = None;
    // Its life is over: it is asked first, and used on because there is no answer.
    assert!(!issuer.holds(&key.thumbprint(), START + 400));
    assert_eq!(has(&issuer, &key, START + 400).await, Ok(true));
    assert!(issuer.holds(&key.thumbprint(), START + 401));
    assert_eq!(asked(&fake), 2);
    assert_eq!(has(&issuer, &key, START + 999).await, Ok(true));
    // The bound: 400 s of life and 600 s more.
    assert!(!issuer.holds(&key.thumbprint(), START + 1000));
    assert_eq!(has(&issuer, &key, START + 1000).await, Err(9));
    assert_eq!(has(&issuer, &key, START + 1020).await, Err(10));
    assert_eq!(has(&issuer, &key, START + 1025).await, Err(5));
    *fake.keys.lock().unwrap() = set(&[&key]);
    assert_eq!(has(&issuer, &key, START + 1030).await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn a_shorter_life_that_the_issuer_says_counts() {
    let key = Key::es256();
    let (issuer, fake) = rig(&[&key]);
    *fake.max_age.lock().unwrap() = Some(Duration::from_secs(100));
    assert_eq!(has(&issuer, &key, START).await, Ok(true));
    assert_eq!(has(&issuer, &key, START + 100).await, Ok(true));
    assert_eq!(asked(&fake), 2);
    // One second is no life: it would be asked all the time.
    *fake.max_age.lock().unwrap() = Some(Duration::from_secs(1));
    assert_eq!(has(&issuer, &key, START + 200).await, Ok(true));
    assert_eq!(has(&issuer, &key, START + 240).await, Ok(true));
    assert_eq!(asked(&fake), 3);
}

#[tokio::test(start_paused = true)]
async fn the_document_of_somebody_else_is_not_believed() {
    let key = Key::es256();
    for discovery in [
        json!({ "issuer": "https://other.example", "jwks_uri": "https://login.example/keys" }),
        json!({ "issuer": "https://login.example/", "jwks_uri": "https://login.example/keys" }),
        json!({ "issuer": "https://login.example", "jwks_uri": "http://login.example/keys" }),
        json!({ "issuer": "https://login.example" }),
        json!([]),
    ] {
        let (issuer, fake) = rig(&[&key]);
        *fake.discovery.lock().unwrap() = discovery;
        assert_eq!(has(&issuer, &key, START).await, Err(10));
        assert_eq!(asked(&fake), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_key_for_us_is_passed_over() {
    let key = Key::es256();
    let (issuer, fake) = rig(&[]);
    let mut keys = vec![json!({ "kty": "oct", "k": "AAAA", "kid": key.kid }), json!(7), json!({})];
    keys.push(key.published());
    *fake.keys.lock().unwrap() = Some(json!({ "keys": keys }));
    assert_eq!(has(&issuer, &key, START).await, Ok(true));
    // A name with another algorithm is another key; without a name it is the only one of its algorithm.
    assert!(matches!(issuer.keys(Some(&key.kid), Algorithm::EdDsa, START).await, Err(NoKey::Unknown)));
    assert_eq!(issuer.keys(None, Algorithm::Es256, START).await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_asked_first_may_go_away() {
    let key = Key::es256();
    let (issuer, fake) = rig(&[&key]);
    let first = tokio::time::timeout(Duration::from_millis(5), has(&issuer, &key, START));
    assert!(first.await.is_err());
    assert_eq!(has(&issuer, &key, START).await, Ok(true));
    assert_eq!(asked(&fake), 1);
}
