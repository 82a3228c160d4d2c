//! Where a chunked body ends (RFC 9112 section 7.1), read more strictly than hyper reads it.
//! It keeps and changes nothing: the bytes go to hyper, which takes them apart.

/// Extensions and trailers are nothing that anybody here reads; this is plenty for what libraries add.
const BESIDE_DATA: usize = 8 * 1024;
/// Fifteen hexadecimal digits fit into 60 bits, so that a size cannot overflow.
const SIZE_DIGITS: u8 = 15;

/// A chunked body that is being read.
#[derive(Debug)]
pub(super) struct Chunks {
    step: Step,
    /// What extensions and trailers may still hold.
    left: usize,
}

/// The framing is broken: nothing after it can be trusted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

#[derive(Clone, Copy, Debug)]
enum Step {
    Size { size: u64, digits: u8 },
    Extension { size: u64 },
    SizeFeed { size: u64 },
    Data { left: u64 },
    DataReturn,
    DataFeed,
    Trailer { empty: bool },
    TrailerFeed { empty: bool },
    End,
}

const SIZE: Step = Step::Size { size: 0, digits: 0 };

// === impl Chunks ===

impl Default for Chunks {
    fn default() -> Self {
        Self { step: SIZE, left: BESIDE_DATA }
    }
}

impl Chunks {
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.step, Step::End)
    }

    /// Follows `bytes` and returns how many of them belong to the body; fewer than all when it ended.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Result<usize, Broken> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            if let Step::Data { left } = self.step {
                let taken = left.min((bytes.len() - at) as u64);
                at += taken as usize;
                self.step = if taken == left { Step::DataReturn } else { Step::Data { left: left - taken } };
                continue;
            }
            if self.is_complete() {
                break;
            }
            self.step = self.next(byte)?;
            at += 1;
        }
        Ok(at)
    }

    fn next(&mut self, byte: u8) -> Result<Step, Broken> {
        Ok(match (self.step, byte) {
            (Step::Size { size, digits }, _) if byte.is_ascii_hexdigit() && digits < SIZE_DIGITS => {
                let digit = (byte as char).to_digit(16).map_or(0, u64::from);
                Step::Size { size: size * 16 + digit, digits: digits + 1 }
            }
            (Step::Size { size, digits: 1.. }, b';') => Step::Extension { size },
            (Step::Size { size, digits: 1.. } | Step::Extension { size }, b'\r') => Step::SizeFeed { size },
            (Step::Extension { .. }, _) if is_beside(byte) => self.beside(self.step)?,
            (Step::SizeFeed { size: 0 } | Step::TrailerFeed { empty: false }, b'\n') => {
                Step::Trailer { empty: true }
            }
            (Step::SizeFeed { size }, b'\n') => Step::Data { left: size },
            (Step::DataReturn, b'\r') => Step::DataFeed,
            (Step::DataFeed, b'\n') => SIZE,
            (Step::Trailer { empty }, b'\r') => Step::TrailerFeed { empty },
            (Step::Trailer { .. }, _) if is_beside(byte) => self.beside(Step::Trailer { empty: false })?,
            (Step::TrailerFeed { empty: true }, b'\n') => Step::End,
            _ => return Err(Broken),
        })
    }

    fn beside(&mut self, step: Step) -> Result<Step, Broken> {
        self.left = self.left.checked_sub(1).ok_or(Broken)?;
        Ok(step)
    }
}

fn is_beside(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Some(n)`: the body ends after `n` bytes.
    fn check(body: &[u8], expected: &Result<Option<usize>, Broken>) {
        let mut chunks = Chunks::default();
        let whole = chunks.read(body).map(|read| chunks.is_complete().then_some(read));
        assert_eq!(&whole, expected, "{:?}", body.escape_ascii());
        let mut slow = Chunks::default();
        let mut total = 0;
        let bytewise = body.chunks(1).try_for_each(|byte| slow.read(byte).map(|read| total += read));
        assert_eq!(&bytewise.map(|()| slow.is_complete().then_some(total)), expected);
    }

    #[test]
    fn bodies_that_end() {
        check(b"0\r\n\r\n", &Ok(Some(5)));
        check(b"3\r\nabc\r\n0\r\n\r\nGET", &Ok(Some(13)));
        check(b"A;name=\"v\"\r\n0123456789\r\n00\r\nX: y\r\n\r\n", &Ok(Some(36)));
    }

    #[test]
    fn bodies_that_go_on() {
        check(b"3\r\nab", &Ok(None));
        check(b"0\r\n", &Ok(None));
        check(b"0\r\nX: y\r\n", &Ok(None));
    }

    #[test]
    fn bodies_that_could_be_read_in_two_ways() {
        for body in [
            &b"3\nabc\r\n"[..],
            b"3\r\nabcd\r\n",
            b"3 \r\nabc\r\n",
            b"0x3\r\nabc\r\n",
            b"\r\n",
            b";x\r\n",
            b"3;x\ny\r\nabc",
            b"-1\r\n",
            b"0000000000000000\r\n",
            b"0\r\n\n",
            b"0\r\nX: y\n\r\n",
        ] {
            check(body, &Err(Broken));
        }
        let long = [&b"1;"[..], &b"x".repeat(BESIDE_DATA + 1)].concat();
        check(&long, &Err(Broken));
    }
}
