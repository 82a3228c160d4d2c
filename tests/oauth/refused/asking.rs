//! At the authorization endpoint and behind it.

use super::Vector;
use crate::oauth::rig::{Rig, changed, form};

/// Nothing is sent to a redirect URI that is not known to be the client's.
const PAGE: &[Vector] = &[
    ("no client", &["-client_id"], "invalid_request"),
    ("an empty client", &["client_id="], "invalid_request"),
    ("an unknown client", &["client_id=nobody"], "invalid_request"),
    ("a client that waits", &["client_id=pending"], "invalid_request"),
    ("a client that is disabled", &["client_id=disabled"], "invalid_request"),
    ("a client that is removed", &["client_id=gone"], "invalid_request"),
    ("a client of SQL", &["client_id=web' OR '1'='1"], "invalid_request"),
    ("two clients", &["+client_id=other"], "invalid_request"),
    ("the same client twice", &["+client_id=web"], "invalid_request"),
    ("no redirect URI", &["-redirect_uri"], "invalid_request"),
    ("two redirect URIs", &["+redirect_uri=https://evil.example/"], "invalid_request"),
    ("another host", &["redirect_uri=https://evil.example/cb"], "invalid_request"),
    ("a host below", &["redirect_uri=https://evil.vendor.example/cb"], "invalid_request"),
    ("a host beside", &["redirect_uri=https://vendor.example.evil.example/cb"], "invalid_request"),
    ("a user", &["redirect_uri=https://vendor.example@evil.example/cb"], "invalid_request"),
    ("a backslash", &["redirect_uri=https://evil.example\\@vendor.example/cb"], "invalid_request"),
    ("another scheme", &["redirect_uri=http://vendor.example/cb"], "invalid_request"),
    ("another port", &["redirect_uri=https://vendor.example:444/cb"], "invalid_request"),
    ("the port that is meant", &["redirect_uri=https://vendor.example:443/cb"], "invalid_request"),
    ("a longer path", &["redirect_uri=https://vendor.example/cb/x"], "invalid_request"),
    ("a slash more", &["redirect_uri=https://vendor.example/cb/"], "invalid_request"),
    ("a way up", &["redirect_uri=https://vendor.example/cb/../evil"], "invalid_request"),
    ("an encoded way up", &["redirect_uri=https://vendor.example/cb/%2e%2e/evil"], "invalid_request"),
    ("a query more", &["redirect_uri=https://vendor.example/cb?x=1"], "invalid_request"),
    ("a fragment", &["redirect_uri=https://vendor.example/cb#x"], "invalid_request"),
    ("capitals", &["redirect_uri=https://VENDOR.example/cb"], "invalid_request"),
    ("a script", &["redirect_uri=javascript:alert(1)"], "invalid_request"),
    ("data", &["redirect_uri=data:text/html,x"], "invalid_request"),
    ("no scheme", &["redirect_uri=//vendor.example/cb"], "invalid_request"),
    ("a line break", &["redirect_uri=https://vendor.example/cb\r\nx: y"], "invalid_request"),
    ("another client's loopback", &["redirect_uri=http://127.0.0.1:1/cb"], "invalid_request"),
    ("localhost for loopback", &["client_id=app", "redirect_uri=http://localhost:1/cb"], "invalid_request"),
    ("another path at loopback", &["client_id=app", "redirect_uri=http://127.0.0.1:1/x"], "invalid_request"),
    (
        "loopback with a user",
        &["client_id=app", "redirect_uri=http://127.0.0.1:1@evil.example/cb"],
        "invalid_request",
    ),
    (
        "another address at loopback",
        &["client_id=app", "redirect_uri=http://127.0.0.2:1/cb"],
        "invalid_request",
    ),
    ("another own scheme", &["client_id=app", "redirect_uri=com.example.evil:/cb"], "invalid_request"),
    ("two states", &["+state=x"], "invalid_request"),
    ("two challenges", &["+code_challenge=x"], "invalid_request"),
    ("broken encoding", &["+x=%zz"], "invalid_request"),
    ("no UTF-8", &["+x=%ff"], "invalid_request"),
    (
        "a request that was never pushed",
        &["request_uri=urn:ietf:params:oauth:request_uri:x"],
        "invalid_request",
    ),
];

pub async fn on_a_page() -> usize {
    let rig = Rig::new().await;
    let cookie = rig.cookie("a_1");
    for (name, changes, error) in PAGE {
        let answer = rig.authorize(&changed(&Rig::asked("web"), changes), Some(&cookie)).await;
        assert_eq!((answer.status, answer.location()), (400, None), "{name}");
        assert!(answer.text.contains(error), "{name}: {}", answer.text);
        assert_eq!(answer.headers["x-frame-options"], "DENY");
    }
    // What came is shown as text.
    let evil = changed(&Rig::asked("web"), &["redirect_uri=<script>", "client_id=<script>"]);
    assert!(!rig.authorize(&evil, None).await.text.contains("<script>"));
    PAGE.len()
}

const THERE: &[Vector] = &[
    ("no response type", &["-response_type"], "invalid_request"),
    ("implicit", &["response_type=token"], "unsupported_response_type"),
    ("an ID token", &["response_type=id_token"], "unsupported_response_type"),
    ("hybrid", &["response_type=code id_token"], "unsupported_response_type"),
    ("code and token", &["response_type=code token"], "unsupported_response_type"),
    ("nothing as type", &["response_type=none"], "unsupported_response_type"),
    ("a fragment", &["response_mode=fragment"], "invalid_request"),
    ("a form", &["response_mode=form_post"], "invalid_request"),
    ("no PKCE", &["-code_challenge", "-code_challenge_method"], "invalid_request"),
    ("no challenge", &["-code_challenge"], "invalid_request"),
    ("no method", &["-code_challenge_method"], "invalid_request"),
    ("plain", &["code_challenge_method=plain"], "invalid_request"),
    ("another method", &["code_challenge_method=s256"], "invalid_request"),
    ("a short challenge", &["code_challenge=abc"], "invalid_request"),
    (
        "a padded challenge",
        &["code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM="],
        "invalid_request",
    ),
    (
        "a challenge of other letters",
        &["code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM"],
        "invalid_request",
    ),
    ("an unknown scope", &["scope=pets:eat"], "invalid_scope"),
    ("a scope beyond the tier", &["scope=pets:read customers:read"], "invalid_scope"),
    ("a write beyond the tier", &["scope=services:write"], "invalid_scope"),
    ("a star", &["scope=pets:*"], "invalid_scope"),
    ("every scope", &["scope=*:read"], "invalid_scope"),
    ("a scope in capitals", &["scope=PETS:READ"], "invalid_scope"),
    ("scopes by commas", &["scope=pets:read,services:read"], "invalid_scope"),
    ("a foreign resource", &["resource=https://evil.example/v1"], "invalid_target"),
    ("a resource that begins as ours", &["resource=https://api.example.org.evil.example"], "invalid_target"),
    ("a resource below", &["resource=https://api.example.org/v1/pets"], "invalid_target"),
    (
        "one foreign resource of two",
        &["resource=https://api.example.org/v1", "+resource=https://evil.example"],
        "invalid_target",
    ),
    ("a request object", &["request=eyJhbGciOiJub25lIn0.e30."], "request_not_supported"),
    ("an unknown prompt", &["prompt=please"], "invalid_request"),
    ("silence and login", &["prompt=none login"], "invalid_request"),
    ("a negative age", &["max_age=-1"], "invalid_request"),
    ("an age of letters", &["max_age=young"], "invalid_request"),
    ("a broken thumbprint", &["dpop_jkt=abc"], "invalid_request"),
];

pub async fn at_the_redirect_uri() -> usize {
    let rig = Rig::new().await;
    let cookie = rig.cookie("a_1");
    for (name, changes, error) in THERE {
        let answer = rig.authorize(&changed(&Rig::asked("web"), changes), Some(&cookie)).await;
        let location = answer.location().unwrap_or_else(|| panic!("{name}: {}", answer.text));
        assert!(location.starts_with("https://vendor.example/cb?error="), "{name}: {location}");
        assert_eq!(answer.sent("error").as_deref(), Some(*error), "{name}");
        assert_eq!(answer.sent("state").as_deref(), Some("st&te"), "{name}");
        assert_eq!(answer.sent("iss").as_deref(), Some("https://api.example.org"), "{name}");
        assert_eq!(answer.sent("code"), None, "{name}");
    }
    let long = format!("state={}", "x".repeat(2000));
    let answer = rig.authorize(&changed(&Rig::asked("web"), &[&long]), Some(&cookie)).await;
    assert_eq!(answer.sent("error").as_deref(), Some("invalid_request"));
    THERE.len() + 1
}

/// `prompt=none` asks nobody anything; an old proof is none.
pub async fn silently() -> usize {
    let rig = Rig::new().await;
    let old = rig.cookie("a_1");
    let ask = async |changes: &[&str], cookie: Option<&str>| {
        rig.authorize(&changed(&Rig::asked("web"), changes), cookie).await.sent("error").unwrap_or_default()
    };
    assert_eq!(ask(&["prompt=none"], None).await, "login_required");
    assert_eq!(ask(&["prompt=none"], Some("session=nobody@1")).await, "login_required");
    assert_eq!(ask(&["prompt=none"], Some(&old)).await, "consent_required");
    rig.later(600);
    assert_eq!(ask(&["prompt=none", "max_age=60"], Some(&old)).await, "login_required");
    rig.people.0.lock().unwrap().get_mut("a_1").unwrap().active = false;
    assert_eq!(ask(&["prompt=none"], Some(&old)).await, "login_required");
    rig.people.0.lock().unwrap().get_mut("a_1").unwrap().active = true;
    // Whoever is to sign in anew cannot answer with what they had before.
    let sent = rig.authorize(&changed(&Rig::asked("web"), &["prompt=login"]), Some(&old)).await;
    let id = sent.sent("return").unwrap();
    let session = portico::oauth::seams::Accounts::of_session(&*rig.people, &old).await.unwrap().unwrap();
    let server = rig.doors.server();
    let scopes = ["pets:read".to_owned()];
    assert_eq!(server.approve(&id, &session, &scopes).await.unwrap_err().error, "login_required");
    let sent = rig.authorize(&form(&Rig::asked("web")), Some(&old)).await;
    let id = sent.sent("request").unwrap();
    let more = ["services:read".to_owned(), "customers:read".to_owned()];
    assert_eq!(server.approve(&id, &session, &more).await.unwrap_err().error, "invalid_scope");
    assert!(server.approve(&id, &session, &[]).await.unwrap().contains("error=access_denied"));
    assert_eq!(server.deny(&id).await.unwrap_err().error, "invalid_request");
    let sent = rig.authorize(&form(&Rig::asked("web")), Some(&old)).await;
    let id = sent.sent("request").unwrap();
    rig.later(600);
    assert_eq!(server.approve(&id, &session, &scopes).await.unwrap_err().error, "invalid_request");
    10
}

const PUSHED: &[Vector] = &[
    ("another redirect URI", &["redirect_uri=https://evil.example/cb"], "invalid_request"),
    ("no redirect URI", &["-redirect_uri"], "invalid_request"),
    ("no PKCE", &["-code_challenge"], "invalid_request"),
    ("plain", &["code_challenge_method=plain"], "invalid_request"),
    ("another client", &["client_id=other"], "invalid_request"),
    ("a scope beyond the tier", &["scope=customers:read"], "invalid_scope"),
    ("a foreign resource", &["resource=https://evil.example"], "invalid_target"),
    ("implicit", &["response_type=token"], "unsupported_response_type"),
    ("a request in a request", &["request_uri=urn:ietf:params:oauth:request_uri:x"], "invalid_request"),
    ("a request object", &["request=x"], "request_not_supported"),
    ("two states", &["+state=x"], "invalid_request"),
];

pub async fn pushing() -> usize {
    let rig = Rig::new().await;
    for (name, changes, error) in PUSHED {
        let answer = rig.as_client("web", "/oauth/par", &changed(&Rig::asked("web"), changes)).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, *error), "{name}");
    }
    let asked = form(&Rig::asked("web"));
    assert_eq!(rig.post("/oauth/par", &[], &asked).await.error(), "invalid_client");
    assert_eq!(rig.ask("GET", &format!("/oauth/par?{asked}"), &[], "").await.status, 405);
    let cookie = rig.cookie("a_1");
    let pushed = async || {
        rig.as_client("web", "/oauth/par", &asked).await.json()["request_uri"].as_str().unwrap().to_owned()
    };
    let refused = async |client: &str, uri: &str, more: &[(&str, &str)]| {
        let query = form(&[&[("client_id", client), ("request_uri", uri)], more].concat());
        let answer = rig.authorize(&query, Some(&cookie)).await;
        assert_eq!((answer.status, answer.location()), (400, None));
        assert!(answer.text.contains("invalid_request"), "{}", answer.text);
    };
    refused("web", "urn:ietf:params:oauth:request_uri:pr_unknown", &[]).await;
    refused("web", "https://evil.example/request.jwt", &[]).await;
    let uri = pushed().await;
    refused("other", &uri, &[]).await;
    refused("web", &uri, &[("redirect_uri", "https://vendor.example/cb")]).await;
    refused("web", &uri, &[("scope", "pets:write")]).await;
    assert_eq!(
        rig.authorize(&form(&[("client_id", "web"), ("request_uri", &uri)]), Some(&cookie)).await.status,
        303
    );
    refused("web", &uri, &[]).await;
    let uri = pushed().await;
    rig.later(91);
    refused("web", &uri, &[]).await;
    // The id of a request that waits is no name of a pushed one.
    let sent = rig.authorize(&asked, Some(&cookie)).await;
    refused("web", &format!("urn:ietf:params:oauth:request_uri:{}", sent.sent("request").unwrap()), &[])
        .await;
    PUSHED.len() + 10
}
