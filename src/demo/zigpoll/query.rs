//! The query of a request: flat names, each counted once, the last value. It gives no meaning to any name.

use percent_encoding::percent_decode_str;

#[derive(Debug, Default)]
pub(super) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(super) fn parse(raw: &str) -> Self {
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        };
        Self { pairs: raw.split('&').filter(|text| !text.is_empty()).map(pair).collect() }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn the_last_value_of_a_name_wins() {
        let query = Query::parse("limit=5&a%20b=c+d%26&limit=7&flag");
        assert_eq!((query.get("limit"), query.get("a b")), (Some("7"), Some("c d&")));
        assert_eq!((query.get("flag"), query.get("none")), (Some(""), None));
    }
}
