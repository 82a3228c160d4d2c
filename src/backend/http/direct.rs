//! Calls in plain HTTP/1.1. A connection is driven by the call that has it, in the call's own task, and waits in its source's
//! pool in between: no task is woken for another, and no address is looked up that is always the same.

use super::transport::{Connector, Framed, IDLE, Lost, Received, Wire, broken, gathered, last};
use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header, uri::Authority};
use http_body::Body as _;
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::{
        TrySendError,
        http1::{Builder, Connection, SendRequest},
    },
};
use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll, Waker},
    time::Duration,
};
use tokio::time::Instant;
use tower::ServiceExt as _;

type Asked = Request<Full<Bytes>>;

/// How often connections that wait are looked at: whether the other side has closed them, and whether they have waited for
/// too long.
const LOOK: Duration = Duration::from_secs(10);

/// The scheme of addresses that this is for.
pub(super) const SCHEME: &str = "http://";

/// The connections of one source.
#[derive(Debug)]
pub(super) struct Direct {
    connector: Connector,
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    /// One for each authority of the source: mostly there is one alone.
    places: Mutex<Places>,
    /// So many connections wait at most for one authority.
    most: usize,
}

#[derive(Debug, Default)]
struct Places {
    all: Vec<Place>,
    /// Whether somebody looks at those that wait.
    watched: bool,
}

#[derive(Debug)]
struct Place {
    authority: String,
    host: HeaderValue,
    /// The one that waits longest stands first, and is taken last.
    waiting: Vec<Driven>,
}

/// A connection with what sends over it.
#[derive(Debug)]
struct Driven {
    sender: SendRequest<Full<Bytes>>,
    connection: Connection<Wire, Full<Bytes>>,
    has_ended: bool,
    since: Instant,
}

// === impl Direct ===

impl Direct {
    pub(super) fn new(connector: Connector, most: usize) -> Self {
        Self { connector, pool: Arc::new(Pool { places: Mutex::default(), most }) }
    }

    /// Makes a call to an authority (`host:port`). The request's address begins with its path. What a connection that had
    /// waited did not take any more is sent over another one.
    pub(super) async fn exchange(
        &self,
        authority: &str,
        mut request: Asked,
        limit: u64,
    ) -> Result<Received, Lost> {
        let host = self.pool.host(authority)?;
        request.headers_mut().entry(header::HOST).or_insert(host);
        loop {
            let (mut driven, had_waited) = match self.pool.take(authority) {
                Some(driven) => (driven, true),
                None => (self.connected(authority).await?, false),
            };
            let response = match driven.ask(request).await {
                Ok(response) => response,
                Err(mut error) => match error.take_message().filter(|_| had_waited) {
                    Some(again) => {
                        request = again;
                        continue;
                    }
                    None => return Err(broken(error.error())),
                },
            };
            let (head, mut incoming) = response.into_parts();
            let size = incoming.size_hint();
            let received = gathered((head, size), &mut driven.frames(&mut incoming), limit).await?;
            if driven.is_free() {
                self.pool.put(authority, driven);
            }
            return Ok(received);
        }
    }

    async fn connected(&self, authority: &str) -> Result<Driven, Lost> {
        let unreachable = |e: &(dyn std::error::Error + 'static)| Lost::Unreachable(last(e).0);
        let whole = format!("{SCHEME}{authority}/");
        let uri = Uri::try_from(whole).map_err(|e| unreachable(&e))?;
        let wire = self.connector.clone().oneshot(uri).await.map_err(|e| unreachable(&*e))?;
        // Requests are small: one buffer is cheaper to hand over than several.
        let shaken = Builder::new().writev(false).handshake(wire).await;
        let (sender, connection) = shaken.map_err(|e| unreachable(&e))?;
        Ok(Driven { sender, connection, has_ended: false, since: Instant::now() })
    }
}

// === impl Pool ===

impl Pool {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `Host` says of an authority (RFC 9110, section 7.2): the ordinary port is left out, and nobody's name is in it.
    fn host(&self, authority: &str) -> Result<HeaderValue, Lost> {
        let mut places = self.places();
        if let Some(place) = places.all.iter().find(|place| place.authority == authority) {
            return Ok(place.host.clone());
        }
        let wrong = |e: String| Lost::Broken(format!("{authority}: {e}"));
        let parsed: Authority = authority.parse().map_err(|e: http::uri::InvalidUri| wrong(e.to_string()))?;
        let host = match parsed.port_u16().filter(|port| *port != 80) {
            Some(port) => format!("{}:{port}", parsed.host()),
            None => parsed.host().to_owned(),
        };
        let host = HeaderValue::try_from(host).map_err(|e| wrong(e.to_string()))?;
        let authority = authority.to_owned();
        places.all.push(Place { authority, host: host.clone(), waiting: Vec::new() });
        Ok(host)
    }

    /// A connection that waits and is still open: the one that was used last.
    fn take(&self, authority: &str) -> Option<Driven> {
        loop {
            let mut places = self.places();
            let place = places.all.iter_mut().find(|place| place.authority == authority)?;
            let mut driven = place.waiting.pop()?;
            drop(places);
            if driven.is_free() {
                return Some(driven);
            }
        }
    }

    fn put(self: &Arc<Self>, authority: &str, mut driven: Driven) {
        driven.since = Instant::now();
        let mut places = self.places();
        let Some(place) = places.all.iter_mut().find(|place| place.authority == authority) else { return };
        if place.waiting.len() >= self.most {
            return;
        }
        place.waiting.push(driven);
        if !places.watched {
            places.watched = true;
            #[expect(clippy::disallowed_methods, reason = "it ends with the pool, and when nothing waits")]
            tokio::spawn(watch(Arc::downgrade(self)));
        }
    }
}

/// Closes what has waited for too long, and what the other side has closed, for as long as something waits.
async fn watch(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(LOOK).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut places = pool.places();
        let now = Instant::now();
        for place in &mut places.all {
            place.waiting.retain_mut(|driven| now.duration_since(driven.since) < IDLE && driven.is_free());
        }
        if places.all.iter().all(|place| place.waiting.is_empty()) {
            places.watched = false;
            return;
        }
    }
}

// === impl Driven ===

impl Driven {
    /// Has the connection do what there is to do.
    fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.has_ended {
            // How it ended is told by the answer that was waited for.
            self.has_ended = Pin::new(&mut self.connection).poll(cx).is_ready();
        }
    }

    /// Whether it is open, and nothing is on its way in either direction.
    fn is_free(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.has_ended && self.sender.is_ready()
    }

    async fn ask(&mut self, request: Asked) -> Result<Response<Incoming>, TrySendError<Asked>> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let (connection, has_ended) = (&mut self.connection, &mut self.has_ended);
        poll_fn(|cx| {
            if !*has_ended {
                *has_ended = Pin::new(&mut *connection).poll(cx).is_ready();
            }
            answer.as_mut().poll(cx)
        })
        .await
    }

    /// The body's frames: the connection reads on as they are wanted.
    fn frames<'a>(&'a mut self, incoming: &'a mut Incoming) -> impl FnMut(&mut Context<'_>) -> Framed {
        move |cx| {
            // Asking says that more is wanted, which the connection hears of.
            if let Poll::Ready(frame) = Pin::new(&mut *incoming).poll_frame(cx) {
                return Poll::Ready(frame);
            }
            self.drive(cx);
            Pin::new(&mut *incoming).poll_frame(cx)
        }
    }
}
