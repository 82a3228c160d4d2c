//! The authorization server's own pages: what is wrong with a request that can be answered nowhere else, and where a
//! person types a device's code. No script and nothing from elsewhere; what comes from a request is escaped.

use super::refusal::Refusal;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem;\
color:#1c2024;background:#fff}h1{font-size:1.4rem}label{display:block;margin:1rem 0 .3rem}\
input{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;border:1px solid #60646c;border-radius:4px}\
button{font:inherit;margin-top:1rem;padding:.5rem 1.2rem;border:0;border-radius:4px;background:#0b5cad;color:#fff}\
code{background:#f0f0f3;padding:.1rem .3rem}";

/// Text that is safe between tags and in quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1>\
         {body}</main></body></html>"
    );
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    for (name, value) in [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A request that cannot be answered at the app that made it.
pub fn refused(refusal: &Refusal) -> Response {
    let body = format!(
        "<p>The app that sent you here asked for something in a way that cannot be answered. Nothing was granted.</p>\
         <p>For its makers: <code>{}</code>, {}.</p>",
        refusal.error,
        escaped(&refusal.description)
    );
    let status = if refusal.status().is_server_error() { refusal.status() } else { StatusCode::BAD_REQUEST };
    page(status, "This request cannot be answered", &body)
}

/// Where a device's code is typed.
pub fn device(status: StatusCode, code: &str, wrong: Option<&str>) -> Response {
    let wrong = wrong.map(|wrong| format!("<p role=\"alert\">{wrong}</p>")).unwrap_or_default();
    let body = format!(
        "{wrong}<p>Type the code that your device shows. Go on only if you began this on a device of your own.</p>\
         <form method=\"post\" action=\"/oauth/device\"><label for=\"code\">Code</label><input id=\"code\" \
         name=\"user_code\" value=\"{}\" autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\" required \
         maxlength=\"20\"><button>Go on</button></form>",
        escaped(code)
    );
    page(status, "Connect a device", &body)
}

/// What became of a device.
pub fn device_done(approved: bool) -> Response {
    let (title, body) = if approved {
        ("Your device is connected", "<p>You can go back to it now.</p>")
    } else {
        ("Your device is not connected", "<p>Nothing was granted.</p>")
    };
    page(StatusCode::OK, title, body)
}
