//! How a client proves to be itself: by exactly one way, the one that it is registered for (RFC 6749, section 2.3;
//! RFC 7523; RFC 8705, section 2). Whoever fails learns no more than that.

use super::{
    arrived::Arrived,
    client::{Client, Method},
    parameters::decoded,
    refusal::Refusal,
    secrets,
    server::Server,
};
use crate::identity::{
    jws::{self, Compact},
    token::LEEWAY,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::header;
use serde_json::{Map, Value};

/// The only type of assertion (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion may end so many seconds from now: its `jti` is kept until then.
const LONGEST: i64 = 3600;

/// What a request brings.
enum Shown {
    Basic {
        id: String,
        secret: String,
    },
    Post {
        secret: String,
    },
    Assertion(String),
    /// Nothing but its id, and perhaps a certificate.
    Nothing,
}

fn unproved() -> Refusal {
    Refusal::invalid_client(
        "the client is unknown, or did not prove to be itself in the way that it is registered for",
    )
}

/// The client of a request. Refuses with `invalid_client`, or with `invalid_request` where two ways are used at once.
pub async fn client(server: &Server, arrived: &Arrived) -> Result<Client, Refusal> {
    let form = &arrived.form;
    let shown = shown(arrived)?;
    let id = match &shown {
        Shown::Basic { id, .. } => id.clone(),
        Shown::Assertion(assertion) => {
            let claims = Compact::parse(assertion).and_then(|compact| compact.unproved());
            let claims = claims.map_err(|_| unproved())?;
            claims.get("sub").and_then(Value::as_str).ok_or_else(unproved)?.to_owned()
        }
        Shown::Post { .. } | Shown::Nothing => form.get("client_id").ok_or_else(unproved)?.to_owned(),
    };
    if form.get("client_id").is_some_and(|other| other != id) {
        return Err(Refusal::invalid_request(
            "`client_id` is another client's than the one that proves itself",
        ));
    }
    let found = Client::find(&server.ledger, &id).await?;
    let now = server.now();
    let method = found.as_ref().map(|client| client.metadata.method);
    let proved = match (&shown, method) {
        (Shown::Basic { secret, .. }, method) => {
            is_secret(found.as_ref(), secret, now) && method == Some(Method::ClientSecretBasic)
        }
        (Shown::Post { secret }, method) => {
            is_secret(found.as_ref(), secret, now) && method == Some(Method::ClientSecretPost)
        }
        (Shown::Assertion(assertion), Some(Method::PrivateKeyJwt)) => match &found {
            Some(client) => is_assertion(server, client, assertion, &arrived.path, now).await?,
            None => false,
        },
        (Shown::Nothing, Some(Method::None)) => true,
        (Shown::Nothing, Some(method)) if method.is_by_certificate() => {
            let registered = found.as_ref().and_then(|client| client.metadata.certificate.as_deref());
            let came = arrived.certificate.map(|hash| jws::encode(&hash));
            matches!((registered, came), (Some(registered), Some(came)) if secrets::same(registered, &came))
        }
        _ => false,
    };
    // A client that waits for approval or was disabled gets nothing, and is told no more than a stranger.
    found.filter(|client| proved && client.is_active()).ok_or_else(unproved)
}

fn shown(arrived: &Arrived) -> Result<Shown, Refusal> {
    let form = &arrived.form;
    let mut headers = arrived.headers.get_all(header::AUTHORIZATION).iter();
    let header = headers.next();
    if headers.next().is_some() {
        return Err(Refusal::invalid_request("there are two `Authorization` headers"));
    }
    let secret = form.get("client_secret");
    let assertion = form.get("client_assertion");
    let kind = form.get("client_assertion_type");
    let ways = usize::from(header.is_some())
        + usize::from(secret.is_some())
        + usize::from(assertion.is_some() || kind.is_some());
    if ways > 1 {
        return Err(Refusal::invalid_request("the client proves itself in more than one way"));
    }
    if let Some(header) = header {
        return basic(header.to_str().unwrap_or_default()).ok_or_else(unproved);
    }
    if let Some(secret) = secret {
        return Ok(Shown::Post { secret: secret.to_owned() });
    }
    match (assertion, kind) {
        (Some(assertion), Some(JWT_BEARER)) => Ok(Shown::Assertion(assertion.to_owned())),
        (None, None) => Ok(Shown::Nothing),
        _ => Err(Refusal::invalid_request("an assertion comes with its type, which is `jwt-bearer`")),
    }
}

/// Id and secret are form-encoded before they are Base64 (RFC 6749, section 2.3.1).
fn basic(header: &str) -> Option<Shown> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some(Shown::Basic { id: decoded(id)?, secret: decoded(secret)? })
}

/// Both secrets are compared whatever the first one says, and somebody's that is not there as well.
fn is_secret(client: Option<&Client>, secret: &str, now: i64) -> bool {
    let came = secrets::hash(secret);
    let (own, former, until) = client.map_or(("", "", 0), |client| {
        (client.row.secret_hash.as_str(), client.row.former_hash.as_str(), client.row.former_until)
    });
    let nothing = "0".repeat(came.len());
    let or_nothing = |hash: &str| if hash.is_empty() { nothing.clone() } else { hash.to_owned() };
    let is_own = secrets::same(&came, &or_nothing(own));
    let is_former = secrets::same(&came, &or_nothing(former)) && now < until;
    is_own || is_former
}

/// RFC 7523, section 3: signed by a key of the client, about itself, for us, for a while, and once.
async fn is_assertion(
    server: &Server,
    client: &Client,
    assertion: &str,
    path: &str,
    now: i64,
) -> Result<bool, Refusal> {
    let Some(claims) = proved(client, assertion) else { return Ok(false) };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let rules = server.rules();
    let audiences =
        [rules.issuer.clone(), format!("{}/oauth/token", rules.issuer), format!("{}{path}", rules.issuer)];
    let is_ours =
        |audience: &Value| audience.as_str().is_some_and(|one| audiences.iter().any(|own| own == one));
    let for_us = match claims.get("aud") {
        Some(Value::Array(all)) => !all.is_empty() && all.iter().all(is_ours),
        Some(one) => is_ours(one),
        None => false,
    };
    let about_itself = text("iss") == Some(client.id()) && text("sub") == Some(client.id());
    let Some(exp) = claims.get("exp").and_then(Value::as_i64) else { return Ok(false) };
    let timely = exp > now && exp <= now.saturating_add(LONGEST);
    let later = now.saturating_add(LEEWAY);
    let begun = ["nbf", "iat"].iter().all(|name| match claims.get(*name) {
        None => true,
        Some(value) => value.as_i64().is_some_and(|time| time <= later),
    });
    let Some(jti) = text("jti").filter(|jti| (1..=256).contains(&jti.len())) else { return Ok(false) };
    if !(for_us && about_itself && timely && begun) {
        return Ok(false);
    }
    let once = secrets::hash(&format!("assertion {} {jti}", client.id()));
    Ok(server.ledger.use_once(&once, exp.saturating_add(LEEWAY)).await?)
}

/// The claims, where one of the client's keys signed them.
fn proved(client: &Client, assertion: &str) -> Option<Map<String, Value>> {
    let compact = Compact::parse(assertion).ok()?;
    let header = &compact.header;
    // Of a token or a proof of another kind this is no use.
    if header.jwk.is_some()
        || !(header.typ.is_none() || header.is("jwt") || header.is("client-authentication+jwt"))
    {
        return None;
    }
    let keys = client.metadata.keys();
    let mut fitting = keys.iter().filter(|(kid, _)| header.kid.is_none() || *kid == header.kid.as_deref());
    fitting.find_map(|(_, key)| compact.verified(key).ok())
}
