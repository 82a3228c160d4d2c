//! Tokens that are bound to a key: what a proof has to be (RFC 9449), and what it is bound to.

use super::rig::{CHALLENGE, ISSUER, Rig, basic, form, headed, payload};
use portico::{
    identity::{
        jws::Algorithm,
        keys::{Key, Life},
    },
    oauth::client::{CREDENTIALS, REFRESH},
};
use serde_json::json;

fn key(algorithm: Algorithm) -> Key {
    Key::generate(algorithm, Life::from(0)).unwrap().0
}

#[tokio::test]
async fn a_proof_binds_tokens_to_its_key() {
    let rig = Rig::new().await;
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let key = key(algorithm);
        let proof = rig.proof(&key, "POST", "/oauth/token", &json!({}));
        let auth = basic("bound", "bound-secret");
        let answer = rig
            .post(
                "/oauth/token",
                &[("authorization", &auth), ("dpop", &proof)],
                &form(&[("grant_type", CREDENTIALS)]),
            )
            .await;
        let issued = answer.ok();
        assert_eq!(issued["token_type"], "DPoP");
        assert_eq!(
            payload(issued["access_token"].as_str().unwrap())["cnf"]["jkt"],
            key.public().thumbprint()
        );
    }
}

#[tokio::test]
async fn a_public_clients_refresh_token_needs_the_same_key() {
    let rig = Rig::new().await;
    let (own, thief) = (key(Algorithm::Es256), key(Algorithm::Es256));
    let code = rig.code("app").await;
    let mut body = Rig::exchange(&code);
    body[2].1 = "http://127.0.0.1:5100/cb";
    body.push(("client_id", "app"));
    let proof = |key: &Key| rig.proof(key, "POST", "/oauth/token", &json!({}));
    let issued = rig.post("/oauth/token", &[("dpop", &proof(&own))], &form(&body)).await.ok();
    let token = issued["refresh_token"].as_str().unwrap();
    let body = form(&[("grant_type", REFRESH), ("client_id", "app"), ("refresh_token", token)]);
    assert_eq!(rig.post("/oauth/token", &[], &body).await.error(), "invalid_dpop_proof");
    assert_eq!(
        rig.post("/oauth/token", &[("dpop", &proof(&thief))], &body).await.error(),
        "invalid_dpop_proof"
    );
    let renewed = rig.post("/oauth/token", &[("dpop", &proof(&own))], &body).await.ok();
    // And so does the next one.
    let token = renewed["refresh_token"].as_str().unwrap();
    let body = form(&[("grant_type", REFRESH), ("client_id", "app"), ("refresh_token", token)]);
    assert_eq!(rig.post("/oauth/token", &[], &body).await.error(), "invalid_dpop_proof");
    // Who someone is, is asked with a proof for this very token.
    let access = renewed["access_token"].as_str().unwrap();
    let ask = async |scheme: &str, more: serde_json::Value| {
        let proof = rig.proof(&own, "GET", "/oauth/userinfo", &more);
        let auth = format!("{scheme} {access}");
        rig.ask("GET", "/oauth/userinfo", &[("authorization", &auth), ("dpop", &proof)], "").await.status
    };
    assert_eq!(ask("DPoP", json!({ "ath": super::rig::hashed(access) })).await, 200);
    assert_eq!(ask("Bearer", json!({ "ath": super::rig::hashed(access) })).await, 401);
    assert_ne!(ask("DPoP", json!({ "ath": super::rig::hashed("other") })).await, 200);
    assert_ne!(ask("DPoP", json!({})).await, 200);
}

#[tokio::test]
async fn a_code_may_be_bound_to_a_key_before_it_is_given() {
    let rig = Rig::new().await;
    let (own, thief) = (key(Algorithm::Es256), key(Algorithm::Es256));
    let mut query = Rig::asked("web");
    let jkt = own.public().thumbprint();
    query.push(("dpop_jkt", &jkt));
    let code = rig.allow(&form(&query)).await.sent("code").unwrap();
    let body = form(&Rig::exchange(&code));
    let auth = basic("web", "web-secret");
    let ask = async |key: Option<&Key>| {
        let proof = key.map(|key| rig.proof(key, "POST", "/oauth/token", &json!({}))).unwrap_or_default();
        let mut headers = vec![("authorization", auth.as_str())];
        headers.extend(key.map(|_| ("dpop", proof.as_str())));
        rig.post("/oauth/token", &headers, &body).await
    };
    assert_eq!(ask(None).await.error(), "invalid_dpop_proof");
    assert_eq!(ask(Some(&thief)).await.error(), "invalid_dpop_proof");
    ask(Some(&own)).await.ok();
    assert_eq!(CHALLENGE.len(), 43);
}

#[tokio::test]
async fn a_proof_that_is_not_for_this_request_is_none() {
    let rig = Rig::new().await;
    let own = key(Algorithm::Es256);
    let ed = key(Algorithm::EdDsa);
    let path = "/oauth/token";
    let now = rig.now();
    let good = rig.proof(&own, "POST", path, &json!({}));
    let with = |header: serde_json::Value| headed(&own, &rig.proof(&own, "POST", path, &json!({})), &header);
    let jwk = own.public().jwk();
    let mut private = jwk.clone();
    private["d"] = "AAAA".into();
    let vectors = [
        ("another method", rig.proof(&own, "GET", path, &json!({}))),
        ("another address", rig.proof(&own, "POST", "/oauth/par", &json!({}))),
        (
            "another host",
            rig.proof(&own, "POST", path, &json!({ "htu": "https://evil.example/oauth/token" })),
        ),
        (
            "another scheme",
            rig.proof(&own, "POST", path, &json!({ "htu": "http://api.example.org/oauth/token" })),
        ),
        ("old", rig.proof(&own, "POST", path, &json!({ "iat": now - 600 }))),
        ("of the future", rig.proof(&own, "POST", path, &json!({ "iat": now + 600 }))),
        ("without time", rig.proof(&own, "POST", path, &json!({ "iat": null }))),
        ("without jti", rig.proof(&own, "POST", path, &json!({ "jti": null }))),
        ("with an empty jti", rig.proof(&own, "POST", path, &json!({ "jti": "" }))),
        ("without method", rig.proof(&own, "POST", path, &json!({ "htm": null }))),
        ("of another type", with(json!({ "alg": "ES256", "typ": "JWT", "jwk": jwk }))),
        ("without type", with(json!({ "alg": "ES256", "jwk": jwk }))),
        ("without key", with(json!({ "alg": "ES256", "typ": "dpop+jwt" }))),
        ("with a private key", with(json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": private }))),
        (
            "with another's key",
            with(json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": key(Algorithm::Es256).public().jwk() })),
        ),
        ("with another algorithm", with(json!({ "alg": "EdDSA", "typ": "dpop+jwt", "jwk": jwk }))),
        (
            "with another kind of key",
            with(json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": ed.public().jwk() })),
        ),
        ("unsigned", with(json!({ "alg": "none", "typ": "dpop+jwt", "jwk": jwk }))),
        (
            "by a shared secret",
            with(json!({ "alg": "HS256", "typ": "dpop+jwt", "jwk": { "kty": "oct", "k": "AAAA" } })),
        ),
        (
            "with a key by reference",
            with(json!({ "alg": "ES256", "typ": "dpop+jwt", "jwk": jwk, "jku": "https://evil.example" })),
        ),
        ("no proof", "x".to_owned()),
        ("cut off", good[..good.len() - 8].to_owned()),
    ];
    let auth = basic("bound", "bound-secret");
    let body = form(&[("grant_type", CREDENTIALS)]);
    for (name, proof) in &vectors {
        let answer = rig.post(path, &[("authorization", &auth), ("dpop", proof)], &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_dpop_proof"), "{name}");
    }
    for headers in [vec![], vec![("dpop", good.as_str()), ("dpop", good.as_str())]] {
        let headers = [vec![("authorization", auth.as_str())], headers].concat();
        assert_eq!(rig.post(path, &headers, &body).await.error(), "invalid_dpop_proof");
    }
    // Once, and not again.
    let twice = [("authorization", auth.as_str()), ("dpop", good.as_str())];
    rig.post(path, &twice, &body).await.ok();
    assert_eq!(rig.post(path, &twice, &body).await.error(), "invalid_dpop_proof");
    assert!(ISSUER.starts_with("https"));
}
