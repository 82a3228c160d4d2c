//! Sixteen faults of a wire, a process and a name: whatever breaks, no answer is wrong or another's, what is not affected
//! goes on, and all is well again behind it.

use super::{
    backend::{self, Backend},
    house::{House, Wing, fill},
    load::{Came, ask, client, load, wrong},
    port::free_port,
    proxy::{Fault, Proxy},
};
use std::{net::SocketAddr, time::Duration};

const PATIENCE: Duration = Duration::from_mins(1);

/// Of these SQL has no like.
const OF_HTTP: [Fault; 4] = [Fault::Failing, Fault::Flood, Fault::HugeHeaders, Fault::TooMany];

const FAULTS: [Fault; 13] = [
    Fault::Refused,
    Fault::ResetBefore,
    Fault::ResetInHeader,
    Fault::ResetInBody,
    Fault::BlackHole,
    Fault::Delay,
    Fault::Drip,
    Fault::Truncated,
    Fault::WrongLength,
    Fault::Garbage,
    Fault::Flood,
    Fault::HugeHeaders,
    Fault::Failing,
];

/// Starts a backend, where this binary was started to be one.
#[test]
#[ignore = "the process of a backend, which other tests start"]
fn be_a_backend() {
    backend::serve();
}

pub const ARGS: [&str; 4] = ["--ignored", "--exact", "resilience::faults::be_a_backend", "--nocapture"];

const QUICK: &str = "    resilience: { breaker: { rest: 300ms } }\n";

fn http(port: u16) -> String {
    format!("address: \"http://127.0.0.1:{port}\", plain: true, deadline: 1s, concurrency: 16")
}

/// The address of the `PostgreSQL` that the tests have, and its URL by another port.
fn postgres(port: u16) -> Option<(SocketAddr, String)> {
    let url = std::env::var("PORTICO_TEST_POSTGRES").ok()?;
    let (before, rest) = url.rsplit_once('@')?;
    let (host, database) = rest.split_once('/')?;
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:5432") };
    let address = host.replace("localhost", "127.0.0.1").parse().ok()?;
    Some((address, format!("{before}@127.0.0.1:{port}/{database}?sslmode=disable")))
}

/// Asks until it is as it was.
async fn recovers(house: &House, client: &reqwest::Client, wing: &str) {
    let well = async {
        let mut row = 0;
        while row < 3 {
            row = if ask(client, &house.url(wing, 7), 7).await == Came::Right { row + 1 } else { 0 };
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, well).await.is_ok(), "{wing} does not recover");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_fault_makes_an_answer_wrong_or_reaches_another_source() {
    let (sick, calm) = (Backend::start(free_port(), 0, &ARGS), Backend::start(free_port(), 0, &ARGS));
    let (by_rest, by_soap, by_sql) = (free_port(), free_port(), free_port());
    let upstream = SocketAddr::from(([127, 0, 0, 1], sick.port));
    let mut proxies =
        vec![("rest", Proxy::start(by_rest, upstream)), ("soap", Proxy::start(by_soap, upstream))];
    let mut wings = vec![
        Wing::rest("rest", &http(by_rest), QUICK),
        Wing::soap("soap", &http(by_soap), QUICK),
        Wing::rest("calm", &http(calm.port).replace("deadline: 1s", "deadline: 15s"), ""),
        // A server that does not speak TLS, and a name that nobody has.
        Wing::rest("tls", &format!("address: \"https://127.0.0.1:{}\", deadline: 1s", calm.port), QUICK),
        Wing::rest("nameless", "address: \"https://nobody.invalid\", deadline: 1s", QUICK),
    ];
    if let Some((server, url)) = postgres(by_sql) {
        fill(&std::env::var("PORTICO_TEST_POSTGRES").unwrap()).await;
        proxies.push(("sql", Proxy::start(by_sql, server)));
        wings.push(Wing::sql("sql", &url, QUICK));
    }
    let house = House::open(&wings, "requestDeadline: 20s", None);
    let client = client();
    for (wing, _) in &proxies {
        recovers(&house, &client, wing).await;
    }
    for fault in FAULTS.into_iter().chain([Fault::TooMany]) {
        let struck = |wing: &str| wing != "sql" || !OF_HTTP.contains(&fault);
        for (_, proxy) in proxies.iter().filter(|(wing, _)| struck(wing)) {
            proxy.set(fault);
        }
        let names: Vec<&'static str> = proxies.iter().map(|(wing, _)| *wing).chain(["calm"]).collect();
        let all = load(&house, &client, &names, 100, Duration::from_millis(600)).await;
        let wrong = wrong(&all);
        assert!(wrong.is_empty(), "{fault:?}: {wrong:#?}");
        for asked in &all {
            match &asked.came {
                Came::Refused(code, again) => {
                    assert!(asked.wing != "calm", "{fault:?} reaches another source: {code}");
                    assert!(*again || !matches!(code.as_str(), "F531" | "F532"), "{code} says no pause");
                }
                came => assert!(*came == Came::Right, "{fault:?}: {came:?}"),
            }
        }
        // With none of these does anything get through that could be right.
        let dead = matches!(fault, Fault::Refused | Fault::ResetBefore | Fault::BlackHole | Fault::Failing);
        if dead {
            let through = all.iter().filter(|asked| struck(asked.wing) && asked.wing != "calm");
            assert!(
                through.clone().count() > 0 && through.clone().all(|asked| asked.came != Came::Right),
                "{fault:?}"
            );
        }
        for (wing, proxy) in &proxies {
            proxy.set(Fault::Sound);
            recovers(&house, &client, wing).await;
        }
    }
    // A process that stands still takes connections all the same.
    sick.freeze();
    let all = load(&house, &client, &["rest", "soap", "calm"], 100, Duration::from_millis(600)).await;
    let came: Vec<_> =
        all.iter().filter(|asked| (asked.wing == "calm") != (asked.came == Came::Right)).collect();
    assert!(came.is_empty(), "{came:?}");
    sick.thaw();
    for wing in ["rest", "soap"] {
        recovers(&house, &client, wing).await;
    }
    for wing in ["tls", "nameless"] {
        let all = load(&house, &client, &[wing, "calm"], 100, Duration::from_millis(300)).await;
        for asked in all {
            let refused = matches!(&asked.came, Came::Refused(code, _) if ["F511", "F512", "F531", "F532"].contains(&code.as_str()));
            assert_eq!(refused, asked.wing != "calm", "{asked:?}");
        }
    }
}
