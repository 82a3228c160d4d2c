//! Our own tokens: what is judged each time though the signature was verified once.

use super::*;
use portico::identity::revoked::{Kind, Revocation};

#[tokio::test]
async fn a_good_token_is_its_caller_and_the_same_each_time() {
    let rig = Rig::alone();
    for key in [&rig.es256, &rig.ed25519] {
        let token = key.token(&claims());
        let first = rig.bearer(&token).await.unwrap();
        assert_eq!(first.subject.as_deref(), Some("a_1"));
        assert_eq!(first.claim("customer"), Some("66"));
        assert!(first.has_scope("pets:read") && !first.has_scope("pets:write"));
        assert!(Arc::ptr_eq(&first, &rig.bearer(&token).await.unwrap()));
    }
    assert!(rig.ask(get("/v1/pets", &[])).await.unwrap().is_anonymous());
}

#[tokio::test]
async fn a_remembered_token_ends_at_its_end() {
    let rig = Rig::alone();
    let token = rig.es256.token(&claims());
    rig.bearer(&token).await.unwrap();
    rig.pass(900 + 29);
    rig.bearer(&token).await.unwrap();
    rig.pass(1);
    let refused = rig.bearer(&token).await.unwrap_err();
    assert_eq!(refused.code, "F213");
    assert_eq!(
        refused.challenge,
        r#"Bearer error="invalid_token", error_description="The access token expired""#
    );
}

#[tokio::test]
async fn a_remembered_token_ends_with_its_revocation() {
    for (kind, value, before) in [
        (Kind::Grant, "g1", None),
        (Kind::Token, "j1", None),
        (Kind::Client, "app", Some(START)),
        (Kind::Subject, "a_1", Some(START)),
    ] {
        let rig = Rig::alone();
        let token = rig.es256.token(&claims());
        rig.bearer(&token).await.unwrap();
        rig.revoked.revoke(Revocation { kind, value: value.into(), before, expires: START + 1000 });
        assert_eq!(rig.bearer(&token).await.unwrap_err().code, "F212", "{kind:?}");
        // One that nobody has seen yet is refused, too; one that was made later counts where a time was said.
        let other = rig.ed25519.token(&claims());
        assert_eq!(rig.bearer(&other).await.unwrap_err().code, "F212", "{kind:?}");
        rig.pass(1);
        let later = rig.es256.token(&claims_with(&json!({ "iat": START + 1 })));
        assert_eq!(rig.bearer(&later).await.is_ok(), before.is_some(), "{kind:?}");
    }
}

#[tokio::test]
async fn a_remembered_token_ends_with_its_key() {
    let rig = Rig::alone();
    let token = rig.es256.token(&claims());
    rig.bearer(&token).await.unwrap();
    rig.ring.set(vec![ring_key(&rig.ed25519)]);
    assert_eq!(rig.bearer(&token).await.unwrap_err().code, "F212");
    rig.ring.set(vec![ring_key(&rig.es256)]);
    rig.bearer(&token).await.unwrap();
}

#[tokio::test]
async fn a_ledger_that_is_away_ends_the_gate() {
    let rig = Rig::alone();
    rig.revoked.is_read(START);
    let token = rig.es256.token(&claims());
    rig.bearer(&token).await.unwrap();
    rig.pass(31);
    assert_eq!(rig.bearer(&token).await.unwrap_err().code, "F913");
    rig.revoked.is_read(START + 31);
    rig.bearer(&token).await.unwrap();
}

#[tokio::test]
async fn a_token_for_one_api_is_for_no_other() {
    let rig = Rig::alone();
    let token =
        rig.es256.token(&claims_with(&json!({ "aud": [format!("{PUBLIC}/v1"), "https://other.example"] })));
    let header = format!("Bearer {token}");
    let headers = [("authorization", header.as_str())];
    for (path, good) in
        [("/v1/pets", true), ("/v1", true), ("/api/v1/schools", false), ("/v10/pets", false), ("/", false)]
    {
        let came = rig.ask(get(path, &headers)).await;
        assert_eq!(came.is_ok(), good, "{path}");
        assert!(came.is_ok() || came.unwrap_err().code == "F212");
    }
}

#[tokio::test]
async fn a_certificate_is_asked_for_each_time() {
    let rig = Rig::alone();
    let bound = claims_with(&json!({ "cnf": { "x5t#S256": forge::encode([7; 32]) } }));
    let token = rig.es256.token(&bound);
    let header = format!("Bearer {token}");
    let request = |certificate| with_certificate(get("/v1/pets", &[("authorization", &header)]), certificate);
    for (certificate, good) in
        [(Some([7; 32]), true), (Some([8; 32]), false), (None, false), (Some([7; 32]), true)]
    {
        let came = rig.ask(request(certificate)).await;
        assert_eq!(came.is_ok(), good, "{certificate:?}");
        if let Err(refused) = came {
            assert_eq!(
                (refused.code, refused.challenge.as_str()),
                ("F215", r#"Bearer error="invalid_token""#)
            );
        }
    }
    assert_eq!(rig.bearer(&token).await.unwrap_err().code, "F215", "a connection that nobody knows");
}

#[tokio::test]
async fn a_proof_is_asked_for_each_time() {
    let rig = Rig::alone();
    let holder = Key::ed25519();
    let token = rig.es256.token(&claims_with(&json!({ "cnf": { "jkt": holder.thumbprint() } })));
    let proof = |jti: &str, iat: i64| {
        holder.proof(&json!({
            "jti": jti, "htm": "GET", "htu": format!("{PUBLIC}/v1/pets"), "iat": iat, "ath": forge::sha256(&token),
        }))
    };
    let ask = |proof: String| {
        let header = format!("DPoP {token}");
        rig.ask(get("/v1/pets?limit=3", &[("authorization", &header), ("dpop", &proof)]))
    };
    let first = proof("a", START);
    ask(first.clone()).await.unwrap();
    ask(proof("b", START)).await.unwrap();
    let refused = ask(first).await.unwrap_err();
    assert_eq!(refused.code, "F215");
    assert!(
        refused.challenge.starts_with(r#"DPoP error="invalid_dpop_proof", algs=""#),
        "{}",
        refused.challenge
    );
    rig.pass(61);
    assert_eq!(ask(proof("c", START)).await.unwrap_err().code, "F215");
    ask(proof("d", START + 61)).await.unwrap();
}
