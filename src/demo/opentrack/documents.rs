//! What a GET answers: the WSDL, its two schemas, and a page with the names of the operations. The texts stand as files
//! beside this one; only the service's address is put in.

use std::fmt::Write;

use axum::body::Bytes;
use axum::http::{HeaderValue, Response, StatusCode, header};

use super::service::OPERATIONS;
use super::{PATH, page};

const WSDL: &str = include_str!("parts.wsdl");
const MESSAGES_XSD: &str = include_str!("messages.xsd");
const TYPES_XSD: &str = include_str!("types.xsd");
/// The address in the file, which a request's own stands in for.
const ADDRESS: &str = "http://localhost/Parts.asmx";

pub(super) const NOT_FOUND: &str = "<html><head><title>404 - File or directory not found.</title></head>\
    <body><h1>404 - File or directory not found.</h1></body></html>";

/// `?wsdl`, `?xsd=1`, `?xsd=2`, in any case; without a query the page for people.
pub(super) fn answer(query: &str, host: &str) -> Response<Bytes> {
    match query.to_ascii_lowercase().as_str() {
        "wsdl" => xml(WSDL.replace(ADDRESS, &format!("http://{}{PATH}", safe(host)))),
        "xsd=1" => xml(MESSAGES_XSD.to_owned()),
        "xsd=2" => xml(TYPES_XSD.to_owned()),
        "" => page(StatusCode::OK, operations()),
        _ => page(StatusCode::NOT_FOUND, NOT_FOUND.to_owned()),
    }
}

/// A host that is no name and no address, perhaps with a port, is not repeated.
fn safe(host: &str) -> &str {
    let right = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    if host.is_empty() || !host.bytes().all(right) { "localhost" } else { host }
}

fn xml(text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
    response
}

fn operations() -> String {
    let mut html = "<html><head><title>PartsApi</title></head><body><h1>PartsApi</h1><ul>".to_owned();
    for operation in &OPERATIONS {
        // Writing to a string cannot fail.
        let _ = write!(html, "<li>{}</li>", operation.name);
    }
    html.push_str("</ul><p><a href=\"Parts.asmx?wsdl\">Service description</a></p></body></html>");
    html
}
