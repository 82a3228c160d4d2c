//! JSON. Commas follow from the last byte written, so that no state is kept.

use super::{Place, Sink};
use crate::value::{decimal, json::write};

#[derive(Debug, Default)]
pub struct Json {
    out: Vec<u8>,
}

impl Json {
    pub fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    #[inline]
    fn place(&mut self, place: Place<'_>) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[')) {
            self.out.push(b',');
        }
        if let Place::Member(label) = place {
            self.out.extend_from_slice(label.json.as_bytes());
        }
    }
}

impl Sink for Json {
    #[inline]
    fn begin_object(&mut self, place: Place<'_>) {
        self.place(place);
        self.out.push(b'{');
    }

    #[inline]
    fn end_object(&mut self, _: Place<'_>) {
        self.out.push(b'}');
    }

    #[inline]
    fn begin_list(&mut self, place: Place<'_>) {
        self.place(place);
        self.out.push(b'[');
    }

    #[inline]
    fn end_list(&mut self, _: Place<'_>) {
        self.out.push(b']');
    }

    #[inline]
    fn null(&mut self, place: Place<'_>) {
        self.place(place);
        self.out.extend_from_slice(b"null");
    }

    #[inline]
    fn boolean(&mut self, place: Place<'_>, value: bool) {
        self.place(place);
        self.out.extend_from_slice(if value { b"true" } else { b"false" });
    }

    #[inline]
    fn number(&mut self, place: Place<'_>, digits: &str) {
        self.place(place);
        self.out.extend_from_slice(digits.as_bytes());
    }

    #[inline]
    fn text(&mut self, place: Place<'_>, text: &str) {
        self.place(place);
        write::text(&mut self.out, text);
    }

    #[inline]
    fn clean_text(&mut self, place: Place<'_>, text: &str) {
        self.place(place);
        self.out.push(b'"');
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'"');
    }

    #[inline]
    fn fixed(&mut self, place: Place<'_>, digits: &str, scale: Option<u8>) -> bool {
        self.place(place);
        decimal::write_fixed(&mut self.out, digits, scale)
    }

    fn into_bytes(self) -> Vec<u8> {
        self.out
    }
}
