//! The life of the signing keys: read from the ledger, made when there is none, changed for new ones when they are old
//! or an operator says so. A new key is published before it signs; an old one proves until all that it signed has
//! expired.

use super::{refusal::Refusal, server::Server};
use crate::{
    fault::{Fault, code},
    identity::{
        jws::{self, Algorithm},
        keys::{Key, Life, Ring},
        sealer::Sealer,
        token::LEEWAY,
    },
    ledger::{Ledger, oauth::keys::KeyRow},
};
use std::sync::Arc;

/// Both are published; each client may verify by what it knows.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::Es256, Algorithm::EdDsa];
/// A key signs so long.
const AGE: i64 = 30 * 86_400;
/// A new key is known so long before it signs: longer than those that verify keep a JWK Set.
pub const AHEAD: i64 = 600;
/// No token lives longer.
const LONGEST: i64 = 15 * 60;

/// When a change of keys takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The new key is published first.
    Ahead,
    /// The new key signs now, and what the old one signed counts no longer: it has become known.
    AtOnce,
}

fn context(kid: &str) -> String {
    format!("signing key {kid}")
}

fn unusable(_: crate::identity::keys::Unusable) -> Fault {
    Fault::plain(&code::INTERNAL).detail("a signing key could not be made")
}

/// Reads all keys from the ledger into a ring.
pub async fn load(ledger: &Ledger, sealer: &dyn Sealer, ring: &Ring) -> Result<(), Fault> {
    let before = ring.all();
    let mut keys = Vec::new();
    for row in ledger.signing_keys().await? {
        let some = |time: i64| (time > 0).then_some(time);
        let life =
            Life { signs_from: row.signs_from, signs_until: some(row.signs_until), ends: some(row.ends_at) };
        // A private part is opened once.
        if let Some(known) = before.iter().find(|key| key.kid == row.kid && key.life == life) {
            keys.push(Arc::clone(known));
            continue;
        }
        let private = jws::decode(&row.sealed).and_then(|sealed| sealer.open(&context(&row.kid), &sealed));
        let public = serde_json::from_str(&row.public_jwk).unwrap_or_default();
        match Key::kept(row.kid.clone(), &public, private.as_deref(), life) {
            Ok(key) => keys.push(Arc::new(key)),
            Err(_) => tracing::error!(kid = row.kid, "a signing key of the ledger cannot be read"),
        }
    }
    ring.set(keys);
    Ok(())
}

/// Sees to it that there is a key that signs for each algorithm, and a new one in time.
pub async fn ensure(ledger: &Ledger, sealer: &dyn Sealer, ring: &Ring, now: i64) -> Result<(), Fault> {
    let mut changed = false;
    for algorithm in ALGORITHMS {
        let keys = ring.all();
        let signing = |at: i64| {
            keys.iter().any(|key| key.algorithm() == algorithm && key.can_sign() && key.life.signs_at(at))
        };
        let newest = keys
            .iter()
            .filter(|key| key.algorithm() == algorithm && key.can_sign())
            .map(|key| key.life.signs_from)
            .max();
        if !signing(now) {
            make(ledger, sealer, ring, algorithm, now, None).await?;
            changed = true;
        } else if newest.is_some_and(|from| from.saturating_add(AGE) <= now) {
            make(ledger, sealer, ring, algorithm, now, Some(When::Ahead)).await?;
            changed = true;
        }
    }
    if changed { load(ledger, sealer, ring).await } else { Ok(()) }
}

/// Changes all keys for new ones. Returns the ids of the new ones.
pub async fn rotate(
    ledger: &Ledger,
    sealer: &dyn Sealer,
    ring: &Ring,
    now: i64,
    when: When,
) -> Result<Vec<String>, Fault> {
    let mut made = Vec::new();
    for algorithm in ALGORITHMS {
        made.push(make(ledger, sealer, ring, algorithm, now, Some(when)).await?);
    }
    load(ledger, sealer, ring).await?;
    Ok(made)
}

/// Makes a key in the place of those that sign now; beside them where nothing is said: they may be another replica's.
async fn make(
    ledger: &Ledger,
    sealer: &dyn Sealer,
    ring: &Ring,
    algorithm: Algorithm,
    now: i64,
    replaces: Option<When>,
) -> Result<String, Fault> {
    let from = if replaces == Some(When::Ahead) { now.saturating_add(AHEAD) } else { now };
    let (key, private) = Key::generate(algorithm, Life::from(from)).map_err(unusable)?;
    let replaced: Vec<(String, i64, i64)> = ring
        .all()
        .iter()
        .filter(|old| old.algorithm() == algorithm)
        // One that cannot sign here was made by a process that has ended, or by another one: it ends by its age.
        .filter_map(|old| match replaces {
            Some(When::AtOnce) => Some((old.kid.clone(), now, now)),
            Some(When::Ahead) => {
                Some((old.kid.clone(), from, from.saturating_add(LONGEST).saturating_add(2 * LEEWAY)))
            }
            None if !old.can_sign() && old.life.ends.is_none() => {
                let until = old.life.signs_from.max(now).saturating_add(AGE);
                Some((old.kid.clone(), until, until.saturating_add(LONGEST)))
            }
            None => None,
        })
        .collect();
    let row = KeyRow {
        kid: key.kid.clone(),
        public_jwk: key.public().jwk().to_string(),
        sealed: jws::encode(&sealer.seal(&context(&key.kid), &private)),
        created_at: now,
        signs_from: from,
        signs_until: 0,
        ends_at: 0,
    };
    ledger.add_signing_key(&row, &replaced).await?;
    Ok(key.kid)
}

impl Server {
    /// What has to be done from time to time: keys of other replicas, keys that are old.
    pub(super) async fn tend(&self) -> Result<(), Fault> {
        load(&self.ledger, &*self.sealer, &self.ring).await?;
        ensure(&self.ledger, &*self.sealer, &self.ring, self.now()).await
    }

    /// Changes all keys for new ones. Returns the ids of the new ones.
    pub async fn rotate(&self, when: When) -> Result<Vec<String>, Fault> {
        rotate(&self.ledger, &*self.sealer, &self.ring, self.now(), when).await
    }

    /// Signs with the key of now.
    pub(super) fn signed(
        &self,
        algorithm: Algorithm,
        typ: &str,
        claims: &serde_json::Value,
    ) -> Result<String, Refusal> {
        let key = self.ring.current(algorithm, self.now());
        let signed = key.and_then(|key| key.sign(typ, claims).ok());
        signed.ok_or_else(|| Refusal::server_error("there is no key to sign with"))
    }
}
