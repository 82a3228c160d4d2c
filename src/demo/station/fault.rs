//! The ways to go wrong, and how each looks on the wire. Pages are those of a web server and of PHP behind it: they
//! come before any system has a say, so that every system has the same.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures_util::{StreamExt, stream};

/// A way to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The answer comes, but later.
    Latency(Duration),
    /// 429 from the web server in front, with `Retry-After` in seconds.
    TooMany { retry_after: u32 },
    /// 500 with PHP's fatal error as an HTML page.
    ServerError,
    /// The call is carried out; half of its answer arrives and the connection breaks.
    Truncated,
    /// 200 with an HTML page: the site is in maintenance.
    HtmlPage,
    /// Every session and token is gone before the call is looked at. Logins are let alone.
    Expired,
    /// The connection breaks before anything is answered; the call is not carried out. A `HEAD`, whose body nobody
    /// sends, is answered with 502 instead.
    Reset,
    /// The answer's body arrives slowly, at 200 bytes a second.
    Drip,
}

/// A fault with the calls that it strikes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultPlan {
    pub fault: Fault,
    /// Only calls whose `path?query` holds this text.
    pub only_path_containing: Option<String>,
    /// So many calls; all of them when `None`.
    pub times: Option<u32>,
}

impl From<Fault> for FaultPlan {
    /// Every call, until told otherwise.
    fn from(fault: Fault) -> Self {
        Self { fault, only_path_containing: None, times: None }
    }
}

/// What drips in one go, in bytes, and the pause before the next: 200 bytes a second.
const DROP: usize = 50;
const BETWEEN_DROPS: Duration = Duration::from_millis(250);

pub(super) fn too_many(retry_after: u32) -> Response<Body> {
    let page = "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n<center><h1>429 Too Many \
                Requests</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, page);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    response
}

pub(super) fn server_error() -> Response<Body> {
    html(
        StatusCode::INTERNAL_SERVER_ERROR,
        "<br />\n<b>Fatal error</b>:  Uncaught exception 'PDOException' with message 'SQLSTATE[HY000]: General error: \
         2006 MySQL server has gone away' in /var/www/html/includes/database.php:227\nStack trace:\n\
         #0 /var/www/html/includes/database.php(227): PDOStatement-&gt;execute(Array)\n\
         #1 /var/www/html/index.php(21): dispatch()\n\
         #2 {main}\n  thrown in <b>/var/www/html/includes/database.php</b> on line <b>227</b><br />\n",
    )
}

pub(super) fn maintenance() -> Response<Body> {
    html(
        StatusCode::OK,
        "<!DOCTYPE html>\n<html><head><title>Site under maintenance</title></head>\n<body \
         class=\"maintenance-page\"><h1>Site under maintenance</h1><p>This site is currently under maintenance. We \
         should be back shortly.</p></body></html>\n",
    )
}

pub(super) fn too_large() -> Response<Body> {
    html(
        StatusCode::PAYLOAD_TOO_LARGE,
        "<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center><h1>413 Request \
         Entity Too Large</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
    )
}

fn html(status: StatusCode, page: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// The first half of a body, and then a broken connection. The full length stays announced. An empty body has no half
/// to lose: the connection breaks before it.
pub(super) fn truncated(response: Response<Bytes>) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    if body.is_empty() {
        return reset();
    }
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    Response::from_parts(head, breaking(body.slice(..body.len() / 2)))
}

/// The whole body at [`DROP`] bytes a time. The length is announced.
pub(super) fn drip(response: Response<Bytes>) -> Response<Body> {
    let (mut head, body) = response.into_parts();
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let drops = stream::unfold((body, false), async |(mut rest, begun)| {
        if rest.is_empty() {
            return None;
        }
        if begun {
            tokio::time::sleep(BETWEEN_DROPS).await;
        }
        let drop = rest.split_to(rest.len().min(DROP));
        Some((Ok::<_, std::convert::Infallible>(drop), (rest, true)))
    });
    Response::from_parts(head, Body::from_stream(drops))
}

/// No answer at all: hyper closes the connection when a body breaks before the head was flushed.
pub(super) fn reset() -> Response<Body> {
    let mut response = Response::new(Body::from_stream(stream::iter([Err::<Bytes, _>(broken())])));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

fn breaking(half: Bytes) -> Body {
    let end = stream::once(async {
        // The pause lets the half leave the buffer; without it the connection would break with nothing sent.
        tokio::task::yield_now().await;
        Err(broken())
    });
    Body::from_stream(stream::iter([Ok(half)]).chain(end))
}

fn broken() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::ConnectionReset, "the fault switch broke the connection")
}
