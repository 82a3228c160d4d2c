//! JSON text, written straight into a buffer. It checks no structure: its callers are writers by contract.

use super::scan::plain_end;

/// A text as a JSON string, quotes included. Only what must be escaped is.
#[inline]
pub fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    loop {
        let end = plain_end(bytes, from);
        out.extend_from_slice(bytes.get(from..end).unwrap_or_default());
        let Some(&special) = bytes.get(end) else { break };
        escape(out, special);
        from = end + 1;
    }
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' => b'"',
        b'\\' => b'\\',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            let low = HEX.get(usize::from(byte & 15)).copied().unwrap_or(b'0');
            let high = HEX.get(usize::from(byte >> 4)).copied().unwrap_or(b'0');
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// The text behind a JSON string token that holds escapes. The token has been scanned, so that its
/// escapes are well formed.
pub fn unescape(token: &str) -> String {
    let mut out = String::with_capacity(token.len());
    let mut from = 0;
    loop {
        // Nothing but a backslash ends a stretch here: the token has no bare quote and no control character.
        let at = plain_end(token.as_bytes(), from);
        out.push_str(token.get(from..at).unwrap_or_default());
        let Some(escape) = token.get(at + 1..) else { return out };
        let (decoded, used) = decode(escape);
        out.push(decoded);
        from = at + 1 + used;
    }
}

fn decode(escape: &str) -> (char, usize) {
    let code =
        |at: usize| escape.get(at..at + 4).and_then(|h| u32::from_str_radix(h, 16).ok()).unwrap_or(0xFFFD);
    match escape.as_bytes().first() {
        Some(b'n') => ('\n', 1),
        Some(b'r') => ('\r', 1),
        Some(b't') => ('\t', 1),
        Some(b'b') => ('\u{8}', 1),
        Some(b'f') => ('\u{c}', 1),
        Some(b'u') => match code(1) {
            high @ 0xD800..0xDC00 => {
                let low = code(7).wrapping_sub(0xDC00) & 0x3FF;
                (char::from_u32(0x10000 + ((high - 0xD800) << 10) + low).unwrap_or('\u{FFFD}'), 11)
            }
            code => (char::from_u32(code).unwrap_or('\u{FFFD}'), 5),
        },
        Some(&other) => (char::from(other), 1),
        None => ('\u{FFFD}', 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_and_unescaping_are_inverse() {
        for sample in ["", "plain", "a\"b\\c\n\r\t\u{8}\u{c}\u{1}", "São 🐶 </b>", "eight888\"nine"] {
            let mut out = Vec::new();
            text(&mut out, sample);
            let written = String::from_utf8(out).unwrap();
            assert_eq!(unescape(&written[1..written.len() - 1]), sample);
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), sample);
        }
        assert_eq!(unescape(r"S\u00e3o \ud83d\udc36 \/"), "São 🐶 /");
    }
}
