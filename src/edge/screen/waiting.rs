//! What the screen does where hyper is not there: before the first request, and when none has come for a while.

use super::{H2_PREFACE, Protocol, Screen};
use crate::edge::{
    refuse::RefuseKind,
    standing::{Kept, Table},
};
use bytes::Bytes;
use std::{
    sync::Arc,
    task::{Context, Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Duration, Instant},
};

impl<T: AsyncRead + AsyncWrite + Unpin> Screen<T> {
    /// Ready when it is known whether this is HTTP/2 with prior knowledge. `None`: the client left, or took too long.
    pub(in crate::edge) fn poll_protocol(&mut self, cx: &mut Context<'_>) -> Poll<Option<Protocol>> {
        loop {
            let seen = self.pending.len().min(H2_PREFACE.len());
            if self.pending.get(..seen) != H2_PREFACE.get(..seen) {
                return Poll::Ready(Some(Protocol::Http1));
            }
            if seen == H2_PREFACE.len() {
                return Poll::Ready(Some(Protocol::Http2));
            }
            match self.poll_more(cx) {
                Poll::Ready(Ok(true)) => {}
                Poll::Ready(_) => return Poll::Ready(None),
                Poll::Pending => return self.poll_patience(cx, None).map(|()| None),
            }
        }
    }

    /// Ready when an HTTP/1 request is whole, or enough of it, or refused, and hyper is to see it. `false`: none will be,
    /// because the client left or took too long.
    pub(in crate::edge) fn poll_request(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        while self.cleared == 0 && self.end.is_none() {
            let goes_on = match self.poll_more(cx) {
                Poll::Ready(Ok(true)) => {
                    self.judge_pending();
                    true
                }
                Poll::Ready(_) => self.hurry(),
                Poll::Pending => {
                    ready!(self.poll_patience(cx, None));
                    self.is_body_late()
                }
            };
            if !goes_on {
                return Poll::Ready(false);
            }
        }
        Poll::Ready(true)
    }

    /// Shows hyper what there is of a request whose body has begun. `false`: there is none.
    pub(super) fn hurry(&mut self) -> bool {
        let Some(tracker) = self.tracker.as_mut().filter(|tracker| tracker.begun().is_some()) else {
            return false;
        };
        tracker.hurry();
        self.judge_pending();
        true
    }

    /// When a body that has begun was waited for: it has come fast enough to be waited for further on, by hyper, or is
    /// refused. `false`: there is none.
    fn is_body_late(&mut self) -> bool {
        let least = u128::from(self.limits.body_rate) * self.limits.body_window().as_millis() / 1000;
        let Some(tracker) = &mut self.tracker else { return false };
        let Some(end) = tracker.begun() else { return false };
        if self.pending.len().saturating_sub(end) as u128 >= least {
            return self.hurry();
        }
        let trouble = tracker.refuse(RefuseKind::BodyTooSlow, &self.pending);
        self.stop(trouble);
        true
    }

    /// The same, with the answers that stand.
    pub(in crate::edge) fn recalling(mut self, standing: Option<Arc<Table>>, tls: bool) -> Self {
        self.standing = standing.map(|table| (table, tls));
        self
    }

    /// Whether these bytes, which have just been followed, are one request whose answer stands, and all before it are
    /// answered to their end.
    pub(super) fn stands(&self, bytes: &[u8]) -> bool {
        let Some((table, tls)) = &self.standing else { return false };
        self.is_alone(bytes) && table.find(bytes, *tls).is_some()
    }

    fn is_alone(&self, bytes: &[u8]) -> bool {
        Table::could_be(bytes)
            && self.stalled.is_none()
            && !self.talk.is_busy()
            && self.end.is_none()
            && self
                .tracker
                .as_ref()
                .is_some_and(|tracker| tracker.is_between() && tracker.heads() == self.talk.calls() + 1)
    }

    /// The bytes of the request that waits for hyper, where it is one that could be asked again in the same.
    fn alone(&self) -> Option<&[u8]> {
        (self.cleared == self.pending.len() && self.is_alone(&self.pending)).then_some(&*self.pending)
    }

    /// The same, to be kept.
    pub(in crate::edge) fn asked(&self) -> Option<Bytes> {
        self.standing.as_ref().and(self.alone()).map(Bytes::copy_from_slice)
    }

    /// What stands as the answer to the request that waits for hyper.
    pub(in crate::edge) fn recalled(&self) -> Option<Arc<Kept>> {
        let (table, tls) = self.standing.as_ref()?;
        table.find(self.alone()?, *tls)
    }

    /// The request that waited for hyper is answered without it.
    pub(in crate::edge) fn repeated(&mut self) {
        self.pending.clear();
        self.cleared = 0;
        (self.patience, self.body_patience) = (None, None);
    }

    /// Whether hyper ended only because nothing was asked for a while.
    pub(in crate::edge) fn is_resting(&self) -> bool {
        self.is_resting
    }

    /// Goes on waiting, without hyper. What hyper had read and not looked at comes first.
    pub(in crate::edge) fn rested(mut self, unread: &[u8]) -> Self {
        self.is_resting = false;
        if !unread.is_empty() {
            let behind = self.pending.split();
            self.pending.extend_from_slice(unread);
            self.pending.extend_from_slice(&behind);
            self.cleared += unread.len();
        }
        self
    }

    /// Whether the client has been waited for long enough: for a head, for a body's beginning, or between two requests.
    /// Where hyper is there, `rest` is after how long without a request it is to be let go. While a request is under way
    /// hyper reads only to learn whether the client has left; then, and within a body, other deadlines hold. The clock runs
    /// all the same, because hyper does not read again when the request ends: the clock wakes it.
    pub(super) fn poll_patience(&mut self, cx: &mut Context<'_>, rest: Option<Duration>) -> Poll<()> {
        let Some(tracker) = self.tracker.as_ref().filter(|tracker| !tracker.is_in_body()) else {
            return Poll::Pending;
        };
        let between = rest.unwrap_or(self.limits.keep_alive);
        // hyper reads on before it calls for what it has read.
        let is_called = self.talk.calls() >= tracker.heads();
        if self.talk.is_busy() || !is_called || self.stalled.is_some() {
            (self.patience, self.body_patience) = (None, None);
            return self.read_clock.poll_within(cx, between);
        }
        let until = if tracker.is_between() {
            self.talk.quiet_since() + between
        } else {
            let until = if tracker.begun().is_some() {
                *self.body_patience.get_or_insert_with(|| Instant::now() + self.limits.body_window())
            } else {
                *self.patience.get_or_insert_with(|| Instant::now() + self.limits.header_deadline)
            };
            rest.map_or(until, |rest| self.talk.quiet_since() + rest)
        };
        self.read_clock.poll(cx, until)
    }
}
