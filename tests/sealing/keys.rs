//! Keys that are changed while requests are answered, keys that are missing, and rows that are plain.

use super::{
    bench::{Bench, ask, customer},
    each_database,
};
use portico::{
    control::{self, Overrides, reseal},
    pipeline::Facade,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

/// How many customers each key seals; `plain` for none.
async fn in_use(facade: &Facade) -> BTreeMap<String, u64> {
    let tables = reseal::in_use(&facade.current()).await.unwrap();
    let customers = tables.into_iter().find(|(table, _)| table == "customers").unwrap().1;
    customers.into_iter().map(|one| (one.id.unwrap_or_else(|| "plain".into()), one.records)).collect()
}

fn id(facade: &Facade) -> String {
    facade.current().sources.keys.find().unwrap().ids().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_changed_without_an_answer_that_fails() {
    each_database("rotate", async |bench| {
        let facade = bench.facade().await;
        for at in 0..450 {
            customer(&facade, &format!("Ada{at}"), &format!("ada{at}@example.org")).await;
        }
        let old = id(&facade);
        // Somebody reads and writes all the time.
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let busy = {
            let (facade, stop, asked) = (Arc::clone(&facade), Arc::clone(&stop), Arc::clone(&asked));
            tokio::task::spawn(async move {
                let mut at = 0;
                while !stop.load(Ordering::Relaxed) {
                    at = (at + 7) % 450;
                    let id = Bench::id(&facade, &format!("ada{at}@example.org")).await;
                    let patch = format!(r#"{{"phone":"+1 555 0100 {at:03}"}}"#);
                    let (status, answer) =
                        ask(&facade, "PATCH", &format!("/v1/customers/{id}"), &patch).await;
                    assert_eq!(status, 200, "{answer}");
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        bench.key("b");
        bench.sealing = "key: { file: b }\n  previous: [{ file: a }]\n  index: { file: index }".into();
        control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
        let new = id(&facade);
        assert_ne!(old, new);
        customer(&facade, "Ida", "ida@example.org").await;
        assert_eq!(in_use(&facade).await, BTreeMap::from([(old.clone(), 450), (new.clone(), 1)]));
        let mut told = Vec::new();
        let done = reseal::reseal(&facade.current(), &mut |p: &reseal::Progress<'_>| told.push(p.done))
            .await
            .unwrap();
        assert_eq!((done.done, done.broken), (450, 0));
        assert!(
            told.len() >= 3 && told.windows(2).all(|pair| pair[0] <= pair[1] || pair[1] == 0),
            "{told:?}"
        );
        assert_eq!(in_use(&facade).await, BTreeMap::from([(new.clone(), 451)]));
        // A second time there is nothing left to do.
        let again = reseal::reseal(&facade.current(), &mut |_: &reseal::Progress<'_>| {}).await.unwrap();
        assert_eq!(again.done, 0);
        // The old key is withdrawn.
        bench.sealing = "key: { file: b }\n  index: { file: index }".into();
        control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        stop.store(true, Ordering::Relaxed);
        busy.await.unwrap();
        assert!(asked.load(Ordering::Relaxed) > 0);
        let fresh = bench.facade().await;
        Bench::id(&fresh, "ada449@example.org").await;
    })
    .await;
}

#[tokio::test]
async fn the_key_of_indexes_is_changed_and_all_is_found_meanwhile() {
    each_database("index", async |bench| {
        let facade = bench.facade().await;
        let ada = customer(&facade, "Ada", "ada@example.org").await;
        bench.key("new-index");
        bench.sealing =
            "key: { file: a }\n  index: { file: new-index }\n  previousIndex: [{ file: index }]".into();
        control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
        assert_eq!(Bench::id(&facade, "ada@example.org").await, ada);
        let ida = customer(&facade, "Ida", "ida@example.org").await;
        let (_, others) = ask(&facade, "GET", "/v1/customers?email.ne=ada@example.org", "").await;
        assert_eq!(others["metadata"]["totalCount"], 1);
        let done = reseal::reseal(&facade.current(), &mut |_: &reseal::Progress<'_>| {}).await.unwrap();
        assert_eq!(done.done, 1);
        bench.sealing = "key: { file: a }\n  index: { file: new-index }".into();
        control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
        assert_eq!(Bench::id(&facade, "ada@example.org").await, ada);
        assert_eq!(Bench::id(&facade, "ida@example.org").await, ida);
    })
    .await;
}

#[tokio::test]
async fn a_missing_key_is_told_at_the_start_with_its_cure() {
    let mut bench = Bench::sqlite("missing");
    let facade = bench.facade().await;
    customer(&facade, "Ada", "ada@example.org").await;
    let old = id(&facade);
    drop(facade);
    let refused = async |bench: &Bench| bench.open().await.unwrap_err().to_string();
    bench.key("b");
    bench.sealing = "key: { file: b }\n  index: { file: index }".into();
    let told = refused(&bench).await;
    assert!(told.contains(&format!("1 records of `customers` are sealed with key `{old}`")), "{told}");
    assert!(told.contains("`sealing.previous`"), "{told}");
    bench.sealing = "key: { file: nowhere }\n  index: { file: index }".into();
    let told = refused(&bench).await;
    assert!(told.contains("nowhere") && told.contains("portico keys new"), "{told}");
    std::fs::write(bench.folder.join("nowhere"), "sesame").unwrap();
    let told = refused(&bench).await;
    assert!(told.contains("32 random bytes") && !told.contains("sesame"), "{told}");
    bench.sealing = "key: { env: PORTICO_NO_SUCH_KEY }\n  index: { file: index }".into();
    assert!(refused(&bench).await.contains("export PORTICO_NO_SUCH_KEY=$(portico keys new)"));
}

#[tokio::test]
async fn plain_rows_are_refused_or_read_and_then_sealed() {
    each_database("plain", async |bench| {
        drop(bench.facade().await);
        let at = bench.time();
        let columns = "id, given_name, family_name, email, street, city, country, status, created_at";
        bench
            .tamper(&[
                &format!(
                    "INSERT INTO customers ({columns}) VALUES \
                     ('66', 'Maria', 'Ortega', 'maria@example.org', '12 Juniper Street', 'Seattle', 'US', 'active', {at}), \
                     ('67', 'Nadia', 'Ortega', 'nadia@example.org', NULL, NULL, NULL, 'active', {at}), \
                     ('68', 'Olga', 'Ortega', 'olga@example.org', NULL, NULL, NULL, 'active', {at})"
                ),
                "INSERT INTO emergency_contacts (customer_id, position, name, phone) VALUES \
                 ('66', 0, 'Zoraida', '+1 555 0101 111'), ('66', 1, 'Yolanda', '+1 555 0101 222')",
            ])
            .await;
        let facade = bench.facade().await;
        let (status, answer) = ask(&facade, "GET", "/v1/customers/66", "").await;
        assert_eq!((status, &answer["code"]), (500, &"F614".into()));
        // While they are sealed they are read as they are, and a write seals the whole record.
        bench.mapping = Some(("{ key: c.data_key }", "{ key: c.data_key, plain: read }"));
        control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
        let (status, maria) = ask(&facade, "GET", "/v1/customers/66", "").await;
        assert_eq!((status, &maria["email"]), (200, &"maria@example.org".into()));
        let (status, olga) = ask(&facade, "PATCH", "/v1/customers/68", r#"{"phone":"+1 555 0100 199"}"#).await;
        assert_eq!((status, &olga["email"]), (200, &"olga@example.org".into()), "{olga}");
        assert_eq!(in_use(&facade).await, BTreeMap::from([("plain".into(), 2), (id(&facade), 1)]));
        let done = reseal::reseal(&facade.current(), &mut |_: &reseal::Progress<'_>| {}).await.unwrap();
        assert_eq!((done.done, done.broken), (2, 0));
        // From now on nothing plain is taken.
        bench.mapping = None;
        control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
        assert_eq!(ask(&facade, "GET", "/v1/customers/66", "").await.1, maria);
        assert_eq!(Bench::id(&facade, "maria@example.org").await, "66");
        assert_eq!(Bench::id(&facade, "olga@example.org").await, "68");
        assert_eq!(in_use(&facade).await, BTreeMap::from([(id(&facade), 3)]));
        drop(facade);
        if bench.is_sqlite() {
            bench.tamper(&["SELECT 1"]).await;
            let pool = portico::backend::sql::pool::Pool::open(
                &bench.url,
                std::path::Path::new("/"),
                1,
                std::time::Duration::from_secs(20),
            );
            let portico::backend::sql::pool::Pool::Sqlite(pool) = pool.await.unwrap() else { panic!() };
            sqlx::raw_sql("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").execute(&pool).await.unwrap();
            let bytes = bench.bytes();
            let text = String::from_utf8_lossy(&bytes);
            for plain in ["maria@example", "Juniper", "Zoraida", "555 01"] {
                assert!(!text.contains(plain), "`{plain}` lies open");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_record_that_does_not_open_does_not_keep_the_others_from_a_new_key() {
    let mut bench = Bench::sqlite("broken");
    let facade = bench.facade().await;
    let ada = customer(&facade, "Ada", "ada@example.org").await;
    customer(&facade, "Ida", "ida@example.org").await;
    let old = id(&facade);
    let broken = format!("UPDATE customers SET data_key = SUBSTR(data_key, 1, 40) WHERE id = '{ada}'");
    bench.tamper(&[&broken]).await;
    bench.key("b");
    bench.sealing = "key: { file: b }\n  previous: [{ file: a }]\n  index: { file: index }".into();
    control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
    let done = reseal::reseal(&facade.current(), &mut |_: &reseal::Progress<'_>| {}).await.unwrap();
    assert_eq!((done.done, done.broken), (1, 1));
    assert_eq!(in_use(&facade).await, BTreeMap::from([(old, 1), (id(&facade), 1)]));
}
