//! Records that are made smaller stay valid.

use super::*;
use crate::translate::sample::tests::{contract, pethub};
use crate::translate::sample::{cases, shrink};
use serde_json::json;

#[test]
fn leaves_what_fails_and_nothing_else() {
    let pet = pethub("pet");
    let culprit = |value: &Value| {
        value.get("behaviorNotes").and_then(Value::scalar).is_some_and(|notes| notes.contains('\u{1}'))
    };
    let failing = cases(&pet, 2000).find(culprit).expect("a note with a control character");
    let mut asked = 0;
    let small = shrink(&pet, failing, &mut |value| {
        asked += 1;
        culprit(value)
    });
    assert!(asked <= MOST);
    assert_eq!(small.get("behaviorNotes"), Some(&Value::Text("\u{1}".into())));
    let Value::Object(members) = &small else { panic!("a record") };
    let names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["petId", "ownerId", "name", "species", "behaviorNotes"]);
    assert_eq!(small.get("name").and_then(Value::scalar).map(str::len), Some(1));
    assert!(Sampler::new(&pet).is_valid(&small));
}

#[test]
fn lists_become_short_and_numbers_keep_their_scale() {
    let contract = contract(&json!({
        "title": "Basket", "type": "object", "required": ["items", "sum"],
        "properties": {
            "items": { "type": "array", "minItems": 1, "items": { "type": "string" } },
            "sum": { "type": "number", "multipleOf": 0.01 }
        }
    }));
    let item = |text: &str| Value::Text(text.into());
    let value = Value::Object(vec![
        ("items".into(), Value::List(vec![item("a"), item("bad one"), item("c"), item("d")])),
        ("sum".into(), Value::Number("12.34".into())),
    ]);
    let small = shrink(&contract, value, &mut |value| value.to_json().contains("bad"));
    assert_eq!(small.to_json(), r#"{"items":["bad"],"sum":0.00}"#);
}

#[test]
fn what_never_was_valid_is_shrunk_all_the_same() {
    let pet = pethub("pet");
    let value = Value::Object(vec![("name".into(), Value::Text("Rex".into())), ("sex".into(), Value::Null)]);
    let small = shrink(&pet, value, &mut |value| value.get("name").is_some());
    assert_eq!(small.to_json(), r#"{"name":""}"#);
}

/// Without an end of its own this one would ask for ever.
#[test]
fn asks_no_more_than_it_may() {
    let contract = contract(&json!({
        "title": "Text", "type": "object", "required": ["text"], "properties": { "text": { "type": "string" } }
    }));
    let long = "ab".repeat(4000);
    let value = Value::Object(vec![("text".into(), Value::Text(long.into()))]);
    let mut asked = 0;
    shrink(&contract, value, &mut |value| {
        asked += 1;
        value.to_json().matches('a').count() > 3900
    });
    assert!(asked <= MOST, "{asked}");
}
