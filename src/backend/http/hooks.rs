//! Webhooks of a source: one that is signed wakes the write that waits for it, and makes what was counted old. A webhook
//! is believed for nothing else: what came of the write is asked of the source itself.
//!
//! The form is that of Standard Webhooks 1.0: what is signed is `id.timestamp.body`, by HMAC-SHA256, and the header has
//! one or more signatures `v1,<Base64>` with spaces between them.

use super::{
    Http,
    request::{self, Inputs},
};
use crate::{
    backend::Delivery,
    fault::{Fault, code},
    plan::http::Hook,
    translate::extract,
    value::time::Moment,
};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::Notify;

/// A webhook that is older, or from further ahead, is not believed.
const TOLERANCE: u64 = 5 * 60;
/// So many ids of webhooks are known; a source sends far fewer within the time that one is believed.
const MOST_IDS: u64 = 10_000;
/// So many writes wait at once for what a source says by itself; others ask as if there were no webhooks.
const MOST_WAITING: usize = 10_000;

/// How many wait for a name, and what wakes them.
type Waiting = Arc<Mutex<HashMap<String, (usize, Arc<Notify>)>>>;

#[derive(Debug)]
pub(super) struct Hooks {
    /// Writes that wait, by what a webhook calls them; with how many wait for it.
    waiting: Waiting,
    /// Webhooks that came: each counts once.
    known: moka::future::Cache<String, ()>,
}

impl Default for Hooks {
    fn default() -> Self {
        let kept = Duration::from_secs(2 * TOLERANCE);
        let known = moka::future::Cache::builder().max_capacity(MOST_IDS).time_to_live(kept).build();
        Self { waiting: Arc::default(), known }
    }
}

/// One write's wait. It ends with its value.
#[derive(Debug)]
pub(super) struct Wait {
    name: String,
    waiting: Waiting,
    notify: Arc<Notify>,
}

impl Wait {
    /// Ends when a webhook has come since the last time.
    pub(super) async fn woken(&self) {
        self.notify.notified().await;
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((count, _)) = waiting.get_mut(&self.name) {
            *count -= 1;
            if *count == 0 {
                waiting.remove(&self.name);
            }
        }
    }
}

impl Hooks {
    /// Waits for what a webhook calls by this name, where not too many wait already.
    pub(super) fn wait(&self, name: String) -> Option<Wait> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= MOST_WAITING && !waiting.contains_key(&name) {
            return None;
        }
        let (count, notify) = waiting.entry(name.clone()).or_default();
        *count += 1;
        let notify = Arc::clone(notify);
        Some(Wait { name, waiting: Arc::clone(&self.waiting), notify })
    }

    fn wake(&self, name: &str) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, notify)) = waiting.get(name) {
            // One that is just asking finds it when it waits next.
            notify.notify_one();
        }
    }
}

impl Http {
    /// Takes a webhook that one of these signs.
    pub(super) async fn hooked(
        &self,
        hooks: &[&Hook],
        delivery: &Delivery<'_>,
        now: Moment,
    ) -> Result<(), Fault> {
        let refused =
            |why: &str| Fault::plain(&code::BAD_HOOK).detail(format!("{}: webhook: {why}", self.name));
        if delivery.id.is_empty() || delivery.id.len() > 200 {
            return Err(refused("there is no id, or it is too long"));
        }
        let sent: i64 = delivery.timestamp.parse().map_err(|_| refused("there is no timestamp"))?;
        if now.seconds.abs_diff(sent) > TOLERANCE {
            return Err(refused("the timestamp is too far from now"));
        }
        let mut signed = false;
        let mut names: Vec<String> = Vec::new();
        let secrets = self.secrets.values();
        for hook in hooks {
            let secret = request::text(&hook.secret, &Inputs::default(), &secrets);
            let secret = secret.map_err(|name| refused(&format!("nothing supplies `{name}`")))?;
            if !is_signed(&secret, delivery) {
                continue;
            }
            signed = true;
            let body = std::str::from_utf8(delivery.body).unwrap_or_default();
            names.extend(extract::scalar(body, &hook.at).filter(|name| !names.contains(name)));
        }
        if !signed {
            return Err(refused("no signature fits"));
        }
        // A webhook that comes again is taken and does nothing: its sender may not have heard that it was taken.
        if !self.hooks.known.entry(delivery.id.to_owned()).or_insert(()).await.is_fresh() {
            return Ok(());
        }
        self.totals.forget();
        self.bookmarks.forget();
        for name in &names {
            self.hooks.wake(name);
        }
        Ok(())
    }
}

/// Whether one of the signatures is made with this secret. It is compared in constant time.
fn is_signed(secret: &str, delivery: &Delivery<'_>) -> bool {
    let key = match secret.strip_prefix("whsec_") {
        Some(text) => STANDARD.decode(text).unwrap_or_default(),
        None => secret.as_bytes().to_vec(),
    };
    if key.is_empty() {
        return false;
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let mut over = format!("{}.{}.", delivery.id, delivery.timestamp).into_bytes();
    over.extend_from_slice(delivery.body);
    let signatures = delivery.signature.split_ascii_whitespace().take(20);
    let signatures = signatures.filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok());
    signatures.into_iter().any(|signature| hmac::verify(&key, &over, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the specification of Standard Webhooks, section "Signature scheme".
    #[test]
    fn the_signature_is_that_of_the_standard() {
        let delivery = Delivery {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: "1614265330",
            signature: "v1,bm9ldHUjKzFob2VudXRob2VodWUzMjRvdWVvdW9ldQo= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            body: br#"{"test": 2432232314}"#,
        };
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assert!(is_signed(secret, &delivery));
        assert!(!is_signed(secret, &Delivery { body: br#"{"test": 2432232315}"#, ..delivery }));
        assert!(!is_signed(secret, &Delivery { timestamp: "1614265331", ..delivery }));
        assert!(!is_signed("whsec_", &delivery));
    }

    #[tokio::test]
    async fn a_wait_that_ends_leaves_nothing() {
        let hooks = Hooks::default();
        let (first, second) = (hooks.wait("a".into()).unwrap(), hooks.wait("a".into()).unwrap());
        hooks.wake("b");
        hooks.wake("a");
        first.woken().await;
        drop(first);
        assert_eq!(hooks.waiting.lock().unwrap().len(), 1);
        drop(second);
        assert!(hooks.waiting.lock().unwrap().is_empty());
    }
}
