//! Texts and attribute values, escaped for XML 1.0 so that they are read back as they are. A character that XML
//! does not allow is refused, never replaced: what is sent to a system behind must be what was meant. It writes
//! no tag.

use super::character;

/// A character that no XML document can hold, however it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the character U+{:04X} cannot stand in XML", u32::from(*.0))]
pub struct Forbidden(pub char);

/// A text between tags. `>` is escaped always, so that no text holds `]]>`; a return would be read as a line feed.
pub fn text(out: &mut Vec<u8>, text: &str) -> Result<(), Forbidden> {
    escape(out, text, false)
}

/// What stands between the quotes of an attribute.
pub fn attribute(out: &mut Vec<u8>, text: &str) -> Result<(), Forbidden> {
    escape(out, text, true)
}

fn escape(out: &mut Vec<u8>, text: &str, attribute: bool) -> Result<(), Forbidden> {
    let mut from = 0;
    for (at, character) in text.char_indices() {
        let instead = match character {
            '<' => "&lt;",
            '>' => "&gt;",
            '&' => "&amp;",
            '\r' => "&#13;",
            '"' if attribute => "&quot;",
            '\t' if attribute => "&#9;",
            '\n' if attribute => "&#10;",
            other if character::is_allowed(other) => continue,
            other => return Err(Forbidden(other)),
        };
        out.extend_from_slice(text.as_bytes().get(from..at).unwrap_or_default());
        out.extend_from_slice(instead.as_bytes());
        from = at + character.len_utf8();
    }
    out.extend_from_slice(text.as_bytes().get(from..).unwrap_or_default());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_and_what_xml_forbids_is_refused() {
        let mut out = Vec::new();
        text(&mut out, "a<b>&\"c\"\r\n").unwrap();
        assert_eq!(out, b"a&lt;b&gt;&amp;\"c\"&#13;\n");
        out.clear();
        attribute(&mut out, "\"\t\n").unwrap();
        assert_eq!(out, b"&quot;&#9;&#10;");
        for no in ['\0', '\u{1}', '\u{b}', '\u{fffe}'] {
            assert_eq!(text(&mut out, &format!("x{no}")), Err(Forbidden(no)));
        }
    }
}
