//! Ports for programs that a test starts. They stand below those that the system gives to listeners and calls without a
//! port of their own (32768 and more on Linux, `ip_local_port_range`): what was free stays free until its program listens.

use std::{
    net::TcpListener,
    sync::atomic::{AtomicU32, Ordering},
};

const FIRST: u32 = 12_000;
const COUNT: u32 = 20_000;

/// How many were looked at in this process.
static LOOKED_AT: AtomicU32 = AtomicU32::new(0);

/// A port of the loopback address that nobody listens on, and that nobody else in this process was given.
pub fn free_port() -> u16 {
    // Another run beside this one begins elsewhere: neighbouring processes are some 7,919 ports apart.
    let begin = std::process::id().wrapping_mul(7_919) % COUNT;
    loop {
        let looked_at = LOOKED_AT.fetch_add(1, Ordering::Relaxed);
        assert!(looked_at < COUNT, "no port is free between {FIRST} and {}", FIRST + COUNT);
        let port = u16::try_from(FIRST + (begin + looked_at) % COUNT).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
