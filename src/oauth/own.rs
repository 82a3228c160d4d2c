//! Tokens for the company's own apps: made without a code, by an account's word alone, with roles and no scopes. Refresh
//! tokens rotate as those of vendors do; one that comes twice ends its grant.

use super::{
    accounts::{Consent, Minted, Tokens},
    client::{Client, Metadata, Method, REFRESH},
    mint::{Terms, Wanted},
    refusal::Refusal,
    seams::Account,
    secrets,
    server::Server,
};
use crate::{
    fault::{Fault, code},
    ledger::oauth::{clients::ClientRow, grants::GrantRow},
};
use async_trait::async_trait;
use std::sync::{Arc, OnceLock, Weak};

/// The authorization server, once it is open: it knows the accounts, and they ask it for tokens.
#[derive(Debug, Default)]
pub struct Own {
    server: OnceLock<Weak<Server>>,
}

impl Own {
    pub(super) fn bring(&self, server: &Arc<Server>) {
        // Whoever opens twice goes on with the first.
        let _ = self.server.set(Arc::downgrade(server));
    }

    fn server(&self) -> Result<Arc<Server>, Fault> {
        let server = self.server.get().and_then(Weak::upgrade);
        server.ok_or_else(|| Fault::plain(&code::INTERNAL).detail("the authorization server is not open"))
    }

    /// An app as a client. Those of the configuration need not be registered, too; one that is and was stopped gets
    /// nothing.
    async fn app(&self, server: &Server, id: &str) -> Result<Client, Fault> {
        let own = |client: &mut Client| {
            client.metadata.own = true;
            if !client.may(REFRESH) {
                client.metadata.grant_types.push(REFRESH.to_owned());
            }
        };
        if let Some(mut client) = Client::find(&server.ledger, id).await? {
            if !client.is_active() {
                return Err(Fault::plain(&code::NOT_OUR_APP));
            }
            own(&mut client);
            return Ok(client);
        }
        let metadata = Metadata { method: Method::None, ..Metadata::default() };
        let row = ClientRow {
            id: id.to_owned(),
            name: id.to_owned(),
            status: "active".into(),
            ..ClientRow::default()
        };
        let mut client = Client { row, metadata };
        own(&mut client);
        Ok(client)
    }

    fn minted(
        server: &Server,
        client: &Client,
        account: &Account,
        grant: &GrantRow,
        refresh: String,
    ) -> Result<Minted, Fault> {
        let terms = Terms::of(grant);
        let issued = server.issue(&Wanted {
            client,
            account: Some(account),
            grant: Some(&grant.id),
            scopes: &[],
            resources: &[],
            terms: &terms,
            confirmation: None,
        });
        let issued = issued.map_err(failed)?;
        Ok(Minted {
            access: issued.access_token,
            expires_in: issued.expires_in,
            refresh,
            family: grant.id.clone(),
            account: account.id.clone(),
        })
    }
}

/// What the authorization server cannot do is ours to mend.
#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn failed(refusal: Refusal) -> Fault {
    Fault::plain(&code::INTERNAL).detail(format!("{}: {}", refusal.error, refusal.description))
}

#[async_trait]
impl Tokens for Own {
    async fn begin(&self, client: &str, account: &Account, now: i64) -> Result<Minted, Fault> {
        let server = self.server()?;
        let client = self.app(&server, client).await?;
        let terms = Terms { auth_time: Some(now), own: true, ..Terms::default() };
        let grant = GrantRow {
            id: secrets::name("g_").map_err(failed)?,
            client_id: client.id().into(),
            subject: account.id.clone(),
            terms: terms.text(),
            created_at: now,
            expires_at: now.saturating_add(server.rules().refresh),
            ..GrantRow::default()
        };
        let refresh = server.refresh_token(&grant.id, &client).map_err(failed)?;
        let Some((text, row)) = refresh else {
            return Err(Fault::plain(&code::INTERNAL).detail("an app of ours gets no refresh token"));
        };
        server.ledger.add_grant(&grant, Some(&row)).await?;
        Self::minted(&server, &client, account, &grant, text)
    }

    async fn renew(&self, client: &str, refresh: &str) -> Result<Option<Minted>, Fault> {
        let server = self.server()?;
        let client = self.app(&server, client).await?;
        let hash = secrets::hash(refresh);
        let found = server.ledger.grant_token(&hash).await?;
        let Some(row) = found.filter(|row| row.kind == "refresh" && row.client_id == client.id()) else {
            return Ok(None);
        };
        let grant = server.ledger.grant(&row.grant_id).await?.filter(|grant| grant.revoked_at == 0);
        let Some(grant) = grant.filter(|grant| Terms::of(grant).own) else { return Ok(None) };
        let reused = || async {
            tracing::warn!(
                client = client.id(),
                grant = grant.id,
                "a refresh token was used again; its grant is revoked"
            );
            server.revoke_grant(&grant.id).await
        };
        if row.used_at != 0 {
            reused().await?;
            return Ok(None);
        }
        let now = server.now();
        if row.expires_at <= now {
            return Ok(None);
        }
        let account = server.accounts.account(&grant.subject).await?.filter(|account| account.active);
        let Some(account) = account else { return Ok(None) };
        let next = server.refresh_token(&grant.id, &client).map_err(failed)?;
        let Some((text, next)) = next else { return Ok(None) };
        let until = now.saturating_add(server.rules().refresh);
        if !server.ledger.consume_token(&hash, client.id(), now, Some(&next), (&grant.id, until)).await? {
            // Of several at once one was first; the others are a reuse.
            reused().await?;
            return Ok(None);
        }
        Self::minted(&server, &client, &account, &grant, text).map(Some)
    }

    async fn end(&self, client: &str, refresh: &str) -> Result<Option<String>, Fault> {
        let server = self.server()?;
        let found = server.ledger.grant_token(&secrets::hash(refresh)).await?;
        let Some(row) = found.filter(|row| row.kind == "refresh" && row.client_id == client) else {
            return Ok(None);
        };
        server.revoke_grant(&row.grant_id).await?;
        Ok(Some(row.grant_id))
    }

    async fn revoke(&self, family: &str) -> Result<(), Fault> {
        self.server()?.revoke_grant(family).await
    }

    async fn revoke_account(&self, account: &str) -> Result<(), Fault> {
        self.server()?.revoke_subject(account).await
    }

    async fn consents(&self, account: &str) -> Result<Vec<Consent>, Fault> {
        let server = self.server()?;
        let mut consents = Vec::new();
        for row in server.ledger.consents_of(account).await? {
            let client = Client::find(&server.ledger, &row.client_id).await?;
            let name = client.map_or_else(|| row.client_id.clone(), |client| client.row.name);
            let scopes = super::mint::split(&row.scopes);
            consents.push(Consent { client: row.client_id, name, scopes, given_at: row.given_at });
        }
        Ok(consents)
    }

    async fn withdraw(&self, account: &str, client: &str) -> Result<(), Fault> {
        self.server()?.withdraw_consent(account, client).await
    }
}
