//! Kinds are counted by place, within bounds.

use super::*;
use crate::{
    plan::{http::call::Rows, reading::Empties},
    translate::extract,
    value::path::Path,
};

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

/// `id`, `name`, and `tags` with the `word` of each.
fn reading() -> Reading {
    let mut reading = Reading::new(Empties::default());
    reading.slot(0, 0, &path("id"));
    reading.slot(0, 0, &path("name"));
    let (_, inner, node) = reading.level(0, 0, &path("tags"));
    reading.slot(inner, node, &path("word"));
    reading
}

fn tally(reading: &Reading, text: &str, asked: Asked<'_>) -> (Tally, Vec<(usize, String)>) {
    let mut batch = Batch::new(reading);
    let count = extract::list(&mut batch, reading, text.to_owned(), &Rows::default()).unwrap();
    let rows: Vec<u32> = (0..count).collect();
    let strangers = batch.strangers().map(|(node, name)| (node, name.to_owned())).collect();
    (Tally::of(&batch, &Shape::new(reading), &rows, asked), strangers)
}

fn count(tally: &Tally, place: usize, kind: Seen) -> u32 {
    tally.counts[place][kind as usize]
}

#[test]
fn each_value_is_counted_by_its_kind() {
    let text = r#"[
        {"id": 1, "name": "a", "tags": [{"word": "x"}, {"word": 2}]},
        {"id": "1", "name": "", "tags": []},
        {"id": true, "name": null, "tags": "none"},
        {"id": {}, "tags": null},
        {"id": {"a": 1}, "name": [1]}
    ]"#;
    let (tally, _) = tally(&reading(), text, Asked::All);
    assert_eq!(tally.records(), 5);
    for kind in [Seen::Number, Seen::Text, Seen::Truth, Seen::Hollow, Seen::Object] {
        assert_eq!(count(&tally, 0, kind), 1, "{kind:?}");
    }
    for kind in [Seen::Text, Seen::EmptyText, Seen::Null, Seen::Absent, Seen::List] {
        assert_eq!(count(&tally, 1, kind), 1, "{kind:?}");
    }
    for kind in [Seen::List, Seen::Hollow, Seen::Misshapen, Seen::Null, Seen::Absent] {
        assert_eq!(count(&tally, 2, kind), 1, "{kind:?}");
    }
    assert_eq!((count(&tally, 3, Seen::Text), count(&tally, 3, Seen::Number)), (1, 1));
}

#[test]
fn what_was_not_asked_for_is_not_missed() {
    let text = r#"[{"id": 1, "tags": [{}]}]"#;
    let (given, _) = tally(&reading(), text, Asked::Given(&[true, false, true]));
    assert_eq!(given.counts[1], [0; KINDS]);
    assert_eq!(count(&given, 3, Seen::Absent), 1, "what stands in a list that is given is given, too");
    let chosen = [vec![true, false, true], vec![false]];
    let (chosen, _) = tally(&reading(), text, Asked::Chosen(&chosen));
    assert_eq!((chosen.counts[1], chosen.counts[3]), ([0; KINDS], [0; KINDS]));
}

#[test]
fn a_long_answer_is_counted_to_a_bound() {
    let text = format!("[{}]", vec![r#"{"id": 1, "tags": [{"word": "x"}, {"word": "y"}]}"#; 300].join(","));
    let (tally, _) = tally(&reading(), &text, Asked::All);
    assert_eq!(tally.records(), MOST_ROWS);
    assert_eq!(count(&tally, 0, Seen::Number), MOST_ROWS);
    assert_eq!(count(&tally, 3, Seen::Text), MOST_ROWS);
}

#[test]
fn names_that_no_rule_wants_are_noted_once_in_a_list_of_one_order() {
    let row = r#"{"id": 1, "extra": {"id": 2}, "name": "a", "tags": [{"word": "x", "lang": "en"}]}"#;
    let text = format!("[{}]", vec![row; 40].join(","));
    let (_, strangers) = tally(&reading(), &text, Asked::All);
    let of = |name: &str| strangers.iter().filter(|(_, n)| n == name).count();
    assert_eq!((of("extra"), of("lang")), (1, 1), "{strangers:?}");
    // One that comes later is noted, too.
    let text = format!("[{row},{row},{}]", row.replace("\"tags\"", "\"late\": 1, \"tags\""));
    let (_, strangers) = tally(&reading(), &text, Asked::All);
    assert!(strangers.iter().any(|(node, name)| *node == 0 && name == "late"), "{strangers:?}");
}

#[test]
fn no_more_names_are_noted_than_the_bound_says() {
    let members: Vec<String> = (0..1000).map(|n| format!("\"m{n}\": {n}")).collect();
    let (_, strangers) = tally(&reading(), &format!("[{{{}}}]", members.join(",")), Asked::All);
    assert_eq!(strangers.len(), 128);
}
