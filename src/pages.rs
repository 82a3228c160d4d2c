//! What people look at: the page of each error code, and a first page that says where to go. They are made from
//! the same Markdown that stands in `docs/`. Pages have standards of their own: no API rule holds here.

pub mod people;
mod render;

use crate::fault::code;
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header, request::Parts};
use http_body_util::Full;
use rust_embed::RustEmbed;
use std::{fmt::Write, sync::LazyLock};

#[derive(RustEmbed)]
#[folder = "docs/errors"]
struct Errors;

/// The page at a path; `None` where there is none, and the path may be an API's.
pub fn answer(head: &Parts) -> Option<Response<Full<Bytes>>> {
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return None;
    }
    let path = head.uri.path();
    if path == "/healthz" {
        return Some(page(StatusCode::OK, "text/plain; charset=utf-8", Bytes::from_static(b"ok\n")));
    }
    if path == "/errors" || path == "/errors/" {
        return Some(page(StatusCode::OK, "text/html; charset=utf-8", INDEX.clone()));
    }
    let name = path.strip_prefix("/errors/")?;
    if let Some(file) = Errors::get(&format!("{name}.md")) {
        let text = String::from_utf8_lossy(&file.data).into_owned();
        Some(html(StatusCode::OK, name, &text))
    } else {
        let text = "# No such code\n\nThere is no error with this code. All codes are listed on [their page](/errors).\n";
        Some(html(StatusCode::NOT_FOUND, "No such code", text))
    }
}

/// The list of all codes, made once: anybody may ask for it, as often as they like.
static INDEX: LazyLock<Bytes> = LazyLock::new(|| render::document("Error codes", &index()).into());

/// All public codes, as Markdown.
fn index() -> String {
    let mut text = String::from(
        "# Error codes\n\nEvery refusal carries one of these codes. A code never changes its meaning.\n\n| code | status | meaning |\n|---|---|---|\n",
    );
    for code in code::ALL {
        let _ = writeln!(text, "| [{0}](/errors/{0}) | {1} | {2} |", code.id, code.status, code.title);
    }
    text
}

fn html(status: StatusCode, title: &str, markdown: &str) -> Response<Full<Bytes>> {
    page(status, "text/html; charset=utf-8", render::document(title, markdown).into())
}

fn page(status: StatusCode, media: &'static str, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    response
}
