//! A query means what it says in whatever spelling: parsed and written again it parses equal, and the whole road
//! answers both alike, with 200 or with violations, and never with a fault of ours.

use super::rescue;
use http::{Request, Uri};
use portico::{pipeline::arrive::Arrived, value::json};
use std::fmt::Write;

fn encoded(query: &[(String, String)]) -> String {
    let mut out = String::new();
    for (number, (name, value)) in query.iter().enumerate() {
        out.push_str(if number > 0 { "&" } else { "" });
        for (part, mark) in [(name, "="), (value, "")] {
            for byte in part.bytes() {
                let _ = write!(out, "%{byte:02x}");
            }
            out.push_str(mark);
        }
    }
    out
}

fn arrived(target: &str) -> Option<Arrived> {
    let uri = Uri::try_from(target).ok()?;
    let (head, ()) = Request::get(uri).body(()).ok()?.into_parts();
    Arrived::of(&head).ok()
}

pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let target = format!("/v1/pets?{text}");
    let Some(read) = arrived(&target) else { return };
    let again = format!("/v1/pets?{}", encoded(&read.query));
    // A target has a greatest length in `http`, and the spelling is three times as long.
    let Some(second) = arrived(&again) else {
        assert!(again.len() > usize::from(u16::MAX) - 1, "{again} is refused");
        return;
    };
    assert_eq!(read.query, second.query);
    assert_eq!(read.manner, second.manner, "{target} and {again}");
    let (Some(one), Some(other)) =
        (rescue::ask(Request::get(&target), b""), rescue::ask(Request::get(&again), b""))
    else {
        return;
    };
    assert!(matches!(one.status, 200 | 400), "{target}: {one:?}");
    assert_eq!(one.status, other.status, "{target} and {again}");
    let body = String::from_utf8(one.body).expect("a body is UTF-8");
    let said = json::read::read(&body).unwrap_or_else(|e| panic!("{target}: {e}: {body}"));
    let code = said.get("response_code").map(portico::value::Value::to_json);
    assert_eq!(code.is_some(), one.status == 400 || read.manner.suppress, "{target}: {body}");
    // Links lead to the same list, in whatever spelling it was asked for.
    assert_eq!(body.as_bytes(), other.body, "{target} and {again}");
}
