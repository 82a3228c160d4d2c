//! The strict reading of a body into a tree: duplicate names, depth and trailing text are refused.
//! For bodies of clients; answers of backends are read by `translate::extract`.

use super::scan::{Kind, Malformed, Scanner};
use super::write::unescape;
use crate::value::{Brief, Value};

/// Deeper bodies than this are refused; no contract needs half of it.
const MAX_DEPTH: usize = 64;
/// So many names are compared one by one.
const FEW: usize = 24;

/// Why a body is no JSON document that we take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error("the name `{name}` stands twice in one object")]
    Duplicate { pointer: String, name: String },
    #[error("the body is nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

/// Reads one document.
pub fn read(text: &str) -> Result<Value, Refusal> {
    let mut scanner = Scanner::new(text);
    let value = value(&mut scanner, 0)?;
    scanner.end()?;
    Ok(value)
}

impl Refusal {
    /// The same, seen from above: what stands twice stands below this step.
    fn below(self, step: &str) -> Self {
        match self {
            Self::Duplicate { pointer, name } => {
                let mut above = String::new();
                crate::value::pointer::push(&mut above, step);
                Self::Duplicate { pointer: above + &pointer, name }
            }
            other => other,
        }
    }
}

/// Recursion is bounded by `MAX_DEPTH`.
fn value(scanner: &mut Scanner<'_>, depth: usize) -> Result<Value, Refusal> {
    if depth > MAX_DEPTH {
        return Err(Refusal::TooDeep);
    }
    Ok(match scanner.kind()? {
        Kind::Null => {
            scanner.literal("null")?;
            Value::Null
        }
        Kind::True => {
            scanner.literal("true")?;
            Value::Bool(true)
        }
        Kind::False => {
            scanner.literal("false")?;
            Value::Bool(false)
        }
        Kind::Number => {
            let range = scanner.number()?;
            Value::Number(scanner.slice(range).into())
        }
        Kind::Text => Value::Text(text(scanner)?),
        Kind::List => {
            let mut items = Vec::new();
            let mut more = scanner.enter(b']');
            while more {
                let at = items.len();
                items.push(value(scanner, depth + 1).map_err(|refusal| refusal.below(&at.to_string()))?);
                more = scanner.more(b']')?;
            }
            Value::List(items)
        }
        Kind::Object => object(scanner, depth)?,
    })
}

fn text(scanner: &mut Scanner<'_>) -> Result<Brief, Malformed> {
    let token = scanner.string()?;
    let raw = scanner.slice(token.range);
    Ok(if token.escaped { unescape(raw).into() } else { raw.into() })
}

fn object(scanner: &mut Scanner<'_>, depth: usize) -> Result<Value, Refusal> {
    let mut members: Vec<(Brief, Value)> = Vec::new();
    // A large object is looked up by hash, so that many names cost no quadratic search.
    let mut seen = std::collections::HashSet::new();
    let mut more = scanner.enter(b'}');
    while more {
        let token = scanner.name()?;
        let raw = scanner.slice(token.range);
        let name: Brief = if token.escaped { unescape(raw).into() } else { raw.into() };
        let twice = if members.len() < FEW {
            members.iter().any(|(known, _)| *known == name)
        } else {
            if seen.is_empty() {
                seen.extend(members.iter().map(|(known, _)| known.clone()));
            }
            !seen.insert(name.clone())
        };
        if twice {
            let refusal = Refusal::Duplicate { pointer: String::new(), name: name.as_str().into() };
            return Err(refusal.below(&name));
        }
        let inner = value(scanner, depth + 1).map_err(|refusal| refusal.below(&name))?;
        members.push((name, inner));
        more = scanner.more(b'}')?;
    }
    Ok(Value::Object(members))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_digits_and_order() {
        let text = r#"{"b":9007199254740993,"a":[1.50,-0,1e400],"c":"S\u00e3o"}"#;
        assert_eq!(read(text).unwrap().to_json(), text.replace("\\u00e3", "ã"));
    }

    #[test]
    fn refuses_duplicates_with_their_place_and_depth() {
        assert_eq!(
            read(r#"{"a":[{"b":1,"b":2}]}"#),
            Err(Refusal::Duplicate { pointer: "/a/0/b".into(), name: "b".into() })
        );
        // Of many names, too.
        let names = |last: usize| {
            let all: Vec<String> = (0..99).chain([last]).map(|n| format!("\"n{n}\":{n}")).collect();
            format!("{{{}}}", all.join(","))
        };
        assert!(read(&names(99)).is_ok());
        for last in [0, FEW - 1, FEW, 98] {
            let (pointer, name) = (format!("/n{last}"), format!("n{last}"));
            assert_eq!(read(&names(last)), Err(Refusal::Duplicate { pointer, name }));
        }
        assert_eq!(read(&"[".repeat(100_000)), Err(Refusal::TooDeep));
        assert!(matches!(read("{} x"), Err(Refusal::Malformed(_))));
    }
}
