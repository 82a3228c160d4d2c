use super::*;
use crate::plan::identity::{Reach, Roles};
use serde_json::json;
use std::time::Duration;

fn payload(value: Value) -> Payload {
    match value {
        Value::Object(members) => members,
        _ => panic!("no object"),
    }
}

fn ours() -> Value {
    json!({
        "iss": "https://api.example", "sub": "a_1", "aud": "https://api.example", "client_id": "c", "iat": 100,
        "exp": 1000, "jti": "j", "scope": "pets:read  openid", "roles": ["owner"], "claims": { "customer": "66" },
        "grant": "g", "tier": "gold",
    })
}

fn issuer() -> Issuer {
    Issuer {
        name: "company".into(),
        issuer: "https://login.example".into(),
        keys: None,
        audience: vec!["pethub".into()],
        types: vec!["".into()],
        roles: Some(Roles {
            from: "realm.roles".into(),
            map: vec![("staff".into(), "groomer".into()), ("bosses".into(), "admin".into())],
        }),
        claims: vec![("provider".into(), "provider_id".into())],
        scopes: None,
        tier: Some("staff".into()),
        reach: Reach::Public,
        fresh: Duration::from_mins(1),
        stale: Duration::from_mins(1),
        introspection: None,
    }
}

#[test]
fn our_own_token_says_who_comes() {
    let (caller, terms) = own(&payload(ours())).unwrap();
    assert_eq!(caller.subject.as_deref(), Some("a_1"));
    assert_eq!(caller.scopes, Some(vec!["pets:read".into(), "openid".into()]));
    assert_eq!((caller.claim("customer"), caller.consent.as_deref()), (Some("66"), Some("g")));
    assert_eq!((terms.expires, terms.marks.issued, terms.binding.clone()), (1000, 100, Binding::Nothing));
    assert!(!terms.has_ended(1000 + LEEWAY - 1) && terms.has_ended(1000 + LEEWAY));
    assert!(terms.is_early(100 - LEEWAY - 1) && !terms.is_early(100 - LEEWAY));
    let mut without = payload(ours());
    without.remove("scope");
    assert_eq!(own(&without).unwrap().0.scopes, None);
}

#[test]
fn what_is_missing_or_of_another_form_is_named() {
    for name in ["sub", "aud", "client_id", "iat", "exp", "jti"] {
        let mut without = payload(ours());
        without.remove(name);
        assert_eq!(own(&without).err(), Some(Wrong::Form(name)), "{name}");
        let mut other = payload(ours());
        other.insert(name.into(), json!({}));
        assert_eq!(own(&other).err(), Some(Wrong::Form(name)), "{name}");
    }
    for (name, value) in [
        ("exp", json!("1000")),
        ("exp", json!(1e30)),
        ("iat", json!(18_446_744_073_709_551_615_u64)),
        ("nbf", json!(true)),
        ("scope", json!(["pets:read"])),
        ("roles", json!([7])),
        ("claims", json!({ "customer": ["66"] })),
        ("sub", json!("")),
        ("sub", json!("s".repeat(600))),
    ] {
        let mut other = payload(ours());
        other.insert(name.into(), value.clone());
        assert_eq!(own(&other).err(), Some(Wrong::Form(name)), "{name}: {value}");
    }
}

#[test]
fn a_binding_that_is_not_known_is_no_way_in() {
    let hash = jws::encode(&[7; 32]);
    let bound = |cnf: Value| {
        let mut bound = payload(ours());
        bound.insert("cnf".into(), cnf);
        own(&bound).map(|(_, terms)| terms.binding)
    };
    assert_eq!(bound(json!({ "jkt": hash })), Ok(Binding::Key(hash.as_str().into())));
    assert_eq!(bound(json!({ "x5t#S256": hash })), Ok(Binding::Certificate([7; 32])));
    for cnf in [
        json!({}),
        json!(null),
        json!("x"),
        json!({ "jkt": "AAAA" }),
        json!({ "jwk": {} }),
        json!({ "jkt": 7 }),
        json!({ "jkt": hash, "x5t#S256": hash }),
    ] {
        assert_eq!(bound(cnf.clone()), Err(Wrong::Binding), "{cnf}");
    }
}

#[test]
fn groups_of_an_issuer_are_roles_only_where_they_are_mapped() {
    let token = json!({
        "iss": "https://login.example", "sub": "7", "exp": 1000, "azp": "web", "provider_id": 12,
        "realm": { "roles": ["staff", "admin", "owner", "staff"] }, "scope": "pets:read", "roles": ["admin"],
        "claims": { "customer": "1" },
    });
    let (caller, terms) = foreign(&payload(token), &issuer()).unwrap();
    assert_eq!(caller.roles, ["groomer".into()]);
    assert_eq!(caller.claims, [("provider".into(), "12".into())]);
    assert_eq!((caller.scopes, caller.tier.as_deref()), (None, Some("staff")));
    assert_eq!(caller.issuer.as_deref(), Some("https://login.example"));
    assert_eq!(terms.marks.subject.as_deref(), Some("https://login.example#7"));
    assert!(terms.audience.is_empty());
}

#[test]
fn scopes_of_an_issuer_count_where_it_is_said() {
    let mut issuer = issuer();
    issuer.scopes = Some("scp".into());
    let read = |scp: Value| {
        let mut token = payload(json!({ "sub": "7", "exp": 1000 }));
        token.insert("scp".into(), scp);
        foreign(&token, &issuer).map(|(caller, _)| caller.scopes.unwrap().len())
    };
    assert_eq!(read(json!("a b")), Ok(2));
    assert_eq!(read(json!(["a"])), Ok(1));
    assert_eq!(read(json!(null)), Ok(0));
    assert_eq!(read(json!(7)), Err(Wrong::Form("scopes")));
}

#[test]
fn an_identity_token_is_no_access_token() {
    for (name, value) in [
        ("nonce", json!("n")),
        ("at_hash", json!("h")),
        ("c_hash", json!("h")),
        ("typ", json!("ID")),
        ("typ", json!("Refresh")),
    ] {
        let mut token = payload(json!({ "sub": "7", "exp": 1000 }));
        token.insert(name.into(), value);
        assert_eq!(foreign(&token, &issuer()).err(), Some(Wrong::Kind), "{name}");
    }
}
