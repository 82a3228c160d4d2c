//! What is found valid in one walk, the validator finds valid, too: over records of each contract of the project, and of one
//! with all words that are understood, with each place of them spoiled in many ways.

use super::*;
use crate::{translate::sample, value::path::Step};

/// Values that stand where others should.
const ODD: [&str; 26] = [
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "0.001",
    "4.10",
    "1e400",
    "1e2",
    "12345678901234567890123456789012345",
    "9007199254740993",
    "100",
    "101",
    r#""""#,
    r#""x""#,
    r#""äöüß""#,
    r#""2019-02-29""#,
    r#""2019-04-23""#,
    r#""2019-04-23T10:00:00""#,
    r#""2019-04-23T10:00:00Z""#,
    r#""ab@example.org""#,
    "[]",
    r#"["a","a"]"#,
    "[null]",
    "{}",
    r#"{"x":1}"#,
];

const ALL: &str = r##"{"title":"All","type":"object","additionalProperties":false,"required":["a","n","id"],"$defs":{
    "code":{"enum":["x","y",null]},"place":{"type":"object","required":["x"],"properties":{"x":{"type":"integer"}}}},
    "properties":{"id":{"type":"string","readOnly":true},"a":{"type":"string","minLength":2,"maxLength":4},
    "n":{"type":"number","minimum":0,"exclusiveMaximum":101,"multipleOf":0.01},"m":{"type":["null","integer"],"exclusiveMinimum":-1,"maximum":100},
    "five":{"type":"integer","multipleOf":5},"code":{"$ref":"#/$defs/code"},"typed":{"type":"string","enum":["x",null]},
    "place":{"$ref":"#/$defs/place"},"also":{"$ref":"#/$defs/place","required":["z"]},"d":{"type":["string","null"],"format":"date"},
    "t":{"type":"string","format":"date-time"},"mail":{"type":"string","format":"email"},"p":{"type":"string","pattern":"^[ab]+$"},
    "few":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string"}},"once":{"type":"array","uniqueItems":true,"items":{"type":"string"}},
    "rows":{"type":"array","items":{"type":"object","properties":{"k":{"type":"boolean"},"id":{"type":"string","readOnly":true}}}},
    "free":{"type":"object"},"not":{"type":"string","not":{"const":"x"}}}}"##;

/// All places of a value, itself among them.
fn places(value: &Value, here: &mut Vec<Step>, all: &mut Vec<Vec<Step>>) {
    all.push(here.clone());
    let inner: Vec<(Step, &Value)> = match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (Step::Key(name.as_str().into()), value)).collect()
        }
        Value::List(items) => items.iter().enumerate().map(|(at, value)| (Step::Index(at), value)).collect(),
        _ => Vec::new(),
    };
    for (step, value) in inner {
        here.push(step);
        places(value, here, all);
        here.pop();
    }
}

/// Takes out what may not be sent.
fn writable(contract: &Contract, value: &mut Value) {
    for member in contract.top().filter(|member| member.read_only) {
        value.remove(&member.name);
    }
}

/// How many of a record's spoiled forms are sure, and how many are right.
fn spoiled(contract: &Contract, record: &Value, tally: &mut (usize, usize)) {
    let mut held = |value: &Value| {
        let sure = super::super::sure::is_valid(&contract.sure, value);
        let right =
            [Purpose::Create, Purpose::Replace].map(|purpose| found(contract, value, purpose).is_empty());
        assert!(!sure || right == [true, true], "{}: {}: {right:?}", contract.name, value.to_json());
        tally.0 += usize::from(sure);
        tally.1 += usize::from(right == [true, true]);
    };
    held(record);
    let mut all = Vec::new();
    places(record, &mut Vec::new(), &mut all);
    for place in &all {
        for odd in ODD {
            let mut other = record.clone();
            other.put(place, json::read::read(odd).unwrap());
            held(&other);
        }
        if let Some((Step::Key(name), above)) = place.split_last() {
            let mut less = record.clone();
            let mut holder = less.follow(&crate::value::path::Path(above.to_vec())).cloned().unwrap();
            holder.remove(name);
            less.put(above, holder);
            held(&less);
            let mut more = record.clone();
            more.put(&[above, &[Step::Key("zebra".into())]].concat(), Value::Null);
            held(&more);
        }
    }
}

#[test]
fn what_is_sure_is_valid() {
    let folder = format!("{}/schemas", env!("CARGO_MANIFEST_DIR"));
    let mut contracts = vec![of_text(ALL)];
    for file in walkdir(&folder) {
        let text = std::fs::read_to_string(&file).unwrap();
        if text.contains("\"title\"") && !file.contains("/portico/") {
            contracts.push(of_text(text));
        }
    }
    assert!(contracts.len() > 20, "{}", contracts.len());
    let mut sum = (0, 0);
    for contract in &contracts {
        let mut tally = (0, 0);
        for mut record in sample::cases(contract, 3) {
            writable(contract, &mut record);
            spoiled(contract, &record, &mut tally);
        }
        sum = (sum.0 + tally.0, sum.1 + tally.1);
    }
    // Nearly all that is right is found so in the walk.
    assert!(sum.0 * 10 > sum.1 * 6, "{sum:?}");
}

fn walkdir(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.to_str() {
            Some(inner) if path.is_dir() => files.extend(walkdir(inner)),
            Some(file) if path.extension().is_some_and(|end| end == "json") => files.push(file.to_owned()),
            _ => {}
        }
    }
    files
}

#[test]
fn a_bench_of_the_words_that_are_understood() {
    let all = of_text(ALL);
    for (body, sure) in [
        (r#"{"a":"ab","n":4.10}"#, true),
        (
            r#"{"n":100.99,"a":"äöüß","m":null,"code":null,"place":{"x":1},"d":"2020-02-29","mail":"a@example.org","p":"ab"}"#,
            true,
        ),
        (r#"{"a":"ab","n":1,"few":["x"],"rows":[{"k":true},{}]}"#, true),
        (r#"{"a":"ab"}"#, false),
        (r#"{"a":"a","n":1}"#, false),
        (r#"{"a":"abcde","n":1}"#, false),
        (r#"{"a":"ab","n":101}"#, false),
        (r#"{"a":"ab","n":0.001}"#, false),
        (r#"{"a":"ab","n":1e0}"#, false),
        (r#"{"a":"ab","n":1,"id":"1"}"#, false),
        (r#"{"a":"ab","n":1,"m":1.5}"#, false),
        (r#"{"a":"ab","n":1,"few":[]}"#, false),
        (r#"{"a":"ab","n":1,"rows":[{"id":"1"}]}"#, false),
        (r#"{"a":"ab","n":1,"typed":null}"#, false),
        (r#"{"a":"ab","n":1,"p":"abc"}"#, false),
        // These words are the validator's.
        (r#"{"a":"ab","n":1,"five":10}"#, false),
        (r#"{"a":"ab","n":1,"once":["a","b"]}"#, false),
        (r#"{"a":"ab","n":1,"not":"y"}"#, false),
        (r#"{"a":"ab","n":1,"also":{"x":1,"z":2}}"#, false),
    ] {
        let value = json::read::read(body).unwrap();
        assert_eq!(super::super::sure::is_valid(&all.sure, &value), sure, "{body}");
    }
}
