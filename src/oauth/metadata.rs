//! What clients find out by themselves: RFC 8414, OpenID Connect Discovery 1.0, and the keys.

use super::{
    client::{GRANT_TYPES, Method},
    server::Server,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long these may be kept: shorter than a new key is known before it signs.
const KEPT: &str = "public, max-age=300";

fn public(body: Value) -> Response {
    let headers = [(header::CACHE_CONTROL, KEPT), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
    (headers, Json(body)).into_response()
}

/// `GET /.well-known/jwks.json`.
pub async fn jwks(State(server): State<Arc<Server>>) -> Response {
    public(server.ring.jwks(server.now()))
}

/// `GET /.well-known/oauth-authorization-server` and `/.well-known/openid-configuration`.
pub async fn describe(State(server): State<Arc<Server>>) -> Response {
    let rules = server.rules();
    let issuer = &rules.issuer;
    let at = |path: &str| format!("{issuer}/oauth/{path}");
    let methods: Vec<&str> = Method::ALL.iter().map(|method| method.name()).collect();
    let proving: Vec<&str> = methods.iter().copied().filter(|method| *method != "none").collect();
    let algorithms = ["ES256", "EdDSA", "PS256", "RS256"];
    public(json!({
        "issuer": issuer,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "registration_endpoint": at("register"),
        "revocation_endpoint": at("revoke"),
        "introspection_endpoint": at("introspect"),
        "userinfo_endpoint": at("userinfo"),
        "device_authorization_endpoint": at("device_authorization"),
        "pushed_authorization_request_endpoint": at("par"),
        "require_pushed_authorization_requests": false,
        "scopes_supported": rules.scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GRANT_TYPES,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": proving,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "authorization_response_iss_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": true,
        "require_request_uri_registration": false,
        "claims_parameter_supported": false,
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "dpop_signing_alg_values_supported": algorithms,
        "tls_client_certificate_bound_access_tokens": true,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "azp"],
        "ui_locales_supported": ["en", "es"],
    }))
}
