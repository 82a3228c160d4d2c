//! Answers that stand: whoever sends the very bytes that somebody sent a moment ago is answered the same, without hyper and
//! without the service, for as long as the service says so ([`Again`]). Only whole HTTP/1.1 heads of `GET` that nothing
//! follows are looked up here, so what one byte could change is never shared. The table is of one size: a new answer takes
//! the place of another one.

use super::{guard::Peer, head};
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::{
    HeaderName, HeaderValue, Response, StatusCode, Version,
    header::{CONNECTION, CONTENT_LENGTH, DATE, EXPECT, TRANSFER_ENCODING, UPGRADE},
    request::Parts,
};
use std::{
    borrow::Cow,
    cell::RefCell,
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// Answers that are remembered.
const PLACES: usize = 512;
/// Longer heads and bodies are not: with these, all places hold 34 MB at most.
const LONGEST_HEAD: usize = 2 * 1024;
const LONGEST_BODY: usize = 64 * 1024;
/// Room for the headers that differ each time.
const BESIDE: usize = 512;

/// Headers that differ from one time to the next.
pub type Lines = Vec<(HeaderName, Cow<'static, str>)>;

/// Who knows whether an answer still stands.
pub trait Again: Send + Sync + Debug {
    /// Has the same request answered once more, counted as any other: the headers that differ each time. Nothing where the
    /// service is to see it.
    fn again(&self, peer: &Peer) -> Option<Lines>;
}

/// Response extension: anybody who sends the same bytes may be answered the same.
#[derive(Clone, Debug)]
pub struct Standing {
    pub again: Arc<dyn Again>,
    /// The answer's body, all of it.
    pub body: Bytes,
    /// The headers that [`Again`] says anew.
    pub varying: &'static [HeaderName],
}

/// What is remembered of an edge's answers.
#[derive(Debug)]
pub(super) struct Table {
    places: Box<[ArcSwapOption<Kept>]>,
    /// Whether there has been one.
    is_used: AtomicBool,
}

/// An answer that is remembered.
#[derive(Debug)]
pub(super) struct Kept {
    asked: Bytes,
    tls: bool,
    /// The status line and the headers that stay.
    fixed: Vec<u8>,
    again: Arc<dyn Again>,
    pub body: Bytes,
}

// === impl Table ===

impl Table {
    pub(super) fn new() -> Arc<Self> {
        let places = (0..PLACES).map(|_| ArcSwapOption::empty()).collect();
        Arc::new(Self { places, is_used: AtomicBool::new(false) })
    }

    /// Whether these bytes are one head that could be remembered, as far as can be seen without reading it.
    pub(super) fn could_be(head: &[u8]) -> bool {
        head.len() <= LONGEST_HEAD && head.starts_with(b"GET ") && head.ends_with(b"\r\n\r\n")
    }

    /// What was answered to these bytes.
    pub(super) fn find(&self, head: &[u8], tls: bool) -> Option<Arc<Kept>> {
        if !self.is_used.load(Ordering::Relaxed) {
            return None;
        }
        let kept = self.place(head)?.load();
        kept.as_ref().filter(|kept| kept.tls == tls && kept.asked == head).map(Arc::clone)
    }

    pub(super) fn put(&self, kept: Kept) {
        if let Some(place) = self.place(&kept.asked) {
            place.store(Some(Arc::new(kept)));
            self.is_used.store(true, Ordering::Relaxed);
        }
    }

    /// Forgets an answer that does not stand any more, so that nobody looks at it again.
    pub(super) fn forget(&self, kept: &Arc<Kept>) {
        if let Some(place) = self.place(&kept.asked)
            && place.load().as_ref().is_some_and(|now| Arc::ptr_eq(now, kept))
        {
            place.store(None);
        }
    }

    fn place(&self, head: &[u8]) -> Option<&ArcSwapOption<Kept>> {
        let at = xxhash_rust::xxh3::xxh3_64(head) as usize % self.places.len().max(1);
        self.places.get(at)
    }
}

// === impl Kept ===

impl Kept {
    /// What may be remembered of an answer that is about to leave; `asked` are the bytes that were sent for it.
    pub(super) fn of<B>(asked: Bytes, response: &Response<B>, tls: bool) -> Option<Self> {
        let standing = response.extensions().get::<Standing>()?;
        if response.status() != StatusCode::OK || standing.body.len() > LONGEST_BODY {
            return None;
        }
        let mut fixed = b"HTTP/1.1 200 OK\r\n".to_vec();
        let beside = [CONTENT_LENGTH, DATE, CONNECTION];
        for (name, value) in response.headers() {
            if !standing.varying.contains(name) && !beside.contains(name) {
                line(&mut fixed, name, value.as_bytes());
            }
        }
        line(&mut fixed, &CONTENT_LENGTH, HeaderValue::from(standing.body.len()).as_bytes());
        let (again, body) = (Arc::clone(&standing.again), standing.body.clone());
        Some(Self { asked, tls, fixed, again, body })
    }

    /// The head of the same answer now; nothing where it does not stand.
    pub(super) fn head(&self, peer: &Peer) -> Option<Vec<u8>> {
        // The service decides what a panic is; it sees the request then.
        let lines = catch_unwind(AssertUnwindSafe(|| self.again.again(peer))).ok()??;
        let mut out = Vec::with_capacity(self.fixed.len() + BESIDE);
        out.extend_from_slice(&self.fixed);
        for (name, value) in lines {
            // What is not visible ASCII is left to the road: a line's end would end the head.
            if !head::all(value.as_bytes(), |byte| matches!(byte, b'\t' | b' '..=b'~')) {
                return None;
            }
            line(&mut out, &name, value.as_bytes());
        }
        DAY.with_borrow_mut(|day| line(&mut out, &DATE, day.now().as_bytes()));
        out.extend_from_slice(b"\r\n");
        Some(out)
    }
}

thread_local! {
    static DAY: RefCell<Day> = const { RefCell::new(Day { second: 0, text: String::new() }) };
}

/// What `Date` says, put together once a second.
struct Day {
    /// Since 1970.
    second: u64,
    text: String,
}

impl Day {
    /// As hyper says it of every other answer.
    #[expect(clippy::disallowed_methods, reason = "hyper's own `Date` is of the machine's clock, too")]
    fn now(&mut self) -> &str {
        let now = SystemTime::now();
        let second = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if self.text.is_empty() || self.second != second {
            *self = Self { second, text: httpdate::fmt_http_date(now) };
        }
        &self.text
    }
}

fn line(head: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    for part in [name.as_str().as_bytes(), b": ", value, b"\r\n"] {
        head.extend_from_slice(part);
    }
}

/// Whether an answer to such a request may be remembered: neither the connection, a body nor an expectation is spoken of.
pub(super) fn is_plain(request: &Parts) -> bool {
    let beside = [CONNECTION, CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING, UPGRADE];
    request.version == Version::HTTP_11 && !beside.iter().any(|name| request.headers.contains_key(name))
}
