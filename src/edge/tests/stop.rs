//! Starting that is refused, and ending.

use super::*;
use std::time::Instant;

#[tokio::test]
async fn draining_finishes_what_is_under_way_and_closes_what_idles() {
    let running = start(settings(plain()));
    let mut idle = running.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    read_until(&mut idle, "hello").await;
    let mut slow = running.connect().await;
    slow.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(100)).await;

    running.orders.send(Order::Drain).await.unwrap();
    // A request that was on its way is answered, and told that it was the last.
    sleep(Duration::from_millis(50)).await;
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let last = read_all(&mut idle).await;
    assert!(last.ends_with("hello") && last.contains("connection: close"), "{last}");
    let answer = read_all(&mut slow).await;
    assert!(answer.ends_with("slow") && answer.contains("connection: close"), "{answer}");
    timeout(Duration::from_secs(1), running.ended).await.expect("ended").unwrap().unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn http2_streams_are_finished_too() {
    let running = start(settings(plain()));
    let client = reqwest::Client::builder().no_proxy().http2_prior_knowledge().build().unwrap();
    let slow = tokio::spawn(client.get(format!("http://{}/slow", running.address)).send());
    sleep(Duration::from_millis(100)).await;
    running.orders.send(Order::Drain).await.unwrap();
    assert_eq!(slow.await.unwrap().unwrap().text().await.unwrap(), "slow");
    timeout(Duration::from_secs(1), running.ended).await.expect("ended").unwrap().unwrap();
}

#[tokio::test]
async fn grace_is_an_upper_bound_and_quick_shortens_it() {
    for (grace, order, least, most) in [(200, Order::Drain, 200, 600), (5000, Order::Quick, 900, 1500)] {
        let mut settings = settings(plain());
        settings.grace = Duration::from_millis(grace);
        settings.limits.request_deadline = PATIENCE;
        let running = start(settings);
        let mut stuck = running.connect().await;
        stuck.write_all(b"GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
        sleep(Duration::from_millis(50)).await;
        let began = Instant::now();
        running.orders.send(order).await.unwrap();
        running.ended.await.unwrap().unwrap();
        let taken = began.elapsed();
        assert!(taken >= Duration::from_millis(least) && taken < Duration::from_millis(most), "{taken:?}");
        assert_eq!(read_all(&mut stuck).await, "");
    }
}

#[tokio::test]
async fn a_hand_over_to_nobody_changes_nothing() {
    let running = start(settings(plain()));
    running.orders.send(Order::HandOver).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let answer = running.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(answer.ends_with("hello"), "{answer}");
    // Without a sender left, the edge ends.
    drop(running.orders);
    running.ended.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hand_over_within_one_process() {
    let folder = std::env::temp_dir().join(format!("edge-hand-over-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut old = settings(plain());
    old.upgrade_socket = Some(folder.join("upgrade.sock"));
    let mut new = old.clone();
    let old = start(old);
    new.listen[0].address = old.address;
    new.upgrade = true;
    let opening = tokio::task::spawn_blocking(move || Edge::open(new));
    old.orders.send(Order::HandOver).await.unwrap();
    let edge = opening.await.unwrap().unwrap();
    assert_eq!(edge.addresses(), [old.address]);
    let (orders, received) = mpsc::channel(1);
    let ended = tokio::spawn(edge.serve(tower::service_fn(answer), Words, received));
    old.ended.await.unwrap().unwrap();
    let new = Running { address: old.address, orders, ended };
    let text = new.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    assert!(text.ends_with("hello"), "{text}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn settings_that_cannot_be_served_are_faults() {
    let outside = |listen: Listen| Listen { address: ([0, 0, 0, 0], 0).into(), ..listen };
    assert!(matches!(Edge::open(settings(outside(plain()))), Err(Fault::PlainOutside(_))));
    let proxied = Listen { behind_proxy: true, ..outside(plain()) };
    assert!(Edge::open(settings(proxied)).is_ok());

    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let again = Listen { address: taken.local_addr().unwrap(), ..plain() };
    assert!(matches!(Edge::open(settings(again)), Err(Fault::Bind { .. })));

    let none = Settings { listen: Vec::new(), ..settings(plain()) };
    assert!(matches!(Edge::open(none), Err(Fault::NoListener)));

    let mut small = settings(plain());
    small.limits.header_count = 0;
    assert!(matches!(Edge::open(small), Err(Fault::Limit("header_count"))));

    let mut open = settings(plain());
    open.upgrade_socket = Some(std::env::temp_dir().join("edge.sock"));
    assert!(matches!(Edge::open(open), Err(Fault::UpgradeSocket { .. })));
}

#[tokio::test]
async fn each_connection_is_counted_where_it_is_accepted() {
    let edge = Edge::open(settings(plain())).unwrap();
    let (address, counts) = (edge.addresses()[0], edge.counts());
    let (orders, received) = mpsc::channel(1);
    let ended = tokio::spawn(edge.serve(tower::service_fn(answer), Words, received));
    let running = Running { address, orders, ended };
    for _ in 0..2 {
        running.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    }
    assert_eq!((counts.arrived(), counts.accepted(), counts.on_their_way()), (2, 2, 0));
}
