//! Read-only members of a body that replaces a record.

use super::*;

fn check(contract: &Contract, body: &str, current: &str, left: &str, differing: &[&str]) {
    let mut value = json::read::read(body).unwrap();
    let found = strip_read_only(contract, &mut value, &json::read::read(current).unwrap());
    assert_eq!(value.to_json(), left, "{body}");
    assert_eq!(found.iter().map(pointer).collect::<Vec<_>>(), differing, "{body}");
    assert!(found.iter().all(|violation| violation.code == "F447"));
}

#[test]
fn what_is_equal_goes_without_a_word() {
    let pet = contract("pet");
    let current = r#"{"petId":"1","name":"Rex","age":"P1Y","photos":[{"url":"u","width":12,"height":null}],"updatedAt":null}"#;
    for (body, left, differing) in [
        (current, r#"{"name":"Rex"}"#, &[][..]),
        (r#"{"name":"Max"}"#, r#"{"name":"Max"}"#, &[]),
        (r#"{"petId":"2","name":"Max"}"#, r#"{"name":"Max"}"#, &["/petId"]),
        (r#"{"petId":1}"#, "{}", &["/petId"]),
        (r#"{"age":null,"createdAt":null}"#, "{}", &["/age"]),
        (r#"{"photos":[{"height":null,"width":1.2e1,"url":"u"}]}"#, "{}", &[]),
        (r#"{"photos":[{"url":"u","width":12}]}"#, "{}", &[]),
        (r#"{"photos":[{"url":"u","width":13}],"createdAt":"x"}"#, "{}", &["/photos", "/createdAt"]),
        (r#"{"photos":[]}"#, "{}", &["/photos"]),
        (r#""text""#, r#""text""#, &[]),
    ] {
        check(&pet, body, current, left, differing);
    }
    let mut body = json::read::read(r#"{"petId":"2"}"#).unwrap();
    let found = strip_read_only(&pet, &mut body, &Value::Null);
    assert_eq!(found[0].message, "`petId` cannot be changed; leave it out, or send it as it is.");
}

#[test]
fn numbers_are_equal_by_value_and_never_by_float() {
    let big =
        of_text(r#"{"title":"B","type":"object","properties":{"n":{"type":"number","readOnly":true}}}"#);
    check(&big, r#"{"n":4.2}"#, r#"{"n":4.20}"#, "{}", &[]);
    check(&big, r#"{"n":9007199254740993}"#, r#"{"n":9007199254740992}"#, "{}", &["/n"]);
    check(&big, r#"{"n":1e400}"#, r#"{"n":1e400}"#, "{}", &[]);
    check(&big, r#"{"n":1e400}"#, r#"{"n":1e401}"#, "{}", &["/n"]);
}

#[test]
fn within_objects_and_lists_too() {
    let nested = of_text(
        r#"{"title":"N","type":"object","properties":{
        "deep":{"type":"object","properties":{"id":{"type":"string","readOnly":true},"a":{"type":"string"}}},
        "rows":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string","readOnly":true},"a":{"type":"string"}}}}}}"#,
    );
    let current = r#"{"deep":{"id":"1","a":"x"},"rows":[{"id":"1","a":"x"},{"id":"2","a":"y"}]}"#;
    for (body, left, differing) in [
        (r#"{"deep":{"id":"1","a":"z"}}"#, r#"{"deep":{"a":"z"}}"#, &[][..]),
        (r#"{"deep":{"id":"2"}}"#, r#"{"deep":{}}"#, &["/deep/id"]),
        (r#"{"rows":[{"id":"2","a":"z"},{"a":"new"}]}"#, r#"{"rows":[{"a":"z"},{"a":"new"}]}"#, &[]),
        (
            r#"{"rows":[{"id":"1"},{"id":"3"},{"id":"4"}]}"#,
            r#"{"rows":[{},{},{}]}"#,
            &["/rows/1/id", "/rows/2/id"],
        ),
        (r#"{"rows":"x","deep":7}"#, r#"{"rows":"x","deep":7}"#, &[]),
    ] {
        check(&nested, body, current, left, differing);
    }
}
