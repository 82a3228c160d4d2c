//! The registry's cryptography: what signs a request, and what signs a webhook. All of it is HMAC-SHA256 (RFC 2104,
//! FIPS 180-4), and no other file names the crates.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// How far a request's time may lie from the registry's, in seconds, either way.
pub(super) const TOLERANCE: i64 = 300;
/// The most signatures kept; a write beyond pushes the oldest out.
const MOST: usize = 10_000;

/// The digest in lower-case hex, 64 characters.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The signature of a request in lower-case hex: over `METHOD\npath?query\nsha256hex(body)\nunixtime`, the path as it
/// stands in the request line.
pub(super) fn sign_request(secret: &[u8], method: &str, path: &str, body: &[u8], time: &str) -> String {
    hex(&mac(secret, request_text(method, path, body, time).as_bytes()))
}

fn request_text(method: &str, path: &str, body: &[u8], time: &str) -> String {
    format!("{method}\n{path}\n{}\n{time}", sha256_hex(body))
}

/// Compares without telling by its time where two signatures differ.
pub(super) fn same(one: &str, other: &str) -> bool {
    // The lengths are no secret; the contents are folded to the end.
    let differ = one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && std::hint::black_box(differ) == 0
}

/// The `webhook-signature` of a message by Standard Webhooks: over `id.timestamp.body`, in base64 after `v1,`.
pub(super) fn sign_webhook(secret: &str, id: &str, time: i64, body: &str) -> String {
    let text = format!("{id}.{time}.{body}");
    format!("v1,{}", STANDARD.encode(mac(&webhook_key(secret), text.as_bytes())))
}

/// A secret is `whsec_` and the key in base64; anything else is the key itself.
fn webhook_key(secret: &str) -> Vec<u8> {
    let encoded = secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok());
    encoded.unwrap_or_else(|| secret.as_bytes().to_vec())
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // HMAC takes keys of every length, so that this error does not occur.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The signatures of writes that were taken, for as long as their time would be accepted again.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// By arrival, with the unix second after which the signature is too old by itself.
    order: VecDeque<(i64, String)>,
    known: HashSet<String>,
}

impl Seen {
    /// Notes a signature; false where it was noted before.
    pub(super) fn first_time(&mut self, signature: &str, time: i64, now: i64) -> bool {
        while self.order.front().is_some_and(|(end, _)| *end < now) || self.order.len() >= MOST {
            let Some((_, old)) = self.order.pop_front() else { break };
            self.known.remove(&old);
        }
        if !self.known.insert(signature.to_owned()) {
            return false;
        }
        self.order.push_back((time.saturating_add(TOLERANCE), signature.to_owned()));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_and_the_code_are_those_of_the_standards() {
        // FIPS 180-4's empty message; RFC 4231, test case 2.
        assert_eq!(sha256_hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(
            hex(&mac(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_webhook_is_signed_as_the_specification_shows() {
        // The example of the Standard Webhooks specification and its libraries.
        let signature = sign_webhook(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(webhook_key("plain"), b"plain");
    }

    #[test]
    fn signatures_are_equal_or_not() {
        assert!(same("ab", "ab") && same("", ""));
        for (one, other) in [("ab", "ac"), ("ab", "a"), ("", "a")] {
            assert!(!same(one, other));
        }
    }

    #[test]
    fn a_signature_is_remembered_until_it_is_too_old() {
        let mut seen = Seen::default();
        assert!(seen.first_time("a", 100, 100));
        assert!(!seen.first_time("a", 100, 400));
        assert!(seen.first_time("b", 401, 401));
        assert_eq!(seen.order.len(), 1);
    }
}
