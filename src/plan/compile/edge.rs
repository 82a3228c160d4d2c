//! The words of the edge: certificates by name, origins, and whom to tell of a weakness.

use super::Compiler;
use crate::{
    fault::mapping as m,
    plan::edge::{Cors, Named, SecurityTxt},
    spec::{
        Doc,
        load::normal,
        words::{self, config},
    },
    value::time::{Date, Moment},
};
use std::{collections::HashSet, fmt::Write, time::Duration};

/// What an API has, reads and writes where `cors` says no less.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const HEADERS: [&str; 9] = [
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "DPoP",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Api-Key",
];
const EXPOSE: [&str; 9] = [
    "Age",
    "Cache-Status",
    "ETag",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
];
const MAX_AGE: Duration = Duration::from_mins(10);
/// Browsers remember it for a day at most.
const LONGEST: Duration = Duration::from_hours(24);

impl Compiler<'_> {
    /// The certificates by name of a listener, whose words stand at `path`.
    pub(super) fn certificates(
        &mut self,
        config: &Doc<words::Config>,
        path: &[&str],
        tls: &config::Tls,
    ) -> Vec<Named> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for (at, one) in tls.named.iter().enumerate() {
            let at = at.to_string();
            let mut names = Vec::new();
            for (number, text) in one.names.iter().enumerate() {
                let number = number.to_string();
                let place = [path, &["tls", "named", &at, "names", &number]].concat();
                let name = text.to_ascii_lowercase();
                if !is_name(&name) {
                    let message = format!("`{text}` is no host name");
                    let hint = Some("write for example `api.example.com` or `*.example.com`".into());
                    config.error(self.out, m::BAD_NAME, &place, message, hint);
                } else if !seen.insert(name.clone()) {
                    let message = format!("there is another certificate for `{name}`");
                    let hint = Some("leave the name to one of them".into());
                    config.error(self.out, m::BAD_NAME, &place, message, hint);
                } else {
                    names.push(name);
                }
            }
            let file = |name: &String| normal(&self.files.root.join(name));
            all.push(Named { names, certificate: file(&one.certificate), key: file(&one.key) });
        }
        all
    }

    /// What other origins' pages may do with an API.
    pub(super) fn cors(&mut self, api: &Doc<words::Api>) -> Option<Cors> {
        let said = api.words.cors.as_ref()?;
        let mut origins = Vec::new();
        for (at, text) in said.origins.iter().enumerate() {
            let at = at.to_string();
            let place = ["cors", "origins", at.as_str()];
            let wrong = match text.as_str() {
                "*" if said.credentials => Some((
                    "`*` does not go with `credentials`: every page could act for whoever looks at it"
                        .to_owned(),
                    "list the origins, or leave `credentials` out",
                )),
                "*" if said.origins.len() > 1 => {
                    Some(("`*` stands alone".to_owned(), "list the origins, or write `*` alone"))
                }
                "*" => None,
                "null" => Some((
                    "`null` is the origin of any page in a sandbox".to_owned(),
                    "name the origin that the page has",
                )),
                text => not_an_origin(text).map(|why| {
                    (format!("`{text}` {why}"), "write it as browsers send it: `https://app.example.com`")
                }),
            };
            match wrong {
                Some((message, hint)) => {
                    api.error(self.out, m::BAD_CORS, &place, message, Some(hint.into()));
                }
                None => origins.push(text.clone()),
            }
        }
        for (at, method) in said.methods.iter().enumerate() {
            if !METHODS.contains(&method.as_str()) {
                let hint = Some(format!("write some of {}", METHODS.join(", ")));
                let place = ["cors", "methods", &at.to_string()];
                api.error(self.out, m::BAD_CORS, &place, format!("`{method}` is no method of an API"), hint);
            }
        }
        for (word, names) in [("headers", &said.headers), ("expose", &said.expose)] {
            for (at, name) in names.iter().enumerate().filter(|(_, name)| !is_token(name)) {
                let hint = Some("name each header".into());
                let place = ["cors", word, &at.to_string()];
                api.error(self.out, m::BAD_CORS, &place, format!("`{name}` is no header's name"), hint);
            }
        }
        let max_age = said.max_age.map_or(MAX_AGE, |span| span.0);
        if max_age > LONGEST {
            let hint = Some("write `1d` or less".into());
            api.error(self.out, m::BAD_CORS, &["cors", "maxAge"], "no browser remembers it so long", hint);
        }
        let list = |said: &[String], usual: &[&str]| {
            if said.is_empty() { usual.join(", ") } else { said.join(", ") }
        };
        Some(Cors {
            any: origins.iter().any(|origin| origin == "*"),
            origins,
            methods: list(&said.methods, &METHODS),
            headers: list(&said.headers, &HEADERS),
            expose: list(&said.expose, &EXPOSE),
            max_age: max_age.as_secs(),
            credentials: said.credentials,
        })
    }

    /// The file of RFC 9116. Whether it is still true is asked by whoever knows the time.
    pub(super) fn security_txt(&mut self, config: &Doc<words::Config>) -> Option<SecurityTxt> {
        let said = config.words.security_txt.as_ref()?;
        let mut text = String::new();
        let fields: [(&str, &str, &[String]); 5] = [
            ("contact", "Contact", &said.contact),
            ("encryption", "Encryption", &said.encryption),
            ("acknowledgments", "Acknowledgments", &said.acknowledgments),
            ("policy", "Policy", &said.policy),
            ("hiring", "Hiring", &said.hiring),
        ];
        for (word, field, values) in fields {
            for (at, value) in values.iter().enumerate() {
                if is_uri(value, word) {
                    let _ = writeln!(text, "{field}: {value}");
                    continue;
                }
                let schemes = match word {
                    "contact" => "`mailto:security@example.com`, `https://…` or `tel:+1-201-555-0123`",
                    "encryption" => "`https://…`, `dns:…` or `openpgp4fpr:…`",
                    _ => "`https://…`",
                };
                let message = format!("`{value}` is no address for `{word}`");
                let place = ["securityTxt", word, &at.to_string()];
                config.error(self.out, m::BAD_CONTACT, &place, message, Some(format!("write {schemes}")));
            }
        }
        for (at, tag) in said.languages.iter().enumerate() {
            let sound = |part: &str| {
                (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
            };
            if !tag.split('-').all(sound) {
                let hint = Some("write for example `en` or `pt-BR`".into());
                let place = ["securityTxt", "languages", &at.to_string()];
                config.error(self.out, m::BAD_CONTACT, &place, format!("`{tag}` is no language's tag"), hint);
            }
        }
        if !said.languages.is_empty() {
            let _ = writeln!(text, "Preferred-Languages: {}", said.languages.join(", "));
        }
        let day = || Date::parse(&said.expires).and_then(|date| Moment::new(date, 0, 0, 0, 0));
        let Some(expires) = Moment::parse(&said.expires).or_else(day) else {
            let hint = Some("write for example `2027-06-30` or `2027-06-30T12:00:00Z`".into());
            let message = format!("`{}` is no date and no time", said.expires);
            config.error(self.out, m::BAD_CONTACT, &["securityTxt", "expires"], message, hint);
            return None;
        };
        let mut printed = crate::value::time::Short::EMPTY;
        expires.print(&mut printed)?;
        let _ = writeln!(text, "Expires: {}", printed.as_str());
        let public = config.words.public_url.trim_end_matches('/');
        if public.starts_with("https://") {
            let _ = writeln!(text, "Canonical: {public}/.well-known/security.txt");
        }
        Some(SecurityTxt { text, expires })
    }
}

/// A name that a certificate can have: labels, of which the first may be `*`.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let rest = name.strip_prefix("*.").unwrap_or(name);
    let wild = rest.len() < name.len();
    name.len() <= 253 && rest.split('.').all(label) && (!wild || rest.contains('.'))
}

/// Why a text is not what browsers send as an origin (RFC 6454 section 6.2): a scheme, a host, and a port where it is not
/// the scheme's own.
fn not_an_origin(text: &str) -> Option<&'static str> {
    let (usual, rest) = match text.split_once("://") {
        Some(("https", rest)) => ("443", rest),
        Some(("http", rest)) => ("80", rest),
        _ => return Some("is no web page's origin"),
    };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let sound = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.starts_with("*.") && is_name(host),
    };
    if !sound {
        return Some("has no host, or more than that");
    }
    if port == Some(usual) {
        return Some("names the port that browsers leave out");
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err() || port.starts_with('0')) {
        return Some("has no port that can be");
    }
    let loopback = host == "localhost" || host.starts_with("127.") || bare == Some("::1");
    (usual == "80" && !loopback).then_some("is a page that anybody on the way can change")
}

/// `token` of RFC 9110 section 5.6.2, and not `*`, which does not stand for `Authorization`.
fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name != "*"
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_!#$%&'+.^`|~".contains(&byte))
}

/// An address of a field (RFC 9116 section 2.5): web addresses are `https`.
fn is_uri(value: &str, word: &str) -> bool {
    let schemes: &[&str] = match word {
        "contact" => &["mailto:", "https://", "tel:"],
        "encryption" => &["https://", "dns:", "openpgp4fpr:"],
        _ => &["https://"],
    };
    let rest = schemes.iter().find_map(|scheme| value.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_as_browsers_send_them() {
        for origin in [
            "https://app.example.com",
            "https://app.example.com:8443",
            "http://localhost:5173",
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
        ] {
            assert_eq!(not_an_origin(origin), None, "{origin}");
        }
        for text in [
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com:443",
            "https://*.example.com",
            "https://App.example.com",
            "https://user@app.example.com",
            "https://app.example.com:port",
            "http://app.example.com",
            "ftp://app.example.com",
            "https://",
        ] {
            assert!(not_an_origin(text).is_some(), "{text}");
        }
    }

    #[test]
    fn names_of_certificates() {
        for name in ["localhost", "api.example.com", "*.example.com", "xn--bcher-kva.example"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "*", "*.com", "a.*.example.com", "-a.example", "a..b", "a_b.example", "a/b"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn addresses_of_security_txt() {
        assert!(is_uri("mailto:a@b.example", "contact"));
        assert!(is_uri("openpgp4fpr:5f2d", "encryption"));
        for (value, word) in
            [("a@b.example", "contact"), ("http://b.example", "policy"), ("https://b\nX: y", "contact")]
        {
            assert!(!is_uri(value, word), "{value}");
        }
    }
}
