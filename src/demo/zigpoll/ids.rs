//! Ids as `MongoDB` makes them: twelve bytes in lower-case hex, the first four the second of their making, the last three
//! a count (the manual of `MongoDB`, `ObjectId`).

/// Where the five bytes of the machine and process would be.
const MACHINE: u64 = 0x5f_3a9c_71e2;

/// The id of the thing with this number that was made in this second.
pub(super) fn id(seconds: i64, count: u32) -> String {
    let seconds = u32::try_from(seconds).unwrap_or_default();
    format!("{seconds:08x}{MACHINE:010x}{:06x}", count & 0xff_ffff)
}

/// Whether a text has the form of an id.
pub(super) fn formed(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_id_begins_with_its_second() {
        let id = super::id(1_400_140_956, 7);
        assert_eq!(id, "5374749c5f3a9c71e2000007");
        assert!(super::formed(&id) && !super::formed("109") && !super::formed(&id.to_uppercase()));
    }
}
