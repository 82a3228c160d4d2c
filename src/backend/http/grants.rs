//! Tokens of partners by the standard flows (RFC 6749, sections 4.4 and 6): one more way of logging in, made and read by the
//! `oauth2` crate, and sent over the source's own way. Sessions keep what comes of it; nothing here is kept but the
//! refresh token that a partner put in the place of ours.

use super::{
    Http, Lost, Outgoing, Transport,
    request::{self, Inputs},
    session::Session,
};
use crate::{
    fault::{Fault, code},
    plan::http::{
        Template,
        dialect::{Granted, OAuth2, Proof},
    },
    value::{Brief, time::Moment},
};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::BoxFuture;
use oauth2::{
    AsyncHttpClient, AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, RefreshToken, RequestTokenError, Scope, TokenResponse, TokenUrl,
    basic::{BasicClient, BasicErrorResponse, BasicTokenResponse},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::json;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// How long a token is used whose end is not said.
const UNSAID: Duration = Duration::from_mins(5);
/// How long our own statement of who we are is good (RFC 7523, section 3); partners refuse long ones.
const ASSERTED: i64 = 60;
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

impl Http {
    /// A token by the flow of the dialect. What is refused is tried once more where our credentials have changed since
    /// they were read.
    pub(super) async fn granted(
        &self,
        words: &OAuth2,
        deadline: Instant,
        now: Moment,
    ) -> Result<Session, Fault> {
        let before = self.secrets.values();
        match self.grant(words, &before, deadline, now).await {
            Err(fault) if fault.code.id == code::NO_LOGIN.id => {
                self.renew_secrets().await;
                let after = self.secrets.values();
                if before == after { Err(fault) } else { self.grant(words, &after, deadline, now).await }
            }
            done => done,
        }
    }

    /// References may be commands, and commands take their time.
    async fn renew_secrets(&self) {
        let secrets = Arc::clone(&self.secrets);
        if tokio::task::spawn_blocking(move || secrets.renew()).await.is_err() {
            tracing::warn!(source = %self.name, "credentials cannot be read anew");
        }
    }

    async fn grant(
        &self,
        words: &OAuth2,
        secrets: &HashMap<String, String>,
        deadline: Instant,
        now: Moment,
    ) -> Result<Session, Fault> {
        let refused =
            |detail: String| Fault::plain(&code::NO_LOGIN).detail(format!("{}: login: {detail}", self.name));
        let fill = |template: &Template| {
            request::text(template, &Inputs::default(), secrets)
                .map_err(|name| refused(format!("nothing supplies `{name}`")))
        };
        let address = if words.token.starts_with('/') {
            format!("{}{}", self.source.address, words.token)
        } else {
            words.token.clone()
        };
        let id = fill(&words.client)?;
        let url =
            TokenUrl::new(address.clone()).map_err(|_| refused("the token's address is none".into()))?;
        let mut client = BasicClient::new(ClientId::new(id.clone())).set_token_uri(url);
        let mut parameters = Vec::new();
        match &words.proof {
            Proof::Basic(secret) => {
                client = client.set_client_secret(ClientSecret::new(fill(secret)?));
                client = client.set_auth_type(AuthType::BasicAuth);
            }
            Proof::Body(secret) => {
                client = client.set_client_secret(ClientSecret::new(fill(secret)?));
                client = client.set_auth_type(AuthType::RequestBody);
            }
            Proof::Key { key, kid } => {
                client = client.set_auth_type(AuthType::RequestBody);
                let said = assertion(&fill(key)?, kid.as_deref(), &id, &address, now);
                let said = said.ok_or_else(|| refused("the private key cannot be read or used".into()))?;
                parameters.push(("client_assertion_type".to_owned(), ASSERTION.to_owned()));
                parameters.push(("client_assertion".to_owned(), said));
            }
        }
        for (name, template) in &words.parameters {
            parameters.push((name.clone(), fill(template)?));
        }
        // A partner's later refresh token counts as long as ours is the one that it was had with.
        let first = match &words.grant {
            Granted::ClientCredentials => None,
            Granted::RefreshToken(template) => Some(fill(template)?),
        };
        let kept = self.refresh.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let later = kept.filter(|(ours, _)| Some(ours) == first.as_ref()).map(|(_, later)| later);
        let refresh = later.or_else(|| first.clone()).map(RefreshToken::new);
        let scopes = words.scopes.iter().cloned().map(Scope::new).collect();
        let way = Way { transport: self.transport.clone(), deadline };
        let answered = ask(client, refresh, scopes, parameters, way).await;
        if let (Ok(answer), Some(first)) = (&answered, first)
            && let Some(later) = answer.refresh_token()
        {
            let mut kept = self.refresh.lock().unwrap_or_else(PoisonError::into_inner);
            *kept = Some((first, later.secret().clone()));
        }
        let answer = answered.map_err(|why| match why {
            // The code of RFC 6749, section 5.2, and not the description, in which some repeat what was sent.
            RequestTokenError::ServerResponse(said) => refused(said.error().to_string()),
            RequestTokenError::Request(lost) => {
                let code = match lost {
                    Lost::TimedOut => &code::TIMED_OUT,
                    Lost::Unreachable(_) => &code::UNREACHABLE,
                    Lost::Broken(_) | Lost::TooLarge => &code::NOT_UNDERSTOOD,
                };
                Fault::plain(code).detail(format!("{}: login: {lost}", self.name))
            }
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                refused("the answer is not understood".into())
            }
        })?;
        let header = request::header_value(&format!("Bearer {}", answer.access_token().secret()))?;
        let life = answer.expires_in().unwrap_or(UNSAID).min(words.most);
        let life = life.saturating_sub(words.less).max(Duration::from_secs(1));
        tracing::info!(source = %self.name, "logged in");
        Ok(Session::bearer(header, life))
    }
}

/// A client with the place where it gets tokens.
type Client = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;
type Answered = Result<BasicTokenResponse, RequestTokenError<Lost, BasicErrorResponse>>;

/// Asks for a token; boxed, so that what the crate borrows stays within.
fn ask(
    client: Client,
    refresh: Option<RefreshToken>,
    scopes: Vec<Scope>,
    parameters: Vec<(String, String)>,
    way: Way,
) -> BoxFuture<'static, Answered> {
    Box::pin(async move {
        if let Some(token) = &refresh {
            let mut asking = client.exchange_refresh_token(token).add_scopes(scopes);
            for (name, value) in parameters {
                asking = asking.add_extra_param(name, value);
            }
            asking.request_async(&way).await
        } else {
            let mut asking = client.exchange_client_credentials().add_scopes(scopes);
            for (name, value) in parameters {
                asking = asking.add_extra_param(name, value);
            }
            asking.request_async(&way).await
        }
    })
}

/// The crate's requests over the source's own way.
struct Way {
    transport: Transport,
    deadline: Instant,
}

impl<'c> AsyncHttpClient<'c> for Way {
    type Error = Lost;
    type Future = BoxFuture<'c, Result<HttpResponse, Lost>>;

    fn call(&'c self, asked: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let (head, body) = asked.into_parts();
            let text = |value: &http::HeaderValue| Brief::new(value.to_str().unwrap_or_default());
            let headers = head.headers.iter().map(|(name, value)| (Brief::new(name), text(value)));
            let outgoing = Outgoing {
                method: "POST",
                url: head.uri.to_string(),
                headers: headers.collect(),
                body: Some(body.into()),
                deadline: self.deadline,
                limit: 1 << 20,
            };
            let received = self.transport.send(outgoing).await?;
            if received.status == 429 || received.status >= 500 {
                return Err(Lost::Unreachable(format!("status {}", received.status)));
            }
            let mut response = http::Response::new(received.body);
            *response.status_mut() = http::StatusCode::from_u16(received.status).unwrap_or_default();
            *response.headers_mut() = received.headers;
            Ok(response)
        })
    }
}

/// Our statement of who we are, signed by our own key (RFC 7523, section 2.2): ES256, `EdDSA` or RS256, as the key is.
fn assertion(pem: &str, kid: Option<&str>, client: &str, address: &str, now: Moment) -> Option<String> {
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).ok()?;
    let PrivateKeyDer::Pkcs8(key) = &key else { return None };
    let der = key.secret_pkcs8_der();
    let random = SystemRandom::new();
    let sign = |alg: &str| {
        let mut head = json!({ "typ": "JWT", "alg": alg });
        if let (Some(kid), Some(members)) = (kid, head.as_object_mut()) {
            members.insert("kid".into(), kid.into());
        }
        let claims = json!({
            "iss": client,
            "sub": client,
            "aud": address,
            "iat": now.seconds,
            "exp": now.seconds.saturating_add(ASSERTED),
            "jti": uuid::Uuid::now_v7().to_string(),
        });
        format!("{}.{}", URL_SAFE_NO_PAD.encode(head.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
    };
    let (text, signature) = if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
    {
        let text = sign("ES256");
        let signature = pair.sign(&random, text.as_bytes()).ok()?.as_ref().to_vec();
        (text, signature)
    } else if let Ok(pair) = Ed25519KeyPair::from_pkcs8(der) {
        let text = sign("EdDSA");
        let signature = pair.try_sign(text.as_bytes()).ok()?.as_ref().to_vec();
        (text, signature)
    } else {
        let pair = RsaKeyPair::from_pkcs8(der).ok()?;
        let text = sign("RS256");
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature).ok()?;
        (text, signature)
    };
    Some(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{
        jws::{Algorithm, Compact},
        keys::{Key, Life},
    };

    #[test]
    fn we_say_who_we_are_by_a_key_of_our_own() {
        for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
            let (key, der) = Key::generate(algorithm, Life::from(0)).unwrap();
            let body = base64::engine::general_purpose::STANDARD.encode(der);
            let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
            let now = Moment { seconds: 1000, nanos: 0 };
            let said = assertion(&pem, Some("k"), "us", "https://partner.example/token", now).unwrap();
            let said = Compact::parse(&said).unwrap();
            assert_eq!(said.header.kid.as_deref(), Some("k"));
            let claims = said.verified(key.public()).unwrap();
            assert_eq!((claims["iss"].as_str(), claims["exp"].as_i64()), (Some("us"), Some(1060)));
            assert_eq!(claims["aud"], "https://partner.example/token");
        }
        assert_eq!(assertion("no key", None, "us", "x", Moment { seconds: 0, nanos: 0 }), None);
    }
}
