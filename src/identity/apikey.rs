//! Keys of simple vendors (`X-Api-Key`): how one is made, what it is known by, and who comes with it. A key stands for its
//! client, with the client's roles, scopes and tier. Its secret is nowhere: the ledger has a hash of it. What has been
//! looked up is believed for less than a second, so that a key that is removed is refused at once.

use super::{Caller, revoked::Marks};
use crate::{
    fault::{Fault, code},
    plan::identity::Tier,
    telemetry::clock::Clock,
};
use async_trait::async_trait;
use aws_lc_rs::{constant_time::verify_slices_are_equal, digest, rand};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};

/// What every key begins with, so that a leaked one is found by those who search for such.
pub const PREFIX: &str = "ptk_";
const ID: usize = 12;
/// 32 letters of 62 are 190 bits.
const SECRET: usize = 32;
const CHECKSUM: usize = 6;
/// How long a look-up is believed.
const BELIEVED: Duration = Duration::from_millis(800);
const KEPT: u64 = 100_000;
/// How exactly it is known when a key was last used, in seconds.
const COARSE: i64 = 3600;
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new key. Its text is shown once, to whoever asked for it.
pub struct Fresh {
    pub id: String,
    pub text: String,
    pub hash: [u8; 32],
}

/// A key as the ledger knows it, with what its client may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub id: Box<str>,
    pub hash: [u8; 32],
    pub client: Box<str>,
    pub roles: Vec<Box<str>>,
    pub scopes: Vec<Box<str>>,
    pub claims: Vec<(Box<str>, Box<str>)>,
    pub tier: Option<Box<str>>,
    /// Seconds since 1970.
    pub made: i64,
    pub expires: Option<i64>,
    pub used: Option<i64>,
}

/// Where keys are kept.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// The key of an id, if it and its client are in use. Refuses with F913.
    async fn key(&self, id: &str) -> Result<Option<Record>, Fault>;

    /// Notes that a key was used at a time.
    async fn used(&self, id: &str, now: i64) -> Result<(), Fault>;
}

/// The keys that are in use.
#[derive(Debug)]
pub struct Keys {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    /// What clients of each tier may be granted.
    tiers: Vec<Tier>,
    known: Cache<Box<str>, Option<Arc<Known>>>,
}

#[derive(Debug)]
struct Known {
    record: Record,
    caller: Arc<Caller>,
    marks: Marks,
}

/// Who a key stands for, and what it is known by to those who revoke.
#[derive(Debug)]
pub struct Found {
    pub caller: Arc<Caller>,
    known: Arc<Known>,
}

/// Makes a key of random letters. `None` where there is no randomness to be had.
pub fn make() -> Option<Fresh> {
    let id = letters(ID)?;
    let body = format!("{PREFIX}{id}_{}", letters(SECRET)?);
    let text = format!("{body}{}", checksum(&body));
    let hash = hash(&text);
    Some(Fresh { id, text, hash })
}

/// The id of a key that is well formed: of the right length and letters, with a checksum that fits. Mistyped and made-up
/// ones cost no look-up.
pub fn id(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(PREFIX)?;
    let (id, secret) = rest.split_once('_')?;
    let is_letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if id.len() != ID || secret.len() != SECRET + CHECKSUM || !is_letters(id) || !is_letters(secret) {
        return None;
    }
    let (body, sum) = text.split_at_checked(text.len().checked_sub(CHECKSUM)?)?;
    (checksum(body) == sum).then_some(id)
}

/// What the ledger keeps of a key. It is random, so that one round of SHA-256 is as good as many.
pub fn hash(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, text.as_bytes()).as_ref());
    hash
}

fn letters(count: usize) -> Option<String> {
    let mut out = String::with_capacity(count);
    while out.len() < count {
        let mut bytes = [0; 64];
        rand::fill(&mut bytes).ok()?;
        // 248 is four times 62: what is above would make some letters likelier than others.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let picked = fair.filter_map(|byte| LETTERS.get(usize::from(*byte % 62)).copied().map(char::from));
        out.extend(picked.take(count - out.len()));
    }
    Some(out)
}

/// CRC-32 (ISO 3309, as in zlib) in base 62. It finds mistakes of typing and keeps no secret.
fn checksum(body: &str) -> String {
    let crc = body.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    });
    let mut rest = !crc;
    let mut out = [b'0'; CHECKSUM];
    for place in out.iter_mut().rev() {
        *place = LETTERS.get((rest % 62) as usize).copied().unwrap_or(b'0');
        rest /= 62;
    }
    out.iter().map(|byte| char::from(*byte)).collect()
}

// === impl Keys ===

impl Keys {
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, tiers: Vec<Tier>) -> Self {
        let known = Cache::builder().max_capacity(KEPT).time_to_live(BELIEVED).build();
        Self { store, clock, tiers, known }
    }

    /// Who comes with a key; nothing where it is none, or is no longer in use. Refuses with F913 where the ledger cannot
    /// be asked.
    pub async fn find(&self, text: &str) -> Result<Option<Found>, Fault> {
        let Some(id) = id(text) else { return Ok(None) };
        let found = match self.known.get(id).await {
            Some(found) => found,
            None => {
                let looked_up = self.known.try_get_with(id.into(), self.look_up(id)).await;
                looked_up.map_err(|fault: Arc<Fault>| (*fault).clone())?
            }
        };
        let Some(known) = found else { return Ok(None) };
        if verify_slices_are_equal(&known.record.hash, &hash(text)).is_err() {
            return Ok(None);
        }
        Ok(Some(Found { caller: Arc::clone(&known.caller), known }))
    }

    async fn look_up(&self, id: &str) -> Result<Option<Arc<Known>>, Fault> {
        let Some(record) = self.store.key(id).await? else { return Ok(None) };
        let now = self.clock.now().seconds;
        if record.used.is_none_or(|used| now.saturating_sub(used) >= COARSE)
            && let Err(fault) = self.store.used(id, now).await
        {
            // Nothing hangs on it.
            tracing::warn!(detail = fault.detail.as_deref(), "the last use of a key is not noted");
        }
        // What the tier no longer has the client has no longer, whatever it was granted before.
        let tier = self.tiers.iter().find(|tier| Some(&*tier.name) == record.tier.as_deref());
        let scopes = record.scopes.iter().filter(|scope| tier.is_some_and(|tier| tier.allows(scope)));
        let caller = Caller {
            subject: Some(record.client.clone()),
            client: Some(record.client.clone()),
            roles: record.roles.clone(),
            scopes: Some(scopes.cloned().collect()),
            claims: record.claims.clone(),
            tier: record.tier.clone(),
            ..Caller::default()
        };
        let client = Some(record.client.clone());
        let marks = Marks { client, issued: record.made, ..Marks::default() };
        Ok(Some(Arc::new(Known { record, caller: Arc::new(caller), marks })))
    }
}

// === impl Found ===

impl Found {
    pub fn marks(&self) -> &Marks {
        &self.known.marks
    }

    pub fn has_ended(&self, now: i64) -> bool {
        self.known.record.expires.is_some_and(|expires| now >= expires)
    }
}

impl std::fmt::Debug for Fresh {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fresh({})", self.id)
    }
}

/// The fault of a key that is none.
pub fn refused() -> Fault {
    Fault::new(&code::BAD_TOKEN, "The key in `X-Api-Key` is not valid here, or no longer.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_well_formed_and_no_other_text_is() {
        let key = make().unwrap();
        assert_eq!(id(&key.text), Some(key.id.as_str()));
        assert_eq!(hash(&key.text), key.hash);
        assert_ne!(make().unwrap().text, key.text);
        assert!(!format!("{key:?}").contains(key.text.rsplit('_').next().unwrap()));
        for at in 0..key.text.len() {
            let mut bytes = key.text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
            assert_eq!(id(&String::from_utf8(bytes).unwrap()), None, "letter {at}");
        }
        for text in
            ["", "ptk_", "ptk__", &key.text[1..], &key.text[..key.text.len() - 1], &format!("{}0", key.text)]
        {
            assert_eq!(id(text), None, "{text}");
        }
    }

    #[test]
    fn the_checksum_is_that_of_the_standard() {
        // CRC-32 of `123456789` is cbf43926, as every table of it says.
        let mut rest = 0xcbf4_3926_u32;
        let mut digits = Vec::new();
        for _ in 0..CHECKSUM {
            digits.insert(0, char::from(LETTERS[(rest % 62) as usize]));
            rest /= 62;
        }
        assert_eq!(checksum("123456789"), digits.iter().collect::<String>());
    }
}
