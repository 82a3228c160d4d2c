//! Lists against records: what is remembered from one row to the next changes how fast a row is read, and nothing else.

use super::*;
use crate::plan::reading::{Empties, Reading};
use crate::value::path::Path;
use crate::value::path::Step;

/// Wants `a`, `b.c`, `b.d` and `"q\"k"`, the last one a name that JSON must escape.
fn reading() -> Reading {
    let mut reading =
        Reading::new(Empties { null: true, text: false, list: true, object: true, one_or_many: false });
    for path in ["a", "b.c", "b.d"] {
        reading.slot(0, 0, &Path::parse(path).unwrap());
    }
    reading.slot(0, 0, &Path(vec![Step::Key("q\"k".into())]));
    reading
}

/// What stands in the slots of a row, as text.
fn slots(batch: &Batch, row: u32) -> Vec<String> {
    let text = |slot: Slot| match slot {
        Slot::Text(span) | Slot::Number(span) | Slot::Escaped(span) | Slot::Json(span) => {
            batch.text(span).to_owned()
        }
        Slot::Misshapen(_) => "Misshapen".to_owned(),
        other => format!("{other:?}"),
    };
    (0..4).map(|slot| text(batch.get(0, row, slot))).collect()
}

/// Each row of a list has the slots that it has when it is read alone and nothing is known of it; and so has a record,
/// whichever was read before it.
fn check(rows: &[&str]) {
    let alone: Vec<Vec<String>> = rows.iter().map(|row| slots_of(&reading(), row)).collect();
    let used = reading();
    for _ in 0..3 {
        let mut together = Batch::new(&used);
        let document = format!("[{}]", rows.join(","));
        assert_eq!(list(&mut together, &used, document, &Rows::default()).unwrap() as usize, rows.len());
        for (at, row) in rows.iter().enumerate() {
            assert_eq!(slots(&together, at as u32), alone[at], "row {at}: {row}");
        }
    }
    for (first, one) in rows.iter().enumerate() {
        let used = reading();
        slots_of(&used, one);
        for (at, row) in rows.iter().enumerate() {
            assert_eq!(slots_of(&used, row), alone[at], "record {at} behind record {first}: {row}");
        }
    }
}

fn slots_of(reading: &Reading, row: &str) -> Vec<String> {
    let mut batch = Batch::new(reading);
    let row = record(&mut batch, reading, row.to_owned(), &Rows::default()).unwrap().unwrap();
    slots(&batch, row)
}

/// The strangers of a document that is read.
fn strangers(reading: &Reading, document: &str, is_list: bool) -> Vec<(usize, String)> {
    let mut batch = Batch::new(reading);
    if is_list {
        list(&mut batch, reading, document.to_owned(), &Rows::default()).unwrap();
    } else {
        record(&mut batch, reading, document.to_owned(), &Rows::default()).unwrap();
    }
    batch.strangers().map(|(node, name)| (node, name.to_owned())).collect()
}

#[test]
fn names_that_nobody_wants_are_noted_as_often_however_well_they_are_known() {
    let record = r#"{"x":0,"a":1,"y\n":[],"b":{"c":2,"z":{},"d":3}}"#;
    let used = reading();
    let first = strangers(&used, record, false);
    assert_eq!(first.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["x", "y\\n", "z"]);
    for _ in 0..2 {
        assert_eq!(strangers(&used, record, false), first);
    }
    // In a list each once, in whichever row it comes first.
    let rows = format!("[{{\"a\":1}},{record},{record}]");
    for _ in 0..3 {
        assert_eq!(strangers(&used, &rows, true), first);
    }
}

#[test]
fn documents_of_two_kinds_are_read_alike_however_often_they_change() {
    let used = reading();
    let names: Vec<String> = (0..40).map(|at| format!("\"m{at}\":{at}")).collect();
    let one = format!("{{{},\"a\":1,\"b\":{{\"c\":2}}}}", names.join(","));
    let other = r#"{"b":{"d":3},"a":4}"#;
    for _ in 0..100 {
        for row in [one.as_str(), other] {
            assert_eq!(slots_of(&used, row), slots_of(&reading(), row));
        }
    }
}

#[test]
fn a_row_is_read_as_if_it_stood_alone() {
    let first = r#"{"x":0,"a":1,"y":[],"b":{"c":2,"z":{},"d":3},"q\"k":4}"#;
    check(&[
        first,
        first,
        // Left out, one more, another order.
        r#"{"x":0,"y":[],"b":{"d":3},"q\"k":4}"#,
        r#"{"new":{"a":9},"x":0,"a":5,"more":"a","y":[],"b":{"c":2,"z":{},"d":6}}"#,
        r#"{"q\"k":4,"b":{"d":3,"c":2},"a":1,"x":0}"#,
        // The same names in other spellings.
        r#"{ "x" : 0 , "\u0061" : 1 , "y":[], "b" :{"\u0063": 2,"d":3}, "q\u0022k":4}"#,
        // Other shapes, and nothing.
        r#"{"x":0,"a":null,"y":[],"b":[],"q\"k":""}"#,
        r#"{"x":0,"a":{"b":1},"y":[],"b":"text","q\"k":[1]}"#,
        "{}",
        first,
    ]);
}

#[test]
fn a_member_that_stands_twice_is_refused() {
    let reading = reading();
    for broken in [r#"{"a":1,"x":0,"a":8}"#, r#"{"b":{"c":1,"c":1}}"#, r#"{"a":1,"\u0061":1}"#] {
        let mut batch = Batch::new(&reading);
        assert!(list(&mut batch, &reading, format!("[{broken}]"), &Rows::default()).is_err(), "{broken}");
    }
    // What nobody wants may stand as often as it likes.
    let mut batch = Batch::new(&reading);
    assert_eq!(list(&mut batch, &reading, r#"[{"x":1,"x":2}]"#.into(), &Rows::default()).unwrap(), 1);
}

#[test]
fn names_that_begin_alike_are_told_apart() {
    check(&[r#"{"a":1,"b":{"c":2}}"#, r#"{"ab":5,"a":1,"b":{"cc":9,"c":2}}"#, r#"{"a":1,"b":{"c":2}}"#]);
}

#[test]
fn broken_rows_behind_good_ones_are_refused() {
    let good = r#"{"x":0,"a":1}"#;
    for broken in
        [r#"{"x":0,"a"1}"#, r#"{"x":0,"a:1}"#, r#"{"x":0 "a":1}"#, r#"{"x":0,a:1}"#, r#"{"x""a":1}"#]
    {
        let reading = reading();
        let mut batch = Batch::new(&reading);
        let document = format!("[{good},{good},{broken}]");
        assert!(list(&mut batch, &reading, document, &Rows::default()).is_err(), "{broken}");
    }
}

#[test]
fn nothing_between_brackets_is_nothing_however_it_is_spaced() {
    for (text, expected) in
        [("[]", "EmptyList"), ("[ ]", "EmptyList"), ("{\n}", "EmptyObject"), ("[0]", "[0]")]
    {
        let reading = reading();
        let mut batch = Batch::new(&reading);
        let document = format!("{{\"a\":{text}}}");
        let row = record(&mut batch, &reading, document, &Rows::default()).unwrap().unwrap();
        assert_eq!(slots(&batch, row)[0], expected, "{text}");
    }
}

#[test]
fn what_is_alone_is_read_at_once_and_what_is_not_one_by_one() {
    let reading = || {
        let mut reading = Reading::new(Empties::default());
        for path in ["a.und[0].value", "b.und[0].value", "c", "d[0]"] {
            reading.slot(0, 0, &Path::parse(path).unwrap());
        }
        reading
    };
    let used = reading();
    let first = r#"{"a":{"und":[{"value":"x"}]},"b":{"und":[{"value":1}]},"c":2,"d":[3]}"#;
    assert_eq!(slots_of(&used, first), ["x", "1", "2", "3"]);
    for row in [
        first,
        r#"{"a":{"und":[{"value":"x\n"}]},"b":{"und":[{"value":null}]},"d":[true]}"#,
        r#"{"a":{"und":[{"value":"x","format":null}]},"b":{"und":[{"value":1},{"value":2}]},"d":[3,4]}"#,
        r#"{"a":{"und":[{"value":{}}]},"b":{"und":[{"value":[1]}]},"d":[{"e":1}]}"#,
        r#"{"a":{"und":[{"value":1}],"en":[]},"b":{"und":[{"format":1,"value":"y"}]},"d":[]}"#,
        r#"{"a": {"und": [{"value": "x"}]}, "b": {"und":[{"value":1 }]}, "d":[ 3]}"#,
        r#"{"a":[],"b":{"und":[]},"d":null}"#,
    ] {
        assert_eq!(slots_of(&used, row), slots_of(&reading(), row), "{row}");
        assert_eq!(strangers(&used, row, false), strangers(&reading(), row, false), "{row}");
    }
    for broken in [
        r#"{"a":{"und":[{"value":"x"}]}"#,
        r#"{"a":{"und":[{"value":"x}]}}"#,
        r#"{"a":{"und":[{"value":01}]}}"#,
        r#"{"a":{"und":[{"value":"x"}]},"a":{"und":[{"value":"x"}]}}"#,
        r#"{"a":{"und":[{"value":"x","value":"x"}]}}"#,
    ] {
        let read = |reading: &Reading| {
            let read = record(&mut Batch::new(reading), reading, broken.to_owned(), &Rows::default());
            read.unwrap_err().what
        };
        assert_eq!(read(&used), read(&reading()), "{broken}");
    }
}
