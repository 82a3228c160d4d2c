//! Tokens as they are handed out: access tokens, refresh tokens and ID tokens, and the answer that they stand in.

use super::{
    client::{Client, REFRESH},
    refusal::Refusal,
    rules::Rules,
    seams::Account,
    secrets,
    server::Server,
};
use crate::{
    identity::{
        jws::{self, Algorithm},
        token::{AccessToken, Audience, Confirmation},
    },
    ledger::oauth::grants::{GrantRow, GrantToken},
};
use aws_lc_rs::digest::{SHA256, digest};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a grant says besides its columns; kept with it as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Terms {
    /// The resources that tokens may be for (RFC 8707); none is all of us.
    pub resources: Vec<String>,
    /// The key of proofs that a public client's refresh tokens are bound to (RFC 9449, section 5).
    pub jkt: Option<String>,
    pub auth_time: Option<i64>,
    /// The company's own app: no scopes, roles alone.
    pub own: bool,
}

/// What an access token is made of.
pub struct Wanted<'a> {
    pub client: &'a Client,
    /// Nothing where the client acts for itself.
    pub account: Option<&'a Account>,
    pub grant: Option<&'a str>,
    pub scopes: &'a [String],
    pub resources: &'a [String],
    pub terms: &'a Terms,
    pub confirmation: Option<Confirmation>,
}

/// A successful answer (RFC 6749, section 5.1).
#[derive(Clone, Serialize)]
pub struct Issued {
    pub access_token: String,
    pub token_type: &'static str,
    pub expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

impl IntoResponse for Issued {
    fn into_response(self) -> Response {
        let mut response = Json(self).into_response();
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl std::fmt::Debug for Issued {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Issued").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

impl Terms {
    pub fn of(grant: &GrantRow) -> Self {
        serde_json::from_str(&grant.terms).unwrap_or_default()
    }

    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The scopes of a text.
pub fn split(scopes: &str) -> Vec<String> {
    scopes.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}

impl Server {
    /// An access token that an operator makes: for a client itself, or for an account that it acts for. It can be
    /// revoked as every other one, and is not renewed.
    pub fn mint(
        &self,
        client: &Client,
        account: Option<&Account>,
        scopes: &[String],
    ) -> Result<Issued, Refusal> {
        if !client.is_active() {
            return Err(Refusal::invalid_client("the client is not active"));
        }
        let terms =
            Terms { own: client.metadata.own, auth_time: account.map(|_| self.now()), ..Terms::default() };
        self.issue(&Wanted {
            client,
            account,
            grant: None,
            scopes,
            resources: &[],
            terms: &terms,
            confirmation: None,
        })
    }

    /// An access token in its answer.
    pub(super) fn issue(&self, wanted: &Wanted<'_>) -> Result<Issued, Refusal> {
        let (rules, now) = (self.rules(), self.now());
        let token = token(&rules, wanted, now)?;
        let claims =
            serde_json::to_value(&token).map_err(|_| Refusal::server_error("the token cannot be written"))?;
        let dpop = wanted.confirmation.as_ref().is_some_and(|c| c.jkt.is_some());
        Ok(Issued {
            access_token: self.signed(Algorithm::Es256, "at+jwt", &claims)?,
            token_type: if dpop { "DPoP" } else { "Bearer" },
            expires_in: token.exp - now,
            refresh_token: None,
            id_token: None,
            scope: token.scope,
        })
    }

    /// A refresh token of a grant: its text, and what is kept of it.
    pub(super) fn refresh_token(
        &self,
        grant: &str,
        client: &Client,
    ) -> Result<Option<(String, GrantToken)>, Refusal> {
        if !client.may(REFRESH) {
            return Ok(None);
        }
        let (text, now) = (secrets::fresh("rt_")?, self.now());
        let token = GrantToken {
            hash: secrets::hash(&text),
            kind: "refresh".into(),
            grant_id: grant.into(),
            client_id: client.id().into(),
            terms: "{}".into(),
            created_at: now,
            expires_at: now.saturating_add(self.rules().refresh),
            used_at: 0,
        };
        Ok(Some((text, token)))
    }

    /// An ID token (`OpenID` Connect Core 1.0, section 2).
    pub(super) fn id_token(
        &self,
        client: &Client,
        subject: &str,
        terms: &Terms,
        nonce: Option<&str>,
        access_token: &str,
    ) -> Result<String, Refusal> {
        let (rules, now) = (self.rules(), self.now());
        let half = digest(&SHA256, access_token.as_bytes());
        let half = half.as_ref().split_at_checked(16).map(|(half, _)| jws::encode(half)).unwrap_or_default();
        let mut claims = json!({
            "iss": rules.issuer, "sub": subject, "aud": client.id(), "iat": now, "exp": now + rules.access,
            "azp": client.id(), "at_hash": half,
        });
        let mut put = |name: &str, value: Option<Value>| {
            if let (Some(claims), Some(value)) = (claims.as_object_mut(), value) {
                claims.insert(name.into(), value);
            }
        };
        put("nonce", nonce.map(Value::from));
        put("auth_time", terms.auth_time.map(Value::from));
        self.signed(Algorithm::Es256, "JWT", &claims)
    }
}

/// The claims of an access token.
pub fn token(rules: &Rules, wanted: &Wanted<'_>, now: i64) -> Result<AccessToken, Refusal> {
    let Wanted { client, account, grant, scopes, resources, terms, confirmation } = wanted;
    let audience = match *resources {
        [] => Audience::One(rules.issuer.clone()),
        [one] => Audience::One(one.clone()),
        several => Audience::Several(several.to_vec()),
    };
    let (sub, roles, claims) = match account {
        Some(account) => (account.id.clone(), account.roles.clone(), account.claims.clone()),
        None => (client.id().to_owned(), client.metadata.roles.clone(), client.metadata.claims.clone()),
    };
    Ok(AccessToken {
        iss: rules.issuer.clone(),
        sub,
        aud: audience,
        client_id: client.id().to_owned(),
        iat: now,
        exp: now.saturating_add(rules.access),
        jti: secrets::name("")?,
        scope: (!terms.own).then(|| scopes.join(" ")),
        roles,
        claims,
        grant: grant.map(str::to_owned),
        tier: Some(client.row.tier.clone()).filter(|tier| !tier.is_empty()),
        cnf: confirmation.clone(),
        auth_time: terms.auth_time,
    })
}
