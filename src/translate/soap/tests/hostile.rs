//! Answers that mean harm, or are damaged: each is refused, and nothing is lost but the answer.

use super::*;

#[test]
fn doctypes_entities_instructions_and_includes_are_refused() {
    let get = operation("parts.wsdl", "GetParts");
    let inner = |inner: &str| answer(&format!("<t:GetPartsResponse>{inner}</t:GetPartsResponse>"));
    for (text, expected) in [
        (
            format!(
                "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>{}",
                inner("").replace("<?xml version=\"1.0\"?>", "")
            ),
            "DOCTYPE",
        ),
        (inner("<t:Total>&x;</t:Total>"), "an entity"),
        (inner("<t:Total>&#0;</t:Total>"), "character reference"),
        (inner("<?php 1?>"), "processing instruction"),
        (
            inner("<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>"),
            "XInclude",
        ),
        (inner("<q:x/>"), "prefix of `x`"),
        (inner("<t:Total a='1' a='2'/>"), "not well formed"),
        (inner("<t:Total xmlns:u='urn:1' xmlns:v='urn:1' u:a='1' v:a='2'/>"), "stands twice"),
        (inner("<t:Total>\u{1}</t:Total>"), "does not allow"),
        (format!("{}x", inner("")), "outside the root"),
        (format!("{}<a/>", inner("")), "second root"),
        (inner("</t:Total>"), "not well formed"),
        (inner("")[..200].to_owned(), "not well formed"),
    ] {
        let what = malformed(decode(&get, text.as_bytes(), None, Limits::default()));
        assert!(what.contains(expected), "{expected}: {what}");
    }
}

#[test]
fn depth_number_and_size_are_bounded() {
    let get = operation("parts.wsdl", "GetParts");
    let inner = |inner: String| answer(&format!("<t:GetPartsResponse>{inner}</t:GetPartsResponse>"));
    let limits = Limits { bytes: 2_000_000, depth: 20, nodes: 1000 };
    let attributes = (0..5000).map(|at| format!(" a{at}='1'")).collect::<Vec<_>>().concat();
    let prefixes = (0..5000).map(|at| format!(" xmlns:a{at}='u'")).collect::<Vec<_>>().concat();
    for (text, expected) in [
        (inner("<a>".repeat(100_000)), "deeper than 20"),
        (inner("<a/>".repeat(2000)), "more than 1000 elements"),
        (inner(" ".repeat(2_000_000)), "longer than"),
        (inner(format!("<a{attributes}/>")), "too many attributes"),
        (inner(format!("<a{prefixes}/>")), "too many attributes or prefixes"),
    ] {
        let what = malformed(decode(&get, text.as_bytes(), None, limits));
        assert!(what.contains(expected), "{expected}: {what}");
    }
    let send = operation("shapes.wsdl", "Send");
    let deep = format!("<h:Sent><h:Tree>{}</h:Tree></h:Sent>", "<h:Node>".repeat(100_000));
    let endless = Limits { depth: usize::MAX, nodes: usize::MAX, bytes: usize::MAX };
    assert!(malformed(decode(&send, answer(&deep).as_bytes(), None, endless)).contains("deeper than 128"));
}

#[test]
fn attachments_and_unknown_encodings_are_refused() {
    let get = operation("parts.wsdl", "GetParts");
    let text = answer("<t:GetPartsResponse/>");
    for media in ["multipart/related; type=\"application/xop+xml\"", "Application/XOP+XML", "MULTIPART/mixed"]
    {
        let what = malformed(decode(&get, text.as_bytes(), Some(media), Limits::default()));
        assert!(what.contains("attachments"), "{what}");
    }
    let what = malformed(decode(&get, text.as_bytes(), Some("text/xml; charset=utf-7"), Limits::default()));
    assert!(what.contains("utf-7"));
    let sixteen: Vec<u8> = format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(decode(&get, &sixteen, None, Limits::default()).unwrap(), r#"{"Part":[]}"#);
}

/// Whatever becomes of an answer on its way, reading it ends, in JSON or in a refusal.
#[test]
fn damaged_answers_end() {
    let get = operation("parts.wsdl", "GetParts");
    let whole = answer(
        "<t:GetPartsResponse><t:Part id='1'><t:Sku>a&amp;b</t:Sku><t:Bins><t:Bin><t:Code><![CDATA[x]]></t:Code></t:Bin></t:Bins></t:Part></t:GetPartsResponse>",
    );
    for at in 0..whole.len() {
        assert!(decode(&get, &whole.as_bytes()[..at], None, Limits::default()).is_err());
        for instead in ["<", "&", "\"", ">", "/", "\0", "é"] {
            let text = format!("{}{instead}{}", &whole[..at], &whole[at + 1..]);
            if let Ok(json) = decode(&get, text.as_bytes(), None, Limits::default()) {
                serde_json::from_str::<serde_json::Value>(&json).unwrap();
            }
        }
    }
}
