//! Rates that are shared over a real Redis: two programs let through what one may; a server that is killed, frozen or slow
//! costs no answer and hardly any time, and one node's callers get what they may.

use super::{Hands, Question, ask, client, get, received, shelter};
use crate::support::port::free_port;
use portico::{
    backend::http::Outgoing,
    idempotency::Memory,
    limits::{Limits, Shared},
    pipeline::Facade,
};
use std::{
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// A server of one's own; `None` where the machine has none (`make test` installs it).
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// At this port, or at a free one.
    fn begin(wanted: u16) -> Option<Self> {
        for _ in 0..20 {
            let port = if wanted == 0 { free_port() } else { wanted };
            let mut command = Command::new("redis-server");
            command.args([
                "--port",
                &port.to_string(),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ]);
            let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
            let mut server = Self { child, port };
            for _ in 0..200 {
                std::thread::sleep(Duration::from_millis(20));
                if server.child.try_wait().unwrap().is_some() {
                    break;
                }
                if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                    std::thread::sleep(Duration::from_millis(50));
                    if server.child.try_wait().unwrap().is_none() {
                        return Some(server);
                    }
                }
            }
        }
        panic!("redis-server does not begin");
    }

    fn signal(&self, name: &str) {
        let done = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(done.unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn facade(port: u16, rate: &str) -> (Facade, Arc<Shared>) {
    let api = format!("+rate: {{ perClient: {rate} }}\n");
    let files = [("mappings/rescue/v1/api.yaml", api.as_str())];
    let system = |_: Outgoing| async { Ok(received(200, "[]")) };
    let facade = shelter(&files, Hands::new(), Arc::new(Memory::default()), system).await;
    let shared = Shared::begin(&format!("redis://127.0.0.1:{port}/")).unwrap();
    let limits = Limits::new(Hands::new()).with_shared(Some(Arc::clone(&shared)));
    (facade.with_limits(Arc::new(limits)), shared)
}

async fn until(what: &str, mut is: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what} did not come");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn question() -> Question {
    Question { caller: Some(client("ada")), ..get("/v1/pets") }
}

/// Asks so often; how many were let through, and how long the slowest took.
async fn good(facade: &Facade, times: usize) -> (usize, Duration) {
    let (mut good, mut slowest) = (0, Duration::ZERO);
    for _ in 0..times {
        let begun = Instant::now();
        let heard = ask(facade, &question()).await;
        slowest = slowest.max(begun.elapsed());
        assert!(heard.status == 200 || heard.status == 429, "{heard:?}");
        good += usize::from(heard.status == 200);
    }
    (good, slowest)
}

/// Longer than every time-out together, and a busy machine.
const LITTLE: Duration = Duration::from_millis(400);

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_let_through_what_one_may() {
    let Some(server) = Server::begin(0) else { return eprintln!("there is no redis-server") };
    let (one, first) = facade(server.port, "100/h").await;
    let (two, second) = facade(server.port, "100/h").await;
    until("both connections", || first.is_connected() && second.is_connected()).await;
    let (a, b) = (good(&one, 60).await.0, good(&two, 60).await.0);
    assert!((100..=101).contains(&(a + b)), "{a} and {b}");
    let refused = ask(&two, &question()).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "F311"));
    let pause: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((30..=37).contains(&pause), "{pause}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_killed_and_comes_back_costs_nothing() {
    let Some(mut server) = Server::begin(0) else { return eprintln!("there is no redis-server") };
    let port = server.port;
    let (facade, shared) = facade(port, "300/h").await;
    until("the connection", || shared.is_connected()).await;
    let (first, _) = good(&facade, 100).await;
    drop(server);
    let (second, slowest) = good(&facade, 100).await;
    assert!(slowest < LITTLE, "{slowest:?}");
    assert!(!shared.is_connected());
    server = Server::begin(port).unwrap();
    until("the connection again", || shared.is_connected()).await;
    // It has forgotten all; this program has not.
    let (third, slowest) = good(&facade, 200).await;
    assert!(slowest < LITTLE, "{slowest:?}");
    let all = first + second + third;
    assert!((270..=330).contains(&all), "{all} of 300, which is within a tenth");
    drop(server);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_frozen_is_not_waited_for() {
    let Some(server) = Server::begin(0) else { return eprintln!("there is no redis-server") };
    let (facade, shared) = facade(server.port, "300/h").await;
    until("the connection", || shared.is_connected()).await;
    let (first, _) = good(&facade, 100).await;
    server.signal("-STOP");
    let begun = Instant::now();
    let (second, slowest) = good(&facade, 300).await;
    assert!(
        slowest < LITTLE && begun.elapsed() < Duration::from_secs(3),
        "{slowest:?} {:?}",
        begun.elapsed()
    );
    let all = first + second;
    assert!((270..=330).contains(&all), "{all}");
    server.signal("-CONT");
    until("the connection again", || shared.is_connected()).await;
    assert_eq!(ask(&facade, &question()).await.status, 429);
}

/// A way to the server on which every answer takes so many milliseconds.
async fn slow(port: u16, pause: &Arc<AtomicU64>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own: SocketAddr = listener.local_addr().unwrap();
    let pause = Arc::clone(pause);
    #[allow(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let pause = Arc::clone(&pause);
            tokio::spawn(async move {
                let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else { return };
                let (mut to_client, mut to_server) = (vec![0; 4096], vec![0; 4096]);
                loop {
                    tokio::select! {
                        read = client.read(&mut to_server) => match read {
                            Ok(0) | Err(_) => return,
                            Ok(read) => if server.write_all(&to_server[..read]).await.is_err() { return },
                        },
                        read = server.read(&mut to_client) => match read {
                            Ok(0) | Err(_) => return,
                            Ok(read) => {
                                tokio::time::sleep(Duration::from_millis(pause.load(Ordering::Relaxed))).await;
                                if client.write_all(&to_client[..read]).await.is_err() { return }
                            }
                        },
                    }
                }
            });
        }
    });
    own.port()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_slow_is_left_alone_until_it_is_fast_again() {
    let Some(server) = Server::begin(0) else { return eprintln!("there is no redis-server") };
    let pause = Arc::new(AtomicU64::new(0));
    let (facade, shared) = facade(slow(server.port, &pause).await, "300/h").await;
    until("the connection", || shared.is_connected()).await;
    let (first, _) = good(&facade, 100).await;
    pause.store(2_000, Ordering::Relaxed);
    let begun = Instant::now();
    let (second, slowest) = good(&facade, 100).await;
    assert!(
        slowest < LITTLE && begun.elapsed() < Duration::from_secs(2),
        "{slowest:?} {:?}",
        begun.elapsed()
    );
    pause.store(0, Ordering::Relaxed);
    until("the connection again", || shared.is_connected()).await;
    let (third, _) = good(&facade, 200).await;
    let all = first + second + third;
    assert!((270..=330).contains(&all), "{all}");
}

#[tokio::test]
async fn a_wrong_address_is_told_without_its_password() {
    let wrong = Shared::begin("http://user:sesame@host/").unwrap_err();
    assert!(wrong.contains("shared.redis") && !wrong.contains("sesame"), "{wrong}");
}
