//! Bytes looked at many at once.

/// How many are looked at before it is asked whether all were right.
const TOGETHER: usize = 32;

/// Whether all bytes are of a kind, as `Iterator::all` would tell. It stops after each 32 and not after each one, so that the
/// machine can take them together.
#[inline]
pub fn all(bytes: &[u8], is: impl Fn(u8) -> bool) -> bool {
    let (whole, rest) = bytes.as_chunks::<TOGETHER>();
    whole.iter().all(|chunk| chunk.iter().fold(true, |all, byte| all & is(*byte)))
        && rest.iter().all(|byte| is(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_not_is_found_wherever_it_stands() {
        for length in 0..100 {
            let mut bytes = vec![b'a'; length];
            assert!(all(&bytes, |byte| byte == b'a'), "{length}");
            for at in 0..length {
                bytes[at] = b'b';
                assert!(!all(&bytes, |byte| byte == b'a'), "{at} of {length}");
                bytes[at] = b'a';
            }
        }
    }
}
