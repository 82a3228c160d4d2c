//! The gate: finds out who comes with which credential, and refuses what is not sound. A token's signature is verified
//! once; its end, its revocation, its key's withdrawal and the proof that comes with it are judged each time.
//! What a caller may do is decided behind it.
//!
//! Refuses with F212, F213, F214 and F215, with F231 where somebody else would have to be
//! asked and is away, and with F913 where the ledger has not answered for a while.

use super::{
    Authenticate, Caller, Peer, apikey, challenge,
    claims::{self, Binding, Terms},
    credential::{self, Credential},
    introspection::Introspected,
    issuer::{Issuer, NoKey},
    jws::{self, Compact},
    keys::Ring,
    proof::{self, Proven, Replays},
    revoked::Revoked,
};
use crate::{
    fault::{Code, Fault, code},
    telemetry::clock::Clock,
};
use async_trait::async_trait;
use aws_lc_rs::digest;
use http::request::Parts;
use moka::sync::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// How many verified tokens are remembered.
const KEPT: u64 = 200_000;
/// How long at most; a token that lives longer is verified anew now and then.
pub(super) const REMEMBERED: Duration = Duration::from_mins(15);

/// All that credentials are judged by.
#[derive(Debug)]
pub struct Gate {
    clock: Arc<dyn Clock>,
    /// Our own name as an issuer, the audience of tokens for everything here, and what stands before a request's path.
    public: Box<str>,
    /// Where the paths of each API begin, such as `/v1`: a token may be for one of them alone.
    bases: Vec<Box<str>>,
    ring: Arc<Ring>,
    issuers: Vec<Arc<Issuer>>,
    introspected: Vec<Introspected>,
    keys: Option<apikey::Keys>,
    revoked: Arc<Revoked>,
    replays: Arc<Replays>,
    remembered: Cache<[u8; 32], Arc<Remembered>>,
}

/// What a gate is made of.
#[derive(Debug)]
pub struct Made {
    pub clock: Arc<dyn Clock>,
    /// Without a slash at its end.
    pub public_url: Box<str>,
    pub bases: Vec<Box<str>>,
    pub ring: Arc<Ring>,
    pub issuers: Vec<Arc<Issuer>>,
    pub introspected: Vec<Introspected>,
    pub keys: Option<apikey::Keys>,
    pub revoked: Arc<Revoked>,
    pub replays: Arc<Replays>,
}

/// A token whose signature has been verified.
#[derive(Debug)]
struct Remembered {
    caller: Arc<Caller>,
    terms: Terms,
    signer: Signer,
    /// Where it may be used: nowhere in particular, or below one of these paths.
    bases: Option<Vec<Box<str>>>,
    /// The revocations' generation at which it was found well, plus one.
    well: AtomicU64,
}

/// The key that signed it, by which it is found again.
#[derive(Debug)]
enum Signer {
    Own { kid: Box<str> },
    Issuer { issuer: Arc<Issuer>, thumbprint: Box<str> },
}

/// How a token came.
#[derive(Clone, Copy)]
struct Shown<'h> {
    token: &'h str,
    /// `Authorization: DPoP`, with its proof.
    bound: Option<Option<&'h str>>,
    head: &'h Parts,
    now: i64,
}

// === impl Gate ===

impl Gate {
    pub fn new(parts: Made) -> Self {
        let Made { clock, public_url, bases, ring, issuers, introspected, keys, revoked, replays } = parts;
        let remembered = Cache::builder().max_capacity(KEPT).time_to_live(REMEMBERED).build();
        Self {
            clock,
            public: public_url,
            bases,
            ring,
            issuers,
            introspected,
            keys,
            revoked,
            replays,
            remembered,
        }
    }

    async fn token(&self, shown: Shown<'_>) -> Result<Arc<Caller>, Fault> {
        if shown.token.len() > jws::LONGEST {
            return Err(invalid("the token is too long"));
        }
        let mut hash = [0; 32];
        hash.copy_from_slice(digest::digest(&digest::SHA256, shown.token.as_bytes()).as_ref());
        if let Some(known) = self.remembered.get(&hash) {
            if known.signer.is_held(&self.ring, shown.now) {
                return self.judged(&known, shown);
            }
            // Withdrawn, or to be asked for again: it goes the long way.
            self.remembered.invalidate(&hash);
        }
        let fresh = match Compact::parse(shown.token) {
            Ok(token) => Arc::new(self.verified(&token, shown.now).await?),
            // What looks like a signed token is one, or none at all: nobody else is asked about it.
            Err(why) if shown.token.contains('.') => return Err(invalid(&why.to_string())),
            Err(_) => return self.opaque(shown, hash).await,
        };
        let caller = self.judged(&fresh, shown)?;
        self.remembered.insert(hash, fresh);
        Ok(caller)
    }

    /// Verifies a signed token: the issuer chooses the keys, the key the algorithm, and nothing in the token anything.
    async fn verified(&self, token: &Compact<'_>, now: i64) -> Result<Remembered, Fault> {
        let claimed = token.unproved().map_err(|_| invalid("the payload is no JSON object"))?;
        let Some(iss) = claimed.get("iss").and_then(serde_json::Value::as_str) else {
            return Err(invalid("`iss` is missing"));
        };
        if token.header.jwk.is_some() {
            return Err(invalid("the token brings a key of its own"));
        }
        if *iss == *self.public {
            return self.own(token, now);
        }
        let Some(issuer) = self.issuers.iter().find(|issuer| *issuer.plan.issuer == *iss) else {
            return Err(invalid("nobody knows its issuer"));
        };
        self.foreign(issuer, token, now).await
    }

    fn own(&self, token: &Compact<'_>, now: i64) -> Result<Remembered, Fault> {
        // An identity token of ours is signed by the same keys (RFC 9068, section 4).
        if !token.header.is("at+jwt") {
            return Err(invalid("it is of another type than `at+jwt`"));
        }
        let kid = token.header.kid.as_deref().ok_or_else(|| invalid("it names no key"))?;
        let key = self.ring.verifying(kid, now).ok_or_else(|| invalid("its key is none of ours"))?;
        let payload = token.verified(key.public()).map_err(|why| invalid(&why.to_string()))?;
        let (caller, terms) = claims::own(&payload).map_err(|wrong| invalid(&wrong.to_string()))?;
        let everywhere = terms.audience.contains(&self.public);
        let bases: Vec<Box<str>> = self
            .bases
            .iter()
            .filter(|base| terms.audience.iter().any(|one| one.strip_prefix(&*self.public) == Some(&***base)))
            .cloned()
            .collect();
        if !everywhere && bases.is_empty() {
            return Err(invalid("it is for another audience"));
        }
        Ok(Remembered {
            caller: Arc::new(caller),
            terms,
            signer: Signer::Own { kid: kid.into() },
            bases: (!everywhere).then_some(bases),
            well: AtomicU64::new(0),
        })
    }

    async fn foreign(
        &self,
        issuer: &Arc<Issuer>,
        token: &Compact<'_>,
        now: i64,
    ) -> Result<Remembered, Fault> {
        let plan = &issuer.plan;
        let is_taken = |kind: &Box<str>| match &**kind {
            "" => token.header.typ.is_none(),
            kind => token.header.is(kind),
        };
        if !plan.types.iter().any(is_taken) {
            return Err(invalid("it is of a type that is not taken from its issuer"));
        }
        let kid = token.header.kid.as_deref();
        let keys = match issuer.keys(kid, token.header.algorithm, now).await {
            Ok(keys) => keys,
            Err(NoKey::Unknown) => return Err(invalid("its issuer has no such key")),
            Err(NoKey::Away(fault)) => return Err(*fault),
        };
        let proved = keys.iter().find_map(|key| Some((key, token.verified(key).ok()?)));
        let (key, payload) = proved.ok_or_else(|| invalid("its signature does not hold"))?;
        let (caller, terms) = claims::foreign(&payload, plan).map_err(|wrong| invalid(&wrong.to_string()))?;
        if !terms.audience.iter().any(|one| plan.audience.contains(one)) {
            return Err(invalid("it is for another audience"));
        }
        Ok(Remembered {
            caller: Arc::new(caller),
            terms,
            signer: Signer::Issuer { issuer: Arc::clone(issuer), thumbprint: key.thumbprint().into() },
            bases: None,
            well: AtomicU64::new(0),
        })
    }

    /// A token that says nothing itself.
    async fn opaque(&self, shown: Shown<'_>, hash: [u8; 32]) -> Result<Arc<Caller>, Fault> {
        let Some(asked) = self.introspected.iter().find(|asked| asked.takes(shown.token)) else {
            return Err(invalid("it is no signed token"));
        };
        let Some(found) = asked.find(shown.token, hash).await? else {
            return Err(invalid("its issuer says that it is not good"));
        };
        self.times(&found.terms, shown.now)?;
        self.known(shown.now)?;
        if self.revoked.is_revoked(&found.terms.marks) {
            return Err(invalid("it has been revoked"));
        }
        self.held(&found.terms, shown)?;
        Ok(Arc::clone(&found.caller))
    }

    /// What is judged each time that a token comes.
    fn judged(&self, known: &Remembered, shown: Shown<'_>) -> Result<Arc<Caller>, Fault> {
        self.times(&known.terms, shown.now)?;
        self.known(shown.now)?;
        let generation = self.revoked.generation().wrapping_add(1);
        if known.well.load(Ordering::Relaxed) != generation {
            if self.revoked.is_revoked(&known.terms.marks) {
                return Err(invalid("it has been revoked"));
            }
            known.well.store(generation, Ordering::Relaxed);
        }
        if let Some(bases) = &known.bases
            && !bases.iter().any(|base| is_below(shown.head.uri.path(), base))
        {
            return Err(invalid("it is for another API"));
        }
        self.held(&known.terms, shown)?;
        Ok(Arc::clone(&known.caller))
    }

    #[expect(clippy::unused_self, reason = "one of the gate's judgements")]
    fn times(&self, terms: &Terms, now: i64) -> Result<(), Fault> {
        if terms.has_ended(now) {
            return Err(Fault::plain(&code::TOKEN_EXPIRED).challenge(challenge::expired()));
        }
        if terms.is_early(now) {
            return Err(invalid("it is from the future"));
        }
        Ok(())
    }

    /// Whether it is known what has been revoked.
    fn known(&self, now: i64) -> Result<(), Fault> {
        if self.revoked.is_behind(now) {
            return Err(Fault::plain(&code::STORE_FAILED).detail("it is not known what has been revoked"));
        }
        Ok(())
    }

    /// Whether who brings a token holds what it is bound to.
    fn held(&self, terms: &Terms, shown: Shown<'_>) -> Result<(), Fault> {
        match (&terms.binding, shown.bound) {
            (Binding::Nothing, None) => Ok(()),
            // A proof for a token that is bound to nothing proves nothing (RFC 9449, section 7.1).
            (Binding::Nothing | Binding::Certificate(_), Some(_)) => {
                Err(unproved("the token is bound to no key", "invalid_token"))
            }
            (Binding::Key(_), None) => Err(unproved("a bound token came as `Bearer`", "invalid_token")),
            (Binding::Key(_), Some(None)) => Err(unproved("there is no proof", "invalid_dpop_proof")),
            (Binding::Key(thumbprint), Some(Some(text))) => {
                let refused = |why: proof::Refusal| unproved(&why.to_string(), "invalid_dpop_proof");
                let proven = self.proven(text, shown).map_err(refused)?;
                if *proven.thumbprint != **thumbprint {
                    return Err(unproved("the proof is of another key", "invalid_token"));
                }
                self.replays.take(&proven, shown.now).map_err(refused)
            }
            (Binding::Certificate(hash), None) => {
                let shown = shown.head.extensions.get::<Peer>().and_then(|peer| peer.certificate);
                if shown == Some(*hash) {
                    Ok(())
                } else {
                    let fault =
                        Fault::plain(&code::BAD_PROOF).detail("the connection has not the certificate");
                    Err(fault.challenge(challenge::bearer(Some("invalid_token"))))
                }
            }
        }
    }

    fn proven(&self, text: &str, shown: Shown<'_>) -> Result<Proven, proof::Refusal> {
        let url = format!("{}{}", self.public, shown.head.uri.path());
        let about = proof::About {
            method: shown.head.method.as_str(),
            url: &url,
            token: Some(shown.token),
            nonce: None,
        };
        proof::check(text, about, shown.now)
    }

    async fn key(&self, text: &str, now: i64) -> Result<Arc<Caller>, Fault> {
        let refused = || apikey::refused().challenge(challenge::bearer(None));
        let Some(keys) = &self.keys else { return Err(refused().detail("no keys are kept")) };
        let Some(found) = keys.find(text).await? else { return Err(refused()) };
        if found.has_ended(now) {
            return Err(refused().detail("the key has ended"));
        }
        self.known(now)?;
        if self.revoked.is_revoked(found.marks()) {
            return Err(refused().detail("its client has been revoked"));
        }
        Ok(found.caller)
    }
}

#[async_trait]
impl Authenticate for Gate {
    async fn caller(&self, head: &Parts) -> Result<Arc<Caller>, Fault> {
        let (token, bound) = match credential::of(head)? {
            Credential::Nothing => return Ok(Caller::anonymous()),
            Credential::Key(text) => return self.key(text, self.clock.now().seconds).await,
            Credential::Bearer(token) => (token, None),
            Credential::Bound { token, proof } => (token, Some(proof)),
        };
        self.token(Shown { token, bound, head, now: self.clock.now().seconds }).await
    }
}

// === impl Signer ===

impl Signer {
    fn is_held(&self, ring: &Ring, now: i64) -> bool {
        match self {
            Self::Own { kid } => ring.verifying(kid, now).is_some(),
            Self::Issuer { issuer, thumbprint } => issuer.holds(thumbprint, now),
        }
    }
}

/// Whether a path is a base or below it; `/v1.json` is not below `/v1`.
fn is_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn refusal(code: &'static Code, why: &str, challenge: String) -> Fault {
    Fault::plain(code).detail(format!("credential: {why}")).challenge(challenge)
}

fn invalid(why: &str) -> Fault {
    refusal(&code::BAD_TOKEN, why, challenge::bearer(Some("invalid_token")))
}

fn unproved(why: &str, error: &str) -> Fault {
    refusal(&code::BAD_PROOF, why, challenge::proof(error))
}
