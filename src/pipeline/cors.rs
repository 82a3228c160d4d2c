//! What pages of other origins may do in a browser (Fetch standard, "CORS protocol"), by API. A browser's question in
//! front of a request is answered here, without a credential and without a backend; every other answer says who may
//! read it. It refuses nothing: a browser does, and whoever is none is judged by credentials alone.

use super::{Body, arrive};
use crate::plan::{Plan, edge::Cors};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header, request::Parts};

const ASKED: &str = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";

/// The answer to a browser that asks in front of a request; nothing where it is no such question, or the origin may not.
pub fn preflight(plan: &Plan, head: &Parts) -> Option<Response<Body>> {
    if head.method != Method::OPTIONS || !head.headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
        return None;
    }
    let cors = of(plan, head)?;
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    if !allow(cors, head, headers) {
        return None;
    }
    put(headers, header::VARY, ASKED);
    put(headers, header::ACCESS_CONTROL_ALLOW_METHODS, &cors.methods);
    put(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, &cors.headers);
    put(headers, header::ACCESS_CONTROL_MAX_AGE, &cors.max_age.to_string());
    Some(response)
}

/// Says on an answer whether the page that asked may read it.
pub fn mark(plan: &Plan, head: &Parts, headers: &mut HeaderMap) {
    let Some(cors) = of(plan, head) else { return };
    if allow(cors, head, headers) && !cors.expose.is_empty() {
        put(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, &cors.expose);
    }
    if !cors.any {
        // The same address has another answer for another origin, also where this one has none.
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
    }
}

/// Whether the origin that is named may, which is said then.
fn allow(cors: &Cors, head: &Parts, headers: &mut HeaderMap) -> bool {
    let mut named = head.headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (named.next(), named.next()) else { return false };
    let Some(allowed) = origin.to_str().ok().and_then(|origin| cors.allowed(origin)) else { return false };
    put(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    if cors.credentials {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    true
}

/// The rule of the API that a path stands below.
fn of<'a>(plan: &'a Plan, head: &Parts) -> Option<&'a Cors> {
    // Most plans have none.
    if plan.apis.iter().all(|api| api.cors.is_none()) {
        return None;
    }
    let (segments, _) = arrive::segments(head.uri.path())?;
    let below = |base: &str| {
        let base = base.trim_matches('/');
        base.is_empty()
            || base.split('/').enumerate().all(|(at, part)| segments.get(at).is_some_and(|s| s == part))
    };
    plan.apis.iter().filter(|api| below(&api.base)).max_by_key(|api| api.base.len())?.cors.as_ref()
}

fn put(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}
