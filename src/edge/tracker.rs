//! Which bytes of an HTTP/1 connection are heads and which are bodies, from its first byte on.
//! Sound bytes are cleared to go on to hyper; of a head nothing is cleared before all of it is sound, and the body that
//! follows it has come, or enough of it: who only begins a body is nobody's guest yet.

use super::{
    chunks::Chunks,
    head::{Framing, Head, Sound},
    refuse::{Outline, RefuseKind},
    settings::Limits,
};

/// So much of a body is enough. A body that comes slower than it may be has less by the end of its first window.
const ENOUGH: usize = 4 * 1024;

/// Where in its messages a connection is.
#[derive(Debug)]
pub(super) struct Tracker {
    state: State,
    /// The heads that were cleared, and a refused one.
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
    Begun(Begun),
    Length(u64),
    Chunked(Chunks),
}

/// A whole head whose body has begun. Neither is cleared yet.
#[derive(Debug)]
struct Begun {
    /// Where the head ends.
    end: usize,
    framing: Framing,
    /// Whether they are not waited for any longer.
    hurried: bool,
}

// === impl Tracker ===

impl Tracker {
    pub(super) fn new() -> Self {
        Self { state: State::Head(Head::default()), heads: 0 }
    }

    /// Whether a message has ended and none has begun since.
    pub(super) fn is_between(&self) -> bool {
        self.heads > 0 && matches!(&self.state, State::Head(head) if head.is_untouched())
    }

    pub(super) fn heads(&self) -> u64 {
        self.heads
    }

    pub(super) fn is_in_body(&self) -> bool {
        matches!(self.state, State::Length(_) | State::Chunked(_))
    }

    /// Where the head ends whose body has begun and is not cleared.
    pub(super) fn begun(&self) -> Option<usize> {
        if let State::Begun(begun) = &self.state { Some(begun.end) } else { None }
    }

    /// Has such a body cleared with what there is of it, when its bytes are shown again.
    pub(super) fn hurry(&mut self) {
        if let State::Begun(begun) = &mut self.state {
            begun.hurried = true;
        }
    }

    /// Refuses the request that begins with the first byte that is not cleared.
    pub(super) fn refuse(&mut self, kind: RefuseKind, rest: &[u8]) -> Trouble {
        self.heads += 1;
        let outline = Outline::salvage(rest);
        Trouble::Refused(Box::new(Refused { ordinal: self.heads, kind, outline }))
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
                    Ok(Some(Sound { end, framing, expects })) => {
                        // What is too large is refused at once, too.
                        let too_large = matches!(framing, Framing::Length(all) if all > limits.body_bytes);
                        self.state = State::Begun(Begun { end, framing, hurried: expects || too_large });
                    }
                    Err(kind) => return Verdict { cleared, trouble: Some(self.refuse(kind, rest)) },
                },
                State::Begun(begun) => {
                    if !begun.is_enough(rest) {
                        return Verdict { cleared, trouble: None };
                    }
                    self.heads += 1;
                    cleared += begun.end;
                    self.state = match begun.framing {
                        Framing::Length(0) => State::Head(Head::default()),
                        Framing::Length(length) => State::Length(length),
                        Framing::Chunked => State::Chunked(Chunks::default()),
                    };
                }
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

// === impl Begun ===

impl Begun {
    /// Whether the head and what stands behind it may be seen: the body is there, or enough of it.
    fn is_enough(&self, bytes: &[u8]) -> bool {
        let body = bytes.get(self.end..).unwrap_or_default();
        let is_whole = || match self.framing {
            Framing::Length(length) => body.len() as u64 >= length,
            Framing::Chunked => {
                let mut chunks = Chunks::default();
                chunks.read(body).is_err() || chunks.is_complete()
            }
        };
        self.hurried || body.len() >= ENOUGH || is_whole()
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
        assert_eq!(tracker.heads, 3);
        assert!(tracker.is_between() && !tracker.is_in_body());
    }

    #[test]
    fn a_head_is_held_back_until_it_is_whole() {
        let bytes = [POST, &GET[..10]].concat();
        let mut tracker = Tracker::new();
        assert_eq!(tracker.follow(&bytes, &Limits::default()).cleared, POST.len());
        assert!(!tracker.is_between());
        assert_eq!(tracker.follow(GET, &Limits::default()).cleared, GET.len());
    }

    #[test]
    fn a_head_is_held_back_until_its_body_has_come() {
        let head = POST.len() - 4;
        for (bytes, end) in [(POST, head + 4), (CHUNKED, CHUNKED.len())] {
            let mut tracker = Tracker::new();
            for shown in head..end {
                assert_eq!(tracker.follow(&bytes[..shown], &Limits::default()).cleared, 0, "{shown}");
                assert!(!tracker.is_between() && !tracker.is_in_body());
            }
            assert_eq!(tracker.follow(bytes, &Limits::default()).cleared, end);
            assert!(tracker.is_between());
        }
        let mut tracker = Tracker::new();
        assert_eq!(tracker.follow(&POST[..=head], &Limits::default()).cleared, 0);
        assert_eq!(tracker.begun(), Some(head));
        tracker.hurry();
        assert_eq!(tracker.follow(&POST[..=head], &Limits::default()).cleared, head + 1);
        // Enough of a large one, one that is too large, and one whose client waits itself.
        let limits = Limits { body_bytes: 5000, ..Limits::default() };
        for (fields, body, is_cleared) in [
            ("Content-Length: 5000", ENOUGH - 1, false),
            ("Content-Length: 5000", ENOUGH, true),
            ("Content-Length: 5001", 0, true),
            ("Content-Length: 5000\r\nExpect: 100-continue", 0, true),
        ] {
            let bytes = format!("POST / HTTP/1.1\r\n{fields}\r\n\r\n{}", "x".repeat(body));
            let cleared = Tracker::new().follow(bytes.as_bytes(), &limits).cleared;
            assert_eq!(cleared, if is_cleared { bytes.len() } else { 0 }, "{fields} {body}");
        }
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
        let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        let verdict = Tracker::new().follow(format!("{head}3\nabc").as_bytes(), &Limits::default());
        assert_eq!(verdict.cleared, head.len());
        assert!(matches!(verdict.trouble, Some(Trouble::Broken)));
        let mut tracker = Tracker::new();
        let begun = format!("{head}2000\r\n{}", "x".repeat(ENOUGH));
        assert_eq!(tracker.follow(begun.as_bytes(), &Limits::default()).cleared, begun.len());
        assert!(tracker.is_in_body());
        let verdict = tracker.follow(&[b'x'; 0x2000 - ENOUGH + 1], &Limits::default());
        assert!(matches!(verdict, Verdict { cleared: 0, trouble: Some(Trouble::Broken) }));
    }
}
