//! Who may be connected: one seat for each connection, of so many in all and of so many for each client's address.
//! A seat is taken before a handshake and given back when the connection is gone. It closes nothing by itself.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{
    sync::Semaphore,
    time::{Duration, Instant},
};

/// Between two notes that connections are turned away: an attack must not fill the log.
const NOTE: Duration = Duration::from_secs(60);

/// The seats of one edge.
#[derive(Debug)]
pub(super) struct Seats {
    most: u32,
    all: Semaphore,
    most_of_one: u32,
    /// Addresses with a seat, and how many: never more entries than seats.
    held: Mutex<HashMap<IpAddr, u32>>,
    began: Instant,
    /// In milliseconds from the beginning; 0 where nothing was noted yet.
    noted: AtomicU64,
}

/// A taken seat, until it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    /// Nothing where the address stands for many clients.
    of: Option<IpAddr>,
}

// === impl Seats ===

impl Seats {
    pub(super) fn new(most: u32, most_of_one: u32) -> Arc<Self> {
        Arc::new(Self {
            most,
            all: Semaphore::new(most as usize),
            most_of_one,
            held: Mutex::default(),
            began: Instant::now(),
            noted: AtomicU64::new(0),
        })
    }

    /// A seat for a client, or for one of the clients of a proxy at this address. `None`: there is none left.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr, is_proxy: bool) -> Option<Seat> {
        let Ok(permit) = self.all.try_acquire() else {
            self.note("all connections are taken");
            return None;
        };
        let of = (!is_proxy).then(|| block(address));
        if let Some(of) = of {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            let count = held.entry(of).or_default();
            if *count >= self.most_of_one {
                drop(held);
                self.note("an address has all the connections that one may have");
                return None;
            }
            *count += 1;
        }
        permit.forget();
        Some(Seat { seats: Arc::clone(self), of })
    }

    /// The connections that there are.
    pub(super) fn taken(&self) -> usize {
        (self.most as usize).saturating_sub(self.all.available_permits())
    }

    fn note(&self, what: &str) {
        let now = self.began.elapsed().as_millis() as u64 + 1;
        let before = self.noted.load(Ordering::Relaxed);
        let due = before == 0 || now.saturating_sub(before) >= NOTE.as_millis() as u64;
        if due && self.noted.compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            tracing::warn!(connections = self.taken(), "closed a connection: {what}; told once a minute");
        }
    }
}

/// What one client is given: an IPv4 address, or 64 bits of IPv6 (RFC 6177 section 2).
fn block(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        four @ IpAddr::V4(_) => four,
    }
}

// === impl Seat ===

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(of) = &self.of {
            let mut held = self.seats.held.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = held.get_mut(of) {
                *count -= 1;
                if *count == 0 {
                    held.remove(of);
                }
            }
        }
        self.seats.all.add_permits(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn one_address_cannot_take_all_seats() {
        let seats = Seats::new(4, 2);
        let first = seats.take(ip("192.0.2.1"), false).unwrap();
        let _second = seats.take(ip("::ffff:192.0.2.1"), false).unwrap();
        assert!(seats.take(ip("192.0.2.1"), false).is_none());
        let _other = seats.take(ip("192.0.2.2"), false).unwrap();
        assert_eq!(seats.taken(), 3);
        drop(first);
        let _again = seats.take(ip("192.0.2.1"), false).unwrap();
        let _last = seats.take(ip("192.0.2.3"), false).unwrap();
        assert!(seats.take(ip("192.0.2.4"), false).is_none());
    }

    #[tokio::test]
    async fn the_addresses_of_one_network_of_ipv6_are_one_client() {
        let seats = Seats::new(4, 1);
        let _seat = seats.take(ip("2001:db8:0:1::1"), false).unwrap();
        assert!(seats.take(ip("2001:db8:0:1:ffff::2"), false).is_none());
        assert!(seats.take(ip("2001:db8:0:2::1"), false).is_some());
    }

    #[tokio::test]
    async fn a_proxy_stands_for_many_and_nothing_is_left_behind() {
        let seats = Seats::new(3, 1);
        let taken: Vec<_> = (0..3).map(|_| seats.take(ip("192.0.2.9"), true).unwrap()).collect();
        assert!(seats.take(ip("192.0.2.9"), true).is_none());
        drop(taken);
        drop(seats.take(ip("192.0.2.9"), false));
        assert!(seats.held.lock().unwrap().is_empty());
        assert_eq!(seats.taken(), 0);
    }
}
