//! XML-RPC both ways.

use super::*;
use crate::value::json::read::read;

fn said(inner: &str) -> Result<String, Refused> {
    let text = format!(
        "<?xml version='1.0'?>\n<methodResponse>\n <params><param>{inner}</param></params>\n</methodResponse>\n"
    );
    answer(text.as_bytes(), Some("text/xml"), Limits::default())
}

#[test]
fn calls_are_written_with_types() {
    let params = [read(r#"[1,2147483648,1.50,2e3,true,null,"a<b",{"k":["x"]}]"#).unwrap()];
    let text = String::from_utf8(call("system.listMethods", &params).unwrap()).unwrap();
    assert_eq!(
        text,
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?><methodCall><methodName>system.listMethods</methodName><params><param><value><array><data>"#,
            "<value><int>1</int></value><value><i8>2147483648</i8></value><value><double>1.50</double></value><value><double>2000</double></value>",
            "<value><boolean>1</boolean></value><value><nil/></value><value><string>a&lt;b</string></value>",
            "<value><struct><member><name>k</name><value><array><data><value><string>x</string></value></data></array></value></member></struct></value>",
            "</data></array></value></param></params></methodCall>"
        )
    );
    assert!(matches!(call("a b", &[]), Err(Problem::Name { .. })));
    assert!(matches!(call("a", &[Value::Text("\u{1}".into())]), Err(Problem::Character { .. })));
    assert!(matches!(call("a", &[Value::Number("9".repeat(30).into())]), Err(Problem::Misfit { .. })));
}

#[test]
fn answers_become_json() {
    for (inner, expected) in [
        ("<value><i4>-007</i4></value>", "-7"),
        ("<value> <int> 5 </int> </value>", "5"),
        ("<value><i8>9007199254740993</i8></value>", "9007199254740993"),
        ("<value><double>-1.50</double></value>", "-1.50"),
        ("<value><boolean>0</boolean></value>", "false"),
        ("<value><string>a &amp; b</string></value>", "\"a & b\""),
        ("<value>typeless</value>", "\"typeless\""),
        ("<value/>", "\"\""),
        ("<value><string/></value>", "\"\""),
        ("<value><dateTime.iso8601>20240131T09:30:00</dateTime.iso8601></value>", "\"20240131T09:30:00\""),
        ("<value><base64>\n TW\n Fu\n</base64></value>", "\"TWFu\""),
        ("<value><nil/></value>", "null"),
        ("<value><ex:nil xmlns:ex='urn:ex'/></value>", "null"),
        ("<value><array><data/></array></value>", "[]"),
        (
            "<value><struct><member><name>a</name><value><array><data><value>1</value><value><int>2</int></value></data></array></value></member>\n<member><name>b</name><value><struct/></value></member></struct></value>",
            r#"{"a":["1",2],"b":{}}"#,
        ),
    ] {
        assert_eq!(said(inner).unwrap(), expected, "{inner}");
    }
    assert_eq!(
        answer(b"<methodResponse><params/></methodResponse>", None, Limits::default()).unwrap(),
        "null"
    );
}

#[test]
fn faults_and_damaged_answers_are_told_apart() {
    let fault = b"<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member><member><name>faultString</name><value><string>Too many</string></value></member></struct></value></fault></methodResponse>";
    assert_eq!(
        answer(fault, None, Limits::default()).unwrap_err(),
        Refused::Fault { code: "4".into(), text: "Too many".into() }
    );
    for inner in [
        "<value><int>x</int></value>",
        "<value><boolean>yes</boolean></value>",
        "<value><thing/></value>",
        "<value>x<int>1</int></value>",
        "<value><int>1</int><int>2</int></value>",
        "<value><array><value/></array></value>",
        "<value><struct><member><value/></member></struct></value>",
        "<value><struct><member><name>a</name><value/></member><member><name>a</name><value/></member></struct></value>",
        "<value/><value/>",
        "",
    ] {
        assert!(matches!(said(inner), Err(Refused::Malformed(_))), "{inner}");
    }
    for text in ["", "<html/>", "<methodResponse/>", "<!DOCTYPE a><methodResponse><params/></methodResponse>"]
    {
        assert!(
            matches!(answer(text.as_bytes(), None, Limits::default()), Err(Refused::Malformed(_))),
            "{text}"
        );
    }
    let deep = format!("<value>{}", "<array><data><value>".repeat(10_000));
    assert!(matches!(said(&deep), Err(Refused::Malformed(m)) if m.what.contains("deeper")));
}
