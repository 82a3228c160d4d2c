//! Whether the program lives, and whether it takes requests: `/healthz` and `/readyz`, for whoever starts, stops and balances.
//! Neither asks a source: one that is away is no reason to take a replica away that answers from what it keeps.

use super::text;
use crate::{edge::Counts, pipeline::Body};
use http::{Response, StatusCode};

const PLAIN: &str = "text/plain; charset=utf-8";

/// The answer to one of both paths; `None` for another one.
pub(in crate::control) fn answer(path: &str, counts: &Counts) -> Option<Response<Body>> {
    match path {
        "/healthz" => Some(text(StatusCode::OK, PLAIN, "ok\n".into())),
        "/readyz" if counts.is_draining() => {
            Some(text(StatusCode::SERVICE_UNAVAILABLE, PLAIN, "draining\n".into()))
        }
        "/readyz" => Some(text(StatusCode::OK, PLAIN, "ready\n".into())),
        _ => None,
    }
}
