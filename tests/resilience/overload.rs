//! More requests than there is room for: refused cheaply and with a pause, and all is as before when they stop.

use super::{
    backend::Backend,
    faults::ARGS,
    house::{House, Wing},
    load::{Came, ask, client, load, wrong},
    port::free_port,
};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_slow_source_does_not_bear_is_refused_with_a_pause() {
    let slow = Backend::start(free_port(), 100, &ARGS);
    let calm = Backend::start(free_port(), 0, &ARGS);
    let http = |port| format!("address: \"http://127.0.0.1:{port}\", plain: true, deadline: 5s");
    let house = House::open(
        &[
            Wing::rest(
                "slow",
                &format!("{}, concurrency: 4", http(slow.port)),
                "    resilience: { bulkhead: { queue: 4, wait: 200ms } }\n",
            ),
            Wing::rest("calm", &http(calm.port), ""),
        ],
        "requestDeadline: 5s",
        None,
    );
    let client = client();
    // The source bears forty a second.
    let all = load(&house, &client, &["slow", "slow", "slow", "calm"], 200, Duration::from_secs(2)).await;
    assert_eq!(wrong(&all), Vec::<String>::new());
    let (mut good, mut refused) = (0, 0);
    for asked in all {
        match asked.came {
            Came::Right => good += usize::from(asked.wing == "slow"),
            Came::Refused(code, again) => {
                assert_eq!((asked.wing, code.as_str(), again), ("slow", "F532", true));
                refused += 1;
            }
            Came::Wrong(what) => panic!("{what}"),
        }
    }
    assert!(good >= 20 && refused >= 100, "{good} good, {refused} refused");
    assert_eq!(ask(&client, &house.url("slow", 3), 3).await, Came::Right);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_requests_than_the_whole_program_takes_are_refused_before_they_are_looked_at() {
    let slow = Backend::start(free_port(), 1000, &ARGS);
    let http =
        format!("address: \"http://127.0.0.1:{}\", plain: true, deadline: 20s, concurrency: 100", slow.port);
    let house = House::open(&[Wing::rest("slow", &http, "")], "requests: 16, requestDeadline: 20s", None);
    let client = client();
    let all = (0..64).map(|id| {
        let (client, url) = (client.clone(), house.url("slow", id));
        async move { ask(&client, &url, id).await }
    });
    let all = futures_util::future::join_all(all).await;
    let refused = Came::Refused("F533".into(), true);
    assert!(all.iter().all(|came| *came == Came::Right || *came == refused), "{all:?}");
    // Sixteen are let in at once; where the machine is slow others come when those have gone.
    assert!(all.iter().filter(|came| **came == Came::Right).count() >= 16);
    assert!(all.contains(&refused));
    assert_eq!(ask(&client, &house.url("slow", 1), 1).await, Came::Right);
}
