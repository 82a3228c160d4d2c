//! What all endpoints share: the store, the keys, the clock, and the rules of now.

use super::{
    Parts,
    client::Client,
    refusal::Refusal,
    rules::Rules,
    seams::{Account, Accounts, Current, Entrances},
};
use crate::{
    fault::Fault,
    identity::{
        audit::Note,
        keys::Ring,
        proof::{self, About},
        revoked::{Kind, Revocation, Revoked},
        sealer::Sealer,
        token::{Confirmation, LEEWAY},
    },
    ledger::{
        Ledger,
        oauth::{grants::GrantRow, revocations::RevocationRow},
    },
    telemetry::clock::Clock,
};
use http::HeaderMap;
use std::sync::Arc;

/// The authorization server.
#[derive(Debug)]
pub struct Server {
    pub(super) ledger: Ledger,
    pub(super) ring: Arc<Ring>,
    pub(super) revoked: Arc<Revoked>,
    pub(super) accounts: Arc<dyn Accounts>,
    pub(super) sealer: Arc<dyn Sealer>,
    pub(super) entrances: Arc<dyn Entrances>,
    pub(super) note: Option<Arc<dyn Note>>,
    clock: Arc<dyn Clock>,
    current: Arc<dyn Current>,
}

impl Server {
    pub fn new(parts: Parts) -> Self {
        let Parts { ledger, ring, revoked, clock, current, accounts, sealer, entrances, note, people: _ } =
            parts;
        Self { ledger, ring, revoked, accounts, sealer, entrances, note, clock, current }
    }

    /// The keys that sign and prove.
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        self.clock.now().seconds
    }

    pub fn rules(&self) -> Arc<Rules> {
        self.current.rules()
    }

    /// The account of a grant, where it still may do something. Refuses with `invalid_grant` where it may not.
    pub(super) async fn acting(&self, subject: &str) -> Result<Account, Refusal> {
        let account = self.accounts.account(subject).await?;
        account
            .filter(|account| account.active)
            .ok_or_else(|| Refusal::invalid_grant("the account is no longer active"))
    }

    /// Revokes a grant with all its tokens: in the ledger first, then here at once.
    pub async fn revoke_grant(&self, id: &str) -> Result<(), Fault> {
        let now = self.now();
        let expires = self.outlived(now);
        self.ledger.revoke_grant(id, now, expires).await?;
        self.revoked_here(Kind::Grant, id, None, expires);
        Ok(())
    }

    /// Takes back all that an account allowed a client.
    pub async fn withdraw_consent(&self, subject: &str, client: &str) -> Result<(), Fault> {
        self.ledger.withdraw_consent(subject, client, self.now()).await?;
        let grants: Vec<GrantRow> = self.ledger.grants_of(subject).await?;
        for grant in grants.iter().filter(|grant| grant.client_id == client) {
            self.revoke_grant(&grant.id).await?;
        }
        Ok(())
    }

    /// Revokes one access token.
    pub(super) async fn revoke_token(&self, jti: &str, expires: i64) -> Result<(), Fault> {
        let expires = expires.saturating_add(2 * LEEWAY);
        self.ledger
            .revoke(&RevocationRow {
                kind: Kind::Token.name().into(),
                value: jti.into(),
                before: 0,
                created_at: self.now(),
                expires_at: expires,
            })
            .await?;
        self.revoked_here(Kind::Token, jti, None, expires);
        Ok(())
    }

    /// Revokes all that an account was given up to now: a password that was changed, an account that was disabled.
    pub async fn revoke_subject(&self, subject: &str) -> Result<(), Fault> {
        for grant in self.ledger.grants_of(subject).await? {
            self.revoke_grant(&grant.id).await?;
        }
        let now = self.now();
        let expires = self.outlived(now);
        self.ledger
            .revoke(&RevocationRow {
                kind: Kind::Subject.name().into(),
                value: subject.into(),
                before: now,
                created_at: now,
                expires_at: expires,
            })
            .await?;
        self.revoked_here(Kind::Subject, subject, Some(now), expires);
        Ok(())
    }

    fn revoked_here(&self, kind: Kind, value: &str, before: Option<i64>, expires: i64) {
        self.revoked.revoke(Revocation { kind, value: value.into(), before, expires });
    }

    /// When no access token of now can count any more.
    fn outlived(&self, now: i64) -> i64 {
        now.saturating_add(self.rules().access).saturating_add(2 * LEEWAY)
    }

    /// What tokens of a request are bound to: the key of its proof (RFC 9449, section 5), or the certificate that its
    /// client proved itself with (RFC 8705, section 3).
    pub(super) async fn confirmation(
        &self,
        headers: &HeaderMap,
        client: &Client,
        certificate: Option<[u8; 32]>,
    ) -> Result<Option<Confirmation>, Refusal> {
        let mut confirmation =
            Confirmation { jkt: self.proof(headers, "POST", "/oauth/token", None).await?, certificate: None };
        if client.metadata.dpop && confirmation.jkt.is_none() {
            return Err(Refusal::invalid_dpop_proof(
                "this client's tokens are bound to a key: send a `DPoP` proof",
            ));
        }
        if client.metadata.method.is_by_certificate() {
            confirmation.certificate = certificate.map(|hash| crate::identity::jws::encode(&hash));
        }
        Ok((confirmation != Confirmation::default()).then_some(confirmation))
    }

    /// The thumbprint of a proof's key, where a proof comes; it may come once.
    pub(super) async fn proof(
        &self,
        headers: &HeaderMap,
        method: &str,
        path: &str,
        token: Option<&str>,
    ) -> Result<Option<String>, Refusal> {
        let mut proofs = headers.get_all("dpop").iter();
        let Some(proof) = proofs.next() else { return Ok(None) };
        if proofs.next().is_some() {
            return Err(Refusal::invalid_dpop_proof("there are two `DPoP` headers"));
        }
        let proof =
            proof.to_str().map_err(|_| Refusal::invalid_dpop_proof("the proof is not well formed"))?;
        let url = format!("{}{path}", self.rules().issuer);
        let about = About { method, url: &url, token, nonce: None };
        let now = self.now();
        let proven =
            proof::check(proof, about, now).map_err(|why| Refusal::invalid_dpop_proof(why.to_string()))?;
        let once = hex::encode(proven.once);
        if !self.ledger.use_once(&once, now.saturating_add(2 * proof::WINDOW)).await? {
            return Err(Refusal::invalid_dpop_proof("the proof has been used before"));
        }
        Ok(Some(proven.thumbprint))
    }
}
