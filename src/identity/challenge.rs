//! What `WWW-Authenticate` says (RFC 6750, section 3; RFC 9449, section 7.1): which credentials are taken, and what was wrong
//! with the one that came. Only words of the standards stand in it, never a value of the request.

/// The algorithms of proofs.
const ALGORITHMS: &str = "ES256 ES384 EdDSA RS256 PS256";

/// The challenge of who came with a token, or with none.
pub fn bearer(error: Option<&str>) -> String {
    match error {
        None => "Bearer".to_owned(),
        Some(error) => format!("Bearer error=\"{error}\""),
    }
}

/// The challenge of who came with a token that has ended; clients look for the word.
pub fn expired() -> String {
    r#"Bearer error="invalid_token", error_description="The access token expired""#.to_owned()
}

/// The challenge of who has a token that is bound to a key.
pub fn proof(error: &str) -> String {
    format!("DPoP error=\"{error}\", algs=\"{ALGORITHMS}\"")
}
