//! Whether an answer is about the record that was asked for. A confused cache in between, or a system under load, gives
//! another one's; what is shown then is a fault and not somebody else's record.

/// What the key of an answer says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// It is the record, or does not say which one it is.
    Same,
    /// The system read the key more loosely than it is written: outside there is no record of that name.
    Loosely,
    /// It is another record.
    Another,
}

/// Compares the key that was asked with the one that came. Systems that compare numbers take `0109`, ` 109` and even
/// `109abc` for 109, others do not look at the case of letters: outside an id has one spelling.
pub(super) fn named(asked: &str, came: Option<&str>) -> Named {
    match came {
        None => Named::Same,
        Some(came) if came == asked => Named::Same,
        Some(came) if is_plain_number(came) && !is_plain_number(asked) => Named::Loosely,
        Some(came) if came.trim().eq_ignore_ascii_case(asked.trim()) => Named::Loosely,
        Some(_) => Named::Another,
    }
}

/// Digits as a system writes them itself.
fn is_plain_number(text: &str) -> bool {
    text == "0" || (!text.starts_with('0') && !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_record_is_told_from_another_spelling() {
        let same = [("109", Some("109")), ("109", None), ("a-b", Some("a-b"))];
        let loosely = [
            ("0109", "109"),
            (" 109", "109"),
            ("109abc", "109"),
            ("1e2", "100"),
            ("AB-1", "ab-1"),
            ("a ", "a"),
        ];
        let another = [("109", "110"), ("ab-1", "ab-2"), ("109", "0109x"), ("109", "")];
        assert!(same.iter().all(|(asked, came)| named(asked, *came) == Named::Same));
        assert!(loosely.iter().all(|(asked, came)| named(asked, Some(came)) == Named::Loosely));
        assert!(another.iter().all(|(asked, came)| named(asked, Some(came)) == Named::Another));
    }
}
