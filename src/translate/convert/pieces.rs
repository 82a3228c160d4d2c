//! Several members in one text, one behind the other: taken apart, and put together so that they come apart again.

use super::NoWay;
use crate::{plan::convert::Split, value::Value};

/// One part of a text, without spaces around it; `Some(None)` where it is empty, not there, or means nothing. `None` where
/// the text has more parts than there are members.
pub fn piece<'a>(split: &Split, at: usize, text: &'a str) -> Option<Option<&'a str>> {
    if !split.rest && text.split(&*split.at).count() > split.members {
        return None;
    }
    let part = text.splitn(split.members, &*split.at).nth(at).map(str::trim);
    Some(part.filter(|part| !part.is_empty() && !split.nothing.iter().any(|word| **word == **part)))
}

/// The text of these parts, null where all are nothing. What would not come back is told with its place among them.
pub fn joined(split: &Split, values: &[Value]) -> Result<Value, (usize, NoWay)> {
    let mut text = String::new();
    for (at, value) in values.iter().enumerate() {
        let part = value.scalar().unwrap_or_default();
        let last = at + 1 == split.members;
        if part.contains(&*split.at) && !(last && split.rest) {
            return Err((at, NoWay::Holds(split.at.clone())));
        }
        if part.trim() != part || (part.is_empty() && !value.is_null()) {
            return Err((at, NoWay::Form("a text without spaces around it")));
        }
        if !value.is_null() && split.nothing.iter().any(|word| **word == *part) {
            return Err((at, NoWay::Form("a value that does not stand for nothing")));
        }
        if at > 0 {
            text.push_str(&split.join);
        }
        text.push_str(part);
    }
    let kept = values.iter().rposition(|value| !value.is_null()).map_or(0, |last| last + 1);
    for _ in kept..values.len() {
        text.truncate(text.strip_suffix(&*split.join).map_or(text.len(), str::len));
    }
    if kept == 0 {
        return Ok(Value::Null);
    }
    // A part that ends as the sign begins makes one with it.
    for (at, value) in values.iter().enumerate() {
        if piece(split, at, &text) != Some(value.scalar()) {
            return Err((at, NoWay::Holds(split.at.clone())));
        }
    }
    Ok(Value::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(at: &str, join: &str, members: usize, rest: bool) -> Split {
        Split { at: at.into(), join: join.into(), nothing: ["Mix".into()].into(), rest, members }
    }

    #[test]
    fn parts_are_taken_apart_and_put_together() {
        let caret = split("^", "^", 3, false);
        for (text, parts) in [
            ("Franklin^Leo^M", [Some("Franklin"), Some("Leo"), Some("M")]),
            ("Franklin^Leo", [Some("Franklin"), Some("Leo"), None]),
            ("Franklin", [Some("Franklin"), None, None]),
            ("^Leo", [None, Some("Leo"), None]),
            ("Franklin^^M", [Some("Franklin"), None, Some("M")]),
        ] {
            let values: Vec<Value> =
                parts.iter().map(|p| p.map_or(Value::Null, |p| Value::Text(p.into()))).collect();
            for (at, part) in parts.iter().enumerate() {
                assert_eq!(piece(&caret, at, text), Some(*part), "{at} of {text}");
            }
            assert_eq!(joined(&caret, &values), Ok(Value::Text(text.into())));
        }
        assert_eq!(piece(&caret, 0, "a^b^c^d"), None, "more parts than members");
        assert_eq!(joined(&caret, &[Value::Null, Value::Null, Value::Null]), Ok(Value::Null));
    }

    #[test]
    fn spaces_and_words_for_nothing_are_no_parts() {
        let breeds = split("/", " /", 2, false);
        assert_eq!(piece(&breeds, 0, "Chihuahua /Mix"), Some(Some("Chihuahua")));
        assert_eq!(piece(&breeds, 1, "Chihuahua /Mix"), Some(None));
        let both = [Value::Text("Pug".into()), Value::Text("Beagle".into())];
        assert_eq!(joined(&breeds, &both), Ok(Value::Text("Pug /Beagle".into())));
        assert_eq!(joined(&breeds, &[both[0].clone(), Value::Null]), Ok(Value::Text("Pug".into())));
    }

    #[test]
    fn what_would_not_come_back_is_refused() {
        let text = |t: &str| Value::Text(t.into());
        let dashes = split("--", "--", 2, false);
        for (parts, at) in [
            ([text("a--b"), text("c")], 0),
            ([text("a"), text("b--c")], 1),
            ([text("a-"), text("-b")], 0),
            ([text(" a"), text("b")], 0),
            ([text("a"), text("Mix")], 1),
            ([text("a"), text("")], 1),
        ] {
            assert_eq!(joined(&dashes, &parts).unwrap_err().0, at, "{parts:?}");
        }
        let rest = split("--", "--", 2, true);
        assert_eq!(joined(&rest, &[text("a"), text("b--c")]), Ok(text("a--b--c")));
        assert_eq!(piece(&rest, 1, "a--b--c"), Some(Some("b--c")));
    }
}
