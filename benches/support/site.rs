//! The embedded `drupal7` without a socket: asks for documents as they would come over the wire.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use portico::demo::{
    drupal7::{Settings, Site},
    seed::seed,
    station::{self, Station},
};
use tower::ServiceExt as _;

/// The site's service.
pub fn router() -> Router {
    let site = Site::new(&seed(), Settings::default());
    Station::new("drupal7", site, station::Settings::default()).router()
}

/// One exchange: status and body.
pub async fn ask(router: &Router, request: Request<Body>) -> (u16, String) {
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap();
    (head.status.as_u16(), String::from_utf8(bytes.to_vec()).unwrap())
}
