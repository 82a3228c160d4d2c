//! Each flow as it should go.

use super::rig::{ISSUER, Rig, WEB, basic, form, hashed, payload};
use portico::{
    identity::token,
    oauth::{
        client::{CREDENTIALS, DEVICE, REFRESH},
        seams::Accounts,
    },
};
use serde_json::json;

#[tokio::test]
async fn a_code_becomes_tokens_that_say_who_and_what() {
    let rig = Rig::new().await;
    let query = form(&Rig::asked("web"));
    // Nobody is signed in: to the login, which comes back.
    let sent = rig.authorize(&query, None).await;
    assert_eq!(sent.status, 303);
    assert!(sent.location().unwrap().starts_with("/account/login?return="));
    let id = sent.sent("return").unwrap();
    let cookie = rig.cookie("a_1");
    let session = rig.people.of_session(&cookie).await.unwrap().unwrap();
    let server = rig.doors.server();
    let next = server.resume(&id, &session).await.unwrap();
    assert_eq!(next, format!("/account/consent?request={id}"));
    let pending = server.pending(&id).await.unwrap().unwrap();
    assert_eq!(pending.client_name, "The client web");
    assert_eq!(pending.scopes, ["openid", "pets:read", "services:read"]);
    // Less is allowed than was asked for.
    let allowed = ["openid".to_owned(), "pets:read".to_owned()];
    let back = server.approve(&id, &session, &allowed).await.unwrap();
    assert!(back.starts_with(&format!("{WEB}?code=ac_")), "{back}");
    assert!(back.ends_with("&iss=https%3A%2F%2Fapi.example.org&state=st%26te"), "{back}");
    let code = back.split(['=', '&']).nth(1).unwrap();
    // An answer is given once.
    assert_eq!(server.approve(&id, &session, &allowed).await.unwrap_err().error, "invalid_request");
    assert!(server.pending(&id).await.unwrap().is_none());

    let answer = rig.as_client("web", "/oauth/token", &form(&Rig::exchange(code))).await;
    assert_eq!(answer.headers["cache-control"], "no-store");
    let issued = answer.ok();
    assert_eq!((issued["token_type"].as_str(), issued["expires_in"].as_i64()), (Some("Bearer"), Some(900)));
    assert_eq!(issued["scope"], "openid pets:read");
    let text = issued["access_token"].as_str().unwrap();
    let (token, _) = token::read(&rig.ring, text, rig.now()).unwrap();
    token.judge(ISSUER, &[ISSUER], rig.now()).unwrap();
    assert_eq!((token.sub.as_str(), token.client_id.as_str()), ("a_1", "web"));
    assert_eq!(token.roles, ["owner"]);
    assert_eq!(token.claims["customer"], "66");
    assert_eq!(token.tier.as_deref(), Some("basic"));
    assert_eq!(token.auth_time, Some(rig.now()));
    let id_token = payload(issued["id_token"].as_str().unwrap());
    assert_eq!((id_token["aud"].as_str(), id_token["nonce"].as_str()), (Some("web"), Some("n-1")));
    let half = id_token["at_hash"].as_str().unwrap();
    assert!(half.len() == 22 && hashed(text).starts_with(&half[..21]));
    let told = rig.ask("GET", "/oauth/userinfo", &[("authorization", &format!("Bearer {text}"))], "").await;
    assert_eq!(told.ok(), json!({ "sub": "a_1" }));
    // What was allowed need not be asked again; more of it is.
    let less = form(&Rig::asked("web")).replace("%20services%3Aread", "");
    let again = rig.authorize(&less, Some(&cookie)).await;
    assert!(again.sent("code").is_some(), "{:?}", again.location());
    assert!(rig.authorize(&query, Some(&cookie)).await.location().unwrap().starts_with("/account/consent"));
}

#[tokio::test]
async fn refresh_tokens_change_with_each_use_and_scopes_only_shrink() {
    let rig = Rig::new().await;
    let first = rig.tokens("web").await;
    let second = rig.refresh("web", first["refresh_token"].as_str().unwrap()).await.ok();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    let body = [
        ("grant_type", REFRESH),
        ("refresh_token", second["refresh_token"].as_str().unwrap()),
        ("scope", "pets:read"),
    ];
    let third = rig.as_client("web", "/oauth/token", &form(&body)).await.ok();
    assert_eq!(third["scope"], "pets:read");
    assert!(third.get("id_token").is_none());
    // The refresh token still stands for all that was granted.
    let fourth = rig.refresh("web", third["refresh_token"].as_str().unwrap()).await.ok();
    assert_eq!(fourth["scope"], "openid pets:read services:read");
    assert!(rig.is_active(fourth["access_token"].as_str().unwrap()).await);
    // A used one ends them all.
    let reused = rig.refresh("web", first["refresh_token"].as_str().unwrap()).await;
    assert_eq!((reused.status, reused.error().as_str()), (400, "invalid_grant"));
    let last = rig.refresh("web", fourth["refresh_token"].as_str().unwrap()).await;
    assert_eq!(last.error(), "invalid_grant");
    assert!(!rig.is_active(fourth["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn a_public_client_at_a_loopback_port_is_always_asked_for() {
    let rig = Rig::new().await;
    for _ in 0..2 {
        let sent = rig.authorize(&form(&Rig::asked("app")), Some(&rig.cookie("a_1"))).await;
        assert!(sent.location().unwrap().starts_with("/account/consent?request="));
        let code = rig.code("app").await;
        let mut body = Rig::exchange(&code);
        body[2].1 = "http://127.0.0.1:5100/cb";
        body.push(("client_id", "app"));
        let issued = rig.post("/oauth/token", &[], &form(&body)).await.ok();
        let body = [
            ("grant_type", REFRESH),
            ("client_id", "app"),
            ("refresh_token", issued["refresh_token"].as_str().unwrap()),
        ];
        rig.post("/oauth/token", &[], &form(&body)).await.ok();
    }
}

#[tokio::test]
async fn a_pushed_request_is_used_by_its_name() {
    let rig = Rig::new().await;
    let pushed = rig.as_client("web", "/oauth/par", &form(&Rig::asked("web"))).await;
    assert_eq!(pushed.status, 201);
    assert_eq!(pushed.json()["expires_in"], 90);
    let uri = pushed.json()["request_uri"].as_str().unwrap().to_owned();
    let query = form(&[("client_id", "web"), ("request_uri", &uri)]);
    let back = rig.allow(&query).await;
    assert_eq!(back.sent("state").as_deref(), Some("st&te"));
    let code = back.sent("code").unwrap();
    rig.as_client("web", "/oauth/token", &form(&Rig::exchange(&code))).await.ok();
}

#[tokio::test]
async fn a_client_acts_for_itself_by_each_proof() {
    let rig = Rig::new().await;
    let issued = rig.as_client("partner", "/oauth/token", &form(&[("grant_type", CREDENTIALS)])).await.ok();
    assert_eq!(issued["scope"], "pets:read");
    assert!(issued.get("refresh_token").is_none());
    let claims = payload(issued["access_token"].as_str().unwrap());
    assert_eq!((claims["sub"].as_str(), claims["roles"][0].as_str()), (Some("partner"), Some("partner")));
    assert_eq!(claims["claims"]["partner"], "7");

    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    for aud in [json!(ISSUER), json!([ISSUER]), json!(format!("{ISSUER}/oauth/token"))] {
        let mut claims = rig.assertion();
        claims["aud"] = aud;
        let assertion = rig.key.sign("JWT", &claims).unwrap();
        let body =
            [("grant_type", CREDENTIALS), ("client_assertion", &assertion), ("client_assertion_type", kind)];
        rig.post("/oauth/token", &[], &form(&body)).await.ok();
    }

    *rig.certificate.lock().unwrap() = Some([7; 32]);
    let issued =
        rig.post("/oauth/token", &[], &form(&[("grant_type", CREDENTIALS), ("client_id", "tls")])).await.ok();
    let claims = payload(issued["access_token"].as_str().unwrap());
    assert_eq!(claims["cnf"]["x5t#S256"], portico::identity::jws::encode(&[7; 32]));
    assert!(
        claims["scope"].as_str().unwrap().contains("pets:write")
            && !claims["scope"].as_str().unwrap().contains("openid")
    );
}

#[tokio::test]
async fn a_resource_is_the_audience() {
    let rig = Rig::new().await;
    let v1 = format!("{ISSUER}/v1");
    let body = form(&[("grant_type", CREDENTIALS), ("resource", &v1)]);
    let issued = rig.as_client("partner", "/oauth/token", &body).await.ok();
    assert_eq!(payload(issued["access_token"].as_str().unwrap())["aud"], v1);
    let both = format!("{body}&resource={ISSUER}/api/v1");
    let issued = rig.as_client("partner", "/oauth/token", &both).await.ok();
    assert_eq!(
        payload(issued["access_token"].as_str().unwrap())["aud"],
        json!([v1, format!("{ISSUER}/api/v1")])
    );
}

#[tokio::test]
async fn a_device_waits_for_its_person() {
    let rig = Rig::new().await;
    let begun = rig
        .post(
            "/oauth/device_authorization",
            &[],
            &form(&[("client_id", "tv"), ("scope", "openid pets:read")]),
        )
        .await
        .ok();
    let (device, user) = (begun["device_code"].as_str().unwrap(), begun["user_code"].as_str().unwrap());
    let ask = form(&[("grant_type", DEVICE), ("client_id", "tv"), ("device_code", device)]);
    assert_eq!(rig.post("/oauth/token", &[], &ask).await.error(), "authorization_pending");
    assert_eq!(rig.post("/oauth/token", &[], &ask).await.error(), "slow_down");
    rig.later(30);
    assert_eq!(rig.post("/oauth/token", &[], &ask).await.error(), "authorization_pending");
    let page = rig.ask("GET", &format!("/oauth/device?user_code={user}"), &[], "").await;
    assert!(page.text.contains(user));
    let typed = form(&[("user_code", &user.to_lowercase())]);
    assert!(
        rig.post("/oauth/device", &[], &typed)
            .await
            .location()
            .unwrap()
            .starts_with("/account/login?return=")
    );
    let cookie = rig.cookie("a_1");
    let sent = rig.post("/oauth/device", &[("cookie", &cookie)], &typed).await;
    let id = sent.sent("request").unwrap();
    let session = rig.people.of_session(&cookie).await.unwrap().unwrap();
    let pending = rig.doors.server().pending(&id).await.unwrap().unwrap();
    assert!(pending.is_device && pending.redirect_uri.is_none());
    let back = rig.doors.server().approve(&id, &session, &pending.scopes).await.unwrap();
    assert_eq!(back, "/oauth/device?done=approved");
    rig.later(30);
    let issued = rig.post("/oauth/token", &[], &ask).await.ok();
    assert_eq!(issued["scope"], "openid pets:read");
    assert!(issued["id_token"].is_string() && issued["refresh_token"].is_string());
    // Used again, it ends what it gave.
    assert_eq!(rig.post("/oauth/token", &[], &ask).await.error(), "invalid_grant");
    assert!(!rig.is_active(issued["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn what_is_revoked_counts_no_longer() {
    let rig = Rig::new().await;
    let issued = rig.tokens("web").await;
    let (access, refresh) =
        (issued["access_token"].as_str().unwrap(), issued["refresh_token"].as_str().unwrap());
    assert!(rig.is_active(access).await && rig.is_active(refresh).await);
    let revoked =
        rig.as_client("web", "/oauth/revoke", &form(&[("token", access), ("token_type_hint", "x")])).await;
    assert_eq!((revoked.status, revoked.text.as_str()), (200, ""));
    assert!(!rig.is_active(access).await && rig.is_active(refresh).await);
    let issued = rig.refresh("web", refresh).await.ok();
    let (access, refresh) =
        (issued["access_token"].as_str().unwrap(), issued["refresh_token"].as_str().unwrap());
    assert_eq!(rig.as_client("web", "/oauth/revoke", &form(&[("token", refresh)])).await.status, 200);
    assert!(!rig.is_active(access).await && !rig.is_active(refresh).await);
    assert_eq!(rig.as_client("web", "/oauth/revoke", &form(&[("token", "unknown")])).await.status, 200);

    // An account that takes its consent back, one that is disabled, a client that is removed.
    let issued = rig.tokens("web").await;
    rig.doors.server().withdraw_consent("a_1", "web").await.unwrap();
    assert!(!rig.is_active(issued["access_token"].as_str().unwrap()).await);
    let issued = rig.tokens("web").await;
    rig.people.0.lock().unwrap().get_mut("a_1").unwrap().active = false;
    assert_eq!(rig.refresh("web", issued["refresh_token"].as_str().unwrap()).await.error(), "invalid_grant");
    rig.people.0.lock().unwrap().get_mut("a_1").unwrap().active = true;
    let issued = rig.tokens("web").await;
    rig.ledger.remove_client("web", rig.now(), rig.now() + 1000).await.unwrap();
    assert!(!rig.is_active(issued["access_token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn the_companys_own_app_needs_no_consent_and_has_no_scopes() {
    let rig = Rig::new().await;
    let query = form(&Rig::asked("own")).replace("&scope=openid%20pets%3Aread%20services%3Aread", "");
    let sent = rig.authorize(&query, Some(&rig.cookie("a_1"))).await;
    let code = sent.sent("code").unwrap();
    let mut body = Rig::exchange(&code);
    body.push(("client_id", "own"));
    let issued = rig.post("/oauth/token", &[], &form(&body)).await.ok();
    assert!(payload(issued["access_token"].as_str().unwrap()).get("scope").is_none());
    // Without a browser.
    let server = rig.doors.server();
    let client = portico::oauth::client::Client::find(&rig.ledger, "own").await.unwrap().unwrap();
    let account = rig.people.account("a_1").await.unwrap().unwrap();
    let (grant, issued) = server.begin(&client, &account, rig.now()).await.unwrap();
    let renewed = server.renew(&client, issued.refresh_token.as_deref().unwrap()).await.unwrap();
    assert_eq!(payload(&renewed.access_token)["grant"], grant);
    assert!(server.renew(&client, issued.refresh_token.as_deref().unwrap()).await.is_err());
    let web = portico::oauth::client::Client::find(&rig.ledger, "web").await.unwrap().unwrap();
    assert_eq!(server.begin(&web, &account, 0).await.unwrap_err().error, "unauthorized_client");
}

#[tokio::test]
async fn a_client_that_registers_itself_gets_nothing_until_it_is_approved() {
    let rig = Rig::new().await;
    let said = json!({ "client_name": "New", "redirect_uris": [WEB], "grant_types": ["client_credentials", "authorization_code"], "scope": "pets:read" });
    let json_kind = [("content-type", "application/json")];
    let made = rig.ask("POST", "/oauth/register", &json_kind, &said.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!(made["status"], "pending");
    let (id, secret) = (made["client_id"].as_str().unwrap(), made["client_secret"].as_str().unwrap());
    let auth = basic(id, secret);
    let ask = async || {
        rig.post("/oauth/token", &[("authorization", &auth)], &form(&[("grant_type", CREDENTIALS)])).await
    };
    assert_eq!(ask().await.error(), "invalid_client");
    let mut row = rig.ledger.client(id).await.unwrap().unwrap();
    assert!(!row.metadata.contains(secret) && !row.secret_hash.contains(secret));
    (row.status, row.tier) = ("active".into(), "basic".into());
    rig.ledger.change_client(&row, rig.now()).await.unwrap();
    assert_eq!(ask().await.ok()["scope"], "pets:read");
}

#[tokio::test]
async fn what_is_published_agrees_with_what_is_done() {
    let rig = Rig::new().await;
    let one = rig.ask("GET", "/.well-known/oauth-authorization-server", &[], "").await.ok();
    assert_eq!(one, rig.ask("GET", "/.well-known/openid-configuration", &[], "").await.ok());
    assert_eq!(one["issuer"], ISSUER);
    for (name, value) in
        one.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri")
    {
        let path = value.as_str().unwrap().strip_prefix(ISSUER).unwrap();
        assert!(rig.doors.takes(path));
        let answer = rig.ask("GET", path, &[], "").await;
        assert_ne!(answer.status, 404, "{name}");
    }
    let keys = rig.ask("GET", "/.well-known/jwks.json", &[], "").await.ok();
    let algorithms: Vec<&str> =
        keys["keys"].as_array().unwrap().iter().map(|key| key["alg"].as_str().unwrap()).collect();
    assert_eq!(algorithms.len(), 2);
    assert!(algorithms.contains(&"ES256") && algorithms.contains(&"EdDSA"));
    for path in ["/oauth/x", "/account", "/v1/auth/login", "/.well-known/x"] {
        assert!(rig.doors.takes(path), "{path}");
    }
    for path in ["/oauthx", "/v1/pets", "/accounts", "/v1/authors", "/", "/v2/auth/login"] {
        assert!(!rig.doors.takes(path), "{path}");
    }
}
