//! Where a public document is written to: JSON or XML, straight into bytes. A sink knows how a format looks and
//! nothing of contracts; who calls it follows the contract's order.

pub mod json;
pub mod xml;

use crate::plan::contract::Label;

/// A writer of one format. Each value comes with its label; an item of a list comes with the list's.
pub trait Sink {
    /// Begins an object: the document's root where there is no label.
    fn begin_object(&mut self, place: Place<'_>);
    fn end_object(&mut self, place: Place<'_>);
    fn begin_list(&mut self, place: Place<'_>);
    fn end_list(&mut self, place: Place<'_>);
    fn null(&mut self, place: Place<'_>);
    fn boolean(&mut self, place: Place<'_>, value: bool);
    /// Digits in JSON's grammar, in their public form.
    fn number(&mut self, place: Place<'_>, digits: &str);
    fn text(&mut self, place: Place<'_>, text: &str);
    /// A text that holds nothing that JSON escapes.
    fn clean_text(&mut self, place: Place<'_>, text: &str) {
        self.text(place, text);
    }
    /// A number brought to a scale; `false` where it does not fit.
    fn fixed(&mut self, place: Place<'_>, digits: &str, scale: Option<u8>) -> bool;
    fn into_bytes(self) -> Vec<u8>
    where
        Self: Sized;
}

/// Where a value stands.
#[derive(Debug, Clone, Copy)]
pub enum Place<'a> {
    /// The document itself.
    Root,
    /// A member of an object.
    Member(&'a Label),
    /// An item of the list with this label.
    Item(&'a Label),
}
