//! The stream between a connection and hyper. On HTTP/1 it shows hyper sound requests only, on HTTP/2 it ends a
//! [`flood`](super::flood); on both it bounds how slowly a client may take an answer.
//!
//! A head that is refused is replaced by a small sound one, and the [`guard`](super::guard) is told which
//! request that is. So the refusal is worded by the façade, written by hyper, and comes in its turn behind
//! the answers to earlier requests. Nothing more is read from the connection then; it closes.
//!
//! Most heads come in one read: where hyper is there, they are judged in its own buffer and never copied. It is not there
//! before the first request, nor when none has come for a while: the screen waits by itself for a request that is whole, or
//! enough of it, and holds no more than what has come. So who only waits, or sends a byte now and then, costs little.

mod waiting;

use super::{
    clock::Clock,
    flood::Flood,
    pressure::Pressure,
    settings::Limits,
    standing::Table,
    talk::Talk,
    tracker::{Tracker, Trouble},
};
use bytes::{Buf, BytesMut};
use http::{Method, Version};
use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Duration, Instant},
};

const H2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// What is read at a time when a head comes in pieces.
const PIECE: usize = 4 * 1024;
/// After the last answer, for what the client is still sending: closing at once would send a reset,
/// which can destroy the answer on its way (RFC 9112 section 9.6).
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 1024 * 1024;
/// After so long without a request, hyper and its buffers are let go until the next one.
const REST: Duration = Duration::from_millis(250);

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    Http1,
    Http2,
}

#[derive(Debug)]
pub(super) struct Screen<T> {
    io: T,
    limits: Limits,
    talk: Arc<Talk>,
    pressure: Arc<Pressure>,
    /// `None`: HTTP/2, which has its framing checked by its own library.
    tracker: Option<Tracker>,
    flood: Option<Box<Flood>>,
    /// Read from the connection and not yet given to hyper; the first `cleared` may be.
    pending: BytesMut,
    cleared: usize,
    end: Option<End>,
    /// Until when the first head, or the rest of any, is waited for.
    patience: Option<Instant>,
    /// Until when the rest of a body that has begun is waited for before hyper sees it.
    body_patience: Option<Instant>,
    read_clock: Clock,
    /// Since when an answer waits for its client, and the bytes that were taken since.
    stalled: Option<(Instant, u64)>,
    write_clock: Clock,
    lingered: usize,
    /// hyper is told that the connection is over, and it is not.
    is_resting: bool,
    /// The answers that stand, and whether this is TLS.
    standing: Option<(Arc<Table>, bool)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Refused,
    Broken,
}

// === impl Screen ===

impl<T: AsyncRead + AsyncWrite + Unpin> Screen<T> {
    pub(super) fn new(io: T, limits: Limits, talk: Arc<Talk>, pressure: Arc<Pressure>) -> Self {
        Self {
            io,
            limits,
            talk,
            pressure,
            tracker: Some(Tracker::new()),
            flood: None,
            pending: BytesMut::new(),
            cleared: 0,
            end: None,
            patience: None,
            body_patience: None,
            read_clock: Clock::default(),
            stalled: None,
            write_clock: Clock::default(),
            lingered: 0,
            is_resting: false,
            standing: None,
        }
    }

    /// Says what the connection speaks, before hyper reads from it.
    pub(super) fn speak(&mut self, protocol: Protocol) {
        match protocol {
            Protocol::Http1 => self.judge_pending(),
            Protocol::Http2 => {
                self.tracker = None;
                self.cleared = self.pending.len();
                let now = Instant::now();
                let mut flood = Flood::new(self.limits, now);
                if flood.read(&self.pending, 0, now).is_err() {
                    self.end = Some(End::Broken);
                }
                self.flood = Some(Box::new(flood));
            }
        }
    }

    fn judge_pending(&mut self) {
        let Some(tracker) = &mut self.tracker else { return };
        let verdict = tracker.follow(&self.pending, &self.limits);
        self.cleared = verdict.cleared;
        if let Some(trouble) = verdict.trouble {
            self.stop(trouble);
        }
    }

    /// Ends the reading behind the cleared bytes.
    fn stop(&mut self, trouble: Trouble) {
        self.pending.truncate(self.cleared);
        self.end = Some(match trouble {
            Trouble::Broken => End::Broken,
            Trouble::Refused(refused) => {
                let outline = &refused.outline;
                // The method says whether the answer has a body, the version how it is framed.
                let method = if outline.method == Method::HEAD { "HEAD" } else { "GET" };
                let version = if outline.version == Version::HTTP_10 { "1.0" } else { "1.1" };
                let head = format!("{method} / HTTP/{version}\r\nhost: refused\r\nconnection: close\r\n\r\n");
                self.pending.extend_from_slice(head.as_bytes());
                self.cleared = self.pending.len();
                self.talk.refuse(*refused);
                End::Refused
            }
        });
    }

    /// Reads into hyper's buffer and takes back what may not go on yet.
    fn poll_into(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(cx, buf))?;
        let bytes = buf.filled().get(before..).unwrap_or_default();
        let Some(tracker) = &mut self.tracker else {
            let judged =
                self.flood.as_mut().map(|flood| flood.read(bytes, self.talk.calls(), Instant::now()));
            return Poll::Ready(judged.unwrap_or(Ok(())).map_err(io::Error::other));
        };
        let verdict = tracker.follow(bytes, &self.limits);
        if verdict.cleared == bytes.len() && self.stands(bytes) {
            // hyper is not needed for it, and has nothing else to do.
            self.pending.extend_from_slice(bytes);
            self.cleared = bytes.len();
            buf.set_filled(before);
            self.is_resting = true;
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "it is answered already")));
        }
        self.pending.extend_from_slice(bytes.get(verdict.cleared..).unwrap_or_default());
        buf.set_filled(before + verdict.cleared);
        if let Some(trouble) = verdict.trouble {
            self.stop(trouble);
        }
        Poll::Ready(Ok(()))
    }

    /// Reads what there is behind a piece of a head. `Ok(false)`: the client has ended.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        // Most calls find nothing: the room for what may come is not cleared for each.
        let mut piece = [MaybeUninit::uninit(); PIECE];
        let mut piece = ReadBuf::uninit(&mut piece);
        ready!(Pin::new(&mut self.io).poll_read(cx, &mut piece))?;
        self.pending.extend_from_slice(piece.filled());
        Poll::Ready(Ok(!piece.filled().is_empty()))
    }

    /// Whether an HTTP/2 client has taken too long over something.
    fn poll_flood(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let Some(flood) = &mut self.flood else { return Poll::Pending };
        while let Some(until) = flood.until() {
            ready!(self.read_clock.poll(cx, until));
            if let Err(alarm) = flood.look(Instant::now(), self.pressure.patience()) {
                return Poll::Ready(io::Error::other(alarm));
            }
        }
        Poll::Pending
    }

    /// hyper may not read again before the client does something.
    fn look_later(&mut self, cx: &mut Context<'_>) {
        if let Some(until) = self.flood.as_ref().and_then(|flood| flood.until())
            && self.read_clock.poll(cx, until).is_ready()
        {
            cx.waker().wake_by_ref();
        }
    }

    fn poll_stall(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            let (since, taken) = *self.stalled.get_or_insert_with(|| (Instant::now(), 0));
            let window = self.pressure.patience();
            let now = Instant::now();
            if now < since + window {
                // How long it may take can change meanwhile.
                ready!(self.write_clock.poll(cx, (now + self.pressure.step()).min(since + window)));
                continue;
            }
            if taken < self.limits.least_taken(window) {
                let error = io::Error::new(io::ErrorKind::TimedOut, "the answer is not taken");
                return Poll::Ready(error);
            }
            self.stalled = None;
        }
    }

    /// Counts what the client takes of what waits for it; nothing waits where everything could be written.
    fn bound_write(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match (&written, &mut self.stalled) {
            (Poll::Pending, _) => return self.poll_stall(cx).map(Err),
            (Poll::Ready(Ok(bytes)), Some((_, taken))) => *taken += *bytes as u64,
            _ => {}
        }
        written
    }

    fn bound_flush(&mut self, cx: &mut Context<'_>, flushed: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
        if flushed.is_pending() {
            return self.poll_stall(cx).map(Err);
        }
        self.stalled = None;
        flushed
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Screen<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if this.cleared > 0 {
                let given = this.cleared.min(buf.remaining());
                buf.put_slice(this.pending.get(..given).unwrap_or_default());
                this.pending.advance(given);
                this.cleared -= given;
                (this.patience, this.body_patience) = (None, None);
                return Poll::Ready(Ok(()));
            }
            match this.end {
                // An end of the stream would make hyper drop the answer that it is to write.
                Some(End::Refused) => return Poll::Pending,
                Some(End::Broken) => {
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "broken framing")));
                }
                None => {}
            }
            let before = buf.filled().len();
            let read = if this.pending.is_empty() {
                this.poll_into(cx, buf).map_ok(|()| {
                    // Something that goes on, or the end of the stream: either is hyper's to see.
                    buf.filled().len() > before || (this.pending.is_empty() && this.end.is_none())
                })
            } else {
                let more = this.poll_more(cx);
                if matches!(more, Poll::Ready(Ok(true))) {
                    this.judge_pending();
                }
                more.map_ok(|more| !more && !this.hurry())
            };
            match read {
                Poll::Pending => {
                    if let Poll::Ready(error) = this.poll_flood(cx) {
                        return Poll::Ready(Err(error));
                    }
                    ready!(this.poll_patience(cx, Some(REST)));
                    this.is_resting = true;
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "no request comes")));
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(true)) => {
                    (this.patience, this.body_patience) = (None, None);
                    return Poll::Ready(Ok(()));
                }
                // A piece of a head, and the deadline for all of it stays as it is.
                Poll::Ready(Ok(false)) => {}
            }
        }
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Screen<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.io).poll_write(cx, bytes);
        if let (Poll::Ready(Ok(many)), Some(flood)) = (&written, &mut this.flood) {
            flood.wrote(bytes.get(..*many).unwrap_or_default(), Instant::now());
            this.look_later(cx);
        }
        this.bound_write(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.io).poll_write_vectored(cx, slices);
        if let (Poll::Ready(Ok(many)), Some(flood)) = (&written, &mut this.flood) {
            let (mut left, now) = (*many, Instant::now());
            for slice in slices {
                let seen = left.min(slice.len());
                flood.wrote(slice.get(..seen).unwrap_or_default(), now);
                left -= seen;
            }
            this.look_later(cx);
        }
        this.bound_write(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(cx);
        self.bound_flush(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.is_resting {
            return Poll::Ready(Ok(()));
        }
        if this.lingered == 0 {
            let shut = Pin::new(&mut this.io).poll_shutdown(cx);
            ready!(this.bound_flush(cx, shut))?;
        }
        let is_clean = this.end.is_none() && !this.tracker.as_ref().is_some_and(Tracker::is_in_body);
        if is_clean {
            return Poll::Ready(Ok(()));
        }
        let (since, _) = *this.stalled.get_or_insert_with(|| (Instant::now(), 0));
        let mut piece = [0; PIECE];
        while this.lingered < LINGER_BYTES {
            this.lingered = this.lingered.max(1);
            if this.write_clock.poll(cx, since + LINGER).is_ready() {
                break;
            }
            let mut piece = ReadBuf::new(&mut piece);
            let read = ready!(Pin::new(&mut this.io).poll_read(cx, &mut piece));
            if read.is_err() || piece.filled().is_empty() {
                break;
            }
            this.lingered += piece.filled().len();
        }
        Poll::Ready(Ok(()))
    }
}
