//! The fault switch: which calls go wrong and how. It only decides; `Site::answer` carries it out. Nothing here is
//! random: a test says which calls and how many.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
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
    /// The caller's session is gone before the call is looked at. Logins are let alone.
    ExpiredSession,
    /// The connection breaks before anything is answered; the call is not carried out.
    Reset,
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

/// The switch itself.
#[derive(Debug, Default)]
pub(super) struct Switch {
    plan: Option<FaultPlan>,
}

impl Switch {
    pub(super) fn set(&mut self, plan: Option<FaultPlan>) {
        self.plan = plan;
    }

    /// The fault for a call; counts it.
    pub(super) fn strike(&mut self, path_and_query: &str) -> Option<Fault> {
        let plan = self.plan.as_mut()?;
        let login = path_and_query.starts_with("/rest/user/login");
        let meant = plan.only_path_containing.as_ref().is_none_or(|part| path_and_query.contains(part));
        if !meant || (login && plan.fault == Fault::ExpiredSession) {
            return None;
        }
        if let Some(times) = &mut plan.times {
            *times = times.checked_sub(1)?;
        }
        Some(plan.fault)
    }
}

pub(super) fn too_many(retry_after: u32) -> Response {
    let page = "<html>\r\n<head><title>429 Too Many Requests</title></head>\r\n<body>\r\n<center><h1>429 Too Many \
                Requests</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
    let mut response = html(StatusCode::TOO_MANY_REQUESTS, page);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
    response
}

pub(super) fn server_error() -> Response {
    html(
        StatusCode::INTERNAL_SERVER_ERROR,
        "<br />\n<b>Fatal error</b>:  Uncaught exception 'PDOException' with message 'SQLSTATE[HY000]: General error: \
         2006 MySQL server has gone away' in /var/www/pethub/includes/database/database.inc:2227\nStack trace:\n\
         #0 /var/www/pethub/includes/database/database.inc(2227): PDOStatement-&gt;execute(Array)\n\
         #1 /var/www/pethub/sites/all/modules/services/services.runtime.inc(178): services_controller_execute()\n\
         #2 {main}\n  thrown in <b>/var/www/pethub/includes/database/database.inc</b> on line <b>2227</b><br />\n",
    )
}

pub(super) fn maintenance() -> Response {
    html(
        StatusCode::OK,
        "<!DOCTYPE html>\n<html><head><title>Site under maintenance | PetHub</title></head>\n<body \
         class=\"maintenance-page\"><h1>Site under maintenance</h1><p>PetHub is currently under maintenance. We \
         should be back shortly.</p></body></html>\n",
    )
}

pub(super) fn too_large() -> Response {
    html(
        StatusCode::PAYLOAD_TOO_LARGE,
        "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>413 Request Entity Too \
         Large</title>\n</head><body>\n<h1>Request Entity Too Large</h1>\n</body></html>\n",
    )
}

fn html(status: StatusCode, page: &'static str) -> Response {
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// The first half of a body, and then a broken connection. The full length stays announced.
pub(super) fn truncated(mut response: Response, body: &Bytes) -> Response {
    let half = body.slice(..body.len() / 2);
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = breaking(half);
    response
}

/// No answer at all: hyper closes the connection when a body breaks before the head was flushed.
pub(super) fn reset() -> Response {
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

#[cfg(test)]
mod tests {
    use super::{Fault, FaultPlan, Switch};

    #[test]
    fn a_plan_strikes_what_it_names_and_as_often() {
        let mut switch = Switch::default();
        assert_eq!(switch.strike("/rest/node.json"), None);
        switch.set(Some(FaultPlan {
            fault: Fault::ServerError,
            only_path_containing: Some("node".to_owned()),
            times: Some(2),
        }));
        assert_eq!(switch.strike("/rest/user.json"), None);
        assert_eq!(switch.strike("/rest/node.json"), Some(Fault::ServerError));
        assert_eq!(switch.strike("/rest/node/109.json"), Some(Fault::ServerError));
        assert_eq!(switch.strike("/rest/node/109.json"), None);
    }

    #[test]
    fn a_login_is_not_struck_by_an_expired_session() {
        let mut switch = Switch::default();
        switch.set(Some(Fault::ExpiredSession.into()));
        assert_eq!(switch.strike("/rest/user/login"), None);
        assert_eq!(switch.strike("/rest/node.json"), Some(Fault::ExpiredSession));
    }
}
