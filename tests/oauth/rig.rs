//! An authorization server of a test's own: a ledger in a file, people who are signed in by a cookie, a clock that is
//! moved by hand, and clients of every kind.

pub use super::answer::Answer;
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use portico::{
    fault::Fault,
    identity::{
        Peer,
        jws::{self, Algorithm},
        keys::{Key, Life, Ring},
        revoked::Revoked,
        sealer::Ephemeral,
    },
    ledger::{Ledger, oauth::clients::ClientRow},
    oauth::{
        self, Doors, Parts,
        client::{CODE, CREDENTIALS, DEVICE, Metadata, Method, REFRESH},
        rules::Rules,
        seams::{Account, Accounts, Current, Session},
        secrets,
    },
    plan::{SecretRef, SqlSource, identity::Tier},
    telemetry::clock::Clock,
    value::time::Moment,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};

pub const ISSUER: &str = "https://api.example.org";
/// The verifier of every test, and its challenge.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const WEB: &str = "https://vendor.example/cb";

#[derive(Debug)]
pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Moment {
        Moment { seconds: self.0.load(Ordering::SeqCst), nanos: 0 }
    }
}

#[derive(Debug)]
struct Still(Arc<Rules>);

impl Current for Still {
    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.0)
    }
}

/// `session=ID@TIME` is somebody who signed in at a time.
#[derive(Debug, Default)]
pub struct People(pub Mutex<BTreeMap<String, Account>>);

#[async_trait::async_trait]
impl Accounts for People {
    async fn of_session(&self, cookie: &str) -> Result<Option<Session>, Fault> {
        let Some((id, time)) = cookie.strip_prefix("session=").and_then(|rest| rest.split_once('@')) else {
            return Ok(None);
        };
        let account = self.0.lock().unwrap().get(id).cloned();
        Ok(account.map(|account| Session { account, auth_time: time.parse().unwrap(), id: "s".into() }))
    }

    async fn account(&self, id: &str) -> Result<Option<Account>, Fault> {
        Ok(self.0.lock().unwrap().get(id).cloned())
    }
}

pub struct Rig {
    pub doors: Doors,
    pub ledger: Ledger,
    pub ring: Arc<Ring>,
    pub people: Arc<People>,
    pub certificate: Mutex<Option<[u8; 32]>>,
    /// Signs the assertions of `signer`.
    pub key: Key,
    clock: Arc<Hands>,
    source: SqlSource,
    file: PathBuf,
    /// The one that made the file.
    first: bool,
    counter: AtomicU32,
}

impl Drop for Rig {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"].iter().filter(|_| self.first) {
            let _ = std::fs::remove_file(format!("{}{end}", self.file.display()));
        }
    }
}

pub fn form(pairs: &[(&str, &str)]) -> String {
    let pair =
        |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

pub fn basic(id: &str, secret: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret))))
}

/// Changes a request: `name=value` says or replaces, `-name` takes out, `+name=value` says it once more, as it is.
pub fn changed(base: &[(&str, &str)], changes: &[&str]) -> String {
    let mut pairs: Vec<(String, String)> =
        base.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    let mut raw = String::new();
    for change in changes {
        if let Some(more) = change.strip_prefix('+') {
            raw = format!("{raw}&{more}");
        } else if let Some(name) = change.strip_prefix('-') {
            pairs.retain(|(known, _)| known != name);
        } else {
            let (name, value) = change.split_once('=').unwrap();
            pairs.retain(|(known, _)| known != name);
            pairs.push((name.to_owned(), value.to_owned()));
        }
    }
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    form(&pairs) + &raw
}

impl Rig {
    pub async fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("portico-oauth-rig-{}-{}.db", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let file = std::env::temp_dir().join(name);
        let source = SqlSource {
            url: SecretRef::Plain(format!("sqlite:{}", file.display())),
            root: std::env::temp_dir(),
            migrations: None,
            connections: 8,
            deadline: Duration::from_secs(20),
        };
        let clock = Arc::new(Hands(AtomicI64::new(1_800_000_000)));
        let people = Arc::new(People::default());
        for id in ["a_1", "a_2"] {
            let account = Account {
                id: id.into(),
                roles: vec!["owner".into()],
                claims: [("customer".to_owned(), "66".to_owned())].into(),
                active: true,
                email: None,
            };
            people.0.lock().unwrap().insert(id.into(), account);
        }
        let rig = Self::open(source, file, clock, people, true).await;
        rig.clients().await;
        rig
    }

    /// Another program over the same ledger.
    pub async fn again(&self) -> Self {
        let source = self.source.clone();
        Self::open(source, self.file.clone(), Arc::clone(&self.clock), Arc::clone(&self.people), false).await
    }

    async fn open(
        source: SqlSource,
        file: PathBuf,
        clock: Arc<Hands>,
        people: Arc<People>,
        first: bool,
    ) -> Self {
        let ledger = Ledger::open(&source).await.unwrap();
        let scopes =
            ["openid", "pets:read", "pets:write", "customers:read", "services:read", "services:write"];
        let rules = Rules {
            issuer: ISSUER.into(),
            access: 900,
            refresh: 86_400,
            tiers: vec![
                Tier {
                    name: "basic".into(),
                    title: None,
                    scopes: vec!["openid".into(), "pets:*".into(), "services:read".into()],
                },
                Tier { name: "empty".into(), title: None, scopes: Vec::new() },
            ],
            scopes: scopes.map(str::to_owned).into(),
            bases: vec!["/v1".into(), "/api/v1".into()],
            apps: Vec::new(),
        };
        let ring = Arc::new(Ring::new());
        let parts = Parts {
            ledger: ledger.clone(),
            ring: Arc::clone(&ring),
            revoked: Arc::new(Revoked::default()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            current: Arc::new(Still(Arc::new(rules))),
            people: None,
            accounts: Arc::clone(&people) as Arc<dyn Accounts>,
            sealer: Arc::new(Ephemeral::new()),
            entrances: Arc::new(oauth::seams::Unlimited),
            note: None,
        };
        let doors = oauth::open(parts).await.unwrap();
        let (key, _) = Key::generate(Algorithm::Es256, Life::from(0)).unwrap();
        let certificate = Mutex::new(None);
        let counter = AtomicU32::new(0);
        Self { doors, ledger, ring, people, certificate, key, clock, source, file, first, counter }
    }

    async fn clients(&self) {
        let code = || vec![CODE.to_owned(), REFRESH.to_owned()];
        let of = |method, grant_types: Vec<String>| Metadata { method, grant_types, ..Metadata::default() };
        let web = |method| Metadata { redirect_uris: vec![WEB.into()], ..of(method, code()) };
        let all = [
            ("web", "active", web(Method::ClientSecretBasic)),
            ("other", "active", web(Method::ClientSecretBasic)),
            ("post", "active", web(Method::ClientSecretPost)),
            ("pending", "pending", web(Method::ClientSecretBasic)),
            ("disabled", "disabled", web(Method::ClientSecretBasic)),
            ("gone", "active", web(Method::ClientSecretBasic)),
            (
                "app",
                "active",
                Metadata {
                    redirect_uris: vec!["http://127.0.0.1/cb".into(), "com.example.app:/cb".into()],
                    ..of(Method::None, [code(), vec![DEVICE.into()]].concat())
                },
            ),
            ("tv", "active", of(Method::None, vec![DEVICE.into(), REFRESH.into()])),
            (
                "partner",
                "active",
                Metadata {
                    roles: vec!["partner".into()],
                    claims: [("partner".to_owned(), "7".to_owned())].into(),
                    scopes: vec!["pets:read".into()],
                    ..of(Method::ClientSecretBasic, vec![CREDENTIALS.into()])
                },
            ),
            (
                "signer",
                "active",
                Metadata {
                    jwks: Some(json!({ "keys": [self.key.jwk()] })),
                    ..of(Method::PrivateKeyJwt, vec![CREDENTIALS.into()])
                },
            ),
            (
                "tls",
                "active",
                Metadata {
                    certificate: Some(jws::encode(&[7; 32])),
                    ..of(Method::SelfSignedTlsClientAuth, vec![CREDENTIALS.into()])
                },
            ),
            (
                "bound",
                "active",
                Metadata { dpop: true, ..of(Method::ClientSecretBasic, vec![CREDENTIALS.into()]) },
            ),
            (
                "server",
                "active",
                Metadata { introspects: true, ..of(Method::ClientSecretBasic, vec![CREDENTIALS.into()]) },
            ),
            ("own", "active", Metadata { own: true, ..web(Method::None) }),
        ];
        for (id, status, metadata) in all {
            self.add(id, status, "basic", &metadata).await;
        }
        self.add("nothing", "active", "empty", &of(Method::ClientSecretBasic, vec![CREDENTIALS.into()]))
            .await;
        self.ledger.remove_client("gone", self.now(), self.now() + 1000).await.unwrap();
    }

    pub async fn add(&self, id: &str, status: &str, tier: &str, metadata: &Metadata) {
        assert_eq!(metadata.faults(), Vec::<String>::new(), "{id}");
        let secret = metadata.method.has_secret();
        let row = ClientRow {
            id: id.into(),
            name: format!("The client {id}"),
            status: status.into(),
            tier: tier.into(),
            secret_hash: if secret { secrets::hash(&format!("{id}-secret")) } else { String::new() },
            metadata: serde_json::to_string(metadata).unwrap(),
            created_at: self.now(),
            ..ClientRow::default()
        };
        assert!(self.ledger.add_client(&row).await.unwrap());
    }

    pub fn now(&self) -> i64 {
        self.clock.0.load(Ordering::SeqCst)
    }

    pub fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// A name that no other test of this rig has.
    pub fn fresh(&self) -> String {
        format!("n{}", self.counter.fetch_add(1, Ordering::SeqCst))
    }

    pub async fn ask(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let certificate = *self.certificate.lock().unwrap();
        request = request.extension(Peer { address: [127, 0, 0, 1].into(), certificate });
        let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
        let (head, body) = self.doors.answer(request).await.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        Answer { status: head.status.as_u16(), headers: head.headers, text }
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.ask("POST", path, &[&[kind], headers].concat(), body).await
    }

    /// As a client that has a secret and sends it in its header.
    pub async fn as_client(&self, id: &str, path: &str, body: &str) -> Answer {
        self.post(path, &[("authorization", &basic(id, &format!("{id}-secret")))], body).await
    }

    pub fn cookie(&self, id: &str) -> String {
        format!("session={id}@{}", self.now())
    }

    pub async fn authorize(&self, query: &str, cookie: Option<&str>) -> Answer {
        let headers: Vec<(&str, &str)> = cookie.iter().map(|cookie| ("cookie", *cookie)).collect();
        self.ask("GET", &format!("/oauth/authorize?{query}"), &headers, "").await
    }

    /// A sound request of `web`.
    pub fn asked(client: &str) -> Vec<(&str, &str)> {
        let uri = if client == "app" { "http://127.0.0.1:5100/cb" } else { WEB };
        vec![
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", uri),
            ("scope", "openid pets:read services:read"),
            ("state", "st&te"),
            ("nonce", "n-1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
    }

    /// The account `a_1` says yes to a request. Returns where the browser goes.
    pub async fn allow(&self, query: &str) -> Answer {
        let cookie = self.cookie("a_1");
        let asked = self.authorize(query, Some(&cookie)).await;
        let Some(id) = asked.sent("request") else { return asked };
        let session = self.people.of_session(&cookie).await.unwrap().unwrap();
        let pending = self.doors.server().pending(&id).await.unwrap().unwrap();
        let location = self.doors.server().approve(&id, &session, &pending.scopes).await.unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("location", location.parse().unwrap());
        Answer { status: 303, headers, text: String::new() }
    }

    pub async fn code(&self, client: &str) -> String {
        let answer = self.allow(&form(&Self::asked(client))).await;
        answer.sent("code").unwrap_or_else(|| panic!("{:?}", answer.location()))
    }

    /// What a code of `web` is exchanged with.
    pub fn exchange(code: &str) -> Vec<(&str, &str)> {
        vec![("grant_type", CODE), ("code", code), ("redirect_uri", WEB), ("code_verifier", VERIFIER)]
    }

    /// The tokens of a whole code flow of `web` or `other`.
    pub async fn tokens(&self, client: &str) -> Value {
        let code = self.code(client).await;
        self.as_client(client, "/oauth/token", &form(&Self::exchange(&code))).await.ok()
    }

    pub async fn refresh(&self, client: &str, token: &str) -> Answer {
        self.as_client(client, "/oauth/token", &form(&[("grant_type", REFRESH), ("refresh_token", token)]))
            .await
    }

    pub async fn is_active(&self, token: &str) -> bool {
        self.as_client("server", "/oauth/introspect", &form(&[("token", token)])).await.ok()["active"] == true
    }

    /// The claims of an assertion of `signer`.
    pub fn assertion(&self) -> Value {
        let now = self.now();
        json!({ "iss": "signer", "sub": "signer", "aud": ISSUER, "exp": now + 60, "iat": now, "jti": self.fresh() })
    }

    /// A proof of a key for a request (RFC 9449).
    pub fn proof(&self, key: &Key, method: &str, path: &str, more: &Value) -> String {
        let mut claims = json!({ "htm": method, "htu": format!("{ISSUER}{path}"), "iat": self.now(), "jti": self.fresh() });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let text = key.sign("dpop+jwt", &claims).unwrap();
        headed(
            key,
            &text,
            &json!({ "alg": key.algorithm().name(), "typ": "dpop+jwt", "jwk": key.public().jwk() }),
        )
    }
}

/// A token anew with another header, signed by a key over it.
pub fn headed(key: &Key, text: &str, header: &Value) -> String {
    let payload = text.split('.').nth(1).unwrap();
    key.sign_as(header, payload).unwrap()
}

/// SHA-256 of a text, base64url.
pub fn hashed(text: &str) -> String {
    jws::encode(digest(&SHA256, text.as_bytes()).as_ref())
}

pub fn payload(token: &str) -> Value {
    serde_json::from_slice(&jws::decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}
