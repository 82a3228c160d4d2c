//! `POST /oauth/register`: a client makes itself known (RFC 7591). It waits for an operator's approval, and gets nothing
//! until then.

use super::{
    client::{CODE, Metadata, Method, REFRESH},
    noted::Deed,
    refusal::Refusal,
    secrets,
    server::Server,
};
use crate::{identity::Peer, ledger::oauth::clients::ClientRow};
use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// More than any client has to say.
const LARGEST: usize = 32 * 1024;
/// So many wait at once: an operator looks at them one by one.
const WAITING: i64 = 200;

/// What a client says of itself; what else it says is not taken over (RFC 7591, section 2).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    client_name: Option<String>,
    client_uri: Option<String>,
    redirect_uris: Vec<String>,
    grant_types: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
    token_endpoint_auth_method: Option<String>,
    scope: Option<String>,
    jwks: Option<Value>,
    jwks_uri: Option<Value>,
    dpop_bound_access_tokens: bool,
    software_statement: Option<Value>,
}

pub async fn register(State(server): State<Arc<Server>>, request: Request) -> Response {
    match registering(&server, request).await {
        Ok(body) => (StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn registering(server: &Server, request: Request) -> Result<Value, Refusal> {
    let from = request.extensions().get::<Peer>().map(|peer| peer.address);
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media != "application/json" {
        return Err(Refusal::invalid_client_metadata("send `application/json`"));
    }
    let body = to_bytes(request.into_body(), LARGEST).await;
    let body = body.map_err(|_| Refusal::invalid_client_metadata("the body is too large or ended early"))?;
    if std::str::from_utf8(&body).is_ok_and(crate::value::card::stands_in) {
        return Err(Refusal::invalid_client_metadata(
            "a card number stands in the body; this server takes none",
        ));
    }
    let said: Said = serde_json::from_slice(&body)
        .map_err(|_| Refusal::invalid_client_metadata("the body is no JSON object of client metadata"))?;
    let (name, metadata) = read(said, &server.rules().scopes)?;
    if server.ledger.pending_clients().await? >= WAITING {
        return Err(Refusal::temporarily_unavailable(
            "too many clients wait for approval; try again in some days",
        ));
    }
    let (id, secret) = (secrets::name("c_")?, secrets::fresh("cs_")?);
    let has_secret = metadata.method.has_secret();
    let now = server.now();
    let row = ClientRow {
        id: id.clone(),
        name: name.clone(),
        status: "pending".into(),
        tier: String::new(),
        secret_hash: if has_secret { secrets::hash(&secret) } else { String::new() },
        metadata: serde_json::to_string(&metadata)
            .map_err(|_| Refusal::server_error("the client cannot be kept"))?,
        created_at: now,
        ..ClientRow::default()
    };
    if !server.ledger.add_client(&row).await? {
        return Err(Refusal::temporarily_unavailable("the id is taken; try again"));
    }
    let deed =
        Deed { action: "client.registered", from, on: Some(("clients", Some(&id))), ..Deed::default() };
    server.note(deed, &Ok(())).await?;
    let mut body = json!({
        "client_id": id, "client_id_issued_at": now, "client_name": name,
        "redirect_uris": metadata.redirect_uris, "grant_types": metadata.grant_types,
        "token_endpoint_auth_method": metadata.method.name(), "scope": metadata.scopes.join(" "),
        "dpop_bound_access_tokens": metadata.dpop,
        // Ours: nothing is granted before an operator has approved the client.
        "status": "pending",
    });
    if let Some(body) = body.as_object_mut() {
        if metadata.grant_types.iter().any(|grant| grant == CODE) {
            body.insert("response_types".into(), json!(["code"]));
        }
        if has_secret {
            body.insert("client_secret".into(), secret.into());
            body.insert("client_secret_expires_at".into(), 0.into());
        }
        if let Some(jwks) = metadata.jwks {
            body.insert("jwks".into(), jwks);
        }
        if let Some(uri) = metadata.uri {
            body.insert("client_uri".into(), uri.into());
        }
    }
    Ok(body)
}

fn read(said: Said, known: &std::collections::BTreeSet<String>) -> Result<(String, Metadata), Refusal> {
    let wrong = |text: &'static str| Refusal::invalid_client_metadata(text);
    let name = said.client_name.unwrap_or_default();
    if name.trim().is_empty() || name.len() > 100 || name.chars().any(char::is_control) {
        return Err(wrong(
            "`client_name` is what people read when they are asked: give one of up to 100 bytes",
        ));
    }
    if said.jwks_uri.is_some() {
        return Err(wrong("give the keys themselves as `jwks`: nothing is fetched from `jwks_uri`"));
    }
    if said.software_statement.is_some() {
        return Err(wrong("software statements are not taken"));
    }
    if said.response_types.is_some_and(|types| types.iter().any(|kind| kind != "code")) {
        return Err(wrong("`code` is the only response type"));
    }
    let method = said.token_endpoint_auth_method.as_deref().unwrap_or("client_secret_basic");
    let method = Method::named(method).filter(|method| !method.is_by_certificate());
    let method =
        method.ok_or_else(|| wrong("there is no such `token_endpoint_auth_method` to register for"))?;
    if let Some(uri) = said.client_uri.as_deref()
        && !(uri.starts_with("https://") && super::redirects::is_fit(uri))
    {
        return Err(wrong("`client_uri` is no `https` address"));
    }
    if said.redirect_uris.len() > 20 {
        return Err(wrong("there are more than 20 redirect URIs"));
    }
    if said.redirect_uris.iter().any(|uri| !super::redirects::is_fit(uri)) {
        return Err(Refusal::invalid_redirect_uri(
            "a redirect URI is `https`, `http` at a loopback address, or of a scheme such as `com.example.app`",
        ));
    }
    let scopes = super::mint::split(&said.scope.unwrap_or_default());
    if scopes.iter().any(|scope| !known.contains(scope)) {
        return Err(wrong("`scope` names one that there is not"));
    }
    let metadata = Metadata {
        method,
        redirect_uris: said.redirect_uris,
        grant_types: said.grant_types.unwrap_or_else(|| vec![CODE.into(), REFRESH.into()]),
        scopes,
        jwks: said.jwks,
        dpop: said.dpop_bound_access_tokens,
        uri: said.client_uri,
        ..Metadata::default()
    };
    if let Some(fault) = metadata.faults().into_iter().next() {
        return Err(Refusal::invalid_client_metadata(super::client::shown(&fault)));
    }
    Ok((name, metadata))
}
