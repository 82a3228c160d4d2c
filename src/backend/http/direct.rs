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
    #[expect(clippy::vec_box, reason = "they are handed to and fro, and are large")]
    waiting: Vec<Box<Driven>>,
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

    /// Makes a call to an authority (`host:port`) by a request whose address begins with its path. It is made where it is sent:
    /// a call that waits for its answer does not hold it. What a connection that had waited did not take any more is sent over
    /// another one.
    pub(super) async fn exchange(
        &self,
        authority: &str,
        make: impl Fn() -> Result<Asked, Lost>,
        limit: u64,
    ) -> Result<Received, Lost> {
        loop {
            let (mut driven, had_waited) = match self.pool.take(authority) {
                Some(driven) => (driven, true),
                // In a box of its own: most calls find a connection and make no room for making one.
                None => (Box::new(Box::pin(self.connected(authority)).await?), false),
            };
            let asked = match self.addressed(authority, &make) {
                Ok(request) => driven.ask(request),
                Err(unsaid) => {
                    self.pool.put(authority, driven);
                    return Err(unsaid);
                }
            };
            let response = match asked.await {
                Ok(response) => response,
                Err(mut error) => match error.take_message() {
                    Some(_) if had_waited => continue,
                    _ => return Err(broken(error.error())),
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

    fn addressed(&self, authority: &str, make: impl Fn() -> Result<Asked, Lost>) -> Result<Asked, Lost> {
        let mut request = make()?;
        let host = self.pool.host(authority)?;
        request.headers_mut().entry(header::HOST).or_insert(host);
        Ok(request)
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
    fn take(&self, authority: &str) -> Option<Box<Driven>> {
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

    fn put(self: &Arc<Self>, authority: &str, mut driven: Box<Driven>) {
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

    /// Hands the request over at once; what comes back.
    fn ask(
        &mut self,
        request: Asked,
    ) -> impl Future<Output = Result<Response<Incoming>, TrySendError<Asked>>> {
        let answer = self.sender.try_send_request(request);
        async move {
            let mut answer = pin!(answer);
            poll_fn(|cx| {
                self.drive(cx);
                answer.as_mut().poll(cx)
            })
            .await
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::http::transport::tests::connector;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    /// A listener of which each connection answers with these texts in turn, and then closes; how it was asked.
    async fn server(connections: &'static [&'static [&'static str]]) -> (String, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let authority = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&asked);
        #[expect(clippy::disallowed_methods, reason = "it ends with the test")]
        tokio::spawn(async move {
            for (number, answers) in connections.iter().enumerate() {
                let (mut stream, _) = listener.accept().await.unwrap();
                for answer in *answers {
                    let mut bytes = [0; 4096];
                    let count = stream.read(&mut bytes).await.unwrap();
                    if count == 0 {
                        break;
                    }
                    told.lock()
                        .unwrap()
                        .push(format!("{number} {}", String::from_utf8_lossy(&bytes[..count])));
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            }
        });
        (authority, asked)
    }

    async fn ask(direct: &Direct, authority: &str) -> Result<String, Lost> {
        let mut request = Request::new(Full::default());
        *request.uri_mut() = Uri::from_static("/a?b=c");
        let received = direct.exchange(authority, || Ok(request.clone()), 1000).await?;
        // What comes behind the answer, or closes, is there by then.
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok(String::from_utf8(received.body).unwrap())
    }

    /// By which connections it was asked.
    fn by(asked: &Mutex<Vec<String>>) -> String {
        asked.lock().unwrap().iter().map(|one| &one[..1]).collect()
    }

    #[tokio::test]
    async fn a_connection_is_used_again_and_one_that_was_closed_is_not() {
        let (authority, asked) = server(&[&[GOOD, GOOD], &[GOOD]]).await;
        let direct = Direct::new(connector(), 8);
        for _ in 0..3 {
            assert_eq!(ask(&direct, &authority).await.as_deref(), Ok("ok"));
        }
        assert_eq!(by(&asked), "001");
        let first = asked.lock().unwrap()[0].clone();
        assert!(first.starts_with("0 GET /a?b=c HTTP/1.1\r\n"), "{first}");
        assert!(first.to_lowercase().contains(&format!("host: {authority}\r\n")), "{first}");
    }

    #[tokio::test]
    async fn what_nobody_asked_for_is_nobodys_answer() {
        const MORE: &str =
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad";
        let (authority, asked) = server(&[&[MORE, GOOD], &[GOOD]]).await;
        let direct = Direct::new(connector(), 8);
        for _ in 0..2 {
            assert_eq!(ask(&direct, &authority).await.as_deref(), Ok("ok"));
        }
        assert_eq!(by(&asked), "01");
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_or_is_too_large_is_an_error_and_its_connection_goes() {
        const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
        const LARGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n";
        let (authority, asked) = server(&[&[HALF], &[LARGE, GOOD], &[GOOD]]).await;
        let direct = Direct::new(connector(), 8);
        assert!(matches!(ask(&direct, &authority).await, Err(Lost::Broken(_))));
        assert_eq!(ask(&direct, &authority).await, Err(Lost::TooLarge));
        assert_eq!(ask(&direct, &authority).await.as_deref(), Ok("ok"));
        assert_eq!(by(&asked), "012");
    }

    #[tokio::test]
    async fn only_so_many_wait() {
        let (authority, asked) = server(&[&[GOOD], &[GOOD]]).await;
        let direct = Direct::new(connector(), 0);
        for _ in 0..2 {
            assert_eq!(ask(&direct, &authority).await.as_deref(), Ok("ok"));
        }
        assert_eq!(by(&asked), "01");
    }
}
