//! The parameters of a request: form-encoded, each at most once, those without a value as if they were not there
//! (RFC 6749, sections 3.1 and 3.2).

use super::refusal::Refusal;
use percent_encoding::percent_decode_str;

/// May come several times (RFC 8707, section 2).
const REPEATED: &str = "resource";
/// More than any request has.
const MOST: usize = 64;

#[derive(Clone, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Refuses what is not well encoded, and what is repeated: of two values nobody knows which one another party read.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let mut all: Vec<(String, String)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decoded(name), decoded(value)) else {
                return Err(Refusal::invalid_request("the parameters are not form-encoded UTF-8"));
            };
            if name != REPEATED && all.iter().any(|(known, _)| *known == name) {
                return Err(Refusal::invalid_request("a parameter comes more than once"));
            }
            if value.chars().any(|c| c.is_control()) {
                return Err(Refusal::invalid_request("a parameter has a control character"));
            }
            all.push((name, value));
            if all.len() > MOST {
                return Err(Refusal::invalid_request("there are too many parameters"));
            }
        }
        Ok(Self(all))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        let named = self.0.iter().find(|(known, value)| known == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        let named = self.0.iter().filter(move |(known, value)| known == name && !value.is_empty());
        named.map(|(_, value)| value.as_str())
    }

    /// What a request cannot do without.
    pub fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| Refusal::invalid_request(format!("`{name}` is missing")))
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name.as_str())
    }
}

/// A form-encoded text in clear (RFC 6749, appendix B); nothing where it is none.
pub fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let mut rest = spaced.as_bytes().iter();
    // A per cent sign that begins no byte would be taken as itself.
    while let Some(byte) = rest.next() {
        if *byte == b'%' && !(rest.next()?.is_ascii_hexdigit() && rest.next()?.is_ascii_hexdigit()) {
            return None;
        }
    }
    percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// Names alone: values may be secrets.
impl std::fmt::Debug for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_twice_or_badly_is_refused() {
        for text in ["a=1&a=1", "a=1&a=", "a=%", "a=%2", "a=%zz", "a=%ff", "a=%00", "%ff=1", "a=1%0d"] {
            assert_eq!(Parameters::parse(text).unwrap_err().error, "invalid_request", "{text}");
        }
        assert!(Parameters::parse(&"a&".repeat(2)).is_err());
        let many: Vec<String> = (0..65).map(|n| format!("p{n}=1")).collect();
        assert!(Parameters::parse(&many.join("&")).is_err());
    }

    #[test]
    fn an_empty_value_is_none_and_resources_may_be_several() {
        let read = Parameters::parse("a=&b=x+y%2Bz&resource=1&resource=2&c").unwrap();
        assert_eq!((read.get("a"), read.get("b"), read.get("c")), (None, Some("x y+z"), None));
        assert_eq!(read.all("resource").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(read.names().collect::<Vec<_>>(), ["b", "resource", "resource"]);
        assert!(!format!("{read:?}").contains("x y"));
    }
}
