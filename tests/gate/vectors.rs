//! Credentials that must not be taken, each with its code and its challenge. None of them is ever taken, also when a good
//! token came before.

use super::*;
use aws_lc_rs::hmac;

/// What is refused, and how.
struct Vector {
    name: &'static str,
    request: Request<()>,
    code: &'static str,
    challenge: &'static str,
}

const INVALID: &str = r#"Bearer error="invalid_token""#;
const REQUEST: &str = r#"Bearer error="invalid_request""#;
const PROOF: &str = r#"DPoP error="invalid_dpop_proof""#;
const UNBOUND: &str = r#"DPoP error="invalid_token""#;
const EXPIRED: &str = r#"Bearer error="invalid_token", error_description="The access token expired""#;

fn bearer(token: &str) -> Request<()> {
    get("/v1/pets", &[("authorization", &format!("Bearer {token}"))])
}

/// Tokens that are refused as F212 whatever is done to them.
fn tokens(rig: &Rig) -> Vec<(&'static str, String)> {
    let (es, ed) = (&rig.es256, &rig.ed25519);
    let good = es.token(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let head = |changes: &Json| {
        let mut head = json!({ "typ": "at+jwt", "alg": "ES256", "kid": es.kid });
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                head.as_object_mut().unwrap().remove(name);
            } else {
                head[name] = value.clone();
            }
        }
        es.sign(&head, &claims())
    };
    let says = |changes: Json| es.token(&claims_with(&changes));
    let symmetric = |secret: &[u8]| {
        let head = json!({ "typ": "at+jwt", "alg": "HS256", "kid": es.kid }).to_string();
        let signed = format!("{}.{}", forge::encode(head), forge::encode(claims().to_string()));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("{signed}.{}", forge::encode(tag))
    };
    let none = |alg: &str, signature: &str| {
        let head = json!({ "typ": "at+jwt", "alg": alg, "kid": es.kid }).to_string();
        format!("{}.{}.{signature}", forge::encode(head), forge::encode(claims().to_string()))
    };
    let stranger = Key::es256();
    let mut flipped = parts[2].to_owned();
    let first = if flipped.starts_with('A') { "B" } else { "A" };
    flipped.replace_range(0..1, first);
    let other_claims = forge::encode(claims_with(&json!({ "sub": "a_2" })).to_string());
    let payload = claims().to_string();
    let twice = payload.replacen('{', r#"{"sub":"a_9","#, 1);
    let deep = payload.replacen(r#""customer":"66""#, r#""customer":"66","customer":"67""#, 1);
    let embedded =
        stranger.sign(&json!({ "typ": "at+jwt", "alg": "ES256", "jwk": stranger.jwk() }), &claims());
    let kid_and_key = stranger
        .sign(&json!({ "typ": "at+jwt", "alg": "ES256", "kid": es.kid, "jwk": stranger.jwk() }), &claims());
    let es_sig_as_ed = es.sign(&json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": ed.kid }), &claims());
    let es_kid_ed_alg = ed.sign(&json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": es.kid }), &claims());
    let malleable = {
        let mut signature = es.signature(&format!("{}.{}", parts[0], parts[1]));
        signature.push(0);
        format!("{}.{}.{}", parts[0], parts[1], forge::encode(signature))
    };
    vec![
        ("alg none without a signature", none("none", "")),
        ("alg none with one", none("none", parts[2])),
        ("alg None", none("None", "")),
        ("alg of no name", none("", parts[2])),
        ("HS256 with the public key's bytes", symmetric(&es.public_bytes())),
        ("HS256 with the public key's text", symmetric(es.published().to_string().as_bytes())),
        ("HS256 with an empty secret", symmetric(b"")),
        ("an ES256 key used as EdDSA", head(&json!({ "alg": "EdDSA" }))),
        ("an ES256 signature under the Edwards key's name", es_sig_as_ed),
        ("an Edwards signature under the ES256 key's name", es_kid_ed_alg),
        ("alg ES384 with a P-256 key", head(&json!({ "alg": "ES384" }))),
        ("alg RS256 with a P-256 key", head(&json!({ "alg": "RS256" }))),
        ("alg ES512", head(&json!({ "alg": "ES512" }))),
        ("alg as a list", head(&json!({ "alg": ["ES256"] }))),
        ("no alg", head(&json!({ "alg": null }))),
        ("no kid", head(&json!({ "kid": null }))),
        ("an unknown kid", head(&json!({ "kid": "nobody" }))),
        ("a kid that climbs", head(&json!({ "kid": "../../../../dev/null" }))),
        ("a kid that is SQL", head(&json!({ "kid": "' UNION SELECT 'AAAA" }))),
        ("a kid that is an address", head(&json!({ "kid": "https://evil.example/key" }))),
        ("a kid that is a number", head(&json!({ "kid": 1 }))),
        ("an empty kid", head(&json!({ "kid": "" }))),
        ("a key that it brings itself", embedded),
        ("a key that it brings itself, under our name", kid_and_key),
        ("jku", head(&json!({ "jku": "https://evil.example/keys" }))),
        ("x5u", head(&json!({ "x5u": "https://evil.example/chain" }))),
        ("x5c", head(&json!({ "x5c": ["AAAA"] }))),
        ("crit", head(&json!({ "crit": ["exp"] }))),
        ("crit of something unknown", head(&json!({ "crit": ["x"], "x": 1 }))),
        ("an empty crit", head(&json!({ "crit": [] }))),
        ("an unencoded payload", head(&json!({ "b64": false }))),
        ("a packed payload", head(&json!({ "zip": "DEF" }))),
        ("an identity token", head(&json!({ "typ": "JWT" }))),
        ("no typ", head(&json!({ "typ": null }))),
        ("a proof as a token", head(&json!({ "typ": "dpop+jwt" }))),
        ("a logout token", head(&json!({ "typ": "logout+jwt" }))),
        ("a typ that only begins well", head(&json!({ "typ": "at+jwt+x" }))),
        ("a signature of somebody else's key", stranger.token(&claims())),
        ("somebody else's key under our name", Key::es256().named(&es.kid).token(&claims())),
        ("a changed signature", format!("{}.{}.{flipped}", parts[0], parts[1])),
        ("a signature with a byte more", malleable),
        ("a signature cut off", format!("{}.{}.", parts[0], parts[1])),
        ("half a signature", format!("{}.{}.{}", parts[0], parts[1], &parts[2][..43])),
        ("other claims under the same signature", format!("{}.{other_claims}.{}", parts[0], parts[2])),
        ("no payload", format!("{}..{}", parts[0], parts[2])),
        ("no header", format!(".{}.{}", parts[1], parts[2])),
        ("two dots", "..".into()),
        ("one dot", "a.b".into()),
        ("four parts", format!("{good}.AAAA")),
        ("five parts", format!("{good}.AAAA.AAAA")),
        ("padding", format!("{}.{}=.{}", parts[0], parts[1], parts[2])),
        ("a plus in the encoding", format!("{}.{}+.{}", parts[0], parts[1], parts[2])),
        ("too long", says(json!({ "x": "x".repeat(20_000) }))),
        (
            "a member twice",
            es.sign_texts(&json!({ "typ": "at+jwt", "alg": "ES256", "kid": es.kid }).to_string(), &twice),
        ),
        (
            "a member twice within",
            es.sign_texts(&json!({ "typ": "at+jwt", "alg": "ES256", "kid": es.kid }).to_string(), &deep),
        ),
        (
            "alg twice",
            es.sign_texts(
                &format!(r#"{{"typ":"at+jwt","alg":"none","alg":"ES256","kid":"{}"}}"#, es.kid),
                &payload,
            ),
        ),
        (
            "a payload that is a list",
            es.sign_texts(&json!({ "typ": "at+jwt", "alg": "ES256", "kid": es.kid }).to_string(), "[]"),
        ),
        (
            "a payload that is a text",
            es.sign_texts(&json!({ "typ": "at+jwt", "alg": "ES256", "kid": es.kid }).to_string(), "\"x\""),
        ),
        (
            "a payload with something behind",
            es.sign_texts(
                &json!({ "typ": "at+jwt", "alg": "ES256", "kid": es.kid }).to_string(),
                &format!("{payload} x"),
            ),
        ),
        (
            "a payload nested without end",
            es.sign_texts(
                &json!({ "typ": "at+jwt", "alg": "ES256", "kid": es.kid }).to_string(),
                &"[".repeat(8000),
            ),
        ),
        ("another issuer", says(json!({ "iss": "https://evil.example" }))),
        ("our name with a slash", says(json!({ "iss": format!("{PUBLIC}/") }))),
        ("our name in capitals", says(json!({ "iss": PUBLIC.to_uppercase() }))),
        ("our name in a list", says(json!({ "iss": [PUBLIC] }))),
        ("no issuer", says(json!({ "iss": null }))),
        ("another audience", says(json!({ "aud": "https://other.example" }))),
        ("an audience that begins like ours", says(json!({ "aud": format!("{PUBLIC}.evil.example") }))),
        ("an audience that is no API", says(json!({ "aud": format!("{PUBLIC}/v2") }))),
        ("an empty list of audiences", says(json!({ "aud": [] }))),
        ("the client as audience", says(json!({ "aud": "app" }))),
        ("no audience", says(json!({ "aud": null }))),
        ("no end", says(json!({ "exp": null }))),
        ("an end as a text", says(json!({ "exp": (START + 900).to_string() }))),
        ("an end beyond all numbers", says(json!({ "exp": 1e300 }))),
        ("nbf in the future", says(json!({ "nbf": START + 31 }))),
        ("iat in the future", says(json!({ "iat": START + 31 }))),
        ("no iat", says(json!({ "iat": null }))),
        ("no subject", says(json!({ "sub": null }))),
        ("an empty subject", says(json!({ "sub": "" }))),
        ("no client", says(json!({ "client_id": null }))),
        ("no jti", says(json!({ "jti": null }))),
        ("scopes as a list", says(json!({ "scope": ["pets:read"] }))),
        ("roles that are no texts", says(json!({ "roles": [1] }))),
        ("claims that are no object", says(json!({ "claims": "customer" }))),
        ("a binding that nobody knows", says(json!({ "cnf": { "kid": "k" } }))),
        ("an empty binding", says(json!({ "cnf": {} }))),
        (
            "two bindings",
            says(json!({ "cnf": { "jkt": forge::encode([1; 32]), "x5t#S256": forge::encode([1; 32]) } })),
        ),
        ("a binding of nothing", says(json!({ "cnf": "none" }))),
        ("a word", "secret".into()),
    ]
}

/// Proofs and schemes.
fn proofs(rig: &Rig) -> Vec<Vector> {
    let (holder, other) = (Key::es256(), Key::es256());
    let bound = rig.es256.token(&claims_with(&json!({ "cnf": { "jkt": holder.thumbprint() } })));
    let second =
        rig.es256.token(&claims_with(&json!({ "jti": "j2", "cnf": { "jkt": holder.thumbprint() } })));
    let unbound = rig.es256.token(&claims());
    let certified = rig.es256.token(&claims_with(&json!({ "cnf": { "x5t#S256": forge::encode([7; 32]) } })));
    let good = json!({
        "jti": "p", "htm": "GET", "htu": format!("{PUBLIC}/v1/pets"), "iat": START, "ath": forge::sha256(&bound),
    });
    let changed = |name: &str, value: Json| {
        let mut claims = good.clone();
        claims[name] = value;
        holder.proof(&claims)
    };
    let dpop = |token: &str, proof: &str| {
        get("/v1/pets", &[("authorization", &format!("DPoP {token}")), ("dpop", proof)])
    };
    let check = |name: &'static str, request: Request<()>, challenge: &'static str| Vector {
        name,
        request,
        code: "F215",
        challenge,
    };
    let no_proof = get("/v1/pets", &[("authorization", &format!("DPoP {bound}"))]);
    let as_bearer =
        get("/v1/pets", &[("authorization", &format!("Bearer {bound}")), ("dpop", &holder.proof(&good))]);
    vec![
        check("a bound token as Bearer", bearer(&bound), UNBOUND),
        check("a bound token as Bearer with its proof", as_bearer, UNBOUND),
        check("a bound token without a proof", no_proof, PROOF),
        check("an unbound token with a proof", dpop(&unbound, &holder.proof(&good)), UNBOUND),
        check("a token of a certificate with a proof", dpop(&certified, &holder.proof(&good)), UNBOUND),
        check("a token of a certificate without it", bearer(&certified), INVALID),
        check("a proof of another key", dpop(&bound, &other.proof(&good)), UNBOUND),
        check("a proof for another method", dpop(&bound, &changed("htm", json!("POST"))), PROOF),
        check(
            "a proof for another address",
            dpop(&bound, &changed("htu", json!(format!("{PUBLIC}/v1/pets/7")))),
            PROOF,
        ),
        check(
            "a proof for another host",
            dpop(&bound, &changed("htu", json!("https://evil.example/v1/pets"))),
            PROOF,
        ),
        check("a proof for another token", dpop(&second, &holder.proof(&good)), PROOF),
        check("a proof without a token's hash", dpop(&bound, &changed("ath", Json::Null)), PROOF),
        check("an old proof", dpop(&bound, &changed("iat", json!(START - 61))), PROOF),
        check("a proof of tomorrow", dpop(&bound, &changed("iat", json!(START + 61))), PROOF),
        check("a proof without a jti", dpop(&bound, &changed("jti", Json::Null)), PROOF),
        check("a token as a proof", dpop(&bound, &bound), PROOF),
        check("an empty proof", dpop(&bound, ""), PROOF),
        check("a proof that is no token", dpop(&bound, "proof"), PROOF),
    ]
}

/// Headers that are no credential, or two.
fn headers(rig: &Rig) -> Vec<Vector> {
    let good = rig.es256.token(&claims());
    let header = format!("Bearer {good}");
    let two = |name: &'static str, request| Vector { name, request, code: "F214", challenge: REQUEST };
    let bad = |name: &'static str, value: &str| Vector {
        name,
        request: get("/v1/pets", &[("authorization", value)]),
        code: "F212",
        challenge: INVALID,
    };
    vec![
        two("two tokens", get("/v1/pets", &[("authorization", &header), ("authorization", &header)])),
        two("a token and a key", get("/v1/pets", &[("authorization", &header), ("x-api-key", "ptk_a_b")])),
        two("two keys", get("/v1/pets", &[("x-api-key", "a"), ("x-api-key", "a")])),
        two("a token in the query", get(&format!("/v1/pets?access_token={good}"), &[])),
        two("a token in both", get("/v1/pets?access_token=x", &[("authorization", &header)])),
        two("a token in the query, escaped", get("/v1/pets?%61ccess_token=x", &[])),
        two("two proofs", get("/v1/pets", &[("authorization", "DPoP a"), ("dpop", "a"), ("dpop", "b")])),
        bad("no token", "Bearer"),
        bad("an empty token", "Bearer "),
        bad("Basic", "Basic YTpi"),
        bad("a scheme of its own", &format!("Token {good}")),
        bad("two tokens in one header", &format!("Bearer {good}, Bearer {good}")),
        bad("a token with a blank", &format!("Bearer {good} x")),
        bad("a bare token", &good),
        Vector {
            name: "a key where none are kept",
            request: get("/v1/pets", &[("x-api-key", "ptk_a_b")]),
            code: "F212",
            challenge: "Bearer",
        },
    ]
}

#[tokio::test]
async fn none_of_them_is_taken() {
    let rig = Rig::alone();
    // A good one before and between: nothing is remembered that does not belong to it.
    let good = rig.es256.token(&claims());
    rig.bearer(&good).await.unwrap();
    let mut all: Vec<Vector> = tokens(&rig)
        .into_iter()
        .map(|(name, token)| Vector { name, request: bearer(&token), code: "F212", challenge: INVALID })
        .collect();
    let ended = |exp: i64| rig.es256.token(&claims_with(&json!({ "iat": START - 900, "exp": exp })));
    for (name, exp) in
        [("ended", START - 60), ("ended one second beyond the leeway", START - 30), ("ended at 0", 0)]
    {
        all.push(Vector { name, request: bearer(&ended(exp)), code: "F213", challenge: EXPIRED });
    }
    rig.bearer(&ended(START - 29)).await.unwrap();
    all.extend(proofs(&rig));
    all.extend(headers(&rig));
    assert!(all.len() >= 120, "{}", all.len());
    for Vector { name, request, code, challenge } in all {
        for round in 0..2 {
            match rig.ask(request.clone()).await {
                Ok(_) => panic!("{name} was taken in round {round}"),
                Err(refused) => {
                    assert_eq!(refused.code, code, "{name}");
                    assert!(refused.challenge.starts_with(challenge), "{name}: {}", refused.challenge);
                }
            }
        }
    }
    rig.bearer(&good).await.unwrap();
}

#[tokio::test]
async fn no_change_of_one_letter_makes_another_good_token() {
    let rig = Rig::alone();
    let good = rig.ed25519.token(&claims());
    rig.bearer(&good).await.unwrap();
    for at in 0..good.len() {
        let mut letters = good.clone().into_bytes();
        for other in *b"A.z9" {
            letters[at] = other;
            let changed = String::from_utf8(letters.clone()).unwrap();
            if changed != good {
                assert!(rig.bearer(&changed).await.is_err(), "letter {at} as {}", char::from(other));
            }
        }
    }
}
