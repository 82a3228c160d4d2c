//! What a schema has against a file, in sentences.

#![allow(dead_code, reason = "the types are there for the schemas that are made of them")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Validator, conform};
use crate::fault::diagnostic::{Diagnostics, SourceFile};
use crate::spec::yaml::parse;

/// A file like those of the operator: every form that serde and schemars make of a type.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Binding {
    binds: String,
    /// The public members.
    fields: BTreeMap<String, Rule>,
    #[serde(default)]
    calls: BTreeMap<String, Call>,
    list: Option<List>,
    #[serde(default)]
    sort: Vec<String>,
    order: Option<Order>,
    #[serde(default)]
    read_only: bool,
    cache: Option<Cache>,
    source: Option<Source>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Rule {
    Place(String),
    Full(Full),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Full {
    from: String,
    #[serde(default)]
    via: Vec<Converter>,
    fields: Option<BTreeMap<String, Rule>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Converter {
    Decimal,
    Integer,
    /// With a word of its own, schemars makes this a branch of its own.
    Trim,
    Codes(BTreeMap<String, Code>),
    Lookup(Lookup),
    Date(String),
    Scaled(#[schemars(range(min = 1, max = 9))] u8),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Code {
    Truth(bool),
    Word(String),
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Lookup {
    #[serde(rename = "in")]
    table: String,
    by: String,
    give: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Call {
    #[schemars(regex(pattern = "^/"))]
    get: String,
    #[serde(default)]
    #[schemars(length(min = 1))]
    gives: Option<Vec<String>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct List {
    call: String,
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Order {
    Asc,
    Desc,
}

/// Flattened parts make `unevaluatedProperties`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Cache {
    fresh: String,
    #[serde(flatten)]
    more: Stale,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Stale {
    For { stale: String },
    Never { never: bool },
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
enum Source {
    Http { address: String },
    Sql { url: String, pool: Option<u8> },
}

fn validator() -> Validator {
    Validator::new(schemars::schema_for!(Binding).to_value()).unwrap()
}

/// What is said of a text: `line:column: severity[code]: message | hint`.
fn said(text: &str) -> Vec<String> {
    said_by(&validator(), text)
}

fn said_by(validator: &Validator, text: &str) -> Vec<String> {
    let file = SourceFile::new("a.yaml", text);
    let mut out = Diagnostics::new();
    if let Some(node) = parse(&file, &mut out) {
        conform(&file, &node, validator, &mut out);
    }
    out.sort();
    out.iter()
        .map(|one| {
            let line = one.one_line().strip_prefix("a.yaml:").unwrap().to_owned();
            one.hint.as_ref().map_or(line.clone(), |hint| format!("{line} | {hint}"))
        })
        .collect()
}

/// Broken files, each with all that is said of it. The first is whole.
const FILES: &[(&str, &[&str])] = &[
    ("binds: pets\nfields: {}\n", &[]),
    (
        "bind: pets\nfeilds:\n  a: b\n",
        &[
            "1:1: error[M013]: `binds` is missing | add `binds:` with a text",
            "1:1: error[M013]: `fields` is missing | add `fields:` with a map",
            "1:1: error[M011]: unknown key `bind` | did you mean `binds`?",
            "2:1: error[M011]: unknown key `feilds` | did you mean `fields`?",
        ],
    ),
    (
        "binds: 5\nfields: []\nread_only: yes\nsort: name\n",
        &[
            r#"1:8: error[M012]: `binds` must be a text, found a whole number | write it in quotes: `binds: "5"`"#,
            "2:9: error[M012]: `fields` must be a map, found a list | write `key: value` entries, without `- `",
            "3:12: error[M012]: `read_only` must be `true` or `false`, found a text | write `read_only: true`",
            "4:7: error[M012]: `sort` must be a list, found a text | write it as a list: `sort: [name]`",
        ],
    ),
    (
        "fields: {}\norder: ascending\n",
        &[
            "1:1: error[M013]: `binds` is missing | add `binds:` with a text",
            "2:8: error[M014]: `ascending` is not one of asc, desc | did you mean `asc`?",
        ],
    ),
    ("binds: p\nfields: {}\norder: [asc]\n", &["3:8: error[M012]: `order` must be a text, found a list"]),
    (
        "binds: p\nfields: {}\nlist: {call: i, limit: many}\n",
        &["3:24: error[M012]: `limit` must be a whole number, found a text | for example `limit: 10`"],
    ),
    (
        "binds: p\nfields: {}\nlist: {call: i, limit: \"5\"}\n",
        &[
            "3:24: error[M012]: `limit` must be a whole number, found a text | write it without quotes: `limit: 5`",
        ],
    ),
    (
        "binds: p\nfields: {}\nlist: {call: i, limit: 0}\ncalls:\n  x: { get: rest }\n  y: { get: /r, gives: [] }\n  z:\n    gives: [1]\n",
        &[
            "3:24: error[M015]: `limit` must be at least 1, found `0`",
            "5:13: error[M015]: `get` has a form that is not allowed, found `rest` | it has to match the pattern `^/`",
            "6:24: error[M015]: `gives` must not be empty",
            "7:3: error[M013]: `get` is missing in `z` | add `get:` with a text",
            r#"8:13: error[M012]: entry 1 of `gives` must be a text, found a whole number | write it in quotes: `"1"`"#,
        ],
    ),
    (
        "binds: pets\nfields:\n  a: 1\n  b: [x]\n  c:\n  d: { frm: x }\n  e: { from: x, via: decimal }\n",
        &[
            r#"3:6: error[M012]: `a` must be a text or a map, found a whole number | write it in quotes: `a: "1"`"#,
            "4:6: error[M012]: `b` must be a text or a map, found a list | write `key: value` entries, without `- `",
            "5:3: error[M012]: `c` must be a text or a map, found nothing | write a value, or remove the key",
            "6:3: error[M013]: `from` is missing in `d` | add `from:` with a text",
            "6:8: error[M011]: unknown key `frm` | did you mean `from`?",
            "7:22: error[M012]: `via` must be a list, found a text | write it as a list: `via: [decimal]`",
        ],
    ),
    (
        "binds: pets\nfields:\n  a: { from: x, via: [decimel, codes, { code: {} }, { lookup: { in: s } }, { decimal: 1 }, { date: 5 }, { codes: { M: 5 } }, { scaled: 20 }, {}, { date: x, lookup: { in: s, by: t } }, 7, { lookup: { in: s, by: b, giv: x } }] }\n",
        &[
            "3:23: error[M014]: `decimel` is not one of decimal, integer, trim, codes, lookup, date, scaled | did you mean `decimal`?",
            "3:32: error[M013]: `codes` cannot stand alone | write `codes: …` with a map",
            "3:41: error[M011]: unknown key `code` | did you mean `codes`?",
            "3:55: error[M013]: `by` is missing in `lookup` | add `by:` with a text",
            "3:78: error[M012]: `decimal` takes nothing behind it | write `decimal` alone, without a colon",
            r#"3:100: error[M012]: `date` must be a text, found a whole number | write it in quotes: `date: "5"`"#,
            r#"3:119: error[M012]: `M` must be `true`, `false` or a text, found a whole number | write it in quotes: `M: "5"`"#,
            "3:136: error[M015]: `scaled` must be at most 9, found `20`",
            "3:142: error[M013]: entry 9 of `via` must have one of the keys codes, lookup, date, scaled",
            "3:157: error[M015]: only one of `date`, `lookup` can stand here | give each an entry of its own",
            r#"3:185: error[M012]: entry 11 of `via` must be a text or a map, found a whole number | write it in quotes: `"7"`"#,
            "3:214: error[M011]: unknown key `giv` | did you mean `give`?",
        ],
    ),
    (
        "binds: pets\nfields:\n  a:\n    from: x\n    fields:\n      b:\n        from: y\n        via:\n          - lookup: { inn: a, by: b }\n",
        &[
            "9:13: error[M013]: `in` is missing in `lookup` | add `in:` with a text",
            "9:23: error[M011]: unknown key `inn` | did you mean `in`?",
        ],
    ),
    (
        "binds: p\nfields: {}\ncache: {fresh: 30s, stal: 1, never: true}\nsource: {kind: htp, address: x}\n",
        &[
            "3:21: error[M011]: unknown key `stal` | did you mean `stale`?",
            "4:16: error[M014]: `htp` is not one of http, sql | did you mean `http`?",
        ],
    ),
    (
        "binds: p\nfields: {}\ncache: {stale: 1, never: true, x: 1}\nsource: {address: x}\n",
        &[
            "3:1: error[M013]: `fresh` is missing in `cache` | add `fresh:` with a text",
            "3:9: error[M011]: `stale` does not go with the other keys here | remove it, or the keys that it excludes",
            "3:32: error[M011]: unknown key `x` | known keys here: fresh",
            "4:1: error[M013]: `kind` is missing in `source` | add `kind:` with http or sql",
        ],
    ),
    (
        "binds: p\nfields: {}\nsource: {kind: sql, address: x, pool: 300}\n",
        &[
            "3:1: error[M013]: `url` is missing in `source` | add `url:` with a text",
            "3:21: error[M011]: unknown key `address` | known keys here: url",
            "3:39: error[M015]: `pool` must be at most 255, found `300`",
        ],
    ),
    (
        "- a\n",
        &[
            "1:1: error[M012]: this file must be a map, found a list | write `key: value` entries, without `- `",
        ],
    ),
    (
        "binds: p\nfields: {}\nlist: {call: i, limit: 1.5}\nread_only:\n",
        &[
            "3:24: error[M012]: `limit` must be a whole number, found a number with a fraction | write it without a fraction",
            "4:1: error[M012]: `read_only` must be `true` or `false`, found nothing | write a value, or remove the key",
        ],
    ),
    (
        "binds: p\nfields: {}\nlist: {call: i, limit: 10.0}\n\"a/b~c\": 1\n",
        &[
            "4:1: error[M011]: unknown key `a/b~c` | known keys here: calls, sort, order, read_only, cache, source",
        ],
    ),
];

#[test]
fn every_violation_is_told_at_its_place() {
    for (text, expected) in FILES {
        assert_eq!(said(text), *expected, "{text}");
    }
}

#[test]
fn a_file_that_conforms_can_be_read_by_serde() {
    let text = "binds: pets\nfields:\n  a: x\n  b: { from: y, via: [decimal, { codes: { M: male, No: false } }, { scaled: 2 }] }\n\
                list: { call: index, limit: 10.0 }\norder: desc\nread_only: true\n\
                source: { kind: sql, url: x, pool: 3 }\n";
    assert_eq!(said(text), Vec::<String>::new());
    let node = parse(&SourceFile::new("a.yaml", text), &mut Diagnostics::new()).unwrap();
    let binding: Binding = serde_json::from_value(node.to_json()).unwrap();
    assert_eq!(binding.fields.len(), 2);
}

#[test]
fn faults_of_reading_and_of_the_schema_are_shown_together() {
    assert_eq!(
        said("binds: p\nbinds: q\nfields: {}\nlist: { limit: 0, call: &a x }\n"),
        [
            "2:1: error[M002]: the key `binds` stands twice in this map | join the two, or remove one of them",
            "4:16: error[M015]: `limit` must be at least 1, found `0`",
            "4:25: error[M003]: anchors are not used here: `&a` | remove it, and write the value again where it is needed",
        ]
    );
}

#[test]
fn bounds_that_people_write_in_schemas_have_their_sentences() {
    let schema = serde_json::json!({
        "type": "object",
        "propertyNames": { "pattern": "^[a-z]+$" },
        "properties": {
            "day": { "type": "string", "format": "date" },
            "set": { "type": "array", "uniqueItems": true, "maxItems": 2 },
            "code": { "type": "string", "minLength": 2, "maxLength": 3 },
            "step": { "type": "integer", "multipleOf": 5, "exclusiveMaximum": 20 },
            "kind": { "const": "pet" },
            "never": false,
            "tree": { "$ref": "#/$defs/tree" },
            "level": { "type": "integer", "enum": [1, 2] },
        },
        "$defs": { "tree": { "type": "object", "additionalProperties": { "$ref": "#/$defs/tree" } } },
    });
    let validator = Validator::new(schema).unwrap();
    let text = "day: 2024-13-01\nset: [1, 1, 2]\ncode: x\nstep: 23\nkind: pets\nnever: 1\nTree: {}\n\
                tree: { a: { b: { c: 1 } } }\nlevel: one\n";
    assert_eq!(
        said_by(&validator, text),
        [
            "1:6: error[M015]: `day` must be a date like `2024-05-31`, found `2024-13-01`",
            "2:6: error[M015]: `set` must have at most 2 entries",
            "2:6: error[M015]: `set` holds an entry twice | remove one of them",
            "3:7: error[M015]: `code` must have at least 2 characters, found `x`",
            "4:7: error[M015]: `step` must be less than 20, found `23`",
            "4:7: error[M015]: `step` must be a multiple of 5, found `23`",
            "5:7: error[M014]: `kind` must be `pet`, found `pets` | did you mean `pet`?",
            "6:8: error[M015]: `never` cannot stand here | remove it",
            "7:1: error[M015]: the key `Tree` has a form that is not allowed, found `Tree` | it has to match the pattern `^[a-z]+$`",
            "8:22: error[M012]: `c` must be a map, found a whole number | write `key: value` entries, indented below `c:`",
            "9:8: error[M012]: `level` must be a whole number, found a text | for example `level: 10`",
        ]
    );
}

#[test]
fn known_keys_follow_references_and_alternatives() {
    let validator = validator();
    assert_eq!(validator.known_keys("/$defs/List"), ["call", "limit"]);
    assert_eq!(validator.known_keys("/$defs/Rule"), ["from", "via", "fields"]);
    assert_eq!(validator.known_keys("/$defs/Cache"), ["fresh", "stale", "never"]);
    assert_eq!(validator.known_keys("/$defs/Order"), Vec::<&str>::new());
    assert_eq!(validator.known_keys("/nowhere"), Vec::<&str>::new());
    assert!(validator.known_keys("").contains(&"binds"));
}

#[test]
fn a_schema_that_is_none_is_refused() {
    assert!(Validator::new(serde_json::json!({ "type": "txet" })).is_err());
    assert!(Validator::new(serde_json::json!({ "$ref": "https://example.com/schema.json" })).is_err());
}

#[test]
fn no_slip_of_the_hand_is_silent_or_harmful() {
    let text = "binds: pets\nfields:\n  ä: \"x\"\n  b:\n    from: y # é\n    via:\n    - decimal\n    - { codes: { M: male } }\n\
                source: {kind: sql, url: 'x'}\n";
    let validator = validator();
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    for at in starts {
        let (before, after) = text.split_at(at);
        let rest = after.chars().next().map_or(after, |c| &after[c.len_utf8()..]);
        let slips = [
            "", "\t", "\n", " ", ":", ": ", "- ", "[", "}", "\"", "'", "*", "&a ", "!t ", "#", "%", "|",
            "? ", "é", "\u{0}",
        ];
        for slip in slips {
            for broken in
                [format!("{before}{slip}{after}"), format!("{before}{slip}{rest}"), format!("{before}{slip}")]
            {
                let file = SourceFile::new("a.yaml", broken.clone());
                let mut out = Diagnostics::new();
                match parse(&file, &mut out) {
                    None => assert!(out.has_errors(), "{broken}"),
                    Some(node) => {
                        let before = out.errors();
                        conform(&file, &node, &validator, &mut out);
                        let valid = validator.compiled.is_valid(&node.to_json());
                        assert_eq!(valid, out.errors() == before, "{broken}");
                    }
                }
                for one in &out {
                    assert!(one.span.start <= one.span.end, "{broken}");
                    assert!(
                        broken.get(one.span.clone()).is_some() || one.span.start >= broken.len(),
                        "{broken} {one:?}"
                    );
                    assert!(one.render_plain().contains("a.yaml:"), "{broken}");
                }
            }
        }
    }
}
