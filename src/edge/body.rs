//! The request body as the service gets it: bounded in bytes and in time.
//! Trailers are dropped, because no contract can declare them.

use super::guard::Deadline;
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
use tokio::time::{Sleep, sleep_until};

/// A request body that yields at most [`Limits::body_bytes`](super::Limits::body_bytes), until the
/// request's deadline, and then fails with a [`BodyFault`].
#[derive(Debug)]
pub struct Incoming {
    source: Source,
    /// What the client may still send.
    left: u64,
    limit: u64,
    deadline: Option<Deadline>,
    /// Made when the body has to be waited for, which most never have.
    timer: Option<Pin<Box<Sleep>>>,
    taken: Taken,
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
    #[error("the body did not arrive before the deadline")]
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
    pub(super) fn new(wire: hyper::body::Incoming, limit: u64, deadline: Deadline) -> Self {
        let taken = Taken(Arc::new(AtomicBool::new(wire.is_end_stream())));
        Self { source: Source::Wire(wire), left: limit, limit, deadline: Some(deadline), timer: None, taken }
    }

    pub(super) fn taken(&self) -> Taken {
        self.taken.clone()
    }

    fn fail(&mut self, fault: BodyFault) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        self.source = Source::Failed;
        Poll::Ready(Some(Err(fault)))
    }

    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(Deadline(deadline)) = self.deadline else { return false };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        timer.as_mut().poll(cx).is_ready()
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
        Self { source: Source::Whole(Some(whole)), left: limit, limit, deadline: None, timer: None, taken }
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
                    return Poll::Ready(None);
                }
                Some(Err(_)) => return this.fail(BodyFault::Broken),
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    let Some(left) = this.left.checked_sub(data.len() as u64) else {
                        return this.fail(BodyFault::TooLarge { limit: this.limit });
                    };
                    this.left = left;
                    return Poll::Ready(Some(Ok(Frame::data(data))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Wire(wire) => wire.is_end_stream(),
            Source::Whole(whole) => whole.as_ref().is_none_or(Bytes::is_empty),
            Source::Failed => true,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Wire(wire) => wire.size_hint(),
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
