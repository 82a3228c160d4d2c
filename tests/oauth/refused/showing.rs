//! Tokens that are shown and do not count, questions about tokens, and registrations.

use super::Vector;
use crate::oauth::rig::{ISSUER, Rig, WEB, basic, form, headed, payload};
use portico::{
    identity::{
        jws::{Algorithm, encode},
        keys::{Key, Life},
    },
    oauth::client::CREDENTIALS,
};
use serde_json::{Value, json};

pub async fn tokens() -> usize {
    let rig = Rig::new().await;
    let issued = rig.tokens("web").await;
    let good = issued["access_token"].as_str().unwrap().to_owned();
    let ours = rig.ring.current(Algorithm::Es256, rig.now()).unwrap();
    let edwards = rig.ring.current(Algorithm::EdDsa, rig.now()).unwrap();
    let thief = Key::generate(Algorithm::Es256, Life::from(0)).unwrap().0;
    let kid = &ours.kid;
    let with = |header: Value| headed(&ours, &good, &header);
    let said = |changes: Value| {
        let mut claims = payload(&good);
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        ours.sign("at+jwt", &claims).unwrap()
    };
    // The public key as the secret of an HMAC: the oldest confusion of all.
    let hs256 = {
        let signed = format!(
            "{}.{}",
            encode(json!({ "alg": "HS256", "typ": "at+jwt", "kid": kid }).to_string().as_bytes()),
            good.split('.').nth(1).unwrap()
        );
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, ours.jwk().to_string().as_bytes());
        format!("{signed}.{}", encode(aws_lc_rs::hmac::sign(&key, signed.as_bytes()).as_ref()))
    };
    let none = format!(
        "{}.{}.",
        encode(json!({ "alg": "none", "typ": "at+jwt", "kid": kid }).to_string().as_bytes()),
        good.split('.').nth(1).unwrap()
    );
    // One letter of the signature is another one.
    let changed = {
        let (before, after) = good.split_at(good.len() - 40);
        format!("{before}{}{}", if after.starts_with('x') { 'y' } else { 'x' }, &after[1..])
    };
    let vectors = [
        ("unsigned", none.clone()),
        ("unsigned with a signature", with(json!({ "alg": "none", "typ": "at+jwt", "kid": kid }))),
        ("by the public key as secret", hs256),
        ("another algorithm's name", with(json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": kid }))),
        ("the other key's id", with(json!({ "alg": "ES256", "typ": "at+jwt", "kid": edwards.kid }))),
        ("RSA's name", with(json!({ "alg": "RS256", "typ": "at+jwt", "kid": kid }))),
        ("no key id", with(json!({ "alg": "ES256", "typ": "at+jwt" }))),
        ("an unknown key", with(json!({ "alg": "ES256", "typ": "at+jwt", "kid": "x" }))),
        ("a path as key", with(json!({ "alg": "ES256", "typ": "at+jwt", "kid": "/dev/null" }))),
        ("SQL as key", with(json!({ "alg": "ES256", "typ": "at+jwt", "kid": "' OR 1=1 --" }))),
        ("a number as key", with(json!({ "alg": "ES256", "typ": "at+jwt", "kid": 1 }))),
        (
            "keys elsewhere",
            with(json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "jku": "https://evil.example" })),
        ),
        (
            "a certificate elsewhere",
            with(json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "x5u": "https://evil.example" })),
        ),
        (
            "a key of its own",
            headed(
                &thief,
                &good,
                &json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "jwk": thief.public().jwk() }),
            ),
        ),
        (
            "another's signature",
            headed(&thief, &good, &json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid })),
        ),
        ("another type", with(json!({ "alg": "ES256", "typ": "JWT", "kid": kid }))),
        ("no type", with(json!({ "alg": "ES256", "kid": kid }))),
        ("an extension", with(json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid, "crit": ["exp"] }))),
        ("expired", said(json!({ "exp": rig.now() }))),
        ("not valid yet", said(json!({ "iat": rig.now() + 60 }))),
        ("another issuer", said(json!({ "iss": "https://evil.example" }))),
        ("an issuer with a slash", said(json!({ "iss": format!("{ISSUER}/") }))),
        ("another audience", said(json!({ "aud": "https://evil.example" }))),
        ("a client as audience", said(json!({ "aud": "web" }))),
        ("no audience", said(json!({ "aud": [] }))),
        ("a removed client's", said(json!({ "client_id": "gone" }))),
        ("an unknown client's", said(json!({ "client_id": "nobody" }))),
        ("an unknown grant's", said(json!({ "grant": "g_unknown" }))),
        ("an unknown account's", said(json!({ "sub": "a_9" }))),
        ("bound to a key that is not shown", said(json!({ "cnf": { "jkt": "x" } }))),
        ("bound to a certificate that is not shown", said(json!({ "cnf": { "x5t#S256": "x" } }))),
        ("an end of letters", said(json!({ "exp": "never" }))),
        ("no end", said(json!({ "exp": null }))),
        ("changed", changed),
        ("cut off", good[..good.len() - 10].to_owned()),
        ("padded", format!("{good}=")),
        ("a refresh token", issued["refresh_token"].as_str().unwrap().to_owned()),
        ("an ID token", issued["id_token"].as_str().unwrap().to_owned()),
        ("nothing", String::new()),
    ];
    for (name, token) in &vectors {
        let header = format!("Bearer {token}");
        let answer = rig.ask("GET", "/oauth/userinfo", &[("authorization", &header)], "").await;
        assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_token"), "{name}");
        assert!(answer.headers["www-authenticate"].to_str().unwrap().contains("invalid_token"), "{name}");
    }
    let ask = async |headers: &[(&str, &str)]| rig.ask("GET", "/oauth/userinfo", headers, "").await;
    let bearer = format!("Bearer {good}");
    ask(&[("authorization", &bearer)]).await.ok();
    assert_eq!(ask(&[]).await.error(), "invalid_token");
    assert_eq!(ask(&[("authorization", &good)]).await.error(), "invalid_token");
    assert_eq!(ask(&[("authorization", &format!("DPoP {good}"))]).await.error(), "invalid_token");
    assert_eq!(
        ask(&[("authorization", &bearer), ("authorization", &bearer)]).await.error(),
        "invalid_request"
    );
    let less = said(json!({ "scope": "pets:read" }));
    let answer = ask(&[("authorization", &format!("Bearer {less}"))]).await;
    assert_eq!((answer.status, answer.error().as_str()), (403, "insufficient_scope"));
    // A key that was withdrawn proves nothing any more.
    let keys = rig.ring.all();
    rig.ring.set(keys.iter().filter(|key| key.kid != ours.kid).cloned().collect());
    assert_eq!(ask(&[("authorization", &bearer)]).await.error(), "invalid_token");
    vectors.len() + 6
}

pub async fn asked_about() -> usize {
    let rig = Rig::new().await;
    let issued = rig.tokens("web").await;
    let access = issued["access_token"].as_str().unwrap();
    let body = form(&[("token", access)]);
    // Who does not prove itself, who is another client, who asks nothing.
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        assert_eq!(rig.post(path, &[], &body).await.error(), "invalid_client");
        assert_eq!(rig.as_client("web", path, "").await.error(), "invalid_request");
        assert_eq!(rig.as_client("web", path, &format!("{body}&token=x")).await.error(), "invalid_request");
    }
    let public = form(&[("token", access), ("client_id", "app")]);
    assert_eq!(rig.post("/oauth/introspect", &[], &public).await.error(), "invalid_client");
    assert_eq!(rig.as_client("other", "/oauth/introspect", &body).await.ok(), json!({ "active": false }));
    assert_eq!(rig.as_client("other", "/oauth/revoke", &body).await.error(), "unauthorized_client");
    let refresh = form(&[("token", issued["refresh_token"].as_str().unwrap())]);
    assert_eq!(rig.as_client("other", "/oauth/introspect", &refresh).await.ok(), json!({ "active": false }));
    assert_eq!(rig.as_client("other", "/oauth/revoke", &refresh).await.error(), "unauthorized_client");
    assert!(rig.is_active(access).await);
    rig.later(900);
    assert!(!rig.is_active(access).await);
    12
}

const REGISTERING: &[Vector] = &[
    ("no name", &["client_name=null"], "invalid_client_metadata"),
    ("an empty name", &["client_name=\" \""], "invalid_client_metadata"),
    ("a name with a line break", &["client_name=\"a\\nb\""], "invalid_client_metadata"),
    ("no redirect URI", &["redirect_uris=[]"], "invalid_client_metadata"),
    ("a plain redirect URI", &["redirect_uris=[\"http://vendor.example/\"]"], "invalid_redirect_uri"),
    ("a wildcard", &["redirect_uris=[\"https://*.vendor.example/\"]"], "invalid_redirect_uri"),
    ("a fragment", &["redirect_uris=[\"https://vendor.example/#x\"]"], "invalid_redirect_uri"),
    ("a script", &["redirect_uris=[\"javascript:alert(1)\"]"], "invalid_redirect_uri"),
    ("localhost", &["redirect_uris=[\"http://localhost/cb\"]"], "invalid_redirect_uri"),
    ("an own scheme without a dot", &["redirect_uris=[\"vendor:/cb\"]"], "invalid_redirect_uri"),
    ("implicit", &["grant_types=[\"implicit\"]"], "invalid_client_metadata"),
    ("a password", &["grant_types=[\"password\"]"], "invalid_client_metadata"),
    ("no grant type", &["grant_types=[]"], "invalid_client_metadata"),
    ("implicit's answer", &["response_types=[\"token\"]"], "invalid_client_metadata"),
    ("an unknown proof", &["token_endpoint_auth_method=\"client_secret_jwt\""], "invalid_client_metadata"),
    ("a certificate", &["token_endpoint_auth_method=\"tls_client_auth\""], "invalid_client_metadata"),
    (
        "a signature without keys",
        &["token_endpoint_auth_method=\"private_key_jwt\""],
        "invalid_client_metadata",
    ),
    ("keys elsewhere", &["jwks_uri=\"http://169.254.169.254/\""], "invalid_client_metadata"),
    ("a software statement", &["software_statement=\"x\""], "invalid_client_metadata"),
    ("an unknown scope", &["scope=\"pets:eat\""], "invalid_client_metadata"),
    ("a page in plain", &["client_uri=\"http://vendor.example\""], "invalid_client_metadata"),
    ("a page that is a script", &["client_uri=\"javascript:alert(1)\""], "invalid_client_metadata"),
    (
        "credentials without a proof",
        &["token_endpoint_auth_method=\"none\"", "grant_types=[\"client_credentials\"]"],
        "invalid_client_metadata",
    ),
    ("texts for lists", &["redirect_uris=\"https://vendor.example/\""], "invalid_client_metadata"),
];

pub async fn registering() -> usize {
    let rig = Rig::new().await;
    let kind = [("content-type", "application/json")];
    for (name, changes, error) in REGISTERING {
        let mut said = json!({ "client_name": "New", "redirect_uris": [WEB] });
        for change in *changes {
            let (name, value) = change.split_once('=').unwrap();
            said[name] = serde_json::from_str(value).unwrap();
        }
        let answer = rig.ask("POST", "/oauth/register", &kind, &said.to_string()).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, *error), "{name}: {}", answer.text);
    }
    for body in ["", "[]", "{", "7"] {
        assert_eq!(
            rig.ask("POST", "/oauth/register", &kind, body).await.error(),
            "invalid_client_metadata",
            "{body}"
        );
    }
    assert_eq!(rig.post("/oauth/register", &[], "client_name=x").await.error(), "invalid_client_metadata");
    // Own words of ours cannot be said from outside.
    let said = json!({
        "client_name": "New", "redirect_uris": [WEB], "own": true, "introspects": true, "roles": ["admin"],
        "claims": { "customer": "1" }, "status": "active", "tier": "basic", "grant_types": ["authorization_code"],
    });
    let made = rig.ask("POST", "/oauth/register", &kind, &said.to_string()).await.json();
    let row = rig.ledger.client(made["client_id"].as_str().unwrap()).await.unwrap().unwrap();
    assert_eq!((row.status.as_str(), row.tier.as_str()), ("pending", ""));
    let kept: Value = serde_json::from_str(&row.metadata).unwrap();
    assert_eq!(
        (&kept["own"], &kept["introspects"], &kept["roles"]),
        (&json!(false), &json!(false), &json!([]))
    );
    // It gets nothing: no code, no token, no device.
    let (id, secret) = (made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
    let header = basic(id, secret);
    for path in
        ["/oauth/token", "/oauth/par", "/oauth/device_authorization", "/oauth/introspect", "/oauth/revoke"]
    {
        let body = form(&[("grant_type", CREDENTIALS)]);
        assert_eq!(
            rig.post(path, &[("authorization", &header)], &body).await.error(),
            "invalid_client",
            "{path}"
        );
    }
    REGISTERING.len() + 5 + 5
}
