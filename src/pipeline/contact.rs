//! `/.well-known/security.txt` (RFC 9116): whom to tell of a weakness. It is not shown past its day.

use super::Body;
use crate::{plan::Plan, value::time::Moment};
use bytes::Bytes;
use http::{HeaderValue, Method, Response, header, request::Parts};

pub const PATH: &str = "/.well-known/security.txt";

/// The file; nothing where this asks for something else, or there is none that is true.
pub fn answer(plan: &Plan, head: &Parts, now: Moment) -> Option<Response<Body>> {
    if head.uri.path() != PATH || !matches!(head.method, Method::GET | Method::HEAD) {
        return None;
    }
    let file = plan.settings.security_txt.as_ref().filter(|file| now < file.expires)?;
    let mut response = Response::new(Body::new(Bytes::from(file.text.clone())));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    // Whoever looks for it from a page may read it: it is for all.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Some(response)
}
