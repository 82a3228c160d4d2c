//! What may be asked of tokens and done to them: revocation (RFC 7009), introspection (RFC 7662), and who a token's
//! person is (`OpenID` Connect Core 1.0, section 5.3).

use super::{
    arrived::Arrived,
    client::{Client, shown},
    noted::Deed,
    refusal::Refusal,
    secrets,
    server::Server,
};
use crate::{
    fault::Fault,
    identity::{
        revoked::Marks,
        token::{self, AccessToken},
    },
};
use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde_json::{Value, json};
use std::sync::Arc;

/// `POST /oauth/revoke`.
pub async fn revoke(State(server): State<Arc<Server>>, request: Request) -> Response {
    match revoking(&server, request).await {
        Ok(()) => (StatusCode::OK, [(header::CACHE_CONTROL, "no-store")]).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn revoking(server: &Server, request: Request) -> Result<(), Refusal> {
    let arrived = Arrived::form(request).await?;
    let client = arrived.client(server).await?;
    let text = arrived.form.required("token")?;
    let other = || Refusal::unauthorized_client("the token is another client's");
    if let Some(row) = server.ledger.grant_token(&secrets::hash(text)).await? {
        if row.client_id != client.id() {
            return Err(other());
        }
        // A refresh token takes all of its grant with it (RFC 7009, section 2.1).
        let done = server.revoke_grant(&row.grant_id).await;
        return ended(server, &arrived, &client, ("grants", &row.grant_id), done).await;
    }
    let Ok((token, _)) = token::read(&server.ring, text, server.now()) else { return Ok(()) };
    if token.client_id != client.id() {
        return Err(other());
    }
    let done = server.revoke_token(&token.jti, token.exp).await;
    ended(server, &arrived, &client, ("tokens", &token.jti), done).await
}

/// Notes what a client has ended.
async fn ended(
    server: &Server,
    arrived: &Arrived,
    client: &Client,
    (what, key): (&'static str, &str),
    done: Result<(), Fault>,
) -> Result<(), Refusal> {
    let deed = Deed {
        action: "token.revoked",
        from: arrived.address,
        client: Some(client.id()),
        on: Some((what, Some(key))),
        ..Deed::default()
    };
    server.note(deed, &done).await?;
    Ok(done?)
}

/// `POST /oauth/introspect`.
pub async fn introspect(State(server): State<Arc<Server>>, request: Request) -> Response {
    match introspecting(&server, request).await {
        Ok(body) => ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn introspecting(server: &Server, request: Request) -> Result<Value, Refusal> {
    let arrived = Arrived::form(request).await?;
    let client = arrived.client(server).await?;
    if client.is_public() {
        return Err(Refusal::invalid_client("who cannot prove itself may not ask about tokens"));
    }
    let text = arrived.form.required("token")?;
    let inactive = json!({ "active": false });
    let may_ask = |owner: &str| owner == client.id() || client.metadata.introspects;
    let now = server.now();
    if let Some(row) = server.ledger.grant_token(&secrets::hash(text)).await? {
        let grant = server.ledger.grant(&row.grant_id).await?;
        let grant = grant.filter(|grant| {
            row.kind == "refresh"
                && row.used_at == 0
                && row.expires_at > now
                && grant.revoked_at == 0
                && may_ask(&row.client_id)
        });
        return Ok(grant.map_or(inactive, |grant| {
            json!({
                "active": true, "scope": grant.scopes, "client_id": row.client_id, "sub": grant.subject,
                "exp": row.expires_at, "iat": row.created_at, "iss": server.rules().issuer,
            })
        }));
    }
    match server.counted(text).await? {
        Some(token) if may_ask(&token.client_id) => {
            let mut body = serde_json::to_value(&token).unwrap_or_default();
            if let Some(body) = body.as_object_mut() {
                body.insert("active".into(), true.into());
                let dpop = token.cnf.as_ref().is_some_and(|cnf| cnf.jkt.is_some());
                body.insert("token_type".into(), if dpop { "DPoP" } else { "Bearer" }.into());
            }
            Ok(body)
        }
        _ => Ok(inactive),
    }
}

/// `GET` and `POST /oauth/userinfo`.
pub async fn userinfo(State(server): State<Arc<Server>>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    match telling(&server, &head).await {
        Ok(body) => ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(refusal) => {
            let challenge = format!(
                "Bearer error=\"{}\", error_description=\"{}\"",
                refusal.error,
                shown(&refusal.description)
            );
            let mut response = refusal.into_response();
            if let Ok(challenge) = HeaderValue::from_str(&challenge) {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

async fn telling(server: &Server, head: &Parts) -> Result<Value, Refusal> {
    let wrong = || Refusal::invalid_token("the token is none of ours, has expired or was revoked");
    let mut headers = head.headers.get_all(header::AUTHORIZATION).iter();
    let header = headers.next().and_then(|value| value.to_str().ok()).ok_or_else(wrong)?;
    if headers.next().is_some() || head.uri.query().is_some_and(|query| query.contains("access_token")) {
        return Err(Refusal::invalid_request("one token comes, in one `Authorization` header"));
    }
    let (scheme, text) = header.split_once(' ').ok_or_else(wrong)?;
    let token = server.counted(text).await?.ok_or_else(wrong)?;
    let bound = token.cnf.clone().unwrap_or_default();
    let is_dpop = scheme.eq_ignore_ascii_case("dpop");
    if !is_dpop && !scheme.eq_ignore_ascii_case("bearer") || is_dpop != bound.jkt.is_some() {
        return Err(wrong());
    }
    if is_dpop {
        let proved = server.proof(&head.headers, head.method.as_str(), "/oauth/userinfo", Some(text)).await?;
        if proved != bound.jkt {
            return Err(wrong());
        }
    }
    if let Some(registered) = &bound.certificate {
        let peer = head.extensions.get::<crate::identity::Peer>();
        let came = peer.and_then(|peer| peer.certificate).map(|hash| crate::identity::jws::encode(&hash));
        if came.as_ref() != Some(registered) {
            return Err(wrong());
        }
    }
    if token.scopes().is_some_and(|mut scopes| !scopes.any(|scope| scope == "openid")) {
        return Err(Refusal::insufficient_scope("the token was not granted `openid`"));
    }
    let account =
        server.accounts.account(&token.sub).await?.filter(|account| account.active).ok_or_else(wrong)?;
    Ok(json!({ "sub": account.id }))
}

impl Server {
    /// An access token of ours that counts now: of its time, not revoked, of a client that is active.
    async fn counted(&self, text: &str) -> Result<Option<AccessToken>, Refusal> {
        let (rules, now) = (self.rules(), self.now());
        let Ok((token, _)) = token::read(&self.ring, text, now) else { return Ok(None) };
        let audiences = rules.audiences();
        let audiences: Vec<&str> = audiences.iter().map(String::as_str).collect();
        if token.judge(&rules.issuer, &audiences, now).is_err() {
            return Ok(None);
        }
        let marks = Marks {
            token: Some(token.jti.as_str().into()),
            grant: token.grant.as_deref().map(Into::into),
            client: Some(token.client_id.as_str().into()),
            subject: Some(token.sub.as_str().into()),
            issued: token.iat,
        };
        if self.revoked.is_revoked(&marks) {
            return Ok(None);
        }
        // Asked of the ledger, so that another replica's word counts at once.
        if let Some(grant) = &token.grant {
            let grant = self.ledger.grant(grant).await?;
            if grant.is_none_or(|grant| grant.revoked_at != 0) {
                return Ok(None);
            }
        }
        let client = Client::find(&self.ledger, &token.client_id).await?;
        let counts = match client {
            Some(client) => client.is_active(),
            None => rules.apps.contains(&token.client_id),
        };
        Ok(counts.then_some(token))
    }
}
