//! The comparison itself: everyone runs, everyone gives the same answer, and then everyone is driven in turns, so that
//! whatever else the machine does meanwhile meets all of them.

use crate::{
    Folders, ask,
    ask::Question,
    contestant::{self, Contestant, House},
    database,
    load::{self, Load},
    process::Running,
    report,
    workload::{self, Workload},
};
use serde_json::{Value, json};
use std::{fs, time::Duration};

/// How long and how often.
#[derive(Clone, Copy)]
pub struct Effort {
    pub rounds: usize,
    pub turn: Duration,
    pub connections: &'static [u32],
    pub workloads: &'static [&'static str],
}

impl Effort {
    pub fn full() -> Self {
        Self { rounds: 5, turn: Duration::from_secs(1), connections: &[1, 32, 256], workloads: &[] }
    }

    /// A quick look: at some workloads, or at those that are named.
    pub fn quick() -> Self {
        Self {
            rounds: 3,
            turn: Duration::from_secs(1),
            connections: &[32],
            workloads: &["a", "b", "c", "g", "j", "k"],
        }
    }
}

/// One turn of one contestant.
#[derive(Clone)]
pub struct Sample {
    pub workload: String,
    pub connections: u32,
    pub who: Contestant,
    pub round: usize,
    /// Requests a second.
    pub rate: f64,
    /// In microseconds.
    pub p50: f64,
    pub p99: f64,
    /// Processor time of a request, in microseconds.
    pub cost: f64,
    /// The share of its core that was used.
    pub busy: f64,
    /// In bytes.
    pub memory: u64,
    /// The share of the cores' time that a hypervisor gave to others meanwhile.
    pub stolen: f64,
}

struct Field {
    running: Vec<(Contestant, House, Running)>,
    _legacy: Running,
}

impl Field {
    /// Starts all who are needed. The façade comes first: what it answers is the ceiling's constant.
    fn enter(folders: &Folders, wanted: &[(Contestant, House)]) -> Result<Self, String> {
        let legacy = contestant::legacy(folders)?;
        if wanted.iter().any(|(_, house)| *house == House::Postgres) {
            database::settle()?;
        }
        let mut field = Self { running: Vec::new(), _legacy: legacy };
        for who in contestant::ALL {
            for house in [House::Plain, House::Guarded, House::Postgres] {
                if !wanted.contains(&(who, house)) {
                    continue;
                }
                if who == Contestant::Ceiling {
                    let (_, text) = ask::get(Contestant::Portico.address(house), "/v1/kept-pets?limit=10")?;
                    fs::write(folders.made.join("constant.json"), text).map_err(|e| e.to_string())?;
                }
                field.running.push((who, house, who.start(house, folders)?));
            }
        }
        Ok(field)
    }

    fn running(&self, who: Contestant, house: House) -> Result<&Running, String> {
        let (who, house) =
            if who == Contestant::Open { (Contestant::Portico, House::Plain) } else { (who, house) };
        let found = self.running.iter().find(|(one, at, _)| *one == who && *at == house);
        found.map(|(.., running)| running).ok_or_else(|| format!("{} does not run", who.name()))
    }
}

/// Runs everyone until a key is pressed, for a look by hand.
pub fn serve(folders: &Folders, words: &[String]) -> Result<(), String> {
    let wanted: Vec<Contestant> = match words {
        [] => contestant::ALL.to_vec(),
        some => some.iter().filter_map(|word| Contestant::named(word)).collect(),
    };
    let wanted: Vec<(Contestant, House)> = wanted.into_iter().map(|who| (who, House::Plain)).collect();
    let field = Field::enter(folders, &wanted)?;
    for (who, house, running) in &field.running {
        println!("{:<16} http://{} process {}", who.name(), who.address(*house), running.pid());
    }
    println!("(a line ends it)");
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|e| e.to_string())?;
    Ok(())
}

pub fn all(folders: &Folders, effort: Effort, words: &[String]) -> Result<(), String> {
    let chosen: Vec<&Workload> = workload::ALL
        .iter()
        .filter(|one| match words {
            [] => effort.workloads.is_empty() || effort.workloads.contains(&one.key),
            some => some.iter().any(|word| word == one.key),
        })
        .filter(|one| one.house != House::Postgres || database::is_named())
        .collect();
    let mut wanted: Vec<(Contestant, House)> =
        chosen.iter().flat_map(|one| one.who().map(|who| (who, one.house))).collect();
    if wanted.iter().any(|(who, _)| matches!(who, Contestant::Open | Contestant::Ceiling)) {
        wanted.push((Contestant::Portico, House::Plain));
    }
    let field = Field::enter(folders, &wanted)?;
    for one in &chosen {
        same(folders, one)?;
    }
    println!("all answers are the same");
    let mut samples = Vec::new();
    for one in &chosen {
        for connections in effort.connections {
            samples.extend(measured(folders, &field, one, *connections, effort)?);
        }
    }
    report::write(folders, samples, effort)
}

/// Has the façade alone do all workloads for a while. It ends as it is asked to, so that what it counts of itself is written.
pub fn train(folders: &Folders) -> Result<(), String> {
    if !database::is_named() {
        return Err(format!(
            "`{}` names no PostgreSQL; `scripts/with-postgres` starts one",
            contestant::POSTGRES
        ));
    }
    let houses = [House::Plain, House::Guarded, House::Postgres];
    let field = Field::enter(folders, &houses.map(|house| (Contestant::Portico, house)))?;
    for workload in workload::ALL {
        let headers = headers(folders, workload)?;
        // What a program does once for a request counts little beside what it does for each record of a hundred, and what
        // counts little is not built to be fast.
        let seldom = matches!(workload.key, "k" | "l");
        for connections in [1, 32] {
            let load = Load {
                address: Contestant::Portico.address(workload.house),
                method: workload.method,
                target: workload.target,
                headers: &headers,
                body: workload.body,
                connections,
                lasts: Duration::from_secs(if seldom { 8 } else { 2 }),
            };
            load::drive(folders, load)?;
        }
        println!("({}) {}", workload.key, workload.what);
    }
    drop(field);
    Ok(())
}

/// What each request says besides, with a token that has just been made where one is needed.
fn headers(folders: &Folders, workload: &Workload) -> Result<Vec<(String, String)>, String> {
    let token = match workload.house {
        House::Guarded => Some(contestant::token(folders)?),
        _ => return Ok(workload.headers(None)),
    };
    let headers = workload.headers(token.as_deref());
    // What another process has made the token by is heard of within two seconds.
    let (method, target, body) = (workload.method, workload.target, workload.body);
    for _ in 0..50 {
        let question = Question { method, target, headers: &headers, body };
        if ask::ask(Contestant::Portico.address(workload.house), question)?.0 != 401 {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(headers)
}

/// Whether all who translate give the same public answer.
fn same(folders: &Folders, workload: &Workload) -> Result<(), String> {
    let headers = headers(folders, workload)?;
    let mut first: Option<Value> = None;
    for who in workload.who() {
        let (method, body) = (workload.method, workload.body);
        let question = Question { method, target: workload.target_of(who), headers: &headers, body };
        let (status, text) = ask::ask(who.address(workload.house), question)?;
        if !(200..300).contains(&status) {
            return Err(format!("({}) {}: {status} {text}", workload.key, who.name()));
        }
        if who.hands_on() {
            continue;
        }
        let value: Value = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", who.name()))?;
        match &first {
            None => first = Some(value),
            // Members of an object have no order (RFC 8259, section 4): some printers choose their own.
            Some(first) if *first == value => {}
            Some(first) => {
                return Err(format!("({}) {} answers\n{value}\nand not\n{first}", workload.key, who.name()));
            }
        }
    }
    Ok(())
}

fn measured(
    folders: &Folders,
    field: &Field,
    workload: &Workload,
    connections: u32,
    effort: Effort,
) -> Result<Vec<Sample>, String> {
    let headers = headers(folders, workload)?;
    let mut samples = Vec::new();
    let who: Vec<Contestant> = workload.who().collect();
    // The round before the first one warms up and is not kept.
    for round in 0..=effort.rounds {
        for at in 0..who.len() {
            // Who begins changes.
            let who = who[(at + round) % who.len()];
            let running = field.running(who, workload.house)?;
            let load = Load {
                address: who.address(workload.house),
                method: workload.method,
                target: workload.target_of(who),
                headers: &headers,
                body: workload.body,
                connections,
                lasts: effort.turn,
            };
            if round == 0 {
                load::drive(folders, load)?;
                continue;
            }
            let load::Turn { outcome, used, stolen } = load::turn(folders, running, load)?;
            samples.push(Sample {
                workload: workload.key.to_owned(),
                connections,
                who,
                round,
                rate: outcome.requests / outcome.seconds,
                p50: outcome.p50,
                p99: outcome.p99,
                cost: used.seconds * 1e6 / outcome.requests,
                busy: used.seconds / outcome.seconds,
                memory: used.memory,
                stolen,
            });
        }
    }
    let rate = |who: Contestant| {
        let mut rates: Vec<f64> = samples.iter().filter(|s| s.who == who).map(|s| s.rate).collect();
        rates.sort_by(f64::total_cmp);
        rates.get(rates.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let told: Vec<String> = who.iter().map(|who| format!("{} {:.0}", who.name(), rate(*who))).collect();
    println!("({}) {connections} connections: {}", workload.key, told.join(", "));
    Ok(samples)
}

impl Sample {
    pub fn to_json(&self) -> Value {
        json!({
            "workload": self.workload, "connections": self.connections, "who": self.who.name(), "round": self.round,
            "rate": self.rate, "p50": self.p50, "p99": self.p99, "cost": self.cost, "busy": self.busy, "memory": self.memory,
            "stolen": self.stolen,
        })
    }

    pub fn of_json(value: &Value) -> Option<Self> {
        let number = |name: &str| value[name].as_f64();
        Some(Self {
            workload: value["workload"].as_str()?.to_owned(),
            connections: u32::try_from(value["connections"].as_u64()?).ok()?,
            who: Contestant::named(value["who"].as_str()?)?,
            round: usize::try_from(value["round"].as_u64()?).ok()?,
            rate: number("rate")?,
            p50: number("p50")?,
            p99: number("p99")?,
            cost: number("cost")?,
            busy: number("busy")?,
            memory: value["memory"].as_u64()?,
            stolen: number("stolen")?,
        })
    }
}
