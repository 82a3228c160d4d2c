//! What is written as XML is read as it was; what is written otherwise is kept for the validator, or refused.

use super::*;
use crate::plan::contract::Label;
use crate::{
    fault::{Diagnostics, SourceFile},
    spec::{Doc, yaml},
    translate::sink::{Place, Sink, xml::Xml},
    value::json,
};
use proptest::prelude::*;
use std::sync::Arc;

fn contract(name: &str) -> Contract {
    let path = format!("{}/schemas/pethub/v1/{name}.json", env!("CARGO_MANIFEST_DIR"));
    of_text(name, std::fs::read_to_string(path).unwrap())
}

fn of_text(name: &str, text: String) -> Contract {
    let file = SourceFile::new(name, text);
    let mut out = Diagnostics::new();
    let node = yaml::parse(&file, &mut out).unwrap();
    let words = node.to_json();
    let doc = Doc { file, node: Arc::new(node), words: Arc::new(words) };
    super::super::compile::compile(name, &doc, &mut out).unwrap_or_else(|| panic!("{out:?}"))
}

/// Writes a body by its contract, as the road does.
fn written(contract: &Contract, body: &Value) -> Vec<u8> {
    fn any(value: &Value, place: Place<'_>, sink: &mut Xml) {
        match value {
            Value::Null => sink.null(place),
            Value::Bool(truth) => sink.boolean(place, *truth),
            Value::Number(digits) => sink.number(place, digits),
            Value::Text(text) => sink.text(place, text),
            Value::List(items) => {
                let label = Label { item: "item".into(), ..Label::default() };
                sink.begin_list(place);
                for item in items {
                    any(item, Place::Item(&label), sink);
                }
                sink.end_list(place);
            }
            Value::Object(members) => {
                sink.begin_object(place);
                for (name, value) in members {
                    let label = Label { xml: name.as_str().into(), ..Label::default() };
                    any(value, Place::Member(&label), sink);
                }
                sink.end_object(place);
            }
        }
    }
    fn members(contract: &Contract, known: Vec<&Member>, body: &Value, sink: &mut Xml) {
        for member in known {
            let Some(value) = body.get(&member.name) else { continue };
            let place = Place::Member(&member.label);
            match (&member.kind, value) {
                (Kind::Object, Value::Object(_)) => {
                    sink.begin_object(place);
                    members(contract, contract.children(member).collect(), value, sink);
                    sink.end_object(place);
                }
                (Kind::List(kind), Value::List(items)) => {
                    sink.begin_list(place);
                    for item in items {
                        let place = Place::Item(&member.label);
                        if kind.is_none() {
                            sink.begin_object(place);
                            members(contract, contract.children(member).collect(), item, sink);
                            sink.end_object(place);
                        } else {
                            any(item, place, sink);
                        }
                    }
                    sink.end_list(place);
                }
                (_, value) => any(value, place, sink),
            }
        }
    }
    let mut sink = Xml::default();
    sink.begin_object(Place::Root);
    members(contract, contract.top().collect(), body, &mut sink);
    sink.end_object(Place::Root);
    sink.into_bytes()
}

fn back(contract: &Contract, bytes: &[u8]) -> Result<Value, Vec<Violation>> {
    read(contract, &crate::value::xml::read(bytes).unwrap())
}

#[test]
fn bodies_of_all_contracts_come_back_as_they_were() {
    for (name, body) in [
        ("breed", r#"{"breedId":"12","speciesId":"3","name":"Café & Söhne <1>"}"#),
        ("species", r#"{"speciesId":"007","code":"dog","name":" spaces \r\n\t kept "}"#),
        (
            "customer",
            r#"{"customerId":"66","givenName":"Maria","familyName":"O'\"r]]>tega","email":"m@example.org","phone":null,
            "address":{"street":"true","city":"1e5","region":null,"postalCode":"00123","country":"US"},
            "emergencyContacts":[{"name":"A","phone":"123","relation":"vet"},{"name":"B","phone":"","relation":null}],
            "paymentOptions":[],"preferences":{},"status":"active"}"#,
        ),
        (
            "medical-record",
            r#"{"recordId":"1","petId":"2","type":"visit","description":"","recordedAt":"2024-03-14T17:30:00Z",
            "vaccinations":[{"code":"rabies","givenOn":"2024-03-14","validUntil":null}],"allergies":["a","","12","null"],
            "medications":[],"vetNotes":null,"documents":[{"url":"https://x.example/?a=1&b=2","title":null}],
            "details":{"temperatureCelsius":38.5,"examiner":{"initials":"AN"},"":1,"a b":[],"1x":{},"item":"5",
            "zip":"98101","yes":"true","no":false,"nothing":null,"deep":[[],[[1,"1",{"item":{"item":[]}}]],{},"",null],
            "member":{"name":"x"},"blank":"  ","one":["x"]}}"#,
        ),
        ("medical-record", r#"{"details":{}}"#),
        ("medical-record", r#"{"details":{"item":1}}"#),
        ("medical-record", r#"{"details":null}"#),
        (
            "pet",
            r#"{"petId":"109","ownerId":"66","name":"Rex","species":"dog","breed":{"primary":"Lab","mixed":true},"sex":null,
            "weight":{"value":9007199254740993.25,"unit":"kg"},"colors":["black","12"],"microchip":"985112003456789",
            "photos":[{"url":"u","width":12,"height":null}],"visibility":{"profile":true,"medical":false}}"#,
        ),
        (
            "public-profile",
            r#"{"petId":"1","profile":{"colors":[],"photos":[{}]},"medical":[{"allergies":["x"],"vaccinations":[{}]}]}"#,
        ),
        (
            "service",
            r#"{"serviceId":"1","price":{"amount":"24.00","currency":"USD"},"durationMinutes":30,"active":true}"#,
        ),
    ] {
        let contract = contract(name);
        let body = json::read::read(body).unwrap();
        let bytes = written(&contract, &body);
        assert_eq!(back(&contract, &bytes).as_ref(), Ok(&body), "{}", String::from_utf8_lossy(&bytes));
    }
}

/// Free-form JSON of any form, without what XML forbids.
fn any_json() -> impl Strategy<Value = Value> {
    let text = "[ -~\\t\\n\\réß🐶]{0,8}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?".prop_map(|t| Value::Number(t.into())),
        text.prop_map(|t| Value::Text(t.into())),
        "true|false|null|-?[0-9]{1,3}|item|".prop_map(|t| Value::Text(t.into())),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        let names = prop_oneof![text, "item|member|name|a|[0-9]"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map(names, inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().map(|(n, v)| (n.into(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn free_form_parts_come_back_as_they_were(members in prop::collection::btree_map("[a-z ]{0,4}|item", any_json(), 0..4)) {
        let contract = contract("medical-record");
        let body = Value::Object(vec![("details".into(), Value::Object(members.into_iter().map(|(n, v)| (n.into(), v)).collect()))]);
        let bytes = written(&contract, &body);
        prop_assert_eq!(back(&contract, &bytes), Ok(body));
    }

    #[test]
    fn texts_come_back_as_they_were(text in "[ -~\\t\\n\\réß🐶]{0,20}") {
        let contract = contract("breed");
        let body = Value::Object(vec![("name".into(), Value::Text(text.into()))]);
        prop_assert_eq!(back(&contract, &written(&contract, &body)), Ok(body));
    }
}

#[test]
fn what_clients_write_is_read_by_the_contract() {
    let contract = contract("pet");
    for (xml, expected) in [
        ("<pet/>", "{}"),
        ("<response> <name> Rex </name>\n</response>", r#"{"name":" Rex "}"#),
        (
            "<pet><weight><value>\n 4.20 </value><unit> kg </unit></weight></pet>",
            r#"{"weight":{"value":4.20,"unit":"kg"}}"#,
        ),
        ("<pet><weight><value>4,2</value></weight></pet>", r#"{"weight":{"value":"4,2"}}"#),
        ("<pet><weight>4</weight></pet>", r#"{"weight":"4"}"#),
        ("<pet><altered> true </altered></pet>", r#"{"altered":true}"#),
        ("<pet><altered>1</altered></pet>", r#"{"altered":"1"}"#),
        ("<pet><weight><value>true</value></weight></pet>", r#"{"weight":{"value":"true"}}"#),
        ("<pet><altered/></pet>", r#"{"altered":""}"#),
        ("<pet><birthDate> 2019-04-23 </birthDate></pet>", r#"{"birthDate":"2019-04-23"}"#),
        ("<pet><name><first>R</first></name></pet>", r#"{"name":{"first":"R"}}"#),
        ("<pet><colors>black</colors></pet>", r#"{"colors":"black"}"#),
        ("<pet><nose>wet</nose><x><y>1</y></x></pet>", r#"{"nose":"wet","x":{"y":1}}"#),
        ("<pet><member name=\"name\">Rex</member></pet>", r#"{"name":"Rex"}"#),
        ("<pet>text</pet>", r#""text""#),
    ] {
        assert_eq!(back(&contract, xml.as_bytes()).map(|v| v.to_json()), Ok(expected.to_owned()), "{xml}");
    }
}

#[test]
fn what_json_could_not_hold_is_refused_at_its_place() {
    let contract = contract("pet");
    for (xml, pointer, code, message) in [
        ("<dog/>", "", "F433", "The root is `<dog>`; write `<response>` or `<pet>`."),
        ("<pet><name>a</name><name>b</name></pet>", "/name", "F449", "`name` stands twice; write it once."),
        (
            "<pet><colors><color>a</color></colors><colors/></pet>",
            "/colors",
            "F449",
            "`colors` stands twice; write one `<colors>` around all of its items.",
        ),
        ("<pet><x/><x/></pet>", "/x", "F449", "`x` stands twice; write it once."),
        (
            "<pet><weight><value>1</value><value>1</value></weight></pet>",
            "/weight/value",
            "F449",
            "`value` stands twice; write it once.",
        ),
        (
            "<pet><colors><color>a</color><colour>b</colour></colors></pet>",
            "/colors/1",
            "F444",
            "`<colour>` is no item of `colors`; its items are written `<color>`.",
        ),
        (
            "<pet><name type=\"text\">a</name></pet>",
            "/name",
            "F433",
            "The attribute `type` belongs into free-form parts only; leave it out.",
        ),
        (
            "<pet><member name=\"a/b\"/><member name=\"a/b\"/></pet>",
            "/a~1b",
            "F449",
            "`a/b` stands twice; write it once.",
        ),
    ] {
        let found = back(&contract, xml.as_bytes()).unwrap_err();
        let expected = Violation::pointer(pointer, code::find(code).unwrap(), message);
        assert_eq!(found, [expected], "{xml}");
    }
}

#[test]
fn elements_have_the_names_of_the_contract() {
    let text = r#"{"title":"Tag","type":"object","properties":{"ownName":{"type":"string","xml":{"name":"own-name"}}}}"#;
    let contract = of_text("tag", text.to_owned());
    let body = json::read::read(r#"{"ownName":"x"}"#).unwrap();
    let bytes = written(&contract, &body);
    assert!(String::from_utf8_lossy(&bytes).contains("<own-name>x</own-name>"));
    assert_eq!(back(&contract, &bytes), Ok(body));
    let found = back(&contract, b"<tag><ownName>x</ownName></tag>").unwrap_err();
    let message = "`ownName` is written `<own-name>` in XML.";
    assert_eq!(found, [Violation::pointer("/ownName", &code::UNKNOWN_MEMBER, message)]);
}
