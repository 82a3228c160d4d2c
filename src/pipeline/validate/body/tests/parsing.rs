//! Bytes that are no body, and why.

use super::*;

fn refusal(media: Media, bytes: &[u8]) -> (String, String, Option<(String, String)>) {
    let fault = parse(media, bytes, &contract("pet")).unwrap_err();
    let first = fault.violations.first().map(|v| (pointer(v).to_owned(), v.code.to_owned()));
    (fault.code.id.to_owned(), fault.message, first)
}

fn check(media: Media, bytes: &[u8], code: &str, place: Option<&str>, message: &str) {
    let expected = (code.to_owned(), message.to_owned(), place.map(|p| (p.to_owned(), code.to_owned())));
    assert_eq!(
        refusal(media, bytes),
        expected,
        "{}",
        String::from_utf8_lossy(bytes).chars().take(80).collect::<String>()
    );
}

#[test]
fn malformed_json_is_refused_with_the_byte() {
    let deep = "[".repeat(100_000);
    let deep_objects = r#"{"a":"#.repeat(100_000);
    for (bytes, code, place, message) in [
        (&b""[..], "F436", None, "This operation needs a body."),
        (b" \r\n\t", "F436", None, "This operation needs a body."),
        (
            b"{\"a\":\"\xff\"}",
            "F432",
            None,
            "The body is not JSON that this API takes: the text is not UTF-8 at byte 6.",
        ),
        (
            b"\xff\xfe{\0",
            "F432",
            None,
            "The body is not JSON that this API takes: the text is not UTF-8 at byte 0.",
        ),
        (
            b"{\0\"\0a\0",
            "F432",
            None,
            "The body is not JSON that this API takes: a name in double quotes is expected at byte 1.",
        ),
        (
            b"\xef\xbb\xbf{}",
            "F432",
            None,
            "The body is not JSON that this API takes: the text begins with a byte order mark; leave it out.",
        ),
        (
            b"{\"a\":\"\\ud800\"}",
            "F432",
            None,
            "The body is not JSON that this API takes: a lone surrogate stands in a string at byte 7.",
        ),
        (
            b"{\"a\":\"\xed\xa0\x80\"}",
            "F432",
            None,
            "The body is not JSON that this API takes: the text is not UTF-8 at byte 6.",
        ),
        (
            b"{\"a\":\"\0\"}",
            "F432",
            None,
            "The body is not JSON that this API takes: a control character stands in a string at byte 6.",
        ),
        (
            b"{\"a\":NaN}",
            "F432",
            None,
            "The body is not JSON that this API takes: a value is expected at byte 5.",
        ),
        (
            b"{} {}",
            "F432",
            None,
            "The body is not JSON that this API takes: something follows the value at byte 3.",
        ),
        (
            b"{\"a\":01}",
            "F432",
            None,
            "The body is not JSON that this API takes: a number does not begin with 0 at byte 6.",
        ),
        (
            deep.as_bytes(),
            "F432",
            None,
            "The body is not JSON that this API takes: the body is nested deeper than 64 levels.",
        ),
        (
            deep_objects.as_bytes(),
            "F432",
            None,
            "The body is not JSON that this API takes: the body is nested deeper than 64 levels.",
        ),
        (
            b"{\"a\":{\"b/c\":1,\"b\\/c\":2}}",
            "F449",
            Some("/a/b~1c"),
            "`b/c` stands twice in one object; send it once.",
        ),
        (b"[]", "F442", Some(""), "The body is a list; send an object."),
        (b"null", "F442", Some(""), "The body is null; send an object."),
        (b"\"x\"", "F442", Some(""), "The body is a text; send an object."),
        (b"9007199254740993", "F442", Some(""), "The body is a number; send an object."),
    ] {
        check(Media::Json, bytes, code, place, message);
    }
}

#[test]
fn malformed_xml_is_refused_with_the_byte() {
    let bomb = b"<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><pet><name>&b;</name></pet>";
    let deep = "<a>".repeat(100_000);
    for (bytes, code, place, message) in [
        (&b" "[..], "F436", None, "This operation needs a body."),
        (bomb, "F433", None, "The body is not XML that this API takes: DOCTYPE is not taken (byte 0)."),
        (
            b"<pet><name>&b;</name></pet>",
            "F433",
            None,
            "The body is not XML that this API takes: the entity `b` is not known; only `lt`, `gt`, `amp`, `quot` and `apos` are (byte 11).",
        ),
        (
            b"<pet><name>\xe9</name></pet>",
            "F433",
            None,
            "The body is not XML that this API takes: the text is not UTF-8 at byte 11.",
        ),
        (
            b"<pet><name>\0</name></pet>",
            "F433",
            None,
            "The body is not XML that this API takes: a character that XML does not allow stands at byte 11.",
        ),
        (
            b"\xef\xbb\xbf<pet/>",
            "F433",
            None,
            "The body is not XML that this API takes: the text begins with a byte order mark; leave it out.",
        ),
        (
            deep.as_bytes(),
            "F433",
            None,
            "The body is not XML that this API takes: elements are nested deeper than 64 levels (byte 192).",
        ),
        (
            b"{}",
            "F433",
            None,
            "The body is not XML that this API takes: something stands outside the root at byte 0.",
        ),
        (b"<dog/>", "F433", Some(""), "The root is `<dog>`; write `<response>` or `<pet>`."),
        (b"<pet>x</pet>", "F442", Some(""), "The body is a text; send an object."),
        (
            b"<pet><name>a</name><name>b</name></pet>",
            "F449",
            Some("/name"),
            "`name` stands twice; write it once.",
        ),
    ] {
        check(Media::Xml, bytes, code, place, message);
    }
}

#[test]
fn several_refusals_of_xml_come_together() {
    let (code, message, first) = refusal(Media::Xml, b"<pet><x/><x/><y/><y/></pet>");
    assert_eq!(code, "F449", "all of one kind have its code");
    assert_eq!(message, "2 things are wrong with this request; `violations` lists each.");
    assert_eq!(first, Some(("/x".into(), "F449".into())));
}

#[test]
fn both_formats_make_the_same_body() {
    let contract = contract("pet");
    let json =
        parse(Media::Json, br#"{"name":"Rex","weight":{"value":4.20,"unit":"kg"},"sex":null}"#, &contract);
    let xml = b"<pet xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><name>Rex</name>\
        <weight><value>4.20</value><unit>kg</unit></weight><sex xsi:nil=\"true\"/></pet>";
    assert_eq!(json.unwrap(), parse(Media::Xml, xml, &contract).unwrap());
}

#[test]
fn a_text_in_xml_that_is_no_number_is_a_wrong_type() {
    let contract = contract("pet");
    let xml = b"<pet><ownerId>1</ownerId><name>Rex</name><species>dog</species>\
        <weight><value>four</value><unit>kg</unit></weight><nose>wet</nose><colors><color>a</color></colors></pet>";
    let body = parse(Media::Xml, xml, &contract).unwrap();
    let found = violations(&contract, &body, Purpose::Create);
    let found: Vec<_> = found.iter().map(|v| (pointer(v), v.code)).collect();
    assert_eq!(found, [("/weight/value", "F442"), ("/nose", "F444")]);
}
