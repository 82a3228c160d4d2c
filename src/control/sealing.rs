//! The program's own secrets in the ledger: sealed by a data key that is opened once, at the start.

use super::Refusal;
use crate::{
    backend::keys,
    fault::{Fault, code},
    identity::sealer::{Ephemeral, Sealer},
    ledger::Ledger,
    pipeline::Instance,
    seal::{ring::Context, store::Store},
};
use std::sync::Arc;

/// What the ledger's secrets are sealed for.
const PURPOSE: &str = "ledger";

/// Seals and opens what the ledger keeps. Without `sealing` in the configuration by a key that ends with the process:
/// what it sealed opens for nobody afterwards.
pub async fn sealer(instance: &Instance, ledger: Option<&Ledger>) -> Result<Arc<dyn Sealer>, Refusal> {
    let refused = |fault| Refusal::Source(Box::new(fault));
    let (Some(ring), Some(ledger)) = (instance.sources.keys.find(), ledger) else {
        return Ok(Arc::new(Ephemeral::new()));
    };
    let context = Context::purpose(PURPOSE);
    // Of two programs that begin at once the second one takes the first one's key.
    for _ in 0..2 {
        if let Some(wrapped) = ledger.sealing_key(PURPOSE).await.map_err(refused)? {
            let opened = ring.open("sealing_keys", &[(wrapped.as_str(), context.clone())]).await;
            let opened = opened.map_err(|failed| refused(keys::fault(&failed)))?;
            if let Some(key) = opened.into_iter().next() {
                return Ok(Arc::new(Store::new(key)));
            }
        }
        let fresh = ring.fresh(&context).await.map_err(|failed| refused(keys::fault(&failed)))?;
        if ledger.add_sealing_key(PURPOSE, &fresh.wrapped).await.map_err(refused)? {
            return Ok(Arc::new(Store::new(Arc::new(fresh.key))));
        }
    }
    Err(refused(
        Fault::plain(&code::STORE_FAILED).detail("ledger: its data key is neither there nor can be made"),
    ))
}

/// Wraps the ledger's data key anew; whether that was needed.
pub async fn renew(instance: &Instance) -> Result<bool, Refusal> {
    let refused = |fault| Refusal::Source(Box::new(fault));
    let failed = |failed| refused(keys::fault(&failed));
    let (Some(ring), Some(ledger)) = (instance.sources.keys.find(), super::ledger(&instance.plan).await?)
    else {
        return Ok(false);
    };
    let Some(old) = ledger.sealing_key(PURPOSE).await.map_err(refused)? else { return Ok(false) };
    if old.starts_with(&ring.mark().await.map_err(failed)?) {
        return Ok(false);
    }
    let renewed = ring.renew("sealing_keys", &[(old.as_str(), Context::purpose(PURPOSE))]).await;
    let Some(new) = renewed.map_err(failed)?.pop() else { return Ok(false) };
    ledger.renew_sealing_key(PURPOSE, &old, &new).await.map_err(refused)
}
