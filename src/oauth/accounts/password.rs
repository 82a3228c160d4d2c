//! Passwords: which ones we take, and how they are hashed. A hash costs 19 MiB and some tens of milliseconds, so that only a
//! few are made at once, and never on a thread that serves requests.

use crate::{
    fault::{Fault, code},
    ledger::accounts::PasswordHash,
};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::{self, SaltString},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// argon2id with m = 19 MiB, t = 2, p = 1: OWASP's Password Storage Cheat Sheet, the first of its equal choices.
const MEMORY: u32 = 19 * 1024;
const PASSES: u32 = 2;

/// NIST SP 800-63B, section 5.1.1.2: eight characters at least, and long ones are taken.
const SHORTEST: usize = 8;
/// More bytes than this tell nothing more.
const LONGEST: usize = 256;
/// Who waits for a turn longer than this is sent away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Hashes passwords, a few at once.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Of a password that nobody has: what is compared where there is no account.
    nobody: PasswordHash,
}

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    Short,
    Long,
    /// Among those that are tried first.
    Common,
    /// The address, or a part of it.
    OfAddress,
}

impl Weak {
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Short => "A password has eight characters or more.",
            Self::Long => "A password has at most 256 bytes.",
            Self::Common => "This password is among those that are tried first. Choose another one.",
            Self::OfAddress => "A password cannot be the e-mail address. Choose another one.",
        }
    }

    pub fn spanish(self) -> &'static str {
        match self {
            Self::Short => "Una contraseña tiene ocho caracteres o más.",
            Self::Long => "Una contraseña tiene como máximo 256 bytes.",
            Self::Common => "Esta contraseña está entre las que se prueban primero. Elija otra.",
            Self::OfAddress => "La contraseña no puede ser la dirección de correo. Elija otra.",
        }
    }
}

/// What is tried first, in small letters; and all that repeats or counts, see [`plain`].
const COMMON: &[&str] = &[
    "password",
    "passw0rd",
    "password1",
    "password123",
    "contraseña",
    "contrasena",
    "iloveyou",
    "teamo123",
    "qwertyuiop",
    "qwerty123",
    "qwerty12",
    "1q2w3e4r",
    "1qaz2wsx",
    "zaq12wsx",
    "asdfghjkl",
    "letmein1",
    "welcome1",
    "welcome123",
    "admin123",
    "administrator",
    "changeme",
    "football",
    "baseball",
    "superman",
    "princess",
    "sunshine",
    "trustno1",
    "dragon123",
    "monkey123",
    "abcd1234",
    "abc12345",
    "a1b2c3d4",
    "starwars",
    "whatever",
    "computer",
    "michelle",
    "jennifer",
    "internet",
    "samantha",
    "master123",
    "p@ssw0rd",
    "p@ssword",
    "pa$$word",
    "secret123",
    "default1",
    "letmein123",
];

/// Whether a password is taken, for an address.
pub fn judge(password: &str, address: &str) -> Result<(), Weak> {
    if password.len() > LONGEST {
        return Err(Weak::Long);
    }
    if password.chars().count() < SHORTEST {
        return Err(Weak::Short);
    }
    let small = password.to_lowercase();
    let local = address.split('@').next().unwrap_or_default().to_lowercase();
    if small == address.to_lowercase() || small == local {
        return Err(Weak::OfAddress);
    }
    if COMMON.contains(&small.as_str()) || plain(&small) {
        return Err(Weak::Common);
    }
    Ok(())
}

/// One letter again and again, or letters that count up or down: `aaaaaaaa`, `12345678`, `hgfedcba`.
fn plain(text: &str) -> bool {
    let letters: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let mut steps = letters.iter().zip(letters.iter().skip(1)).map(|(a, b)| b - a);
    let Some(first) = steps.next() else { return true };
    // `1234567890` goes on from 9 with 0.
    (-1..=1).contains(&first) && steps.all(|step| step == first || (first == 1 && step == -9))
}

impl Passwords {
    /// As many turns as there are processors, eight at most.
    pub fn new() -> Result<Self, Fault> {
        let turns = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
        let nobody = PasswordHash(hashed(&super::token()?, &super::random()?)?);
        Ok(Self { turns: Arc::new(Semaphore::new(turns)), nobody })
    }

    /// The hash of a password. Refuses with F241 where too many wait.
    pub async fn hash(&self, password: &str) -> Result<PasswordHash, Fault> {
        let (password, salt) = (password.to_owned(), super::random()?);
        self.turn(move || hashed(&password, &salt)).await?.map(PasswordHash)
    }

    /// Whether a password is the one of a hash. Where there is no hash the work is the same. Refuses with F241 where too
    /// many wait.
    pub async fn fits(&self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, Fault> {
        let known = hash.filter(|hash| !hash.0.is_empty());
        let is_known = known.is_some();
        let (password, hash) = (password.to_owned(), known.unwrap_or(&self.nobody).clone());
        let fits = self.turn(move || {
            let parsed = password_hash::PasswordHash::new(&hash.0).ok();
            let bounded = password.get(..password.len().min(LONGEST * 4)).unwrap_or_default();
            parsed
                .is_some_and(|parsed| Argon2::default().verify_password(bounded.as_bytes(), &parsed).is_ok())
        });
        Ok(fits.await? && is_known)
    }

    async fn turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
        let waiting = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned());
        let Ok(Ok(turn)) = waiting.await else {
            return Err(Fault::plain(&code::TOO_MANY_TRIES).retry_after(Some(PATIENCE)));
        };
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|_| Fault::plain(&code::INTERNAL).detail("accounts: hashing a password broke off"))
    }
}

fn hashed(password: &str, salt: &[u8; 16]) -> Result<String, Fault> {
    let failed = |_| Fault::plain(&code::INTERNAL).detail("accounts: a password cannot be hashed");
    let salt = SaltString::encode_b64(salt).map_err(failed)?;
    let params = Params::new(MEMORY, PASSES, 1, None).map_err(|_| {
        failed(password_hash::Error::ParamValueInvalid(password_hash::errors::InvalidValue::Malformed))
    })?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Ok(argon.hash_password(password.as_bytes(), &salt).map_err(failed)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_alone() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash("four quiet herons").await.unwrap();
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", hash.0);
        assert!(passwords.fits("four quiet herons", Some(&hash)).await.unwrap());
        assert!(!passwords.fits("four quiet heron", Some(&hash)).await.unwrap());
        assert!(!passwords.fits("four quiet herons", None).await.unwrap());
        assert!(!passwords.fits("", Some(&PasswordHash::default())).await.unwrap(), "none was chosen yet");
        assert_ne!(hash, passwords.hash("four quiet herons").await.unwrap(), "each has salt of its own");
        assert!(!format!("{hash:?}{passwords:?}").contains("argon2id"));
    }

    #[test]
    fn what_is_tried_first_is_not_taken() {
        for (password, weak) in [
            ("short", Weak::Short),
            ("ñañañañ", Weak::Short),
            ("Password123", Weak::Common),
            ("12345678", Weak::Common),
            ("1234567890", Weak::Common),
            ("hgfedcba", Weak::Common),
            ("zzzzzzzzzz", Weak::Common),
            ("Maria.Ortega@example.org", Weak::OfAddress),
            ("maria.ortega", Weak::OfAddress),
            (&"x1".repeat(150), Weak::Long),
        ] {
            assert_eq!(judge(password, "maria.ortega@example.org"), Err(weak), "{password}");
        }
        for password in ["four quiet herons", "ñandú entre juncos", "x7!kPq2#", &"é9".repeat(64)] {
            assert_eq!(judge(password, "maria.ortega@example.org"), Ok(()), "{password}");
        }
    }
}
