//! `/oauth/token`: codes, refresh tokens, clients' own credentials and devices' codes become access tokens (RFC 6749,
//! RFC 7636, RFC 8628). What is used once is consumed before its answer is made; what comes twice ends its whole grant.

use super::{
    arrived::Arrived,
    authorize::{Asked, resources},
    client::{self, Client},
    mint::{Issued, Terms, Wanted, split},
    noted::Deed,
    refusal::Refusal,
    seams::Account,
    secrets,
    server::Server,
};
use crate::{
    identity::{jws, token::Confirmation},
    ledger::oauth::grants::{GrantRow, GrantToken},
    limits::Door,
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// A device that does not wait has to wait longer by so many seconds (RFC 8628, section 3.5).
const SLOWER: i64 = 5;

/// `POST /oauth/token`.
pub async fn token(State(server): State<Arc<Server>>, request: Request) -> Response {
    match exchange(&server, request).await {
        Ok(issued) => issued.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn exchange(server: &Server, request: Request) -> Result<Issued, Refusal> {
    let arrived = Arrived::form(request).await?;
    let client = arrived.client(server).await?;
    server.tried(Door::Token, client.id()).await?;
    let grant_type = arrived.form.required("grant_type")?;
    if !client::GRANT_TYPES.contains(&grant_type) {
        return Err(Refusal::unsupported_grant_type("there is no such `grant_type` here"));
    }
    if !client.may(grant_type) {
        return Err(Refusal::unauthorized_client("this client is not for this `grant_type`"));
    }
    let confirmation = server.confirmation(&arrived.headers, &client, arrived.certificate).await?;
    let asking = Asking { server, arrived: &arrived, client: &client, confirmation };
    match grant_type {
        client::CODE => asking.by_code().await,
        client::REFRESH => asking.by_refresh_token().await,
        client::CREDENTIALS => asking.for_itself(),
        _ => asking.by_device().await,
    }
}

/// A client that has proved itself asks for tokens.
struct Asking<'a> {
    server: &'a Server,
    arrived: &'a Arrived,
    client: &'a Client,
    confirmation: Option<Confirmation>,
}

impl Asking<'_> {
    fn jkt(&self) -> Option<&str> {
        self.confirmation.as_ref().and_then(|confirmation| confirmation.jkt.as_deref())
    }

    /// The resources of this token: those that it names, which have to be among the grant's.
    fn resources(&self, terms: &Terms) -> Result<Vec<String>, Refusal> {
        let asked = resources(&self.server.rules(), &self.arrived.form)?;
        if asked.is_empty() {
            return Ok(terms.resources.clone());
        }
        if !terms.resources.is_empty() && asked.iter().any(|one| !terms.resources.contains(one)) {
            return Err(Refusal::invalid_target("`resource` was not granted"));
        }
        Ok(asked)
    }

    /// What a text stands for, where it is this client's and of this kind. One that was used before ends its grant.
    async fn standing(&self, text: &str, kind: &'static str) -> Result<(GrantToken, GrantRow), Refusal> {
        let unknown =
            || Refusal::invalid_grant("it is unknown, has expired, was used before, or is another client's");
        let ledger = &self.server.ledger;
        let token = ledger.grant_token(&secrets::hash(text)).await?;
        let token = token.filter(|token| token.kind == kind && token.client_id == self.client.id());
        let token = token.ok_or_else(unknown)?;
        if token.used_at != 0 {
            // RFC 6749, sections 4.1.2 and 10.4: whoever came first may have been a thief.
            self.reused(&token.grant_id, kind).await?;
            tracing::warn!(
                client = self.client.id(),
                grant = token.grant_id,
                "a {kind} was used again; its grant is revoked"
            );
            return Err(unknown());
        }
        let grant = ledger.grant(&token.grant_id).await?.filter(|grant| grant.revoked_at == 0);
        let grant = grant.ok_or_else(unknown)?;
        if token.expires_at <= self.server.now() { Err(unknown()) } else { Ok((token, grant)) }
    }

    /// Ends a grant of which something came twice.
    async fn reused(&self, grant: &str, what: &'static str) -> Result<(), Refusal> {
        self.server.revoke_grant(grant).await?;
        let deed = Deed {
            action: "grant.reused",
            from: self.arrived.address,
            client: Some(self.client.id()),
            on: Some(("grants", Some(grant))),
            facts: vec![("what", what.to_owned())],
            ..Deed::default()
        };
        Ok(self.server.note(deed, &Ok(())).await?)
    }

    /// Consumes what was found; where another request came first, this one is a reuse.
    async fn consume(&self, token: &GrantToken, next: Option<&GrantToken>) -> Result<(), Refusal> {
        let now = self.server.now();
        let expires = now.saturating_add(self.server.rules().refresh);
        let grant = (token.grant_id.as_str(), expires);
        if self.server.ledger.consume_token(&token.hash, self.client.id(), now, next, grant).await? {
            return Ok(());
        }
        let now_used =
            self.server.ledger.grant_token(&token.hash).await?.is_some_and(|token| token.used_at != 0);
        if now_used {
            self.reused(&token.grant_id, "token").await?;
        }
        Err(Refusal::invalid_grant("it is unknown, has expired, was used before, or is another client's"))
    }

    /// An answer with all that belongs to a grant.
    fn answer(
        &self,
        grant: &GrantRow,
        account: &Account,
        scopes: &[String],
        terms: &Terms,
        nonce: Option<&str>,
        refresh: Option<String>,
    ) -> Result<Issued, Refusal> {
        let resources = self.resources(terms)?;
        let mut issued = self.server.issue(&Wanted {
            client: self.client,
            account: Some(account),
            grant: Some(&grant.id),
            scopes,
            resources: &resources,
            terms,
            confirmation: self.confirmation.clone(),
        })?;
        issued.refresh_token = refresh;
        if scopes.iter().any(|scope| scope == "openid") {
            let id = self.server.id_token(self.client, &account.id, terms, nonce, &issued.access_token)?;
            issued.id_token = Some(id);
        }
        Ok(issued)
    }

    async fn by_code(self) -> Result<Issued, Refusal> {
        let form = &self.arrived.form;
        let (code, uri) = (form.required("code")?, form.required("redirect_uri")?);
        let verifier = form.required("code_verifier")?;
        // RFC 7636, section 4.1.
        let letters = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(letters) {
            return Err(Refusal::invalid_request("`code_verifier` has from 43 to 128 unreserved letters"));
        }
        let (token, grant) = self.standing(code, "code").await?;
        let asked: Asked = serde_json::from_str(&token.terms)
            .map_err(|_| Refusal::server_error("the code cannot be read"))?;
        if asked.redirect_uri != uri {
            return Err(Refusal::invalid_grant("`redirect_uri` is not the one that the code was sent to"));
        }
        if !secrets::same(&jws::hashed(verifier), &asked.challenge) {
            return Err(Refusal::invalid_grant("`code_verifier` is not the challenge's"));
        }
        if asked.jkt.is_some() && asked.jkt.as_deref() != self.jkt() {
            return Err(Refusal::invalid_dpop_proof("the code is bound to another key"));
        }
        let account = self.server.acting(&grant.subject).await?;
        let mut terms = Terms::of(&grant);
        self.resources(&terms)?;
        let refresh = self.server.refresh_token(&grant.id, self.client)?;
        let (text, mut next) = refresh.unzip();
        if self.client.is_public() {
            terms.jkt = self.jkt().map(str::to_owned);
        }
        if let Some(next) = &mut next {
            next.terms = terms.text();
        }
        self.consume(&token, next.as_ref()).await?;
        self.answer(&grant, &account, &split(&grant.scopes), &terms, asked.nonce.as_deref(), text)
    }

    async fn by_refresh_token(self) -> Result<Issued, Refusal> {
        let form = &self.arrived.form;
        let (token, grant) = self.standing(form.required("refresh_token")?, "refresh").await?;
        let terms = Self::refresh_terms(&token, &grant);
        if terms.jkt.is_some() && terms.jkt.as_deref() != self.jkt() {
            return Err(Refusal::invalid_dpop_proof("the refresh token is bound to another key"));
        }
        let granted = split(&grant.scopes);
        // What the client may no longer have is no longer in its tokens; what was not granted is refused.
        let rules = self.server.rules();
        let mut scopes: Vec<String> =
            granted.iter().filter(|scope| self.client.may_have(&rules, scope)).cloned().collect();
        if let Some(asked) = form.get("scope") {
            let asked = split(asked);
            if asked.is_empty() || asked.iter().any(|scope| !scopes.contains(scope)) {
                return Err(Refusal::invalid_scope("a scope was not granted"));
            }
            scopes.retain(|scope| asked.contains(scope));
        }
        let account = self.server.acting(&grant.subject).await?;
        self.resources(&terms)?;
        let (text, mut next) = self.server.refresh_token(&grant.id, self.client)?.unzip();
        if let Some(next) = &mut next {
            next.terms = terms.text();
        }
        self.consume(&token, next.as_ref()).await?;
        self.answer(&grant, &account, &scopes, &terms, None, text)
    }

    /// A refresh token carries its grant's terms, with the key that it is bound to.
    fn refresh_terms(token: &GrantToken, grant: &GrantRow) -> Terms {
        let bound: Terms = serde_json::from_str(&token.terms).unwrap_or_default();
        Terms { jkt: bound.jkt, ..Terms::of(grant) }
    }

    fn for_itself(self) -> Result<Issued, Refusal> {
        let rules = self.server.rules();
        let mut scopes = self.client.scopes(&rules, self.arrived.form.get("scope"))?;
        // Nobody is signed in. Asked for, it is refused; as a default it is left out.
        if self.arrived.form.get("scope").is_some() && scopes.iter().any(|scope| scope == "openid") {
            return Err(Refusal::invalid_scope("`openid` is about a person, and a client is none"));
        }
        scopes.retain(|scope| scope != "openid");
        if scopes.is_empty() {
            return Err(Refusal::invalid_scope("there is no scope for this client"));
        }
        let terms = Terms::default();
        let resources = self.resources(&terms)?;
        self.server.issue(&Wanted {
            client: self.client,
            account: None,
            grant: None,
            scopes: &scopes,
            resources: &resources,
            terms: &terms,
            confirmation: self.confirmation,
        })
    }

    async fn by_device(self) -> Result<Issued, Refusal> {
        let hash = secrets::hash(self.arrived.form.required("device_code")?);
        let unknown =
            || Refusal::invalid_grant("the device code is unknown, was used before, or is another client's");
        let (ledger, now) = (&self.server.ledger, self.server.now());
        let device = ledger.device(&hash).await?;
        let device =
            device.filter(|device| device.device_hash == hash && device.client_id == self.client.id());
        let device = device.ok_or_else(unknown)?;
        if device.status == "used" {
            self.server.revoke_grant(&device.grant_id).await?;
            return Err(unknown());
        }
        if device.expires_at <= now {
            return Err(Refusal::expired_token("the device code has expired; begin again"));
        }
        match device.status.as_str() {
            "denied" => return Err(Refusal::access_denied("the account did not allow it")),
            "waiting" => {
                let hasty = device.asked_at != 0 && now < device.asked_at.saturating_add(device.pause);
                let pause = if hasty { device.pause.saturating_add(SLOWER) } else { device.pause };
                ledger.device_asked(&hash, now, pause).await?;
                return Err(if hasty {
                    Refusal::slow_down(format!("ask every {pause} seconds"))
                } else {
                    Refusal::authorization_pending("nobody has typed the code and answered yet")
                });
            }
            _ => {}
        }
        let grant = ledger.grant(&device.grant_id).await?.filter(|grant| grant.revoked_at == 0);
        let grant = grant.ok_or_else(unknown)?;
        let account = self.server.acting(&grant.subject).await?;
        let mut terms = Terms::of(&grant);
        self.resources(&terms)?;
        if self.client.is_public() {
            terms.jkt = self.jkt().map(str::to_owned);
        }
        let (text, next) = self.server.refresh_token(&grant.id, self.client)?.unzip();
        let next = next.map(|next| GrantToken { terms: terms.text(), ..next });
        if !ledger.use_device(&hash, self.client.id(), now, next.as_ref()).await? {
            self.reused(&grant.id, "device_code").await?;
            return Err(unknown());
        }
        self.answer(&grant, &account, &split(&grant.scopes), &terms, None, text)
    }
}

/// What the company's own apps do without a browser: sign in, and stay so.
impl Server {
    /// Begins a grant of an own app for an account that has proved itself: as the code flow does behind its pages.
    /// Returns the grant's id with its first tokens.
    pub async fn begin(
        &self,
        client: &Client,
        account: &Account,
        auth_time: i64,
    ) -> Result<(String, Issued), Refusal> {
        if !client.is_active() || !client.metadata.own || !account.active {
            return Err(Refusal::unauthorized_client(
                "only the company's own apps sign people in by themselves",
            ));
        }
        let now = self.now();
        let terms = Terms { auth_time: Some(auth_time), own: true, ..Terms::default() };
        let grant = GrantRow {
            id: secrets::name("g_")?,
            client_id: client.id().into(),
            subject: account.id.clone(),
            scopes: String::new(),
            terms: terms.text(),
            created_at: now,
            renewed_at: 0,
            expires_at: now.saturating_add(self.rules().refresh),
            revoked_at: 0,
        };
        let (text, first) = self.refresh_token(&grant.id, client)?.unzip();
        self.ledger.add_grant(&grant, first.as_ref()).await?;
        let mut issued = self.issue(&Wanted {
            client,
            account: Some(account),
            grant: Some(&grant.id),
            scopes: &[],
            resources: &[],
            terms: &terms,
            confirmation: None,
        })?;
        issued.refresh_token = text;
        Ok((grant.id, issued))
    }

    /// Renews the tokens of an own app, as `/oauth/token` does.
    pub async fn renew(&self, client: &Client, refresh_token: &str) -> Result<Issued, Refusal> {
        let form = percent_encoding::utf8_percent_encode(refresh_token, percent_encoding::NON_ALPHANUMERIC);
        let arrived = Arrived {
            headers: http::HeaderMap::new(),
            form: super::parameters::Parameters::parse(&format!("refresh_token={form}"))?,
            certificate: None,
            path: "/oauth/token".into(),
            address: None,
        };
        let asking = Asking { server: self, arrived: &arrived, client, confirmation: None };
        asking.by_refresh_token().await
    }
}
