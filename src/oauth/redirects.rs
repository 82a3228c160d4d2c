//! Redirect URIs: which ones a client may have, when one is the client's, and how an answer is sent there. They are
//! compared as texts; only the port of a loopback address may differ (RFC 9700, section 2.1; RFC 8252, section 7.3).

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved (RFC 3986, section 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Whether a client may register a URI: `https`, `http` at a loopback address, or a scheme of its own that is a
/// reversed domain (RFC 8252, section 7.1). Without fragment, user, wildcard or white space.
pub fn is_fit(uri: &str) -> bool {
    let plain = uri.bytes().all(|b| b.is_ascii_graphic() && !b"#*\\<>\"{}|^`".contains(&b));
    if !plain || uri.len() > 2000 {
        return false;
    }
    let Some((scheme, rest)) = uri.split_once(':') else { return false };
    match scheme {
        "https" => {
            let parsed = uri.parse::<Uri>().ok();
            let authority = parsed.as_ref().and_then(Uri::authority);
            rest.starts_with("//")
                && authority.is_some_and(|a| !a.host().is_empty() && !a.as_str().contains('@'))
        }
        "http" => without_port(uri).is_some(),
        "javascript" | "data" | "file" | "blob" | "vbscript" | "about" => false,
        own => {
            let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
            own.contains('.') && own.starts_with(|c: char| c.is_ascii_lowercase()) && own.chars().all(letters)
        }
    }
}

/// Whether what came is what was registered.
pub fn is_same(registered: &str, given: &str) -> bool {
    registered == given || without_port(registered).is_some_and(|own| without_port(given) == Some(own))
}

/// A loopback URI by its address and all behind its port; nothing for every other one. `localhost` is a name, which may
/// lead elsewhere.
fn without_port(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if path.contains('#') {
        return None;
    }
    let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| authority.starts_with(host))?;
    let port = authority.strip_prefix(host)?;
    let sound = match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(number) => {
            number.bytes().all(|b| b.is_ascii_digit()) && number.parse::<u16>().is_ok_and(|port| port > 0)
        }
    };
    sound.then_some((host, path))
}

/// A redirect URI with the parameters of an answer behind its own.
pub fn with(uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut out = uri.to_owned();
    for (name, value) in parameters {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(name);
        out.push('=');
        out.extend(utf8_percent_encode(value, ESCAPED));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leads_to_the_client_may_be_registered() {
        for uri in [
            "https://vendor.example/cb",
            "https://vendor.example:8443/cb?a=1",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:0808/cb",
            "http://[::1]:9/cb",
            "com.example.app:/cb",
            "https://vendor.example",
        ] {
            assert!(is_fit(uri), "{uri}");
        }
        for uri in [
            "http://vendor.example/cb",
            "http://localhost/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.1@evil.example/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:/cb",
            "https://user@vendor.example/cb",
            "https://vendor.example/cb#x",
            "https://*.vendor.example/cb",
            "https:/vendor.example/cb",
            "https:///cb",
            "https://vendor.example/a b",
            "https://vendor.example\\@evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/cb",
            "Com.example:/cb",
            "//vendor.example/cb",
            "/cb",
            "",
        ] {
            assert!(!is_fit(uri), "{uri}");
        }
    }

    #[test]
    fn what_came_is_what_was_registered_to_the_letter() {
        let same = [
            ("https://v.example/cb", "https://v.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
            ("http://127.0.0.1:80/cb?x=1", "http://127.0.0.1/cb?x=1"),
            ("http://[::1]/cb", "http://[::1]:51004/cb"),
        ];
        for (registered, given) in same {
            assert!(is_same(registered, given), "{given}");
        }
        let other = [
            ("https://v.example/cb", "https://v.example/cb/"),
            ("https://v.example/cb", "https://v.example/CB"),
            ("https://v.example/cb", "https://v.example/cb?x=1"),
            ("https://v.example/cb", "https://v.example:443/cb"),
            ("https://v.example/cb", "https://v.example/x/../cb"),
            ("https://v.example/cb", "https://V.example/cb"),
            ("https://v.example/cb", "http://v.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/other"),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1@evil.example/cb"),
            ("http://127.0.0.1/cb", "http://127.0.0.2:1/cb"),
            ("http://127.0.0.1/cb", "http://[::1]:1/cb"),
            ("http://127.0.0.1/cb", "https://127.0.0.1:1/cb"),
            ("http://127.0.0.1/cb", "http://localhost:1/cb"),
        ];
        for (registered, given) in other {
            assert!(!is_same(registered, given), "{given}");
        }
    }

    #[test]
    fn answers_stand_behind_the_clients_own_parameters() {
        assert_eq!(
            with("https://v/cb", &[("code", "a b&c"), ("iss", "x")]),
            "https://v/cb?code=a%20b%26c&iss=x"
        );
        assert_eq!(with("https://v/cb?a=1", &[("code", "x")]), "https://v/cb?a=1&code=x");
    }
}
