//! A path has one reading: no segment can hold what steps, divides or hides, and what is written anew from what was
//! read is read as the same.

use http::{Request, Uri};
use portico::pipeline::arrive::{Arrived, Format};
use std::fmt::Write;

/// The request line's path as it came; what is no target of HTTP at all is refused before anything of ours.
fn arrived(path: &[u8]) -> Option<Arrived> {
    let uri = Uri::try_from(path).ok()?;
    let (head, ()) = Request::get(uri).body(()).ok()?.into_parts();
    Arrived::of(&head).ok()
}

/// Every byte in its encoded form, with the suffix of the format on every segment.
fn written(arrived: &Arrived) -> String {
    let suffix = match arrived.suffix {
        None => "",
        Some(Format::Json) => ".json",
        Some(Format::Xml) => ".xml",
    };
    arrived.segments.iter().fold(String::new(), |mut path, segment| {
        path.push('/');
        for byte in segment.bytes().chain(suffix.bytes()) {
            let _ = write!(path, "%{byte:02x}");
        }
        path
    })
}

pub fn check(input: &[u8]) {
    let Some(read) = arrived(input) else { return };
    for segment in &read.segments {
        assert!(!segment.is_empty(), "an empty segment");
        assert!(segment != "." && segment != "..", "a segment that steps: {segment:?}");
        assert!(!segment.contains(['/', '\\']), "a segment that divides: {segment:?}");
        assert!(!segment.chars().any(char::is_control), "a segment that hides: {segment:?}");
    }
    let again = written(&read);
    let Some(second) = arrived(again.as_bytes()) else { panic!("{again} is refused") };
    assert_eq!(read.segments, second.segments, "{again}");
    assert_eq!(read.suffix, second.suffix, "{again}");
    assert_eq!(written(&second), again);
}
