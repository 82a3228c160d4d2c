//! The same stack as the façade's, hyper on a pingora listener, doing next to nothing. `pass` hands each request on and its
//! answer's bytes back untouched: the floor that a façade stands on. What is asked for with commas in between is asked for
//! at once, and comes one behind the other. `constant` answers bytes from memory: its ceiling.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::try_join_all;
use http::{HeaderValue, Request, Response, Uri, header, uri::PathAndQuery};
use http_body_util::{BodyExt, Empty, Full, combinators::UnsyncBoxBody};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use pingora_core::{
    apps::ServerApp,
    protocols::Stream,
    server::ShutdownWatch,
    services::{Service as _, listening},
};
use std::{convert::Infallible, error::Error, sync::Arc};

/// The allocator that the façade has.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Body = UnsyncBoxBody<Bytes, hyper::Error>;
type Backend = Client<HttpConnector, Empty<Bytes>>;
type Failed = Box<dyn Error + Send + Sync>;

#[expect(clippy::large_enum_variant, reason = "there is one in the whole program")]
enum Job {
    Pass { client: Backend, backend: String },
    Constant(Bytes),
}

struct App(Arc<Job>);

fn main() {
    let mut words = std::env::args().skip(1);
    let mut word = || words.next().expect("listen, `pass` or `constant`, and a backend or a file");
    let (listen, job, with) = (word(), word(), word());
    let job = match job.as_str() {
        "pass" => {
            let mut connector = HttpConnector::new();
            connector.set_nodelay(true);
            let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(512).build(connector);
            Job::Pass { client, backend: with }
        }
        _ => Job::Constant(std::fs::read(with).expect("a file").into()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async move {
        let mut service = listening::Service::new("bare".to_owned(), App(Arc::new(job)));
        service.add_tcp(&listen);
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        service.start_service(None, stopped, 1).await;
    });
}

#[async_trait]
impl ServerApp for App {
    async fn process_new(self: &Arc<Self>, stream: Stream, _: &ShutdownWatch) -> Option<Stream> {
        let job = Arc::clone(&self.0);
        let answer = move |request| {
            let job = Arc::clone(&job);
            async move { Ok::<_, Infallible>(job.answer(request).await) }
        };
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
        None
    }
}

impl Job {
    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        match self {
            Self::Constant(bytes) => {
                let mut response = Response::new(whole(bytes.clone()));
                response
                    .headers_mut()
                    .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Self::Pass { client, backend } => {
                let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
                let passed = if path.contains(',') {
                    gathered(client, backend, path).await.map(whole).map(Response::new)
                } else {
                    asked(client, backend, path).await.map(|response| response.map(BodyExt::boxed_unsync))
                };
                passed.unwrap_or_else(|_| {
                    let mut response = Response::new(whole(Bytes::new()));
                    *response.status_mut() = http::StatusCode::BAD_GATEWAY;
                    response
                })
            }
        }
    }
}

async fn asked(client: &Backend, backend: &str, path: &str) -> Result<Response<Incoming>, Failed> {
    let mut onward = Request::new(Empty::new());
    *onward.uri_mut() = format!("{backend}{path}").parse::<Uri>()?;
    Ok(client.request(onward).await?)
}

async fn gathered(client: &Backend, backend: &str, paths: &str) -> Result<Bytes, Failed> {
    let bytes = paths.split(',').map(|path| async move {
        let response = asked(client, backend, path).await?;
        if !response.status().is_success() {
            return Err(Failed::from(response.status().as_str()));
        }
        Ok(response.into_body().collect().await?.to_bytes())
    });
    Ok(try_join_all(bytes).await?.concat().into())
}

fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}
