//! Rates that several programs share over Redis, by one script for each request. Without it each program holds its callers
//! to its own count: so N of them let through N times as much at most, and never less than is allowed. A server that is away
//! or slow is not waited for: after a few failures nobody asks it until it has answered again.

use super::{Counted, Meter};
use arc_swap::ArcSwapOption;
use redis::{AsyncConnectionConfig, Client, Script, aio::MultiplexedConnection};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// So long one answer is waited for. On a network of one's own it takes a fraction of a millisecond.
const PATIENCE: Duration = Duration::from_millis(30);
/// So many failures in a row, and it is not asked any more.
const FAILURES: u32 = 3;
/// Between two tries to have it back.
const AGAIN: Duration = Duration::from_millis(500);
/// So long a connection may take to be made; no request waits for it.
const CONNECTING: Duration = Duration::from_secs(1);

/// All limits of a request or none: what one refuses is not counted by the others. The server's own
/// time counts, in microseconds; intervals come in nanoseconds.
const SCRIPT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local out, new, open = {}, {}, 1
for i = 1, #KEYS do
  local interval, burst, cost = tonumber(ARGV[3 * i - 2]) / 1000, tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local due = tonumber(redis.call('GET', KEYS[i]) or now)
  if due < now then due = now end
  local next_due = due + interval * cost
  local room = now + interval * burst - next_due
  if room < 0 then
    open = 0
    out[#out + 1] = 0
    out[#out + 1] = math.ceil(-room)
  else
    new[i] = next_due
    out[#out + 1] = math.floor(room / interval)
    out[#out + 1] = 0
  end
end
if open == 1 then
  for i = 1, #KEYS do
    local left = math.max(1, math.ceil((new[i] - now) / 1000))
    redis.call('SET', KEYS[i], string.format('%.0f', new[i]), 'PX', left)
  end
end
return out
";

pub struct Shared {
    script: Script,
    connection: ArcSwapOption<MultiplexedConnection>,
    failures: AtomicU32,
    lost: Notify,
    task: tokio::task::JoinHandle<()>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("connected", &self.is_connected()).finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    /// Begins to share over the server at this address; it need not be there yet. The error names no part of the address,
    /// which may hold a password.
    pub fn begin(address: &str) -> Result<Arc<Self>, String> {
        let client = Client::open(address).map_err(|error| format!("`shared.redis`: {:?}", error.kind()))?;
        // The task must not look for what is not made yet: it would find nothing, and end.
        let (made, is_made) = tokio::sync::oneshot::channel::<()>();
        let shared = Arc::new_cyclic(|this: &std::sync::Weak<Self>| {
            let this = this.clone();
            #[expect(clippy::disallowed_methods, reason = "it ends with `Shared`")]
            let task = tokio::spawn(async move {
                let _ = is_made.await;
                follow(&this, &client).await;
            });
            Self {
                script: Script::new(SCRIPT),
                connection: ArcSwapOption::empty(),
                failures: AtomicU32::new(0),
                lost: Notify::new(),
                task,
            }
        });
        drop(made);
        Ok(shared)
    }

    /// Whether requests are counted there now.
    pub fn is_connected(&self) -> bool {
        self.connection.load().is_some()
    }

    /// Counts where all programs count; how long to wait where that is refused. Nothing is refused where it does not answer.
    pub(super) async fn count(
        &self,
        counted: &[Option<Counted<'_>>; 3],
        meter: &mut Meter,
    ) -> Option<Duration> {
        let connection = self.connection.load_full()?;
        let mut connection = (*connection).clone();
        let mut call = self.script.prepare_invoke();
        for one in counted.iter().flatten() {
            // One tag for all keys: a cluster keeps them on one node, as a script needs it.
            call.key(format!("{{portico-rates}}:{}:{}", one.limiter.policy.name, one.principal.text()));
            let interval = u64::try_from(one.limiter.interval.as_nanos()).unwrap_or(u64::MAX);
            call.arg(interval).arg(one.limiter.burst).arg(one.cost);
        }
        let answered = tokio::time::timeout(PATIENCE, call.invoke_async::<Vec<i64>>(&mut connection)).await;
        let Ok(Ok(answer)) = answered else {
            self.failed();
            return None;
        };
        self.failures.store(0, Ordering::Relaxed);
        let mut wait = None;
        for (one, told) in counted.iter().flatten().zip(answer.chunks(2)) {
            let [remaining, micros] = *told else { continue };
            let remaining = u32::try_from(remaining).unwrap_or(0);
            if let Some(micros) = u64::try_from(micros).ok().filter(|micros| *micros > 0) {
                let pause = Duration::from_micros(micros);
                meter.note(one.limiter, 0, Some(pause));
                wait = wait.max(Some(pause));
            } else {
                let missing = one.limiter.burst.saturating_sub(remaining);
                meter.note(one.limiter, remaining, Some(one.limiter.interval * missing));
            }
        }
        wait
    }

    fn failed(&self) {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES
            && self.connection.swap(None).is_some()
        {
            tracing::warn!("Redis does not answer: rates are counted by this program alone");
            self.lost.notify_one();
        }
    }
}

/// Connects, and again whenever the connection was given up.
async fn follow(shared: &std::sync::Weak<Shared>, client: &Client) {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECTING))
        .set_response_timeout(Some(CONNECTING));
    let mut told = false;
    loop {
        let made = client.get_multiplexed_async_connection_with_config(&config);
        let connection = match tokio::time::timeout(CONNECTING * 2, made).await {
            Ok(Ok(mut connection)) => {
                // It has to answer as fast as requests will want it to.
                let ping = redis::cmd("PING");
                let ping = ping.query_async::<String>(&mut connection);
                tokio::time::timeout(PATIENCE, ping)
                    .await
                    .is_ok_and(|done| done.is_ok())
                    .then_some(connection)
            }
            _ => None,
        };
        let Some(connection) = connection else {
            if !told {
                tracing::warn!("Redis cannot be reached or is slow: rates are counted by this program alone");
                told = true;
            }
            tokio::time::sleep(AGAIN).await;
            continue;
        };
        told = false;
        {
            let Some(shared) = shared.upgrade() else { return };
            shared.failures.store(0, Ordering::Relaxed);
            shared.connection.store(Some(Arc::new(connection)));
            tracing::info!("rates are shared over Redis");
        }
        // Waiting holds nothing: the last user's drop ends this task.
        loop {
            {
                let Some(shared) = shared.upgrade() else { return };
                if !shared.is_connected() {
                    break;
                }
                let lost = shared.lost.notified();
                if tokio::time::timeout(AGAIN, lost).await.is_ok() {
                    break;
                }
            }
        }
    }
}
