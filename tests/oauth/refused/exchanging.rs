//! At the token endpoint, by clients that have proved themselves.

use super::Vector;
use crate::oauth::rig::{Rig, changed, form};
use portico::oauth::client::{CREDENTIALS, DEVICE, REFRESH};

const CODES: &[Vector] = &[
    ("no grant type", &["-grant_type"], "invalid_request"),
    ("an unknown grant type", &["grant_type=urn:x"], "unsupported_grant_type"),
    ("a password", &["grant_type=password", "username=a", "password=b"], "unsupported_grant_type"),
    ("implicit", &["grant_type=implicit"], "unsupported_grant_type"),
    ("a grant type that is not the client's", &["grant_type=client_credentials"], "unauthorized_client"),
    ("no code", &["-code"], "invalid_request"),
    ("an empty code", &["code="], "invalid_request"),
    ("an unknown code", &["code=ac_unknown"], "invalid_grant"),
    ("two codes", &["+code=x"], "invalid_request"),
    ("no verifier", &["-code_verifier"], "invalid_request"),
    ("a short verifier", &["code_verifier=abc"], "invalid_request"),
    (
        "a verifier of other letters",
        &["code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjX!"],
        "invalid_request",
    ),
    ("another verifier", &["code_verifier=xBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"], "invalid_grant"),
    (
        "the challenge as verifier",
        &["code_verifier=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "invalid_grant",
    ),
    ("no redirect URI", &["-redirect_uri"], "invalid_request"),
    ("another redirect URI", &["redirect_uri=https://evil.example/cb"], "invalid_grant"),
    ("a redirect URI that is longer", &["redirect_uri=https://vendor.example/cb?x=1"], "invalid_grant"),
    ("another client's id", &["client_id=other"], "invalid_request"),
    ("a foreign resource", &["resource=https://evil.example"], "invalid_target"),
];

pub async fn codes() -> usize {
    let rig = Rig::new().await;
    let code = rig.code("web").await;
    let base = Rig::exchange(&code);
    for (name, changes, error) in CODES {
        let answer = rig.as_client("web", "/oauth/token", &changed(&base, changes)).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, *error), "{name}");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
    let good = form(&base);
    let error = async |client: &str, body: &str| rig.as_client(client, "/oauth/token", body).await.error();
    // Injected into another client, or shown as what it is not.
    assert_eq!(error("other", &good).await, "invalid_grant");
    assert_eq!(rig.refresh("web", &code).await.error(), "invalid_grant");
    // In the address, as JSON, by GET.
    let auth = crate::oauth::rig::basic("web", "web-secret");
    let answer = rig.post(&format!("/oauth/token?{good}"), &[("authorization", &auth)], "").await;
    assert_eq!(answer.error(), "invalid_request");
    let json = [("authorization", auth.as_str()), ("content-type", "application/json")];
    assert_eq!(rig.ask("POST", "/oauth/token", &json, "{}").await.error(), "invalid_request");
    assert_eq!(rig.ask("GET", &format!("/oauth/token?{good}"), &json, "").await.status, 405);
    let huge = format!("{good}&x={}", "y".repeat(100_000));
    assert_eq!(error("web", &huge).await, "invalid_request");
    // None of all that has used it up; what comes twice ends what it gave.
    let issued = rig.as_client("web", "/oauth/token", &good).await.ok();
    assert_eq!(error("other", &good).await, "invalid_grant");
    assert!(rig.is_active(issued["access_token"].as_str().unwrap()).await);
    assert_eq!(error("web", &good).await, "invalid_grant");
    assert!(!rig.is_active(issued["access_token"].as_str().unwrap()).await);
    assert_eq!(rig.refresh("web", issued["refresh_token"].as_str().unwrap()).await.error(), "invalid_grant");
    // Too late, of an account or a consent that is gone.
    let code = rig.code("web").await;
    rig.later(61);
    assert_eq!(error("web", &form(&Rig::exchange(&code))).await, "invalid_grant");
    let code = rig.code("web").await;
    rig.doors.server().withdraw_consent("a_1", "web").await.unwrap();
    assert_eq!(error("web", &form(&Rig::exchange(&code))).await, "invalid_grant");
    let code = rig.code("web").await;
    rig.people.0.lock().unwrap().remove("a_1");
    assert_eq!(error("web", &form(&Rig::exchange(&code))).await, "invalid_grant");
    CODES.len() + 13
}

const REFRESHING: &[Vector] = &[
    ("no token", &["-refresh_token"], "invalid_request"),
    ("an unknown token", &["refresh_token=rt_unknown"], "invalid_grant"),
    ("two tokens", &["+refresh_token=x"], "invalid_request"),
    ("a scope that was not granted", &["scope=pets:write"], "invalid_scope"),
    ("one more scope", &["scope=openid pets:read services:read pets:write"], "invalid_scope"),
    ("a scope beyond the tier", &["scope=customers:read"], "invalid_scope"),
    ("an unknown scope", &["scope=x"], "invalid_scope"),
    ("only spaces", &["scope=  "], "invalid_scope"),
    ("a foreign resource", &["resource=https://evil.example"], "invalid_target"),
];

pub async fn refreshing() -> usize {
    let rig = Rig::new().await;
    let issued = rig.tokens("web").await;
    let token = issued["refresh_token"].as_str().unwrap();
    let base = [("grant_type", REFRESH), ("refresh_token", token)];
    for (name, changes, error) in REFRESHING {
        let answer = rig.as_client("web", "/oauth/token", &changed(&base, changes)).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, *error), "{name}");
    }
    assert_eq!(rig.refresh("other", token).await.error(), "invalid_grant");
    assert_eq!(rig.refresh("partner", token).await.error(), "unauthorized_client");
    assert_eq!(rig.refresh("web", issued["access_token"].as_str().unwrap()).await.error(), "invalid_grant");
    let as_code = form(&Rig::exchange(token));
    assert_eq!(rig.as_client("web", "/oauth/token", &as_code).await.error(), "invalid_grant");
    // A client that is disabled or whose tier was taken away.
    let mut row = rig.ledger.client("web").await.unwrap().unwrap();
    row.status = "disabled".into();
    rig.ledger.change_client(&row, rig.now()).await.unwrap();
    assert_eq!(rig.refresh("web", token).await.error(), "invalid_client");
    (row.status, row.tier) = ("active".into(), "empty".into());
    rig.ledger.change_client(&row, rig.now()).await.unwrap();
    let asked = changed(&base, &["scope=pets:read"]);
    assert_eq!(rig.as_client("web", "/oauth/token", &asked).await.error(), "invalid_scope");
    row.tier = "basic".into();
    rig.ledger.change_client(&row, rig.now()).await.unwrap();
    let next = rig.refresh("web", token).await.ok();
    rig.later(86_401);
    assert_eq!(rig.refresh("web", next["refresh_token"].as_str().unwrap()).await.error(), "invalid_grant");
    REFRESHING.len() + 7
}

const ITSELF: &[Vector] = &[
    ("a scope beyond what it is for", &["scope=pets:write"], "invalid_scope"),
    ("one of two", &["scope=pets:read services:read"], "invalid_scope"),
    ("a scope beyond the tier", &["scope=customers:read"], "invalid_scope"),
    ("a person", &["scope=openid"], "invalid_scope"),
    ("a star", &["scope=*:read"], "invalid_scope"),
    ("only spaces", &["scope= "], "invalid_scope"),
    ("a foreign resource", &["resource=https://evil.example"], "invalid_target"),
    ("a resource in plain", &["resource=http://api.example.org/v1"], "invalid_target"),
    ("a code", &["grant_type=authorization_code", "code=x"], "unauthorized_client"),
    (
        "a device",
        &["grant_type=urn:ietf:params:oauth:grant-type:device_code", "device_code=x"],
        "unauthorized_client",
    ),
];

pub async fn for_themselves() -> usize {
    let rig = Rig::new().await;
    for (name, changes, error) in ITSELF {
        let answer =
            rig.as_client("partner", "/oauth/token", &changed(&[("grant_type", CREDENTIALS)], changes)).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, *error), "{name}");
    }
    let body = form(&[("grant_type", CREDENTIALS)]);
    assert_eq!(rig.as_client("nothing", "/oauth/token", &body).await.error(), "invalid_scope");
    let public = form(&[("grant_type", CREDENTIALS), ("client_id", "app")]);
    assert_eq!(rig.post("/oauth/token", &[], &public).await.error(), "unauthorized_client");
    ITSELF.len() + 2
}

pub async fn devices() -> usize {
    let rig = Rig::new().await;
    let begin =
        async |pairs: &[(&str, &str)]| rig.post("/oauth/device_authorization", &[], &form(pairs)).await;
    assert_eq!(begin(&[("client_id", "nobody")]).await.error(), "invalid_client");
    assert_eq!(begin(&[("client_id", "own")]).await.error(), "unauthorized_client");
    assert_eq!(begin(&[("client_id", "tv"), ("scope", "customers:read")]).await.error(), "invalid_scope");
    assert_eq!(
        begin(&[("client_id", "tv"), ("resource", "https://evil.example")]).await.error(),
        "invalid_target"
    );
    let begun = begin(&[("client_id", "tv"), ("scope", "pets:read")]).await.ok();
    let (device, user) = (begun["device_code"].as_str().unwrap(), begun["user_code"].as_str().unwrap());
    let ask = async |client: &str, code: &str| {
        let body = form(&[("grant_type", DEVICE), ("client_id", client), ("device_code", code)]);
        rig.post("/oauth/token", &[], &body).await.error()
    };
    assert_eq!(ask("tv", "dc_unknown").await, "invalid_grant");
    assert_eq!(ask("app", device).await, "invalid_grant");
    assert_eq!(ask("own", device).await, "unauthorized_client");
    // What is typed is no device's code, and its hash is no key.
    assert_eq!(ask("tv", user).await, "invalid_grant");
    let cookie = rig.cookie("a_1");
    let typed = async |code: &str| {
        rig.post("/oauth/device", &[("cookie", &cookie)], &form(&[("user_code", code)])).await
    };
    assert_eq!(typed(device).await.status, 400);
    // A no is a no.
    let id = typed(user).await.sent("request").unwrap();
    let late = typed(user).await.sent("request").unwrap();
    let server = rig.doors.server();
    assert_eq!(server.deny(&id).await.unwrap(), "/oauth/device?done=denied");
    assert_eq!(ask("tv", device).await, "access_denied");
    let session = portico::oauth::seams::Accounts::of_session(&*rig.people, &cookie).await.unwrap().unwrap();
    let scopes = ["pets:read".to_owned()];
    assert_eq!(server.approve(&late, &session, &scopes).await.unwrap_err().error, "invalid_request");
    // Too late.
    let begun = begin(&[("client_id", "tv"), ("scope", "pets:read")]).await.ok();
    rig.later(601);
    assert_eq!(ask("tv", begun["device_code"].as_str().unwrap()).await, "expired_token");
    assert_eq!(typed(begun["user_code"].as_str().unwrap()).await.status, 400);
    // Guessing ends soon.
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(typed("BBBB-BBBB").await.status);
    }
    assert_eq!(statuses.last(), Some(&429));
    13
}
