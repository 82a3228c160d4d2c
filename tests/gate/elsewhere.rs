//! Issuers on this machine, over real sockets: keys that are changed, away or slow, storms, one's token for another's, and
//! tokens that have to be asked about.

use super::*;
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Json as Body,
    routing::{get as reads, post},
};
use portico::{
    backend::fetch::{Network, Referenced},
    identity::fetch::Fetch,
    plan::{
        SecretRef,
        identity::{Introspection, Issuer as Plan, Reach, Roles},
    },
};
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize},
    },
    time::Duration,
};

/// An issuer with a socket.
struct Site {
    address: String,
    state: Arc<Inner>,
    key: Key,
}

#[derive(Default)]
struct Inner {
    address: Mutex<String>,
    keys: Mutex<Vec<Json>>,
    said: Mutex<Json>,
    discoveries: AtomicUsize,
    fetches: AtomicUsize,
    questions: AtomicUsize,
    away: AtomicBool,
    slow: AtomicU64,
}

async fn discovery(State(state): State<Arc<Inner>>) -> (StatusCode, Body<Json>) {
    state.discoveries.fetch_add(1, Ordering::Relaxed);
    let address = state.address.lock().unwrap().clone();
    let status = if state.away.load(Ordering::Relaxed) { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    let document = json!({
        "issuer": address, "jwks_uri": format!("{address}/keys"), "introspection_endpoint": format!("{address}/asked"),
    });
    (status, Body(document))
}

async fn keys(State(state): State<Arc<Inner>>) -> (StatusCode, Body<Json>) {
    state.fetches.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(state.slow.load(Ordering::Relaxed))).await;
    let status = if state.away.load(Ordering::Relaxed) { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    (status, Body(json!({ "keys": state.keys.lock().unwrap().clone() })))
}

async fn asked(
    State(state): State<Arc<Inner>>,
    headers: HeaderMap,
    form: String,
) -> (StatusCode, Body<Json>) {
    state.questions.fetch_add(1, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(20)).await;
    // `us` and `a%26b`, each encoded as in a form.
    let known = headers.get("authorization").is_some_and(|value| value == "Basic dXM6YSUyNTI2Yg==");
    if !known || state.away.load(Ordering::Relaxed) {
        return (StatusCode::UNAUTHORIZED, Body(json!({})));
    }
    let good = form.contains("token=opq%5Fgood");
    (StatusCode::OK, Body(if good { state.said.lock().unwrap().clone() } else { json!({ "active": false }) }))
}

impl Site {
    async fn open(key: Key) -> Self {
        let state = Arc::new(Inner::default());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        state.address.lock().unwrap().clone_from(&address);
        state.keys.lock().unwrap().push(key.published());
        let router = Router::new()
            .route("/.well-known/openid-configuration", reads(discovery))
            .route("/keys", reads(keys))
            .route("/asked", post(asked))
            .with_state(Arc::clone(&state));
        #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, state, key }
    }

    fn plan(&self) -> Plan {
        Plan {
            name: "company".into(),
            issuer: self.address.as_str().into(),
            keys: None,
            audience: vec!["pethub".into()],
            types: vec!["at+jwt".into(), "jwt".into(), "".into()],
            roles: Some(Roles { from: "groups".into(), map: vec![("pethub-admins".into(), "admin".into())] }),
            claims: vec![("provider".into(), "provider_id".into())],
            scopes: None,
            tier: None,
            reach: Reach::Loopback,
            fresh: Duration::from_secs(400),
            stale: Duration::from_secs(600),
            introspection: None,
        }
    }

    fn claims(&self) -> Json {
        json!({
            "iss": self.address, "sub": "u7", "aud": "pethub", "iat": START, "exp": START + 3600, "groups": ["pethub-admins"],
            "provider_id": "4",
        })
    }

    fn fetches(&self) -> usize {
        self.state.fetches.load(Ordering::Relaxed)
    }

    fn publish(&self, keys: &[&Key]) {
        *self.state.keys.lock().unwrap() = keys.iter().map(|key| key.published()).collect();
    }
}

fn rig(plans: Vec<Plan>) -> Rig {
    Rig::new(|clock| {
        let network: Arc<dyn Fetch> = Arc::new(Network::open().unwrap());
        let mut introspected = Vec::new();
        let issuer = |plan: Plan| {
            let asked = plan.introspection.clone();
            let issuer = Arc::new(Issuer::new(plan, Arc::clone(&network), Arc::clone(&clock)));
            if let Some(asked) = asked {
                let credentials = Arc::new(Referenced::new(asked.client, asked.secret));
                introspected.push(Introspected::new(Arc::clone(&issuer), Arc::clone(&clock), credentials));
            }
            issuer
        };
        let issuers = plans.into_iter().map(issuer).collect();
        (issuers, introspected, None)
    })
}

#[tokio::test]
async fn every_algorithm_of_an_issuer_is_taken_and_its_groups_are_roles() {
    for key in [Key::es256(), Key::es384(), Key::ed25519(), Key::rs256(), Key::ps256()] {
        let site = Site::open(key).await;
        let rig = rig(vec![site.plan()]);
        for typ in [Some("at+jwt"), Some("JWT"), None] {
            let mut head = json!({ "alg": site.key.alg(), "kid": site.key.kid });
            if let Some(typ) = typ {
                head["typ"] = json!(typ);
            }
            let caller = rig.bearer(&site.key.sign(&head, &site.claims())).await.unwrap();
            assert_eq!(
                (caller.subject.as_deref(), caller.issuer.as_deref()),
                (Some("u7"), Some(&*site.address))
            );
            assert_eq!((&caller.roles[..], caller.claim("provider")), (&["admin".into()][..], Some("4")));
        }
        assert_eq!(site.fetches(), 1, "{}", site.key.alg());
    }
}

#[tokio::test]
async fn five_hundred_first_requests_are_one_fetch() {
    let site = Site::open(Key::es256()).await;
    site.state.slow.store(100, Ordering::Relaxed);
    let rig = rig(vec![site.plan()]);
    let tokens: Vec<String> = (0..500)
        .map(|n| {
            let mut claims = site.claims();
            claims["sub"] = json!(format!("u{n}"));
            site.key.token(&claims)
        })
        .collect();
    let all = tokens.iter().map(|token| rig.bearer(token));
    assert!(futures_util::future::join_all(all).await.iter().all(Result::is_ok));
    assert_eq!((site.fetches(), site.state.discoveries.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test]
async fn a_thousand_unknown_keys_are_no_storm() {
    let site = Site::open(Key::es256()).await;
    let rig = rig(vec![site.plan()]);
    rig.bearer(&site.key.token(&site.claims())).await.unwrap();
    let stranger = Key::es256();
    for round in 0..2 {
        let tokens: Vec<String> = (0..1000)
            .map(|n| {
                let head = json!({ "alg": "ES256", "typ": "at+jwt", "kid": format!("{round}-{n}") });
                stranger.sign(&head, &site.claims())
            })
            .collect();
        let all = tokens.iter().map(|token| rig.bearer(token));
        let came = futures_util::future::join_all(all).await;
        assert!(came.iter().all(|came| matches!(came, Err(refused) if refused.code == "F212")));
        rig.pass(11);
    }
    assert!(site.fetches() <= 2, "{}", site.fetches());
}

#[tokio::test]
async fn keys_may_be_changed_and_a_withdrawn_one_ends_its_tokens() {
    let site = Site::open(Key::es256()).await;
    let rig = rig(vec![site.plan()]);
    let old = site.key.token(&site.claims());
    rig.bearer(&old).await.unwrap();
    let new = Key::ed25519();
    site.publish(&[&site.key, &new]);
    rig.pass(11);
    rig.bearer(&new.token(&site.claims())).await.unwrap();
    rig.bearer(&old).await.unwrap();
    site.publish(&[&new]);
    // At the end of the set's life it is asked for again, also for a token that is remembered.
    rig.pass(401);
    let refused = rig.bearer(&old).await.unwrap_err();
    assert_eq!((refused.code, refused.challenge.as_str()), ("F212", r#"Bearer error="invalid_token""#));
    rig.bearer(&new.token(&site.claims())).await.unwrap();
}

#[tokio::test]
async fn an_issuer_that_is_away_is_lived_without_for_a_while() {
    let site = Site::open(Key::es256()).await;
    let rig = rig(vec![site.plan()]);
    let token = site.key.token(&site.claims());
    site.state.away.store(true, Ordering::Relaxed);
    let refused = rig.bearer(&token).await.unwrap_err();
    assert_eq!((refused.code, refused.retry_after), ("F231", Some(10)));
    let before = site.state.discoveries.load(Ordering::Relaxed);
    for _ in 0..20 {
        assert_eq!(rig.bearer(&token).await.unwrap_err().code, "F231");
    }
    assert_eq!(site.state.discoveries.load(Ordering::Relaxed), before, "it is not asked all the time");
    site.state.away.store(false, Ordering::Relaxed);
    rig.pass(10);
    rig.bearer(&token).await.unwrap();
    site.state.away.store(true, Ordering::Relaxed);
    // 400 s of life, 600 s without it.
    rig.pass(990);
    rig.bearer(&token).await.unwrap();
    rig.pass(11);
    assert_eq!(rig.bearer(&token).await.unwrap_err().code, "F231");
}

#[tokio::test]
async fn the_token_of_one_issuer_is_none_of_another() {
    let (one, other) = (Site::open(Key::es256()).await, Site::open(Key::es256()).await);
    let mut second = other.plan();
    second.name = "other".into();
    let rig = rig(vec![one.plan(), second]);
    // The other one's key under this one's name, and with this one's name for the key.
    let forged = [
        other.key.token(&one.claims()),
        Key::es256().named(&one.key.kid).token(&one.claims()),
        one.key.token(&other.claims()),
        one.key.token(&claims()),
        rig.es256.token(&one.claims()),
    ];
    for token in &forged {
        assert_eq!(rig.bearer(token).await.unwrap_err().code, "F212");
    }
    rig.bearer(&one.key.token(&one.claims())).await.unwrap();
    rig.bearer(&other.key.token(&other.claims())).await.unwrap();
}

#[tokio::test]
async fn what_an_issuer_made_for_others_or_otherwise_is_not_taken() {
    let site = Site::open(Key::rs256()).await;
    let mut strict = site.plan();
    strict.types = vec!["at+jwt".into()];
    let rig = rig(vec![strict]);
    let changed = |name: &str, value: Json| {
        let mut claims = site.claims();
        claims[name] = value;
        site.key.token(&claims)
    };
    let head = |typ: &str, alg: &str| {
        site.key.sign(&json!({ "typ": typ, "alg": alg, "kid": site.key.kid }), &site.claims())
    };
    rig.bearer(&site.key.token(&site.claims())).await.unwrap();
    for (name, token, code) in [
        ("another audience", changed("aud", json!("payroll")), "F212"),
        ("no audience", changed("aud", json!([])), "F212"),
        ("an identity token by its nonce", changed("nonce", json!("n")), "F212"),
        ("an identity token by its type", head("JWT", "RS256"), "F212"),
        ("an identity token by its claim", changed("typ", json!("ID")), "F212"),
        ("another algorithm of the same key", head("at+jwt", "PS256"), "F212"),
        ("ended", changed("exp", json!(START - 31)), "F213"),
        ("not yet", changed("nbf", json!(START + 31)), "F212"),
        ("no subject", changed("sub", json!("")), "F212"),
        ("groups of another form", changed("groups", json!({ "pethub-admins": true })), "F212"),
        ("bound to a key", changed("cnf", json!({ "jkt": forge::encode([1; 32]) })), "F215"),
    ] {
        assert_eq!(rig.bearer(&token).await.map_err(|refused| refused.code).err(), Some(code), "{name}");
    }
}

fn asking(site: &Site) -> Plan {
    let plain = |text: &str| SecretRef::Plain(text.into());
    let introspection = Introspection {
        address: None,
        client: plain("us"),
        secret: plain("a%26b"),
        prefix: "opq_".into(),
        keep: Duration::from_secs(10),
    };
    *site.state.said.lock().unwrap() = json!({
        "active": true, "sub": "u9", "client_id": "till", "aud": "pethub", "groups": "pethub-admins", "exp": START + 100,
        "iat": START,
    });
    Plan { introspection: Some(introspection), ..site.plan() }
}

#[tokio::test]
async fn an_opaque_token_is_asked_about_once_for_many() {
    let site = Site::open(Key::es256()).await;
    let rig = rig(vec![asking(&site)]);
    let all = (0..50).map(|_| rig.bearer("opq_good"));
    let came = futures_util::future::join_all(all).await;
    let caller = came[0].as_ref().unwrap();
    assert_eq!((caller.subject.as_deref(), caller.client.as_deref()), (Some("u9"), Some("till")));
    assert_eq!(caller.roles, [Box::<str>::from("admin")]);
    assert!(came.iter().all(|came| Arc::ptr_eq(came.as_ref().unwrap(), caller)));
    assert_eq!(rig.bearer("opq_bad").await.unwrap_err().code, "F212");
    assert_eq!(site.state.questions.load(Ordering::Relaxed), 2);
    // Another issuer's kind of token is not shown to this one.
    assert_eq!(rig.bearer("secret").await.unwrap_err().code, "F212");
    assert_eq!(site.state.questions.load(Ordering::Relaxed), 2);
    // What it says later counts after ten seconds.
    *site.state.said.lock().unwrap() = json!({ "active": false });
    rig.bearer("opq_good").await.unwrap();
    rig.pass(10);
    assert_eq!(rig.bearer("opq_good").await.unwrap_err().code, "F212");
}

#[tokio::test]
async fn an_answer_that_says_anything_else_is_a_no() {
    let site = Site::open(Key::es256()).await;
    let plan = asking(&site);
    let good = site.state.said.lock().unwrap().clone();
    for (name, value, code) in [
        ("active", json!("true"), "F212"),
        ("active", json!(1), "F212"),
        ("iss", json!("https://evil.example"), "F212"),
        ("aud", json!("payroll"), "F212"),
        ("aud", json!([]), "F212"),
        ("token_type", json!("refresh_token"), "F212"),
        ("sub", json!(7), "F212"),
        ("exp", json!(START - 31), "F213"),
        ("cnf", json!({ "jkt": forge::encode([1; 32]) }), "F215"),
    ] {
        let rig = rig(vec![plan.clone()]);
        let mut said = good.clone();
        said[name] = value.clone();
        *site.state.said.lock().unwrap() = said;
        assert_eq!(rig.bearer("opq_good").await.unwrap_err().code, code, "{name}: {value}");
    }
    let rig = rig(vec![plan]);
    site.state.away.store(true, Ordering::Relaxed);
    assert_eq!(rig.bearer("opq_good").await.unwrap_err().code, "F231");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let site = Site::open(Key::es256()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let to = format!("{}/keys", site.address);
    let router = Router::new().fallback(move || async move { axum::response::Redirect::temporary(&to) });
    #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
    tokio::spawn(async move { axum::serve(listener, router).await });
    let plan =
        Plan { issuer: address.as_str().into(), keys: Some(format!("{address}/keys").into()), ..site.plan() };
    let rig = rig(vec![plan]);
    let mut claims = site.claims();
    claims["iss"] = json!(address);
    assert_eq!(rig.bearer(&site.key.token(&claims)).await.unwrap_err().code, "F231");
    assert_eq!(site.fetches(), 0);
}
