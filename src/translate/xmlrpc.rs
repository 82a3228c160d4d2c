//! XML-RPC (xmlrpc.com/spec, 1999, with the usual `<nil/>` and `<i8>`): calls written from values, answers read
//! into JSON text. It opens no socket.

use super::soap::{
    Limits, Malformed, Problem,
    stream::{Event, Start, Stream},
};
use crate::{
    plan::soap::{Json, Kind, Simple},
    value::{Value, json::write, xml::write as xml},
};

/// Deeper values than this are refused.
const MAX_DEPTH: usize = 64;

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The system's own refusal.
    #[error("the system answered with the fault {code}")]
    Fault {
        /// As it came: mostly an integer.
        code: String,
        /// For the operator's log: it may hold values.
        text: String,
    },
    #[error("{0}")]
    Malformed(#[from] Malformed),
}

/// A call. Integers beyond 32 bits are `<i8>`, numbers with a point or an exponent `<double>`, written out in
/// digits; null is `<nil/>`.
pub fn call(method: &str, params: &[Value]) -> Result<Vec<u8>, Problem> {
    let mut out = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodCall><methodName>".to_vec();
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '/');
    if method.is_empty() || !method.chars().all(fine) {
        return Err(Problem::Name { place: method.to_owned() });
    }
    out.extend_from_slice(method.as_bytes());
    out.extend_from_slice(b"</methodName><params>");
    for (at, param) in params.iter().enumerate() {
        out.extend_from_slice(b"<param>");
        value(&mut out, param, &format!("[{at}]"), 0)?;
        out.extend_from_slice(b"</param>");
    }
    out.extend_from_slice(b"</params></methodCall>");
    Ok(out)
}

fn value(out: &mut Vec<u8>, given: &Value, place: &str, depth: usize) -> Result<(), Problem> {
    if depth > MAX_DEPTH {
        return Err(Problem::TooDeep { place: place.to_owned() });
    }
    let forbidden = |_| Problem::Character { place: place.to_owned() };
    out.extend_from_slice(b"<value>");
    match given {
        Value::Null => out.extend_from_slice(b"<nil/>"),
        Value::Bool(yes) => {
            let digit = if *yes { "1" } else { "0" };
            out.extend_from_slice(format!("<boolean>{digit}</boolean>").as_bytes());
        }
        Value::Number(digits) => number(out, digits, place)?,
        Value::Text(text) => {
            out.extend_from_slice(b"<string>");
            xml::text(out, text).map_err(forbidden)?;
            out.extend_from_slice(b"</string>");
        }
        Value::List(items) => {
            out.extend_from_slice(b"<array><data>");
            for (at, item) in items.iter().enumerate() {
                value(out, item, &format!("{place}[{at}]"), depth + 1)?;
            }
            out.extend_from_slice(b"</data></array>");
        }
        Value::Object(members) => {
            out.extend_from_slice(b"<struct>");
            for (name, member) in members {
                let place = format!("{place}.{name}");
                out.extend_from_slice(b"<member><name>");
                xml::text(out, name).map_err(|_| Problem::Character { place: place.clone() })?;
                out.extend_from_slice(b"</name>");
                value(out, member, &place, depth + 1)?;
                out.extend_from_slice(b"</member>");
            }
            out.extend_from_slice(b"</struct>");
        }
    }
    out.extend_from_slice(b"</value>");
    Ok(())
}

fn number(out: &mut Vec<u8>, digits: &str, place: &str) -> Result<(), Problem> {
    let misfit = |expected: &str| Problem::Misfit {
        place: place.to_owned(),
        found: "a number",
        expected: expected.to_owned(),
    };
    let tag = if digits.contains(['.', 'e', 'E']) {
        "double"
    } else if digits.parse::<i32>().is_ok() {
        "int"
    } else if digits.parse::<i64>().is_ok() {
        "i8"
    } else {
        return Err(misfit("an integer of 64 bits"));
    };
    // The specification's doubles have no exponent.
    let plain = crate::value::decimal::Decimal::parse(digits).filter(|_| digits.contains(['e', 'E']));
    let shown = match plain {
        Some(decimal) => decimal.to_text(None).unwrap_or_default(),
        None if digits.contains(['e', 'E']) => return Err(misfit("a number that can be written out")),
        None => digits.to_owned(),
    };
    out.extend_from_slice(format!("<{tag}>{shown}</{tag}>").as_bytes());
    Ok(())
}

/// The result of a call as JSON. Dates and base64 stay texts; a struct's name that comes twice is refused. An
/// answer without a parameter is `null`.
pub fn answer(bytes: &[u8], content_type: Option<&str>, limits: Limits) -> Result<String, Refused> {
    if bytes.len() > limits.bytes {
        return Err(
            Malformed { what: format!("the answer is longer than {} bytes", limits.bytes), at: 0 }.into()
        );
    }
    let text = super::soap::decoded(bytes, content_type)?;
    let mut reader = Answer {
        stream: Stream::new(&text, Limits { bytes: limits.bytes.saturating_mul(3), ..limits })?,
        out: Vec::new(),
    };
    reader.opens("methodResponse")?;
    let part = reader.opened("`params` or `fault`")?;
    let fault = match part.name.as_str() {
        "params" => {
            match reader.child()? {
                Some(param) if param.name == "param" => {
                    reader.opens("value")?;
                    reader.value()?;
                    reader.closes()?;
                    reader.closes()?;
                }
                Some(other) => return Err(reader.unexpected(&other.name).into()),
                None => reader.out.extend_from_slice(b"null"),
            }
            false
        }
        "fault" => {
            reader.opens("value")?;
            reader.value()?;
            reader.closes()?;
            true
        }
        other => return Err(reader.unexpected(other).into()),
    };
    reader.closes()?;
    reader.stream.end()?;
    let json = String::from_utf8(reader.out).unwrap_or_default();
    if !fault {
        return Ok(json);
    }
    let tree = crate::value::json::read::read(&json).unwrap_or_default();
    let said = |name| tree.get(name).and_then(Value::scalar).unwrap_or_default().to_owned();
    Err(Refused::Fault { code: said("faultCode"), text: said("faultString") })
}

struct Answer<'a> {
    stream: Stream<'a>,
    out: Vec<u8>,
}

impl Answer<'_> {
    /// The next child, or none where the element that is open ends.
    fn child(&mut self) -> Result<Option<Start>, Malformed> {
        let mut text = String::new();
        let event = self.stream.next(&mut text)?;
        if !text.trim().is_empty() {
            return self.stream.fail("a text stands where an element is expected");
        }
        match event {
            Event::Open(start) => Ok(Some(start)),
            Event::Close => Ok(None),
            Event::End => self.stream.fail("the text ends early"),
        }
    }

    fn opened(&mut self, expected: &str) -> Result<Start, Malformed> {
        match self.child()? {
            Some(start) => Ok(start),
            None => self.stream.fail(format!("{expected} is expected")),
        }
    }

    fn opens(&mut self, name: &str) -> Result<(), Malformed> {
        let start = self.opened(name)?;
        if start.name == name { Ok(()) } else { Err(self.unexpected(&start.name)) }
    }

    fn closes(&mut self) -> Result<(), Malformed> {
        match self.child()? {
            None => Ok(()),
            Some(start) => Err(self.unexpected(&start.name)),
        }
    }

    fn unexpected(&self, name: &str) -> Malformed {
        Malformed { what: format!("`{name}` stands where something else is expected"), at: self.stream.at() }
    }

    /// What is in a `value` that is open, to its end. The stream bounds the depth.
    fn value(&mut self) -> Result<(), Malformed> {
        let mut text = String::new();
        let start = match self.stream.next(&mut text)? {
            Event::Open(_) if !text.trim().is_empty() => {
                return self.stream.fail("a text stands where an element is expected");
            }
            Event::Open(start) => start,
            Event::Close => {
                // A value without a type is a text.
                write::text(&mut self.out, &text);
                return Ok(());
            }
            Event::End => return self.stream.fail("the text ends early"),
        };
        let kind = match start.name.as_str() {
            "int" | "i4" | "i8" | "i1" | "i2" | "biginteger" => Some(Kind::Integer),
            "double" | "float" | "bigdecimal" => Some(Kind::Float),
            "boolean" => Some(Kind::Boolean),
            _ => None,
        };
        match (start.name.as_str(), kind) {
            (name, Some(kind)) => {
                let text = self.stream.text(name)?;
                match (Simple { kind, ..Simple::default() }).json(&text) {
                    Json::Number(digits) => self.out.extend_from_slice(digits.as_bytes()),
                    Json::Boolean(yes) => self.out.extend_from_slice(if yes { b"true" } else { b"false" }),
                    // `NaN` and the like have no number in JSON.
                    Json::Text(_) if kind == Kind::Float => write::text(&mut self.out, text.trim()),
                    Json::Text(_) => return self.stream.fail(format!("what stands in `{name}` is none")),
                }
            }
            (name @ "string", _) => {
                let text = self.stream.text(name)?;
                write::text(&mut self.out, &text);
            }
            (name @ ("dateTime.iso8601" | "base64"), _) => {
                let text = self.stream.text(name)?;
                let bare: String = text.split_whitespace().collect();
                write::text(&mut self.out, &bare);
            }
            ("nil", _) => {
                self.closes()?;
                self.out.extend_from_slice(b"null");
            }
            ("array", _) => self.array()?,
            ("struct", _) => self.members()?,
            (other, _) => return Err(self.unexpected(other)),
        }
        self.closes()
    }

    fn array(&mut self) -> Result<(), Malformed> {
        self.opens("data")?;
        self.out.push(b'[');
        let mut first = true;
        while let Some(item) = self.child()? {
            if item.name != "value" {
                return Err(self.unexpected(&item.name));
            }
            if !std::mem::take(&mut first) {
                self.out.push(b',');
            }
            self.value()?;
        }
        self.out.push(b']');
        self.closes()
    }

    fn members(&mut self) -> Result<(), Malformed> {
        let mut seen = std::collections::HashSet::new();
        self.out.push(b'{');
        while let Some(member) = self.child()? {
            if member.name != "member" {
                return Err(self.unexpected(&member.name));
            }
            self.opens("name")?;
            let name = self.stream.text("name")?;
            if !seen.is_empty() {
                self.out.push(b',');
            }
            write::text(&mut self.out, &name);
            self.out.push(b':');
            if !seen.insert(name) {
                return self.stream.fail("a name stands twice in one struct");
            }
            self.opens("value")?;
            self.value()?;
            self.closes()?;
        }
        self.out.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests;
