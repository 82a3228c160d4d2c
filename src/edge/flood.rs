//! HTTP/2 connections that cost more than they are worth: what a client may do without a request being answered is a
//! budget, and a header block and an answer's taking have a time. The HTTP/2 library bounds sizes, streams and errors;
//! what it takes in any number (settings, pings, window updates, priorities, resets of requests that have begun) is
//! counted here, by the heads of frames.

use super::{
    frames::{CONTINUATION, DATA, END_HEADERS, END_STREAM, Frame, HEADERS, RST_STREAM, Walker},
    settings::Limits,
};
use std::collections::HashMap;
use tokio::time::{Duration, Instant};

/// Frames that move no request on: so many at once, and so many a second.
const CALM: f64 = 200.0;
const CALM_PER_SECOND: f64 = 50.0;
/// A request may be followed by a few: its priority, windows.
const PER_REQUEST: f64 = 4.0;
/// A client may widen its windows for each frame of an answer, that of the stream and that of the connection.
const PER_ANSWER_FRAME: f64 = 3.0;
/// What can be earned beyond [`CALM`]: the frames of large answers come before their window updates do.
const EARNED: f64 = 10_000.0;
/// A data frame of less is counted: with padding it may hold nothing at all.
const SMALL: u32 = 16;
/// A block of so many times what a list may be is no mistake. The library answers smaller ones as too large.
const BLOCK: u32 = 4;
/// Requests that the library refuses by itself, over the connection's life; headers that are too large, above all.
const UNSERVED: u64 = 50;

/// How often the taking of answers is looked at: how long it may take can change meanwhile.
const STEP: Duration = Duration::from_secs(1);

/// Why a connection is closed at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Alarm {
    #[error("too many frames that are no requests")]
    Frames,
    #[error("too many streams reset by the client")]
    Resets,
    #[error("too many requests that cannot be served")]
    Unserved,
    #[error("a header block far larger than headers may be")]
    Block,
    #[error("a header block that does not end in time")]
    SlowBlock,
    #[error("an answer that is not taken")]
    NotTaken,
}

/// What one HTTP/2 connection has done so far.
#[derive(Debug)]
pub(super) struct Flood {
    limits: Limits,
    inbound: Walker,
    outbound: Walker,
    calm: Budget,
    resets: Budget,
    /// The newest stream of the client, and how many it has opened.
    newest: u32,
    opened: u64,
    /// When the header block began that has not ended, and its bytes.
    block: Option<(Instant, u32)>,
    /// Whether the frame that the block ends with has been seen to its end.
    is_block_ending: bool,
    /// Answers that have begun and not ended, by their streams.
    taking: HashMap<u32, Taking>,
    /// When the first of them is to be looked at.
    look: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
struct Taking {
    since: Instant,
    bytes: u64,
}

/// So much at once, filled up at a rate.
#[derive(Debug)]
struct Budget {
    left: f64,
    full: f64,
    most: f64,
    per_second: f64,
    at: Instant,
}

// === impl Flood ===

impl Flood {
    pub(super) fn new(limits: Limits, now: Instant) -> Self {
        let resets = f64::from(limits.h2_resets);
        Self {
            limits,
            inbound: Walker::of_client(),
            outbound: Walker::of_server(),
            calm: Budget {
                left: CALM,
                full: CALM,
                most: CALM + EARNED,
                per_second: CALM_PER_SECOND,
                at: now,
            },
            resets: Budget { left: resets, full: resets, most: 10.0 * resets, per_second: 1.0, at: now },
            newest: 0,
            opened: 0,
            block: None,
            is_block_ending: false,
            taking: HashMap::new(),
            look: None,
        }
    }

    /// What the client sent. `served` is how many of its requests the service has been given.
    pub(super) fn read(&mut self, mut bytes: &[u8], served: u64, now: Instant) -> Result<(), Alarm> {
        while let Some(frame) = self.inbound.next(&mut bytes) {
            if self.is_block_ending {
                self.end_block();
            }
            self.came(frame, served, now)?;
        }
        if self.is_block_ending && !self.inbound.is_within() {
            self.end_block();
        }
        Ok(())
    }

    fn came(&mut self, frame: Frame, served: u64, now: Instant) -> Result<(), Alarm> {
        match frame.kind {
            HEADERS => {
                if frame.stream > self.newest {
                    self.newest = frame.stream;
                    self.opened += 1;
                    self.calm.earn(PER_REQUEST);
                    // Those that wait for their turn are no more than may be open.
                    if self.opened > served + u64::from(self.limits.h2_streams) + UNSERVED {
                        return Err(Alarm::Unserved);
                    }
                }
                self.block(frame, now)
            }
            CONTINUATION => {
                self.calm.spend(now).then_some(()).ok_or(Alarm::Frames)?;
                self.block(frame, now)
            }
            RST_STREAM => {
                self.taking.remove(&frame.stream);
                self.resets.spend(now).then_some(()).ok_or(Alarm::Resets)
            }
            DATA if frame.has(END_STREAM) || frame.length > SMALL => Ok(()),
            _ => self.calm.spend(now).then_some(()).ok_or(Alarm::Frames),
        }
    }

    fn block(&mut self, frame: Frame, now: Instant) -> Result<(), Alarm> {
        let (since, bytes) = self.block.unwrap_or((now, 0));
        let bytes = bytes.saturating_add(frame.length);
        self.block = Some((since, bytes));
        self.is_block_ending = frame.has(END_HEADERS);
        if bytes > self.limits.header_bytes.saturating_mul(BLOCK) { Err(Alarm::Block) } else { Ok(()) }
    }

    fn end_block(&mut self) {
        self.block = None;
        self.is_block_ending = false;
    }

    /// What was sent to the client.
    pub(super) fn wrote(&mut self, mut bytes: &[u8], now: Instant) {
        while let Some(frame) = self.outbound.next(&mut bytes) {
            match frame.kind {
                HEADERS | DATA if frame.has(END_STREAM) => {
                    self.taking.remove(&frame.stream);
                    self.resets.earn(1.0);
                    self.calm.earn(PER_ANSWER_FRAME);
                }
                HEADERS => {
                    self.taking.entry(frame.stream).or_insert(Taking { since: now, bytes: 0 });
                    self.look.get_or_insert(now + STEP.min(self.limits.write_stall));
                }
                DATA => {
                    self.calm.earn(PER_ANSWER_FRAME);
                    if let Some(taking) = self.taking.get_mut(&frame.stream) {
                        taking.bytes += u64::from(frame.length);
                    }
                }
                RST_STREAM => {
                    self.taking.remove(&frame.stream);
                }
                _ => {}
            }
        }
    }

    /// When it has to be looked at again though nothing is read.
    pub(super) fn until(&self) -> Option<Instant> {
        let block = self.block.map(|(since, _)| since + self.limits.header_deadline);
        block.into_iter().chain(self.look).min()
    }

    /// Judges what takes time. `patience` is how long an answer may be left untaken.
    pub(super) fn look(&mut self, now: Instant, patience: Duration) -> Result<(), Alarm> {
        if self.block.is_some_and(|(since, _)| now >= since + self.limits.header_deadline) {
            return Err(Alarm::SlowBlock);
        }
        if self.look.is_none_or(|look| now < look) {
            return Ok(());
        }
        let least = self.limits.least_taken(patience);
        for taking in self.taking.values_mut().filter(|taking| now >= taking.since + patience) {
            if taking.bytes < least {
                return Err(Alarm::NotTaken);
            }
            *taking = Taking { since: now, bytes: 0 };
        }
        let step = STEP.min(self.limits.write_stall);
        self.look = (!self.taking.is_empty()).then(|| now + step);
        Ok(())
    }
}

// === impl Budget ===

impl Budget {
    /// Takes one, where there is one.
    fn spend(&mut self, now: Instant) -> bool {
        if self.left < self.full {
            let filled = now.saturating_duration_since(self.at).as_secs_f64() * self.per_second;
            self.left = (self.left + filled).min(self.full);
        }
        self.at = now;
        self.left -= 1.0;
        self.left >= 0.0
    }

    fn earn(&mut self, many: f64) {
        self.left = (self.left + many).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(length: u32, kind: u8, flags: u8, stream: u32) -> Vec<u8> {
        let mut bytes = length.to_be_bytes()[1..].to_vec();
        bytes.extend([kind, flags]);
        bytes.extend(stream.to_be_bytes());
        bytes.resize(bytes.len() + length as usize, 0);
        bytes
    }

    struct Tried {
        flood: Flood,
        now: Instant,
    }

    impl Tried {
        fn new() -> Self {
            let limits = Limits {
                header_deadline: Duration::from_secs(5),
                header_bytes: 8192,
                write_stall: Duration::from_secs(10),
                answer_rate: 100,
                h2_streams: 10,
                h2_resets: 20,
                ..Limits::default()
            };
            let now = Instant::now();
            let mut flood = Flood::new(limits, now);
            flood.read(&[b'x'; 24], 0, now).unwrap();
            Self { flood, now }
        }

        /// How many times it is taken before there is an alarm.
        fn most(&mut self, bytes: &[u8]) -> (usize, Alarm) {
            (0..100_000)
                .find_map(|n| Some((n, self.flood.read(bytes, u64::MAX / 2, self.now).err()?)))
                .unwrap()
        }
    }

    #[test]
    fn frames_that_are_no_requests_end_in_an_alarm() {
        for kind in [2, 4, 6, 8, 0x10, 0xee] {
            assert_eq!(Tried::new().most(&frame(8, kind, 0, 0)), (200, Alarm::Frames), "{kind}");
        }
        assert_eq!(Tried::new().most(&frame(0, DATA, 0, 1)), (200, Alarm::Frames));
        assert_eq!(Tried::new().most(&frame(0, RST_STREAM, 0, 1)), (20, Alarm::Resets));
    }

    #[test]
    fn what_a_client_does_for_its_answers_is_no_flood() {
        let mut tried = Tried::new();
        for stream in (1..4001).step_by(2) {
            tried.flood.read(&frame(20, HEADERS, END_STREAM | END_HEADERS, stream), 5000, tried.now).unwrap();
            tried.flood.wrote(&frame(20, HEADERS, END_HEADERS, stream), tried.now);
            for last in [0, 0, END_STREAM] {
                tried.flood.wrote(&frame(16_384, DATA, last, stream), tried.now);
                for update in [0, stream] {
                    tried.flood.read(&frame(4, 8, 0, update), 5000, tried.now).unwrap();
                }
            }
            // And one that it changed its mind about, for each that it took.
            tried.flood.read(&frame(4, RST_STREAM, 0, stream), 5000, tried.now).unwrap();
        }
        assert!(tried.flood.taking.is_empty());
    }

    #[test]
    fn time_forgives() {
        let mut tried = Tried::new();
        for _ in 0..1000 {
            tried.flood.read(&frame(8, 6, 0, 0), 0, tried.now).unwrap();
            tried.now += Duration::from_millis(25);
        }
    }

    #[test]
    fn requests_that_are_never_served_end_in_an_alarm() {
        let mut tried = Tried::new();
        let opened = (0..1000u32).find(|n| {
            let bytes = frame(20, HEADERS, END_STREAM | END_HEADERS, 2 * n + 1);
            tried.flood.read(&bytes, 0, tried.now).is_err()
        });
        assert_eq!(opened, Some(60));
    }

    #[test]
    fn a_header_block_has_a_size_and_a_time() {
        let mut tried = Tried::new();
        tried.flood.read(&frame(16_384, HEADERS, 0, 1), 0, tried.now).unwrap();
        tried.flood.read(&frame(16_384, CONTINUATION, 0, 1), 0, tried.now).unwrap();
        assert_eq!(tried.flood.read(&frame(1, CONTINUATION, 0, 1), 0, tried.now), Err(Alarm::Block));

        let mut tried = Tried::new();
        let begun = frame(20, HEADERS, END_HEADERS, 1);
        tried.flood.read(&begun[..15], 0, tried.now).unwrap();
        assert_eq!(tried.flood.until(), Some(tried.now + Duration::from_secs(5)));
        let patience = Duration::from_secs(10);
        assert_eq!(tried.flood.look(tried.now + Duration::from_secs(4), patience), Ok(()));
        assert_eq!(tried.flood.look(tried.now + Duration::from_secs(5), patience), Err(Alarm::SlowBlock));
        tried.flood.read(&begun[15..], 0, tried.now).unwrap();
        assert_eq!(tried.flood.until(), None);
    }

    #[test]
    fn an_answer_has_to_be_taken() {
        let mut tried = Tried::new();
        tried.flood.wrote(&frame(20, HEADERS, END_HEADERS, 1), tried.now);
        tried.flood.wrote(&frame(1000, DATA, 0, 1), tried.now);
        let patience = Duration::from_secs(10);
        assert_eq!(tried.flood.until(), Some(tried.now + STEP));
        // Where answers hold too much, the same client is not waited for.
        tried.now += STEP;
        assert_eq!(tried.flood.look(tried.now, patience), Ok(()));
        assert_eq!(tried.flood.until(), Some(tried.now + STEP));
        tried.now += Duration::from_secs(9);
        assert_eq!(tried.flood.look(tried.now, patience), Ok(()));
        tried.flood.wrote(&frame(99, DATA, 0, 1), tried.now);
        tried.now += STEP;
        assert_eq!(tried.flood.look(tried.now, patience), Ok(()));
        assert_eq!(tried.flood.look(tried.now + STEP, STEP), Err(Alarm::NotTaken));
        tried.flood.wrote(&frame(1, DATA, END_STREAM, 1), tried.now);
        tried.now += STEP;
        assert_eq!(tried.flood.look(tried.now, patience), Ok(()));
        assert_eq!(tried.flood.until(), None);
    }
}
