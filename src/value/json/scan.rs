//! A cursor over JSON text (RFC 8259) that validates as it goes and hands out byte ranges.
//! It builds no tree, decodes no string, and never recurses: depth is counted and bounded.

use std::ops::Range;

/// Deeper nesting than this is refused.
pub const MAX_DEPTH: usize = 128;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct Malformed {
    pub what: &'static str,
    pub at: usize,
}

/// What stands at the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Object,
    List,
    Text,
    Number,
    True,
    False,
    Null,
}

/// A string token without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub range: Range<usize>,
    /// Whether it holds a backslash, so that its text is not its bytes.
    pub escaped: bool,
}

#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

const fn white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

impl<'a> Scanner<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0 }
    }

    /// A cursor that begins at a byte of a longer text; ranges count from the text's start.
    pub fn starting(text: &'a str, at: usize) -> Self {
        Self { text, bytes: text.as_bytes(), at }
    }

    pub fn position(&self) -> usize {
        self.at
    }

    /// Goes back to where it stood.
    #[inline]
    pub fn back(&mut self, at: usize) {
        self.at = at;
    }

    pub fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    #[inline]
    fn fail<T>(&self, what: &'static str) -> Result<T, Malformed> {
        Err(Malformed { what, at: self.at })
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub fn white(&mut self) {
        while self.byte().is_some_and(white) {
            self.at += 1;
        }
    }

    /// Skips white space and takes this byte if it is next.
    #[inline]
    pub fn take(&mut self, byte: u8) -> bool {
        self.white();
        let found = self.byte() == Some(byte);
        self.at += usize::from(found);
        found
    }

    #[inline]
    pub fn kind(&mut self) -> Result<Kind, Malformed> {
        self.white();
        match self.byte() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::List),
            Some(b'"') => Ok(Kind::Text),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't') => Ok(Kind::True),
            Some(b'f') => Ok(Kind::False),
            Some(b'n') => Ok(Kind::Null),
            Some(_) => self.fail("a value is expected"),
            None => self.fail("the text ends early"),
        }
    }

    /// Enters an object or list; `true` where it has a first element.
    #[inline]
    pub fn enter(&mut self, close: u8) -> bool {
        self.at += 1;
        !self.take(close)
    }

    /// After an element: `true` where another follows, `false` where the object or list has ended.
    #[inline]
    pub fn more(&mut self, close: u8) -> Result<bool, Malformed> {
        if self.take(b',') {
            return Ok(true);
        }
        if self.take(close) {
            return Ok(false);
        }
        self.fail(if close == b'}' { "`,` or `}` is expected" } else { "`,` or `]` is expected" })
    }

    /// A member's name, with the colon behind it.
    #[inline]
    pub fn name(&mut self) -> Result<Token, Malformed> {
        self.white();
        if self.byte() != Some(b'"') {
            return self.fail("a name in double quotes is expected");
        }
        let token = self.string()?;
        if !self.take(b':') {
            return self.fail("`:` is expected");
        }
        Ok(token)
    }

    /// Takes this text if it is next, byte by byte: for what has been checked when it stood elsewhere.
    #[inline]
    pub fn takes(&mut self, expected: &[u8]) -> bool {
        let found = self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(expected));
        self.at += if found { expected.len() } else { 0 };
        found
    }

    /// A string; the cursor stands on its opening quote.
    #[inline]
    pub fn string(&mut self) -> Result<Token, Malformed> {
        let start = self.at + 1;
        let mut at = start;
        let mut escaped = false;
        loop {
            at = plain_end(self.bytes, at);
            match self.bytes.get(at) {
                Some(b'"') => {
                    self.at = at + 1;
                    return Ok(Token { range: start..at, escaped });
                }
                Some(b'\\') => {
                    escaped = true;
                    at = self.escape(at + 1)?;
                }
                Some(_) => {
                    self.at = at;
                    return self.fail("a control character stands in a string");
                }
                None => {
                    self.at = at;
                    return self.fail("a string does not end");
                }
            }
        }
    }

    /// Checks one escape; `at` is the byte after the backslash. Lone surrogates are refused.
    fn escape(&mut self, at: usize) -> Result<usize, Malformed> {
        self.at = at;
        match self.byte() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
            Some(b'u') => {
                let first = self.hex(at + 1)?;
                if (0xDC00..0xE000).contains(&first) {
                    return self.fail("a lone surrogate stands in a string");
                }
                if !(0xD800..0xDC00).contains(&first) {
                    return Ok(at + 5);
                }
                let pair = self.bytes.get(at + 5) == Some(&b'\\') && self.bytes.get(at + 6) == Some(&b'u');
                if pair && (0xDC00..0xE000).contains(&self.hex(at + 7)?) {
                    return Ok(at + 11);
                }
                self.fail("a lone surrogate stands in a string")
            }
            _ => self.fail("an escape is not known"),
        }
    }

    fn hex(&self, at: usize) -> Result<u32, Malformed> {
        let digits = self.bytes.get(at..at + 4).filter(|d| d.iter().all(u8::is_ascii_hexdigit));
        let text = digits.and_then(|d| std::str::from_utf8(d).ok());
        match text.and_then(|t| u32::from_str_radix(t, 16).ok()) {
            Some(code) => Ok(code),
            None => self.fail("four hexadecimal digits are expected"),
        }
    }

    /// A number; the cursor stands on its first byte.
    #[inline]
    pub fn number(&mut self) -> Result<Range<usize>, Malformed> {
        let start = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        match self.byte() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return self.fail("a digit is expected"),
        }
        if matches!(self.byte(), Some(b'0'..=b'9')) {
            return self.fail("a number does not begin with 0");
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(start..self.at)
    }

    #[inline]
    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while matches!(self.byte(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { self.fail("a digit is expected") } else { Ok(()) }
    }

    #[inline]
    pub fn literal(&mut self, word: &'static str) -> Result<(), Malformed> {
        if self.bytes.get(self.at..self.at + word.len()) == Some(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        self.fail("`true`, `false` or `null` is expected")
    }

    /// Passes over one value of any kind and hands out where it stands.
    pub fn skip(&mut self) -> Result<Range<usize>, Malformed> {
        self.white();
        let start = self.at;
        // One bit of each open level says whether it is an object.
        let mut open: u128 = 0;
        let mut depth = 0usize;
        loop {
            let mut opened = false;
            match self.kind()? {
                Kind::Text => _ = self.string()?,
                Kind::Number => _ = self.number()?,
                Kind::True => self.literal("true")?,
                Kind::False => self.literal("false")?,
                Kind::Null => self.literal("null")?,
                kind => {
                    let object = kind == Kind::Object;
                    if self.enter(if object { b'}' } else { b']' }) {
                        if depth == MAX_DEPTH {
                            return self.fail("the text is nested too deep");
                        }
                        open = (open << 1) | u128::from(object);
                        depth += 1;
                        opened = true;
                        if object {
                            self.name()?;
                        }
                    }
                }
            }
            if opened {
                continue;
            }
            loop {
                if depth == 0 {
                    return Ok(start..self.at);
                }
                let object = open & 1 == 1;
                if self.more(if object { b'}' } else { b']' })? {
                    if object {
                        self.name()?;
                    }
                    break;
                }
                open >>= 1;
                depth -= 1;
            }
        }
    }

    /// Only white space may follow.
    pub fn end(&mut self) -> Result<(), Malformed> {
        self.white();
        if self.at == self.bytes.len() { Ok(()) } else { self.fail("something follows the value") }
    }
}

/// The first byte from `at` that is a quote, a backslash or a control character.
#[inline]
pub fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // Eight bytes at a time: a byte less than 0x20, or equal to a quote or a backslash, leaves its high
    // bit set. A byte above 0x7f has its own high bit masked away, so that UTF-8 is no false alarm.
    while let Some(chunk) = bytes.get(at..at + 8).and_then(|c| <[u8; 8]>::try_from(c).ok()) {
        let word = u64::from_le_bytes(chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let quote = word ^ (ONES * 0x22);
        let quote = quote.wrapping_sub(ONES) & !quote;
        let slash = word ^ (ONES * 0x5c);
        let slash = slash.wrapping_sub(ONES) & !slash;
        let found = (control | quote | slash) & HIGHS;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte < 0x20 || byte == b'"' || byte == b'\\' {
            break;
        }
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Result<(), Malformed> {
        let mut scanner = Scanner::new(text);
        scanner.skip()?;
        scanner.end()
    }

    #[test]
    fn takes_what_the_standard_takes() {
        for text in [
            "0",
            "-0.5e+3",
            "[]",
            "{}",
            "[1,[2,[3]],{\"a\":{\"b\":[]}}]",
            "\"\\ud83d\\ude00 \\n\"",
            " true ",
            "{\"é\":\"naïve — ünïcödé text that is longer than eight bytes\"}",
        ] {
            assert_eq!(whole(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_refuses() {
        for text in [
            "",
            "01",
            "-",
            "1.",
            "1e",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "\"\\x\"",
            "\"\\ud83d\"",
            "\"a\nb\"",
            "nul",
            "[1 2]",
            "{\"a\" 1}",
            "1 2",
            "\"abc",
            "[",
            "{\"a\":",
        ] {
            assert!(whole(text).is_err(), "{text}");
        }
        assert!(whole(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn finds_specials_wherever_they_stand() {
        for pad in 0..20 {
            for special in ['"', '\\', '\u{1}', '\u{1f}'] {
                let text = format!("{}{special}tail", "é€a".repeat(pad));
                assert_eq!(plain_end(text.as_bytes(), 0), text.find(special).unwrap());
            }
        }
    }
}
