//! The load: wrk, a closed loop over so many connections. It is chosen because it takes least of the core that it shares with
//! the system behind, and Debian has it. Its latencies are those of a closed loop: who is slow is asked less often.

use crate::{
    Folders,
    contestant::AROUND,
    process::{Running, Used},
    quiet::{Moment, TRIES},
};
use serde_json::Value;
use std::{fs, net::SocketAddr, process::Command, time::Duration};

#[derive(Clone, Copy)]
pub struct Load<'a> {
    pub address: SocketAddr,
    pub method: &'a str,
    pub target: &'a str,
    pub headers: &'a [(String, String)],
    pub body: &'a str,
    pub connections: u32,
    pub lasts: Duration,
}

/// What came of it.
#[derive(Clone, Copy)]
pub struct Outcome {
    pub requests: f64,
    pub seconds: f64,
    /// In microseconds.
    pub p50: f64,
    pub p99: f64,
}

/// What came of a turn, and what it took from who was driven.
#[derive(Clone, Copy)]
pub struct Turn {
    pub outcome: Outcome,
    /// Of the processor in this turn, and memory behind it.
    pub used: Used,
    /// The share of the cores' time that a hypervisor gave to others meanwhile.
    pub stolen: f64,
}

/// Prints one line of JSON behind everything that wrk prints.
const DONE: &str = r#"
done = function(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
end
"#;

pub fn drive(folders: &Folders, load: Load<'_>) -> Result<Outcome, String> {
    // A busy machine may leave nothing of a turn: that says nothing of who was driven.
    let first = driven(folders, load, "");
    if first.is_ok() { first } else { driven(folders, load, "") }
}

/// One turn of somebody. It is driven again where it failed once, or others took too much of its time, and the one that lost least counts.
pub fn turn(folders: &Folders, of: &Running, load: Load<'_>) -> Result<Turn, String> {
    let mut best: Option<Turn> = None;
    let mut failed = None;
    for _ in 0..TRIES {
        let (before, moment) = (of.used(), Moment::now());
        let driven = driven(folders, load, "");
        let stolen = moment.stolen();
        let outcome = match driven {
            Ok(outcome) => outcome,
            // A machine that gives nothing of a turn, or stands still once, says nothing of who was driven; what is theirs
            // comes again.
            Err(why) if failed.is_none() || folders.patience.again(stolen) => {
                eprintln!("once more: {why}");
                failed = Some(why);
                continue;
            }
            Err(why) => return Err(why),
        };
        let after = of.used();
        let used = Used { seconds: after.seconds - before.seconds, memory: after.memory };
        if best.is_none_or(|best| stolen < best.stolen) {
            best = Some(Turn { outcome, used, stolen });
        }
        if !folders.patience.again(stolen) {
            break;
        }
    }
    best.ok_or_else(|| format!("{TRIES} turns in vain: {}", failed.unwrap_or_default()))
}

fn driven(folders: &Folders, load: Load<'_>, more: &str) -> Result<Outcome, String> {
    let script = folders.made.join("done.lua");
    let quoted = |text: &str| format!("[==[{text}]==]");
    let lua =
        format!("wrk.method = {}\nwrk.body = {}\n{more}{DONE}", quoted(load.method), body(load.body, quoted));
    fs::write(&script, lua).map_err(|e| format!("{}: {e}", script.display()))?;
    // wrk takes whole seconds, and other spans in milliseconds as none.
    let seconds = load.lasts.as_secs().max(1);
    let mut command = Command::new("taskset");
    command.args(["-c", &AROUND.to_string(), "wrk", "-t1", "--timeout", "10s"]);
    command.arg(format!("-c{}", load.connections)).arg(format!("-d{seconds}s")).arg("-s").arg(&script);
    for (name, value) in load.headers {
        command.arg("-H").arg(format!("{name}: {value}"));
    }
    command.arg(format!("http://{}{}", load.address, load.target));
    let output = command.output().map_err(|e| format!("wrk: {e}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().rev().find(|line| line.starts_with('{'));
    let told: Value = line
        .and_then(|line| serde_json::from_str(line).ok())
        .ok_or_else(|| format!("wrk told nothing: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
    let number = |name: &str| told[name].as_f64().unwrap_or(0.0);
    if number("errors") > 0.0 || number("requests") < 1.0 {
        return Err(format!("{}{}: {told}", load.address, load.target));
    }
    Ok(Outcome {
        requests: number("requests"),
        seconds: number("micros") / 1e6,
        p50: number("p50"),
        p99: number("p99"),
    })
}

/// The same from so many addresses, as a proxy tells them: one after the other, over and over.
pub fn callers(
    folders: &Folders,
    address: SocketAddr,
    target: &str,
    addresses: u32,
    lasts: Duration,
) -> Result<Outcome, String> {
    let script = format!(
        "local n = 0\nrequest = function()\n  n = (n + 1) % {addresses}\n  \
         wrk.headers[\"X-Forwarded-For\"] = string.format(\"10.%d.%d.%d\", math.floor(n / 65536), math.floor(n / 256) % 256, n % 256)\n  \
         return wrk.format()\nend\n"
    );
    let load = Load { address, method: "GET", target, headers: &[], body: "", connections: 8, lasts };
    driven(folders, load, &script)
}

fn body(text: &str, quoted: impl Fn(&str) -> String) -> String {
    if text.is_empty() { "nil".into() } else { quoted(text) }
}
