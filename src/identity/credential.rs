//! Which credential a request brings: one in one way, or none. It reads the head alone and judges no credential.

use super::challenge;
use crate::{
    fault::{Fault, code},
    value::bytes,
};
use http::{HeaderMap, header::AUTHORIZATION, request::Parts};

/// What a request brings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Credential<'h> {
    Nothing,
    /// `Authorization: Bearer` (RFC 6750, section 2.1).
    Bearer(&'h str),
    /// `Authorization: DPoP`, with the proof where there is one (RFC 9449, section 7.1).
    Bound {
        token: &'h str,
        proof: Option<&'h str>,
    },
    /// `X-Api-Key`.
    Key(&'h str),
}

impl std::fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Bearer(_) => "Bearer(..)",
            Self::Bound { .. } => "Bound(..)",
            Self::Key(_) => "Key(..)",
        })
    }
}

/// Finds it. Refuses with F214 where there are two, and with F212 where it is not well formed.
pub fn of(head: &Parts) -> Result<Credential<'_>, Fault> {
    let authorization = only(&head.headers, AUTHORIZATION.as_str(), "Authorization")?;
    let key = only(&head.headers, "x-api-key", "X-Api-Key")?;
    let proof = only(&head.headers, "dpop", "DPoP")?;
    // A token in an address is written to every log on its way (RFC 9700, section 4.3.2).
    if head.uri.query().is_some_and(has_token) {
        return Err(two("An access token in the query is not taken: send it as `Authorization: Bearer`."));
    }
    let Some(authorization) = authorization else {
        return Ok(match key {
            Some(key) => Credential::Key(key),
            None => Credential::Nothing,
        });
    };
    if key.is_some() {
        return Err(two("Send either `Authorization` or `X-Api-Key`, not both."));
    }
    let malformed = || {
        let message = "`Authorization` is `Bearer` or `DPoP`, one blank and a token.";
        Fault::new(&code::BAD_TOKEN, message).challenge(challenge::bearer(Some("invalid_token")))
    };
    let (scheme, token) = authorization.split_once(' ').ok_or_else(malformed)?;
    let token = token.trim_start_matches(' ');
    if !is_token68(token) {
        return Err(malformed());
    }
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Credential::Bearer(token))
    } else if scheme.eq_ignore_ascii_case("dpop") {
        Ok(Credential::Bound { token, proof })
    } else {
        Err(malformed())
    }
}

/// A header that may stand once.
fn only<'h>(headers: &'h HeaderMap, name: &str, shown: &str) -> Result<Option<&'h str>, Fault> {
    let mut values = headers.get_all(name).iter();
    let Some(first) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(two(&format!("`{shown}` may be sent once only.")));
    }
    first.to_str().map(Some).map_err(|_| {
        let message = format!("`{shown}` has letters that no credential has.");
        Fault::new(&code::BAD_TOKEN, message).challenge(challenge::bearer(Some("invalid_token")))
    })
}

fn two(message: &str) -> Fault {
    Fault::new(&code::TWO_CREDENTIALS, message).challenge(challenge::bearer(Some("invalid_request")))
}

/// Whether a query has a parameter `access_token` (RFC 6750, section 2.3), however it is escaped.
fn has_token(query: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        name == "access_token"
            || (name.contains('%')
                && percent_encoding::percent_decode_str(name).decode_utf8_lossy() == "access_token")
    })
}

/// The letters that a token may have (RFC 9110, section 11.2).
fn is_token68(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    // From the hyphen on there follow the dot, the slash and the digits.
    let is = |byte: u8| {
        matches!(byte, b'-'..=b'9') | byte.is_ascii_alphabetic() | matches!(byte, b'_' | b'~' | b'+')
    };
    !body.is_empty() && bytes::all(body.as_bytes(), is)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(target: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::get(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn one_credential_in_one_way_is_found() {
        let check = |headers: &[(&str, &str)], expected: Credential<'_>| {
            assert_eq!(of(&parts("/v1/pets?limit=3", headers)).unwrap(), expected);
        };
        check(&[], Credential::Nothing);
        check(&[("authorization", "Bearer a.b.c")], Credential::Bearer("a.b.c"));
        check(&[("authorization", "bEARER  a=")], Credential::Bearer("a="));
        check(&[("authorization", "DPoP a")], Credential::Bound { token: "a", proof: None });
        check(
            &[("authorization", "dpop a"), ("dpop", "p")],
            Credential::Bound { token: "a", proof: Some("p") },
        );
        check(&[("x-api-key", "k")], Credential::Key("k"));
    }

    #[test]
    fn a_token_has_the_letters_that_it_may_have() {
        for byte in 0..=127u8 {
            let may = byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
            let token = format!("a{}a==", char::from(byte));
            // The equals sign stands at the end alone.
            assert_eq!(is_token68(&token), may, "{token:?}");
        }
    }

    #[test]
    fn two_and_malformed_ones_are_refused_with_a_challenge() {
        let check = |target: &str, headers: &[(&str, &str)], expected: &str| {
            let fault = of(&parts(target, headers)).unwrap_err();
            assert_eq!(fault.code.id, expected, "{headers:?}");
            assert!(fault.challenge.unwrap().starts_with("Bearer"), "{headers:?}");
        };
        check("/", &[("authorization", "Bearer a"), ("authorization", "Bearer a")], "F214");
        check("/", &[("authorization", "Bearer a"), ("x-api-key", "k")], "F214");
        check("/", &[("x-api-key", "k"), ("x-api-key", "l")], "F214");
        check("/", &[("authorization", "DPoP a"), ("dpop", "p"), ("dpop", "p")], "F214");
        check("/?access_token=a", &[], "F214");
        check("/?limit=1&access%5Ftoken=a", &[("authorization", "Bearer a")], "F214");
        for value in
            ["Bearer", "Bearer ", "Basic YTpi", "a.b.c", "Bearer a b", "Bearer a,b", "Bearer =", "Bearer ä"]
        {
            check("/", &[("authorization", value)], "F212");
        }
    }
}
