//! Keys of vendors: looked up once for many, ended, removed, and noted when they are used.

use super::*;
use portico::{
    fault::{Fault, code},
    identity::apikey::{self, Record, Store},
    plan::identity::Tier,
};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::Duration,
};

#[derive(Debug, Default)]
struct Shelf {
    records: Mutex<Vec<Record>>,
    asked: AtomicUsize,
    noted: AtomicUsize,
    away: AtomicBool,
}

#[async_trait::async_trait]
impl Store for Shelf {
    async fn key(&self, id: &str) -> Result<Option<Record>, Fault> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.away.load(Ordering::Relaxed) {
            return Err(Fault::plain(&code::STORE_FAILED));
        }
        Ok(self.records.lock().unwrap().iter().find(|record| *record.id == *id).cloned())
    }

    async fn used(&self, id: &str, now: i64) -> Result<(), Fault> {
        self.noted.fetch_add(1, Ordering::Relaxed);
        for record in self.records.lock().unwrap().iter_mut().filter(|record| *record.id == *id) {
            record.used = Some(now);
        }
        Ok(())
    }
}

fn rig() -> (Rig, Arc<Shelf>, String) {
    let shelf = Arc::new(Shelf::default());
    let fresh = apikey::make().unwrap();
    shelf.records.lock().unwrap().push(Record {
        id: fresh.id.as_str().into(),
        hash: fresh.hash,
        client: "acme".into(),
        roles: vec!["vendor".into()],
        scopes: vec!["pets:read".into(), "pets:write".into()],
        claims: vec![("partner".into(), "9".into())],
        tier: Some("basic".into()),
        made: START - 100,
        expires: Some(START + 100),
        used: None,
    });
    let tier = Tier { name: "basic".into(), title: None, scopes: vec!["*:read".into()] };
    let store: Arc<dyn Store> = shelf.clone();
    let rig = Rig::new(|clock| (Vec::new(), Vec::new(), Some(Keys::new(store, clock, vec![tier]))));
    (rig, shelf, fresh.text)
}

async fn ask(rig: &Rig, key: &str) -> Came {
    rig.ask(get("/v1/pets", &[("x-api-key", key)])).await
}

#[tokio::test]
async fn a_key_is_its_client_within_its_tier() {
    let (rig, shelf, key) = rig();
    let caller = ask(&rig, &key).await.unwrap();
    assert_eq!((caller.client.as_deref(), caller.tier.as_deref()), (Some("acme"), Some("basic")));
    assert_eq!(caller.roles, [Box::<str>::from("vendor")]);
    assert_eq!(caller.claim("partner"), Some("9"));
    assert!(caller.has_scope("pets:read") && !caller.has_scope("pets:write"), "the tier has only what reads");
    for _ in 0..100 {
        ask(&rig, &key).await.unwrap();
    }
    assert!(shelf.asked.load(Ordering::Relaxed) <= 3);
    assert_eq!(shelf.noted.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_is_no_key_is_not_looked_up_and_what_is_removed_goes_within_a_second() {
    let (rig, shelf, key) = rig();
    for other in ["", "ptk_", "x", &key[1..], &format!("{key}x"), &key.to_uppercase()] {
        let refused = ask(&rig, other).await.unwrap_err();
        assert_eq!((refused.code, refused.challenge.as_str()), ("F212", "Bearer"), "{other}");
    }
    assert_eq!(shelf.asked.load(Ordering::Relaxed), 0);
    let stranger = apikey::make().unwrap();
    assert_eq!(ask(&rig, &stranger.text).await.unwrap_err().code, "F212");
    ask(&rig, &key).await.unwrap();
    shelf.records.lock().unwrap().clear();
    tokio::time::sleep(Duration::from_millis(1000)).await;
    assert_eq!(ask(&rig, &key).await.unwrap_err().code, "F212");
}

#[tokio::test]
async fn a_right_id_with_another_secret_is_no_key() {
    let (rig, shelf, key) = rig();
    shelf.records.lock().unwrap()[0].hash = [7; 32];
    assert_eq!(ask(&rig, &key).await.unwrap_err().code, "F212");
}

#[tokio::test]
async fn a_key_ends_and_its_client_may_be_revoked() {
    use portico::identity::revoked::{Kind, Revocation};
    let (rig, _, key) = rig();
    rig.pass(99);
    ask(&rig, &key).await.unwrap();
    rig.pass(1);
    assert_eq!(ask(&rig, &key).await.unwrap_err().code, "F212");
    rig.pass(-50);
    ask(&rig, &key).await.unwrap();
    let client = Revocation { kind: Kind::Client, value: "acme".into(), before: None, expires: START + 500 };
    rig.revoked.revoke(client);
    assert_eq!(ask(&rig, &key).await.unwrap_err().code, "F212");
}

#[tokio::test]
async fn a_ledger_that_is_away_lets_nobody_in() {
    let (rig, shelf, key) = rig();
    shelf.away.store(true, Ordering::Relaxed);
    assert_eq!(ask(&rig, &key).await.unwrap_err().code, "F913");
    shelf.away.store(false, Ordering::Relaxed);
    ask(&rig, &key).await.unwrap();
}
