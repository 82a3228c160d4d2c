//! What faults and overload do to those who are not concerned, with the real program built for release: the program on one
//! core, the load and the systems behind on the other. `make prove` runs it; it prints a table and ends with an error where
//! a bound is not held.
//!
//! `cargo bench --bench resilience -- faults overload` runs both, `-- faults --quick` gives one a short look, and
//! `-- faults "reset in the body" sql` runs one fault at one source.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::format_push_string,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on ends, and says where"
)]
#![allow(dead_code, reason = "the rig is shared with the tests")]

#[path = "../tests/resilience/backend.rs"]
mod backend;
#[path = "../tests/resilience/house.rs"]
mod house;
#[path = "../tests/resilience/load.rs"]
mod load;
#[path = "../tests/support/port.rs"]
mod port;
#[path = "../tests/resilience/proxy.rs"]
mod proxy;

use backend::Backend;
use house::{House, Wing, fill};
use load::{Asked, Came, client, load, percentile, wrong};
use port::free_port;
use proxy::{Fault, Proxy};
use std::{collections::BTreeMap, net::SocketAddr, process::ExitCode, time::Duration};

/// The whole time of a request, and what an answer may take beyond.
const DEADLINE: Duration = Duration::from_secs(2);
const BEYOND: Duration = Duration::from_millis(50);
const RATE: u32 = 300;
/// What others' p99 may be with a fault, for one without.
const MOST: f64 = 1.5;

const FAULTS: [(&str, Fault, bool); 14] = [
    ("refused", Fault::Refused, true),
    ("reset before", Fault::ResetBefore, true),
    ("reset in the header", Fault::ResetInHeader, true),
    ("reset in the body", Fault::ResetInBody, true),
    ("black hole", Fault::BlackHole, true),
    ("20 s delay", Fault::Delay, true),
    ("1 kB/s drip", Fault::Drip, true),
    ("truncated", Fault::Truncated, true),
    ("wrong length", Fault::WrongLength, true),
    ("garbage", Fault::Garbage, true),
    ("5xx", Fault::Failing, false),
    ("1xx flood", Fault::Flood, false),
    ("huge headers", Fault::HugeHeaders, false),
    ("429", Fault::TooMany, false),
];

const FROZEN: &str = "frozen process";
/// What is not the wire's doing, and where it shows.
const LATER: [(&str, &str); 3] = [(FROZEN, "rest"), ("broken TLS", "tls"), ("DNS failure", "nameless")];
const SOURCES: [&str; 5] = ["rest", "soap", "sql", "tls", "nameless"];

fn main() -> ExitCode {
    backend::serve();
    let words: Vec<String> = std::env::args().collect();
    let said = |word: &str| words.iter().any(|one| one == word);
    let quick = said("--quick");
    if !said("faults") && !said("overload") {
        println!("it takes a quarter of an hour: `cargo bench --bench resilience -- faults overload`");
        return ExitCode::SUCCESS;
    }
    // The program has the first core; this process and the systems behind have the other.
    let own = std::process::id().to_string();
    let pinned = std::process::Command::new("taskset").args(["-acp", "1", &own]).output();
    let cores = pinned.is_ok_and(|done| done.status.success()).then_some("0");
    println!("the program is {} a core of its own", if cores.is_some() { "on" } else { "without" });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let held = runtime.block_on(async {
        let mut held = true;
        if said("faults") {
            held &= faults(cores, if quick { 2 } else { 5 }, &words).await;
        }
        if said("overload") {
            held &= overload(cores, if quick { 10 } else { 60 }).await;
        }
        held
    });
    if held { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn ms(span: Duration) -> String {
    format!("{:.1}", span.as_secs_f64() * 1000.0)
}

/// Whether a fault at a source is meant: where words name some of either, only those.
fn is_meant(words: &[String], name: &str, at: &str) -> bool {
    let mut named = FAULTS.iter().map(|(name, ..)| *name).chain(LATER.map(|(name, _)| name));
    let some_fault = named.any(|name| words.iter().any(|word| word == name));
    let some_source = SOURCES.iter().any(|at| words.iter().any(|word| word == at));
    let said = |one: &str| words.iter().any(|word| word == one);
    (!some_fault || said(name)) && (!some_source || said(at))
}

/// Each fault at each source while 300 requests a second go to all of them.
async fn faults(cores: Option<&str>, seconds: u64, words: &[String]) -> bool {
    let (sick, calm) = (Backend::start(free_port(), 2, &[]), Backend::start(free_port(), 2, &[]));
    let (by_rest, by_soap, by_sql) = (free_port(), free_port(), free_port());
    let upstream = SocketAddr::from(([127, 0, 0, 1], sick.port));
    let mut proxies =
        vec![("rest", Proxy::start(by_rest, upstream)), ("soap", Proxy::start(by_soap, upstream))];
    let http =
        |port| format!("address: \"http://127.0.0.1:{port}\", plain: true, deadline: 1s, concurrency: 32");
    let bounds = "    resilience: { breaker: { rest: 1s } }\n";
    let mut wings = vec![
        Wing::rest("rest", &http(by_rest), bounds),
        Wing::soap("soap", &http(by_soap), bounds),
        Wing::rest("calm", &http(calm.port), bounds),
        Wing::rest("tls", &format!("address: \"https://127.0.0.1:{}\", deadline: 1s", calm.port), bounds),
        Wing::rest("nameless", "address: \"https://nobody.invalid\", deadline: 1s", bounds),
    ];
    if let Ok(url) = std::env::var("PORTICO_TEST_POSTGRES") {
        let (before, rest) = url.rsplit_once('@').unwrap();
        let (host, database) = rest.split_once('/').unwrap();
        fill(&url).await;
        proxies.push(("sql", Proxy::start(by_sql, host.parse().unwrap())));
        wings.push(Wing::sql(
            "sql",
            &format!("{before}@127.0.0.1:{by_sql}/{database}?sslmode=disable"),
            bounds,
        ));
    }
    let house = House::open(&wings, &format!("requestDeadline: {}s", DEADLINE.as_secs()), cores);
    let client = client();
    let names: Vec<&'static str> = proxies.iter().map(|(name, _)| *name).chain(["calm"]).collect();
    let span = Duration::from_secs(seconds);
    let _ = load(&house, &client, &names, RATE, span).await;
    println!("\n| fault | at | right | refused | wrong | slowest | others' p99, without → with | held |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut held = true;
    for (name, fault, of_sql) in FAULTS {
        let reached = proxies.iter().filter(|(at, _)| of_sql || *at != "sql");
        for (at, proxy) in reached.filter(|(at, _)| is_meant(words, name, at)) {
            let mut turns = Turns::default();
            while turns.wants_another() {
                let before = load(&house, &client, &names, RATE, span).await;
                proxy.set(fault);
                let with = load(&house, &client, &names, RATE, span).await;
                proxy.set(Fault::Sound);
                turns.add(line(name, at, &before, &with));
                well_again(&house, &client, &names).await;
            }
            held &= turns.held();
        }
    }
    for (name, at) in LATER.into_iter().filter(|(name, at)| is_meant(words, name, at)) {
        let mut turns = Turns::default();
        while turns.wants_another() {
            let before = load(&house, &client, &names, RATE, span).await;
            let with = if name == FROZEN {
                sick.freeze();
                let with = load(&house, &client, &names, RATE, span).await;
                sick.thaw();
                with
            } else {
                let more: Vec<&'static str> = names.iter().copied().chain([at]).collect();
                load(&house, &client, &more, RATE, span).await
            };
            turns.add(line(name, at, &before, &with));
            well_again(&house, &client, &names).await;
        }
        held &= turns.held();
    }
    held
}

/// What came of one fault. The p99 of a turn rests on its ten slowest requests, which anything else on the machine can be:
/// where it was missed there are two turns more, and the median of the three counts. All else holds in each turn.
#[derive(Default)]
struct Turns {
    is_sound: Vec<bool>,
    ratios: Vec<f64>,
}

impl Turns {
    fn add(&mut self, (is_sound, ratio): (bool, f64)) {
        self.is_sound.push(is_sound);
        self.ratios.push(ratio);
    }

    fn wants_another(&self) -> bool {
        self.ratios.len() < 3 && !self.ratios.first().is_some_and(|first| *first <= MOST)
    }

    fn held(mut self) -> bool {
        self.ratios.sort_by(f64::total_cmp);
        let held = self.ratios[self.ratios.len() / 2] <= MOST;
        if self.ratios.len() > 1 {
            let verdict = if held { "held" } else { "**not held**" };
            println!("| | | | | | | the median of three: {:.2} | {verdict} |", self.ratios[1]);
        }
        held && self.is_sound.iter().all(|is_sound| *is_sound)
    }
}

/// One line of the table. What is measured at one source is compared at those that the fault does not reach. Whether nothing
/// was wrong, late or struck that should not have been; and others' p99 for one without the fault.
fn line(name: &str, at: &str, before: &[Asked], with: &[Asked]) -> (bool, f64) {
    // A process that is frozen is behind two of them.
    let reached = |asked: &&Asked| asked.wing == at || (name == FROZEN && asked.wing == "soap");
    let struck: Vec<&Asked> = with.iter().filter(reached).collect();
    let count = |wanted: fn(&Came) -> bool| struck.iter().filter(|asked| wanted(&asked.came)).count();
    let slowest = struck.iter().map(|asked| asked.took).max().unwrap_or_default();
    let others = |all: &[Asked]| percentile(all.iter().filter(|asked| !reached(asked)), 99);
    let (without, under) = (others(before), others(with));
    let spared = with.iter().filter(|asked| !reached(asked)).all(|asked| asked.came == Came::Right);
    let wrong = wrong(with);
    let is_sound = wrong.is_empty() && spared && slowest <= DEADLINE + BEYOND;
    let ratio = under.as_secs_f64() / without.as_secs_f64();
    let held = is_sound && ratio <= MOST;
    println!(
        "| {name} | {at} | {} | {} | {} | {} ms | {} → {} ms | {} |",
        count(|came| *came == Came::Right),
        count(|came| matches!(came, Came::Refused(..))),
        wrong.len(),
        ms(slowest),
        ms(without),
        ms(under),
        if held { "yes" } else { "**no**" },
    );
    for what in wrong.iter().take(3) {
        println!("wrong: {what}");
    }
    (is_sound, ratio)
}

async fn well_again(house: &House, client: &reqwest::Client, names: &[&'static str]) {
    for _ in 0..200 {
        let all = load(house, client, names, 100, Duration::from_millis(200)).await;
        if all.iter().all(|asked| asked.came == Came::Right) {
            return;
        }
    }
    panic!("it does not recover");
}

/// Five times what a slow source bears.
async fn overload(cores: Option<&str>, seconds: u64) -> bool {
    /// Twenty calls at once of forty milliseconds each.
    const CAPACITY: u32 = 500;
    let slow = Backend::start(free_port(), 40, &[]);
    let http =
        format!("address: \"http://127.0.0.1:{}\", plain: true, deadline: 2s, concurrency: 20", slow.port);
    let bounds = "    resilience: { bulkhead: { queue: 40, wait: 200ms } }\n";
    let house = House::open(&[Wing::rest("slow", &http, bounds)], "requestDeadline: 5s", cores);
    let client = client();
    let names = ["slow"];
    let _ = load(&house, &client, &names, CAPACITY / 4, Duration::from_secs(3)).await;
    let normal = load(&house, &client, &names, CAPACITY / 2, Duration::from_secs(5)).await;
    let peak = load(&house, &client, &names, CAPACITY, Duration::from_secs(10)).await;
    let over = load(&house, &client, &names, CAPACITY * 5, Duration::from_secs(seconds)).await;
    let after = load(&house, &client, &names, CAPACITY / 2, Duration::from_secs(15)).await;
    let good = |all: &[Asked]| all.iter().filter(|asked| asked.came == Came::Right).count();
    let peak_rate = good(&peak) as f64 / 10.0;
    let rate = good(&over) as f64 / seconds as f64;
    let refused: Vec<&Asked> = over.iter().filter(|asked| matches!(asked.came, Came::Refused(..))).collect();
    let says = refused.iter().filter(|asked| matches!(asked.came, Came::Refused(_, true))).count();
    let mut codes: BTreeMap<&str, usize> = BTreeMap::new();
    for asked in &refused {
        if let Came::Refused(code, _) = &asked.came {
            *codes.entry(code).or_default() += 1;
        }
    }
    let usual = percentile(normal.iter(), 99);
    // The last moment at which something was not as usual, from the end of the overload.
    let unusual = |asked: &&Asked| asked.came != Came::Right || asked.took > usual.mul_f64(1.5);
    let per_second = |second: u64| {
        let of_it = |asked: &&Asked| asked.due.as_secs() == second;
        let all = after.iter().filter(of_it).count().max(1);
        after.iter().filter(of_it).filter(unusual).count() as f64 / all as f64
    };
    let back = (0..15).rev().find(|second| per_second(*second) > 0.02).map_or(0, |second| second + 1);
    println!("\n| what | measured |");
    println!("|---|---|");
    println!("| peak: asked {CAPACITY}/s, right | {peak_rate:.0}/s |");
    println!(
        "| five times: asked {}/s for {seconds} s, right | {rate:.0}/s ({:.0} %) |",
        CAPACITY * 5,
        rate * 100.0 / peak_rate
    );
    println!("| refused, and of them with `Retry-After` | {}, {says} ({codes:?}) |", refused.len());
    println!(
        "| a refusal takes (p50, p99) | {} ms, {} ms |",
        ms(percentile(refused.iter().copied(), 50)),
        ms(percentile(refused.iter().copied(), 99))
    );
    println!(
        "| a right answer takes (p50, p99): usual; in the overload | {}, {} ms; {}, {} ms |",
        ms(percentile(normal.iter(), 50)),
        ms(usual),
        ms(percentile(over.iter().filter(|a| a.came == Came::Right), 50)),
        ms(percentile(over.iter().filter(|a| a.came == Came::Right), 99))
    );
    println!("| as usual again behind | {back} s |");
    let wrong = wrong(&over);
    println!("| wrong | {} |", wrong.len());
    for what in wrong.iter().take(3) {
        println!("wrong: {what}");
    }
    wrong.is_empty() && rate >= peak_rate * 0.8 && says == refused.len() && back <= 5
}
