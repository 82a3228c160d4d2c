use super::*;
use crate::identity::jws::Compact;

fn ring(algorithm: Algorithm, life: Life) -> (Ring, Arc<Key>, Vec<u8>) {
    let (key, pkcs8) = Key::generate(algorithm, life).unwrap();
    let (ring, key) = (Ring::new(), Arc::new(key));
    ring.set(vec![Arc::clone(&key)]);
    (ring, key, pkcs8)
}

#[test]
fn what_a_key_signs_it_proves_and_no_other_one_does() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let (ring, key, _) = ring(algorithm, Life::from(0));
        let text = key.sign("at+jwt", &json!({ "a": 1 })).unwrap();
        let compact = Compact::parse(&text).unwrap();
        assert!(compact.header.is("at+jwt"));
        let published = &ring.jwks(1)["keys"][0];
        let public = PublicKey::of_jwk(published).unwrap();
        assert_eq!(compact.verified(&public).unwrap()["a"], 1);
        let (other, _) = Key::generate(algorithm, Life::from(0)).unwrap();
        assert!(compact.verified(other.public()).is_err());
        assert_eq!(published["kid"], public.thumbprint());
        assert!(published.get("d").is_none());
    }
}

#[test]
fn a_key_signs_and_proves_in_its_times() {
    let life = Life { signs_from: 10, signs_until: Some(20), ends: Some(30) };
    let (ring, key, _) = ring(Algorithm::Es256, life);
    for (now, signs, proves) in
        [(9, false, true), (10, true, true), (19, true, true), (20, false, true), (30, false, false)]
    {
        assert_eq!(ring.current(Algorithm::Es256, now).is_some(), signs, "{now}");
        assert_eq!(ring.verifying(&key.kid, now).is_some(), proves, "{now}");
        assert_eq!(ring.jwks(now)["keys"].as_array().unwrap().len(), usize::from(proves), "{now}");
    }
    assert!(ring.verifying("other", 10).is_none() && ring.current(Algorithm::EdDsa, 10).is_none());
}

#[test]
fn a_key_without_its_private_part_only_proves() {
    let (_, key, pkcs8) = ring(Algorithm::EdDsa, Life::from(0));
    let again = |private: Option<&[u8]>| {
        Key::kept(key.kid.clone(), &key.jwk(), private, Life::from(0)).unwrap().can_sign()
    };
    assert!(again(Some(&pkcs8)));
    assert!(!again(None) && !again(Some(b"nothing")));
    let (_, other) = Key::generate(Algorithm::EdDsa, Life::from(0)).unwrap();
    assert!(!again(Some(&other)));
}

#[test]
fn the_newest_key_signs() {
    let keys = [0, 5, 50].map(|from| Arc::new(Key::generate(Algorithm::Es256, Life::from(from)).unwrap().0));
    let ring = Ring::new();
    ring.set(keys.to_vec());
    assert_eq!(ring.current(Algorithm::Es256, 10).unwrap().kid, keys[1].kid);
    assert_eq!(ring.current(Algorithm::Es256, 60).unwrap().kid, keys[2].kid);
    assert!(Key::generate(Algorithm::Rs256, Life::from(0)).is_err());
}
