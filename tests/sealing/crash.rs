//! Sealing keys that are changed while the steps fail: everything opens at any time with the keys that are named, and the
//! next try ends what was begun.

use super::bench::{Bench, ask, customer};
use portico::{
    control::{self, Overrides, reseal, sealing},
    telemetry::failpoint::{Act, set},
};

const PLACES: &[&str] = &["sql.before", "sql.within", "sql.behind"];

#[tokio::test]
async fn sealing_anew_may_fail_anywhere() {
    for place in PLACES {
        let mut bench = Bench::sqlite(&format!("crash-{}", place.replace('.', "-")));
        let facade = bench.facade().await;
        for at in 0..5 {
            customer(&facade, &format!("Ada{at}"), &format!("ada{at}@example.org")).await;
        }
        bench.key("b");
        bench.sealing = "key: { file: b }\n  previous: [{ file: a }]\n  index: { file: index }".into();
        control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
        let point = set(place, "UPDATE customers", Act::Fail, 2);
        let failed = reseal::reseal(&facade.current(), &mut |_: &reseal::Progress<'_>| {}).await;
        drop(point);
        for at in 0..5 {
            let path = format!("/v1/customers?email=ada{at}@example.org");
            let (status, answer) = ask(&facade, "GET", &path, "").await;
            assert_eq!((status, &answer["metadata"]["totalCount"]), (200, &1.into()), "{place}: {answer}");
            assert_eq!(answer["customers"][0]["givenName"], format!("Ada{at}"), "{place}");
        }
        let done = reseal::reseal(&facade.current(), &mut |_: &reseal::Progress<'_>| {}).await.unwrap();
        assert!(failed.is_err() && done.done > 0 && done.broken == 0, "{place}: {failed:?}, then {done:?}");
        bench.sealing = "key: { file: b }\n  index: { file: index }".into();
        control::reload(&facade, &bench.configuration(), &Overrides::default()).await.unwrap();
        let (status, answer) = ask(&facade, "GET", "/v1/customers?limit=100", "").await;
        assert_eq!((status, &answer["metadata"]["totalCount"]), (200, &5.into()), "{place}: {answer}");
    }
}

/// With a ledger, whose own secrets are sealed as well.
fn with_ledger(bench: &mut Bench, keys: &str) {
    let ledger = bench.folder.join("ledger.db");
    bench.sealing =
        format!("{keys}\n  index: {{ file: index }}\nledger: {{ url: \"sqlite:{}\" }}", ledger.display());
}

#[tokio::test]
async fn the_ledgers_own_key_is_wrapped_anew_or_stays_as_it_was() {
    for place in PLACES {
        let mut bench = Bench::sqlite(&format!("crash-own-{}", place.replace('.', "-")));
        with_ledger(&mut bench, "key: { file: a }");
        bench.facade().await;
        bench.key("b");
        with_ledger(&mut bench, "key: { file: b }\n  previous: [{ file: a }]");
        let facade = bench.facade().await;
        let point = set(place, "UPDATE sealing_keys", Act::Fail, 1);
        let failed = sealing::renew(&facade.current()).await;
        drop(point);
        assert!(
            failed.is_err(),
            "{place}: the step has another name now, or there is nothing to wrap: {failed:?}"
        );
        // Whichever of the two stands there opens for a program that begins now: else there is no façade.
        bench.facade().await;
        let renewed = sealing::renew(&facade.current()).await.unwrap();
        assert_eq!(renewed, *place != "sql.behind", "{place}");
        with_ledger(&mut bench, "key: { file: b }");
        bench.facade().await;
    }
}
