use super::*;
use crate::identity::forge::Key;
use serde_json::{Value as Json, json};

const NOW: i64 = 1_795_219_200;
const TOKEN: &str = "abc.def.ghi";

fn about() -> About<'static> {
    About { method: "GET", url: "https://api.example/v1/pets", token: Some(TOKEN), nonce: None }
}

fn claims() -> Json {
    let ath = jws::hashed(TOKEN);
    json!({ "jti": "j1", "htm": "GET", "htu": "https://api.example/v1/pets", "iat": NOW, "ath": ath })
}

#[test]
fn a_proof_about_this_request_holds() {
    for key in [Key::es256(), Key::ed25519()] {
        let proven = check(&key.proof(&claims()), about(), NOW).unwrap();
        assert_eq!(proven.thumbprint, key.thumbprint());
    }
}

#[test]
fn anything_else_is_refused_for_its_reason() {
    let key = Key::es256();
    let changed = |name: &str, value: Json| {
        let mut claims = claims();
        claims[name] = value;
        key.proof(&claims)
    };
    let head = |name: &str, value: Json| {
        let mut head = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": key.jwk() });
        head[name] = value;
        key.sign(&head, &claims())
    };
    let mut private = key.jwk();
    private["d"] = json!("AAAA");
    let other = Key::es256();
    for (proof, why) in [
        (changed("htm", json!("POST")), Refusal::Method),
        (changed("htm", json!("get")), Refusal::Method),
        (changed("htu", json!("https://api.example/v1/pets/7")), Refusal::Address),
        (changed("htu", json!("http://api.example/v1/pets")), Refusal::Address),
        (changed("htu", json!("https://api.example:8443/v1/pets")), Refusal::Address),
        (changed("htu", json!("https://u@api.example/v1/pets")), Refusal::Address),
        (changed("htu", json!("/v1/pets")), Refusal::Address),
        (changed("htu", json!(7)), Refusal::Address),
        (changed("iat", json!(NOW - WINDOW - 1)), Refusal::Time),
        (changed("iat", json!(NOW + WINDOW + 1)), Refusal::Time),
        (changed("iat", json!("now")), Refusal::Time),
        (changed("iat", json!(-9_000_000_000_000_000_000_i64)), Refusal::Time),
        (changed("ath", json!("AAAA")), Refusal::Token),
        (changed("ath", Json::Null), Refusal::Token),
        (changed("jti", json!("")), Refusal::Malformed),
        (changed("jti", json!("j".repeat(300))), Refusal::Malformed),
        (head("typ", json!("jwt")), Refusal::Malformed),
        (head("jwk", json!({ "kty": "oct", "k": "AAAA" })), Refusal::Key),
        (head("jwk", private), Refusal::Key),
        (head("jwk", other.jwk()), Refusal::Signature),
        (head("alg", json!("EdDSA")), Refusal::Signature),
        (head("alg", json!("none")), Refusal::Malformed),
        (String::new(), Refusal::Malformed),
        ("x".repeat(LONGEST + 1), Refusal::Malformed),
    ] {
        assert_eq!(check(&proof, about(), NOW).err(), Some(why), "{proof}");
    }
    let nonce = About { nonce: Some("n"), ..about() };
    assert_eq!(check(&key.proof(&claims()), nonce, NOW).err(), Some(Refusal::Nonce));
    assert!(check(&changed("nonce", json!("n")), nonce, NOW).is_ok());
}

#[test]
fn addresses_are_compared_in_one_form() {
    let key = Key::es256();
    for said in [
        "HTTPS://API.example:443/v1/pets?limit=3#x",
        "https://api.example/v1/./pets",
        "https://api.example/v2/../v1/pets",
        "https://api.example/%76%31/pets",
    ] {
        let mut claims = claims();
        claims["htu"] = json!(said);
        assert!(check(&key.proof(&claims), about(), NOW).is_ok(), "{said}");
    }
    assert_eq!(normal("http://h").unwrap(), "http://h/");
    assert_eq!(normal("http://h/a%2fb%7E").unwrap(), "http://h/a%2Fb~");
    assert_eq!(normal("http://h/a%zz"), None);
    assert_eq!(normal("ftp://h/"), None);
}

#[test]
fn a_proof_is_taken_once_for_as_long_as_it_is_good() {
    let replays = Replays::default();
    let proven = |n: u8| Proven { thumbprint: String::new(), once: [n; 32] };
    replays.take(&proven(1), NOW).unwrap();
    for later in [0, 1, WINDOW, 2 * WINDOW] {
        assert_eq!(replays.take(&proven(1), NOW + later), Err(Refusal::Replayed), "{later}");
    }
    replays.take(&proven(17), NOW + 2 * WINDOW + 1).unwrap();
    assert_eq!(replays.take(&proven(17), NOW + 4 * WINDOW + 1), Err(Refusal::Replayed));
    assert_eq!(replays.take(&proven(17), NOW + 4 * WINDOW + 2), Err(Refusal::Replayed));
}

#[test]
fn a_full_store_takes_nothing_until_it_has_forgotten() {
    let replays = Replays::holding(SHARDS);
    let proven = |n: u8, m: u8| {
        let mut once = [m; 32];
        once[0] = n;
        Proven { thumbprint: String::new(), once }
    };
    replays.take(&proven(1, 1), NOW).unwrap();
    assert_eq!(replays.take(&proven(1, 2), NOW), Err(Refusal::Full));
    replays.take(&proven(2, 2), NOW).unwrap();
    replays.take(&proven(1, 2), NOW + 10 * WINDOW).unwrap();
}
