//! What the reader takes, and what it refuses at which byte.

use super::*;

fn refusal(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn takes_elements_texts_and_references() {
    let text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- a --><a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>\n \
                <b>1 &lt; 2 &#x41;&#66;<!-- no -->&amp;<![CDATA[<c>]]></b>\r\n <member name=\"a b&#10;\"/><n xsi:nil=\"true\"/></a> ";
    let root = read(text.as_bytes()).unwrap();
    assert_eq!(root.tag, "a");
    let [b, member, nil] = root.children.as_slice() else { panic!("{root:?}") };
    assert_eq!(b.text, "1 < 2 AB&<c>");
    assert_eq!((member.key(), member.tag.as_str()), ("a b\n", "member"));
    assert!(nil.nil && nil.is_empty());
}

#[test]
fn line_ends_are_one_and_written_returns_stay() {
    assert_eq!(read(b"<a>1\r\n2\r3&#13;</a>").unwrap().text, "1\n2\n3\r");
}

#[test]
fn refuses_with_the_byte() {
    for (text, expected) in [
        ("", "an element is expected at byte 0"),
        ("<!-- x -->", "an element is expected at byte 10"),
        ("<a>", "the text ends early at byte 3"),
        ("<a></b>", "`</a>` is expected, not `</b>` (byte 3)"),
        ("</a>", "an element ends that has not begun at byte 0"),
        ("<a/><b/>", "a second root stands at byte 4"),
        ("<a/>x", "something stands outside the root at byte 4"),
        ("x<a/>", "something stands outside the root at byte 0"),
        ("<a/><![CDATA[ ]]>", "something stands outside the root at byte 4"),
        ("<a/>&#32;", "something stands outside the root at byte 4"),
        ("<a>x<b/></a>", "a text stands beside elements in the element at byte 0"),
        ("<!DOCTYPE a><a/>", "DOCTYPE is not taken (byte 0)"),
        ("<!DOCTYPE a [<!ENTITY b \"c\"", "DOCTYPE is not taken (byte 0)"),
        ("<a/><!DOCTYPE a>", "DOCTYPE is not taken (byte 4)"),
        ("<a><?php x ?></a>", "processing instructions are not taken (byte 3)"),
        ("<?xml-stylesheet href='x'?><a/>", "processing instructions are not taken (byte 0)"),
        (
            " <?xml version=\"1.0\"?><a/>",
            "the XML declaration does not stand at the beginning, but at byte 1",
        ),
        (
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>",
            "the XML declaration says another version or encoding than 1.0 and UTF-8 (byte 0)",
        ),
        (
            "<?xml version=\"1.1\"?><a/>",
            "the XML declaration says another version or encoding than 1.0 and UTF-8 (byte 0)",
        ),
        (
            "<a>&nbsp;</a>",
            "the entity `nbsp` is not known; only `lt`, `gt`, `amp`, `quot` and `apos` are (byte 3)",
        ),
        ("<a>&#0;</a>", "a character reference means no character that XML allows at byte 3"),
        ("<a>&#xD800;</a>", "a character reference means no character that XML allows at byte 3"),
        ("<a>&#xFFFF;</a>", "a character reference means no character that XML allows at byte 3"),
        ("<a>a & b</a>", "`&` begins no reference; write `&amp;` at byte 5"),
        ("<a>a]]></a>", "`]]>` stands in a text at byte 4"),
        ("<a b=\"1\"/>", "the attribute `b` is not taken here (byte 0)"),
        ("<a name=\"1\"/>", "the attribute `name` is not taken here (byte 0)"),
        ("<a type=\"number\"/>", "the attribute `type` is not taken here (byte 0)"),
        ("<a xmlns:xsi=\"urn:x\"/>", "the attribute `xmlns:xsi` is not taken here (byte 0)"),
        (
            "<a><b xsi:nil=\"true\"/></a>",
            "`xmlns:xsi` is not declared for `xsi:nil` in the element at byte 3",
        ),
        ("<member name=\"a\" name=\"b\"/>", "the attributes are not well formed in the element at byte 0"),
        ("<member name=\"a<b\"/>", "an attribute's value is not well formed in the element at byte 0"),
        ("<member name=\"&x;\"/>", "an attribute's value is not well formed in the element at byte 0"),
        ("<x:a/>", "`x:a` is no name of an element (byte 0)"),
        ("<1/>", "`1` is no name of an element (byte 0)"),
        ("< a/>", "`` is no name of an element (byte 0)"),
        ("<a><!-- a -- b --></a>", "`--` stands in a comment at byte 10"),
        ("<a", "a tag does not end at byte 0"),
        ("<a>\u{1}</a>", "a character that XML does not allow stands at byte 3"),
        ("<a>\0</a>", "a character that XML does not allow stands at byte 3"),
        ("\u{FEFF}<a/>", "the text begins with a byte order mark; leave it out"),
    ] {
        assert_eq!(refusal(text), expected, "{text}");
    }
    assert_eq!(read(b"<a>\xff</a>").unwrap_err(), Refusal::NotUtf8 { at: 3 });
    assert_eq!(read(b"\xff\xfe<\0a\0").unwrap_err(), Refusal::NotUtf8 { at: 0 });
    let filled = format!("<a xmlns:xsi=\"{}\"><b xsi:nil=\"1\">x</b></a>", super::super::INSTANCE);
    assert_eq!(refusal(&filled), "something stands in the `xsi:nil` element at byte 57");
}

#[test]
fn depth_and_number_are_bounded() {
    let nested = |n: usize| "<a>".repeat(n) + &"</a>".repeat(n);
    assert!(read(nested(64).as_bytes()).is_ok());
    assert_eq!(read(nested(65).as_bytes()), Err(Refusal::TooDeep { at: 192 }));
    assert_eq!(read("<a>".repeat(100_000).as_bytes()), Err(Refusal::TooDeep { at: 192 }));
    let flat = |n: usize| format!("<a>{}</a>", "<b/>".repeat(n));
    assert!(read(flat(19_999).as_bytes()).is_ok());
    assert_eq!(read(flat(20_000).as_bytes()), Err(Refusal::TooMany { at: 3 + 4 * 19_999 }));
}
