//! Headers that mean to mislead whoever keeps answers, and odd spellings of a target.

use super::dice::Dice;
use std::fmt::Write;

/// What a request brings besides its token.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    /// What may count: the form, and the tag that the caller has.
    pub accept: Option<&'static str>,
    pub if_none_match: Option<String>,
    /// What must not count.
    pub poison: Vec<(&'static str, String)>,
    /// A second credential of somebody else: such a request is refused as a whole.
    pub second: Option<(&'static str, String)>,
}

const FORMS: &[&str] = &[
    "application/json",
    "application/xml",
    "*/*",
    "text/html, application/xml;q=0.9, */*;q=0.1",
    "image/png",
    "application/json;q=0.4, application/xml;q=0.5",
    "application/*;q=0",
    "APPLICATION/XML",
];

const POISON: &[(&str, &[&str])] = &[
    ("host", &["evil.example", "127.0.0.1:8080@evil.example", "admin.internal"]),
    ("forwarded", &["for=10.0.0.1;host=evil.example;proto=https", "for=\"[::1]\""]),
    ("x-forwarded-for", &["127.0.0.1", "10.0.0.1, 127.0.0.1"]),
    ("x-forwarded-host", &["evil.example", "admin.internal"]),
    ("x-forwarded-proto", &["https", "gopher"]),
    ("x-forwarded-prefix", &["/admin", "/../.."]),
    ("x-original-url", &["/v1/customers", "/v1/pets/109", "/cache/purge"]),
    ("x-rewrite-url", &["/v1/customers", "/v1/medical-records"]),
    ("x-http-method-override", &["DELETE", "PATCH"]),
    ("x-method-override", &["PUT"]),
    ("x-user", &["admin"]),
    ("x-remote-user", &["admin"]),
    ("x-role", &["admin"]),
    ("x-portico-caller", &["operator"]),
    ("cookie", &["session=1; role=admin", "access_token=x"]),
    ("cache-control", &["no-cache", "max-age=0", "only-if-cached", "public, max-age=31536000", "no-store"]),
    ("pragma", &["no-cache"]),
    ("surrogate-control", &["max-age=3600"]),
    ("vary", &["*", "Authorization"]),
    ("cdn-cache-control", &["public"]),
    ("age", &["0"]),
    ("etag", &["\"x\""]),
    ("if-modified-since", &["Sat, 21 Nov 2036 07:28:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"]),
    ("if-unmodified-since", &["Thu, 01 Jan 1970 00:00:00 GMT"]),
    ("if-range", &["\"x\""]),
    ("range", &["bytes=0-0", "bytes=5-", "items=0-1"]),
    ("accept-encoding", &["gzip, br", "identity;q=0", "*"]),
    ("accept-charset", &["utf-7"]),
    ("transfer-encoding", &["identity"]),
    ("content-type", &["text/plain", "application/xml"]),
    ("content-length", &["0"]),
    ("expect", &["something"]),
    ("upgrade", &["h2c"]),
    ("via", &["1.1 cache"]),
    ("traceparent", &["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]),
    ("x-request-id", &["another's"]),
    ("idempotency-key", &["1"]),
    ("referer", &["http://127.0.0.1:8080/v1/customers"]),
    ("origin", &["https://evil.example", "null"]),
];

/// What somebody sends along: mostly something, seldom nothing. `tags` are those that anybody was answered with.
pub fn extra(dice: &mut Dice, tags: &[String], tokens: &[String]) -> Extra {
    let mut extra = Extra::default();
    if dice.once_in(3) {
        extra.accept = Some(FORMS[dice.below(FORMS.len())]);
    }
    if dice.once_in(4) && !tags.is_empty() {
        extra.if_none_match = Some(match dice.below(4) {
            0 => "*".to_owned(),
            1 => format!("W/{}, {}", dice.pick(tags), dice.pick(tags)),
            _ => dice.pick(tags).clone(),
        });
    }
    for _ in 0..dice.below(5) {
        let (name, values) = dice.pick(POISON);
        extra.poison.push((name, (*dice.pick(values)).to_owned()));
    }
    if dice.once_in(40) {
        let token = dice.pick(tokens);
        extra.second = Some(match dice.below(2) {
            0 => ("x-api-key", token.clone()),
            _ => ("authorization", format!("Bearer {token}")),
        });
    }
    extra
}

/// The same path with some letters encoded, with a suffix, or in another case; and its parameters in another order, with
/// some encoded, twice, or empty.
pub fn odd(dice: &mut Dice, path: &str, parameters: &[String]) -> String {
    let encoded = |dice: &mut Dice, text: &str, often: usize| {
        text.bytes().fold(String::new(), |mut all, byte| {
            if byte != b'/' && byte != b'=' && byte != b'%' && byte != b'&' && dice.once_in(often) {
                let _ = if dice.once_in(2) { write!(all, "%{byte:02x}") } else { write!(all, "%{byte:02X}") };
            } else {
                all.push(char::from(byte));
            }
            all
        })
    };
    let mut out = if dice.once_in(3) { encoded(dice, path, 6) } else { path.to_owned() };
    match dice.below(80) {
        15..=23 => out.push_str(".json"),
        24..=29 => out.push_str(".xml"),
        6 => out = out.to_uppercase(),
        7 => out.push('/'),
        8 => out = out.replacen("/v1", "/v1/./", 1),
        9 => out = out.replacen("/v1/", "/v1//", 1),
        10 => out.push_str("/../109"),
        11 => out.push_str("%2e%2e"),
        12 => out.push_str(";x=.css"),
        13 => out.push_str("/x.css"),
        14 => out.push_str("%00.css"),
        _ => {}
    }
    let mut all: Vec<String> = parameters
        .iter()
        .map(|one| if dice.once_in(4) { encoded(dice, one, 5) } else { one.clone() })
        .collect();
    if dice.once_in(3) {
        all.reverse();
    }
    if !all.is_empty() && dice.once_in(25) {
        let twice = dice.pick(&all).clone();
        all.push(twice);
    }
    match dice.below(60) {
        0 => all.push(String::new()),
        1 => all.push("_=1234".to_owned()),
        2 => all.push("suppress_response_codes=true".to_owned()),
        3 => all.push("utm_source=x".to_owned()),
        4 => all.push("access_token=x".to_owned()),
        5 => all.push("method=delete".to_owned()),
        _ => {}
    }
    if !all.is_empty() || dice.once_in(20) {
        out.push('?');
        out.push_str(&all.join(if dice.once_in(15) { "&&" } else { "&" }));
    }
    out
}
