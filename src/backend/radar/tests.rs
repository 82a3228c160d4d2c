//! What the radar says of sources that change, and of those that do not.

use super::*;
use crate::{
    backend::lookup,
    plan::{
        Kind,
        contract::Format,
        convert::{Chain, Codes, Op},
        http::call::Rows,
        reading::{Empties, Fill, Leaf, Node, Nothing},
    },
    translate::extract,
    value::{Value, path::Path, time::Date},
};

const NOW: i64 = 1_795_262_400;

fn leaf(member: u16, slot: u16, kind: Kind, read: Vec<Op>, nothing: Nothing) -> Node {
    let chain = Chain { read: read.clone(), write: read, ..Chain::default() };
    Node::Leaf(Leaf { member, kind, fill: Fill::Slot(slot, chain), nothing })
}

/// `ID` is required; `NAME` is a text or nothing; `WEIGHT` a number in a text; `SEX` a code, or `other`.
fn reading(code: &str) -> Reading {
    let mut reading = Reading::new(Empties::default());
    for place in ["ID", "NAME", "BODY.WEIGHT", "SEX"] {
        reading.slot(0, 0, &Path::parse(place).unwrap());
    }
    let codes = Codes {
        pairs: vec![(code.into(), Value::Text("male".into()))],
        unknown: Some(Value::Text("other".into())),
    };
    let text = || Kind::Text(Format::Plain);
    reading.top = vec![
        leaf(0, 0, text(), vec![], Nothing::Fault),
        leaf(1, 1, text(), vec![], Nothing::Null),
        leaf(2, 2, Kind::Number(None), vec![Op::Decimal], Nothing::Null),
        leaf(3, 3, text(), vec![Op::Codes(Arc::new(codes))], Nothing::Null),
    ];
    reading
}

struct Desk {
    reading: Reading,
    radar: Radar,
}

impl Desk {
    fn new() -> Self {
        let reading = reading("M");
        let radar = Radar::new("pethub/v1/pets.desk", "pets", "pets.desk.yaml", &reading);
        Self { reading, radar }
    }

    fn answer(&self, record: &str, times: usize, at: i64) {
        let mut left = times;
        while left > 0 {
            let some = left.min(100);
            let text = format!("[{}]", vec![record; some].join(","));
            let mut batch = Batch::new(&self.reading);
            let count = extract::list(&mut batch, &self.reading, text, &Rows::default()).unwrap();
            let rows: Vec<u32> = (0..count).collect();
            let around = lookup::none(Date { year: 2026, month: 11, day: 21 });
            let now = Moment { seconds: at, nanos: 0 };
            self.radar.count(&self.reading, &batch, &rows, Asked::All, &around, now);
            left -= some;
        }
    }

    /// What drifts, each as its place, what it is, and what is said.
    fn drifts(&self, at: i64) -> Vec<(String, Drift, String)> {
        let report = Report::of([&self.radar].into_iter(), Moment { seconds: at, nanos: 0 });
        let line = |line: &Line| (line.place.clone(), line.drift.unwrap(), line.verdict.clone());
        report.drifting().map(line).collect()
    }
}

const SOUND: &str = r#"{"ID": "1", "NAME": "Tibbles", "BODY": {"WEIGHT": "4.20"}, "SEX": "M"}"#;

#[test]
fn what_is_expected_does_not_drift() {
    let desk = Desk::new();
    desk.answer(SOUND, 3000, NOW);
    assert_eq!(desk.drifts(NOW), []);
    let report = Report::of([&desk.radar].into_iter(), Moment { seconds: NOW, nanos: 0 });
    assert_eq!((report.places, report.records), (4, 3000));
    assert_eq!(report.lines[0].verdict, "as expected");
}

#[test]
fn what_contradicts_the_rules_shows_at_once() {
    let desk = Desk::new();
    desk.answer(SOUND, 3, NOW);
    desk.answer(r#"{"ID": null, "NAME": {"first": "T"}, "BODY": {"WEIGHT": true}, "SEX": "M"}"#, 1, NOW + 60);
    let found = desk.drifts(NOW + 60);
    let said =
        |place: &str| found.iter().find(|(at, ..)| at == place).map(|(_, what, said)| (*what, said.as_str()));
    assert_eq!(said("ID"), Some((Drift::Required, "nulls where a text or a number is expected (25.0 %)")));
    let name = "objects where a text, a number or nothing is expected (25.0 %)";
    assert_eq!(said("NAME"), Some((Drift::Unexpected, name)));
    let weight = "truths where a text, a number or nothing is expected (25.0 %)";
    assert_eq!(said("BODY.WEIGHT"), Some((Drift::Unexpected, weight)));
    assert_eq!(found[0].0, "ID", "worst first: {found:?}");
}

#[test]
fn what_was_never_nothing_and_begins_to_be_shows_after_the_baseline() {
    let desk = Desk::new();
    let without = SOUND.replace("\"Tibbles\"", "null");
    desk.answer(SOUND, 500, NOW);
    desk.answer(&without, 30, NOW);
    assert_eq!(desk.drifts(NOW), [], "what comes in the baseline is how the source is");

    let desk = Desk::new();
    desk.answer(SOUND, 1100, NOW);
    desk.answer(&without, 31, NOW + 60);
    desk.answer(SOUND, 869, NOW + 120);
    assert_eq!(desk.drifts(NOW + 120), [("NAME".into(), Drift::NewKind, "new: nulls (1.6 %)".into())]);
    // What has gone away again is forgotten in time.
    desk.answer(SOUND, 4000, NOW + 180);
    assert_eq!(desk.drifts(NOW + 180), []);
}

#[test]
fn a_share_that_changes_shows() {
    let desk = Desk::new();
    let without = SOUND.replace("\"Tibbles\"", "null");
    desk.answer(SOUND, 900, NOW);
    desk.answer(&without, 100, NOW);
    desk.answer(SOUND, 1000, NOW);
    assert_eq!(desk.drifts(NOW), []);
    desk.answer(&without, 2000, NOW + 60);
    let found = desk.drifts(NOW + 60);
    assert_eq!(found[0].1, Drift::Share);
    assert_eq!(found[0].2, "nulls: 100.0 %, 10.0 % before");
}

#[test]
fn a_field_that_appears_is_new_and_one_that_was_there_is_not() {
    let desk = Desk::new();
    let more = |name: &str| SOUND.replace("\"SEX\"", &format!("\"{name}\": 1, \"SEX\""));
    desk.answer(&more("COLOR"), 1000, NOW);
    desk.answer(&more("COLOUR"), 1, NOW + 60);
    desk.answer(&SOUND.replace("\"WEIGHT\"", "\"UNIT\": \"kg\", \"WEIGHT\""), 1, NOW + 60);
    let said: Vec<String> = desk.drifts(NOW + 60).into_iter().map(|(.., said)| said).collect();
    assert_eq!(said, ["new: field `COLOUR`", "new: field `UNIT` in `BODY`"]);
    assert_eq!(desk.radar.unknown_fields(), 3);
    assert_eq!(desk.drifts(NOW + 9 * 86_400), [], "it is news for a week");
}

#[test]
fn names_that_a_source_makes_up_fill_no_memory() {
    let desk = Desk::new();
    for n in 0..500 {
        let name = format!("{}{n}", "x".repeat(if n % 2 == 0 { 150 } else { 3 }));
        desk.answer(&SOUND.replace("\"SEX\"", &format!("\"{name}\": 1, \"SEX\"")), 1, NOW);
    }
    assert!(desk.radar.unknown_fields() <= 200);
    let long = desk.radar.notes.all(|_| String::new()).iter().map(|(_, _, name, _)| name.len()).max();
    assert_eq!(long, Some(100));
}

#[test]
fn a_code_that_unknown_takes_shows_and_one_that_ended_an_answer_is_worse() {
    let desk = Desk::new();
    desk.answer(&SOUND.replace("\"M\"", "\"Q\""), 2, NOW);
    desk.radar.breached(
        &Breach {
            file: String::new(),
            kind: crate::fault::BreachKind::Misfit,
            place: "BODY.WEIGHT".into(),
            found: "a text, not a number".into(),
        },
        NOW,
    );
    let found = desk.drifts(NOW);
    assert_eq!(found[0], ("BODY.WEIGHT".into(), Drift::Misfit, "a text, not a number (1 answers)".into()));
    assert_eq!(found[1], ("SEX".into(), Drift::AbsorbedCode, "unknown code `Q` (2 times)".into()));
}

#[test]
fn what_was_counted_comes_back_from_its_rows() {
    let desk = Desk::new();
    desk.answer(SOUND, 1100, NOW);
    desk.answer(&SOUND.replace("\"Tibbles\"", "7, \"EXTRA\": 1").replace("\"M\"", "\"Q\""), 40, NOW + 60);
    let rows = desk.radar.rows();
    let again = Desk::new();
    for row in &rows {
        again.radar.restore(row);
    }
    assert_eq!(again.drifts(NOW + 60), desk.drifts(NOW + 60));
    assert_eq!(again.drifts(NOW + 60).len(), 3, "{:?}", again.drifts(NOW + 60));
    assert_eq!(again.radar.rows(), rows);
    let name = again.drifts(NOW + 60).into_iter().find(|(at, ..)| at == "NAME").unwrap();
    assert_eq!(name.2, "numbers where texts were (3.5 %)");
    // Under other rules nothing of it counts.
    let other = Radar::new("pethub/v1/pets.desk", "pets", "pets.desk.yaml", &reading("X"));
    assert_ne!(other.revision, desk.radar.revision);
}

#[test]
fn of_many_answers_of_a_second_a_share_is_counted() {
    let desk = Desk::new();
    let counted = |second, times: u32| (0..times).filter(|_| desk.radar.is_counted(second)).count();
    assert_eq!(counted(NOW, EACH), EACH as usize);
    assert_eq!(counted(NOW, SHARE * 100), 100);
    assert_eq!(counted(NOW + 1, EACH), EACH as usize, "each second begins anew");
}
