//! Shapes of schemas, and what is merged of them.

use super::*;
use serde_json::json;

fn fields(shape: &Shape) -> &[Field] {
    match &shape.kind {
        Kind::Object(fields) => fields,
        other => panic!("no object: {other:?}"),
    }
}

#[test]
fn references_and_parts_become_one() {
    let shape = Shape::of(&json!({
        "type": "object",
        "allOf": [
            { "required": ["a"], "properties": { "a": { "type": "string", "maxLength": 9, "minLength": 2 } } },
            { "required": ["b"], "properties": { "a": { "$ref": "#/$defs/short" }, "b": { "type": "boolean" } } },
        ],
        "$defs": { "short": { "type": ["string", "null"], "maxLength": 4, "minLength": 1 } }
    }));
    let [a, b] = fields(&shape) else { panic!("two members") };
    assert!(a.required && b.required && !a.shape.nullable);
    match &a.shape.kind {
        Kind::Text(text) => assert_eq!((text.least, text.most), (2, Some(4))),
        other => panic!("no text: {other:?}"),
    }
    assert!(matches!(b.shape.kind, Kind::Boolean));
}

#[test]
fn null_is_told_from_the_rest() {
    for (schema, nullable) in [
        (json!({ "enum": ["a", null] }), true),
        (json!({ "type": "string", "enum": ["a", null] }), false),
        (json!({ "type": ["string", "null"] }), true),
        (json!({ "anyOf": [{ "type": "integer" }, { "type": "null" }] }), true),
        (json!({ "const": "a" }), false),
        (json!({ "type": "null" }), true),
        (json!({ "minLength": 2 }), false),
    ] {
        assert_eq!(Shape::of(&schema).nullable, nullable, "{schema}");
    }
}

#[test]
fn numbers_stand_at_their_scale() {
    let shape =
        Shape::of(&json!({ "type": "number", "multipleOf": 0.01, "examples": [4.2, 7], "default": 1 }));
    assert_eq!(shape.examples, [Value::Number("4.20".into()), Value::Number("7.00".into())]);
    assert_eq!(shape.default, Some(Value::Number("1.00".into())));
}

#[test]
fn a_schema_within_itself_ends() {
    let schema = json!({ "type": "object", "properties": { "next": { "$ref": "#" } } });
    let mut shape = &Shape::of(&schema);
    let mut depth = 0;
    while let Kind::Object(fields) = &shape.kind {
        shape = &fields[0].shape;
        depth += 1;
    }
    assert!((5..20).contains(&depth));
}
