//! Word of what other replicas write. Whoever did not hear for a while may have missed some: then all that was read
//! before counts no more.

use super::send::{BEAT, CHANNEL};
use crate::cache::{Cache, tags::Tag};
use futures_util::StreamExt;
use std::{
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};

/// Beats come each second: who hears nothing for so long does not hear.
const SILENCE: Duration = Duration::from_secs(3);
const AGAIN: Duration = Duration::from_millis(250);

pub(super) async fn run(client: redis::Client, cache: Weak<Cache>, listening: Arc<AtomicBool>, own: String) {
    let mut told = false;
    loop {
        if let Ok(Ok(mut words)) = timeout(SILENCE, client.get_async_pubsub()).await
            && matches!(timeout(SILENCE, words.subscribe(CHANNEL)).await, Ok(Ok(())))
        {
            let Some(here) = cache.upgrade() else { return };
            here.drop_all();
            drop(here);
            listening.store(true, Ordering::Relaxed);
            tracing::info!("writes of other replicas are heard of");
            told = false;
            let mut words = words.into_on_message();
            while let Ok(Some(word)) = timeout(SILENCE, words.next()).await {
                let Ok(text) = word.get_payload::<String>() else { continue };
                let Some((whose, tag)) = text.split_once(' ') else { continue };
                if whose == own || tag == BEAT {
                    continue;
                }
                let Some(here) = cache.upgrade() else { return };
                here.heard(&Tag::from(tag));
            }
            listening.store(false, Ordering::Relaxed);
        }
        if !told {
            tracing::warn!("what replicas share is away: each keeps what it read itself");
            told = true;
        }
        sleep(AGAIN).await;
    }
}
