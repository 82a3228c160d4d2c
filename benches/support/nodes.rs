//! The pets of the embedded `drupal7` as its own documents, each as a read of it would come over the wire.

use super::site;
use axum::{
    body::Body,
    http::{Request, header},
};

/// The first nodes in the order of their ids.
pub async fn nodes(count: usize) -> Vec<String> {
    let router = site::router();
    let form = r#"{"username":"portico","password":"portico"}"#;
    let login = Request::post("/rest/user/login.json").header(header::CONTENT_TYPE, "application/json");
    let (status, text) = site::ask(&router, login.body(Body::from(form)).unwrap()).await;
    assert_eq!(status, 200, "{text}");
    let opened: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cookie =
        format!("{}={}", opened["session_name"].as_str().unwrap(), opened["sessid"].as_str().unwrap());
    let mut nodes = Vec::with_capacity(count);
    for nid in 101..101 + count {
        let read = Request::get(format!("/rest/node/{nid}.json")).header(header::COOKIE, &cookie);
        let (status, text) = site::ask(&router, read.body(Body::empty()).unwrap()).await;
        assert_eq!(status, 200, "{text}");
        nodes.push(text);
    }
    nodes
}
