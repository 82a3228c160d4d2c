//! What a verified token says, read strictly: who issued it, for whom, until when, bound to what. Our own tokens say it
//! in the names of RFC 9068; those of other issuers in names that the configuration maps. It verifies nothing.

use super::{
    Caller, jws,
    revoked::{Marks, foreign_subject},
};
use crate::plan::identity::Issuer;
use serde_json::{Map, Value};

/// The members of a token's payload.
pub type Payload = Map<String, Value>;

/// Clocks may differ by so many seconds.
pub const LEEWAY: i64 = 30;
/// More roles, scopes or claims than these are not read: nobody has them.
const MOST: usize = 256;
/// A name, a role or a key is no longer.
const LONGEST: usize = 512;

/// What is true of a token beside who it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub audience: Vec<Box<str>>,
    /// Seconds since 1970.
    pub expires: i64,
    pub not_before: Option<i64>,
    pub binding: Binding,
    pub marks: Marks,
}

/// What the bearer has to hold beside the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    Nothing,
    /// A key, by its thumbprint as base64url (RFC 9449, section 6).
    Key(Box<str>),
    /// A certificate, by its hash (RFC 8705, section 3.1).
    Certificate([u8; 32]),
}

/// What is wrong with the claims: the name of one, never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("`{0}` is missing or of the wrong form")]
    Form(&'static str),
    #[error("it is bound in a way that cannot be checked")]
    Binding,
    #[error("it is an identity token or a refresh token, and no access token")]
    Kind,
}

type Read<T> = Result<T, Wrong>;

// === impl Terms ===

impl Terms {
    /// Whether the token has ended by now (seconds since 1970), the leeway included.
    pub fn has_ended(&self, now: i64) -> bool {
        now >= self.expires.saturating_add(LEEWAY)
    }

    /// Whether it is from the future.
    pub fn is_early(&self, now: i64) -> bool {
        let from = now.saturating_add(LEEWAY);
        self.marks.issued > from || self.not_before.is_some_and(|before| before > from)
    }
}

/// Reads the claims of our own access tokens (RFC 9068, section 2.2): all that is required there is.
pub fn own(payload: &Payload) -> Read<(Caller, Terms)> {
    let subject = need(payload, "sub")?;
    let client = need(payload, "client_id")?;
    let terms = Terms {
        audience: texts(payload, "aud")?.ok_or(Wrong::Form("aud"))?,
        expires: seconds(payload, "exp")?.ok_or(Wrong::Form("exp"))?,
        not_before: seconds(payload, "nbf")?,
        binding: binding(payload)?,
        marks: Marks {
            token: Some(need(payload, "jti")?),
            grant: text(payload, "grant")?,
            client: Some(client.clone()),
            subject: Some(subject.clone()),
            issued: seconds(payload, "iat")?.ok_or(Wrong::Form("iat"))?,
        },
    };
    let claims = match payload.get("claims") {
        None => Vec::new(),
        Some(Value::Object(members)) if members.len() <= MOST => members
            .iter()
            .map(|(name, value)| Ok((name.as_str().into(), scalar(value).ok_or(Wrong::Form("claims"))?)))
            .collect::<Read<_>>()?,
        Some(_) => return Err(Wrong::Form("claims")),
    };
    let caller = Caller {
        subject: Some(subject),
        client: Some(client),
        roles: texts(payload, "roles")?.unwrap_or_default(),
        scopes: words(payload, "scope")?,
        claims,
        consent: terms.marks.grant.clone(),
        tier: text(payload, "tier")?,
        ..Caller::default()
    };
    Ok((caller, terms))
}

/// Reads the claims of another issuer's token, by what the configuration says of it. Groups that are not mapped are no
/// roles here.
pub fn foreign(payload: &Payload, issuer: &Issuer) -> Read<(Caller, Terms)> {
    // What an identity token has and an access token has not (OpenID Connect Core 1.0, sections 2 and 3.3.2.11), and
    // what widespread issuers call their tokens.
    let named = payload.get("typ").and_then(Value::as_str).map(str::to_ascii_lowercase);
    let other = named.as_deref().is_some_and(|kind| ["id", "refresh", "offline", "logout"].contains(&kind));
    if other || ["nonce", "at_hash", "c_hash"].iter().any(|name| payload.contains_key(*name)) {
        return Err(Wrong::Kind);
    }
    let subject = need(payload, "sub")?;
    let mut client = None;
    for name in ["client_id", "azp", "appid", "cid"] {
        client = client.or(text(payload, name)?);
    }
    let mut roles: Vec<Box<str>> = Vec::new();
    if let Some(mapped) = &issuer.roles {
        for group in listed(payload, &mapped.from).ok_or(Wrong::Form("roles"))? {
            for (_, role) in mapped.map.iter().filter(|(name, _)| **name == *group) {
                if !roles.contains(role) {
                    roles.push(role.clone());
                }
            }
        }
    }
    let mut claims = Vec::new();
    for (ours, theirs) in &issuer.claims {
        match find(payload, theirs) {
            None | Some(Value::Null) => {}
            Some(value) => claims.push((ours.clone(), scalar(value).ok_or(Wrong::Form("claims"))?)),
        }
    }
    let scopes = match &issuer.scopes {
        None => None,
        Some(name) => Some(listed(payload, name).ok_or(Wrong::Form("scopes"))?),
    };
    let terms = Terms {
        audience: texts(payload, "aud")?.unwrap_or_default(),
        expires: seconds(payload, "exp")?.ok_or(Wrong::Form("exp"))?,
        not_before: seconds(payload, "nbf")?,
        binding: binding(payload)?,
        marks: Marks {
            token: text(payload, "jti")?.map(|jti| foreign_subject(&issuer.issuer, &jti)),
            grant: None,
            client: client.as_ref().map(|client| foreign_subject(&issuer.issuer, client)),
            subject: Some(foreign_subject(&issuer.issuer, &subject)),
            issued: seconds(payload, "iat")?.unwrap_or_default(),
        },
    };
    let caller = Caller {
        subject: Some(subject),
        issuer: Some(issuer.issuer.clone()),
        client,
        roles,
        scopes,
        claims,
        tier: issuer.tier.clone(),
        ..Caller::default()
    };
    Ok((caller, terms))
}

/// A member by its name as it is, or by names with dots between them.
fn find<'v>(payload: &'v Payload, name: &str) -> Option<&'v Value> {
    payload.get(name).or_else(|| {
        let mut steps = name.split('.');
        let first = payload.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    })
}

/// A text or a number, as the key of a record may be either.
fn scalar(value: &Value) -> Option<Box<str>> {
    match value {
        Value::String(text) if !text.is_empty() && text.len() <= LONGEST => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

fn text(payload: &Payload, name: &'static str) -> Read<Option<Box<str>>> {
    match payload.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() && text.len() <= LONGEST => {
            Ok(Some(text.as_str().into()))
        }
        Some(_) => Err(Wrong::Form(name)),
    }
}

fn need(payload: &Payload, name: &'static str) -> Read<Box<str>> {
    text(payload, name)?.ok_or(Wrong::Form(name))
}

/// A text, or a list of texts.
fn texts(payload: &Payload, name: &'static str) -> Read<Option<Vec<Box<str>>>> {
    match payload.get(name) {
        None => Ok(None),
        Some(value) => several(value).map(Some).ok_or(Wrong::Form(name)),
    }
}

fn several(value: &Value) -> Option<Vec<Box<str>>> {
    let one = |value: &Value| match value {
        Value::String(text) if !text.is_empty() && text.len() <= LONGEST => Some(text.as_str().into()),
        _ => None,
    };
    match value {
        Value::Array(items) if items.len() <= MOST => items.iter().map(one).collect(),
        value => one(value).map(|one| vec![one]),
    }
}

/// Words with blanks between them (RFC 6749, section 3.3).
fn words(payload: &Payload, name: &'static str) -> Read<Option<Vec<Box<str>>>> {
    match payload.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => split(text).map(Some).ok_or(Wrong::Form(name)),
        Some(_) => Err(Wrong::Form(name)),
    }
}

fn split(text: &str) -> Option<Vec<Box<str>>> {
    let words: Vec<Box<str>> = text.split(' ').filter(|word| !word.is_empty()).map(Into::into).collect();
    (words.len() <= MOST).then_some(words)
}

/// Words with blanks between them, or a list of texts; none where there is nothing. `None` for any other form.
fn listed(payload: &Payload, name: &str) -> Option<Vec<Box<str>>> {
    match find(payload, name) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::String(text)) => split(text),
        Some(list @ Value::Array(_)) => several(list),
        Some(_) => None,
    }
}

/// A `NumericDate` (RFC 7519, section 2) in whole seconds.
pub(super) fn seconds(payload: &Payload, name: &'static str) -> Read<Option<i64>> {
    match payload.get(name) {
        None => Ok(None),
        // What has a fraction is cut (it may have one), and what is beyond all whole numbers is none.
        Some(Value::Number(number)) => {
            let digits = number.to_string();
            let whole = digits.split_once('.').map_or(digits.as_str(), |(whole, _)| whole);
            if digits.contains(['e', 'E']) {
                return Err(Wrong::Form(name));
            }
            whole.parse().map(Some).map_err(|_| Wrong::Form(name))
        }
        Some(_) => Err(Wrong::Form(name)),
    }
}

/// What `cnf` says (RFC 7800). A way that is not known could not be checked, so that it is no way in.
fn binding(payload: &Payload) -> Read<Binding> {
    let members = match payload.get("cnf") {
        None => return Ok(Binding::Nothing),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(Wrong::Binding),
    };
    let mut members = members.iter();
    let (Some((name, Value::String(text))), None) = (members.next(), members.next()) else {
        return Err(Wrong::Binding);
    };
    let hash = jws::decode(text).and_then(|hash| <[u8; 32]>::try_from(hash).ok());
    match (name.as_str(), hash) {
        ("jkt", Some(_)) => Ok(Binding::Key(text.as_str().into())),
        ("x5t#S256", Some(hash)) => Ok(Binding::Certificate(hash)),
        _ => Err(Wrong::Binding),
    }
}

#[cfg(test)]
mod tests;
