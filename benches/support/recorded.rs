//! A transport that asks the embedded site once for each call and gives the same answer ever after. It copies the
//! bytes of an answer, as reading them from a socket does, and does nothing else.

use super::site;
use axum::{Router, body::Body, http::Request};
use portico::{
    backend::http::{Lost, Outgoing, Received, Transport},
    fault::Fault,
    plan::HttpSource,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

type Kept = Arc<Mutex<HashMap<String, Received>>>;

/// How calls leave: to the record, and to the site where the record has nothing.
pub fn connect(router: Router) -> impl Fn(&HttpSource) -> Result<Transport, Fault> + Send + Sync {
    let kept = Kept::default();
    move |_| {
        let (router, kept) = (router.clone(), Arc::clone(&kept));
        Ok(Transport::new(tower::service_fn(move |outgoing| {
            answer(router.clone(), Arc::clone(&kept), outgoing)
        })))
    }
}

async fn answer(router: Router, kept: Kept, outgoing: Outgoing) -> Result<Received, Lost> {
    let known = kept.lock().unwrap_or_else(PoisonError::into_inner).get(&outgoing.url).cloned();
    if let Some(received) = known {
        return Ok(received);
    }
    let mut request = Request::builder().method(outgoing.method).uri(&outgoing.url);
    for (name, value) in &outgoing.headers {
        request = request.header(name.as_str(), value.as_str());
    }
    let request = request.body(Body::from(outgoing.body.unwrap_or_default())).unwrap();
    let (status, text) = site::ask(&router, request).await;
    let received =
        Received { status, headers: http::HeaderMap::new(), retry_after: None, body: text.into_bytes() };
    kept.lock().unwrap_or_else(PoisonError::into_inner).insert(outgoing.url, received.clone());
    Ok(received)
}
