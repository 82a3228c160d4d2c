//! XML without a schema, both ways.

use super::*;

fn read(text: &str, lists: &[&str]) -> Result<String, Malformed> {
    schemaless(text.as_bytes(), None, lists, Limits::default())
}

#[test]
fn elements_become_texts_and_lists_are_those_that_are_named() {
    let text = "<?xml version='1.0'?><pets count='2'><pet id='1'><name>Rex &amp; Co</name><tags><tag>a</tag></tags><age>07</age></pet></pets>";
    assert_eq!(
        read(text, &["pet", "pet.tags.tag", "pet.photos.photo"]).unwrap(),
        r#"{"@count":"2","pet":[{"@id":"1","name":"Rex & Co","tags":{"tag":["a"]},"age":"07"}]}"#
    );
    assert_eq!(
        read(text, &[]).unwrap(),
        r#"{"@count":"2","pet":{"@id":"1","name":"Rex & Co","tags":{"tag":"a"},"age":"07"}}"#
    );
    assert_eq!(read("<pets/>", &["pet", "owner"]).unwrap(), r#"{"pet":[],"owner":[]}"#);
    assert_eq!(read("<a> x </a>", &[]).unwrap(), "\" x \"");
    assert_eq!(read("<a b='1'>x</a>", &[]).unwrap(), r#"{"@b":"1","$":"x"}"#);
    assert_eq!(read("<a>x<b/>y</a>", &[]).unwrap(), r#"{"b":"","$":"xy"}"#);
    let nil = "<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><b xsi:nil='true'/></a>";
    assert_eq!(read(nil, &[]).unwrap(), r#"{"b":null}"#);
    let twice = read("<a><b/><b/></a>", &[]).unwrap_err();
    assert_eq!(twice.what, "a second `b` stands there; name it among the lists if it repeats");
    assert!(
        read("<!DOCTYPE a><a/>", &[]).is_err() && read("", &[]).is_err() && read("<a/><a/>", &[]).is_err()
    );
}

#[test]
fn values_become_documents_and_come_back() {
    let json = r#"{"@count":"2","pet":[{"@id":"1","name":"R<x>&","tags":{"tag":["a","b"]}},{"name":"é"}]}"#;
    let text = to_xml(&value(json), "pets", &[]).unwrap();
    let back = schemaless(&text, None, &["pet", "pet.tags.tag"], Limits::default()).unwrap();
    assert_eq!(value(&back), value(json));
    let text = to_xml(
        &value(r#"{"tags":["a","b"],"n":1.50,"no":null,"t":{"@x":true,"$":"y"}}"#),
        "r",
        &[("tags", "tag")],
    );
    assert_eq!(
        String::from_utf8(text.unwrap()).unwrap(),
        r#"<?xml version="1.0" encoding="UTF-8"?><r><tags><tag>a</tag><tag>b</tag></tags><n>1.50</n><t x="true">y</t></r>"#
    );
    for (json, expected) in [
        (r#"{"a b":1}"#, "`a b` is no name of an element"),
        (r#"{"a><b":1}"#, "`a><b` is no name of an element"),
        (r#"{"@a b":1}"#, "`@a b` is no name of an element"),
        (r#"{"a":[[1]]}"#, "`a[0]` is a list, not a value of one element"),
        (r#"{"a":{"b":"\u0002"}}"#, "`a.b` holds a character that XML does not allow"),
        (r#"{"@a":{}}"#, "`@a` is a part, not a text"),
    ] {
        assert_eq!(to_xml(&value(json), "r", &[]).unwrap_err().to_string(), expected);
    }
}
