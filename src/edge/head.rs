//! One HTTP/1 head, judged line by line as it arrives (RFC 9112), more strictly than hyper does:
//! what two readers could take differently is refused, so that the framing which [`tracker`](super::tracker)
//! follows is the one that hyper follows. It makes no request of the lines; hyper does, afterwards.

use super::{refuse::RefuseKind, settings::Limits};

/// The method, two spaces and the version, which a request line has beside its target.
const LINE_BESIDE_TARGET: usize = 32;
/// RFC 9112 section 2.2: an empty line before a request is to be ignored. One, not a stream of them.
const LEADING_LINES: u8 = 1;

/// A head that is being read.
#[derive(Debug, Default)]
pub(super) struct Head {
    /// Where the line that is not complete yet begins.
    line: usize,
    /// Up to where line feeds have been looked for.
    searched: usize,
    leading: u8,
    version: Option<Minor>,
    fields: usize,
    length: Option<u64>,
    chunked: bool,
    expects: bool,
}

/// A head that ended, and where its body's length is said.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sound {
    /// The bytes of the head, its empty line included.
    pub end: usize,
    pub framing: Framing,
    /// Whether the client waits to be told to go on (RFC 9110 section 10.1.1).
    pub expects: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Minor {
    Zero,
    One,
}

// === impl Head ===

impl Head {
    /// Whether nothing of a head has come yet.
    pub(super) fn is_untouched(&self) -> bool {
        self.searched == 0
    }

    /// Goes on with `bytes`, which begin where the head begins and hold more than the last time.
    /// `None`: the head is sound so far and not complete.
    pub(super) fn read(&mut self, bytes: &[u8], limits: &Limits) -> Result<Option<Sound>, RefuseKind> {
        loop {
            let rest = bytes.get(self.searched..).unwrap_or_default();
            let Some(found) = memchr::memchr(b'\n', rest) else {
                self.searched = bytes.len();
                self.bound(bytes.len(), limits)?;
                return Ok(None);
            };
            let feed = self.searched + found;
            self.bound(feed, limits)?;
            let line = bytes.get(self.line..feed).unwrap_or_default();
            let line = line.strip_suffix(b"\r").ok_or(RefuseKind::Malformed)?;
            self.searched = feed + 1;
            self.line = feed + 1;
            match self.version {
                None if line.is_empty() && self.leading < LEADING_LINES => self.leading += 1,
                None => self.version = Some(request_line(line)?),
                Some(_) if line.is_empty() => {
                    let framing = if self.chunked {
                        Framing::Chunked
                    } else {
                        Framing::Length(self.length.unwrap_or(0))
                    };
                    return Ok(Some(Sound { end: feed + 1, framing, expects: self.expects }));
                }
                Some(version) => self.field(line, version, limits)?,
            }
        }
    }

    fn bound(&self, end: usize, limits: &Limits) -> Result<(), RefuseKind> {
        if self.version.is_none() && end.saturating_sub(self.line) > limits.uri_bytes + LINE_BESIDE_TARGET {
            return Err(RefuseKind::UriTooLong);
        }
        if end > limits.header_bytes as usize { Err(RefuseKind::HeaderTooLarge) } else { Ok(()) }
    }

    fn field(&mut self, line: &[u8], version: Minor, limits: &Limits) -> Result<(), RefuseKind> {
        self.fields += 1;
        if self.fields > limits.header_count {
            return Err(RefuseKind::TooManyHeaders);
        }
        // A folded line begins with a space, which no name can: both are caught here.
        let colon = memchr::memchr(b':', line).ok_or(RefuseKind::Malformed)?;
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default();
        if name.is_empty() || !name.iter().copied().all(is_token) || !all(value, is_text) {
            return Err(RefuseKind::Malformed);
        }
        let value = value.trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") {
            // Equal repetitions may be collapsed (RFC 9110 section 8.6); nobody honest sends them.
            if self.chunked || self.length.is_some() {
                return Err(RefuseKind::AmbiguousFraming);
            }
            self.length = Some(length(value).ok_or(RefuseKind::AmbiguousFraming)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            let twice = self.chunked || self.length.is_some();
            if twice || version == Minor::Zero || !value.eq_ignore_ascii_case(b"chunked") {
                return Err(RefuseKind::AmbiguousFraming);
            }
            self.chunked = true;
        } else if name.eq_ignore_ascii_case(b"expect") {
            self.expects = true;
        }
        Ok(())
    }
}

/// `method SP target SP version`, with single spaces and nothing beside it.
fn request_line(line: &[u8]) -> Result<Minor, RefuseKind> {
    let (method, rest) = word(line).ok_or(RefuseKind::Malformed)?;
    let (target, version) = word(rest).ok_or(RefuseKind::Malformed)?;
    if method.is_empty() || !method.iter().copied().all(is_token) {
        return Err(RefuseKind::Malformed);
    }
    // `http` would drop a fragment silently, and no client may send one.
    if target.is_empty() || !all(target, |byte| byte.is_ascii_graphic() && byte != b'#') {
        return Err(RefuseKind::Malformed);
    }
    let version = match version {
        b"HTTP/1.1" => Minor::One,
        b"HTTP/1.0" => Minor::Zero,
        _ => return Err(RefuseKind::Malformed),
    };
    // Its target has a form of its own and what follows it is no HTTP; the connection has to end.
    if method == b"CONNECT" { Err(RefuseKind::UnsupportedMethod) } else { Ok(version) }
}

/// What stands before the first space, and what behind it.
fn word(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memchr(b' ', line)?;
    Some((line.get(..space)?, line.get(space + 1..)?))
}

/// Digits only (no sign, no list), and few enough for what hyper can count to.
fn length(value: &[u8]) -> Option<u64> {
    let digits = (1..=18).contains(&value.len()) && value.iter().all(u8::is_ascii_digit);
    digits.then(|| value.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')))
}

/// `tchar` of RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_!#$%&'*+.^`|~".contains(&byte)
}

/// What a header's value may hold (RFC 9110 section 5.5): no control character but the tab.
fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'~' | 0x80..)
}

/// Whether all bytes are sound. It is not asked after each one whether to go on, so that the machine can take many together.
#[inline]
pub(super) fn all(bytes: &[u8], is_sound: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(true, |all, byte| all & is_sound(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_character_is_found_wherever_it_stands() {
        for length in 1..80 {
            let mut value = vec![0xe9; length];
            assert!(all(&value, is_text), "{length}");
            for at in 0..length {
                value[at] = 0x7f;
                assert!(!all(&value, is_text), "{at} of {length}");
                value[at] = b'\t';
            }
        }
    }

    fn check(head: &str, expected: &Result<Framing, RefuseKind>) {
        let limits = Limits { uri_bytes: 64, header_bytes: 512, header_count: 4, ..Limits::default() };
        let whole = Head::default().read(head.as_bytes(), &limits);
        let got = whole.map(|sound| sound.expect("complete").framing);
        assert_eq!(&got, expected, "{head:?}");
        // Byte by byte the judgement is the same.
        let mut slow = Head::default();
        let end = (1..=head.len()).find_map(|end| slow.read(&head.as_bytes()[..end], &limits).transpose());
        assert_eq!(&end.expect("an end").map(|sound| sound.framing), expected, "{head:?} byte by byte");
    }

    #[test]
    fn sound_heads() {
        check("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &Ok(Framing::Length(0)));
        check("\r\nGET / HTTP/1.0\r\n\r\n", &Ok(Framing::Length(0)));
        check("POST / HTTP/1.1\r\nCONTENT-LENGTH:\t12 \r\n\r\n", &Ok(Framing::Length(12)));
        check("POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n", &Ok(Framing::Chunked));
        check("GET / HTTP/1.1\r\nX: caf\u{e9}\r\n\r\n", &Ok(Framing::Length(0)));
    }

    #[test]
    fn ambiguous_framing() {
        for fields in [
            "Content-Length: 1\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: chunked\r\nContent-Length: 1",
            "Content-Length: 1\r\nContent-Length: 2",
            "Content-Length: 1\r\nContent-Length: 1",
            "Content-Length: 1, 1",
            "Content-Length: +1",
            "Content-Length: ",
            "Content-Length: 0x1",
            "Content-Length: 9999999999999999999",
            "Transfer-Encoding: gzip, chunked",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding: \"chunked\"",
        ] {
            check(&format!("POST / HTTP/1.1\r\n{fields}\r\n\r\n"), &Err(RefuseKind::AmbiguousFraming));
        }
        check("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", &Err(RefuseKind::AmbiguousFraming));
    }

    #[test]
    fn malformed_heads() {
        for head in [
            "GET / HTTP/1.1\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\n",
            "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n",
            "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET / HTTP/1.1\r\n: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n",
            "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
            "GET /a#b HTTP/1.1\r\n\r\n",
            "GET /\u{e9} HTTP/1.1\r\n\r\n",
            "GET  / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1 \r\n\r\n",
            "GET / HTTP/2.0\r\n\r\n",
            "GET /\r\n\r\n",
            "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        ] {
            check(head, &Err(RefuseKind::Malformed));
        }
    }

    #[test]
    fn too_much_of_it() {
        check(&format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(100)), &Err(RefuseKind::UriTooLong));
        let large = format!("GET / HTTP/1.1\r\nA: {}\r\n\r\n", "a".repeat(600));
        check(&large, &Err(RefuseKind::HeaderTooLarge));
        let many = format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(5));
        check(&many, &Err(RefuseKind::TooManyHeaders));
        check("CONNECT a:443 HTTP/1.1\r\n\r\n", &Err(RefuseKind::UnsupportedMethod));
    }
}
