//! What replicas share over a Redis or Valkey: answers, the number of each tag's latest drop, and word of drops. A write
//! raises its tags' numbers, and an answer counts only with the numbers that were read before its source was asked: so
//! no replica takes up what another has made old. Where the store is away or slow, each replica goes on alone.

mod listen;
mod send;

use super::{Cache, Key, tags::Tag};
use crate::telemetry::clock::{Clock, System};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc},
    task::JoinHandle,
    time::{Instant, timeout},
};

/// No answer waits longer for the store than this.
const PATIENCE: Duration = Duration::from_millis(100);
/// A store that failed is left alone so long.
const REST: Duration = Duration::from_secs(1);
/// Answers that wait to be shared; more are not shared.
const WAITING: usize = 256;
/// A larger answer is not shared.
const LARGEST: usize = 1 << 20;

/// An address that cannot be one. The text does not hold it: it may hold a password.
#[derive(Debug, thiserror::Error)]
#[error("the address of what replicas share is not understood; write for example `redis://host:6379/0`")]
pub struct Unusable;

/// The store that is shared.
pub struct Shared {
    link: ConnectionManager,
    /// Tags whose drops the store does not know of yet, each with how often it was dropped.
    pending: Pending,
    wake: Arc<Notify>,
    answers: mpsc::Sender<Put>,
    resting: Mutex<Option<Instant>>,
    /// Whether word of drops comes in.
    listening: Arc<AtomicBool>,
    tasks: [JoinHandle<()>; 2],
}

type Pending = Arc<Mutex<BTreeMap<Tag, u64>>>;

/// An answer on its way to the store.
#[derive(Debug)]
struct Put {
    key: String,
    value: Vec<u8>,
    life: Duration,
}

/// What the store said of a question.
#[derive(Debug, Default)]
pub struct Said {
    /// The answer, as far as it counts.
    pub value: Option<Vec<u8>>,
    /// The numbers of its tags now, which what is read next is shared with.
    pub numbers: Option<Vec<u64>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("listening", &self.listening).finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

fn place_of(key: &Key) -> String {
    format!("portico:answer:{}", key.hex())
}

fn number_of(tag: &Tag) -> String {
    format!("portico:drops:{tag}")
}

impl Shared {
    pub(super) fn open(address: &str, cache: Weak<Cache>) -> Result<Self, Unusable> {
        let client = redis::Client::open(address).map_err(|_| Unusable)?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(REST))
            .set_response_timeout(Some(REST))
            .set_number_of_retries(1);
        let link = ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(|_| Unusable)?;
        let pending = Pending::default();
        let wake: Arc<Notify> = Arc::default();
        let listening: Arc<AtomicBool> = Arc::default();
        let (answers, waiting) = mpsc::channel(WAITING);
        let own = uuid::Uuid::now_v7().simple().to_string();
        let sender = send::Sender {
            link: link.clone(),
            pending: Arc::clone(&pending),
            wake: Arc::clone(&wake),
            waiting,
            own: own.clone(),
        };
        #[expect(clippy::disallowed_methods, reason = "they end with `Shared`")]
        let tasks = [
            tokio::spawn(sender.run()),
            tokio::spawn(listen::run(client, cache, Arc::clone(&listening), own)),
        ];
        Ok(Self { link, pending, wake, answers, resting: Mutex::new(None), listening, tasks })
    }

    /// Whether word of other replicas' writes comes in.
    pub fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Relaxed)
    }

    /// A write's word, sent until it has arrived.
    pub(super) fn written(&self, tag: &Tag) {
        *self.pending.lock().unwrap_or_else(PoisonError::into_inner).entry(Arc::clone(tag)).or_default() += 1;
        self.wake.notify_one();
    }

    fn is_resting(&self) -> bool {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.is_some_and(|until| Instant::now() < until)
    }

    /// What the store has. Nothing where it is away, and where it does not know of our own writes yet.
    pub async fn get(&self, key: &Key, tags: &[Tag]) -> Said {
        let unknown = {
            let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            tags.iter().any(|tag| pending.contains_key(tag))
        };
        if unknown || self.is_resting() {
            return Said::default();
        }
        let mut pipe = redis::pipe();
        let names: Vec<String> = tags.iter().map(number_of).collect();
        for name in &names {
            begin(&mut pipe, name);
        }
        pipe.get(place_of(key)).cmd("MGET").arg(names);
        let mut link = self.link.clone();
        let asked = pipe.query_async::<(Option<Vec<u8>>, Vec<u64>)>(&mut link);
        let Ok(Ok((value, numbers))) = timeout(PATIENCE, asked).await else {
            *self.resting.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
            return Said::default();
        };
        let value = value.and_then(|value| counted(value, &numbers));
        Said { value, numbers: Some(numbers) }
    }

    /// Shares an answer with the numbers that its tags had before its source was asked.
    pub fn put(&self, key: &Key, numbers: &[u64], answer: &[u8], life: Duration) {
        if answer.len() > LARGEST {
            return;
        }
        let mut value = stamp(numbers);
        value.extend_from_slice(answer);
        // Where too many wait it is not shared: it is here.
        _ = self.answers.try_send(Put { key: place_of(key), value, life });
    }
}

/// Begins a tag's number where the store has none, or has it no more: above all that it may have been, so that no answer
/// of before counts again.
fn begin(pipe: &mut redis::Pipeline, name: &str) {
    let now = System.now();
    let number = now.seconds.saturating_mul(1000).saturating_add(i64::from(now.nanos / 1_000_000));
    pipe.cmd("SET").arg(name).arg(number).arg("NX").ignore();
}

/// The line in front of a shared answer.
fn stamp(numbers: &[u64]) -> Vec<u8> {
    let mut line: Vec<u8> = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(",").into_bytes();
    line.push(b'\n');
    line
}

/// The answer behind its line, where nothing of it was written since.
fn counted(mut value: Vec<u8>, numbers: &[u64]) -> Option<Vec<u8>> {
    let line = stamp(numbers);
    value.starts_with(&line).then(|| value.split_off(line.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_with_the_numbers_that_it_was_shared_with() {
        let mut value = stamp(&[3, 0]);
        value.extend_from_slice(b"{}");
        assert_eq!(counted(value.clone(), &[3, 0]).as_deref(), Some(&b"{}"[..]));
        for other in [&[4, 0][..], &[3], &[3, 0, 0], &[3, 1], &[]] {
            assert_eq!(counted(value.clone(), other), None, "{other:?}");
        }
    }
}
