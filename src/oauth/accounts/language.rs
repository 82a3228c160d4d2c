//! The language of a person: English or Spanish, by what they chose here, else by `Accept-Language`.

pub use crate::pages::people::Language;

/// The best of what `Accept-Language` says (RFC 9110, section 12.5.4); English where it says neither.
pub fn accepted(header: &str) -> Language {
    let mut best = (0, Language::English);
    for range in header.split(',') {
        let mut parts = range.split(';');
        let name = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let language = match name.split('-').next() {
            Some("en") => Language::English,
            Some("es") => Language::Spanish,
            _ => continue,
        };
        let weight = parts.find_map(|part| part.trim().strip_prefix("q=")).map_or(1000, thousandths);
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// A weight with up to three digits behind its point.
fn thousandths(text: &str) -> u32 {
    let (whole, rest) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let rest: String = rest.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u32>(), rest.parse::<u32>()) {
        (Ok(whole), Ok(rest)) => (whole.min(1) * 1000 + rest).min(1000),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_what_is_understood_is_taken() {
        for (header, language) in [
            ("", Language::English),
            ("es", Language::Spanish),
            ("es-MX,es;q=0.9,en;q=0.8", Language::Spanish),
            ("de, es;q=0.5, en;q=0.7", Language::English),
            ("fr", Language::English),
            ("en;q=0, es;q=0.001", Language::Spanish),
            ("es;q=x, en;q=0.1", Language::English),
        ] {
            assert_eq!(accepted(header), language, "{header}");
        }
    }
}
