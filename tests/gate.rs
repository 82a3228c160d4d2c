//! The gate from outside: tokens that are good, tokens that are not, keys of vendors, and issuers on this machine that
//! change their keys, are slow, or are away.

mod elsewhere;
mod forge;
mod keys;
mod own;
mod vectors;

use forge::Key;
use http::Request;
use portico::{
    identity::{
        Authenticate, Caller, Peer,
        apikey::Keys,
        gate::{Gate, Made},
        introspection::Introspected,
        issuer::Issuer,
        keys::{Key as RingKey, Life, Ring},
        proof::Replays,
        revoked::Revoked,
    },
    telemetry::clock::Clock,
    value::time::Moment,
};
use serde_json::{Value as Json, json};
use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

const START: i64 = 1_795_219_200;
const PUBLIC: &str = "https://api.pethub.example";

/// A clock that is set by hand.
#[derive(Debug)]
pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Moment {
        Moment { seconds: self.0.load(Ordering::Relaxed), nanos: 0 }
    }
}

/// A gate with two keys of ours, and what can be done to it.
pub struct Rig {
    gate: Gate,
    clock: Arc<Hands>,
    ring: Arc<Ring>,
    revoked: Arc<Revoked>,
    es256: Key,
    ed25519: Key,
}

/// What came of a request.
type Came = Result<Arc<Caller>, Refused>;

#[derive(Debug)]
struct Refused {
    code: &'static str,
    challenge: String,
    retry_after: Option<u64>,
}

fn ring_key(key: &Key) -> Arc<RingKey> {
    Arc::new(RingKey::kept(key.kid.clone(), &key.published(), None, Life::from(0)).unwrap())
}

impl Rig {
    fn new(
        issuers: impl FnOnce(Arc<dyn Clock>) -> (Vec<Arc<Issuer>>, Vec<Introspected>, Option<Keys>),
    ) -> Self {
        portico::edge::install_tls_provider();
        let clock = Arc::new(Hands(AtomicI64::new(START)));
        let (ring, revoked) = (Arc::new(Ring::new()), Arc::new(Revoked::default()));
        let (es256, ed25519) = (Key::es256(), Key::ed25519());
        ring.set(vec![ring_key(&es256), ring_key(&ed25519)]);
        let (issuers, introspected, keys) = issuers(clock.clone());
        let gate = Gate::new(Made {
            clock: clock.clone(),
            public_url: PUBLIC.into(),
            bases: vec!["/v1".into(), "/api/v1".into()],
            ring: Arc::clone(&ring),
            issuers,
            introspected,
            keys,
            revoked: Arc::clone(&revoked),
            replays: Arc::new(Replays::default()),
        });
        Self { gate, clock, ring, revoked, es256, ed25519 }
    }

    fn alone() -> Self {
        Self::new(|_| (Vec::new(), Vec::new(), None))
    }

    fn pass(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn ask(&self, request: Request<()>) -> Came {
        let (head, ()) = request.into_parts();
        self.gate.caller(&head).await.map_err(|fault| {
            assert!(!fault.message.is_empty());
            Refused {
                code: fault.code.id,
                challenge: fault.challenge.map(String::from).unwrap_or_default(),
                retry_after: fault.retry_after.map(|pause| pause.as_secs()),
            }
        })
    }

    async fn bearer(&self, token: &str) -> Came {
        self.ask(get("/v1/pets", &[("authorization", &format!("Bearer {token}"))])).await
    }
}

fn get(target: &str, headers: &[(&str, &str)]) -> Request<()> {
    let mut request = Request::get(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

fn with_certificate(mut request: Request<()>, certificate: Option<[u8; 32]>) -> Request<()> {
    request.extensions_mut().insert(Peer { address: Ipv4Addr::LOCALHOST.into(), certificate });
    request
}

/// The claims of a good token of ours.
fn claims() -> Json {
    json!({
        "iss": PUBLIC, "sub": "a_1", "aud": PUBLIC, "client_id": "app", "iat": START, "exp": START + 900, "jti": "j1",
        "roles": ["owner"], "claims": { "customer": "66" }, "grant": "g1", "scope": "pets:read",
    })
}

fn claims_with(changes: &Json) -> Json {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}
