use super::*;
use crate::identity::{
    jws,
    keys::{Key, Life},
};
use serde_json::{Value, json};
use std::sync::Arc;

const ISSUER: &str = "https://api.example.org";

fn token() -> AccessToken {
    AccessToken {
        iss: ISSUER.into(),
        sub: "a_1".into(),
        aud: Audience::One(ISSUER.into()),
        client_id: "c_1".into(),
        iat: 100,
        exp: 1000,
        jti: "j".into(),
        scope: Some("pets:read services:read".into()),
        roles: vec!["owner".into()],
        claims: [("customer".to_owned(), "66".to_owned())].into(),
        grant: Some("g_1".into()),
        tier: None,
        cnf: None,
        auth_time: Some(99),
    }
}

fn ring() -> (Ring, Arc<Key>) {
    let key = Arc::new(Key::generate(Algorithm::Es256, Life::from(0)).unwrap().0);
    let ring = Ring::new();
    ring.set(vec![Arc::clone(&key)]);
    (ring, key)
}

#[test]
fn a_token_is_read_as_it_was_signed() {
    let (ring, key) = ring();
    let text = sign(&ring, &token(), 100).unwrap();
    assert_eq!(read(&ring, &text, 100).unwrap(), (token(), key.kid.clone()));
    assert!(!format!("{:?}", token()).contains("66"));
}

#[test]
fn a_token_counts_in_its_time_for_its_issuer_and_audience() {
    let check = |change: fn(&mut AccessToken), now: i64, expected: Result<(), Why>| {
        let mut token = token();
        change(&mut token);
        assert_eq!(token.judge(ISSUER, &[ISSUER, "https://api.example.org/v1"], now), expected);
    };
    check(|_| {}, 100, Ok(()));
    check(|_| {}, 999, Ok(()));
    check(|_| {}, 1000, Err(Why::Expired));
    check(|_| {}, 95, Ok(()));
    check(|_| {}, 94, Err(Why::Early));
    check(|token| token.iss = "https://other".into(), 100, Err(Why::Issuer));
    check(|token| token.iss = format!("{ISSUER}/"), 100, Err(Why::Issuer));
    check(|token| token.aud = Audience::One("c_1".into()), 100, Err(Why::Audience));
    check(|token| token.aud = Audience::Several(Vec::new()), 100, Err(Why::Audience));
    let both =
        |token: &mut AccessToken| token.aud = Audience::Several(vec!["x".into(), format!("{ISSUER}/v1")]);
    check(both, 100, Ok(()));
}

/// A text with a header and claims of the test's choosing, signed by a key.
fn forged(key: &Key, header: &Value, claims: &Value) -> String {
    let text = key.sign("at+jwt", claims).unwrap();
    let (_, rest) = text.split_once('.').unwrap();
    format!("{}.{rest}", jws::encode(header.to_string().as_bytes()))
}

#[test]
fn a_header_chooses_neither_algorithm_nor_key() {
    let (ring, key) = ring();
    let claims = serde_json::to_value(token()).unwrap();
    let kid = &key.kid;
    let attacker = Key::generate(Algorithm::Es256, Life::from(0)).unwrap().0;
    let headers = [
        json!({ "alg": "none", "typ": "at+jwt", "kid": kid }),
        json!({ "alg": "None", "typ": "at+jwt", "kid": kid }),
        json!({ "alg": "HS256", "typ": "at+jwt", "kid": kid }),
        json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid }),
        json!({ "alg": "RS256", "typ": "at+jwt", "kid": kid }),
        json!({ "alg": "ES256", "typ": "JWT", "kid": kid }),
        json!({ "alg": "ES256", "kid": kid }),
        json!({ "alg": "ES256", "typ": "at+jwt" }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": 7 }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": "../../dev/null" }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": "' OR 1=1 --" }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "jku": "https://evil.example/jwks" }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "x5u": "https://evil.example/x" }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "jwk": attacker.jwk() }),
        json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "crit": ["b64"] }),
        json!(["alg"]),
    ];
    for header in headers {
        for signer in [&*key, &attacker] {
            let text = forged(signer, &header, &claims);
            assert!(read(&ring, &text, 100).is_err(), "{header}");
        }
    }
}

#[test]
fn what_is_no_token_is_refused() {
    let (ring, key) = ring();
    let good = sign(&ring, &token(), 100).unwrap();
    let parts: Vec<&str> = good.split('.').collect();
    let texts = [
        String::new(),
        "..".into(),
        "a.b.c".into(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{good}.x"),
        format!("{good}="),
        format!("{}.{}.{}", parts[0], jws::encode(b"{}"), parts[2]),
        format!(" {good}"),
        "x".repeat(20_000),
        // Of another type, though of our key.
        key.sign("JWT", &serde_json::to_value(token()).unwrap()).unwrap(),
        key.sign("at+jwt", &json!({ "sub": "a" })).unwrap(),
        key.sign("at+jwt", &json!([1])).unwrap(),
    ];
    for text in texts {
        assert!(read(&ring, &text, 100).is_err(), "{text}");
    }
    // A withdrawn key proves nothing.
    ring.set(Vec::new());
    assert_eq!(read(&ring, &good, 100), Err(Why::Unproved));
}
