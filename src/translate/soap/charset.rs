//! The character encoding of an answer: found as XML 1.0 (appendix F) and RFC 7303 say, and made UTF-8. It takes
//! UTF-8, UTF-16, US-ASCII, ISO-8859-1 and windows-1252, and refuses others.

use super::Malformed;
use std::borrow::Cow;

/// What windows-1252 has at 0x80 to 0x9F; five bytes are not given away, and stay control characters.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

#[derive(Clone, Copy, PartialEq)]
enum Charset {
    Utf8,
    Ascii,
    /// What calls itself ISO-8859-1 is mostly this, and where it is not, it has none of the bytes that differ.
    Windows,
    Utf16 {
        little: bool,
    },
}

/// The text of an answer. A byte order mark goes before the media type's `charset`, and that before what the
/// text says of itself (RFC 7303, section 3).
pub(in crate::translate) fn decode<'a>(
    bytes: &'a [u8],
    content_type: Option<&str>,
) -> Result<Cow<'a, str>, Malformed> {
    let fail = |what: String, at| Err(Malformed { what, at });
    let said = content_type.and_then(parameter);
    let (charset, body) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (Charset::Utf8, rest),
        [0xFE, 0xFF, rest @ ..] => (Charset::Utf16 { little: false }, rest),
        [0xFF, 0xFE, rest @ ..] => (Charset::Utf16 { little: true }, rest),
        // `<?` in UTF-16 without a mark.
        [0, b'<', ..] => (Charset::Utf16 { little: false }, bytes),
        [b'<', 0, ..] => (Charset::Utf16 { little: true }, bytes),
        _ => {
            let name = said.or_else(|| declared(bytes));
            match name.as_deref().map(named) {
                None => (Charset::Utf8, bytes),
                Some(Some(charset)) => (charset, bytes),
                Some(None) => {
                    let name: String = name.unwrap_or_default().chars().take(40).collect();
                    return fail(format!("the encoding {name:?} is not taken"), 0);
                }
            }
        }
    };
    match charset {
        Charset::Utf8 => match std::str::from_utf8(body) {
            Ok(text) => Ok(text.into()),
            Err(error) => fail("the text is not UTF-8".to_owned(), error.valid_up_to()),
        },
        Charset::Ascii => match body.iter().position(|byte| *byte > 0x7F) {
            None => Ok(String::from_utf8_lossy(body)),
            Some(at) => fail("the text is not US-ASCII".to_owned(), at),
        },
        Charset::Windows => Ok(body.iter().map(|byte| windows(*byte)).collect::<String>().into()),
        Charset::Utf16 { little } => {
            let (pairs, rest) = body.as_chunks::<2>();
            let units = pairs
                .iter()
                .map(|pair| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) });
            let text: Option<String> = char::decode_utf16(units).map(Result::ok).collect();
            match text.filter(|_| rest.is_empty()) {
                Some(text) => Ok(text.into()),
                None => fail("the text is not UTF-16".to_owned(), 0),
            }
        }
    }
}

fn windows(byte: u8) -> char {
    match byte {
        0x80..=0x9F => WINDOWS.get(usize::from(byte - 0x80)).copied().unwrap_or(char::from(byte)),
        byte => char::from(byte),
    }
}

fn named(name: &str) -> Option<Charset> {
    Some(match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Charset::Utf8,
        "us-ascii" | "ascii" => Charset::Ascii,
        "iso-8859-1" | "latin1" | "windows-1252" | "cp1252" => Charset::Windows,
        // RFC 2781, section 4.3: without a mark it is big-endian.
        "utf-16" | "utf-16be" => Charset::Utf16 { little: false },
        "utf-16le" => Charset::Utf16 { little: true },
        _ => return None,
    })
}

/// The media type's `charset`.
fn parameter(content_type: &str) -> Option<String> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then(|| value.to_owned())
    })
}

/// What the XML declaration says, which stands in characters that these encodings share.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..bytes.len().min(200))?;
    let end = head.windows(2).position(|pair| pair == b"?>")?;
    let head = String::from_utf8_lossy(head.get(..end)?);
    let rest = head.strip_prefix("<?xml")?;
    let value = rest.get(rest.find("encoding")? + 8..)?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.get(1..)?.split(quote).next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_found_and_others_refused() {
        let utf16 = |text: &str, little: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() }).collect()
        };
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9\x80</a>".to_vec();
        let marked = [&[0xFF, 0xFE][..], &utf16("<a>é</a>", true)].concat();
        for (bytes, said, expected) in [
            ("<a>é</a>".into(), None, "<a>é</a>"),
            (b"\xEF\xBB\xBF<a/>".to_vec(), None, "<a/>"),
            (latin, None, "<?xml version='1.0' encoding='ISO-8859-1'?><a>é€</a>"),
            (b"<a>\xe9</a>".to_vec(), Some("text/xml; charset=\"windows-1252\""), "<a>é</a>"),
            (marked, Some("text/xml; charset=utf-8"), "<a>é</a>"),
            (utf16("<a>é</a>", false), None, "<a>é</a>"),
            (utf16("<a>é</a>", true), None, "<a>é</a>"),
        ] {
            assert_eq!(decode(&bytes, said).unwrap(), expected);
        }
        for (bytes, said) in [
            (&b"<a>\xe9</a>"[..], None),
            (b"<?xml version='1.0' encoding='EBCDIC-CP-US'?><a/>", None),
            (b"<a/>", Some("text/xml; charset=utf-7")),
            (b"<a>\xe9</a>", Some("text/xml; charset=us-ascii")),
            (b"\xFF\xFE<", None),
            (b"\xFE\xFF\xD8\x00", None),
        ] {
            assert!(decode(bytes, said).is_err(), "{bytes:?}");
        }
    }
}
