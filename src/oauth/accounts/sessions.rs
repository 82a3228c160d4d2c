//! Sessions: a browser that is logged in, by a cookie of which a hash is kept. A session ends after a day in which nothing came
//! of it, after two weeks in any case, when it is revoked, and when the password changes.

use super::{Desk, Minted, hash, id, token};
use crate::{
    fault::Fault,
    ledger::accounts::{Account, Session, Status},
};

pub const BROWSER: &str = "browser";
pub const APP: &str = "app";

const QUIET: i64 = 86_400;
const LONGEST: i64 = 14 * 86_400;
/// That a session is seen is not written more often.
const NOTED: i64 = 300;
/// What a device says of itself is kept so far.
const DEVICE: usize = 150;

/// The names of the cookies, and what stands behind each value. With TLS the name binds them to this host
/// (RFC 6265bis, section 4.1.3.2).
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    secure: bool,
}

impl Cookies {
    pub fn of(public_url: &str) -> Self {
        Self { secure: public_url.starts_with("https:") }
    }

    /// Holds the session.
    pub fn session(self) -> &'static str {
        if self.secure { "__Host-portico" } else { "portico" }
    }

    /// Holds what forms are tied to, before there is a session.
    pub fn form(self) -> &'static str {
        if self.secure { "__Host-portico-form" } else { "portico-form" }
    }

    /// Holds the language that was chosen.
    pub fn language(self) -> &'static str {
        if self.secure { "__Host-portico-language" } else { "portico-language" }
    }

    /// What `Set-Cookie` says; `seconds` is nothing for a cookie that ends with the browser. `Lax`, since a vendor's page
    /// leads here by a link (RFC 6265bis, section 4.1.2.7); no form of another site brings it.
    pub fn set(self, name: &str, value: &str, seconds: Option<i64>) -> String {
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
    }
}

/// The value of a cookie, by its name, from the whole header. Two of one name are none: who set the second?
pub fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut found = header.split(';').filter_map(|pair| {
        let (known, value) = pair.split_once('=')?;
        (known.trim() == name).then_some(value.trim())
    });
    let value = found.next()?;
    let plain =
        !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (plain && found.next().is_none()).then_some(value)
}

impl Desk {
    pub fn cookies(&self) -> Cookies {
        Cookies::of(&self.settings().public_url)
    }

    /// Begins a browser's session. The cookie's value. What the browser brought before is no longer good: nobody can have
    /// laid it there beforehand.
    pub async fn sign_in(&self, account: &Account, device: &str, before: &str) -> Result<String, Fault> {
        if let Some((session, _)) = self.signed_in(before).await? {
            self.ledger().revoke_session(&session.account_id, &session.id, self.now()).await?;
        }
        let (cookie, now) = (token()?, self.now());
        let session = Session {
            id: id("s")?,
            account_id: account.id.clone(),
            kind: BROWSER.to_owned(),
            token_hash: hash(&cookie),
            client_id: String::new(),
            device: shortened(device),
            created_at: now,
            seen_at: now,
            expires_at: now.saturating_add(QUIET),
        };
        self.ledger().add_session(&session).await?;
        Ok(cookie)
    }

    /// Notes that an app is logged in, until its refresh tokens end.
    pub(super) async fn note_app(
        &self,
        minted: &Minted,
        client: &str,
        device: &str,
        until: i64,
    ) -> Result<(), Fault> {
        let now = self.now();
        let session = Session {
            id: id("s")?,
            account_id: minted.account.clone(),
            kind: APP.to_owned(),
            token_hash: minted.family.clone(),
            client_id: client.to_owned(),
            device: shortened(device),
            created_at: now,
            seen_at: now,
            expires_at: until,
        };
        self.ledger().add_session(&session).await
    }

    /// Who is signed in at a browser, by the whole `Cookie` header.
    pub async fn signed_in(&self, header: &str) -> Result<Option<(Session, Account)>, Fault> {
        let Some(value) = cookie(header, self.cookies().session()) else { return Ok(None) };
        let now = self.now();
        let Some(session) = self.ledger().session(&hash(value), now).await? else { return Ok(None) };
        if session.kind != BROWSER || now >= session.created_at.saturating_add(LONGEST) {
            return Ok(None);
        }
        let Some(account) = self.ledger().account(&session.account_id).await? else { return Ok(None) };
        if account.status != Status::Active || account.verified_at == 0 {
            return Ok(None);
        }
        if now.saturating_sub(session.seen_at) >= NOTED {
            let until = now.saturating_add(QUIET).min(session.created_at.saturating_add(LONGEST));
            self.ledger().seen_session(&session.id, now, until).await?;
        }
        Ok(Some((session, account)))
    }

    /// The sessions of an account, the latest first.
    pub async fn sessions(&self, account: &str) -> Result<Vec<Session>, Fault> {
        self.ledger().sessions_of(account, self.now()).await
    }

    /// Ends one session of an account, an app's with its tokens. Whether there was one.
    pub async fn end_session(&self, account: &str, session: &str) -> Result<bool, Fault> {
        let all = self.sessions(account).await?;
        let Some(found) = all.into_iter().find(|known| known.id == session) else { return Ok(false) };
        if found.kind == APP {
            self.parts.tokens.revoke(&found.token_hash).await?;
        }
        self.ledger().revoke_session(account, session, self.now()).await
    }
}

/// What a device said of itself, without what is no text.
fn shortened(device: &str) -> String {
    device.chars().filter(|c| !c.is_control()).take(DEVICE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name_once() {
        assert_eq!(cookie("a=1; portico=x_y-9; b=2", "portico"), Some("x_y-9"));
        for header in ["", "portico", "portico=", "xportico=1", "portico=1; portico=2", "portico=a\"b"] {
            assert_eq!(cookie(header, "portico"), None, "{header}");
        }
    }

    #[test]
    fn a_cookie_stays_with_its_host() {
        let set = |url: &str| {
            let cookies = Cookies::of(url);
            cookies.set(cookies.session(), "v", None)
        };
        assert_eq!(set("https://a.example"), "__Host-portico=v; Path=/; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(set("http://127.0.0.1:8080"), "portico=v; Path=/; HttpOnly; SameSite=Lax");
    }
}
