//! The bytes of an envelope: tags, escaped texts, and prefixes that are declared once, at the root. It knows no
//! type and checks no structure: its caller closes what it opens.

use crate::{
    plan::soap::Version,
    translate::soap::security::{WSSE, WSU},
    value::xml::{
        INSTANCE,
        write::{self, Forbidden},
    },
};

pub(super) struct Writer {
    version: Version,
    /// What is in the header and the body; the root is written last, when its prefixes are known.
    header: Vec<u8>,
    out: Vec<u8>,
    namespaces: Vec<(String, String)>,
}

impl Writer {
    pub fn new(version: Version) -> Self {
        Self { version, header: Vec::new(), out: Vec::new(), namespaces: Vec::new() }
    }

    /// A name with the prefix of its namespace.
    pub fn name(&mut self, namespace: Option<&str>, local: &str) -> String {
        let Some(namespace) = namespace else { return local.to_owned() };
        let known =
            self.namespaces.iter().find(|(known, _)| known == namespace).map(|(_, prefix)| prefix.clone());
        let prefix = known.unwrap_or_else(|| {
            let prefix = match namespace {
                INSTANCE => "xsi".to_owned(),
                WSSE => "wsse".to_owned(),
                WSU => "wsu".to_owned(),
                _ => format!("n{}", self.namespaces.len() + 1),
            };
            self.namespaces.push((namespace.to_owned(), prefix.clone()));
            prefix
        });
        format!("{prefix}:{local}")
    }

    /// A name of the envelope's own namespace.
    #[expect(clippy::unused_self, reason = "a name is asked of the writer, whatever its prefix depends on")]
    pub fn envelope_name(&self, local: &str) -> String {
        format!("soap:{local}")
    }

    /// What has been written is the header; the body follows.
    pub fn begin_body(&mut self) {
        self.header = std::mem::take(&mut self.out);
    }

    /// A start tag without its end: attributes may follow, then [`more`](Self::more).
    pub fn open(&mut self, name: &str) {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
    }

    pub fn attribute(&mut self, name: &str, text: &str) -> Result<(), Forbidden> {
        self.out.push(b' ');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"=\"");
        write::attribute(&mut self.out, text)?;
        self.out.push(b'"');
        Ok(())
    }

    /// Ends the start tag.
    pub fn more(&mut self) {
        self.out.push(b'>');
    }

    pub fn text(&mut self, text: &str) -> Result<(), Forbidden> {
        write::text(&mut self.out, text)
    }

    pub fn close(&mut self, name: &str) {
        self.out.extend_from_slice(b"</");
        self.out.extend_from_slice(name.as_bytes());
        self.out.push(b'>');
    }

    pub fn finish(self) -> Vec<u8> {
        let mut all = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><soap:Envelope xmlns:soap=\"".to_vec();
        all.extend_from_slice(self.version.namespace().as_bytes());
        all.push(b'"');
        for (namespace, prefix) in &self.namespaces {
            all.extend_from_slice(b" xmlns:");
            all.extend_from_slice(prefix.as_bytes());
            all.extend_from_slice(b"=\"");
            // A namespace comes from an XML file, so that it holds nothing that XML forbids.
            let _ = write::attribute(&mut all, namespace);
            all.push(b'"');
        }
        all.push(b'>');
        if !self.header.is_empty() {
            all.extend_from_slice(b"<soap:Header>");
            all.extend_from_slice(&self.header);
            all.extend_from_slice(b"</soap:Header>");
        }
        all.extend_from_slice(b"<soap:Body>");
        all.extend_from_slice(&self.out);
        all.extend_from_slice(b"</soap:Body></soap:Envelope>");
        all
    }
}
