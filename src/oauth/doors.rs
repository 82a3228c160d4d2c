//! The way in: which paths are the authorization server's, and its answers in the façade's form.

use super::{Server, accounts::Desk, page::Reader, seams::Current};
use axum::{Router, body::Body as AxumBody, response::IntoResponse};
use bytes::Bytes;
use http::{Request, Response, StatusCode, request::Parts};
use http_body_util::{BodyExt, Full};
use std::{sync::Arc, time::Duration};
use tower::ServiceExt;

/// The authorization server and the accounts, as one service.
#[derive(Debug, Clone)]
pub struct Doors {
    router: Router,
    server: Arc<Server>,
    current: Arc<dyn Current>,
    desk: Option<Arc<Desk>>,
}

impl Doors {
    pub(super) fn new(router: Router, server: Arc<Server>, current: Arc<dyn Current>) -> Self {
        Self { router, server, current, desk: None }
    }

    pub(super) fn with_desk(self, desk: Option<Arc<Desk>>) -> Self {
        Self { desk, ..self }
    }

    /// Where people are let in, where they are.
    pub fn desk(&self) -> Option<&Arc<Desk>> {
        self.desk.as_ref()
    }

    /// The server behind, for those who sign people in and revoke.
    pub fn server(&self) -> &Arc<Server> {
        &self.server
    }

    /// Whether a path is for this service: `/oauth`, `/.well-known`, `/account`, and `/auth` below an API's base.
    pub fn takes(&self, path: &str) -> bool {
        let under =
            |base: &str| path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if under("/oauth") || under("/.well-known") || under("/account") {
            return true;
        }
        path.contains("/auth") && self.current.rules().bases.iter().any(|base| under(&format!("{base}/auth")))
    }

    /// Answers one request; whatever happens, there is an answer. The request carries an
    /// [`identity::Peer`](crate::identity::Peer) as an extension.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let request = request.map(AxumBody::new);
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        whole(response).await
    }

    /// The refusal of what came too soon after others, as a page; `None` where the path is not one of people's forms.
    pub async fn wait(&self, head: &Parts, pause: Option<Duration>) -> Option<Response<Full<Bytes>>> {
        let path = head.uri.path();
        if path != "/oauth/device" && !path.starts_with("/account/") {
            return None;
        }
        Some(whole(Reader::at_the_door(&self.server, head).wait(pause)).await)
    }
}

/// Bodies are made here, whole.
async fn whole(response: Response<AxumBody>) -> Response<Full<Bytes>> {
    let (head, body) = response.into_parts();
    match body.collect().await {
        Ok(body) => Response::from_parts(head, Full::new(body.to_bytes())),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response().map(|_| Full::default()),
    }
}
