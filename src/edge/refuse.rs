//! What the edge refuses by itself, and the seam through which the façade words the refusal.
//! No status numbers and no bodies here.

use http::{
    HeaderMap, HeaderValue, Method, Request, Response, Uri, Version,
    header::{ACCEPT, ACCEPT_LANGUAGE, ORIGIN},
    request::Parts,
};

/// Why the edge refused a request that the service never saw, or never answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefuseKind {
    /// The service had not answered when the request's deadline was over.
    Timeout,
    /// The service panicked.
    Panic,
    /// The request target is longer than [`Limits::uri_bytes`](super::Limits::uri_bytes).
    UriTooLong,
    /// The head is larger than [`Limits::header_bytes`](super::Limits::header_bytes).
    HeaderTooLarge,
    TooManyHeaders,
    /// The body's length can be read in two ways (RFC 9112 section 6.3), which is how requests are smuggled.
    AmbiguousFraming,
    /// The head breaks RFC 9112: a bare line feed, a folded line, a space before a colon, a control character.
    Malformed,
    /// `Host` is missing, repeated, no host, or not the one of the target (RFC 9112 section 3.2).
    BadHost,
    /// `CONNECT`: this is no tunnel.
    UnsupportedMethod,
    /// A body with a `Content-Encoding`: none is taken (RFC 9110 section 15.5.16).
    CodedBody,
    /// A body came more slowly than [`Limits::body_rate`](super::Limits::body_rate) from its first byte on.
    BodyTooSlow,
}

/// Words the edge's refusals in the façade's form.
pub trait Refuse<B>: Send + Sync + 'static {
    /// `head` is what is known of the request: method, target and version, and of its headers only
    /// `Accept`, `Accept-Language` and `Origin`. What could not be read is `GET` and `/`.
    fn refuse(&self, kind: RefuseKind, head: &Parts) -> Response<B>;
}

/// As much of a request's head as wording a refusal takes; cheap to keep for every request.
#[derive(Clone, Debug)]
pub(super) struct Outline {
    pub method: Method,
    pub uri: Uri,
    pub version: Version,
    pub accept: Option<HeaderValue>,
    pub language: Option<HeaderValue>,
    pub origin: Option<HeaderValue>,
}

// === impl Outline ===

impl Outline {
    pub(super) fn of(parts: &Parts) -> Self {
        Self {
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            version: parts.version,
            accept: parts.headers.get(ACCEPT).cloned(),
            language: parts.headers.get(ACCEPT_LANGUAGE).cloned(),
            origin: parts.headers.get(ORIGIN).cloned(),
        }
    }

    pub(super) fn into_parts(self) -> Parts {
        let (mut parts, ()) = Request::new(()).into_parts();
        parts.method = self.method;
        parts.uri = self.uri;
        parts.version = self.version;
        let mut headers = HeaderMap::new();
        for (name, value) in [(ACCEPT, self.accept), (ACCEPT_LANGUAGE, self.language), (ORIGIN, self.origin)]
        {
            if let Some(value) = value {
                headers.insert(name, value);
            }
        }
        parts.headers = headers;
        parts
    }

    /// Reads what can be read of a head that is not sound, line by line.
    pub(super) fn salvage(head: &[u8]) -> Self {
        let mut outline = Self {
            method: Method::GET,
            uri: Uri::from_static("/"),
            version: Version::HTTP_11,
            accept: None,
            language: None,
            origin: None,
        };
        let mut lines =
            head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).skip_while(|line| line.is_empty());
        let mut words = lines.next().unwrap_or_default().split(|byte| *byte == b' ');
        if let Some(method) = words.next().and_then(|word| Method::from_bytes(word).ok()) {
            outline.method = method;
        }
        if let Some(uri) = words.next().and_then(|word| Uri::try_from(word).ok()) {
            outline.uri = uri;
        }
        if words.next() == Some(b"HTTP/1.0") {
            outline.version = Version::HTTP_10;
        }
        for line in lines.take_while(|line| !line.is_empty()) {
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (name, value) = line.split_at(colon);
            let value = || HeaderValue::from_bytes(value.get(1..).unwrap_or_default().trim_ascii()).ok();
            if name.eq_ignore_ascii_case(b"accept") {
                outline.accept = value();
            } else if name.eq_ignore_ascii_case(b"accept-language") {
                outline.language = value();
            } else if name.eq_ignore_ascii_case(b"origin") {
                outline.origin = value();
            }
        }
        outline
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_head_still_tells_how_to_word_the_refusal() {
        let parts = Outline::salvage(
            b"POST /pets.xml?x=1 HTTP/1.0\r\nbroken\r\nACCEPT:  application/xml \r\n\r\nAccept: no",
        )
        .into_parts();
        assert_eq!(parts.method, Method::POST);
        assert_eq!(parts.uri, "/pets.xml?x=1");
        assert_eq!(parts.version, Version::HTTP_10);
        assert_eq!(parts.headers.get(ACCEPT).unwrap(), "application/xml");
        assert_eq!(parts.headers.len(), 1);
    }

    #[test]
    fn rubbish_is_a_get_of_the_root() {
        let parts = Outline::salvage(b"\x16\x03\x01\x00").into_parts();
        assert_eq!((parts.method, parts.uri), (Method::GET, Uri::from_static("/")));
    }
}
