//! A request of a browser, taken apart: its cookies, its language, its form, and whether the form is one that we gave it.

use super::Pages;
use crate::{
    fault::Fault,
    identity::Peer,
    ledger::accounts::{Account, Session},
    oauth::accounts::{
        language::{Language, accepted},
        sessions::{Cookies, cookie},
    },
    pages::people::Page,
};
use aws_lc_rs::hmac;
use axum::{body::to_bytes, extract::Request};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, header, request::Parts};
use percent_encoding::percent_decode_str;
use std::net::IpAddr;

/// No form of ours is longer.
const LONGEST: usize = 64 * 1024;

/// A request of a browser.
pub(super) struct Visit {
    pub head: Parts,
    pub cookies: String,
    pub query: Vec<(String, String)>,
    pub form: Vec<(String, String)>,
    pub language: Language,
    /// The language was chosen by this request.
    pub chose: bool,
    /// Who is logged in.
    pub who: Option<(Session, Account)>,
    /// The value that forms are tied to: the session's cookie, or the one that was given before there was a session.
    pub tied: String,
    /// A cookie that has to be set, since there was none.
    pub fresh: bool,
    pub names: Cookies,
}

impl Visit {
    pub async fn of(pages: &Pages, request: Request) -> Result<Self, Fault> {
        let (head, body) = request.into_parts();
        // What is longer is no form of ours: it has no guard, and is refused for that.
        let body = to_bytes(body, LONGEST).await.unwrap_or_default();
        let form = pairs(std::str::from_utf8(&body).unwrap_or_default());
        let query = pairs(head.uri.query().unwrap_or_default());
        let cookies = joined(&head.headers);
        let names = pages.desk.cookies();
        let (language, chose) = spoken(&head.headers, &query, &cookies, names);
        let who = pages.desk.signed_in(&cookies).await?;
        let session = who.as_ref().and_then(|_| cookie(&cookies, names.session()));
        let tied = session.or_else(|| cookie(&cookies, names.form())).map(str::to_owned);
        let fresh = tied.is_none();
        let tied = match tied {
            Some(tied) => tied,
            None => crate::oauth::accounts::token()?,
        };
        Ok(Self { head, cookies, query, form, language, chose, who, tied, fresh, names })
    }

    pub fn asked(&self, name: &str) -> &str {
        find(&self.query, name)
    }

    pub fn sent(&self, name: &str) -> &str {
        find(&self.form, name)
    }

    pub fn device(&self) -> &str {
        text(&self.head.headers, header::USER_AGENT)
    }

    pub fn from(&self) -> Option<IpAddr> {
        address(&self.head)
    }

    /// What forms send back: only who holds the cookie can know it.
    pub fn guard(&self) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.tied.as_bytes());
        URL_SAFE_NO_PAD.encode(hmac::sign(&key, b"form"))
    }

    /// Whether a form is one that this browser was given here: it knows the guard, and comes from one of our pages.
    pub fn is_ours(&self, public_url: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.tied.as_bytes());
        let guard = URL_SAFE_NO_PAD.decode(self.sent("guard")).unwrap_or_default();
        let headers = &self.head.headers;
        let host = text(headers, header::HOST);
        let ours = match headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default()) {
            None => true,
            Some(origin) => {
                origin == origin_of(public_url)
                    || origin.split_once("://").is_some_and(|(_, rest)| rest == host)
            }
        };
        let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok()).unwrap_or("same-origin");
        !self.fresh && ours && site == "same-origin" && hmac::verify(&key, b"form", &guard).is_ok()
    }

    /// What each page has around it. `here` is the path that shows it again.
    pub fn page(&self, pages: &Pages, here: &str) -> Page {
        let settings = pages.desk.settings();
        let site = settings.public_url.split("://").nth(1).unwrap_or_default();
        Page {
            language: self.language,
            site: site.split('/').next().unwrap_or_default().to_owned(),
            here: here.to_owned(),
            guard: self.guard(),
            who: self.who.as_ref().and_then(|(_, account)| pages.desk.address_of(account)),
        }
    }
}

/// The language of whoever asks: that of this request, or else the one that was chosen before, or else what the browser
/// prefers. Whether it was chosen by this request.
fn spoken(
    headers: &HeaderMap,
    query: &[(String, String)],
    cookies: &str,
    names: Cookies,
) -> (Language, bool) {
    let asked = Some(find(query, "lang")).filter(|name| matches!(*name, "en" | "es"));
    let language = match asked.or_else(|| cookie(cookies, names.language())) {
        Some(name) => Language::of(name),
        None => accepted(text(headers, header::ACCEPT_LANGUAGE)),
    };
    (language, asked.is_some())
}

/// The same, where there is nothing but the request's head.
pub(in crate::oauth) fn language(head: &Parts, public_url: &str) -> Language {
    let query = pairs(head.uri.query().unwrap_or_default());
    spoken(&head.headers, &query, &joined(&head.headers), Cookies::of(public_url)).0
}

/// Scheme, host and port of an address.
pub(super) fn origin_of(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(start..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(url.len(), |at| start + at);
    url.get(..end).unwrap_or(url)
}

pub(super) fn address(head: &Parts) -> Option<IpAddr> {
    head.extensions.get::<Peer>().map(|peer| peer.address)
}

pub(super) fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// All `Cookie` lines as one: HTTP/2 may part them (RFC 9113, section 8.2.3).
fn joined(headers: &HeaderMap) -> String {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.collect::<Vec<_>>().join("; ")
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str())
}

/// `application/x-www-form-urlencoded`, as browsers write it.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let plain = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let each = text.split('&').filter(|pair| !pair.is_empty());
    each.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(n, v)| (plain(n), plain(v))).collect()
}

/// A text as the value of a query.
pub(super) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_read_as_browsers_write_them() {
        let expected = [("a", "1 2"), ("b", "ñ&="), ("c", ""), ("d", "")];
        let expected: Vec<_> = expected.map(|(n, v)| (n.to_owned(), v.to_owned())).into();
        assert_eq!(pairs("a=1+2&b=%C3%B1%26%3D&c=&&d"), expected);
    }

    #[test]
    fn an_origin_ends_before_its_path() {
        assert_eq!(origin_of("https://a.example:8443/x?y"), "https://a.example:8443");
        assert_eq!(origin_of("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
    }
}
