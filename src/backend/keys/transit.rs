//! Data keys at Vault's transit engine, by its HTTP API: `encrypt`, `decrypt` and `rewrap`, each with a batch and with
//! the context that a key derives its own key from. What it answers for one of a batch is that one's alone.

use crate::{
    backend::{
        http::{Outgoing, Transport},
        secret,
    },
    fault::{Fault, code},
    plan::sealing::Transit,
    seal::{DataKey, Failed, Wrap, ring::Context},
};
use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    sync::{Mutex, Semaphore},
    time::{Instant, timeout_at},
};
use zeroize::{Zeroize, Zeroizing};

/// More keys than this are not asked for at once.
const BATCH: usize = 250;

/// A key of Vault's.
pub(super) struct Vault {
    id: String,
    plan: Transit,
    transport: Transport,
    /// So many calls at once.
    places: Semaphore,
    /// The token as it was read last.
    token: Mutex<Option<Zeroizing<String>>>,
}

/// What came of one of a batch; an error is that of the item.
type Item = Result<Zeroizing<String>, String>;

// === impl Vault ===

impl Vault {
    pub(super) fn new(plan: Transit, transport: Transport) -> Result<Self, Fault> {
        // The same key has the same id wherever the server stands: it may move.
        let named = format!("transit\0{}\0{}", plan.mount, plan.key);
        let digest = Sha256::digest(named.as_bytes());
        let id = hex::encode(digest.get(..4).unwrap_or_default());
        // That the token can be had is seen at the start, not at the first request.
        secret::resolve(&plan.token)
            .map_err(|e| Fault::plain(&code::KEYS_AWAY).detail(format!("sealing.vault.token: {e}")))?;
        let places = Semaphore::new(plan.source.concurrency);
        Ok(Self { id, plan, transport, places, token: Mutex::default() })
    }

    /// Asks for a batch, in pieces. `give` is the member of an item that is wanted.
    async fn ask(&self, verb: &str, items: Vec<Value>, give: &str) -> Result<Vec<Item>, Failed> {
        let mut found = Vec::with_capacity(items.len());
        for piece in items.chunks(BATCH) {
            let mut answered = self.piece(verb, piece, give, false).await?;
            if answered.is_none() {
                answered = self.piece(verb, piece, give, true).await?;
            }
            found.extend(answered.ok_or_else(|| self.away("the token is refused"))?);
        }
        Ok(found)
    }

    /// One call; nothing where the token is refused.
    async fn piece(
        &self,
        verb: &str,
        items: &[Value],
        give: &str,
        anew: bool,
    ) -> Result<Option<Vec<Item>>, Failed> {
        let Transit { source, mount, key, namespace, .. } = &self.plan;
        let mut headers = vec![
            ("X-Vault-Request".into(), "true".into()),
            ("X-Vault-Token".into(), self.token(anew).await?.as_str().into()),
            ("Content-Type".into(), "application/json".into()),
        ];
        headers.extend(namespace.iter().map(|name| ("X-Vault-Namespace".into(), name.as_str().into())));
        let outgoing = Outgoing {
            method: "POST",
            url: format!("{}/v1/{mount}/{verb}/{key}", source.address),
            headers,
            body: Some(json!({ "batch_input": items }).to_string().into()),
            deadline: Instant::now() + source.deadline,
            limit: source.answer_bytes,
        };
        let place = timeout_at(outgoing.deadline, self.places.acquire()).await;
        let _place = place.map_err(|_| self.away("there are too many calls"))?;
        let mut received =
            self.transport.send(outgoing).await.map_err(|lost| self.away(&lost.to_string()))?;
        if received.status == 403 && !anew {
            return Ok(None);
        }
        let body: Value = serde_json::from_slice(&received.body).unwrap_or_default();
        received.body.zeroize();
        // Where one of a batch fails the status is 400, and the results stand there all the same.
        let results = body.pointer("/data/batch_results").and_then(Value::as_array);
        let Some(results) =
            results.filter(|all| [200, 400].contains(&received.status) && all.len() == items.len())
        else {
            let first = body.pointer("/errors/0").and_then(Value::as_str).unwrap_or("no reason is given");
            let short: String = first.chars().take(200).collect();
            return Err(self.away(&format!("{verb}: status {}: {short}", received.status)));
        };
        let item = |result: &Value| match result.get(give).and_then(Value::as_str) {
            Some(text) if !text.is_empty() => Ok(Zeroizing::new(text.to_owned())),
            _ => Err(result.get("error").and_then(Value::as_str).unwrap_or("nothing came").to_owned()),
        };
        Ok(Some(results.iter().map(item).collect()))
    }

    async fn token(&self, anew: bool) -> Result<Zeroizing<String>, Failed> {
        let mut held = self.token.lock().await;
        if anew {
            *held = None;
        }
        if let Some(token) = &*held {
            return Ok(token.clone());
        }
        let token = secret::resolve(&self.plan.token).map_err(|e| self.away(&e.to_string()))?;
        let token = Zeroizing::new(token);
        *held = Some(token.clone());
        Ok(token)
    }

    fn away(&self, why: &str) -> Failed {
        Failed::Away(format!("vault key `{}`: {why}", self.plan.key))
    }
}

fn encoded(context: &Context) -> String {
    STANDARD.encode(context.bytes())
}

#[async_trait]
impl Wrap for Vault {
    fn id(&self) -> &str {
        &self.id
    }

    async fn wrap(&self, keys: &[(&DataKey, &Context)]) -> Result<Vec<String>, Failed> {
        let item = |(key, context): &(&DataKey, &Context)| json!({ "plaintext": STANDARD.encode(key.bytes()), "context": encoded(context) });
        let items = self.ask("encrypt", keys.iter().map(item).collect(), "ciphertext").await?;
        items.into_iter().map(|one| one.map(|text| text.to_string()).map_err(|e| self.away(&e))).collect()
    }

    async fn unwrap(&self, wrapped: &[(&str, &Context)]) -> Result<Vec<Option<DataKey>>, Failed> {
        let item =
            |(text, context): &(&str, &Context)| json!({ "ciphertext": text, "context": encoded(context) });
        let items = self.ask("decrypt", wrapped.iter().map(item).collect(), "plaintext").await?;
        let opened = |one: Item| {
            let bytes = Zeroizing::new(STANDARD.decode(one.ok()?.as_bytes()).ok()?);
            DataKey::of(&bytes)
        };
        Ok(items.into_iter().map(opened).collect())
    }

    /// The version stands in what the engine gives: `vault:v3:`.
    async fn mark(&self) -> Result<String, Failed> {
        let key = DataKey::fresh()?;
        let wrapped = self.wrap(&[(&key, &Context::purpose("mark"))]).await?;
        let first = wrapped.first().map(String::as_str).unwrap_or_default();
        let end = first.match_indices(':').nth(1).map_or(0, |(at, _)| at + 1);
        Ok(first.get(..end).unwrap_or_default().to_owned())
    }

    async fn renew(&self, wrapped: &[(&str, &Context)]) -> Option<Result<Vec<Option<String>>, Failed>> {
        let item =
            |(text, context): &(&str, &Context)| json!({ "ciphertext": text, "context": encoded(context) });
        let asked = self.ask("rewrap", wrapped.iter().map(item).collect(), "ciphertext").await;
        Some(asked.map(|items| items.into_iter().map(|one| one.ok().map(|text| text.to_string())).collect()))
    }

    fn is_far(&self) -> bool {
        true
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({})", self.plan.key)
    }
}
