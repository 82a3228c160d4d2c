//! Names and values of a query or a form (`application/x-www-form-urlencoded`): the last of two equal names
//! wins, `+` is a space. It gives no meaning to any name.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

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

    /// As `get`, but an empty value counts as none.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The query again, with `limit` and `offset` as given: for links to other pages.
    pub(super) fn at(&self, limit: usize, offset: usize) -> String {
        let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let kept = self.pairs().filter(|(name, _)| !["limit", "offset"].contains(name));
        let mut query: Vec<String> =
            kept.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        query.push(format!("limit={limit}"));
        query.push(format!("offset={offset}"));
        query.join("&")
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn the_last_value_wins_and_links_are_encoded_again() {
        let query = Query::parse("filter=type%3D'school'+AND%20x&limit=5&sort=name&limit=7&empty=");
        assert_eq!(query.get("filter"), Some("type='school' AND x"));
        assert_eq!(query.get("limit"), Some("7"));
        assert_eq!((query.get("empty"), query.filled("empty")), (Some(""), None));
        assert_eq!(
            query.at(7, 14),
            "filter=type%3D%27school%27%20AND%20x&sort=name&empty=&limit=7&offset=14"
        );
    }
}
