//! A token that anybody changed is never taken; one that our key did sign is taken only where its claims say so, as
//! they are read here once more and without the gate.
//!
//! The input's first letter says what the rest is: `t` the text of a token, `e` changes of a good one (three bytes
//! each: a place in two, and the letter that is put there), `s` a header and a payload on two lines, which are signed.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Request;
use portico::{
    identity::{
        Authenticate,
        gate::{Gate, Made},
        keys::{Key, Life, Ring},
        proof::Replays,
        revoked::Revoked,
    },
    telemetry::clock::Fixed,
    value::time::Moment,
};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tokio::runtime;

const NOW: i64 = 1_795_219_200;
const PUBLIC: &str = "https://api.pethub.example";
/// How far clocks may be apart.
const LEEWAY: i64 = 30;

struct Doorkeeper {
    gate: Gate,
    edwards: Ed25519KeyPair,
    /// Good tokens: one that is the same in every run, and one that is not.
    fixed: String,
    fresh: String,
    runtime: runtime::Runtime,
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn claims() -> Json {
    json!({ "iss": PUBLIC, "sub": "a_1", "aud": PUBLIC, "client_id": "app", "iat": NOW, "exp": NOW + 900, "jti": "j1",
        "roles": ["owner"], "claims": { "customer": "66" }, "grant": "g1", "scope": "pets:read" })
}

fn signed(head: &str, payload: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let text = format!("{}.{}", encode(head), encode(payload));
    let signature = encode(sign(text.as_bytes()));
    format!("{text}.{signature}")
}

impl Doorkeeper {
    fn new() -> Self {
        let edwards = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let curve = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let (x, y) = curve.public_key().as_ref()[1..].split_at(32);
        let published = [
            (
                "ed",
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(edwards.public_key()), "alg": "EdDSA" }),
            ),
            ("es", json!({ "kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y), "alg": "ES256" })),
        ];
        let ring = Arc::new(Ring::new());
        let kept = |(kid, jwk): &(&str, Json)| {
            Arc::new(Key::kept((*kid).to_owned(), jwk, None, Life::from(0)).unwrap())
        };
        ring.set(published.iter().map(kept).collect());
        let gate = Gate::new(Made {
            clock: Arc::new(Fixed(Moment { seconds: NOW, nanos: 0 })),
            public_url: PUBLIC.into(),
            bases: vec!["/v1".into(), "/api/v1".into()],
            ring,
            issuers: Vec::new(),
            introspected: Vec::new(),
            keys: None,
            revoked: Arc::new(Revoked::default()),
            replays: Arc::new(Replays::default()),
        });
        let head = |alg, kid| json!({ "typ": "at+jwt", "alg": alg, "kid": kid }).to_string();
        let payload = claims().to_string();
        let fixed = signed(&head("EdDSA", "ed"), &payload, |text| edwards.sign(text).as_ref().to_vec());
        let fresh = signed(&head("ES256", "es"), &payload, |text| {
            curve.sign(&SystemRandom::new(), text).unwrap().as_ref().to_vec()
        });
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let keeper = Self { gate, edwards, fixed, fresh, runtime };
        assert!(keeper.takes(&keeper.fixed) && keeper.takes(&keeper.fresh), "a good token is refused");
        keeper
    }

    fn takes(&self, token: &str) -> bool {
        let request = Request::get("/v1/pets").header("authorization", format!("Bearer {token}"));
        // What no header can hold never comes so far.
        let Ok(request) = request.body(()) else { return false };
        let (head, ()) = request.into_parts();
        match self.runtime.block_on(self.gate.caller(&head)) {
            Ok(caller) => {
                assert!(
                    !caller.is_anonymous() && !caller.is_operator(),
                    "a token made its bearer {caller:?}"
                );
                true
            }
            Err(fault) => {
                assert!(matches!(fault.code.id, "F212" | "F213" | "F214" | "F215"), "{}", fault.code.id);
                assert!(!fault.message.contains(token) || token.len() < 8, "the refusal tells the token");
                false
            }
        }
    }
}

/// Whether a payload that our key signed may be taken: judged by the least that has to be there.
fn may(head: &str, payload: &str) -> bool {
    let (Ok(head), Ok(claims)) = (serde_json::from_str::<Json>(head), serde_json::from_str::<Json>(payload))
    else {
        return false;
    };
    let typ = head["typ"].as_str().unwrap_or_default().to_ascii_lowercase();
    let audience = match &claims["aud"] {
        Json::String(one) => vec![one.as_str()],
        Json::Array(all) => all.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    let ours = |one: &&str| *one == PUBLIC || *one == format!("{PUBLIC}/v1");
    head["alg"] == "EdDSA"
        && head["kid"] == "ed"
        && (typ == "at+jwt" || typ == "application/at+jwt")
        && head.get("crit").is_none()
        && claims["iss"] == PUBLIC
        && claims["exp"].as_f64().is_some_and(|end| end + LEEWAY as f64 > NOW as f64)
        && audience.iter().any(ours)
        && claims["sub"].is_string()
        // A bound token needs a proof, and none comes with it.
        && claims.get("cnf").is_none_or(Json::is_null)
}

thread_local! {
    static KEEPER: Doorkeeper = Doorkeeper::new();
}

pub fn check(input: &[u8]) {
    let Some((kind, rest)) = input.split_first() else { return };
    KEEPER.with(|keeper| match kind {
        b't' => {
            let Ok(token) = std::str::from_utf8(rest) else { return };
            // What stands around a credential in a header is no part of it.
            let same = token.trim_matches([' ', '\t']) == keeper.fixed;
            assert_eq!(keeper.takes(token), same, "{token}");
        }
        b'e' => {
            let mut token = keeper.fresh.clone().into_bytes();
            for change in rest.chunks_exact(3) {
                let at = usize::from(change[0]) << 8 | usize::from(change[1]);
                let end = token.len();
                token[at % end] = change[2];
            }
            let Ok(token) = String::from_utf8(token) else { return };
            assert_eq!(keeper.takes(&token), token == keeper.fresh, "{token} is not {}", keeper.fresh);
        }
        b's' => {
            let Ok(text) = std::str::from_utf8(rest) else { return };
            let Some((head, payload)) = text.split_once('\n') else { return };
            let token = signed(head, payload, |text| keeper.edwards.sign(text).as_ref().to_vec());
            assert!(!keeper.takes(&token) || may(head, payload), "{head}\n{payload}");
        }
        _ => {}
    });
}
