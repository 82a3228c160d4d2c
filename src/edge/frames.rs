//! The frames of an HTTP/2 connection by their heads, in one direction (RFC 9113 section 4.1). It judges nothing and
//! keeps no payload; the HTTP/2 library reads the same bytes for what they mean.

/// The client's connection preface (RFC 9113 section 3.4).
const PREFACE: usize = 24;
const HEAD: usize = 9;

pub(super) const DATA: u8 = 0;
pub(super) const HEADERS: u8 = 1;
pub(super) const RST_STREAM: u8 = 3;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// A frame's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Of the payload, in bytes.
    pub length: u32,
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
}

/// Where in its frames one direction of a connection is.
#[derive(Debug)]
pub(super) struct Walker {
    /// What is left of a payload, or of the preface.
    skip: usize,
    head: [u8; HEAD],
    /// How much of the head is there.
    have: usize,
}

// === impl Frame ===

impl Frame {
    fn of([a, b, c, kind, flags, s, t, u, v]: [u8; HEAD]) -> Self {
        let length = u32::from_be_bytes([0, a, b, c]);
        Self { length, kind, flags, stream: u32::from_be_bytes([s & 0x7f, t, u, v]) }
    }

    pub(super) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

// === impl Walker ===

impl Walker {
    /// From the first byte that a client sends.
    pub(super) fn of_client() -> Self {
        Self { skip: PREFACE, head: [0; HEAD], have: 0 }
    }

    pub(super) fn of_server() -> Self {
        Self { skip: 0, ..Self::of_client() }
    }

    /// Whether a frame has begun and not ended.
    pub(super) fn is_within(&self) -> bool {
        self.skip > 0 || self.have > 0
    }

    /// Goes on with `bytes` up to the end of the next head, and takes what it has seen off their front. `None`: all of
    /// them are seen, and no other head is whole.
    pub(super) fn next(&mut self, bytes: &mut &[u8]) -> Option<Frame> {
        loop {
            if bytes.is_empty() {
                return None;
            }
            if self.skip > 0 {
                let seen = self.skip.min(bytes.len());
                self.skip -= seen;
                *bytes = bytes.get(seen..).unwrap_or_default();
                continue;
            }
            let wanted = self.head.get_mut(self.have..).unwrap_or_default();
            let seen = wanted.len().min(bytes.len());
            for (to, from) in wanted.iter_mut().zip(bytes.iter()) {
                *to = *from;
            }
            self.have += seen;
            *bytes = bytes.get(seen..).unwrap_or_default();
            if self.have == HEAD {
                self.have = 0;
                let frame = Frame::of(self.head);
                self.skip = frame.length as usize;
                return Some(frame);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_found_however_their_bytes_come() {
        let mut bytes = vec![b'x'; PREFACE];
        bytes.extend([0, 0, 0, 4, 0, 0, 0, 0, 0]);
        bytes.extend([0, 0, 3, HEADERS, END_STREAM | END_HEADERS, 0x80, 0, 0, 1, 9, 9, 9]);
        bytes.extend([0, 0, 8, 6, 0, 0, 0, 0, 0]);
        let expected = [(0, 4, 0), (3, HEADERS, 1), (8, 6, 0)];
        for size in 1..bytes.len() {
            let mut walker = Walker::of_client();
            let mut found = Vec::new();
            for mut piece in bytes.chunks(size) {
                while let Some(frame) = walker.next(&mut piece) {
                    found.push((frame.length, frame.kind, frame.stream));
                }
            }
            assert_eq!(found, expected, "in pieces of {size}");
            assert!(walker.is_within());
        }
    }
}
