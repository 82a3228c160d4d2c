//! Single places of a document, found without reading the rest of it into anything.

use crate::value::{
    json::scan::{Kind, Malformed, Scanner},
    json::write::unescape,
    path::{Path, Step},
};

/// Where the value at a path begins.
pub fn locate(text: &str, from: usize, path: &Path) -> Result<Option<usize>, Malformed> {
    let mut at = from;
    for step in &path.0 {
        let mut scanner = Scanner::starting(text, at);
        let found = match (step, scanner.kind()?) {
            (Step::Key(wanted), Kind::Object) => member(&mut scanner, wanted)?,
            (Step::Index(index), Kind::List) => item(&mut scanner, *index)?,
            _ => None,
        };
        match found {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

fn member(scanner: &mut Scanner<'_>, wanted: &str) -> Result<Option<usize>, Malformed> {
    let mut more = scanner.enter(b'}');
    while more {
        let name = scanner.name()?;
        let raw = scanner.slice(name.range);
        if raw == wanted || (name.escaped && unescape(raw) == wanted) {
            scanner.white();
            return Ok(Some(scanner.position()));
        }
        scanner.skip()?;
        more = scanner.more(b'}')?;
    }
    Ok(None)
}

fn item(scanner: &mut Scanner<'_>, index: usize) -> Result<Option<usize>, Malformed> {
    let mut more = scanner.enter(b']');
    for _ in 0..index {
        if !more {
            return Ok(None);
        }
        scanner.skip()?;
        more = scanner.more(b']')?;
    }
    scanner.white();
    Ok(more.then(|| scanner.position()))
}

/// The text of a scalar at a path; `None` where there is none.
pub fn scalar(text: &str, path: &Path) -> Option<String> {
    let at = locate(text, 0, path).ok()??;
    let mut scanner = Scanner::starting(text, at);
    match scanner.kind().ok()? {
        Kind::Text => {
            let token = scanner.string().ok()?;
            let raw = scanner.slice(token.range);
            Some(if token.escaped { unescape(raw) } else { raw.to_owned() })
        }
        Kind::Number => scanner.number().ok().map(|range| scanner.slice(range).to_owned()),
        Kind::True => Some("true".into()),
        Kind::False => Some("false".into()),
        _ => None,
    }
}
