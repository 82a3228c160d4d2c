//! Several addresses of one source: calls go where somebody answers, and come back when the other one is there again.

use super::{
    backend::{self, Backend},
    faults::ARGS,
    house::{House, Wing},
    load::{Came, client, load},
    port::free_port,
    proxy::{Fault, Proxy},
};
use std::{net::SocketAddr, time::Duration};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_with_two_addresses_outlives_one_of_them() {
    let (one, two) = (Backend::start(free_port(), 0, &ARGS), Backend::start(free_port(), 0, &ARGS));
    assert!(backend::answers(one.port));
    let ports = [free_port(), free_port()];
    let proxy =
        |port, backend: &Backend| Proxy::start(port, SocketAddr::from(([127, 0, 0, 1], backend.port)));
    let proxies = [proxy(ports[0], &one), proxy(ports[1], &two)];
    let http = format!(
        "addresses: [\"http://127.0.0.1:{}\", \"http://127.0.0.1:{}\"], plain: true, deadline: 5s",
        ports[0], ports[1]
    );
    let bounds = "    resilience: { health: { path: /health, every: 100ms, deadline: 500ms }, breaker: { rest: 300ms }, retry: { times: 3, budget: 100 } }\n";
    let house = House::open(&[Wing::rest("twins", &http, bounds)], "requestDeadline: 10s", None);
    let client = client();
    for (fault, at) in [(Fault::Sound, 0), (Fault::Refused, 0), (Fault::ResetBefore, 1), (Fault::Failing, 0)]
    {
        proxies[at].set(fault);
        let all = load(&house, &client, &["twins"], 100, Duration::from_secs(1)).await;
        let wrong: Vec<_> = all.iter().filter(|asked| asked.came != Came::Right).collect();
        assert!(wrong.is_empty(), "{fault:?} at {at}: {wrong:?}");
        proxies[at].set(Fault::Sound);
        // Both are asked again before the other one goes.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
