//! The request body as the service gets it: bounded in bytes, in time, and in how slowly it may come; and in one piece.
//! Each piece of hyper's keeps a whole buffer of its alive, so that a body that drips would hold thousands of times its size.
//! Trailers are dropped, because no contract can declare them.

use super::{
    clock::Clock,
    guard::Deadline,
    settings::{Limits, RATE_WINDOW},
};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};
use tokio::time::Instant;

/// A request body that yields at most [`Limits::body_bytes`](super::Limits::body_bytes), until the
/// request's deadline, and then fails with a [`BodyFault`].
#[derive(Debug)]
pub struct Incoming {
    source: Source,
    /// What has come of a body that did not come at once.
    gathered: Vec<u8>,
    /// What the client may still send.
    left: u64,
    limit: u64,
    deadline: Option<Deadline>,
    pace: Pace,
    taken: Taken,
}

/// How fast a body comes.
#[derive(Debug, Default)]
struct Pace {
    /// The least bytes in each window; nothing is asked of a body that is there already.
    least: u64,
    /// Since when the window runs, and what has come in it; begun when the body has to be waited for, which most never have.
    window: Option<(Instant, u64)>,
    clock: Clock,
}

/// Whether a body was read to its end; the [`guard`](super::guard) looks at it when the body is gone.
#[derive(Clone, Debug)]
pub(super) struct Taken(Arc<AtomicBool>);

/// Why a request body could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// More than this many bytes, announced or sent.
    #[error("the body is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// Not whole by the deadline, or below the least rate before.
    #[error("the body comes too slowly")]
    TooSlow,
    /// The client went away, or its framing is broken.
    #[error("the body ended early or is badly framed")]
    Broken,
}

#[derive(Debug)]
enum Source {
    Wire(hyper::body::Incoming),
    Whole(Option<Bytes>),
    Failed,
}

// === impl Incoming ===

impl Incoming {
    pub(super) fn new(wire: hyper::body::Incoming, limits: &Limits, deadline: Deadline) -> Self {
        let taken = Taken(Arc::new(AtomicBool::new(wire.is_end_stream())));
        let limit = limits.body_bytes;
        let pace = Pace { least: u64::from(limits.body_rate) * RATE_WINDOW.as_secs(), ..Pace::default() };
        Self {
            source: Source::Wire(wire),
            gathered: Vec::new(),
            left: limit,
            limit,
            deadline: Some(deadline),
            pace,
            taken,
        }
    }

    pub(super) fn taken(&self) -> Taken {
        self.taken.clone()
    }

    fn fail(&mut self, fault: BodyFault) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        self.source = Source::Failed;
        Poll::Ready(Some(Err(fault)))
    }

    /// Whether a body that is waited for has been waited for too long.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(Deadline(deadline)) = self.deadline else { return false };
        loop {
            let (since, bytes) = *self.pace.window.get_or_insert_with(|| (Instant::now(), 0));
            let end = since + RATE_WINDOW;
            if self.pace.clock.poll(cx, end.min(deadline)).is_pending() {
                return false;
            }
            if deadline <= end || bytes < self.pace.least {
                return true;
            }
            self.pace.window = None;
        }
    }
}

// === impl Taken ===

impl Taken {
    pub(super) fn is_whole(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// A body that is there already, for tests and for requests that the program makes to itself.
impl From<Bytes> for Incoming {
    fn from(whole: Bytes) -> Self {
        let limit = whole.len() as u64;
        let taken = Taken(Arc::new(AtomicBool::new(true)));
        Self {
            source: Source::Whole(Some(whole)),
            gathered: Vec::new(),
            left: limit,
            limit,
            deadline: None,
            pace: Pace::default(),
            taken,
        }
    }
}

impl Body for Incoming {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        loop {
            let frame = match &mut this.source {
                Source::Failed => return Poll::Ready(None),
                Source::Whole(whole) => {
                    let whole = whole.take().filter(|whole| !whole.is_empty());
                    return Poll::Ready(whole.map(|whole| Ok(Frame::data(whole))));
                }
                // What is announced as too large is refused before a byte of it is taken.
                Source::Wire(wire) if wire.size_hint().lower() > this.left => {
                    return this.fail(BodyFault::TooLarge { limit: this.limit });
                }
                Source::Wire(wire) => Pin::new(wire).poll_frame(cx),
            };
            if frame.is_pending() && this.is_late(cx) {
                return this.fail(BodyFault::TooSlow);
            }
            match ready!(frame) {
                None => {
                    this.taken.0.store(true, Ordering::Release);
                    let gathered = std::mem::take(&mut this.gathered);
                    this.source = Source::Whole(Some(gathered.into()));
                }
                Some(Err(_)) => return this.fail(BodyFault::Broken),
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    let Some(left) = this.left.checked_sub(data.len() as u64) else {
                        return this.fail(BodyFault::TooLarge { limit: this.limit });
                    };
                    this.left = left;
                    if let Some((_, bytes)) = &mut this.pace.window {
                        *bytes += data.len() as u64;
                    }
                    if this.gathered.is_empty() && this.is_end_stream() {
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                    this.gathered.extend_from_slice(&data);
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Wire(wire) => self.gathered.is_empty() && wire.is_end_stream(),
            Source::Whole(whole) => whole.as_ref().is_none_or(Bytes::is_empty),
            Source::Failed => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            // What is gathered comes on top of what is still to come.
            Source::Wire(wire) => {
                let mut hint = SizeHint::new();
                hint.set_lower(wire.size_hint().lower() + self.gathered.len() as u64);
                hint
            }
            Source::Whole(whole) => {
                SizeHint::with_exact(whole.as_ref().map_or(0, |whole| whole.len() as u64))
            }
            Source::Failed => SizeHint::with_exact(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;

    #[tokio::test]
    async fn a_body_that_is_there_is_read_whole() {
        let body = Incoming::from(Bytes::from_static(b"{}"));
        assert_eq!(body.size_hint().exact(), Some(2));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "{}");
        assert!(Incoming::from(Bytes::new()).is_end_stream());
    }
}
