//! Trees with positions, and the faults of files that are no YAML.

use super::{Node, Step, Value, parse};
use crate::fault::diagnostic::{Diagnostics, SourceFile};

fn read(text: &str) -> (Option<Node>, Vec<String>) {
    let mut out = Diagnostics::new();
    let node = parse(&SourceFile::new("a.yaml", text), &mut out);
    let said =
        out.iter().map(|one| format!("{} | {}", one.one_line(), one.hint.as_deref().unwrap_or(""))).collect();
    (node, said)
}

fn good(text: &str) -> Node {
    let (node, said) = read(text);
    assert_eq!(said, Vec::<String>::new(), "{text}");
    node.unwrap()
}

/// Broken texts, each with all that is said of it: `line:column: severity[code]: message | hint`.
const BROKEN: &[(&str, &[&str])] = &[
    (
        "a: *x\n",
        &[
            "1:4: error[M003]: aliases are not used here: `*x` | write the value itself; if it is a text that begins with `*`, put it in quotes",
        ],
    ),
    (
        "? [a]\n: b\n",
        &[
            "1:3: error[M003]: a key is one word or a quoted text, and this one is a list or a map | if the brackets are meant as text, put them in quotes",
        ],
    ),
    (
        "a:\n  b: 1\n c: 2\n",
        &[
            "3:2: error[M001]: this line is indented unlike the lines around it | entries here begin at column 1 or 3, this one at column 2",
        ],
    ),
    (
        "a:\n\tb: 1\n",
        &["2:1: error[M001]: a tab cannot indent a line | indent with spaces, two for each level"],
    ),
    (
        "a: 1\n b: 2\n",
        &[
            "2:2: error[M001]: this line is indented deeper than the entry above it | entries here begin at column 1, this one at column 2",
        ],
    ),
    (
        "a: !!str &k 1\n<<: *k\n",
        &[
            "1:4: error[M003]: tags are not used here: `!!str` | remove it; quotes make a text of a number, and a text that begins with `!` needs them too",
            "1:10: error[M003]: anchors are not used here: `&k` | remove it, and write the value again where it is needed",
            "2:1: error[M003]: merge keys are not used here: `<<` | write the merged entries themselves",
            "2:5: error[M003]: aliases are not used here: `*k` | write the value itself; if it is a text that begins with `*`, put it in quotes",
        ],
    ),
    ("a: [1, 2\nb: 3\n", &["1:4: error[M001]: `[` is not closed | close it with `]`"]),
    (
        "a: b: c\n",
        &[
            "1:5: error[M001]: a second `:` stands in this line | put the value in quotes if the `:` belongs to it, or the inner entry on a line of its own",
        ],
    ),
    (
        "a: \"x\nb: 1\n",
        &[
            "1:4: error[M001]: this quote is not closed | close it on the same line; a quote within single quotes is written twice",
        ],
    ),
    ("", &["1:1: error[M001]: this file is empty | write its content, or remove the file"]),
    ("# c\n", &["1:1: error[M001]: this file is empty | write its content, or remove the file"]),
    ("---\n", &["1:1: error[M001]: this file is empty | write its content, or remove the file"]),
    (
        "---\na: 1\n---\nb: 2\n",
        &[
            "3:1: error[M003]: a file holds one document, and a second one begins here | move what follows into a file of its own",
        ],
    ),
    (
        "a: 'it's'\n",
        &[
            "1:8: error[M001]: text goes on behind the closing quote | a quote within single quotes is written twice: `'it''s'`",
        ],
    ),
    (
        ": 3\n",
        &["1:1: error[M003]: a key is missing before this `:` | write the key, or `\"\"` for an empty one"],
    ),
    (
        "a\nb: 1\n",
        &[
            "1:1: error[M001]: a `:` is missing after `a` | a line of a map is `key: value`, with a space behind the colon",
        ],
    ),
    (
        "a: @x\n",
        &[
            "1:4: error[M001]: a text cannot begin with `@` unless it is in quotes | put the whole text in quotes",
        ],
    ),
    (
        "a:\n  - b\n c: 1\n",
        &[
            "3:2: error[M001]: this line is indented unlike the lines around it | entries here begin at column 1 or 3, this one at column 2",
        ],
    ),
    (
        "a: 1\n  - b\n",
        &[
            "2:3: error[M001]: a list entry cannot follow a value | a key has a value or a list; remove the value, or put the text in quotes",
        ],
    ),
    (
        "{a: 1 b: 2}\n",
        &[
            "1:8: error[M001]: a comma is missing before here, or a word has to be in quotes | within brackets entries are separated by `, `",
        ],
    ),
    ("a: {b: 1\nc: 2\n", &["1:4: error[M001]: `{` is not closed | close it with `}`"]),
    (
        "a: {\n  b: 1\n  c: 2 }\n",
        &[
            "3:4: error[M001]: a comma is missing before here, or a word has to be in quotes | within brackets entries are separated by `, `",
        ],
    ),
    (
        "a: %b\n",
        &[
            "1:4: error[M001]: a text cannot begin with `%` unless it is in quotes | put the whole text in quotes",
        ],
    ),
    (
        "a: 1\nb\nc: 2\n",
        &[
            "2:1: error[M001]: a `:` is missing after `b` | a line of a map is `key: value`, with a space behind the colon",
        ],
    ),
    (
        "a: -\n",
        &[
            "1:4: error[M001]: an entry cannot begin here | begin it on a line of its own, or put the text in quotes",
        ],
    ),
    (
        "- a\nb: c\n",
        &[
            "2:1: error[M001]: a key stands among the entries of a list | indent it below its entry, or begin it with `- `",
        ],
    ),
    (
        "a: 1\n- b\n",
        &[
            "2:1: error[M001]: a list entry stands among the keys of a map | indent it below the key that it belongs to, or remove the `-`",
        ],
    ),
    (
        "a: 1\na: 2\n\"a\": 3\n",
        &[
            "2:1: error[M002]: the key `a` stands twice in this map | join the two, or remove one of them",
            "3:1: error[M002]: the key `a` stands twice in this map | join the two, or remove one of them",
        ],
    ),
    (
        "a: 007\n",
        &[
            "1:4: warning[M003]: `007` is read as a number, and its first zeros are lost | write \"007\" in quotes to keep them, or the number without them",
        ],
    ),
    (
        "a: \"\\q\"\n",
        &[
            "1:4: error[M001]: this escape is not known | in double quotes a backslash is written `\\\\`; in single quotes it is itself",
        ],
    ),
    ("a: [1}\n", &["1:4: error[M001]: `[` is closed by `}` | close it with `]`"]),
    (
        "a: ]\n",
        &[
            "1:4: error[M001]: this bracket closes nothing | remove it, or put the text in quotes if it belongs to it",
        ],
    ),
    ("a: [1, 2", &["1:4: error[M001]: `[` is not closed | close it with `]`"]),
    (
        "a: 'x",
        &[
            "1:4: error[M001]: this quote is not closed | close it on the same line; a quote within single quotes is written twice",
        ],
    ),
    (
        "a: *\n",
        &[
            "1:4: error[M001]: a text cannot begin with `&` or `*` unless it is in quotes | put the whole text in quotes",
        ],
    ),
    (
        "a: b#c\nd: \"x\"#y\n",
        &["2:7: error[M001]: a space is missing before `#` | a comment begins with ` #`"],
    ),
    (
        "a: |\n   x\n  y\n",
        &[
            "3:3: error[M001]: this line is indented unlike the lines around it | entries here begin at column 1, this one at column 3",
        ],
    ),
    (
        "[a]: 1\n",
        &[
            "1:1: error[M003]: a key is one word or a quoted text, and this one is a list or a map | if the brackets are meant as text, put them in quotes",
        ],
    ),
    (
        "{a: {b: 1}: 2}\n",
        &[
            "1:11: error[M001]: a comma is missing before here, or a word has to be in quotes | within brackets entries are separated by `, `",
        ],
    ),
    (
        "a: !x!y 1\n",
        &[
            "1:4: error[M003]: tags are not used here | remove it; a text that begins with `!` is written in quotes",
        ],
    ),
    (
        "a: >\n\tx\n",
        &["1:4: error[M001]: a tab cannot indent a line | indent with spaces, two for each level"],
    ),
    (
        "%FOO\n---\na: 1\n",
        &[
            "1:1: error[M003]: directives are not used here | remove the line; a text that begins with `%` is written in quotes",
        ],
    ),
    (
        "a:\n  b: 1\n    c: 2\n",
        &[
            "3:5: error[M001]: this line is indented deeper than the entry above it | entries here begin at column 1 or 3, this one at column 5",
        ],
    ),
];

#[test]
fn every_fault_is_told_at_its_place_with_a_cure() {
    for (text, expected) in BROKEN {
        let (_, said) = read(text);
        let said: Vec<&str> = said.iter().map(|one| one.strip_prefix("a.yaml:").unwrap()).collect();
        assert_eq!(said, *expected, "{text}");
    }
}

#[test]
fn reads_values_keys_and_places() {
    let text = "binds: pets # why\ncodes: {\"Yes\": true, No: false, 1: ~, true: x}\nlist:\n- 5\n-  - 1.50\nnone:\nbig: |\n  a\n  b\n\nü: é\n";
    let node = good(text);
    assert_eq!(
        node.to_json(),
        serde_json::json!({
            "binds": "pets", "codes": { "Yes": true, "No": false, "1": null, "true": "x" }, "list": [5, [1.5]],
            "none": null, "big": "a\nb\n", "ü": "é",
        })
    );
    let spans: Vec<(&str, &str)> = node
        .entries()
        .iter()
        .map(|entry| (&text[entry.key_span.clone()], &text[entry.node.span.clone()]))
        .collect();
    assert_eq!(
        spans,
        [
            ("binds", "pets"),
            ("codes", "{\"Yes\": true, No: false, 1: ~, true: x}"),
            ("list", "- 5\n-  - 1.50"),
            ("none", ""),
            ("big", "a\n  b"),
            ("ü", "é"),
        ]
    );
    assert_eq!(&text[node.entries()[1].node.entries()[0].key_span.clone()], "\"Yes\"");
    assert_eq!(node.span, 0..text.trim_end().len());
    let deep = node.at(&[Step::Key("list"), Step::Index(1), Step::Index(0)]).unwrap();
    assert_eq!(deep.value, Value::Float { number: 1.5, text: "1.50".to_owned() });
    assert_eq!(node.at(&[Step::Key("list"), Step::Index(2)]), None);
    assert_eq!(node.at(&[Step::Index(0)]), None);
    assert_eq!(node.get("none").unwrap().value, Value::Null);
}

#[test]
fn follows_a_pointer_as_far_as_it_exists() {
    let text = "a:\n  b: [x, {c: 1}]\nd:\n";
    let node = good(text);
    let found = node.find(&["a", "b", "1", "c"]);
    assert_eq!((found.steps, &text[found.span(text)], &text[found.key_span()]), (4, "1", "c"));
    let found = node.find(&["a", "b", "0"]);
    assert_eq!((found.steps, found.entry, &text[found.span(text)]), (3, None, "x"));
    let found = node.find(&["a", "z", "y"]);
    assert_eq!((found.steps, &text[found.span(text)]), (1, "b: [x, {c: 1}]"));
    let found = node.find(&["d"]);
    assert_eq!((found.steps, &text[found.span(text)]), (1, "d"));
    assert_eq!(node.find(&["a", "b", "9"]).steps, 2);
    assert_eq!(node.find(&["a", "b", "x"]).steps, 2);
    assert_eq!(node.find(&[]).steps, 0);
}

#[test]
fn a_block_is_pointed_at_by_its_key() {
    for (text, block) in [
        ("a:\n  - b\n  - c\n", "- b\n  - c"),
        ("a:\n- b\n- c\n", "- b\n- c"),
        ("a:\n- - b\n- c\n", "- - b\n- c"),
        ("a:\n  b: 1\n  c:\n", "b: 1\n  c"),
    ] {
        let node = good(text);
        let found = node.find(&["a"]);
        assert_eq!((&text[found.span(text)], &text[found.node.span.clone()]), ("a", block));
    }
}

#[test]
fn json_is_read_as_it_is() {
    let text = r#"{
\t"$schema": "https://json-schema.org/draft/2020-12/schema",
\t"type": ["object", "null"], "additionalProperties": false,
\t"properties": { "microchip": { "pattern": "^[0-9]{15}$", "description": "a\\/b \\ud83d\\ude00 \\u00e9\\n" } },
\t"multipleOf": 0.01, "minimum": -1e3, "sex": [null, true], "empty": {}, "none": [], "text": ""
}
"#
    .replace("\\t", "\t");
    assert_eq!(
        good(&text).to_json(),
        serde_json::from_str::<serde_json::Value>(&text.replace("-1e3", "-1000")).unwrap()
    );
}

#[test]
fn marks_and_line_ends_of_other_systems_do_no_harm() {
    let text = "\u{feff}a: 1\r\nb:\r\n  - x\r\n";
    let node = good(text);
    assert_eq!(node.to_json(), serde_json::json!({ "a": 1, "b": ["x"] }));
    assert_eq!(&text[node.entries()[1].key_span.clone()], "b");
    assert_eq!(good("--- \na:\tb\tc\n...\n").to_json(), serde_json::json!({ "a": "b\tc" }));
}

#[test]
fn what_is_too_deep_or_too_large_is_refused() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        for depth in [64, 65, 300, 100_000] {
            let (node, said) = read(&format!("{}{}\n", open.repeat(depth), close.repeat(depth)));
            assert_eq!(
                node.is_some(),
                depth < 64 || (depth == 64 && !close.is_empty() && open == "["),
                "{open} {depth}"
            );
            assert!(
                node.is_some() || said.iter().any(|one| one.contains("error[M004]")),
                "{open} {depth} {said:?}"
            );
        }
    }
    let (node, said) = read(&format!("a: {}\n", "x".repeat(4 * 1024 * 1024)));
    assert!(node.is_none());
    assert_eq!(
        said,
        ["a.yaml:1:1: error[M004]: this file is larger than 4 MiB | divide it into several files"]
    );
}

#[test]
fn a_tree_that_is_not_what_the_file_says_is_not_handed_on() {
    for text in ["a: &x 1\nb: *x\n", "<<: {a: 1}\n", "a: 1\n  - b\n", "a: [\n", ""] {
        assert_eq!(read(text).0, None, "{text}");
    }
    for text in ["a: 1\na: 2\n", "a: !!str 1\n", "a: &x 1\n", "a: 007\n", "a: 1\n---\nb: 1\n"] {
        assert!(read(text).0.is_some(), "{text}");
    }
    assert_eq!(read("a: !!str 1\n").0.unwrap().to_json(), serde_json::json!({ "a": "1" }));
    assert_eq!(read("a: 1\na: 2\n").0.unwrap().to_json(), serde_json::json!({ "a": 1 }));
}
