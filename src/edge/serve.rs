//! The edge from its opened sockets to its end: it starts pingora's accept loops and obeys the orders.

use super::{
    body::Incoming,
    connection::Front,
    count::{Counts, Doorstep},
    fault::Fault,
    files,
    pressure::Pressure,
    refuse::Refuse,
    seats::Seats,
    settings::{Listen, Settings},
    sockets::Sockets,
    standing::Table,
    stop::{Order, Phase},
    tls::Certificates,
};
use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use pingora_core::{
    listeners::ListenerConfig,
    protocols::l4::stream::L4BufferSettings,
    services::{Service as _, listening},
};
use std::{convert::Infallible, marker::PhantomData, net::SocketAddr, pin::pin, sync::Arc};
use tokio::{
    sync::{mpsc, watch},
    task::{JoinSet, spawn_blocking},
    time::{Duration, Instant, sleep, sleep_until},
};

/// The grace period of [`Order::Quick`].
const QUICK: Duration = Duration::from_secs(1);
/// How long both processes accept after a hand-over: the new one may still be on its way to accept.
const OVERLAP: Duration = Duration::from_secs(1);
/// So long connections that were accepted last have to get a seat: one that broke in between never does.
const SETTLE: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(10);

/// An edge whose sockets listen and whose certificates are read: nothing is left that could fail.
/// Connections queue in the kernel until [`Edge::serve`].
pub struct Edge {
    settings: Settings,
    sockets: Sockets,
    certificates: Certificates,
    counts: Arc<Counts>,
}

// === impl Edge ===

impl Edge {
    /// Checks the settings, reads the certificates and binds the sockets. With `upgrade` it waits up to about
    /// six seconds for the running process to hand its sockets over, so it should be the last thing before
    /// [`Edge::serve`]. Blocks; needs no runtime.
    pub fn open(mut settings: Settings) -> Result<Self, Fault> {
        check(&settings)?;
        settings.limits.connections = files::fitting(settings.limits.connections);
        super::install_tls_provider();
        let certificates = Certificates::open(&settings.listen)?;
        let sockets = Sockets::open(&settings)?;
        Ok(Self { settings, sockets, certificates, counts: Arc::default() })
    }

    /// What is counted while it serves.
    pub fn counts(&self) -> Arc<Counts> {
        Arc::clone(&self.counts)
    }

    /// The certificates that are served with, to be renewed while the edge serves.
    pub fn certificates(&self) -> Certificates {
        self.certificates.clone()
    }

    /// The addresses that listen, in the order of the settings, with the real number in place of port 0.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.sockets.addresses
    }

    /// Serves on the caller's runtime until an order ends it; a closed channel counts as [`Order::Drain`].
    /// When it returns no connection is left.
    ///
    /// Every request reaches `service` with the extensions [`Peer`](super::Peer) and
    /// [`Deadline`](super::Deadline).
    pub async fn serve<S, R, B>(
        self,
        service: S,
        refuse: R,
        mut orders: mpsc::Receiver<Order>,
    ) -> Result<(), Fault>
    where
        S: tower::Service<Request<Incoming>, Response = Response<B>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send,
        R: Refuse<B>,
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let Self { settings, sockets, certificates, counts } = self;
        let sockets = Arc::new(sockets);
        let (phase, phases) = watch::channel(Phase::Serving);
        let (halt, halted) = watch::channel(false);
        let seats = Seats::new(settings.limits.connections, settings.limits.connections_per_address);
        let pressure = Pressure::new(&settings.limits);
        let refuse = Arc::new(refuse);

        let standing = Table::new();
        let mut loops = JoinSet::new();
        for ((listen, tls), address) in
            settings.listen.iter().zip(certificates.live()).zip(&sockets.addresses)
        {
            let front = Front {
                // What a proxy says of its clients differs, and so do their addresses.
                standing: (!listen.behind_proxy).then(|| Arc::clone(&standing)),
                service: service.clone(),
                refuse: Arc::clone(&refuse),
                limits: settings.limits,
                tls,
                behind_proxy: listen.behind_proxy,
                proxies: listen.proxies.clone(),
                seats: Arc::clone(&seats),
                pressure: Arc::clone(&pressure),
                phase: phases.clone(),
                counts: Arc::clone(&counts),
                body: PhantomData,
            };
            let name = address.to_string();
            let mut accepting = listening::Service::new(name.clone(), front);
            // Nothing of a connection is kept twice: the screen and hyper have buffers of their own.
            accepting.add_listener(ListenerConfig::tcp(&name).l4_buffer(L4BufferSettings::unbuffered()));
            accepting.set_connection_filter(Arc::new(Doorstep(Arc::clone(&counts))));
            let (table, halted) = (sockets.table(), halted.clone());
            loops.spawn(async move { accepting.start_service(Some(table), halted, 1).await });
        }
        tracing::info!(addresses = ?sockets.addresses, "listening");

        let quick = tokio::select! {
            quick = stop(&mut orders, &sockets) => quick,
            // Before an order no accept loop ends, so this one panicked.
            _ = loops.join_next() => return Err(Fault::AcceptEnded),
        };
        counts.drain();
        phase.send_replace(Phase::Draining);
        halt.send_replace(true);
        let grace = if quick { QUICK.min(settings.grace) } else { settings.grace };
        tracing::info!(?grace, "draining");
        while loops.join_next().await.is_some() {}
        drain(&seats, &counts, grace, &mut orders).await;
        phase.send_replace(Phase::Ended);
        // Every connection gives its seat back when it sees the end.
        empty(&seats).await;
        Ok(())
    }
}

/// Waits for the order that ends the serving, and does a hand-over before. Whether the end is to be quick.
async fn stop(orders: &mut mpsc::Receiver<Order>, sockets: &Arc<Sockets>) -> bool {
    loop {
        match orders.recv().await {
            Some(Order::Quick) => return true,
            Some(Order::Drain) | None => return false,
            Some(Order::HandOver) => {
                let sending = Arc::clone(sockets);
                match spawn_blocking(move || sending.hand_over()).await {
                    Ok(Ok(())) => {
                        sleep(OVERLAP).await;
                        return false;
                    }
                    Ok(Err(error)) => tracing::error!(%error, "nothing handed over, serving on"),
                    Err(_) => tracing::error!("the hand-over panicked, serving on"),
                }
            }
        }
    }
}

/// Waits until no connection is left, the grace period is over, or the order is given to be quick.
async fn drain(seats: &Seats, counts: &Counts, grace: Duration, orders: &mut mpsc::Receiver<Order>) {
    let mut until = Instant::now() + grace;
    let left = async {
        seated(counts).await;
        empty(seats).await;
    };
    let mut left = pin!(left);
    loop {
        tokio::select! {
            () = left.as_mut() => return,
            () = sleep_until(until) => return,
            Some(order) = orders.recv() => if order == Order::Quick {
                until = until.min(Instant::now() + QUICK);
            },
        }
    }
}

/// Waits until those that were accepted last are on their seats, where they are counted.
async fn seated(counts: &Counts) {
    let until = Instant::now() + SETTLE;
    while counts.on_their_way() > 0 && Instant::now() < until {
        sleep(LOOK).await;
    }
}

/// Looks at the seats instead of queueing for them: a queue would turn away the connections that were
/// accepted last and have yet to sit down.
async fn empty(seats: &Seats) {
    while seats.taken() > 0 {
        sleep(LOOK).await;
    }
}

fn check(settings: &Settings) -> Result<(), Fault> {
    let limits = &settings.limits;
    let least = [
        ("connections", limits.connections as usize, 1),
        ("connections_per_address", limits.connections_per_address as usize, 1),
        ("uri_bytes", limits.uri_bytes, 1),
        ("header_bytes", limits.header_bytes as usize, 256),
        ("header_count", limits.header_count, 1),
        ("h2_streams", limits.h2_streams as usize, 1),
    ];
    if let Some((name, ..)) = least.into_iter().find(|(_, value, least)| value < least) {
        return Err(Fault::Limit(name));
    }
    let outside = |listen: &&Listen| {
        listen.tls.is_none() && !listen.behind_proxy && !listen.address.ip().to_canonical().is_loopback()
    };
    settings.listen.iter().find(outside).map_or(Ok(()), |listen| Err(Fault::PlainOutside(listen.address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pingora_core::listeners::ConnectionFilter as _;
    use tokio::time::timeout;

    #[tokio::test(start_paused = true)]
    async fn who_was_accepted_and_has_no_seat_yet_is_waited_for() {
        let (counts, seats) = (Arc::new(Counts::default()), Seats::new(2, 2));
        let (_orders, mut received) = mpsc::channel(1);
        assert!(Doorstep(Arc::clone(&counts)).should_accept(None).await);
        let mut draining = pin!(drain(&seats, &counts, Duration::from_mins(1), &mut received));
        assert!(timeout(SETTLE / 2, draining.as_mut()).await.is_err(), "it is on its way");
        let seat = seats.take("192.0.2.1".parse().unwrap(), false).unwrap();
        counts.meet();
        assert!(timeout(SETTLE * 5, draining.as_mut()).await.is_err(), "it is seated");
        drop(seat);
        assert!(timeout(SETTLE, draining).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_comes_is_not_waited_for_until_the_grace_ends() {
        let (counts, seats) = (Arc::new(Counts::default()), Seats::new(2, 2));
        let (_orders, mut received) = mpsc::channel(1);
        assert!(Doorstep(Arc::clone(&counts)).should_accept(None).await);
        let begun = Instant::now();
        drain(&seats, &counts, Duration::from_mins(1), &mut received).await;
        assert!(begun.elapsed() >= SETTLE && begun.elapsed() < 2 * SETTLE);
    }
}
