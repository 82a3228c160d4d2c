//! The query of a request, or a form: names and values, percent-decoded, `+` a space, the last of two equal
//! names wins, as PHP reads them. It gives no meaning to any name.

use percent_encoding::percent_decode_str;

/// The pairs in order of their first occurrence.
#[derive(Debug, Default)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(super) fn parse(raw: &str) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name), decode(value));
            match pairs.iter_mut().find(|(known, _)| *known == name) {
                Some((_, place)) => *place = value,
                None => pairs.push((name, value)),
            }
        }
        Self { pairs }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn values_are_decoded_and_the_last_wins() {
        let query = Query::parse("page=1&modified_at=%7B%22gt%22%3A%221%22%7D&page=2&x=a+b%20c&&y");
        assert_eq!(query.get("page"), Some("2"));
        assert_eq!(query.get("modified_at"), Some(r#"{"gt":"1"}"#));
        assert_eq!((query.get("x"), query.get("y"), query.get("z")), (Some("a b c"), Some(""), None));
        assert_eq!(query.pairs().count(), 4);
    }
}
