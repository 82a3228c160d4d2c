//! The edge over real sockets on 127.0.0.1, with a small service behind it.

#![allow(clippy::disallowed_methods, reason = "a test ends with the tasks that it began")]

mod certificates;
mod http1;
mod http2;
mod mutual;
mod slow;
mod standing;
mod stop;

use super::{
    BodyFault, Deadline, Edge, Fault, Incoming, Limits, Listen, Order, Peer, Proxies, Refuse, RefuseKind,
    Settings,
};
use bytes::Bytes;
use http::{Request, Response, StatusCode, request::Parts};
use http_body_util::{BodyExt, Full};
use std::{convert::Infallible, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    task::JoinHandle,
    time::{sleep, timeout},
};

/// Longer than anything here may take, shorter than anybody's patience.
const PATIENCE: Duration = Duration::from_secs(10);

struct Running {
    address: SocketAddr,
    orders: mpsc::Sender<Order>,
    ended: JoinHandle<Result<(), Fault>>,
}

struct Words;

impl Refuse<Full<Bytes>> for Words {
    fn refuse(&self, kind: RefuseKind, head: &Parts) -> Response<Full<Bytes>> {
        let text = format!("refused {kind:?} {} {}", head.method, head.uri);
        let mut response = Response::new(Full::from(text));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        response
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let peer = *request.extensions().get::<Peer>().unwrap();
    assert!(request.extensions().get::<Deadline>().is_some());
    let text = match request.uri().path() {
        "/peer" => format!("{} tls={}", peer.address.ip(), peer.tls),
        "/certificate" => peer.certificate.map(hex::encode).unwrap_or_default(),
        "/version" => format!("{:?}", request.version()),
        "/slow" => {
            sleep(Duration::from_millis(800)).await;
            "slow".to_owned()
        }
        "/stuck" => std::future::pending().await,
        "/panic" => panic!("as asked"),
        "/echo" => match request.into_body().collect().await {
            Ok(whole) => format!("got {}", whole.to_bytes().len()),
            Err(BodyFault::TooLarge { limit }) => format!("more than {limit}"),
            Err(fault) => format!("{fault:?}"),
        },
        "/large" => "x".repeat(16 * 1024 * 1024),
        "/ignore" => "ignored".to_owned(),
        _ => "hello".to_owned(),
    };
    Ok(Response::new(Full::from(text)))
}

fn limits() -> Limits {
    Limits {
        body_bytes: 1000,
        uri_bytes: 1024,
        header_bytes: 4096,
        header_count: 20,
        header_deadline: Duration::from_millis(300),
        request_deadline: Duration::from_secs(1),
        keep_alive: Duration::from_millis(600),
        ..Limits::default()
    }
}

fn settings(listen: Listen) -> Settings {
    Settings {
        listen: vec![listen],
        limits: limits(),
        grace: Duration::from_secs(5),
        upgrade_socket: None,
        upgrade: false,
    }
}

fn plain() -> Listen {
    Listen {
        address: ([127, 0, 0, 1], 0).into(),
        tls: None,
        behind_proxy: false,
        proxies: Proxies::default(),
    }
}

fn start(settings: Settings) -> Running {
    start_with(settings, tower::service_fn(answer))
}

fn start_with<S>(settings: Settings, service: S) -> Running
where
    S: tower::Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
{
    let edge = Edge::open(settings).unwrap();
    let address = edge.addresses()[0];
    let (orders, received) = mpsc::channel(1);
    let ended = tokio::spawn(edge.serve(service, Words, received));
    Running { address, orders, ended }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes on a new connection and reads until the edge closes it.
    async fn send(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes.as_ref()).await.unwrap();
        read_all(&mut stream).await
    }
}

async fn read_all(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut text)).await.expect("closed in time").unwrap();
    String::from_utf8(text).unwrap()
}

/// Reads until the text ends in `end`.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut piece = [0; 1024];
        let read = timeout(PATIENCE, stream.read(&mut piece)).await.expect("answered in time").unwrap();
        assert!(read > 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&piece[..read]).unwrap());
    }
    text
}
