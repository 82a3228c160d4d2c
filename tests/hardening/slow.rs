//! Clients that take their time: heads that never end, bodies that drip, answers that are hardly taken. They are let go,
//! hold little, and others hardly notice. The sizes that are promised are those of `make prove`.

use super::proving;
use crate::black_box::support::{Client, Demo, PATIENCE, Program};
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::{sleep, timeout},
};

/// Between two bytes of an attacker.
const DRIP: Duration = Duration::from_secs(1);
/// How many attackers knock at once, and for how long: where they come faster than they can be accepted, the kernel itself
/// has them wait, for seconds and more.
const KNOCKING: usize = 64;
const KNOCK: Duration = Duration::from_millis(10);
/// How many come from one address: fewer than one address may have.
const OF_ONE: u32 = 100;

#[derive(Clone, Copy, Debug)]
enum Kind {
    Head,
    Body,
    Reader,
}

/// How an attack is led.
struct Attack {
    port: u16,
    token: String,
    /// Attackers so far: each has its number, and an address by it.
    serial: AtomicU64,
    knocking: Semaphore,
}

impl Attack {
    fn new(client: &Client) -> Arc<Self> {
        let token = client.token().unwrap();
        let (port, serial) = (client.port(), AtomicU64::new(0));
        Arc::new(Self { port, token, serial, knocking: Semaphore::new(KNOCKING) })
    }

    /// Comes as the next attacker, from an address of its own network.
    async fn connect(&self, kind: Kind) -> TcpStream {
        let _one = self.knocking.acquire().await.unwrap();
        let number = u32::try_from(self.serial.fetch_add(1, Ordering::Relaxed)).unwrap();
        let from = Ipv4Addr::from(u32::from(Ipv4Addr::new(127, 1, 0, 1)) + number / OF_ONE);
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((from, 0).into()).unwrap();
        if matches!(kind, Kind::Reader) {
            socket.set_recv_buffer_size(4096).unwrap();
        }
        let stream = socket.connect(SocketAddr::from(([127, 0, 0, 1], self.port))).await.unwrap();
        sleep(KNOCK).await;
        stream
    }

    fn first(&self, kind: Kind) -> String {
        let token = &self.token;
        match kind {
            Kind::Head => "GET /v1/pets HTTP/1.1\r\nHost: a\r\nX-Slow: ".to_owned(),
            Kind::Body => format!(
                "POST /v1/pets HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{{"
            ),
            // Large, and cheap to make: what is tried is the taking.
            Kind::Reader => "GET /errors HTTP/1.1\r\nHost: a\r\n\r\n".repeat(128),
        }
    }

    /// One attacker, from its connection until it is let go; how long that took.
    async fn run(self: Arc<Self>, kind: Kind) -> Duration {
        let mut stream = self.connect(kind).await;
        let begun = Instant::now();
        if stream.write_all(self.first(kind).as_bytes()).await.is_err() {
            return begun.elapsed();
        }
        loop {
            sleep(DRIP).await;
            let mut bytes = [0; 1];
            let is_over = match kind {
                // It reads what there is, to see the end.
                Kind::Head | Kind::Body => stream.write_all(b" ").await.is_err() || is_at_end(&mut stream),
                Kind::Reader => {
                    stream.write_all(b"G").await.is_err()
                        || !matches!(timeout(DRIP, stream.read(&mut bytes)).await, Ok(Ok(1)) | Err(_))
                }
            };
            if is_over {
                return begun.elapsed();
            }
        }
    }
}

/// Whether the other side has ended; what it said is dropped.
fn is_at_end(stream: &mut TcpStream) -> bool {
    let mut bytes = [0; 1024];
    loop {
        match stream.try_read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

/// Attackers of each kind; how long the longest of each was there.
async fn attack(attack: &Arc<Attack>, many: [(Kind, usize); 3]) -> [Duration; 3] {
    let mut tasks = JoinSet::new();
    for (at, (kind, many)) in many.into_iter().enumerate() {
        for _ in 0..many {
            let attack = Arc::clone(attack);
            tasks.spawn(async move { (at, attack.run(kind).await) });
        }
    }
    let mut longest = [Duration::ZERO; 3];
    while let Some(done) = tasks.join_next().await {
        let (at, took) = done.unwrap();
        longest[at] = longest[at].max(took);
    }
    longest
}

/// Ordinary requests, one after another, until told to stop; how long each took. What is public is in no audit trail,
/// which the attackers' refused writes are.
async fn ordinary(client: Client, stop: Arc<AtomicBool>) -> Vec<Duration> {
    let mut took = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let begun = Instant::now();
        client.get("/v1/species").await.with(200);
        took.push(begun.elapsed());
        sleep(Duration::from_millis(5)).await;
    }
    took
}

fn p99(mut took: Vec<Duration>) -> Duration {
    took.sort();
    took[(took.len() * 99 / 100).min(took.len() - 1)]
}

/// The most memory that a program has while something goes on.
async fn most<T>(program: &Program, while_this: impl Future<Output = T>) -> (T, u64) {
    let mut while_this = std::pin::pin!(while_this);
    let mut most = 0;
    loop {
        tokio::select! {
            done = while_this.as_mut() => return (done, most),
            () = sleep(Duration::from_millis(100)) => most = most.max(program.resident()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_let_go_and_others_are_served() {
    let mut demo = Demo::start_with(|home| {
        let text = home.read("config/demo.yaml");
        home.write(
            "config/demo.yaml",
            &format!("{text}limits: {{ headerDeadline: 1s, answerWait: 2s, requests: 16 }}\n"),
        );
    })
    .await;
    let begun = Attack::new(&demo.client);
    let stop = Arc::new(AtomicBool::new(false));
    #[expect(clippy::disallowed_methods, reason = "it is waited for below")]
    let others = tokio::spawn(ordinary(demo.client.clone(), Arc::clone(&stop)));
    let many = [(Kind::Head, 100), (Kind::Body, 20), (Kind::Reader, 20)];
    timeout(PATIENCE, attack(&begun, many)).await.expect("all of them are let go");
    stop.store(true, Ordering::Relaxed);
    assert!(!others.await.unwrap().is_empty());
    assert!(demo.program.is_alive());
}

/// 10,000 slow heads, 2,000 slow bodies and 2,000 slow readers at once, against a façade of its own.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes more than a minute; `make prove`"]
async fn fourteen_thousand_slow_clients_hold_little_and_are_hardly_noticed() {
    if !proving() {
        return;
    }
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let raised = rustix::process::Rlimit { current: limit.maximum, maximum: limit.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, raised).unwrap();
    let demo = Demo::start().await;
    let (program, client) = demo.beside("drupal7").await;
    let measure = async |client: Client, during: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        let stop = Arc::new(AtomicBool::new(false));
        #[expect(clippy::disallowed_methods, reason = "it is waited for below")]
        let others = tokio::spawn(ordinary(client, Arc::clone(&stop)));
        during.await;
        stop.store(true, Ordering::Relaxed);
        p99(others.await.unwrap())
    };
    // The first requests make what is there afterwards: pools, tables, pages of the allocator.
    for _ in 0..50 {
        client.get("/v1/pets?limit=100").await.with(200);
        client.get("/v1/species").await.with(200);
    }
    let base = measure(client.clone(), Box::pin(sleep(Duration::from_secs(10)))).await;
    let before = program.resident();
    let attackers = Attack::new(&client);
    let many = [(Kind::Head, 10_000), (Kind::Body, 2_000), (Kind::Reader, 2_000)];
    let told = Arc::new(std::sync::Mutex::new([Duration::ZERO; 3]));
    let attacked = {
        let (attackers, told) = (Arc::clone(&attackers), Arc::clone(&told));
        measure(
            client.clone(),
            Box::pin(async move { *told.lock().unwrap() = attack(&attackers, many).await }),
        )
    };
    let (attacked, most) = most(&program, attacked).await;
    let longest = *told.lock().unwrap();
    let more = most.saturating_sub(before) / (1024 * 1024);
    eprintln!(
        "before {} MB, at most {more} MB more; p99 {base:?} before, {attacked:?} during; longest {longest:?}",
        before / (1024 * 1024)
    );
    assert!(more <= 120, "{more} MB more");
    assert!(attacked <= (base * 3).max(Duration::from_millis(25)), "{attacked:?} against {base:?}");
    // The deadlines are 5 s for a head, two windows of 5 s for a body, and 30 s for an answer; each and a little.
    for (longest, most) in longest.into_iter().zip([8, 16, 40]) {
        assert!(longest < Duration::from_secs(most), "{longest:?}");
    }
}
