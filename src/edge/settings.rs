//! What the edge is told before it starts: addresses, certificates, limits, and how it ends.
//! It reads no file and no environment; whoever calls has done that.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

/// Everything that [`Edge::open`](super::Edge::open) needs.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The addresses to listen on, at most 32 (what one hand-over can carry).
    pub listen: Vec<Listen>,
    pub limits: Limits,
    /// How long requests under way may still take after a graceful stop.
    pub grace: Duration,
    /// Where two processes meet to pass the sockets on. Its folder must not be writable by others,
    /// because whoever listens there is given the sockets. `None`: no hand-over.
    pub upgrade_socket: Option<PathBuf>,
    /// Take the sockets over from the running process instead of binding them.
    pub upgrade: bool,
}

/// One listening address.
#[derive(Clone, Debug)]
pub struct Listen {
    /// Port 0 is any free port; [`Edge::addresses`](super::Edge::addresses) tells which.
    pub address: SocketAddr,
    pub tls: Option<Tls>,
    /// A proxy in front ends TLS. Without it and without `tls`, only loopback addresses are accepted.
    pub behind_proxy: bool,
    /// With `behind_proxy`: which addresses are proxies'. Their connections are not counted as one client's.
    pub proxies: Proxies,
}

/// Tells the addresses of proxies from those of clients.
#[derive(Clone)]
pub struct Proxies(Arc<dyn Fn(IpAddr) -> bool + Send + Sync>);

impl Proxies {
    pub fn new(has: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(has))
    }

    pub(super) fn has(&self, address: IpAddr) -> bool {
        (self.0)(address)
    }
}

impl Default for Proxies {
    /// Whoever comes is one.
    fn default() -> Self {
        Self::new(|_| true)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxies(..)")
    }
}

/// The certificates of a listening address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// For whoever names no host, or one that no other certificate is for.
    pub pair: Pair,
    /// Others, by the names that clients ask for (SNI, RFC 6066 section 3).
    pub named: Vec<Named>,
    pub clients: Option<Clients>,
}

/// A certificate and its key; both files are PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// The certificate of some names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Host names in lower case; `*.` stands for one label.
    pub names: Vec<String>,
    pub pair: Pair,
}

/// Certificates of clients. They are verified where they come; who they are for is nobody's business here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clients {
    /// A PEM file with the authorities that they have to be from.
    pub authorities: PathBuf,
    /// Whether a connection without one is refused.
    pub required: bool,
}

/// The bounds of what one client can make the edge hold, in bytes, counts and time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time over all addresses, those in a handshake included; more are closed unanswered.
    pub connections: u32,
    /// Connections at a time from one client's address, or from one `/64` of IPv6, which is what one client is given.
    /// A proxy's connections are its clients' and are not counted.
    pub connections_per_address: u32,
    /// The request target. It is part of `header_bytes`.
    pub uri_bytes: usize,
    /// An HTTP/1 head, or a decoded HTTP/2 header list.
    pub header_bytes: u32,
    pub header_count: usize,
    /// For a TLS handshake; and from the first byte of a head (or from the accepted connection) to its last.
    pub header_deadline: Duration,
    /// What a request body may hold.
    pub body_bytes: u64,
    /// From the complete head to the answer's head, reading the body included.
    pub request_deadline: Duration,
    /// How long a connection may stay open with no request under way.
    pub keep_alive: Duration,
    /// The least bytes a second that a request body comes with, over each [`RATE_WINDOW`].
    pub body_rate: u32,
    /// How long a client may leave an answer's bytes untaken; and over how long `answer_rate` is measured.
    pub write_stall: Duration,
    /// The least bytes a second that an answer is taken with, while it waits for its client.
    pub answer_rate: u32,
    /// What answers may hold that are not taken, over all connections, in bytes; beyond it clients that take their time
    /// are not waited for.
    pub answer_bytes: u64,
    /// HTTP/2 streams at a time on one connection.
    pub h2_streams: u32,
    /// HTTP/2 streams that a client may reset beyond those that it lets be answered (CVE-2023-44487); one a second is
    /// forgiven.
    pub h2_resets: u32,
    /// HTTP/2: between two pings, and how long an answer to one may take.
    pub h2_ping: Duration,
}

/// Over how long the rate of a request body is measured: a client that pauses for less is not slow. The first window is
/// also what a body has to begin.
pub(super) const RATE_WINDOW: Duration = Duration::from_secs(5);

impl Limits {
    /// How long the beginning of a body is waited for.
    pub(super) fn body_window(&self) -> Duration {
        RATE_WINDOW.min(self.request_deadline)
    }

    /// What has to be taken of an answer in this time.
    pub(super) fn least_taken(&self, window: Duration) -> u64 {
        let least = u128::from(self.answer_rate) * window.as_millis() / 1000;
        u64::try_from(least).unwrap_or(u64::MAX).max(1)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_per_address: 1000,
            uri_bytes: 8 * 1024,
            header_bytes: 32 * 1024,
            header_count: 100,
            header_deadline: Duration::from_secs(5),
            body_bytes: 1024 * 1024,
            request_deadline: Duration::from_secs(30),
            keep_alive: Duration::from_secs(75),
            body_rate: 512,
            write_stall: Duration::from_secs(30),
            answer_rate: 512,
            answer_bytes: 32 * 1024 * 1024,
            h2_streams: 100,
            h2_resets: 20,
            h2_ping: Duration::from_secs(20),
        }
    }
}
