//! JSON as PHP 5's `json_encode` prints it when nobody gives it options: `/` as `\/`, and everything beyond ASCII as
//! `\u00e9`, in surrogate pairs where it must. It reads nothing; requests are ordinary JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{Formatter, Serializer};

/// Prints a document; `None` never occurs for a [`Value`], whose keys are strings.
pub(super) fn print(document: &Value) -> Option<Vec<u8>> {
    let mut text = Vec::with_capacity(512);
    document.serialize(&mut Serializer::with_formatter(&mut text, Php)).ok()?;
    Some(text)
}

struct Php;

impl Formatter for Php {
    // Comes with runs of characters that JSON itself would not escape.
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        for letter in fragment.chars() {
            match letter {
                '/' => writer.write_all(b"\\/")?,
                ' '..='~' => writer.write_all(&[letter as u8])?,
                '\u{7f}' => writer.write_all(b"\x7f")?,
                _ => {
                    for unit in letter.encode_utf16(&mut [0; 2]) {
                        write!(writer, "\\u{unit:04x}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    #[test]
    fn slashes_and_letters_are_escaped_as_php_does() {
        let document =
            json!({"uri": "https://a/b", "name": "São 🐾", "note": "a\n\"b\"\u{1}\\ <b>&", "none": []});
        let text = String::from_utf8(super::print(&document).unwrap()).unwrap();
        assert_eq!(
            text,
            r#"{"uri":"https:\/\/a\/b","name":"S\u00e3o \ud83d\udc3e","note":"a\n\"b\"\u0001\\ <b>&","none":[]}"#
        );
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    }
}
