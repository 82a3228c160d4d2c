//! The query of a request as PHP reads it: `parameters[uid]=66` is a map, the last of two equal names wins, and `+` is
//! a space. It gives no meaning to any name.

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

    /// The members of a map such as `parameters` or `options[orderby]`, in the order of the query.
    pub(super) fn map<'q>(&'q self, of: &'q str) -> impl Iterator<Item = (&'q str, &'q str)> {
        self.pairs.iter().filter_map(move |(name, value)| {
            let member = name.strip_prefix(of)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((member, value.as_str()))
        })
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// The values of a comma list, as `str_getcsv` splits them: `"` encloses a value with commas, `""` is a quote in it.
pub(super) fn csv(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut enclosed = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(value) = values.last_mut() else { break };
        match letter {
            '"' if enclosed && letters.peek() == Some(&'"') => {
                letters.next();
                value.push('"');
            }
            '"' if enclosed => enclosed = false,
            '"' if value.is_empty() => enclosed = true,
            ',' if !enclosed => values.push(String::new()),
            _ => value.push(letter),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::{Query, csv};

    #[test]
    fn maps_are_read_in_order_and_the_last_value_wins() {
        let query = Query::parse(
            "page=1&options%5Borderby%5D[title]=asc&options[orderby][nid]=desc&page=2&x=a+b%20c",
        );
        assert_eq!(query.get("page"), Some("2"));
        assert_eq!(query.get("x"), Some("a b c"));
        assert_eq!(query.map("options[orderby]").collect::<Vec<_>>(), [("title", "asc"), ("nid", "desc")]);
        assert_eq!(query.map("parameters").count(), 0);
    }

    #[test]
    fn comma_lists_may_enclose_a_value() {
        assert_eq!(csv("66,67"), ["66", "67"]);
        assert_eq!(csv("\"Max, the \"\"Great\"\"\",Bella"), ["Max, the \"Great\"", "Bella"]);
        assert_eq!(csv(""), [""]);
        assert_eq!(csv("R\"2"), ["R\"2"]);
    }
}
