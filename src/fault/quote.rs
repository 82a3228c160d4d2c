//! What a system behind said in its own words stands in marks within a fault's detail: it may repeat what a caller sent. An
//! operator who asks at the command line sees it; the log leaves out what is between the marks.

const OPEN: char = '‹';
const CLOSE: char = '›';

/// A foreign text in marks; none of its own are left.
pub fn quoted(text: &str) -> String {
    let inner = text.chars().map(|c| if matches!(c, OPEN | CLOSE) { '?' } else { c });
    std::iter::once(OPEN).chain(inner).chain([CLOSE]).collect()
}

/// The same text with nothing between marks. What is not closed is left out to its end.
pub fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for char in text.chars() {
        match char {
            OPEN => inside = true,
            CLOSE if inside => {
                inside = false;
                out.push('…');
            }
            _ if inside => {}
            _ => out.push(char),
        }
    }
    if inside {
        out.push('…');
    }
    out
}

/// Whether there is anything to leave out.
pub fn is_quoting(bytes: &[u8]) -> bool {
    let mark = OPEN.to_string();
    memchr::memmem::find(bytes, mark.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_marks_is_left_out_whatever_it_holds() {
        let text = format!("status 500: {} at {}", quoted("a‹b›c"), quoted("d"));
        assert_eq!(text, "status 500: ‹a?b?c› at ‹d›");
        assert_eq!(masked(&text), "status 500: … at …");
        assert_eq!(masked("nothing"), "nothing");
        assert_eq!(masked("open ‹secret"), "open …");
        assert!(is_quoting(text.as_bytes()) && !is_quoting(b"nothing"));
    }
}
