//! Generated texts have their pattern, format and length.

use super::*;
use serde_json::json;

fn text(schema: &Json) -> Text {
    Text::of(schema.as_object().unwrap())
}

/// Everything that a text can make is valid by the validator that contracts use.
#[test]
fn every_text_is_valid() {
    for schema in [
        json!({ "type": "string" }),
        json!({ "type": "string", "minLength": 3, "maxLength": 3 }),
        json!({ "type": "string", "minLength": 40 }),
        json!({ "type": "string", "maxLength": 0 }),
        json!({ "type": "string", "pattern": "^[+0-9 ()-]{5,24}$" }),
        json!({ "type": "string", "pattern": "^[a-z]+$", "maxLength": 6, "minLength": 2 }),
        json!({ "type": "string", "format": "date" }),
        json!({ "type": "string", "format": "date-time" }),
        json!({ "type": "string", "format": "time" }),
        json!({ "type": "string", "format": "duration" }),
        json!({ "type": "string", "format": "email" }),
        json!({ "type": "string", "format": "email", "maxLength": 8 }),
        json!({ "type": "string", "format": "uri" }),
        json!({ "type": "string", "format": "uuid" }),
        json!({ "type": "string", "format": "hostname" }),
        json!({ "type": "string", "format": "ipv4" }),
        json!({ "type": "string", "format": "ipv6" }),
    ] {
        let validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        let text = text(&schema);
        let mut dice = Dice::of(&["texts"]);
        let mut made = text.edges().to_vec();
        assert!(!made.is_empty(), "{schema}");
        for name in ["name", "phone", "birthDate", "anything", ""] {
            made.push(text.barest(name, &mut dice));
            for _ in 0..60 {
                made.push(text.any(name, &mut dice));
                made.push(text.likely(name, &mut dice));
            }
        }
        for one in made {
            assert!(validator.is_valid(&json!(one)), "{one:?} in {schema}");
            assert!(!one.contains('\0'));
        }
    }
}

#[test]
fn edges_reach_both_bounds_in_letters_of_all_sizes() {
    let text = text(&json!({ "minLength": 2, "maxLength": 80 }));
    let lengths: Vec<usize> = text.edges().iter().map(|edge| edge.chars().count()).collect();
    assert!(lengths.contains(&2) && lengths.contains(&80));
    assert!(text.edges().contains(&"🐶".repeat(80)));
}

/// No format's edge is lost to the bounds of another, and none is there twice.
#[test]
fn known_formats_keep_all_their_edges() {
    for format in ["date", "date-time", "email", "uri", "uuid", "duration"] {
        let text = text(&json!({ "format": format }));
        assert_eq!(text.edges().len(), format::edges(format).len(), "{format}");
    }
    let moments = text(&json!({ "format": "date-time" })).edges().to_vec();
    for moment in
        ["1970-01-01T00:00:00Z", "2038-01-19T03:14:08Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
    {
        assert!(moments.iter().any(|m| m == moment), "{moment}");
    }
}
