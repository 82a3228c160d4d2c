//! Random damage in what systems answer: cut, flipped, retyped, renamed, another's. Whatever comes, the public answer
//! is the same as ever, a fault in the contract's form, or data that changed in just the member that was touched; and
//! the next answer, of an unhurt system, is the right one again.
//!
//! The seed is fixed and printed; `DAMAGE_SEED=n` takes another, `PORTICO_PROVE=1` asks ten times as often.

mod envelopes;
mod harm;
mod judge;
mod rig;
mod shelf;
mod size;
mod spans;

use harm::Dice;
use judge::{Kind, NOTES, PETS, THINGS, Truth};
use rig::{Came, Rig};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    sync::{Arc, Mutex},
};
use tracing::{Event, Metadata, Subscriber, field, span};

const SEED: u64 = 20_261_121;
/// The pet that is written to, and that no list is asked about while it is changed.
const WRITTEN: &str = "/v1/pets/130";

/// What is asked: a resource's record or list, with the question's name for lists.
struct Question {
    kind: Kind,
    method: &'static str,
    target: String,
    body: String,
    order: String,
}

impl Question {
    fn get(kind: Kind, target: String, order: &str) -> Self {
        Self { kind, method: "GET", target, body: String::new(), order: order.into() }
    }
}

/// Questions whose lists have an order of their own. The last ones look through every node.
const LISTS: [(&str, Kind); 7] = [
    ("/v1/pets?", PETS),
    ("/shelf/things?", THINGS),
    ("/shelf/notes?", NOTES),
    ("/v1/pets?sort=-name&", PETS),
    ("/v1/pets?ownerId=7&", PETS),
    ("/shelf/things?label=Thing%20%224%22%20of%20steel&", THINGS),
    ("/v1/pets?ownerId=7&species=dog&", PETS),
];

fn question(dice: &mut Dice) -> Question {
    match dice.below(100) {
        0..55 => {
            let target = format!("/v1/pets/{}", 101 + dice.below(25));
            let form = *dice.pick(&["", "", ".xml", "?fields=petId,name,species,weight"]);
            Question::get(PETS, target + form, "")
        }
        55..65 => Question::get(THINGS, format!("/shelf/things/{}", 101 + dice.below(30)), ""),
        65..95 => {
            let (list, kind) = *dice.pick(&LISTS);
            let list = if dice.below(12) > 0 && list.contains("species") { LISTS[0].0 } else { list };
            let fields =
                if kind.key == "petId" { *dice.pick(&["", "", "&fields=petId,name,createdAt"]) } else { "" };
            let (offset, limit) = (dice.below(24), 1 + dice.below(4));
            let target = format!("{list}limit={limit}&offset={offset}{fields}");
            let xml = dice.below(6) == 0;
            let target = if xml { target.replacen('?', ".xml?", 1) } else { target };
            Question::get(kind, target, list)
        }
        95..98 => {
            let body = format!(r#"{{"name":"{}"}}"#, dice.pick(&["Ada", "Bee"]));
            Question { method: "PATCH", body, ..Question::get(PETS, WRITTEN.into(), "") }
        }
        _ => {
            let body = r#"{"label":"New","tags":["a","b"]}"#.to_owned();
            Question { method: "POST", body, ..Question::get(THINGS, "/shelf/things".into(), "") }
        }
    }
}

#[test]
fn no_damaged_answer_makes_a_wrong_public_one() {
    let seed = std::env::var("DAMAGE_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(SEED);
    let proves = std::env::var_os("PORTICO_PROVE").is_some_and(|value| value == "1");
    let many = if proves { 200_000 } else { 20_000 };
    println!("DAMAGE_SEED={seed}, {many} requests");
    let log = Log::default();
    // As long as there is one subscriber only, a line that another test's thread passes first is taken for one that
    // nobody wants, here as well.
    let _second = tracing::Dispatch::new(Log::default());
    let _guard = tracing::subscriber::set_default(log.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (tally, wrong) = runtime.block_on(travel(Dice(seed), many, &log));
    println!("{tally:?}");
    assert!(
        wrong.is_empty(),
        "seed {seed}: {} wrong\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
    let ways: BTreeSet<&str> = tally.keys().filter_map(|way| way.split(':').next()).collect();
    assert_eq!(ways.len(), harm::WAYS, "ways that nobody tried: {tally:?}");
}

async fn travel(mut dice: Dice, many: usize, log: &Log) -> (BTreeMap<String, usize>, Vec<String>) {
    let rig = Rig::new().await;
    let mut truths = truths(&rig).await;
    let mut honest: HashMap<String, (Came, usize)> = HashMap::new();
    let (mut tally, mut wrong) = (BTreeMap::<String, usize>::new(), Vec::new());
    for turn in 0..many {
        // One answer in a thousand, then in a hundred, then in ten.
        let rate = if turn < many / 5 {
            1000
        } else if turn < many / 2 {
            100
        } else {
            10
        };
        let asked = question(&mut dice);
        let name = format!("{} {} {}", asked.method, asked.target, asked.body);
        let ask = (asked.method, asked.target.as_str(), asked.body.as_str());
        if !honest.contains_key(&name) {
            let (came, _) = rig.ask(ask, None).await;
            assert!(came.status < 300, "{name}: {} {}", came.status, came.body);
            let calls = rig.wire.lock().unwrap().calls.len();
            honest.insert(name.clone(), (came, calls));
            restore(&rig, &asked).await;
        }
        let (good, calls) = &honest[&name];
        if dice.below(500) == 0 {
            rig.station.expire();
        }
        let strikes = *calls > 0 && dice.below(rate) == 0;
        let strike = strikes.then(|| (dice.below(*calls), Dice(dice.roll())));
        log.clear();
        let (came, struck) = rig.ask(ask, strike).await;
        let Some(harm) = struck else {
            if came != *good {
                wrong.push(format!("turn {turn}: {name}: unhurt, and yet another answer: {}", came.body));
            }
            restore(&rig, &asked).await;
            continue;
        };
        let same = came == *good;
        let faulty = came.status >= 400 && came.status != 404;
        let outcome = if same {
            "same"
        } else if faulty {
            "fault"
        } else {
            "changed"
        };
        *tally.entry(format!("{}: {outcome}", harm.way)).or_default() += 1;
        let truth = truths.get_mut(asked.kind.plural).unwrap();
        if asked.method != "GET" {
            written(truth, asked.kind, good);
        }
        let verdict = if same {
            Ok(())
        } else if faulty {
            judge::fault(&came, &log.lines())
        } else {
            judge::changed(asked.kind, truth, &asked.order, &harm, good, &came)
        };
        if let Err(why) = verdict {
            let mut told = format!("turn {turn}: {name}: {} {:?}: {why}", harm.way, harm.touch);
            write!(told, "\n  came {} {:.600}", came.status, came.body).unwrap();
            write!(told, "\n  good {:.600}", good.body).unwrap();
            write!(told, "\n  log  {:?}", log.lines()).unwrap();
            write!(told, "\n  calls {:?}", rig.wire.lock().unwrap().calls).unwrap();
            wrong.push(told);
        }
        restore(&rig, &asked).await;
    }
    (tally, wrong)
}

/// Brings the systems back to where they were before a write.
async fn restore(rig: &Rig, asked: &Question) {
    match asked.method {
        "PATCH" => {
            let (came, _) = rig.ask(("PATCH", WRITTEN, r#"{"name":"Cid"}"#), None).await;
            assert!(came.status == 200 && came.body.contains("\"Cid\""), "{}", came.body);
        }
        "POST" => rig.wire.lock().unwrap().shelf.reset(),
        _ => {}
    }
}

/// What a write makes is the truth about its record.
fn written(truth: &mut Truth, kind: Kind, good: &Came) {
    let record: Value = serde_json::from_str(&good.body).unwrap();
    truth.records.insert(record[kind.key].as_str().unwrap().to_owned(), record);
}

async fn truths(rig: &Rig) -> HashMap<&'static str, Truth> {
    let (came, _) = rig.ask(("PATCH", WRITTEN, r#"{"name":"Cid"}"#), None).await;
    assert_eq!(came.status, 200, "{}", came.body);
    let mut truths: HashMap<&'static str, Truth> = HashMap::new();
    for (list, kind) in LISTS {
        let truth = truths.entry(kind.plural).or_default();
        let order = truth.orders.entry(list.to_owned()).or_default();
        loop {
            let target = format!("{list}limit=50&offset={}", order.len());
            let (came, _) = rig.ask(("GET", &target, ""), None).await;
            assert_eq!(came.status, 200, "{target}: {}", came.body);
            let body: Value = serde_json::from_str(&came.body).unwrap();
            let rows = body[kind.plural].as_array().unwrap();
            for row in rows {
                let key = row[kind.key].as_str().unwrap().to_owned();
                order.push(key.clone());
                truth.records.insert(key, row.clone());
            }
            if rows.len() < 50 {
                break;
            }
        }
    }
    truths
}

/// The operator's log: what stands in the `detail` of its lines.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

struct Detail<'a>(&'a Log);

impl field::Visit for Detail<'_> {
    fn record_debug(&mut self, _: &field::Field, _: &dyn std::fmt::Debug) {}

    fn record_str(&mut self, field: &field::Field, value: &str) {
        if field.name() == "detail" {
            self.0.0.lock().unwrap().push(value.to_owned());
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Detail(self));
    }

    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
