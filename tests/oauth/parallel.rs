//! What is used once is used once, by however many at a time, and also behind a restart.

use super::rig::{Rig, form};
use portico::oauth::client::REFRESH;
use std::sync::Arc;

/// Tokens that are tried: all behind `PORTICO_PROVE=1`.
fn tokens() -> usize {
    if std::env::var_os("PORTICO_PROVE").is_some() { 1000 } else { 100 }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_uses_of_a_refresh_token_one_succeeds() {
    let rig = Arc::new(Rig::new().await);
    for _ in 0..tokens() {
        let issued = rig.tokens("web").await;
        let token = issued["refresh_token"].as_str().unwrap().to_owned();
        let mut uses = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (rig, token) = (Arc::clone(&rig), token.clone());
            uses.spawn(async move { rig.refresh("web", &token).await });
        }
        let answers = uses.join_all().await;
        let good: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(good.len(), 1);
        for bad in answers.iter().filter(|answer| answer.status != 200) {
            assert_eq!((bad.status, bad.error().as_str()), (400, "invalid_grant"), "{}", bad.text);
        }
        // The others were reuses: the whole grant is revoked, the winner's tokens with it.
        assert!(!rig.is_active(good[0].json()["access_token"].as_str().unwrap()).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_uses_of_a_code_one_succeeds() {
    let rig = Arc::new(Rig::new().await);
    for _ in 0..10 {
        let code = rig.code("web").await;
        let mut uses = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (rig, code) = (Arc::clone(&rig), code.clone());
            uses.spawn(async move {
                rig.as_client("web", "/oauth/token", &form(&Rig::exchange(&code))).await.status
            });
        }
        assert_eq!(uses.join_all().await.iter().filter(|status| **status == 200).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_uses_of_an_assertion_one_succeeds() {
    let rig = Arc::new(Rig::new().await);
    let assertion = rig.key.sign("JWT", &rig.assertion()).unwrap();
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let body = form(&[
        ("grant_type", "client_credentials"),
        ("client_assertion", &assertion),
        ("client_assertion_type", kind),
    ]);
    let mut uses = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (rig, body) = (Arc::clone(&rig), body.clone());
        uses.spawn(async move { rig.post("/oauth/token", &[], &body).await.status });
    }
    assert_eq!(uses.join_all().await.iter().filter(|status| **status == 200).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_program_over_the_same_ledger_takes_no_replay() {
    let rig = Rig::new().await;
    let code = rig.code("web").await;
    let issued = rig.as_client("web", "/oauth/token", &form(&Rig::exchange(&code))).await.ok();
    let refresh = issued["refresh_token"].as_str().unwrap();
    let again = rig.again().await;
    // Its keys prove what the first one's signed.
    assert!(again.is_active(issued["access_token"].as_str().unwrap()).await);
    let renewed = again.refresh("web", refresh).await.ok();
    let body = form(&[("grant_type", REFRESH), ("refresh_token", refresh)]);
    assert_eq!(rig.as_client("web", "/oauth/token", &body).await.error(), "invalid_grant");
    let last = renewed["refresh_token"].as_str().unwrap();
    assert_eq!(again.refresh("web", last).await.error(), "invalid_grant");
    let code = rig.as_client("web", "/oauth/token", &form(&Rig::exchange(&code))).await;
    assert_eq!(code.error(), "invalid_grant");
}
