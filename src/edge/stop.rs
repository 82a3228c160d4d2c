//! How the edge is told to end: the orders, and the signals that stand for them.
//! `SIGHUP` is not among them; it means a reload, which never reaches the sockets.

use std::io;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::mpsc,
};

/// What [`Edge::serve`](super::Edge::serve) can be told while it runs. A later order overrides an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Accept no more, finish what is under way within the grace period, and end.
    Drain,
    /// The same with a grace period of a second.
    Quick,
    /// Hand the sockets to the process that waits at the upgrade socket, then drain.
    /// When nobody takes them, nothing changes and serving goes on.
    HandOver,
}

/// Where the edge is between its start and its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Serving,
    /// No new connections; those that are there end after their answers.
    Draining,
    /// Connections end where they are.
    Ended,
}

/// The orders that signals give: `SIGTERM` drains, `SIGINT` is quick, `SIGQUIT` hands over (as pingora's does).
/// Must be called within a runtime.
pub fn signals() -> io::Result<mpsc::Receiver<Order>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let (orders, received) = mpsc::channel(4);
    #[expect(clippy::disallowed_methods, reason = "signals come for as long as the program lives")]
    tokio::spawn(async move {
        loop {
            let order = tokio::select! {
                _ = terminate.recv() => Order::Drain,
                _ = interrupt.recv() => Order::Quick,
                _ = quit.recv() => Order::HandOver,
            };
            if orders.send(order).await.is_err() {
                return;
            }
        }
    });
    Ok(received)
}
