//! What a `Content-Type` says of a body (RFC 9110, section 8.3). It looks at no byte of the body.

use crate::fault::{Fault, code};

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    Json,
    Xml,
}

/// The format of a body. Without a header it is JSON; a `charset` is `utf-8` or the body is refused (F435).
pub fn media(content_type: Option<&str>) -> Result<Media, Fault> {
    let Some(text) = content_type else { return Ok(Media::Json) };
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let essence = essence.trim().to_ascii_lowercase();
    let media = match essence.as_str() {
        "application/json" | "application/merge-patch+json" => Media::Json,
        "application/xml" | "text/xml" => Media::Xml,
        other => match other.split_once('/') {
            Some((kind, subtype))
                if is_token(kind) && is_token(subtype) && subtype.len() > 5 && subtype.ends_with("+json") =>
            {
                Media::Json
            }
            _ => return Err(Fault::plain(&code::BAD_MEDIA_TYPE)),
        },
    };
    for parameter in parameters.split(';').map(str::trim).filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        if name.trim().eq_ignore_ascii_case("charset") && !is_utf8(value.trim()) {
            let message = "The body has to be in UTF-8; say `charset=utf-8`, or leave `charset` out.";
            return Err(Fault::new(&code::BAD_MEDIA_TYPE, message));
        }
    }
    Ok(media)
}

fn is_utf8(value: &str) -> bool {
    let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    bare.eq_ignore_ascii_case("utf-8")
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_told() {
        for (text, expected) in [
            (None, Some(Media::Json)),
            (Some("application/json"), Some(Media::Json)),
            (Some("Application/JSON; Charset=\"UTF-8\""), Some(Media::Json)),
            (Some("application/json;charset=utf-8; boundary=x;"), Some(Media::Json)),
            (Some("application/merge-patch+json"), Some(Media::Json)),
            (Some("application/vnd.pethub.v1+json"), Some(Media::Json)),
            (Some("application/xml"), Some(Media::Xml)),
            (Some("text/xml ; charset=UTF-8"), Some(Media::Xml)),
            (Some(""), None),
            (Some("json"), None),
            (Some("application/+json"), None),
            (Some("application/a b+json"), None),
            (Some("text/plain"), None),
            (Some("application/x-www-form-urlencoded"), None),
            (Some("application/xhtml+xml"), None),
            (Some("application/json; charset=latin1"), None),
            (Some("application/json; charset"), None),
            (Some("application/json; charset=utf-8; charset=utf-16"), None),
            (Some("text/xml; charset=us-ascii"), None),
        ] {
            let found = media(text).map_err(|fault| fault.code.id);
            assert_eq!(found, expected.ok_or("F435"), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_says_the_cure() {
        let message = |text| media(Some(text)).unwrap_err().message;
        assert_eq!(message("text/csv"), "Send `Content-Type: application/json` or `application/xml`.");
        assert_eq!(
            message("text/xml; charset=utf-16"),
            "The body has to be in UTF-8; say `charset=utf-8`, or leave `charset` out."
        );
    }
}
