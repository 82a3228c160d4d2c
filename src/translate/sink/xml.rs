//! XML: the root `<response>`, members as elements, lists wrapped, null as `xsi:nil`. Nothing is indented, and
//! no state is kept but the bytes. It does not check that what begins also ends: its callers follow a contract.
//!
//! A member whose name is no XML name is written `<member name="a b">`. In free-form parts alone, what would be
//! read otherwise than it is says its type: `<zip type="text">98101</zip>`, `<tags type="list"/>`,
//! `<extra type="object"/>`. Such a part's labels are known by an empty name: `item` of a member's label, `xml`
//! of an item's. `value::xml` and `plan::contract::xml` read all of this back.

use super::{Place, Sink};
use crate::{
    plan::contract::Label,
    value::Value,
    value::{
        decimal,
        xml::{INSTANCE, ITEM, MEMBER, Mark, by_form, character},
    },
};

/// The root's name.
pub const ROOT: &str = "response";

#[derive(Debug, Default)]
pub struct Xml {
    out: Vec<u8>,
}

// === impl Xml ===

impl Xml {
    pub fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    fn put(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// The start of a start tag: all but its `>`.
    fn tag(&mut self, place: Place<'_>) {
        match place {
            Place::Root => {
                self.put("<?xml version=\"1.0\" encoding=\"UTF-8\"?><");
                self.put(ROOT);
                self.put(" xmlns:xsi=\"");
                self.put(INSTANCE);
                self.put("\"");
            }
            place => {
                let name = name(place);
                self.put("<");
                if is_plain(place, name) {
                    self.put(name);
                } else {
                    self.put(MEMBER);
                    self.put(" name=\"");
                    escape(&mut self.out, name, true);
                    self.put("\"");
                }
            }
        }
    }

    fn begin(&mut self, place: Place<'_>) {
        self.tag(place);
        self.put(">");
    }

    fn end(&mut self, place: Place<'_>) {
        self.put("</");
        let name = name(place);
        self.put(if is_plain(place, name) { name } else { MEMBER });
        self.put(">");
    }

    fn say(&mut self, mark: Mark) {
        self.put(" type=\"");
        self.put(mark.word());
        self.put("\"");
    }

    /// Ends what may be empty: in a free-form part an empty list or object says what it is.
    fn end_parts(&mut self, place: Place<'_>, mark: Mark) {
        // A start tag's `>` is last only where nothing has been written behind it: texts escape theirs, and
        // what has been written since ends with the slash of an empty or an end tag within the same tag.
        if is_free(place) && self.ends_with_start_tag() {
            self.out.pop();
            self.say(mark);
            self.put(">");
        }
        self.end(place);
    }

    fn ends_with_start_tag(&self) -> bool {
        let tag = self.out.iter().rposition(|byte| *byte == b'<').and_then(|at| self.out.get(at..));
        tag.is_some_and(|tag| tag.ends_with(b">") && !tag.ends_with(b"/>") && !tag.starts_with(b"</"))
    }
}

/// The element's name before it is looked at whether it is one.
fn name(place: Place<'_>) -> &str {
    match place {
        Place::Root => ROOT,
        Place::Member(label) => &label.xml,
        Place::Item(Label { item, .. }) if item.is_empty() => ITEM,
        Place::Item(label) => &label.item,
    }
}

/// Whether the name can be the tag. A free-form member called `item` cannot: it would look like a list's.
fn is_plain(place: Place<'_>, name: &str) -> bool {
    character::is_name(name) && !(matches!(place, Place::Member(_)) && is_free(place) && name == ITEM)
}

/// Whether the place is within a free-form part, where no contract says the types.
fn is_free(place: Place<'_>) -> bool {
    match place {
        Place::Root => false,
        Place::Member(label) => label.item.is_empty(),
        Place::Item(label) => label.xml.is_empty(),
    }
}

/// Writes a text so that it is read back as it is. What XML forbids becomes U+FFFD; `>` is escaped always, so
/// that no text holds `]]>`; a return would be read as a line feed, and in an attribute all of these as a space.
fn escape(out: &mut Vec<u8>, text: &str, attribute: bool) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        let (instead, length): (&[u8], usize) = match byte {
            b'<' => (b"&lt;", 1),
            b'>' => (b"&gt;", 1),
            b'&' => (b"&amp;", 1),
            b'\r' => (b"&#13;", 1),
            b'"' if attribute => (b"&quot;", 1),
            b'\t' if attribute => (b"&#9;", 1),
            b'\n' if attribute => (b"&#10;", 1),
            b'\t' | b'\n' => continue,
            0..=0x1f => ("\u{FFFD}".as_bytes(), 1),
            // U+FFFE and U+FFFF.
            0xEF if matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) => {
                ("\u{FFFD}".as_bytes(), 3)
            }
            _ => continue,
        };
        out.extend_from_slice(bytes.get(from..at).unwrap_or_default());
        out.extend_from_slice(instead);
        from = at + length;
    }
    out.extend_from_slice(bytes.get(from..).unwrap_or_default());
}

impl Sink for Xml {
    fn begin_object(&mut self, place: Place<'_>) {
        self.begin(place);
    }

    fn end_object(&mut self, place: Place<'_>) {
        self.end_parts(place, Mark::Object);
    }

    fn begin_list(&mut self, place: Place<'_>) {
        self.begin(place);
    }

    fn end_list(&mut self, place: Place<'_>) {
        self.end_parts(place, Mark::List);
    }

    fn null(&mut self, place: Place<'_>) {
        self.tag(place);
        self.put(" xsi:nil=\"true\"/>");
    }

    fn boolean(&mut self, place: Place<'_>, value: bool) {
        self.begin(place);
        self.put(if value { "true" } else { "false" });
        self.end(place);
    }

    fn number(&mut self, place: Place<'_>, digits: &str) {
        self.begin(place);
        self.put(digits);
        self.end(place);
    }

    fn text(&mut self, place: Place<'_>, text: &str) {
        self.tag(place);
        if is_free(place) && !matches!(by_form(text), Value::Text(_)) {
            self.say(Mark::Text);
        }
        self.put(">");
        escape(&mut self.out, text, false);
        self.end(place);
    }

    fn fixed(&mut self, place: Place<'_>, digits: &str, scale: Option<u8>) -> bool {
        let before = self.out.len();
        self.begin(place);
        if decimal::write_fixed(&mut self.out, digits, scale) {
            self.end(place);
            return true;
        }
        self.out.truncate(before);
        false
    }

    fn into_bytes(self) -> Vec<u8> {
        self.out
    }
}

#[cfg(test)]
mod tests;
