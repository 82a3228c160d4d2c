//! Which bytes of an HTTP/1 connection are heads and which are bodies, from its first byte on.
//! Sound bytes are cleared to go on to hyper; of a head nothing is cleared before all of it is sound.

use super::{
    chunks::Chunks,
    head::{Framing, Head},
    refuse::{Outline, RefuseKind},
    settings::Limits,
};

/// Where in its messages a connection is.
#[derive(Debug)]
pub(super) struct Tracker {
    state: State,
    /// The heads that came to their end, a refused one included.
    heads: u64,
}

/// What is to be done with the bytes that were shown to [`Tracker::follow`].
#[derive(Debug)]
pub(super) struct Verdict {
    /// So many from the first on may go to hyper. The rest is to be shown again when more has come.
    pub cleared: usize,
    pub trouble: Option<Trouble>,
}

/// Nothing after the cleared bytes may go to hyper, ever.
#[derive(Debug)]
pub(super) enum Trouble {
    Refused(Box<Refused>),
    /// The framing of a body whose head was handed on already.
    Broken,
}

/// A head that hyper does not get to see.
#[derive(Debug)]
pub(super) struct Refused {
    /// Which of the connection's requests it is, from 1.
    pub ordinal: u64,
    pub kind: RefuseKind,
    pub outline: Outline,
}

#[derive(Debug)]
enum State {
    Head(Head),
    Length(u64),
    Chunked(Chunks),
}

// === impl Tracker ===

impl Tracker {
    pub(super) fn new() -> Self {
        Self { state: State::Head(Head::default()), heads: 0 }
    }

    /// Whether a head has begun and not ended.
    pub(super) fn is_in_head(&self) -> bool {
        matches!(&self.state, State::Head(head) if !head.is_untouched())
    }

    pub(super) fn is_in_body(&self) -> bool {
        !matches!(self.state, State::Head(_))
    }

    pub(super) fn heads(&self) -> u64 {
        self.heads
    }

    /// Follows `bytes`, which begin with the first byte that is not cleared yet.
    pub(super) fn follow(&mut self, bytes: &[u8], limits: &Limits) -> Verdict {
        let mut cleared = 0;
        loop {
            let rest = bytes.get(cleared..).unwrap_or_default();
            if rest.is_empty() {
                return Verdict { cleared, trouble: None };
            }
            match &mut self.state {
                State::Head(head) => match head.read(rest, limits) {
                    Ok(None) => return Verdict { cleared, trouble: None },
                    Ok(Some(sound)) => {
                        self.heads += 1;
                        cleared += sound.end;
                        self.state = match sound.framing {
                            Framing::Length(0) => State::Head(Head::default()),
                            Framing::Length(length) => State::Length(length),
                            Framing::Chunked => State::Chunked(Chunks::default()),
                        };
                    }
                    Err(kind) => {
                        self.heads += 1;
                        let outline = Outline::salvage(rest);
                        let refused = Refused { ordinal: self.heads, kind, outline };
                        return Verdict { cleared, trouble: Some(Trouble::Refused(Box::new(refused))) };
                    }
                },
                State::Length(left) => {
                    let taken = (*left).min(rest.len() as u64);
                    *left -= taken;
                    cleared += taken as usize;
                    if *left == 0 {
                        self.state = State::Head(Head::default());
                    }
                }
                State::Chunked(chunks) => match chunks.read(rest) {
                    Err(_) => return Verdict { cleared, trouble: Some(Trouble::Broken) },
                    Ok(read) => {
                        cleared += read;
                        if chunks.is_complete() {
                            self.state = State::Head(Head::default());
                        }
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    const POST: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n\r\n\r\n";
    const CHUNKED: &[u8] = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nGET \r\n0\r\n\r\n";

    #[test]
    fn messages_one_after_another_are_cleared_whatever_their_bodies_look_like() {
        let bytes = [POST, CHUNKED, GET].concat();
        let mut tracker = Tracker::new();
        let verdict = tracker.follow(&bytes, &Limits::default());
        assert_eq!(verdict.cleared, bytes.len());
        assert!(verdict.trouble.is_none());
        assert_eq!(tracker.heads(), 3);
        assert!(!tracker.is_in_head() && !tracker.is_in_body());
    }

    #[test]
    fn a_head_is_held_back_until_it_is_whole() {
        let bytes = [POST, &GET[..10]].concat();
        let mut tracker = Tracker::new();
        assert_eq!(tracker.follow(&bytes, &Limits::default()).cleared, POST.len());
        assert!(tracker.is_in_head());
        assert_eq!(tracker.follow(GET, &Limits::default()).cleared, GET.len());
    }

    #[test]
    fn what_is_smuggled_behind_a_request_is_refused_as_the_second_one() {
        let bytes =
            [GET, b"POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"].concat();
        let verdict = Tracker::new().follow(&bytes, &Limits::default());
        assert_eq!(verdict.cleared, GET.len());
        let Some(Trouble::Refused(refused)) = verdict.trouble else { panic!("not refused") };
        assert_eq!((refused.ordinal, refused.kind), (2, RefuseKind::AmbiguousFraming));
    }

    #[test]
    fn a_broken_chunk_is_not_cleared() {
        let head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        let mut tracker = Tracker::new();
        assert_eq!(tracker.follow(head, &Limits::default()).cleared, head.len());
        assert!(tracker.is_in_body());
        let verdict = tracker.follow(b"3\nabc", &Limits::default());
        assert!(matches!(verdict, Verdict { cleared: 0, trouble: Some(Trouble::Broken) }));
    }
}
