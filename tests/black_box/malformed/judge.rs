//! Whether an answer may be: the error's form, in JSON or XML, or a legitimate success; never a fault of ours.

use super::{
    super::support::{Reply, Shape},
    generate::Sent,
};
use quick_xml::{Reader, events::Event};
use serde_json::Value;

/// Its outcome for the tally: a code, or what kind of success; or what is wrong.
pub fn shape(sent: &Sent, shape: &Shape) -> Result<String, String> {
    let media = shape.header("content-type").unwrap_or_default();
    let closes = shape.header("connection").is_some_and(|c| c.eq_ignore_ascii_case("close"));
    if sent.method != "HEAD"
        && shape.body.is_empty()
        && sent.broken
        && matches!(shape.status, 400 | 414 | 431)
    {
        return if closes {
            Ok("bare".to_owned())
        } else {
            Err("a bare refusal leaves the connection open".to_owned())
        };
    }
    answer(sent, shape.status, media, &shape.body)
}

pub fn reply(sent: &Sent, reply: &Reply) -> Result<String, String> {
    answer(sent, reply.status, reply.header("content-type").unwrap_or_default(), &reply.body)
}

fn answer(sent: &Sent, status: u16, media: &str, body: &[u8]) -> Result<String, String> {
    let shown = || format!("{status} {media} {}", String::from_utf8_lossy(&body[..body.len().min(500)]));
    if ![200, 201, 304, 400, 404].contains(&status) {
        return Err(format!("an unexpected status: {}", shown()));
    }
    if status == 304 || sent.method == "HEAD" {
        return Ok(format!("without a body, {status}"));
    }
    let text = std::str::from_utf8(body).map_err(|_| format!("not UTF-8: {}", shown()))?;
    let wrong = |what: &str| format!("{what}: {}", shown());
    match media {
        "application/json" => {
            let value: Value = serde_json::from_str(text).map_err(|e| wrong(&format!("no JSON ({e})")))?;
            match value.get("response_code").map(Value::as_u64) {
                None if status < 300 => Ok("a success in JSON".to_owned()),
                Some(Some(200 | 201)) => Ok("a suppressed success".to_owned()),
                Some(Some(code)) if u64::from(status) == code || status == 200 => {
                    if code >= 500 {
                        Err(wrong("a fault of ours"))
                    } else {
                        json(&value).map_err(|what| wrong(&what))
                    }
                }
                _ => Err(wrong("the code and the status differ")),
            }
        }
        "application/xml; charset=utf-8" => {
            xml(text).map_err(|what| wrong(&what))?;
            match within(text, "response_code") {
                None if status < 300 => Ok("a success in XML".to_owned()),
                Some("200" | "201") => Ok("a suppressed success".to_owned()),
                Some("400" | "404") => {
                    let code = within(text, "code").filter(|c| is_code(c)).ok_or_else(|| wrong("no code"))?;
                    let whole = within(text, "message").is_some_and(|m| !m.is_empty())
                        && within(text, "more_info").is_some_and(|m| m.ends_with(&format!("/errors/{code}")));
                    if whole { Ok(code.to_owned()) } else { Err(wrong("not the error's form")) }
                }
                _ => Err(wrong("the code and the status differ")),
            }
        }
        // Pages are for people, and follow no rule of the API.
        "text/html; charset=utf-8" | "text/plain; charset=utf-8" => Ok("a page".to_owned()),
        _ => Err(wrong("a body of another kind")),
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 4 && text.starts_with('F') && text[1..].bytes().all(|b| b.is_ascii_digit())
}

fn json(body: &Value) -> Result<String, String> {
    let text = |value: &Value, name: &str| value[name].as_str().filter(|t| !t.is_empty()).map(str::to_owned);
    let code = text(body, "code").filter(|c| is_code(c)).ok_or("no code")?;
    text(body, "message").ok_or("no message")?;
    text(body, "more_info")
        .filter(|m| m.ends_with(&format!("/errors/{code}")))
        .ok_or("no link to the code's page")?;
    let known = ["response_code", "message", "more_info", "code", "violations"];
    if let Some((name, _)) =
        body.as_object().and_then(|o| o.iter().find(|(n, _)| !known.contains(&n.as_str())))
    {
        return Err(format!("`{name}` is no member of a refusal"));
    }
    for violation in body["violations"].as_array().into_iter().flatten() {
        let places = ["pointer", "parameter", "header"].iter().filter(|p| violation[**p].is_string()).count();
        let whole = places == 1
            && text(violation, "message").is_some()
            && text(violation, "code").is_some_and(|c| is_code(&c));
        if !whole {
            return Err(format!("a violation out of form: {violation}"));
        }
    }
    Ok(code)
}

fn xml(text: &str) -> Result<(), String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let (mut depth, mut roots) = (0u32, 0u32);
    loop {
        match reader.read_event().map_err(|e| format!("no XML ({e})"))? {
            Event::Start(start) => {
                if depth == 0 {
                    roots += 1;
                    if start.name().as_ref() != "response" {
                        return Err("the root is not `response`".to_owned());
                    }
                }
                depth += 1;
            }
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    if (depth, roots) == (0, 1) { Ok(()) } else { Err("no whole document".to_owned()) }
}

/// The text of the first element of this name.
fn within<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inner, _)| inner)
}
