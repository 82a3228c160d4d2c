//! Two replicas over a real Redis: they share what they read, hear of each other's writes within a second, and go on alone
//! when it is frozen or gone.

use super::desk::{Desk, get, rename, role};
use portico::{cache::count::Outcome, pipeline::Facade};
use std::{
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Longer than what is bounded by a second takes on a busy machine: a test does not time the machine.
const LONG: Duration = Duration::from_secs(20);

struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    async fn start() -> Self {
        let port = crate::support::port::free_port();
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .expect("`redis-server` is needed: `scripts/needs test` installs it");
        let redis = Self { child, port };
        until("redis listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
        redis
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Waits for something, five seconds at most.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(5);
    while !holds() {
        assert!(Instant::now() < end, "{what}: not within five seconds");
        sleep(Duration::from_millis(10)).await;
    }
}

fn heard(facade: &Facade) -> bool {
    facade.cache().shared().is_some_and(portico::cache::shared::Shared::is_listening)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_share_and_hear_of_writes_and_go_on_alone() {
    let redis = Redis::start().await;
    let desk = Desk::new();
    let mut replicas: Vec<Arc<Facade>> = Vec::new();
    for _ in 0..2 {
        let facade = desk.facade("cache: { fresh: 1h, stale: 1h }\n").await;
        facade.cache().share(&format!("redis://127.0.0.1:{}/0", redis.port)).unwrap();
        replicas.push(facade);
    }
    let [here, there] = &replicas[..] else { panic!() };
    until("both hear", || heard(here) && heard(there)).await;
    let admin = role("admin", "");

    // What one has read, the other need not.
    for target in ["/v1/pets/3", "/v1/pets?limit=7", "/v1/pets.xml?ownerId=3"] {
        let before = desk.calls();
        let mine = get(here, &admin, target).await;
        sleep(Duration::from_millis(100)).await;
        let theirs = get(there, &admin, target).await;
        assert_eq!((mine.status, &mine.body, &mine.tag), (200, &theirs.body, &theirs.tag), "{target}");
        assert_eq!(desk.calls(), before + 1, "{target}: {theirs:?}");
    }
    assert_eq!(there.cache().counts.of("rescue/v1/pets", Outcome::SharedHit), 3);

    // Each other's writes are seen within a second, one's own at once. The second itself is held to by `make prove` alone.
    let proving = std::env::var_os("PORTICO_PROVE").is_some();
    let promised = if proving { Duration::from_secs(1) } else { LONG };
    for round in 0..20 {
        let name = format!("Round {round}");
        let (writer, other) = if round % 2 == 0 { (here, there) } else { (there, here) };
        get(other, &admin, "/v1/pets/3").await;
        assert_eq!(rename(writer, &admin, 3, &name).await.status, 200);
        assert_eq!(get(writer, &admin, "/v1/pets/3").await.json()["name"], name.as_str());
        let begun = Instant::now();
        while get(other, &admin, "/v1/pets/3").await.json()["name"] != name.as_str() {
            assert!(begun.elapsed() < promised, "round {round}: the old value stays");
            sleep(Duration::from_millis(5)).await;
        }
    }

    // Frozen: everything is answered, and soon.
    redis.signal("-STOP");
    for round in 0..20 {
        let begun = Instant::now();
        assert_eq!(get(here, &admin, &format!("/v1/pets/{}", round + 1)).await.status, 200);
        assert!(begun.elapsed() < LONG, "{:?}", begun.elapsed());
        assert_eq!(rename(here, &admin, 3, &format!("Frozen {round}")).await.status, 200);
        assert_eq!(get(here, &admin, "/v1/pets/3").await.json()["name"], format!("Frozen {round}"));
    }
    redis.signal("-CONT");
    until("both hear again", || heard(here) && heard(there)).await;
    let begun = Instant::now();
    while get(there, &admin, "/v1/pets/3").await.json()["name"] != "Frozen 19" {
        assert!(begun.elapsed() < LONG, "what was missed is not made good");
        sleep(Duration::from_millis(10)).await;
    }

    // Gone: each goes on alone.
    drop(redis);
    for round in 0..20 {
        assert_eq!(get(here, &admin, "/v1/pets?limit=9").await.status, 200);
        assert_eq!(rename(there, &admin, 5, &format!("Gone {round}")).await.status, 200);
        assert_eq!(get(there, &admin, "/v1/pets/5").await.json()["name"], format!("Gone {round}"));
    }
}
