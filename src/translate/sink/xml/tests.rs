//! How each value looks as XML.

use super::*;

/// What a member `m` with items `i` looks like, without the root around it.
fn member(write: impl FnOnce(&mut Xml, &Label)) -> String {
    let label = Label { json: "\"m\":".into(), xml: "m".into(), item: "i".into() };
    let mut sink = Xml::default();
    sink.begin_object(Place::Root);
    let start = sink.out.len();
    write(&mut sink, &label);
    sink.end_object(Place::Root);
    let text = String::from_utf8(sink.into_bytes()).unwrap();
    text[start..].strip_suffix("</response>").unwrap().to_owned()
}

#[test]
fn the_root_declares_what_it_uses() {
    let mut sink = Xml::with_capacity(64);
    sink.begin_object(Place::Root);
    sink.end_object(Place::Root);
    assert_eq!(
        String::from_utf8(sink.into_bytes()).unwrap(),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><response \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"></response>"
    );
}

#[test]
fn scalars_are_elements() {
    assert_eq!(member(|s, l| s.null(Place::Member(l))), "<m xsi:nil=\"true\"/>");
    assert_eq!(member(|s, l| s.boolean(Place::Member(l), true)), "<m>true</m>");
    assert_eq!(member(|s, l| s.number(Place::Member(l), "1.50")), "<m>1.50</m>");
    assert_eq!(member(|s, l| assert!(s.fixed(Place::Member(l), "4.2", Some(2)))), "<m>4.20</m>");
    assert_eq!(member(|s, l| assert!(!s.fixed(Place::Member(l), "4.211", Some(2)))), "");
    assert_eq!(member(|s, l| s.text(Place::Member(l), "12")), "<m>12</m>");
    assert_eq!(member(|s, l| s.clean_text(Place::Member(l), "a & b")), "<m>a &amp; b</m>");
}

#[test]
fn texts_are_escaped_and_what_xml_forbids_is_replaced() {
    for (text, expected) in [
        ("", ""),
        ("<a> & \"b\" 'c'", "&lt;a&gt; &amp; \"b\" 'c'"),
        ("]]>", "]]&gt;"),
        ("1\r\n2\t3", "1&#13;\n2\t3"),
        ("a\0b\u{1f}c\u{7f}", "a\u{FFFD}b\u{FFFD}c\u{7f}"),
        ("\u{FFFE}x\u{FFFF}", "\u{FFFD}x\u{FFFD}"),
        ("\u{FFFD}\u{FEFF}São 🐶", "\u{FFFD}\u{FEFF}São 🐶"),
    ] {
        assert_eq!(member(|s, l| s.text(Place::Member(l), text)), format!("<m>{expected}</m>"));
    }
}

#[test]
fn lists_are_wrapped() {
    let list = member(|s, l| {
        s.begin_list(Place::Member(l));
        s.text(Place::Item(l), "a");
        s.null(Place::Item(l));
        s.begin_object(Place::Item(l));
        s.number(Place::Member(&Label::new("n")), "1");
        s.end_object(Place::Item(l));
        s.end_list(Place::Member(l));
    });
    assert_eq!(list, "<m><i>a</i><i xsi:nil=\"true\"/><i><n>1</n></i></m>");
    let empty = member(|s, l| {
        s.begin_list(Place::Member(l));
        s.end_list(Place::Member(l));
    });
    assert_eq!(empty, "<m></m>");
}

#[test]
fn names_that_are_none_become_an_attribute() {
    for (name, expected) in [
        ("a b", "<member name=\"a b\">x</member>"),
        ("1x", "<member name=\"1x\">x</member>"),
        ("", "<member name=\"\">x</member>"),
        ("a:b", "<member name=\"a:b\">x</member>"),
        ("\"<\n\0>&", "<member name=\"&quot;&lt;&#10;\u{FFFD}&gt;&amp;\">x</member>"),
        ("member", "<member>x</member>"),
    ] {
        let label = Label { json: "".into(), xml: name.into(), item: "".into() };
        assert_eq!(member(|s, _| s.text(Place::Member(&label), "x")), expected);
    }
}

#[test]
fn free_form_parts_say_what_their_form_does_not() {
    let free = Label { json: "".into(), xml: "f".into(), item: "".into() };
    let item = Label { json: "".into(), xml: "".into(), item: "item".into() };
    assert_eq!(member(|s, _| s.text(Place::Member(&free), "12")), "<f type=\"text\">12</f>");
    assert_eq!(member(|s, _| s.text(Place::Item(&item), "true")), "<item type=\"text\">true</item>");
    assert_eq!(member(|s, _| s.text(Place::Member(&free), "1 2")), "<f>1 2</f>");
    let object = |s: &mut Xml, _: &Label| {
        s.begin_object(Place::Member(&free));
        s.end_object(Place::Member(&free));
    };
    assert_eq!(member(object), "<f type=\"object\"></f>");
    let list = member(|s, _| {
        s.begin_list(Place::Member(&free));
        s.begin_list(Place::Item(&item));
        s.end_list(Place::Item(&item));
        s.null(Place::Item(&item));
        s.end_list(Place::Member(&free));
    });
    assert_eq!(list, "<f><item type=\"list\"></item><item xsi:nil=\"true\"/></f>");
}
