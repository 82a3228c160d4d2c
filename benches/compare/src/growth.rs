//! How the façade's cost grows with rows, members, resources, callers and connections; how fast it starts, and what a reload
//! does to those who are being answered. Sizes of one line are driven in turns, as contestants are.

use crate::{
    Folders, ask,
    contestant::{self, Contestant, House, MEASURED},
    load::{self, Load},
    plot,
    process::{Program, Running},
    project::{self, Size},
    quiet::Moment,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    process::Command,
    time::{Duration, Instant},
};

const ROUNDS: usize = 3;
const TURN: Duration = Duration::from_secs(2);
/// Of the projects that are made.
const PORT: u16 = 4380;

/// One measured place of a line.
pub struct Place {
    pub line: String,
    pub size: f64,
    pub value: f64,
    pub unit: String,
}

/// One line of the growth.
type Part = fn(&Folders) -> Result<Vec<Place>, String>;

const PARTS: [(&str, Part); 7] = [
    ("rows", rows),
    ("members", members),
    ("resources", resources),
    ("callers", callers),
    ("connections", connections),
    ("start", start),
    ("reload", reload),
];

/// All lines, and what came of them into the report; or some, which are only told.
pub fn run(folders: &Folders, words: &[String]) -> Result<(), String> {
    if let Some(word) = words.iter().find(|word| PARTS.iter().all(|(name, _)| name != word)) {
        let names = PARTS.map(|(name, _)| name).join(", ");
        return Err(format!("`{word}` is none of {names}"));
    }
    // Ten thousand connections are open on both sides.
    let own = std::process::id().to_string();
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let most = limits.lines().find(|line| line.starts_with("Max open files"));
    if let Some(hard) = most.and_then(|line| line.split_whitespace().nth(4)) {
        let _ = Command::new("prlimit").args(["--pid", &own, &format!("--nofile={hard}:{hard}")]).status();
    }
    let _legacy = contestant::legacy(folders)?;
    let mut places = Vec::new();
    for (_, part) in
        PARTS.iter().filter(|(name, _)| words.is_empty() || words.iter().any(|word| word == name))
    {
        let some = part(folders)?;
        for place in &some {
            println!("{} {}: {:.2} {}", place.line, place.size, place.value, place.unit);
        }
        places.extend(some);
    }
    if !words.is_empty() {
        return Ok(());
    }
    let values: Vec<Value> = places
        .iter()
        .map(|p| json!({ "line": p.line, "size": p.size, "value": p.value, "unit": p.unit }))
        .collect();
    let file = folders.made.join("growth.json");
    fs::write(&file, Value::Array(values).to_string()).map_err(|e| format!("{}: {e}", file.display()))?;
    crate::report::again(folders)
}

pub fn kept(folders: &Folders) -> Vec<Place> {
    let text = fs::read_to_string(folders.made.join("growth.json")).unwrap_or_default();
    let values: Vec<Value> = serde_json::from_str(&text).unwrap_or_default();
    let place = |value: &Value| {
        Some(Place {
            line: value["line"].as_str()?.to_owned(),
            size: value["size"].as_f64()?,
            value: value["value"].as_f64()?,
            unit: value["unit"].as_str()?.to_owned(),
        })
    };
    values.iter().filter_map(place).collect()
}

/// Tables and the plot.
pub fn told(folders: &Folders) -> Result<String, String> {
    let places = kept(folders);
    let mut lines: Vec<&str> = Vec::new();
    for place in &places {
        if !lines.contains(&place.line.as_str()) {
            lines.push(&place.line);
        }
    }
    let mut text = String::new();
    for line in &lines {
        let some: Vec<&Place> = places.iter().filter(|place| place.line == *line).collect();
        let sizes: Vec<String> = some.iter().map(|p| format!("{}", p.size)).collect();
        let values: Vec<String> = some.iter().map(|p| format!("{:.2}", p.value)).collect();
        let unit = some.first().map_or("", |place| &place.unit);
        text.push_str(&format!("| {line} | {} |\n|{}\n", sizes.join(" | "), "---|".repeat(some.len() + 1)));
        text.push_str(&format!("| {unit} | {} |\n\n", values.join(" | ")));
    }
    if !places.is_empty() {
        plot::growth(&folders.root.join("docs/performance/growth.svg"), &lines, &places)?;
        text.push_str("![growth](performance/growth.svg)\n");
    }
    Ok(text)
}

fn place(line: &str, size: f64, value: f64, unit: &str) -> Place {
    Place { line: line.to_owned(), size, value, unit: unit.to_owned() }
}

/// A project's façade, on the core of who is measured.
fn facade(folders: &Folders, name: &str, size: &Size) -> Result<Running, String> {
    let folder = folders.made.join("growth").join(name);
    let _ = fs::remove_dir_all(&folder);
    project::write(&folder, size)?;
    started(folders, name)
}

fn started(folders: &Folders, name: &str) -> Result<Running, String> {
    let config = folders.made.join("growth").join(name).join("config.yaml").display().to_string();
    let program = Program::new(name, &folders.facade);
    program.words(["serve", "--threads", "1", "--config", &config]).on(MEASURED).start(folders)
}

fn address(port: u16) -> SocketAddr {
    ([127, 0, 0, 1], port).into()
}

/// Waits until a request is answered well.
fn answers(at: SocketAddr, target: &str) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        match ask::get(at, target) {
            Ok((200, _)) => return Ok(()),
            other if begun.elapsed() > Duration::from_secs(30) => {
                return Err(format!("{at}{target} does not answer: {other:?}"));
            }
            _ => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}

/// The processor time of a request, in microseconds.
fn cost(folders: &Folders, of: &Running, at: SocketAddr, target: &str) -> Result<f64, String> {
    let load =
        Load { address: at, method: "GET", target, headers: &[], body: "", connections: 8, lasts: TURN };
    let turn = load::turn(folders, of, load)?;
    Ok(turn.used.seconds * 1e6 / turn.outcome.requests)
}

/// Each size's cost, as the median of some rounds in turns.
fn in_turns(
    folders: &Folders,
    sizes: &[f64],
    of: impl Fn(usize) -> (SocketAddr, String),
    running: impl Fn(usize) -> usize,
    all: &[Running],
) -> Result<Vec<f64>, String> {
    let mut costs: Vec<Vec<f64>> = vec![Vec::new(); sizes.len()];
    for round in 0..=ROUNDS {
        for (at, costs) in costs.iter_mut().enumerate() {
            let (address, target) = of(at);
            let running = all.get(running(at)).ok_or("no program for a size")?;
            let cost = cost(folders, running, address, &target)?;
            if round > 0 {
                costs.push(cost);
            }
        }
    }
    Ok(costs
        .into_iter()
        .map(|mut some| {
            some.sort_by(f64::total_cmp);
            some[some.len() / 2]
        })
        .collect())
}

fn rows(folders: &Folders) -> Result<Vec<Place>, String> {
    let sizes = [10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0];
    let portico = Contestant::Portico.start(House::Plain, folders)?;
    let at = Contestant::Portico.address(House::Plain);
    let of = |n: usize| (at, format!("/v1/pets?limit={}", sizes[n]));
    let costs = in_turns(folders, &sizes, of, |_| 0, &[portico])?;
    Ok(sizes
        .iter()
        .zip(costs)
        .map(|(size, cost)| place("rows of a list", *size, cost / size, "µs for each row"))
        .collect())
}

fn members(folders: &Folders) -> Result<Vec<Place>, String> {
    const SIZES: &[usize] = &[10, 30, 100, 300, 1000];
    let size = Size { port: PORT, resources: SIZES.len(), members: SIZES, more: "" };
    let portico = facade(folders, "members", &size)?;
    answers(address(PORT), &format!("/v1/{}/1", project::name(0)))?;
    let sizes: Vec<f64> = SIZES.iter().map(|n| *n as f64).collect();
    let of = |n: usize| (address(PORT), format!("/v1/{}/1", project::name(n)));
    let costs = in_turns(folders, &sizes, of, |_| 0, &[portico])?;
    Ok(sizes
        .iter()
        .zip(costs)
        .map(|(size, cost)| place("members of a record", *size, cost / size, "µs for each member"))
        .collect())
}

fn resources(folders: &Folders) -> Result<Vec<Place>, String> {
    const SIZES: [usize; 5] = [10, 100, 300, 1000, 2000];
    let mut all = Vec::new();
    for (n, resources) in SIZES.iter().enumerate() {
        let port = PORT + n as u16;
        all.push(facade(
            folders,
            &format!("resources-{resources}"),
            &Size { port, resources: *resources, members: &[10], more: "" },
        )?);
        answers(address(port), &format!("/v1/{}/1", project::name(resources / 2)))?;
    }
    let sizes: Vec<f64> = SIZES.iter().map(|n| *n as f64).collect();
    let of = |n: usize| (address(PORT + n as u16), format!("/v1/{}/1", project::name(SIZES[n] / 2)));
    let costs = in_turns(folders, &sizes, of, |n| n, &all)?;
    let mut places: Vec<Place> = sizes
        .iter()
        .zip(costs)
        .map(|(size, cost)| place("resources", *size, cost, "µs for a request"))
        .collect();
    places.extend(
        sizes
            .iter()
            .zip(&all)
            .map(|(size, one)| place("memory by resources", *size, one.used().memory as f64 / 1e6, "MB")),
    );
    Ok(places)
}

/// Each caller has an address of its own, and a rate by it.
fn callers(folders: &Folders) -> Result<Vec<Place>, String> {
    let more = "rates:\n  all: { perAddress: 1000000/s }\n";
    let size = Size { port: PORT, resources: 1, members: &[10], more };
    let folder = folders.made.join("growth/callers");
    let _ = fs::remove_dir_all(&folder);
    project::write(&folder, &size)?;
    // Addresses are believed from a proxy.
    let config = folder.join("config.yaml");
    let text = fs::read_to_string(&config).map_err(|e| e.to_string())?;
    let text = text.replace(
        &format!("127.0.0.1:{PORT} }}]"),
        &format!("127.0.0.1:{PORT}, behindProxy: true, trustedProxies: [127.0.0.1] }}]"),
    );
    fs::write(&config, text).map_err(|e| e.to_string())?;
    let portico = started(folders, "callers")?;
    let target = format!("/v1/{}/1", project::name(0));
    answers(address(PORT), &target)?;
    let mut places = Vec::new();
    for (keys, lasts) in [(1, 4), (100, 4), (1000, 4), (10_000, 6), (100_000, 20)] {
        let before = portico.used().seconds;
        let outcome = load::callers(folders, address(PORT), &target, keys, Duration::from_secs(lasts))?;
        let used = portico.used();
        let cost = (used.seconds - before) * 1e6 / outcome.requests;
        places.push(place("callers with a rate each", f64::from(keys), cost, "µs for a request"));
    }
    Ok(places)
}

fn connections(folders: &Folders) -> Result<Vec<Place>, String> {
    let portico = Contestant::Portico.start(House::Plain, folders)?;
    let at = Contestant::Portico.address(House::Plain);
    answers(at, "/v1/pets/109")?;
    cost(folders, &portico, at, "/v1/pets/109")?;
    let mut open: Vec<TcpStream> = Vec::new();
    let mut places = Vec::new();
    let mut memory = Vec::new();
    // The edge closes what comes above 10,000.
    for wanted in [0, 1000, 3000, 9900] {
        while open.len() < wanted {
            open.push(idle(at)?);
        }
        let cost = cost(folders, &portico, at, "/v1/pets/109")?;
        places.push(place("idle connections", wanted as f64, cost, "µs for a request"));
        memory.push(place(
            "memory by idle connections",
            wanted as f64,
            portico.used().memory as f64 / 1e6,
            "MB",
        ));
    }
    places.extend(memory);
    Ok(places)
}

/// A connection that has had an answer and is kept open.
fn idle(at: SocketAddr) -> Result<TcpStream, String> {
    let told = |e: std::io::Error| format!("an idle connection: {e}");
    let mut stream = TcpStream::connect(at).map_err(told)?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(told)?;
    stream.write_all(b"GET /v1/pets/109 HTTP/1.1\r\nHost: localhost\r\n\r\n").map_err(told)?;
    let mut some = [0; 4096];
    stream.read(&mut some).map_err(told)?;
    Ok(stream)
}

fn start(folders: &Folders) -> Result<Vec<Place>, String> {
    let folder = folders.made.join("growth/start");
    let _ = fs::remove_dir_all(&folder);
    project::write(&folder, &Size { port: PORT, resources: 300, members: &[10], more: "" })?;
    let target = format!("/v1/{}/1", project::name(150));
    let mut times = Vec::new();
    let mut memory = 0;
    while times.len() < 5 {
        let (begun, moment) = (Instant::now(), Moment::now());
        let portico = started(folders, "start")?;
        answers(address(PORT), &target)?;
        let taken = begun.elapsed().as_secs_f64() * 1000.0;
        memory = portico.used().memory;
        if !folders.patience.again(moment.stolen()) {
            times.push(taken);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(vec![
        place("start with so many resources", 300.0, times[times.len() / 2], "ms to the first answer"),
        place("memory after a start with so many resources", 300.0, memory as f64 / 1e6, "MB"),
    ])
}

/// A thousand mappings are read anew beside running load.
fn reload(folders: &Folders) -> Result<Vec<Place>, String> {
    let size = Size { port: PORT, resources: 1000, members: &[10], more: "" };
    let portico = facade(folders, "reload", &size)?;
    let at = address(PORT);
    let target = format!("/v1/{}/1", project::name(500));
    answers(at, &target)?;
    let lasts = Duration::from_secs(8);
    let load =
        Load { address: at, method: "GET", target: &target, headers: &[], body: "", connections: 32, lasts };
    load::drive(folders, Load { lasts: TURN, ..load })?;
    let calm = load::drive(folders, load)?;
    let api = folders.made.join("growth/reload/mappings/bench/v1/api.yaml");
    let (disturbed, taken) = std::thread::scope(|threads| {
        let driven = threads.spawn(|| load::drive(folders, load));
        std::thread::sleep(Duration::from_secs(2));
        let begun = Instant::now();
        fs::write(&api, project::api(7)).map_err(|e| e.to_string())?;
        let _ = Command::new("kill").args(["-HUP", &portico.pid().to_string()]).status();
        let list = format!("/v1/{}", project::name(500));
        let mut taken = None;
        while taken.is_none() && begun.elapsed() < Duration::from_secs(30) {
            let (_, text) = ask::get(at, &list)?;
            if text.contains("\"limit\":7") {
                taken = Some(begun.elapsed());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let driven = driven.join().map_err(|_| "the load ended early".to_owned())??;
        Ok::<_, String>((driven, taken.ok_or("the reload is not seen")?))
    })?;
    Ok(vec![
        place("reload of so many resources", 1000.0, taken.as_secs_f64() * 1000.0, "ms until it is seen"),
        place("p99 of the load without a reload", 1000.0, calm.p99 / 1000.0, "ms"),
        place("p99 of the load with one in it", 1000.0, disturbed.p99 / 1000.0, "ms"),
    ])
}
