//! One accepted connection, from pingora's stream to its last answer: which protocol it speaks, hyper over
//! the [`screen`](super::screen), and how it ends when the edge drains.

use super::{
    body::Incoming,
    count::Counts,
    guard::{Guard, Peer},
    refuse::Refuse,
    screen::{Protocol, Screen},
    settings::Limits,
    stop::Phase,
    talk::Talk,
};
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::{
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use pingora_core::{
    apps::ServerApp,
    protocols::{ALPN, Stream},
    server::ShutdownWatch,
};
use std::{convert::Infallible, marker::PhantomData, pin::pin, sync::Arc};
use tokio::{
    sync::{Semaphore, watch},
    time::{Duration, sleep, timeout},
};

/// When the edge drains, an HTTP/1 connection stays open for so long: a request that is on its way is
/// answered with `Connection: close` and not lost.
const LAST_REQUEST: Duration = Duration::from_millis(500);
/// hyper's smallest buffer.
const SMALLEST_BUFFER: usize = 8 * 1024;
/// A stream's window. With as many streams as are allowed, this bounds what a connection buffers.
const H2_STREAM_WINDOW: u32 = 64 * 1024;
const H2_CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Streams that the library itself resets before it closes the connection (its own default is 1024).
const H2_ERROR_RESETS: usize = 100;

/// What every connection of one listening address shares.
pub(super) struct Front<S, R, B> {
    pub service: S,
    pub refuse: Arc<R>,
    pub limits: Limits,
    pub behind_proxy: bool,
    /// One for each connection that may be open, over all addresses.
    pub seats: Arc<Semaphore>,
    pub phase: watch::Receiver<Phase>,
    pub counts: Arc<Counts>,
    pub body: PhantomData<fn() -> B>,
}

#[async_trait]
impl<S, R, B> ServerApp for Front<S, R, B>
where
    S: tower::Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    R: Refuse<B>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    async fn process_new(self: &Arc<Self>, stream: Stream, _: &ShutdownWatch) -> Option<Stream> {
        let _open = self.counts.begin();
        let Ok(_seat) = self.seats.try_acquire() else {
            tracing::debug!("closed a connection above the limit");
            return None;
        };
        let mut ended = self.phase.clone();
        tokio::select! {
            () = self.converse(stream) => {}
            _ = ended.wait_for(|phase| *phase == Phase::Ended) => {}
        }
        None
    }
}

// === impl Front ===

impl<S, R, B> Front<S, R, B>
where
    S: tower::Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    R: Refuse<B>,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + Send + Sync + 'static,
{
    async fn converse(&self, stream: Stream) {
        let digest = stream.get_socket_digest();
        let address = digest.as_ref().and_then(|digest| digest.peer_addr()?.as_inet().copied());
        let Some(address) = address else { return };
        let digest = stream.get_ssl_digest();
        let tls = digest.is_some();
        let certificate = digest.and_then(|digest| <[u8; 32]>::try_from(digest.cert_digest.as_slice()).ok());
        let negotiated = match stream.selected_alpn_proto() {
            Some(ALPN::H2) => Some(Protocol::Http2),
            // HTTP/2 over TLS is for those who asked for it (RFC 9113 section 3.2).
            _ if tls => Some(Protocol::Http1),
            _ => None,
        };
        let talk = Talk::new();
        let mut screen = Screen::new(stream, self.limits, Arc::clone(&talk));
        let Some(protocol) = self.protocol(negotiated, &mut screen).await else { return };
        screen.speak(protocol);
        let guard = Arc::new(Guard {
            service: self.service.clone(),
            refuse: Arc::clone(&self.refuse),
            limits: self.limits,
            peer: Peer { address, tls, behind_proxy: self.behind_proxy, certificate },
            talk: Arc::clone(&talk),
            phase: self.phase.clone(),
        });
        let ended = match protocol {
            Protocol::Http1 => self.http1(screen, guard).await,
            Protocol::Http2 => self.http2(screen, guard, &talk).await,
        };
        if let Err(error) = ended {
            tracing::debug!(%error, peer = %address, "a connection ended early");
        }
    }

    async fn protocol(&self, negotiated: Option<Protocol>, screen: &mut Screen<Stream>) -> Option<Protocol> {
        if negotiated.is_some() {
            return negotiated;
        }
        tokio::select! {
            biased;
            sniffed = timeout(self.limits.header_deadline, screen.sniff()) => sniffed.ok()?.ok()?,
            () = self.last_request() => None,
        }
    }

    async fn http1(&self, screen: Screen<Stream>, guard: Arc<Guard<S, R>>) -> hyper::Result<()> {
        // The deadlines of heads are the screen's: hyper's timer would also close connections that idle.
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_headers(self.limits.header_count)
            .max_buf_size(SMALLEST_BUFFER.max(self.limits.header_bytes as usize) + SMALLEST_BUFFER)
            .serve_connection(
                TokioIo::new(screen),
                service_fn(move |request| Arc::clone(&guard).answer(request)),
            );
        let mut connection = pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = self.last_request() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    }

    async fn http2(&self, screen: Screen<Stream>, guard: Arc<Guard<S, R>>, talk: &Talk) -> hyper::Result<()> {
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.limits.h2_streams)
            .max_header_list_size(self.limits.header_bytes)
            .max_pending_accept_reset_streams(self.limits.h2_resets)
            .max_local_error_reset_streams(H2_ERROR_RESETS)
            .initial_stream_window_size(H2_STREAM_WINDOW)
            .initial_connection_window_size(H2_CONNECTION_WINDOW)
            .adaptive_window(false)
            .keep_alive_interval(self.limits.h2_ping)
            .keep_alive_timeout(self.limits.h2_ping)
            .serve_connection(
                TokioIo::new(screen),
                service_fn(move |request| Arc::clone(&guard).answer(request)),
            );
        let mut connection = pin!(connection);
        let mut phase = self.phase.clone();
        loop {
            let calls = talk.calls();
            tokio::select! {
                ended = connection.as_mut() => return ended,
                _ = phase.wait_for(|phase| *phase != Phase::Serving) => break,
                () = sleep(self.limits.keep_alive) => {
                    if calls == 0 && talk.calls() == 0 {
                        return Ok(());
                    }
                    if talk.calls() == calls && !talk.is_busy() {
                        break;
                    }
                }
            }
        }
        connection.as_mut().graceful_shutdown();
        connection.await
    }

    /// Ends when the edge drains and a client that had begun to send has had the time for it.
    async fn last_request(&self) {
        let mut phase = self.phase.clone();
        // An error says that the edge itself is gone, which is an end as well.
        let _ = phase.wait_for(|phase| *phase != Phase::Serving).await;
        sleep(LAST_REQUEST).await;
    }
}
