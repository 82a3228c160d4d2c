//! Clients that do not prove to be themselves.

use crate::oauth::rig::{ISSUER, Rig, basic, changed, form, headed};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use portico::{
    identity::{
        jws::Algorithm,
        keys::{Key, Life},
    },
    oauth::client::CREDENTIALS,
};
use serde_json::{Value, json};

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub async fn by_secret() -> usize {
    let rig = Rig::new().await;
    let raw = |text: &str| format!("Basic {}", STANDARD.encode(text));
    let headers = [
        ("a wrong secret", basic("partner", "wrong")),
        ("another's secret", basic("partner", "web-secret")),
        ("an empty secret", basic("partner", "")),
        ("a longer secret", basic("partner", "partner-secretx")),
        ("a shorter secret", basic("partner", "partner-secre")),
        ("the secret in capitals", basic("partner", "PARTNER-SECRET")),
        ("an unknown client", basic("nobody", "nobody-secret")),
        ("a client that is registered for the body", basic("post", "post-secret")),
        ("a client without a secret", basic("app", "")),
        ("a client that signs", basic("signer", "signer-secret")),
        ("a client with a certificate", basic("tls", "")),
        ("a client that waits", basic("pending", "pending-secret")),
        ("a client that is disabled", basic("disabled", "disabled-secret")),
        ("a client that is removed", basic("gone", "gone-secret")),
        ("no colon", raw("partner")),
        ("no Base64", "Basic !!!".to_owned()),
        ("no UTF-8", format!("Basic {}", STANDARD.encode([0xff, b':', 0xff]))),
        ("broken encoding", raw("partner:%zz")),
        ("another scheme", "Bearer partner-secret".to_owned()),
        ("the hash for the secret", basic("partner", &portico::oauth::secrets::hash("partner-secret"))),
    ];
    let body = form(&[("grant_type", CREDENTIALS)]);
    for (name, header) in &headers {
        let answer = rig.post("/oauth/token", &[("authorization", header)], &body).await;
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "{name}");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().starts_with("Basic"), "{name}");
    }
    let base = [("grant_type", CREDENTIALS)];
    let bodies: &[(&str, &[&str], &str)] = &[
        ("nothing", &[], "invalid_client"),
        ("only its name", &["client_id=partner"], "invalid_client"),
        (
            "in the body, registered for the header",
            &["client_id=partner", "client_secret=partner-secret"],
            "invalid_client",
        ),
        ("a secret without a name", &["client_secret=partner-secret"], "invalid_client"),
        ("a public client with a secret", &["client_id=app", "client_secret=x"], "invalid_client"),
        (
            "two secrets",
            &["client_id=post", "client_secret=post-secret", "+client_secret=x"],
            "invalid_request",
        ),
        (
            "a secret and an assertion",
            &["client_id=post", "client_secret=post-secret", "client_assertion=x"],
            "invalid_request",
        ),
        ("an assertion without its type", &["client_assertion=x"], "invalid_request"),
        ("a type without its assertion", &["client_assertion_type=x"], "invalid_request"),
    ];
    for (name, changes, error) in bodies {
        assert_eq!(rig.post("/oauth/token", &[], &changed(&base, changes)).await.error(), *error, "{name}");
    }
    // Two credentials at once, sound each.
    let header = basic("partner", "partner-secret");
    let both = changed(&base, &["client_id=partner", "client_secret=partner-secret"]);
    assert_eq!(
        rig.post("/oauth/token", &[("authorization", &header)], &both).await.error(),
        "invalid_request"
    );
    let two = [("authorization", header.as_str()), ("authorization", header.as_str())];
    assert_eq!(rig.post("/oauth/token", &two, &body).await.error(), "invalid_request");
    headers.len() + bodies.len() + 2
}

pub async fn by_assertion() -> usize {
    let rig = Rig::new().await;
    let now = rig.now();
    let said = |changes: Value| {
        let mut claims = rig.assertion();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let claims = [
        ("another audience", json!({ "aud": "https://evil.example" })),
        ("no audience", json!({ "aud": null })),
        ("an empty audience", json!({ "aud": [] })),
        ("two audiences", json!({ "aud": [ISSUER, "https://evil.example"] })),
        ("an audience with a slash", json!({ "aud": format!("{ISSUER}/") })),
        ("another endpoint", json!({ "aud": format!("{ISSUER}/oauth/par") })),
        ("another issuer", json!({ "iss": "web" })),
        ("no issuer", json!({ "iss": null })),
        ("another subject", json!({ "sub": "partner" })),
        ("an unknown subject", json!({ "sub": "nobody", "iss": "nobody" })),
        ("no subject", json!({ "sub": null })),
        ("another client that signs not", json!({ "sub": "web", "iss": "web" })),
        ("expired", json!({ "exp": now })),
        ("long expired", json!({ "exp": now - 1000 })),
        ("without end", json!({ "exp": null })),
        ("an end of letters", json!({ "exp": "tomorrow" })),
        ("far too long", json!({ "exp": now + 86_400 })),
        ("not yet", json!({ "nbf": now + 100 })),
        ("of the future", json!({ "iat": now + 100 })),
        ("without jti", json!({ "jti": null })),
        ("an empty jti", json!({ "jti": "" })),
        ("a number as jti", json!({ "jti": 7 })),
    ];
    let ask = async |assertion: &str, kind: &str| {
        let body =
            [("grant_type", CREDENTIALS), ("client_assertion", assertion), ("client_assertion_type", kind)];
        rig.post("/oauth/token", &[], &form(&body)).await
    };
    for (name, changes) in &claims {
        let assertion = rig.key.sign("JWT", &said(changes.clone())).unwrap();
        let answer = ask(&assertion, JWT_BEARER).await;
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "{name}");
    }
    let kid = &rig.key.kid;
    let thief = Key::generate(Algorithm::Es256, Life::from(0)).unwrap().0;
    let headers = [
        ("unsigned", json!({ "alg": "none", "kid": kid })),
        ("by the public key as secret", json!({ "alg": "HS256", "kid": kid })),
        ("another algorithm", json!({ "alg": "EdDSA", "kid": kid })),
        ("RSA", json!({ "alg": "RS256", "kid": kid })),
        ("an unknown key", json!({ "alg": "ES256", "kid": "unknown" })),
        ("a key of a path", json!({ "alg": "ES256", "kid": "../../../dev/null" })),
        ("a key of SQL", json!({ "alg": "ES256", "kid": "x' UNION SELECT 'key" })),
        ("a key by reference", json!({ "alg": "ES256", "kid": kid, "jku": "https://evil.example/jwks" })),
        ("a key of its own", json!({ "alg": "ES256", "kid": kid, "jwk": thief.public().jwk() })),
        ("a certificate by reference", json!({ "alg": "ES256", "kid": kid, "x5u": "https://evil.example" })),
        ("a certificate of its own", json!({ "alg": "ES256", "kid": kid, "x5c": ["AAAA"] })),
        ("what must be understood", json!({ "alg": "ES256", "kid": kid, "crit": ["x"], "x": 1 })),
        ("an access token's type", json!({ "alg": "ES256", "kid": kid, "typ": "at+jwt" })),
        ("a proof's type", json!({ "alg": "ES256", "kid": kid, "typ": "dpop+jwt" })),
    ];
    for (name, header) in &headers {
        for signer in [&rig.key, &thief] {
            let text = signer.sign("JWT", &rig.assertion()).unwrap();
            let answer = ask(&headed(signer, &text, header), JWT_BEARER).await;
            assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "{name}");
        }
    }
    let stolen = thief.sign("JWT", &rig.assertion()).unwrap();
    assert_eq!(ask(&stolen, JWT_BEARER).await.error(), "invalid_client");
    let good = rig.key.sign("JWT", &rig.assertion()).unwrap();
    assert_eq!(
        ask(&good, "urn:ietf:params:oauth:client-assertion-type:saml2-bearer").await.error(),
        "invalid_request"
    );
    assert_eq!(ask(&good[..good.len() - 4], JWT_BEARER).await.error(), "invalid_client");
    assert_eq!(ask("x", JWT_BEARER).await.error(), "invalid_client");
    ask(&good, JWT_BEARER).await.ok();
    // A `jti` counts once, also under another signature.
    assert_eq!(ask(&good, JWT_BEARER).await.error(), "invalid_client");
    let again =
        rig.key.sign("JWT", &said(json!({ "jti": crate::oauth::rig::payload(&good)["jti"] }))).unwrap();
    assert_eq!(ask(&again, JWT_BEARER).await.error(), "invalid_client");
    claims.len() + headers.len() + 6
}

pub async fn by_certificate() -> usize {
    let rig = Rig::new().await;
    let body = form(&[("grant_type", CREDENTIALS), ("client_id", "tls")]);
    for certificate in [None, Some([8; 32]), Some([0; 32])] {
        *rig.certificate.lock().unwrap() = certificate;
        assert_eq!(rig.post("/oauth/token", &[], &body).await.error(), "invalid_client");
    }
    *rig.certificate.lock().unwrap() = Some([7; 32]);
    // A certificate is no proof for those who are registered for another one.
    let body = form(&[("grant_type", CREDENTIALS), ("client_id", "partner")]);
    assert_eq!(rig.post("/oauth/token", &[], &body).await.error(), "invalid_client");
    4
}
