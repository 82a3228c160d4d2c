//! Headers that make an answer harmless in a browser, on every answer that leaves the edge, refusals included. What an
//! answer says of itself stays: pages have policies of their own.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, Entry, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
        X_FRAME_OPTIONS,
    },
};

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Says of an answer what it does not say itself.
pub(super) fn secure(headers: &mut HeaderMap) {
    // A browser takes it for what it is called (Fetch standard, "nosniff").
    unless(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Addresses here hold ids of records.
    unless(headers, REFERRER_POLICY, "no-referrer");
    // Should a browser ever show it: it runs nothing, loads nothing, and stands in no frame.
    unless(headers, CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    unless(headers, X_FRAME_OPTIONS, "DENY");
    // No page of another site can take it in as an image or a script; what `cors` allows does not depend on it.
    unless(headers, RESOURCE_POLICY, "same-origin");
    // What says nothing of being kept may be somebody's own (RFC 9111 section 4.2.2 lets caches guess).
    let kept = if headers.contains_key(ETAG) { "private, no-cache" } else { "no-store" };
    unless(headers, CACHE_CONTROL, kept);
}

fn unless(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    if let Entry::Vacant(place) = headers.entry(name) {
        place.insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says_itself_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'self'"));
        headers.insert(ETAG, HeaderValue::from_static("\"a\""));
        secure(&mut headers);
        assert_eq!(headers.get(CONTENT_SECURITY_POLICY).unwrap(), "default-src 'self'");
        assert_eq!(headers.get(CACHE_CONTROL).unwrap(), "private, no-cache");
        assert_eq!(headers.len(), 7);
        let mut bare = HeaderMap::new();
        secure(&mut bare);
        assert_eq!(bare.get(CACHE_CONTROL).unwrap(), "no-store");
    }
}
