//! What goes to the store, one behind the other: word of writes until it has arrived, answers once, and a beat by which
//! those who listen know that they hear.

use super::{Pending, Put, begin, number_of};
use crate::cache::tags::Tag;
use redis::aio::ConnectionManager;
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc},
    time::{MissedTickBehavior, interval},
};

/// The channel that replicas hear of each other by.
pub(super) const CHANNEL: &str = "portico:word";
/// What a beat says in the place of a tag.
pub(super) const BEAT: &str = "-";
/// Between two beats, and between two tries to say what has not arrived.
const AGAIN: Duration = Duration::from_millis(250);
/// Beats are every so many of those.
const BEATS: u32 = 4;
/// No answer is kept in the store for longer.
const LONGEST: u64 = 86_400_000;

pub(super) struct Sender {
    pub link: ConnectionManager,
    pub pending: Pending,
    pub wake: Arc<Notify>,
    pub waiting: mpsc::Receiver<Put>,
    pub own: String,
}

impl Sender {
    pub(super) async fn run(mut self) {
        let mut again = interval(AGAIN);
        again.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ticks = 0;
        loop {
            tokio::select! {
                biased;
                () = self.wake.notified() => self.words().await,
                _ = again.tick() => {
                    self.words().await;
                    ticks += 1;
                    if ticks % BEATS == 0 {
                        self.beat().await;
                    }
                }
                put = self.waiting.recv() => match put {
                    Some(put) => self.answer(put).await,
                    None => return,
                },
            }
        }
    }

    /// Raises the numbers of what was written, and tells it. What does not arrive is said again.
    async fn words(&mut self) {
        let said: Vec<(Tag, u64)> = {
            let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            pending.iter().map(|(tag, count)| (Arc::clone(tag), *count)).collect()
        };
        if said.is_empty() {
            return;
        }
        let mut pipe = redis::pipe();
        for (tag, _) in &said {
            begin(&mut pipe, &number_of(tag));
            pipe.cmd("INCR").arg(number_of(tag)).ignore();
        }
        for (tag, _) in &said {
            pipe.cmd("PUBLISH").arg(CHANNEL).arg(format!("{} {tag}", self.own)).ignore();
        }
        if pipe.query_async::<()>(&mut self.link).await.is_err() {
            return;
        }
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        for (tag, count) in said {
            // What was written again meanwhile is said again.
            if pending.get(&tag) == Some(&count) {
                pending.remove(&tag);
            }
        }
    }

    async fn beat(&mut self) {
        let beat = format!("{} {BEAT}", self.own);
        _ = redis::cmd("PUBLISH").arg(CHANNEL).arg(beat).query_async::<()>(&mut self.link).await;
    }

    async fn answer(&mut self, put: Put) {
        let life = u64::try_from(put.life.as_millis()).unwrap_or(LONGEST).clamp(1, LONGEST);
        let mut set = redis::cmd("SET");
        set.arg(put.key).arg(put.value).arg("PX").arg(life);
        _ = set.query_async::<()>(&mut self.link).await;
    }
}
