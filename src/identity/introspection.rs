//! Tokens that say nothing themselves: the issuer is asked about them (RFC 7662), and its answer is believed for some
//! seconds. One question serves all who wait with the same token. What it says is read as the claims of a token are.

use super::{
    Caller,
    claims::{self, Terms},
    fetch::Got,
    issuer::{Issuer, body},
};
use crate::{fault::Fault, telemetry::clock::Clock};
use async_trait::async_trait;
use moka::future::Cache;
use serde_json::Value;
use std::sync::Arc;

/// Answers that are kept at once.
const KEPT: u64 = 50_000;

/// The tokens of one issuer that were asked about.
#[derive(Debug)]
pub struct Introspected {
    pub issuer: Arc<Issuer>,
    clock: Arc<dyn Clock>,
    credentials: Arc<dyn Credentials>,
    answers: Cache<[u8; 32], Arc<Answer>>,
}

/// What we are called at the issuer, and the secret, had anew when they may have changed.
#[async_trait]
pub trait Credentials: Send + Sync + std::fmt::Debug {
    async fn get(&self) -> Result<(String, String), String>;
}

/// What an issuer said of a token, and until when that is believed (seconds since 1970).
#[derive(Debug)]
struct Answer {
    found: Option<Arc<Found>>,
    until: i64,
}

/// A token that is good.
#[derive(Debug)]
pub struct Found {
    pub caller: Arc<Caller>,
    pub terms: Terms,
}

impl Introspected {
    pub fn new(issuer: Arc<Issuer>, clock: Arc<dyn Clock>, credentials: Arc<dyn Credentials>) -> Self {
        let answers = Cache::builder().max_capacity(KEPT).time_to_live(super::gate::REMEMBERED).build();
        Self { issuer, clock, credentials, answers }
    }

    /// How the tokens of this issuer begin.
    pub fn prefix(&self) -> &str {
        self.issuer.plan.introspection.as_ref().map_or("", |asked| &asked.prefix)
    }

    /// Whether a token is one of this issuer's kind.
    pub fn takes(&self, token: &str) -> bool {
        token.starts_with(self.prefix())
    }

    /// Who a token stands for; nothing where the issuer says that it is not good.
    pub async fn find(&self, token: &str, hash: [u8; 32]) -> Result<Option<Arc<Found>>, Fault> {
        let now = self.clock.now().seconds;
        if let Some(answer) = self.answers.get(&hash).await {
            if now < answer.until {
                return Ok(answer.found.clone());
            }
            self.answers.remove(&hash).await;
        }
        let asked = self.answers.try_get_with(hash, async { self.ask(token, now).await.map(Arc::new) }).await;
        match asked {
            Ok(answer) => Ok(answer.found.clone()),
            Err(fault) => Err((*fault).clone()),
        }
    }

    async fn ask(&self, token: &str, now: i64) -> Result<Answer, Fault> {
        let away = |why: String| self.issuer.away(1).detail(format!("{}: {why}", self.issuer.plan.name));
        let address = self.issuer.introspection_address().await.map_err(away)?;
        let basic = self.credentials.get().await.map_err(away)?;
        let form = vec![
            ("token".to_owned(), token.to_owned()),
            ("token_type_hint".to_owned(), "access_token".to_owned()),
        ];
        let got: Got = self.issuer.ask(address, Some(form), Some(basic)).await.map_err(away)?;
        let said = body(&got).map_err(away)?;
        let keep = self.issuer.plan.introspection.as_ref().map_or(0, |asked| asked.keep.as_secs());
        let until = now.saturating_add_unsigned(keep);
        // Anything but a plain `true` is a no (RFC 7662, section 2.2).
        let Some(payload) = said.as_object().filter(|said| said.get("active") == Some(&Value::Bool(true)))
        else {
            return Ok(Answer { found: None, until });
        };
        let plan = &self.issuer.plan;
        if payload.get("iss").is_some_and(|iss| iss.as_str() != Some(&plan.issuer)) {
            return Ok(Answer { found: None, until });
        }
        let kind = payload.get("token_type").and_then(Value::as_str).unwrap_or("Bearer");
        if !["bearer", "dpop"].contains(&kind.to_ascii_lowercase().as_str()) {
            return Ok(Answer { found: None, until });
        }
        let mut payload = payload.clone();
        // It may leave its end out: then it is good for as long as the answer is.
        payload.entry("exp").or_insert(until.into());
        let read = claims::foreign(&payload, plan);
        let (caller, terms) = match read {
            Ok(read) => read,
            Err(wrong) => {
                tracing::warn!(issuer = %plan.name, %wrong, "what an issuer says of a token is not understood");
                return Ok(Answer { found: None, until });
            }
        };
        let audience = &plan.audience;
        let is_ours = audience.is_empty() || terms.audience.iter().any(|one| audience.contains(one));
        let found = is_ours.then(|| Arc::new(Found { caller: Arc::new(caller), terms }));
        Ok(Answer { found, until })
    }
}
