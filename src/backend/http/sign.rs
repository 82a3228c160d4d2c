//! What proves who calls: Basic, keyed hashes, AWS signatures, tokens of our own. It is made last, over the request as it leaves.

use super::{
    Outgoing,
    request::{self, Inputs},
};
use crate::{
    fault::{Fault, code},
    plan::http::{Auth, Dialect, Template, dialect::Hmac},
    value::{Brief, Value, time::Moment},
};
use aws_lc_rs::{digest, hmac};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use std::collections::HashMap;

type Secrets = HashMap<String, String>;

/// Puts what the dialect wants onto a request.
pub(super) fn sign(
    dialect: &Dialect,
    secrets: &Secrets,
    out: &mut Outgoing,
    now: Moment,
) -> Result<(), Fault> {
    for auth in &dialect.auth {
        match auth {
            Auth::Basic { user, password } => {
                let pair = format!("{}:{}", fill(user, secrets)?, fill(password, secrets)?);
                out.headers.push(("authorization".into(), format!("Basic {}", STANDARD.encode(pair)).into()));
            }
            Auth::Jwt { secret, claims, life, header, scheme } => {
                let token = token(&fill(secret, secrets)?, claims, life.as_secs(), secrets, now)?;
                out.headers.push((header.clone().into(), format!("{scheme} {token}").trim().into()));
            }
            Auth::Hmac(hmac) => keyed(hmac, secrets, out, now)?,
            Auth::Aws { service, region, key, secret } => {
                let (region, key) = (fill(region, secrets)?, fill(key, secrets)?);
                aws(service, &region, &key, &fill(secret, secrets)?, out, now);
            }
            // It stands in the envelope.
            Auth::UsernameToken { .. } => {}
        }
    }
    Ok(())
}

fn missing(name: &str) -> Fault {
    Fault::plain(&code::INTERNAL).detail(format!("nothing supplies `{name}`"))
}

fn fill(template: &Template, secrets: &Secrets) -> Result<String, Fault> {
    request::text(template, &Inputs::default(), secrets).map_err(|name| missing(&name))
}

/// Path and query of an address.
fn target(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(digest::digest(&digest::SHA256, bytes))
}

fn keyed(words: &Hmac, secrets: &Secrets, out: &mut Outgoing, now: Moment) -> Result<(), Fault> {
    let body = out.body.as_deref().unwrap_or_default();
    let text = |text: &str| Value::Text(text.into());
    let mut kept = vec![
        ("method".to_owned(), text(out.method)),
        ("path".to_owned(), text(target(&out.url))),
        ("body".to_owned(), text(&String::from_utf8_lossy(body))),
        ("bodyHash".to_owned(), text(&hash(body))),
        ("time".to_owned(), text(&now.seconds.to_string())),
    ];
    let inputs = Inputs { kept: &kept, ..Inputs::default() };
    let over = request::text(&words.over, &inputs, secrets).map_err(|name| missing(&name))?;
    let algorithm = if words.sha512 { hmac::HMAC_SHA512 } else { hmac::HMAC_SHA256 };
    let key = hmac::Key::new(algorithm, fill(&words.secret, secrets)?.as_bytes());
    let tag = hmac::sign(&key, over.as_bytes());
    let signature = if words.base64 { STANDARD.encode(tag) } else { hex::encode(tag) };
    kept.push(("signature".to_owned(), Value::Text(signature.into())));
    let inputs = Inputs { kept: &kept, ..Inputs::default() };
    for (name, template) in &words.headers {
        let value = request::text(template, &inputs, secrets).map_err(|name| missing(&name))?;
        out.headers.push((name.clone().into(), request::header_value(&value)?));
    }
    Ok(())
}

/// A token signed with HS256 (RFC 7515, RFC 7519), with `iat` and `exp`.
fn token(
    secret: &str,
    claims: &[(String, Template)],
    life: u64,
    secrets: &Secrets,
    now: Moment,
) -> Result<String, Fault> {
    let mut payload = Value::Object(Vec::new());
    for (name, template) in claims {
        payload.set(name, Value::Text(fill(template, secrets)?.into()));
    }
    payload.set("iat", Value::Number(now.seconds.to_string().into()));
    let end = now.seconds.saturating_add_unsigned(life);
    payload.set("exp", Value::Number(end.to_string().into()));
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(payload.to_json()));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), signed.as_bytes());
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag)))
}

/// AWS Signature Version 4 ("Create a signed AWS API request", AWS IAM user guide), over all headers that are there.
fn aws(service: &str, region: &str, key: &str, secret: &str, out: &mut Outgoing, now: Moment) {
    let stamp = stamp(now);
    let day = stamp.get(..8).unwrap_or_default().to_owned();
    let host = out.url.split_once("://").map_or("", |(_, rest)| rest);
    let host = host.split(['/', '?']).next().unwrap_or_default().to_owned();
    let body_hash = hash(out.body.as_deref().unwrap_or_default());
    out.headers.push(("x-amz-date".into(), stamp.as_str().into()));
    let mut signed: Vec<(Brief, String)> = out
        .headers
        .iter()
        .map(|(n, v)| (n.clone(), v.split_whitespace().collect::<Vec<_>>().join(" ")))
        .collect();
    signed.push(("host".into(), host));
    signed.sort();
    let names = signed.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>().join(";");
    let headers = signed.iter().fold(String::new(), |all, (n, v)| all + n.as_str() + ":" + v + "\n");
    let (path, query) = target(&out.url).split_once('?').unwrap_or((target(&out.url), ""));
    let mut query: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
    query.sort_unstable();
    let canonical = format!("{}\n{path}\n{}\n{headers}\n{names}\n{body_hash}", out.method, query.join("&"));
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let to_sign = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hash(canonical.as_bytes()));
    let step = |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
    let mut signing = step(format!("AWS4{secret}").as_bytes(), &day);
    for part in [region, service, "aws4_request"] {
        signing = step(signing.as_ref(), part);
    }
    let signature = hex::encode(step(signing.as_ref(), &to_sign));
    let value =
        format!("AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}");
    out.headers.push(("authorization".into(), value.into()));
}

/// A time as `20150830T123600Z`.
fn stamp(now: Moment) -> String {
    let mut text = crate::value::time::Short::EMPTY;
    // A time before the year 0 or behind 9999 is no clock's.
    let whole = Moment { nanos: 0, ..now };
    whole.print(&mut text).unwrap_or_default();
    text.as_str().chars().filter(|c| !matches!(c, '-' | ':')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(method: &'static str, url: &str, body: Option<&str>) -> Outgoing {
        Outgoing {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: body.map(|b| bytes::Bytes::copy_from_slice(b.as_bytes())),
            deadline: tokio::time::Instant::now(),
            limit: 0,
        }
    }

    /// The vector `get-vanilla` of AWS's signature test suite.
    #[tokio::test]
    async fn aws_signs_as_its_test_suite_says() {
        let now = Moment::parse("2015-08-30T12:36:00Z").unwrap();
        let mut out = outgoing("GET", "https://example.amazonaws.com/", None);
        let (key, secret) = ("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
        aws("service", "us-east-1", key, secret, &mut out, now);
        let (_, value) = out.headers.last().unwrap();
        assert!(
            value.ends_with("Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            "{value}"
        );
    }

    /// Test case 2 of RFC 4231: the key `Jefe` and its text.
    #[tokio::test]
    async fn hmac_signs_as_rfc_4231_says() {
        let mut out = outgoing("GET", "https://a.example/x", None);
        let words = Hmac {
            sha512: false,
            secret: Template::literal("Jefe"),
            over: Template::literal("what do ya want for nothing?"),
            base64: false,
            headers: vec![("x-signature".into(), Template::parse("{signature}").unwrap())],
        };
        keyed(&words, &Secrets::new(), &mut out, Moment { seconds: 1, nanos: 0 }).unwrap();
        assert_eq!(out.headers[0].1, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }

    #[tokio::test]
    async fn a_token_has_its_claims_and_its_end() {
        let claims = [("iss".to_owned(), Template::parse("${key}").unwrap())];
        let secrets = Secrets::from([("key".to_owned(), "abc".to_owned())]);
        let made = token("secret", &claims, 60, &secrets, Moment { seconds: 100, nanos: 0 }).unwrap();
        let payload = URL_SAFE_NO_PAD.decode(made.split('.').nth(1).unwrap()).unwrap();
        assert_eq!(payload, br#"{"iss":"abc","iat":100,"exp":160}"#);
    }
}
