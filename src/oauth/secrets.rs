//! What only its holder knows: codes, tokens and secrets of 256 random bits. They are kept as SHA-256 alone, which is
//! enough for what cannot be guessed, and compared in a time that says nothing.

use super::refusal::Refusal;
use crate::identity::jws;
use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
    rand,
};

/// A new secret with a prefix that says what it is, for people and for those who search for leaks.
pub fn fresh(prefix: &str) -> Result<String, Refusal> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| Refusal::server_error("there is no randomness to be had"))?;
    Ok(format!("{prefix}{}", jws::encode(&bytes)))
}

/// A new name for something, which need not be secret.
pub fn name(prefix: &str) -> Result<String, Refusal> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| Refusal::server_error("there is no randomness to be had"))?;
    Ok(format!("{prefix}{}", hex::encode(bytes)))
}

/// What is kept of a secret.
pub fn hash(secret: &str) -> String {
    hex::encode(digest(&SHA256, secret.as_bytes()))
}

/// Whether two texts are the same, in a time that depends on their lengths alone.
pub fn same(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

/// Letters that no one takes for another, and that spell no word (RFC 8628, section 6.1).
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";

/// A code that a person types: `WDJB-MJHT`.
pub fn typed() -> Result<String, Refusal> {
    let mut code = String::with_capacity(9);
    while code.len() < 9 {
        let mut byte = [0; 1];
        rand::fill(&mut byte).map_err(|_| Refusal::server_error("there is no randomness to be had"))?;
        let [byte] = byte;
        // 240 is twelve times twenty: each letter is as likely as any other one.
        if let Some(letter) = LETTERS.get(usize::from(byte) % 20).filter(|_| byte < 240) {
            code.push(char::from(*letter));
            if code.len() == 4 {
                code.push('-');
            }
        }
    }
    Ok(code)
}

/// A typed code as it is kept: its letters in capitals and nothing else, hashed.
pub fn typed_hash(code: &str) -> String {
    let letters: String = code.chars().filter(char::is_ascii_alphabetic).collect();
    hash(&format!("user-code {}", letters.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_typed_as_people_type() {
        let code = typed().unwrap();
        assert_eq!((code.len(), code.find('-')), (9, Some(4)));
        assert!(code.bytes().all(|b| b == b'-' || LETTERS.contains(&b)));
        assert_eq!(typed_hash(&code), typed_hash(&code.to_lowercase().replace('-', " ")));
        assert_ne!(typed().unwrap(), code);
    }

    #[test]
    fn secrets_are_long_and_never_the_same() {
        let one = fresh("cs_").unwrap();
        assert_eq!(one.len(), 3 + 43);
        assert_ne!(one, fresh("cs_").unwrap());
        assert!(same("a", "a") && !same("a", "b") && !same("a", "aa") && !same("", "a"));
    }
}
