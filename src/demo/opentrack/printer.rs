//! The typed way into XML: elements, texts, attributes and `nil`, each escaped. It knows no record and no schema.

use std::fmt::{Display, Write};

use quick_xml::escape::escape;

/// Text of XML, written from front to back.
#[derive(Debug, Default)]
pub(super) struct Printer {
    out: String,
}

impl Printer {
    pub(super) fn finish(self) -> String {
        self.out
    }

    /// An element and what `fill` writes into it; `<Name/>` when that is nothing.
    pub(super) fn within(&mut self, name: &str, attributes: &[(&str, &str)], fill: impl FnOnce(&mut Self)) {
        self.open(name, attributes);
        let inside = self.out.len();
        fill(self);
        self.close(name, inside);
    }

    /// An element with text; `<Name/>` when that is empty.
    pub(super) fn text(&mut self, name: &str, value: impl Display) {
        self.open(name, &[]);
        let inside = self.out.len();
        self.out.push_str(&escaped(&value.to_string()));
        self.close(name, inside);
    }

    /// As `text`, or no element at all.
    pub(super) fn optional(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.text(name, value);
        }
    }

    /// As `text`, or an element with `xsi:nil`; the envelope declares the prefix.
    pub(super) fn nillable(&mut self, name: &str, value: Option<impl Display>) {
        match value {
            Some(value) => self.text(name, value),
            None => self.within(name, &[("xsi:nil", "true")], |_| {}),
        }
    }

    /// `Y` or `N`.
    pub(super) fn yes_no(&mut self, name: &str, value: bool) {
        self.text(name, if value { "Y" } else { "N" });
    }

    /// Text in the element that is open.
    pub(super) fn content(&mut self, value: &str) {
        self.out.push_str(&escaped(value));
    }

    /// What another printer wrote.
    pub(super) fn raw(&mut self, written: &str) {
        self.out.push_str(written);
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        // Writing to a string cannot fail.
        let _ = write!(self.out, "<{name}");
        for (name, value) in attributes {
            let _ = write!(self.out, " {name}=\"{}\"", escaped(value));
        }
        self.out.push('>');
    }

    fn close(&mut self, name: &str, inside: usize) {
        if self.out.len() == inside {
            self.out.pop();
            self.out.push_str("/>");
        } else {
            let _ = write!(self.out, "</{name}>");
        }
    }
}

/// A reader would make a line feed of a carriage return that is not written as a reference (XML 1.0, 2.11).
fn escaped(text: &str) -> String {
    escape(text).replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use super::Printer;

    #[test]
    fn values_cannot_leave_their_element() {
        let mut printer = Printer::default();
        printer.within("A", &[("b", "\"<&")], |a| {
            a.text("C", "</C>&\r");
            a.text("D", "");
            a.nillable("E", None::<&str>);
            a.optional("F", None::<&str>);
            a.yes_no("G", true);
        });
        let expected =
            "<A b=\"&quot;&lt;&amp;\"><C>&lt;/C&gt;&amp;&#13;</C><D/><E xsi:nil=\"true\"/><G>Y</G></A>";
        assert_eq!(printer.finish(), expected);
    }
}
