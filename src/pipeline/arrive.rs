//! A request as it came, taken apart once: one canonical path, one list of parameters, one format. Codes F1.
//! It knows no route: whether the parameters mean anything is seen later.

use crate::{
    fault::{Fault, code},
    pipeline::route::Routed,
    plan::resource,
};
use bytes::Bytes;
use http::{Method, header, request::Parts};
use http_body_util::BodyExt;
use percent_encoding::percent_decode_str;

/// The format of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Xml,
}

impl Format {
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml; charset=utf-8",
        }
    }
}

/// How an answer is wanted, known even where nothing else of the request can be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    pub format: Format,
    /// `suppress_response_codes=true`.
    pub suppress: bool,
}

/// A request taken apart.
#[derive(Debug, Clone)]
pub struct Arrived {
    pub method: Method,
    /// The path's segments, decoded once, without format suffixes.
    pub segments: Vec<String>,
    /// The parameters in order, decoded once.
    pub query: Vec<(String, String)>,
    pub manner: Manner,
    /// Whether a suffix chose the format.
    pub suffix: Option<Format>,
    pub content_type: Option<String>,
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
    /// `Cache-Control: no-cache` (RFC 9111, section 5.2.1.4).
    pub no_cache: bool,
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    TooLarge,
    TooSlow,
    Broken,
}

impl From<std::convert::Infallible> for Trouble {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

impl Manner {
    pub fn of(head: &Parts) -> Self {
        let query = head.uri.query().unwrap_or_default();
        let (_, suffix) = segments(head.uri.path()).unwrap_or_default();
        let format = suffix.or_else(|| accepted(head)).unwrap_or(Format::Json);
        Self { format, suppress: suppresses(query) }
    }
}

impl Arrived {
    pub fn of(head: &Parts) -> Result<Self, Fault> {
        let (segments, suffix) = segments(head.uri.path()).ok_or_else(|| Fault::plain(&code::BAD_PATH))?;
        let query =
            query(head.uri.query().unwrap_or_default()).ok_or_else(|| Fault::plain(&code::BAD_ENCODING))?;
        let Some(format) = suffix.or_else(|| accepted(head)) else {
            return Err(Fault::plain(&code::NO_FORMAT));
        };
        let suppress = suppresses(head.uri.query().unwrap_or_default());
        let text = |name| {
            head.headers.get(name).and_then(|v: &http::HeaderValue| v.to_str().ok()).map(str::to_owned)
        };
        Ok(Self {
            method: head.method.clone(),
            segments,
            query,
            manner: Manner { format, suppress },
            suffix,
            content_type: head
                .headers
                .get(header::CONTENT_TYPE)
                .map(|v| v.to_str().unwrap_or("?").to_owned()),
            if_match: text(header::IF_MATCH),
            if_none_match: text(header::IF_NONE_MATCH),
            no_cache: text(header::CACHE_CONTROL)
                .is_some_and(|all| all.split(',').any(|one| one.trim().eq_ignore_ascii_case("no-cache"))),
        })
    }

    /// The one value of a parameter, whatever else is wrong with it.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Asked for also where nothing else of the query can be understood; in any spelling, as the list of parameters has it.
fn suppresses(text: &str) -> bool {
    let said = |name: &str, value: &str| name == "suppress_response_codes" && value == "true";
    text.split('&').any(|pair| match pair.split_once('=') {
        Some((name, value)) if !pair.contains('%') => said(name, value),
        _ => query(pair).is_some_and(|read| read.iter().any(|(name, value)| said(name, value))),
    })
}

/// The segments of a path, decoded once, and the format that a suffix chooses. `None` for a path that has two
/// readings: encoded slashes, dots that step, empty segments, control characters, broken encodings.
pub fn segments(path: &str) -> Option<(Vec<String>, Option<Format>)> {
    let mut found = Vec::new();
    let mut format = None;
    for raw in path.strip_prefix('/')?.split('/') {
        let broken = raw.split('%').skip(1).any(|rest| {
            let digits = rest.as_bytes().get(..2);
            !digits.is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit))
        });
        let decoded = percent_decode_str(raw).decode_utf8().ok()?;
        if broken || decoded.contains(['/', '\\']) || decoded.chars().any(char::is_control) {
            return None;
        }
        let (stem, suffix) = match decoded.rsplit_once('.') {
            Some((stem, "xml")) => (stem, Some(Format::Xml)),
            Some((stem, "json")) => (stem, Some(Format::Json)),
            _ => (&*decoded, None),
        };
        // What is left without its suffix steps no more than what came: `...json` is no way up.
        let unclear = stem.is_empty() || stem == "." || stem == "..";
        if unclear || (suffix.is_some() && format.is_some() && suffix != format) {
            return None;
        }
        format = suffix.or(format);
        found.push(stem.to_owned());
    }
    Some((found, format))
}

/// The parameters of a query. `None` for a broken encoding.
fn query(text: &str) -> Option<Vec<(String, String)>> {
    let decode = |part: &str| -> Option<String> {
        let spaced = part.replace('+', " ");
        let broken = spaced
            .split('%')
            .skip(1)
            .any(|rest| !rest.as_bytes().get(..2).is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit)));
        let decoded = percent_decode_str(&spaced).decode_utf8().ok()?.into_owned();
        (!broken && !decoded.contains('\0')).then_some(decoded)
    };
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

/// The format that `Accept` prefers; JSON where it says nothing. `None` where it takes neither.
fn accepted(head: &Parts) -> Option<Format> {
    let mut best: Option<(f32, u8, Format)> = None;
    let mut said = false;
    for value in head.headers.get_all(header::ACCEPT) {
        said = true;
        for range in value.to_str().ok()?.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let quality =
                parts.find_map(|p| p.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
            // Of two that are wanted alike the more precise one is taken, and JSON before XML.
            let (precision, format) = match media.as_str() {
                "application/json" | "text/json" => (3, Format::Json),
                "application/xml" | "text/xml" => (2, Format::Xml),
                "application/*" => (1, Format::Json),
                "*/*" => (0, Format::Json),
                _ => continue,
            };
            if quality > 0.0 && best.is_none_or(|(q, p, _)| (quality, precision) > (q, p)) {
                best = Some((quality, precision, format));
            }
        }
    }
    if said { best.map(|(.., format)| format) } else { Some(Format::Json) }
}

/// Reads the body of an operation that takes one; of any other nothing is read.
pub async fn read<B>(routed: &Routed<'_>, body: Option<B>) -> Result<Option<Bytes>, Fault>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Trouble>,
{
    let takes = matches!(
        routed.operation,
        resource::Operation::Create | resource::Operation::Replace | resource::Operation::Patch
    );
    match body.filter(|_| takes) {
        Some(body) => collect(body).await.map(Some),
        None => Ok(None),
    }
}

/// The whole of a body.
pub async fn collect<B>(body: B) -> Result<Bytes, Fault>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Trouble>,
{
    match body.collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) => Err(Fault::plain(match error.into() {
            Trouble::TooLarge => &code::TOO_LARGE,
            Trouble::TooSlow => &code::BODY_TOO_SLOW,
            Trouble::Broken => &code::BODY_BROKE_OFF,
        })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_one_reading() {
        let read = |path| segments(path).map(|(s, f)| (s.join("|"), f));
        assert_eq!(read("/v1/pets.xml/12"), Some(("v1|pets|12".into(), Some(Format::Xml))));
        assert_eq!(read("/v1/pets/12.json"), Some(("v1|pets|12".into(), Some(Format::Json))));
        assert_eq!(read("/v1/p%65ts"), Some(("v1|pets".into(), None)));
        for path in [
            "/v1//pets",
            "/v1/pets/",
            "/v1/../x",
            "/v1/%2e%2e/x",
            "/v1/a%2fb",
            "/v1/%00",
            "/v1/%zz",
            "/v1/%ff",
            "/a.xml/b.json",
            "/.xml",
            "/v1/pets/..json",
            "/v1/pets/...xml",
            "/v1/pets/%2e%2e.json",
            "/v1/.",
            "*",
        ] {
            assert_eq!(read(path), None, "{path}");
        }
    }

    #[test]
    fn statuses_are_suppressed_in_any_spelling() {
        for query in [
            "suppress_response_codes=true",
            "a=%zz&suppress%5Fresponse_codes=tr%75e&b",
            "&suppress_response_codes=true",
        ] {
            assert!(suppresses(query), "{query}");
        }
        for query in
            ["", "suppress_response_codes", "suppress_response_codes=false", "suppress_response_codes=TRUE"]
        {
            assert!(!suppresses(query), "{query}");
        }
    }

    #[test]
    fn accept_chooses() {
        let of = |accept: &str| {
            let (mut head, ()) = http::Request::new(()).into_parts();
            head.headers.insert(header::ACCEPT, accept.parse().unwrap());
            accepted(&head)
        };
        assert_eq!(of("application/xml"), Some(Format::Xml));
        assert_eq!(of("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), Some(Format::Xml));
        assert_eq!(of("application/json;q=0.5, application/xml;q=0.4"), Some(Format::Json));
        assert_eq!(of("*/*"), Some(Format::Json));
        assert_eq!(of("image/png"), None);
        assert_eq!(of("application/json;q=0"), None);
    }
}
