//! Health checks of a source's addresses: begun by its first call, ended with the source. They carry no credentials, and
//! an answer's body is of no interest.

use super::{Http, Outgoing};
use std::sync::OnceLock;
use tokio::{task::JoinHandle, time::Instant};

/// The largest answer that is read.
const LARGEST: u64 = 64 * 1024;

#[derive(Debug, Default)]
pub(super) struct Checks(OnceLock<JoinHandle<()>>);

impl Drop for Checks {
    fn drop(&mut self) {
        if let Some(task) = self.0.get() {
            task.abort();
        }
    }
}

impl Checks {
    /// Begins them where the source has some.
    pub(super) fn begin(http: &Http) {
        let Some(health) = &http.guard.rules().health else { return };
        http.checks.0.get_or_init(|| {
            let (health, guard) = (health.clone(), std::sync::Arc::clone(&http.guard));
            let (transport, addresses) = (http.transport.clone(), http.source.addresses.clone());
            let one = move |at: usize| {
                let url = format!("{}{}", addresses.get(at)?, health.path);
                Some(Outgoing {
                    method: "GET",
                    url,
                    headers: Vec::new(),
                    body: None,
                    deadline: Instant::now() + health.deadline,
                    limit: LARGEST,
                })
            };
            let (every, count) = (health.every, http.source.addresses.len());
            let task = async move {
                loop {
                    for at in 0..count {
                        let Some(outgoing) = one(at) else { continue };
                        let good = transport.send(outgoing).await.is_ok_and(|got| got.status < 400);
                        if guard.checked(at, good) {
                            tracing::warn!(source = %guard.name, address = at, good, "an address has changed");
                        }
                    }
                    tokio::time::sleep(every).await;
                }
            };
            #[expect(clippy::disallowed_methods, reason = "it ends with the source")]
            tokio::spawn(task)
        });
    }
}
