//! The header of WS-Security with a user name and a password (OASIS Web Services Security `UsernameToken`
//! Profile 1.1.1, section 3). It draws no nonce and asks no clock: both are handed in.

use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt;

/// `wsse`.
pub(super) const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// `wsu`.
pub(super) const WSU: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// Types of passwords; `#PasswordText` and `#PasswordDigest` follow.
pub(super) const PROFILE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";
/// How the nonce is written.
pub(super) const BASE64: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary";

/// How the password is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// As it is: over TLS alone.
    Text,
    /// Base64(SHA-1(nonce + created + password)).
    Digest,
}

/// A header that is ready to be written. A service refuses the same nonce twice, so that each call needs its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Security {
    pub(super) user: String,
    pub(super) password: String,
    pub(super) kind: Kind,
    pub(super) nonce: String,
    pub(super) created: String,
}

/// Shows neither the password nor what is made of it.
impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Security").field("user", &self.user).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The header. `nonce` is random, `created` the time in UTC (`2024-01-31T09:30:00Z`).
pub fn security(user: &str, password: &str, kind: Kind, nonce: [u8; 16], created: &str) -> Security {
    let password = match kind {
        Kind::Text => password.to_owned(),
        Kind::Digest => {
            // The profile asks for SHA-1; nothing of this program's own relies on it.
            let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
            for part in [&nonce[..], created.as_bytes(), password.as_bytes()] {
                context.update(part);
            }
            STANDARD.encode(context.finish())
        }
    };
    Security {
        user: user.to_owned(),
        password,
        kind,
        nonce: STANDARD.encode(nonce),
        created: created.to_owned(),
    }
}

impl Kind {
    pub(super) fn uri(self) -> String {
        match self {
            Self::Text => format!("{PROFILE}#PasswordText"),
            Self::Digest => format!("{PROFILE}#PasswordDigest"),
        }
    }
}
