//! One accepted connection, from pingora's stream to its last answer: which protocol it speaks, hyper over
//! the [`screen`](super::screen), and how it ends when the edge drains.

use super::{
    body::Incoming,
    count::Counts,
    guard::{Guard, Peer},
    pressure::Pressure,
    refuse::Refuse,
    screen::{Protocol, Screen},
    seats::Seats,
    settings::{Limits, Proxies},
    standing::{Kept, Table},
    stop::Phase,
    talk::Talk,
    tls::Live,
    wire::Wire,
};
use crate::boxed::boxed;
use async_trait::async_trait;
use bytes::{Buf, Bytes};
use http::{Request, Response};
use http_body::Body;
use hyper::{
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use pingora_core::{apps::ServerApp, protocols::Stream, server::ShutdownWatch};
use std::{convert::Infallible, future::poll_fn, marker::PhantomData, net::SocketAddr, pin::pin, sync::Arc};
use tokio::{
    io::AsyncWriteExt,
    sync::watch,
    time::{Duration, sleep, timeout},
};

/// When the edge drains, an HTTP/1 connection stays open for so long: a request that is on its way is
/// answered with `Connection: close` and not lost. A client on a busy machine takes its time between connecting and sending.
const LAST_REQUEST: Duration = Duration::from_secs(2);
/// hyper's smallest buffer.
const SMALLEST_BUFFER: usize = 8 * 1024;
/// So many fields of a head hyper takes without being told.
const HYPERS_HEADERS: usize = 100;
/// A stream's window. With as many streams as are allowed, this bounds what a connection buffers.
const H2_STREAM_WINDOW: u32 = 64 * 1024;
const H2_CONNECTION_WINDOW: u32 = 1024 * 1024;
/// Streams that the library itself resets before it closes the connection (CVE-2025-8671; its own default is 1024).
const H2_ERROR_RESETS: usize = 50;
/// What HTTP/2 holds of each answer beside its body (the library's own default is 400 kB).
const H2_SEND_BUFFER: usize = 64 * 1024;

/// What every connection of one listening address shares.
pub(super) struct Front<S, R, B> {
    pub service: S,
    pub refuse: Arc<R>,
    pub limits: Limits,
    pub tls: Live,
    pub behind_proxy: bool,
    pub proxies: Proxies,
    /// One for each connection that may be open, over all addresses.
    pub seats: Arc<Seats>,
    pub pressure: Arc<Pressure>,
    pub standing: Option<Arc<Table>>,
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
        let digest = stream.get_socket_digest();
        let address = digest.and_then(|digest| digest.peer_addr()?.as_inet().copied())?;
        let open = self.counts.begin();
        let is_proxy = self.behind_proxy && self.proxies.has(address.ip());
        let seat = self.seats.take(address.ip(), is_proxy);
        self.counts.meet();
        let seat = seat?;
        let (front, mut ended) = (Arc::clone(self), self.phase.clone());
        // pingora's own task has room for its own TLS, which is never used: most of what a waiting connection would hold.
        #[expect(
            clippy::disallowed_methods,
            reason = "it has a seat, and the edge ends when all are given back"
        )]
        tokio::spawn(async move {
            let _here = (open, seat);
            tokio::select! {
                () = front.converse(stream, address) => {}
                _ = ended.wait_for(|phase| *phase == Phase::Ended) => {}
            }
        });
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
    async fn converse(&self, stream: Stream, address: SocketAddr) {
        let wire = match &self.tls {
            None => Wire::Plain(stream),
            Some(tls) => {
                let shaking = Box::pin(Wire::tls(stream, tls.load_full()));
                match timeout(self.limits.header_deadline, shaking).await {
                    Ok(Ok(wire)) => wire,
                    Ok(Err(error)) => return tracing::debug!(%error, peer = %address, "no TLS handshake"),
                    Err(_) => return tracing::debug!(peer = %address, "a TLS handshake took too long"),
                }
            }
        };
        let (tls, certificate) = (wire.is_tls(), wire.certificate());
        let negotiated = match wire.is_http2() {
            true => Some(Protocol::Http2),
            // HTTP/2 over TLS is for those who asked for it (RFC 9113 section 3.2).
            false if tls => Some(Protocol::Http1),
            false => None,
        };
        let talk = Talk::new();
        // Who shows a certificate is somebody.
        let standing = self.standing.as_ref().filter(|_| certificate.is_none()).map(Arc::clone);
        let mut screen = Screen::new(wire, self.limits, Arc::clone(&talk), Arc::clone(&self.pressure))
            .recalling(standing, tls);
        let protocol = match negotiated {
            Some(protocol) => protocol,
            None => match self.before_last(poll_fn(|cx| screen.poll_protocol(cx))).await {
                Some(Some(protocol)) => protocol,
                _ => return,
            },
        };
        screen.speak(protocol);
        let guard = Arc::new(Guard {
            service: self.service.clone(),
            refuse: Arc::clone(&self.refuse),
            limits: self.limits,
            peer: Peer { address, tls, behind_proxy: self.behind_proxy, certificate },
            talk: Arc::clone(&talk),
            pressure: Arc::clone(&self.pressure),
            standing: self.standing.as_ref().map(Arc::clone),
            phase: self.phase.clone(),
        });
        let ended = match protocol {
            Protocol::Http1 => self.http1(screen, guard).await,
            Protocol::Http2 => Box::pin(self.http2(screen, guard, &talk)).await,
        };
        if let Err(error) = ended {
            tracing::debug!(%error, peer = %address, "a connection ended early");
        }
    }

    /// Waits for a request, has what comes answered until nothing comes for a while, and waits again. What requests need
    /// is in a box: a connection that waits has none of it.
    async fn http1(&self, mut screen: Screen<Wire>, guard: Arc<Guard<S, R>>) -> hyper::Result<()> {
        let mut last = pin!(self.last_request());
        loop {
            let comes = tokio::select! {
                biased;
                comes = poll_fn(|cx| screen.poll_request(cx)) => comes,
                () = &mut last => false,
            };
            if !comes {
                break;
            }
            if let Some((head, kept)) = self.stands(&screen, &guard.peer) {
                if self.repeat(&mut screen, &guard.talk, (head, &kept)).await.is_err() {
                    return Ok(());
                }
                continue;
            }
            guard.talk.ask(screen.asked());
            match Box::pin(self.requests(screen, Arc::clone(&guard))).await? {
                Some(rested) => screen = rested,
                None => return Ok(()),
            }
        }
        // Over TLS the client is told (RFC 8446 section 6.1).
        let _ = screen.shutdown().await;
        Ok(())
    }

    /// What the request that has come is answered by what stands: its head, and what has its body.
    fn stands(&self, screen: &Screen<Wire>, peer: &Peer) -> Option<(Vec<u8>, Arc<Kept>)> {
        let kept = screen.recalled()?;
        // While the edge drains, an answer says that the connection ends.
        if *self.phase.borrow() != Phase::Serving {
            return None;
        }
        let head = kept.head(peer);
        if let (None, Some(table)) = (&head, &self.standing) {
            table.forget(&kept);
        }
        head.map(|head| (head, kept))
    }

    /// Gives an answer that stands, in the bounds that any answer has.
    async fn repeat(
        &self,
        screen: &mut Screen<Wire>,
        talk: &Arc<Talk>,
        (head, kept): (Vec<u8>, &Kept),
    ) -> std::io::Result<()> {
        talk.call();
        let _under_way = talk.begin();
        screen.repeated();
        let _held = self.pressure.hold(kept.body.len() as u64);
        screen.write_all_buf(&mut head.as_slice().chain(kept.body.clone())).await?;
        screen.flush().await
    }

    /// Answers requests until none has come for a while, and gives the connection back; or until it ends.
    async fn requests(
        &self,
        screen: Screen<Wire>,
        guard: Arc<Guard<S, R>>,
    ) -> hyper::Result<Option<Screen<Wire>>> {
        let mut builder = http1::Builder::new();
        // The deadlines of heads are the screen's: hyper's timer would also close connections that idle.
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(SMALLEST_BUFFER.max(self.limits.header_bytes as usize) + SMALLEST_BUFFER);
        // The screen has counted the fields. What hyper has room for of itself it does not have to clear for each request.
        if self.limits.header_count > HYPERS_HEADERS {
            builder.max_headers(self.limits.header_count);
        }
        let mut connection = builder.serve_connection(
            TokioIo::new(screen),
            service_fn(move |request| boxed(|| Arc::clone(&guard).answer(request))),
        );
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = self.last_request() => {
                Pin::new(&mut connection).graceful_shutdown();
                return connection.await.map(|()| None);
            }
        };
        let left = connection.into_parts();
        let screen = left.io.into_inner();
        if screen.is_resting() {
            return Ok(Some(screen.rested(&left.read_buf)));
        }
        ended.map(|()| None)
    }

    async fn http2(&self, screen: Screen<Wire>, guard: Arc<Guard<S, R>>, talk: &Talk) -> hyper::Result<()> {
        let connection = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .max_concurrent_streams(self.limits.h2_streams)
            .max_header_list_size(self.limits.header_bytes)
            .max_pending_accept_reset_streams(self.limits.h2_resets as usize)
            .max_send_buf_size(H2_SEND_BUFFER)
            .max_local_error_reset_streams(H2_ERROR_RESETS)
            .initial_stream_window_size(H2_STREAM_WINDOW)
            .initial_connection_window_size(H2_CONNECTION_WINDOW)
            .adaptive_window(false)
            .keep_alive_interval(self.limits.h2_ping)
            .keep_alive_timeout(self.limits.h2_ping)
            .serve_connection(
                TokioIo::new(screen),
                service_fn(move |request| boxed(|| Arc::clone(&guard).answer(request))),
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

    /// What comes of this, unless the edge drains before.
    async fn before_last<T>(&self, this: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = this => Some(done),
            () = self.last_request() => None,
        }
    }

    /// Ends when the edge drains and a client that had begun to send has had the time for it.
    async fn last_request(&self) {
        let mut phase = self.phase.clone();
        // An error says that the edge itself is gone, which is an end as well.
        let _ = phase.wait_for(|phase| *phase != Phase::Serving).await;
        Box::pin(sleep(LAST_REQUEST)).await;
    }
}
