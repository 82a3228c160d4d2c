//! Bodies, and what is said of each: pointer, code and sentence.

mod parsing;
mod read_only;
mod sure;

use super::*;
use crate::{
    fault::{Diagnostics, Place, SourceFile},
    plan::contract::compile,
    spec::{Doc, yaml},
    value::json,
};
use std::sync::Arc;

fn contract(name: &str) -> Contract {
    let path = format!("{}/schemas/pethub/v1/{name}.json", env!("CARGO_MANIFEST_DIR"));
    of_text(std::fs::read_to_string(path).unwrap())
}

fn of_text(text: impl Into<String>) -> Contract {
    let file = SourceFile::new("test.json", text);
    let mut out = Diagnostics::new();
    let node = yaml::parse(&file, &mut out).unwrap();
    let words = node.to_json();
    let doc = Doc { file, node: Arc::new(node), words: Arc::new(words) };
    compile::compile("test.json", &doc, &mut out).unwrap_or_else(|| panic!("{out:?}"))
}

fn pointer(violation: &Violation) -> &str {
    let Place::Pointer(pointer) = &violation.place else { panic!("{violation:?}") };
    pointer
}

fn check(contract: &Contract, purpose: Purpose, body: &str, expected: &[(&str, &str, &str)]) {
    let value = json::read::read(body).unwrap();
    let found = violations(contract, &value, purpose);
    let found: Vec<_> = found.iter().map(|v| (pointer(v), v.code, v.message.as_str())).collect();
    assert_eq!(found, expected, "{body}");
}

const PET: &str = r#""ownerId":"66","name":"Rex","species":"dog""#;

#[test]
fn a_body_is_judged_by_its_contract() {
    let pet = contract("pet");
    for (members, pointer, code, message) in [
        (
            r#""birthDate":"23.4.2019""#,
            "/birthDate",
            "F445",
            "`birthDate` is no date; write it as `2019-04-23`.",
        ),
        (
            r#""birthDate":"2019-02-29""#,
            "/birthDate",
            "F445",
            "`birthDate` is no date; write it as `2019-04-23`.",
        ),
        (
            r#""birthDate":20190423"#,
            "/birthDate",
            "F442",
            "`birthDate` is a number; send a date such as `2019-04-23` or null.",
        ),
        (r#""sex":"maale""#, "/sex", "F443", "`sex` can be `male`, `female` or null; did you mean `male`?"),
        (r#""sex":7"#, "/sex", "F443", "`sex` can be `male`, `female` or null."),
        (r#""altered":"yes""#, "/altered", "F442", "`altered` is a text; send `true`, `false` or null."),
        (r#""colour":"red""#, "/colour", "F444", "`colour` is not known; did you mean `colors`?"),
        (r#""primary":"Lab""#, "/primary", "F444", "`primary` is not known; did you mean `breed.primary`?"),
        (
            r#""a/b~c":1"#,
            "/a~1b~0c",
            "F444",
            "`a/b~c` is not known; what can stand here is `ownerId`, `name`, `species`, `breed`, `sex`, `altered`, `birthDate`, `birthDateEstimated`, `weight`, `colors`, `microchip`, `behaviorNotes`, `visibility` or `status`.",
        ),
        (r#""breed":{}"#, "/breed/primary", "F441", "`breed.primary` is missing; send a text."),
        (
            r#""breed":{"primary":"Lab","mix":true}"#,
            "/breed/mix",
            "F444",
            "`breed.mix` is not known; did you mean `breed.mixed`?",
        ),
        (
            r#""colors":["a","b","c","d"]"#,
            "/colors",
            "F446",
            "`colors` has too many items; the most is 3 items.",
        ),
        (r#""colors":["a",1]"#, "/colors/1", "F442", "`colors[1]` is a number; send a text."),
        (r#""colors":"red""#, "/colors", "F442", "`colors` is a text; send a list."),
        (
            r#""microchip":"12a""#,
            "/microchip",
            "F445",
            "`microchip` has another form than it should; write 15 digits.",
        ),
        (
            r#""weight":{"value":4.001,"unit":"kg"}"#,
            "/weight/value",
            "F446",
            "`weight.value` has too many digits after the point; 2 are kept.",
        ),
        (
            r#""weight":{"value":0,"unit":"kg"}"#,
            "/weight/value",
            "F446",
            "`weight.value` is too small; it has to be more than `0`.",
        ),
        (
            r#""weight":{"value":-0,"unit":"kg"}"#,
            "/weight/value",
            "F446",
            "`weight.value` is too small; it has to be more than `0`.",
        ),
        (
            r#""weight":{"value":1e400,"unit":"kg"}"#,
            "/weight/value",
            "F446",
            "`weight.value` is a number with more digits than can be kept; send a shorter one.",
        ),
        (
            r#""weight":{"value":1e-400,"unit":"kg"}"#,
            "/weight/value",
            "F446",
            "`weight.value` is a number with more digits than can be kept; send a shorter one.",
        ),
        (
            r#""weight":{"value":"4.2","unit":"kg"}"#,
            "/weight/value",
            "F442",
            "`weight.value` is a text; send a number.",
        ),
        (r#""weight":4.2"#, "/weight", "F442", "`weight` is a number; send an object or null."),
        (
            r#""behaviorNotes":1e400"#,
            "/behaviorNotes",
            "F442",
            "`behaviorNotes` is a number; send a text or null.",
        ),
        (
            r#""unknown":1e400"#,
            "/unknown",
            "F444",
            "`unknown` is not known; what can stand here is `ownerId`, `name`, `species`, `breed`, `sex`, `altered`, `birthDate`, `birthDateEstimated`, `weight`, `colors`, `microchip`, `behaviorNotes`, `visibility` or `status`.",
        ),
    ] {
        let body = format!("{{{PET},{members}}}");
        check(&pet, Purpose::Create, &body, &[(pointer, code, message)]);
    }
    for valid in [
        r#""sex":null,"breed":null,"altered":false"#,
        r#""weight":{"value":4.10,"unit":"kg"}"#,
        r#""weight":{"value":4.35,"unit":"kg"}"#,
        r#""weight":{"value":1.15,"unit":"kg"}"#,
        r#""weight":{"value":9007199254740993.01,"unit":"kg"}"#,
        r#""weight":{"value":1e2,"unit":"kg"}"#,
        r#""weight":{"value":4200e-3,"unit":"kg"}"#,
    ] {
        check(&pet, Purpose::Create, &format!("{{{PET},{valid}}}"), &[]);
    }
}

#[test]
fn all_is_said_at_once_in_the_contract_s_order() {
    let expected = [
        ("/petId", "F447", "`petId` is set by the system; leave it out."),
        ("/ownerId", "F441", "`ownerId` is missing; send a text."),
        ("/name", "F446", "`name` is empty; send a text with at least 1 character."),
        (
            "/species",
            "F443",
            "`species` can be `dog`, `cat`, `bird`, `rabbit`, `horse` or `other`; did you mean `dog`?",
        ),
        ("/weight/value", "F442", "`weight.value` is null; send a number."),
        ("/weight/unit", "F441", "`weight.unit` is missing; send `kg` or `lb`."),
        ("/photos", "F447", "`photos` is set by the system; leave it out."),
        (
            "/zzz",
            "F444",
            "`zzz` is not known; what can stand here is `ownerId`, `name`, `species`, `breed`, `sex`, `altered`, `birthDate`, `birthDateEstimated`, `weight`, `colors`, `microchip`, `behaviorNotes`, `visibility` or `status`.",
        ),
        (
            "/feathers",
            "F444",
            "`feathers` is not known; what can stand here is `ownerId`, `name`, `species`, `breed`, `sex`, `altered`, `birthDate`, `birthDateEstimated`, `weight`, `colors`, `microchip`, `behaviorNotes`, `visibility` or `status`.",
        ),
    ];
    let body = r#"{"zzz":1,"photos":[{"width":"x"}],"feathers":2,"weight":{"value":null},"species":"doog","name":"","petId":1}"#;
    check(&contract("pet"), Purpose::Create, body, &expected);
}

#[test]
fn what_is_explained_is_not_said_again() {
    let breed = "`breeed` is not known; did you mean `breed`?";
    let body = format!(r#"{{{PET},"breeed":{{"x":[1e400]}},"photos":[{{"nose":1,"width":1e400}}]}}"#);
    let photos = ("/photos", "F447", "`photos` is set by the system; leave it out.");
    check(&contract("pet"), Purpose::Create, &body, &[photos, ("/breeed", "F444", breed)]);
}

#[test]
fn what_the_system_sets_is_not_missed() {
    check(&contract("pet"), Purpose::Create, &format!("{{{PET}}}"), &[]);
    check(&contract("pet"), Purpose::Replace, &format!("{{{PET}}}"), &[]);
    let missing = [("/name", "F441", "`name` is missing; send a text.")];
    check(&contract("pet"), Purpose::Replace, r#"{"ownerId":"1","species":"cat"}"#, &missing);
}

#[test]
fn formats_are_checked() {
    let record = contract("medical-record");
    let base = r#""type":"visit","description":"x""#;
    let time = "`recordedAt` is no time with a zone; write it as `2019-04-23T10:00:00Z`.";
    for (text, good) in [
        ("2024-03-14T17:30:00Z", true),
        ("2024-03-14T17:30:00.123+02:00", true),
        ("2024-03-14T17:30:00", false),
        ("2024-03-14 17:30:00Z", false),
        ("2024-03-14t17:30:00z", false),
        ("2024-03-14T17:30:00+02", false),
        ("2024-03-14T17:30:00+0200", false),
        ("2024-02-30T17:30:00Z", false),
        ("2024-03-14", false),
        ("", false),
    ] {
        let expected = [("/recordedAt", "F445", time)];
        let body = format!(r#"{{{base},"recordedAt":"{text}"}}"#);
        check(&record, Purpose::Create, &body, if good { &[] } else { &expected });
    }
    let body = format!(r#"{{{base},"vaccinations":[{{"code":"rabies","givenOn":"2024-3-14"}}]}}"#);
    let expected = (
        "/vaccinations/0/givenOn",
        "F445",
        "`vaccinations[0].givenOn` is no date; write it as `2019-04-23`.",
    );
    check(&record, Purpose::Create, &body, &[expected]);

    let formats = of_text(
        r#"{"title":"F","type":"object","properties":{
        "mail":{"type":"string","format":"email"},"link":{"type":"string","format":"uri"},
        "span":{"type":"string","format":"duration"},"days":{"type":"array","items":{"type":"string","format":"date"}}}}"#,
    );
    for (body, expected) in [
        (
            r#"{"mail":"a@example.org","link":"https://example.org/a?b#c","span":"P1Y6M","days":["2024-01-01"]}"#,
            None,
        ),
        (
            r#"{"mail":"a.example.org"}"#,
            Some(("/mail", "F445", "`mail` is no email address; write it as `name@example.org`.")),
        ),
        (
            r#"{"link":"/a"}"#,
            Some(("/link", "F445", "`link` is no absolute URI; write it as `https://example.org/page`.")),
        ),
        (
            r#"{"span":"1 year"}"#,
            Some(("/span", "F445", "`span` is no duration; write it as `P1Y6M` or `PT30M`.")),
        ),
        (
            r#"{"days":["2024-01-01","x"]}"#,
            Some(("/days/1", "F445", "`days[1]` is no date; write it as `2019-04-23`.")),
        ),
    ] {
        check(&formats, Purpose::Create, body, expected.as_slice());
    }
}

#[test]
fn whole_numbers_and_bounds_are_judged_on_their_digits() {
    let numbers = of_text(
        r##"{"title":"N","type":"object","$defs":{"cents":{"type":"number","multipleOf":0.01}},"properties":{
        "whole":{"type":"integer"},"big":{"type":["integer","null"],"maximum":9007199254740992},"half":{"type":"number","multipleOf":0.5},
        "least":{"type":"number","minimum":0.1,"exclusiveMaximum":1},"cents":{"$ref":"#/$defs/cents"},
        "steps":{"type":"array","items":{"type":"number","multipleOf":1}},"set":{"type":"array","uniqueItems":true,"items":{"type":"integer"}},
        "free":{"type":"object"}}}"##,
    );
    let endless = "is a number with more digits than can be kept; send a shorter one.";
    for (body, pointer, code, message) in [
        (r#"{"whole":1.5}"#, "/whole", "F442", "`whole` is a number with a fraction; send a whole number."),
        (
            r#"{"whole":9007199254740993.5}"#,
            "/whole",
            "F442",
            "`whole` is a number with a fraction; send a whole number.",
        ),
        (r#"{"big":1.5}"#, "/big", "F442", "`big` is a number with a fraction; send a whole number or null."),
        (
            r#"{"big":9007199254740993}"#,
            "/big",
            "F446",
            "`big` is too large; the most is `9007199254740992`.",
        ),
        (
            r#"{"big":9007199254740992.000000001}"#,
            "/big",
            "F442",
            "`big` is a number with a fraction; send a whole number or null.",
        ),
        (r#"{"half":0.75}"#, "/half", "F446", "`half` has to be a multiple of `0.5`."),
        (
            r#"{"least":0.09999999999999999999999}"#,
            "/least",
            "F446",
            "`least` is too small; the least is `0.1`.",
        ),
        (r#"{"least":1.0}"#, "/least", "F446", "`least` is too large; it has to be less than `1`."),
        (r#"{"cents":0.001}"#, "/cents", "F446", "`cents` has too many digits after the point; 2 are kept."),
        (
            r#"{"cents":1.00000000000000000000001}"#,
            "/cents",
            "F446",
            "`cents` has too many digits after the point; 2 are kept.",
        ),
        (r#"{"steps":[1,1.5]}"#, "/steps/1", "F446", "`steps[1]` has to be a whole number."),
        (r#"{"set":[1,1]}"#, "/set", "F446", "`set` has the same item twice; send each once."),
    ] {
        check(&numbers, Purpose::Create, body, &[(pointer, code, message)]);
    }
    for (body, pointer, subject) in [
        (r#"{"whole":1e400}"#, "/whole", "`whole`"),
        (r#"{"big":-1e400}"#, "/big", "`big`"),
        (r#"{"steps":[1,1e999999999]}"#, "/steps/1", "`steps[1]`"),
        (r#"{"free":{"a/b":[1e400]}}"#, "/free/a~1b/0", "`free.a/b.0`"),
    ] {
        let subject = subject.replace(".0`", "[0]`");
        check(&numbers, Purpose::Create, body, &[(pointer, "F446", &format!("{subject} {endless}"))]);
    }
    let two = [
        ("/set/0", "F446", format!("`set[0]` {endless}")),
        ("/set/1", "F446", format!("`set[1]` {endless}")),
    ];
    let two: Vec<_> = two.iter().map(|(p, c, m)| (*p, *c, m.as_str())).collect();
    check(&numbers, Purpose::Create, r#"{"set":[1e400,1e400]}"#, &two);
    for valid in [
        r#"{"whole":1.0}"#,
        r#"{"whole":1e2}"#,
        r#"{"whole":-0}"#,
        r#"{"whole":9007199254740993}"#,
        r#"{"whole":123456789012345678901234567890}"#,
        r#"{"big":9007199254740992}"#,
        r#"{"half":1.5}"#,
        r#"{"least":0.1}"#,
        r#"{"least":0.99999999999999999999}"#,
        r#"{"cents":99999999999999.07}"#,
        r#"{"cents":123456789012345678901234567890.12}"#,
        r#"{"cents":1e30}"#,
        r#"{"cents":1e2}"#,
        r#"{"free":{"x":[1,null,"y"]}}"#,
    ] {
        check(&numbers, Purpose::Create, valid, &[]);
    }
}

#[test]
fn forms_are_told_in_words_or_by_example() {
    let service = contract("service");
    let body = |amount: &str, currency: &str| {
        format!(
            r#"{{"name":"x","kind":"vet","durationMinutes":30,"price":{{"amount":"{amount}","currency":"{currency}"}}}}"#
        )
    };
    let currency = "`price.currency` has another form than it should; write 3 capital letters from A to Z, for example `USD`.";
    check(&service, Purpose::Create, &body("1.00", "usd"), &[("/price/currency", "F445", currency)]);
    let amount = "`price.amount` has another form than it should; write it as in `24.00`.";
    check(&service, Purpose::Create, &body("1", "USD"), &[("/price/amount", "F445", amount)]);
    let bare =
        of_text(r#"{"title":"P","type":"object","properties":{"a":{"type":"string","pattern":"^x+$"}}}"#);
    let matching = "`a` has another form than it should; it has to match `^x+$`.";
    check(&bare, Purpose::Create, r#"{"a":"y"}"#, &[("/a", "F445", matching)]);
}

#[test]
fn other_rules_of_a_contract_have_a_sentence() {
    let other = of_text(
        r#"{"title":"O","type":"object","minProperties":1,"maxProperties":2,"not":{"required":["never"]},
        "properties":{"one":{"type":"string","const":"x"},"never":{"type":"boolean"},"list":{"type":"array","minItems":2,"items":{"type":"string","maxLength":1}}}}"#,
    );
    for (body, pointer, code, message) in [
        ("{}", "", "F446", "The body has too few members; the least is 1."),
        (r#"{"a":1,"b":2,"c":3}"#, "", "F446", "The body has too many members; the most is 2."),
        (
            r#"{"never":true}"#,
            "",
            "F431",
            "The body does not fit the contract; compare it with the API's documentation.",
        ),
        (r#"{"one":"y"}"#, "/one", "F443", "`one` can be `x`."),
        (r#"{"list":["a"]}"#, "/list", "F446", "`list` has too few items; the least is 2 items."),
        (r#"{"list":["a","bb"]}"#, "/list/1", "F446", "`list[1]` is too long; the most is 1 character."),
        ("[]", "", "F442", "The body is a list; send an object."),
    ] {
        check(&other, Purpose::Create, body, &[(pointer, code, message)]);
    }
}

#[test]
fn a_hundred_are_listed_and_the_rest_counted() {
    let many = |n: usize| {
        let members: Vec<String> = (0..n).map(|i| format!(r#""zz{i}":1"#)).collect();
        format!("{{{PET},{}}}", members.join(","))
    };
    let pet = contract("pet");
    let count = |n: usize| violations(&pet, &json::read::read(&many(n)).unwrap(), Purpose::Create);
    assert_eq!(count(100).len(), 100);
    let found = count(107);
    assert_eq!(found.len(), 101);
    assert_eq!((pointer(&found[0]), pointer(&found[99])), ("/zz0", "/zz99"));
    let last = Violation::pointer("", &code::BAD_BODY, "7 more things are wrong with the body.");
    assert_eq!(found.last(), Some(&last));
    let found = count(50_000);
    assert_eq!(found.len(), 101);
    assert_eq!(found.last().unwrap().message, "At least 9900 more things are wrong with the body.");
    assert_eq!(count(101).last().unwrap().message, "1 more thing is wrong with the body.");
}

#[test]
fn no_sentence_repeats_a_value() {
    let body = r#"{"ownerId":{"card":"4111111111111111"},"name":4111111111111111,"species":"4111111111111111",
        "microchip":"4111111111111111","birthDate":"4111111111111111","weight":{"value":4111111111111111.111,"unit":"4111111111111111"}}"#;
    let found = violations(&contract("pet"), &json::read::read(body).unwrap(), Purpose::Create);
    assert_eq!(found.len(), 7);
    assert!(found.iter().all(|violation| !violation.message.contains("4111")), "{found:?}");
}
