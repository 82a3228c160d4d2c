//! Text as it stands in HTML (WHATWG HTML, section 13.5): references to characters are resolved, and the five signs that
//! mean something there are escaped. It knows no tags, and of the names only those that such escaping makes.

/// The names that programs escape text with; the rest of HTML's two thousand stay as they are.
const NAMES: [(&str, char); 6] =
    [("amp", '&'), ("lt", '<'), ("gt", '>'), ("quot", '"'), ("apos", '\''), ("nbsp", '\u{a0}')];

/// The text that references stand for. What is no reference, or names no character, stays as it is; what was escaped
/// twice is resolved once.
pub(super) fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('&') {
        out.push_str(before);
        let found = from.split_once(';').and_then(|(name, after)| Some((character(name)?, after)));
        let (letter, after) = found.unwrap_or(('&', from));
        out.push(letter);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        return NAMES.iter().find(|(known, _)| *known == name).map(|(_, character)| *character);
    };
    let (digits, base) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // A sign in front would be taken for a part of the number; zeros may pad it.
    let plain = !digits.is_empty() && digits.len() <= 10 && digits.bytes().all(|b| b.is_ascii_alphanumeric());
    let number = plain.then(|| u32::from_str_radix(digits, base).ok()).flatten()?;
    char::from_u32(number).filter(|character| *character != '\0')
}

/// The text with its five signs escaped, quotes as PHP's `htmlspecialchars` does.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#039;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_once() {
        for (text, plain) in [
            ("O&#039;Neill &amp; Sons", "O'Neill & Sons"),
            ("&lt;b&gt; &quot;x&quot; &apos;", "<b> \"x\" '"),
            ("&#x27;&#X2014;&#8212;", "'——"),
            ("&amp;amp;", "&amp;"),
            ("a & b; c", "a & b; c"),
            (
                "&eacute; &; &#; &#x; &#+39; &#xD800; &#0; &#99999999999;",
                "&eacute; &; &#; &#x; &#+39; &#xD800; &#0; &#99999999999;",
            ),
            ("&", "&"),
            ("", ""),
            ("tail &amp", "tail &amp"),
        ] {
            assert_eq!(unescaped(text), plain, "{text}");
        }
    }

    #[test]
    fn what_was_escaped_comes_back() {
        for text in ["O'Malley & \"<b>\"", "&amp;", "&#039;", "plain", "&&;;", "César"] {
            assert_eq!(unescaped(&escaped(text)), text);
        }
    }
}
